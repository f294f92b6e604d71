"""``syncsvc worker`` where it cannot work; tests/jobs/test_cluster.py has it at work."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Shell

POSTGRES = {"SYNCSVC_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}


def test_with_the_embedded_database_it_names_the_command_that_works(shell: Shell) -> None:
    result = shell("worker")

    assert result.exit_code == 2
    assert "braucht PostgreSQL" in result.stderr
    assert "syncsvc serve" in result.stderr
    assert not shell.folder.exists()


def test_without_the_extra_it_says_what_to_install(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncsvc.cli.worker.find_spec", lambda _name: None)
    result = shell("worker", env=POSTGRES)

    assert result.exit_code == 2
    assert "pip install 'syncsvc[cluster]'" in result.stderr
