"""Records as people see, set, import and export them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from syncsvc.core.model import Record, RecordState, Side
from syncsvc.errors import InvalidFile, NotFound, UsageError
from syncsvc.services import programme, records
from syncsvc.services.runtime import Runtime
from syncsvc.store import projects
from syncsvc.store import records as store
from tests.factories import NOW

MAPPING = """
    key: standard
    title: Teilnehmerinnenliste
    privacy_level: 3
    columns:
      - {header: TN-Nr., field: participant_ref, owner: service}
      - {header: Name, field: participant_name, owner: project}
      - {header: Geburtsdatum, field: birth_date, owner: project}
      - {header: Kundennummer, field: customer_no, owner: both}
      - {header: Ansprechperson JC, aliases: [IFK], field: contact_jc, owner: jobcentre}
      - {header: Eintritt, field: entry_date, owner: project, required: true}
      - {header: Austritt, field: exit_date, owner: project}
      - {header: Maßnahme JC, field: measure, owner: jobcentre}
      - {header: von – bis, field: measure_period, owner: jobcentre}
      - {header: Notiz für beide, field: custom.note, type: text, owner: both, max_length: 200}
      - {header: Hinweis, field: service_note, owner: service}
"""
PROGRAMME = """
    organisations:
      - {key: jc-beispielstadt, kind: jobcentre, name: Jobcenter Beispielstadt}
    projects: [{key: bsp, prefix: BSP, name: Beispielprojekt}, {key: ander, prefix: AND, name: Anderes Projekt}]
    contacts:
      - {key: mueller-anna, organisation: jc-beispielstadt, family: Müller, given: Anna, role: IFK}
      - {key: schulz-peter, organisation: jc-beispielstadt, family: Schulz, given: Peter}
    tables:
      - key: bsp-beispielstadt
        project: bsp
        jobcentre: jc-beispielstadt
        mapping: standard
        location: {provider: memory, name: bsp}
