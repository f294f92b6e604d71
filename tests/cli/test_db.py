"""``syncsvc db``: what people do with it by hand, as the manual describes it."""

from __future__ import annotations

import base64
from pathlib import Path

from syncsvc.jobs.exclusive import exclusive
from tests.cli.conftest import Shell

NEW_KEY = base64.b64encode(b"n" * 32).decode()


def test_a_backup_is_restored_into_an_empty_folder_once_its_key_is_there(own_example: Shell, tmp_path: Path) -> None:
    assert own_example("db", "backup", "--to", tmp_path / "safe").exit_code == 0
    (copy,) = (tmp_path / "safe").iterdir()
    fresh = Shell(tmp_path / "fresh")
    refused = fresh("db", "restore", copy)
    assert refused.exit_code == 2
    assert "Schlüssel" in refused.stderr
    assert not (fresh.folder / "encryption.key").exists(), "a new key would only hide that the right one is missing"

    fresh.folder.mkdir(exist_ok=True)
    (fresh.folder / "encryption.key").write_bytes((own_example.folder / "encryption.key").read_bytes())
    assert fresh("db", "restore", copy).exit_code == 0
    assert fresh.json("records", "list") == own_example.json("records", "list")


def test_nothing_is_restored_under_a_running_service(own_example: Shell) -> None:
    assert own_example("db", "backup").exit_code == 0
    (copy,) = (own_example.folder / "backups").iterdir()
    with exclusive(own_example.folder):
        assert own_example("db", "restore", copy).exit_code == 2
    assert not list(own_example.folder.glob("*ersetzt*"))


def test_the_key_file_is_changed_line_by_line(own_example: Shell) -> None:
    people, file = own_example.json("records", "list"), own_example.folder / "encryption.key"
    old = file.read_text()
    assert "kein anderer wird gebraucht" in own_example("db", "rotate-keys").stdout

    file.write_text(f"{NEW_KEY}\n{old}")
    assert own_example.json("records", "list") == people
    result = own_example("db", "rotate-keys")
    assert result.exit_code == 0, result.output
    assert "kann aus der Liste genommen werden" in result.stdout
    assert own_example.json("db", "rotate-keys")["resealed"] == {}

    file.write_text(f"{NEW_KEY}\n")
    assert own_example.json("records", "list") == people
    file.write_text(old)
    refused = own_example("records", "list")
    assert refused.exit_code == 2
    assert "Schlüssel" in refused.stderr
