from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from syncsvc.errors import AlreadyRunning
from syncsvc.jobs.exclusive import exclusive

HOLDER = """
import sys, time
from pathlib import Path
from syncsvc.jobs.exclusive import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_folder_is_free_again_after_the_block(tmp_path: Path) -> None:
    for _ in range(2):
        with exclusive(tmp_path / "data"):
            pass


def test_a_second_process_is_refused_until_the_first_one_dies(tmp_path: Path) -> None:
    """Also after a kill that leaves the lock file behind."""
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"

    with pytest.raises(AlreadyRunning, match="läuft schon"), exclusive(tmp_path):
        pass

    holder.kill()
    holder.communicate()
    with exclusive(tmp_path):
        pass