"""


@pytest.fixture(autouse=True)
def _programme(rt: Runtime, tmp_path: Path) -> None:
    for name, text in (("mapping.yaml", MAPPING), ("programme.yaml", PROGRAMME)):
        (tmp_path / name).write_text(dedent(text), encoding="utf-8")
    programme.apply_files(rt, [tmp_path / "programme.yaml", tmp_path / "mapping.yaml"])


def given(rt: Runtime, *found: Record, project: str = "bsp") -> None:
    with rt.database.write() as session:
        store.create(session, projects.get(session, project).id, found, NOW)


def fields(rt: Runtime, ref: str) -> dict[str, object]:
    values: dict[str, object] = records.show_record(rt, ref)["fields"]
    return values


def imported(
    rt: Runtime, path: Path, text: str, *, preview: bool = False, project: str = "bsp"
) -> list[tuple[int, str | None, str]]:
    """Import a list of semicolon-separated text; (line, reference, action) of every row."""
    path.write_text(dedent(text).strip(), encoding="utf-8")
    report = records.import_file(rt, path, project, actor="lead", preview=preview)
    return [(row.number, row.ref, row.action) for row in report.rows]


# -- list and show --------------------------------------------------------------------------------------------------


def test_a_record_is_listed_with_the_tables_of_its_job_centre(rt: Runtime) -> None:
    given(rt, Record("BSP-0137-E", {"jobcenter": "jc-beispielstadt", "entry_date": "2024-09-01"}))
    given(rt, Record("AND-0137-P", {"entry_date": "2025-01-01"}), project="ander")

    assert records.list_records(rt, project="bsp") == [
        {
            "ref": "BSP-0137-E",
            "project": "bsp",
            "tables": ["bsp-beispielstadt"],
            "fields": {"jobcenter": "jc-beispielstadt", "entry_date": "2024-09-01"},
        }
    ]
    assert [record["ref"] for record in records.list_records(rt)] == ["AND-0137-P", "BSP-0137-E"]


def test_a_record_shows_who_is_responsible_what_she_does_and_what_changed(rt: Runtime) -> None:
    given(rt, Record("BSP-0137-E", {}))
    records.set_values(
        rt,
        "BSP-0137-E",
        {"contact_jc": "Müller, Anna (Vertr. Schulz, Peter)", "measure": "AVGS-Coaching", "entry_date": "1.9.2024"},
        actor="lead",
    )
    records.set_values(rt, "BSP-0137-E", {"measure_period": "01.06.2025 – 30.11.2025"}, actor="lead")

    shown = records.show_record(rt, "bsp-0137-e")

    day = {"side": "jobcentre", "from": "2026-03-02", "to": None}
    assert shown["contacts"] == [
        {"role": "integration", "contact": "mueller-anna", **day},
        {"role": "deputy", "contact": "schulz-peter", **day},
    ]
    assert [(m["from"], m["to"], m["coaching"]) for m in shown["measures"]] == [("2025-06-01", "2025-11-30", "hard")]
    assert [(h["field"], h["old"], h["source"], h["actor"]) for h in shown["history"]] == [
        (name, None, "project", "lead") for name in ("contact_jc", "measure", "entry_date", "measure_period")
    ]
    assert shown["history"][2]["new"] == "2024-09-01"
    assert shown["history"][2]["when"] == "2026-03-02T08:00:00+00:00"


def test_an_unknown_or_mistyped_reference_is_not_found(rt: Runtime) -> None:
    with pytest.raises(NotFound):
        records.show_record(rt, "BSP-0138-C")
    with pytest.raises(NotFound, match="Tippfehler"):
        records.show_record(rt, "BSP-0138-E")


# -- set ------------------------------------------------------------------------------------------------------------


def test_setting_a_value_reads_it_as_the_table_would_and_makes_it_the_projects(rt: Runtime) -> None:
    given(rt, Record("BSP-0137-E", {"contact_jc": {"contact": "schulz-peter"}}, by={"contact_jc": Side.JOBCENTRE}))

    changed = records.set_values(rt, "BSP-0137-E", {"contact_jc": "A. Müller"}, actor="lead")

    new = {"contact": "mueller-anna"}
    assert changed == [{"field": "contact_jc", "old": {"contact": "schulz-peter"}, "new": new, "proposal": False}]
    with rt.database.read() as session:
        record = store.get(session, "BSP-0137-E")
        assert (record.values, record.by) == ({"contact_jc": new}, {})
        assert projects.get(session, "bsp").revision == 2


def test_a_value_that_means_the_same_is_no_change(rt: Runtime) -> None:
    given(rt, Record("BSP-0137-E", {"entry_date": "2024-09-01", "custom.note": "Straße  7"}))

    same = {"entry_date": "1. September 2024", "custom.note": " Strasse 7 "}

    assert records.set_values(rt, "BSP-0137-E", same, actor="lead") == []
    with rt.database.read() as session:
        assert projects.get(session, "bsp").revision == 1


def test_blanks_and_tabs_around_a_text_are_kept_and_nothing_is_interpreted(rt: Runtime) -> None:
    given(rt, Record("BSP-0137-E", {}))
    for text in ("\t=1+1 ", "  01067", "@frau", "+49 30", "-"):
        records.set_values(rt, "BSP-0137-E", {"custom.note": text}, actor="lead")

        assert fields(rt, "BSP-0137-E") == {"custom.note": text}


def test_an_empty_text_empties_the_field(rt: Runtime) -> None:
    given(rt, Record("BSP-0137-E", {"entry_date": "2024-09-01"}))

    assert records.set_values(rt, "BSP-0137-E", {"entry_date": ""}, actor="lead") == [
        {"field": "entry_date", "old": "2024-09-01", "new": None, "proposal": False}
    ]
    assert fields(rt, "BSP-0137-E") == {}


def test_one_unreadable_value_keeps_all_others_from_being_set(rt: Runtime) -> None:
    given(rt, Record("BSP-0137-E", {}))

    with pytest.raises(UsageError, match=r"Spalte entry_date: Datum gibt es nicht") as caught:
        records.set_values(rt, "BSP-0137-E", {"custom.note": "gut", "entry_date": "31.02.2025"}, actor="lead")

    assert "31.02" not in str(caught.value)
    assert fields(rt, "BSP-0137-E") == {}


def test_values_set_together_are_judged_together(rt: Runtime) -> None:
    given(rt, Record("BSP-0137-E", {"entry_date": "2024-09-01"}))

    with pytest.raises(UsageError, match="vor dem Eintritt"):
        records.set_values(rt, "BSP-0137-E", {"exit_date": "01.02.2026", "entry_date": "01.03.2026"}, actor="lead")
    assert records.set_values(rt, "BSP-0137-E", {"exit_date": "01.02.2024", "entry_date": "01.01.2024"}, actor="lead")


def test_an_unknown_field_names_the_one_that_was_meant(rt: Runtime) -> None:
    given(rt, Record("BSP-0137-E", {}))

    with pytest.raises(UsageError, match="Meinten Sie „entry_date“"):
        records.set_values(rt, "BSP-0137-E", {"entry_dat": "1.9.2024"}, actor="lead")
    with pytest.raises(UsageError, match="setzt nur der Dienst"):
        records.set_values(rt, "BSP-0137-E", {"participant_ref": "BSP-0138-C"}, actor="lead")


# -- import ---------------------------------------------------------------------------------------------------------

LIST = """
    TN-Nr.;Name;Geburtsdatum;Kundennummer;Eintritt;IFK;Notiz für beide
    ;Muster, Maria;03.04.1990;123E000004;01.09.2024;Müller, Anna;=1+1
    ;Beispiel, Eva;01.01.1985;;02.09.2024;;
    BSP-0200-I;Probe, Ida;;;03.09.2024;;
