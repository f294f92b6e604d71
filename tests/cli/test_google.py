"""A Google table from its address to its first agreement, as an admin types it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.fakes.google.people import Person
from tests.fakes.sheets_server import SheetsServer

ROOT = Path(__file__).parents[2]
PROGRAMME = """
organisations: [{{key: jc-beispielstadt, kind: jobcentre, name: Jobcenter Beispielstadt}}]
projects: [{{key: bsp, prefix: BSP, name: Beispielprojekt}}]
tables:
  - key: bsp-beispielstadt
    project: bsp
    jobcentre: jc-beispielstadt
    mapping: standard
    edited_by: [jobcentre]
    location: {{provider: google, spreadsheet: "{spreadsheet}", worksheet: Teilnehmerinnen}}
"""


@pytest.fixture(name="server")
def _server() -> Iterator[SheetsServer]:
    with SheetsServer() as server:
        yield server


@pytest.fixture(name="anna")
def _anna(server: SheetsServer, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Somebody whose empty tab is bound to the example project."""
    robot = server.account()
    monkeypatch.setenv("SYNCSVC_GOOGLE__CREDENTIALS_FILE", str(robot.key_file(tmp_path / "google.json")))
    monkeypatch.setenv("SYNCSVC_GOOGLE__API_ROOT", server.url)
    file = server.spreadsheet(tab="Teilnehmerinnen", share=robot, size=(20, 20))
    address = f"https://docs.google.com/spreadsheets/d/{file.document.id}/edit?usp=sharing#gid=0"
    (tmp_path / "programm.yaml").write_text(PROGRAMME.format(spreadsheet=address), "utf-8")
    applied = shell("apply", ROOT / "mappings" / "standard.yaml", tmp_path / "programm.yaml")
    assert applied.exit_code == 0, applied.output
    return server.person("anna.probe@projekt.example", file)


def test_apply_stores_the_id_of_the_address(shell: Shell, anna: Person, tmp_path: Path) -> None:
    (table,) = shell.json("tables", "list")
    assert table["location"] == {
        "provider": "google",
        "spreadsheet": anna.file.document.id,
        "worksheet": "Teilnehmerinnen",
    }
    again = shell("apply", tmp_path / "programm.yaml").stdout
    assert "geändert" not in again


def test_an_address_of_something_else_is_refused_where_it_stands(shell: Shell, anna: Person, tmp_path: Path) -> None:
    path = tmp_path / "falsch.yaml"
    path.write_text(PROGRAMME.format(spreadsheet="https://drive.google.com/drive/folders/1AbC"), "utf-8")
    refused = shell("apply", path)

    assert refused.exit_code == 2
    assert "spreadsheet nennt keine Google-Tabelle" in refused.output


def test_an_empty_tab_becomes_a_table_that_syncs(shell: Shell, anna: Person, server: SheetsServer) -> None:
    assert shell("tables", "check", "bsp-beispielstadt").exit_code == 1
    done = shell("tables", "setup", "bsp-beispielstadt")
    assert done.exit_code == 0
    assert "Die Kopfzeile mit 19 Spalten ist geschrieben." in done.stdout
    assert shell("tables", "check", "bsp-beispielstadt").exit_code == 0

    anna.paste("F2", [["030 23125-101", "", "", "1.3.2026", "aktiv"]])
    server.forget()
    (outcome,) = shell.json("sync")
    assert (outcome["state"], outcome["records_created"]) == ("ok", 1)
    assert outcome["requests"] == {"meta": 0, "read": 0, "write": 0} | server.counts()
    assert (outcome["requests"]["read"], outcome["requests"]["write"]) == (2, 1)
    (record,) = shell.json("records", "list")
    assert anna.rows()[1][0] == record["ref"]
    assert record["fields"]["entry_date"] == "2026-03-01"

    server.forget()
    assert shell.json("sync")[0]["requests"] == {"meta": 1, "read": 0, "write": 0}
    assert server.counts() == {"meta": 1}


def test_setting_up_knows_the_words_of_the_lists_and_who_types(shell: Shell, anna: Person) -> None:
    """The job centre types here: the project's columns and the service's warn, its own do not."""
    shell("tables", "setup", "bsp-beispielstadt")
    rule = anna.cell("J2").validation
    sheet = anna.file.document.sheets[0]
    header = [str(value) for value in anna.rows()[0]]
    warned = {header[protection.box.left or 0] for protection in sheet.protections}

    assert rule is not None
    assert "aktiv" in [value["userEnteredValue"] for value in rule["condition"]["values"]]
    assert all(protection.warning_only for protection in sheet.protections)
    assert {"TN-Nr.", "Hinweis", "Coach", "Status"} <= warned
    assert not {"Ansprechperson JC", "Maßnahme JC", "Notiz für beide"} & warned
    assert "alles eingerichtet" in shell("tables", "setup", "bsp-beispielstadt").stdout


def test_a_table_anybody_can_read_is_refused(shell: Shell, anna: Person, server: SheetsServer) -> None:
    shell("tables", "setup", "bsp-beispielstadt")
    anna.paste("I2", [["1.3.2026"]])
    anna.share_with_anyone()
    server.forget()

    assert "für alle mit dem Link lesbar" in shell("tables", "check", "bsp-beispielstadt").stdout
    assert shell("sync").exit_code == 3
    assert server.counts()["write"] == 0
