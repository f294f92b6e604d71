"""The example project: made once, kept as people leave it."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from syncsvc import settings, wiring
from syncsvc.services import demo, questions, records
from syncsvc.services.runtime import Runtime

HEADERS = [
    *("TN-Nr.", "Name", "Coach", "Ansprechperson JC", "Durchwahl", "Eintritt", "Status", "Sprachstand"),
    *("Maßnahme JC", "von – bis", "Notiz für beide", "Hinweis"),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Runtime, Path, demo.Demo]:
    folder = tmp_path_factory.mktemp("demo")
    demo.write_settings(folder)
    rt = wiring.build(settings.load(folder, env={}))
    return rt, folder, demo.make_demo(rt, folder)


def rows(path: Path) -> list[dict[str, object]]:
    sheet = openpyxl.load_workbook(path)["Teilnehmerinnen"]
    header, *below = sheet.iter_rows(min_row=4, values_only=True)
    assert list(header) == HEADERS
    return [dict(zip(HEADERS, row, strict=True)) for row in below]


def test_three_tables_are_synced_without_a_loss(made: tuple[Runtime, Path, demo.Demo]) -> None:
    _, _, result = made
    assert result.fresh
    assert [path.name for path in result.files] == ["Beispielstadt.xlsx", "Musterkreis.xlsx", "Neudorf.xlsx"]
    for outcome in result.outcomes:
        assert outcome.state == "ok", outcome.message
        assert outcome.receipt["lost"] == 0
        assert outcome.cells_written > 0, "the project knows things the job centre did not"
        assert outcome.records_changed > 0, "and the other way round"


def test_each_table_holds_twenty_five_women_of_the_project_and_more(made: tuple[Runtime, Path, demo.Demo]) -> None:
    rt, _, result = made
    known = {record["ref"] for record in records.list_records(rt, project="bsp")}
    for path in result.files:
        refs = [row["TN-Nr."] for row in rows(path) if row["TN-Nr."]]
        assert len(refs) >= 25
        assert len(refs) == len(set(refs))
        assert set(refs) <= known


def test_the_flaws_are_answered_in_their_rows(made: tuple[Runtime, Path, demo.Demo]) -> None:
    """An unreadable date stays and is explained; a half-typed row waits; a complete new row got its reference."""
    _, _, result = made
    table = {row["Name"]: row for row in rows(result.files[0])}
    unreadable = next(row for row in table.values() if row["Eintritt"] == "Anfang September")

    assert "Eintritt" in str(unreadable["Hinweis"])
    assert table["Melnyk, Iryna"]["TN-Nr."] is None
    assert "Eintritt" in str(table["Melnyk, Iryna"]["Hinweis"])
    assert str(table["Tahiri, Shukria"]["TN-Nr."]).startswith("BSP-")


def test_there_is_something_to_decide_in_every_table(made: tuple[Runtime, Path, demo.Demo]) -> None:
    rt, _, _ = made
    found = {question.table for question in questions.list_questions(rt)}
    assert found - {None} == {"bsp-beispielstadt", "bsp-musterkreis", "bsp-neudorf"}


def test_people_get_drop_downs_a_table_a_filter_and_a_frozen_header(made: tuple[Runtime, Path, demo.Demo]) -> None:
    _, _, result = made
    for path in result.files:
        sheet = openpyxl.load_workbook(path)["Teilnehmerinnen"]
        table = sheet.tables["Teilnehmerinnen"]
        assert table.ref == f"A4:L{sheet.max_row}", "rows the sync adds belong to the table"
        assert table.autoFilter is not None
        assert sheet.freeze_panes == "C5"
        assert len(sheet.data_validations.dataValidation) == 2


def test_a_second_demo_keeps_what_people_did_in_between(tmp_path: Path) -> None:
    demo.write_settings(tmp_path)
    (tmp_path / "syncsvc.toml").write_text('data_dir = "."\n[web]\nport = 8001\n', "utf-8")
    rt = wiring.build(settings.load(tmp_path, env={}))
    first = demo.make_demo(rt, tmp_path)
    ref = records.list_records(rt, project="bsp")[0]["ref"]
    records.set_values(rt, ref, {"custom.note": "bleibt"}, actor="test")

    demo.write_settings(tmp_path)
    second = demo.make_demo(rt, tmp_path)
    third = demo.make_demo(rt, tmp_path)

    assert not second.fresh
    assert second.refs == first.refs
    assert records.show_record(rt, ref)["fields"]["custom.note"] == "bleibt"
    assert sum(outcome.cells_written for outcome in second.outcomes) == 1
    assert sum(outcome.cells_written for outcome in third.outcomes) == 0
    assert settings.load(tmp_path, env={}).web.port == 8001