"""


def test_a_list_is_previewed_imported_and_the_second_time_all_the_same(rt: Runtime, tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    text = LIST.replace("BSP-0200-I", "BSP-0137-E")

    assert imported(rt, path, text, preview=True) == [(2, None, "new"), (3, None, "new"), (4, "BSP-0137-E", "new")]
    assert records.list_records(rt) == []

    assert [action for *_, action in imported(rt, path, text)] == ["new", "new", "new"]
    assert [action for *_, action in imported(rt, path, text)] == ["same", "same", "same"]
    assert fields(rt, "BSP-0138-C") == {
        "participant_name": {"family": "Muster", "given": "Maria"},
        "birth_date": "1990-04-03",
        "customer_no": "123E000004",
        "entry_date": "2024-09-01",
        "contact_jc": {"contact": "mueller-anna"},
        "custom.note": "=1+1",
    }
    assert len(records.list_records(rt)) == 3


def test_bad_rows_are_reported_by_line_and_column_and_good_ones_are_taken(rt: Runtime, tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text(
        "TN-Nr.;Kundennummer;Eintritt\n;123E000001;31.02.2025\n;123E000002;1.9.2024\nBSP-0137-X;;1.9.2024\n", "utf-8"
    )

    report = records.import_file(rt, path, "bsp", actor="lead")

    assert [(row.number, row.action) for row in report.rows] == [(2, "error"), (3, "new"), (4, "error")]
    assert report.rows[0].messages[0].startswith("Spalte Eintritt: Datum gibt es nicht")
    assert report.rows[2].messages[0].startswith("Spalte TN-Nr.: TN-Nr. hat einen Tippfehler")
    assert report.counts == {"new": 1, "update": 0, "same": 0, "error": 2}
    assert len(records.list_records(rt)) == 1


def test_rows_without_reference_find_their_record_by_number_then_by_name_and_birth_date(
    rt: Runtime, tmp_path: Path
) -> None:
    maria = {"participant_name": {"family": "Muster", "given": "Maria"}, "birth_date": "1990-04-03"}
    given(
        rt,
        Record("BSP-0137-E", {**maria, "customer_no": "123E000004"}),
        Record("BSP-0138-C", {"participant_name": {"family": "Probe", "given": "Ida"}, "birth_date": "1991-05-06"}),
    )

    assert imported(
        rt,
        tmp_path / "liste.csv",
        """
        Name;Geburtsdatum;Kundennummer;Eintritt
        Muster-Neu, Maria;03.04.1990;123 E000004;01.09.2024
        Probe, Ida;06.05.1991;;02.09.2024
        Muster, Maria;03.04.1990;999E000009;03.09.2024
        """,
    ) == [(2, "BSP-0137-E", "update"), (3, "BSP-0138-C", "update"), (4, None, "error")]
    assert fields(rt, "BSP-0137-E")["entry_date"] == "2024-09-01"
    assert fields(rt, "BSP-0138-C")["entry_date"] == "2024-09-02"


def test_a_person_who_fits_several_records_needs_her_reference(rt: Runtime, tmp_path: Path) -> None:
    given(rt, Record("BSP-0137-E", {"customer_no": "123E000004"}), Record("BSP-0138-C", {"customer_no": "123E000004"}))

    rows = imported(rt, tmp_path / "liste.csv", "Kundennummer;Eintritt\n123E000004;01.09.2024")

    assert rows == [(2, None, "error")]

    text = "TN-Nr.;Kundennummer;Eintritt\nBSP-0138-C;123E000004;01.09.2024"
    assert imported(rt, tmp_path / "liste.csv", text) == [(2, "BSP-0138-C", "update")]


def test_a_list_whose_references_were_sorted_apart_from_its_names_is_refused(rt: Runtime, tmp_path: Path) -> None:
    given(rt, Record("BSP-0137-E", {"customer_no": "123E000001"}), Record("BSP-0138-C", {"customer_no": "123E000002"}))

    text = "TN-Nr.;Kundennummer;Eintritt\nBSP-0137-E;123E000002;1.9.2024\nBSP-0138-C;123E000001;2.9.2024"

    assert imported(rt, tmp_path / "liste.csv", text) == [(2, None, "error"), (3, None, "error")]
    assert "entry_date" not in fields(rt, "BSP-0137-E")


def test_a_second_row_of_the_same_person_is_an_error(rt: Runtime, tmp_path: Path) -> None:
    text = "TN-Nr.;Kundennummer;Eintritt\n;123E000001;1.9.2024\n;123E000001;2.9.2024"

    assert [action for *_, action in imported(rt, tmp_path / "liste.csv", text)] == ["new", "error"]


def test_equal_rows_of_unnamed_people_stay_as_many_as_they_are(rt: Runtime, tmp_path: Path) -> None:
    text = "TN-Nr.;Eintritt\n;1.9.2024\n;1.9.2024"

    assert [action for *_, action in imported(rt, tmp_path / "liste.csv", text)] == ["new", "new"]
    assert [action for *_, action in imported(rt, tmp_path / "liste.csv", text)] == ["same", "same"]


def test_a_blank_cell_of_a_list_empties_nothing(rt: Runtime, tmp_path: Path) -> None:
    given(rt, Record("BSP-0137-E", {"entry_date": "2024-09-01", "custom.note": "bleibt"}))

    text = "TN-Nr.;Eintritt;Notiz für beide\nBSP-0137-E;02.09.2024; "

    assert imported(rt, tmp_path / "liste.csv", text) == [(2, "BSP-0137-E", "update")]
    assert fields(rt, "BSP-0137-E") == {"entry_date": "2024-09-02", "custom.note": "bleibt"}


def test_references_of_other_projects_and_void_records_are_refused(rt: Runtime, tmp_path: Path) -> None:
    given(rt, Record("BSP-0137-E", {"entry_date": "2024-09-01"}, state=RecordState.VOID))

    text = "TN-Nr.;Eintritt\nAND-0137-P;1.9.2024\nBSP-0137-E;1.9.2024"

    assert imported(rt, tmp_path / "liste.csv", text) == [(2, None, "error"), (3, None, "error")]


def test_a_brought_reference_is_never_given_out_again(rt: Runtime, tmp_path: Path) -> None:
    text = "TN-Nr.;Kundennummer;Eintritt\nBSP-0137-E;;1.9.2024\n;123E000001;2.9.2024"

    assert imported(rt, tmp_path / "liste.csv", text) == [(2, "BSP-0137-E", "new"), (3, "BSP-0138-C", "new")]


def test_a_line_whose_values_slipped_is_refused_and_unknown_headers_are_named(rt: Runtime, tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text("TN-Nr.;Eintritt;Lieblingsfarbe\nBSP-0137-E;1.9.2024;blau;grün", "utf-8")

    report = records.import_file(rt, path, "bsp", actor="lead")

    assert report.ignored == ("Lieblingsfarbe",)
    assert [row.action for row in report.rows] == ["error"]


def test_a_list_without_known_headers_is_refused(rt: Runtime, tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="Kopfzeile"):
        imported(rt, tmp_path / "liste.csv", "a;b;c\n1;2;3")


def test_letters_that_windows_1252_lacks_and_a_spreadsheet_turned_into_question_marks_change_nothing(
    rt: Runtime, tmp_path: Path
) -> None:
    """Excel and LibreOffice save "Yılmaz" as "Y?lmaz" in such a list; her name must not become that."""
    given(rt, Record("BSP-0137-E", {"participant_name": {"family": "Yılmaz", "given": "Nađa"}}))

    text = "TN-Nr.;Name;Eintritt\nBSP-0137-E;Y?lmaz, Na?a;02.09.2024"

    assert imported(rt, tmp_path / "liste.csv", text) == [(2, "BSP-0137-E", "update")]
    assert fields(rt, "BSP-0137-E") == {
        "participant_name": {"family": "Yılmaz", "given": "Nađa"},
        "entry_date": "2024-09-02",
    }


# -- export ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["liste.csv", "liste.xlsx"])
def test_an_exported_list_imports_with_nothing_changed(rt: Runtime, tmp_path: Path, name: str) -> None:
    everything = {
        "participant_name": {"family": "Muster", "given": None},
        "birth_date": {"date": "1990-01-01", "reliability": "year_only_possible"},
        "customer_no": "0123E0004",
        "contact_jc": {"contact": "mueller-anna", "deputy": "schulz-peter"},
        "entry_date": "2024-09-01",
        "measure": {"measure": "avgs_coaching", "coaching": "hard", "note": "ab Mai; „neu“"},
        "measure_period": {"from": "2025-06-01", "to": None},
        "weekly_hours": 12.5,
        "next_case_talk": "2025-09-18T10:00",
        "custom.note": ' =1+1\nzweite Zeile; mit "Zeichen"',
        "custom.forgotten": "'-1",
        "postcode": "01067",
    }
    given(rt, Record("BSP-0137-E", everything), Record("BSP-0138-C", {"custom.note": "'+49"}))

    records.export_file(rt, "bsp", tmp_path / name)
    report = records.import_file(rt, tmp_path / name, "bsp", actor="lead")

    assert [(row.ref, row.action) for row in report.rows] == [("BSP-0137-E", "same"), ("BSP-0138-C", "same")]
    assert report.ignored == ()


@pytest.mark.parametrize("name", ["liste.csv", "liste.xlsx"])
def test_an_exported_list_gives_an_empty_project_the_same_texts(rt: Runtime, tmp_path: Path, name: str) -> None:
    notes = {"BSP-0137-E": "=1+1", "BSP-0138-C": "'=1+1", "BSP-0139-A": "@x", "BSP-0141-M": "01067"}
    given(rt, *(Record(ref, {"custom.note": note}) for ref, note in notes.items()))
    records.export_file(rt, "bsp", tmp_path / name)
    with rt.database.write() as session:
        emptied = [Record(ref, {}) for ref in notes]
        store.save(session, projects.get(session, "bsp").id, emptied, NOW)

    records.import_file(rt, tmp_path / name, "bsp", actor="lead")

    assert {ref: fields(rt, ref)["custom.note"] for ref in notes} == notes


def test_the_reference_is_the_first_column(rt: Runtime) -> None:
    given(rt, Record("BSP-0137-E", {"entry_date": "2024-09-01"}))

    assert records.export_csv(rt, "bsp") == "\ufeffTN-Nr.;Eintritt\r\nBSP-0137-E;01.09.2024\r\n"


def test_a_number_typed_with_words_around_it_is_kept_as_the_number(rt: Runtime) -> None:
    """Else nobody would find her by it: the index is made of what the record holds."""
    given(rt, Record("BSP-0137-E", {}))

    changed = records.set_values(rt, "BSP-0137-E", {"customer_no": "KdNr. 123a456789"}, actor="lead")

    assert [change["new"] for change in changed] == ["123A456789"]
