"""Programme files: all of them or none, again and again."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from syncsvc.core.fields import DirectoryContact
from syncsvc.errors import InvalidFile
from syncsvc.services import programme
from syncsvc.services.runtime import Runtime
from syncsvc.store import contacts, mappings, organisations, projects, tables
from syncsvc.store import records as store
from tests.factories import NOW, make_record

MAPPING = """
    key: standard
    title: Teilnehmerinnenliste
    columns:
      - {header: TN-Nr., field: participant_ref, owner: service}
      - {header: Eintritt, field: entry_date, owner: project, required: true}
"""
PROGRAMME = """
    organisations:
      - {key: jc-beispielstadt, kind: jobcentre, name: Jobcenter Beispielstadt, trunk: 030 23125,
         mail_domains: [jobcenter-beispielstadt.example]}
      - {key: traeger-bsp, kind: provider, name: Beispielträger e. V.}
    projects: [{key: bsp, prefix: BSP, name: Beispielprojekt, organisation: traeger-bsp}]
    contacts:
      - {organisation: jc-beispielstadt, family: Müller, given: Anna, role: integration, phone: 030 23125-101,
         email: anna.mueller@jobcenter-beispielstadt.example}
    tables:
      - key: bsp-beispielstadt
        project: bsp
        jobcentre: jc-beispielstadt
        mapping: standard
        edited_by: [project, jobcentre]
        schedule: "*/30 6-19 * * mon-fri"
        location: {provider: workbook, path: tables/BSP.xlsx, worksheet: Tabelle1}
"""


def write(path: Path, text: str) -> Path:
    path.write_text(dedent(text), encoding="utf-8")
    return path


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return [write(tmp_path / "programme.yaml", PROGRAMME), write(tmp_path / "mapping.yaml", MAPPING)]


def applied(rt: Runtime, path: Path, text: str) -> list[tuple[str, str, str]]:
    return [(c.kind, c.action.value, c.details) for c in programme.apply_files(rt, [write(path, text)])]


def complaints(rt: Runtime, path: Path, text: str) -> list[str]:
    """What ``apply`` says against a file, a line per mistake, without the file's name."""
    with pytest.raises(InvalidFile) as caught:
        programme.apply_files(rt, [write(path, text)])
    return [line.removeprefix(f"{path.name}, ") for line in caught.value.message.splitlines()]


def test_files_are_applied_in_any_order_and_say_what_they_made(rt: Runtime, files: list[Path]) -> None:
    changes = programme.apply_files(rt, files)

    kinds = ["mapping", "organisation", "organisation", "project", "contact", "table"]
    assert [(change.kind, change.action.value) for change in changes] == [(kind, "created") for kind in kinds]


def test_a_second_time_nothing_changes(rt: Runtime, files: list[Path]) -> None:
    first = programme.apply_files(rt, files)
    second = programme.apply_files(rt, reversed(files))

    assert {change.action.value for change in second} == {"unchanged"}
    assert {change.key for change in second} == {change.key for change in first}


def test_a_dry_run_says_the_same_and_writes_nothing(rt: Runtime, files: list[Path]) -> None:
    changes = programme.apply_files(rt, files, dry_run=True)

    assert {change.action.value for change in changes} == {"created"}
    with rt.database.read() as session:
        assert tables.all_tables(session) == mappings.all_mappings(session) == projects.all_projects(session) == []
        assert contacts.directory(session) == organisations.directory(session) == ()


def test_everything_arrives_in_the_database(rt: Runtime, files: list[Path], tmp_path: Path) -> None:
    programme.apply_files(rt, files)

    with rt.database.read() as session:
        (contact,) = contacts.directory(session)
        table = tables.get(session, "bsp-beispielstadt")
        assert contact == DirectoryContact(
            key=contact.key,
            organisation="jc-beispielstadt",
            family="Müller",
            given="Anna",
            role="integration",
            phone="030 23125-101",
            email="anna.mueller@jobcenter-beispielstadt.example",
        )
        assert table.location == {
            "provider": "workbook",
            "path": str(tmp_path.resolve() / "tables" / "BSP.xlsx"),
            "worksheet": "Tabelle1",
        }
        assert (table.edited_by, table.schedule) == (["project", "jobcentre"], "*/30 6-19 * * mon-fri")


def test_when_a_table_is_synced_stands_in_the_file_and_stays_if_left_out(
    rt: Runtime, files: list[Path], tmp_path: Path
) -> None:
    """Another schedule counts from now on: what was planned by the old one could be a month away."""

    def times() -> tuple[str, str, str, str, bool]:
        with rt.database.read() as session:
            table = tables.get(session, "bsp-beispielstadt")
            return table.schedule, table.zone, table.quiet_hours, table.land, table.next_due_at is None

    def plan() -> None:
        with rt.database.write() as session:
            tables.get(session, "bsp-beispielstadt").next_due_at = NOW

    programme.apply_files(rt, files)
    assert times() == ("*/30 6-19 * * mon-fri", "Europe/Berlin", "", "", True)
    plan()
    more = PROGRAMME + '        quiet_hours: "19:30-06:00"\n        land: BE\n        zone: Europe/Lisbon\n'
    applied(rt, tmp_path / "more.yaml", more)
    assert times() == ("*/30 6-19 * * mon-fri", "Europe/Lisbon", "19:30-06:00", "BE", True)
    plan()

    programme.apply_files(rt, files)
    assert times() == ("*/30 6-19 * * mon-fri", "Europe/Lisbon", "19:30-06:00", "BE", False)

    applied(rt, tmp_path / "less.yaml", PROGRAMME + "        quiet_hours:\n        zone:\n")
    assert times() == ("*/30 6-19 * * mon-fri", "Europe/Berlin", "", "BE", True)


def test_what_a_file_leaves_out_stays_as_it_is(rt: Runtime, files: list[Path], tmp_path: Path) -> None:
    programme.apply_files(rt, files)

    text = """
        organisations: [{key: jc-beispielstadt, kind: jobcentre, name: Jobcenter Neustadt}]
        contacts: [{organisation: jc-beispielstadt, family: MUELLER, given: Anna, team: "512"}]
    """
    assert applied(rt, tmp_path / "later.yaml", text) == [
        ("organisation", "changed", "name"),
        ("contact", "changed", "family, team"),
    ]
    with rt.database.read() as session:
        assert organisations.directory(session)[1].mail_domains == ("jobcenter-beispielstadt.example",)
        (contact,) = contacts.directory(session)
        assert (contact.family, contact.phone, contact.team) == ("MUELLER", "030 23125-101", "512")
        assert len(tables.all_tables(session)) == 1


def test_a_contact_s_key_does_not_tell_her_name(rt: Runtime, files: list[Path]) -> None:
    """Keys stand in the clear in the database; names do not."""
    (key,) = (change.key for change in programme.apply_files(rt, files) if change.kind == "contact")

    assert "mueller" not in key
    assert "anna" not in key


def test_a_changed_mapping_is_a_new_revision(rt: Runtime, files: list[Path], tmp_path: Path) -> None:
    programme.apply_files(rt, files)

    changed = MAPPING.replace("required: true", "required: false")

    assert applied(rt, tmp_path / "m.yaml", changed) == [("mapping", "changed", "Fassung 2")]
    assert applied(rt, tmp_path / "m.yaml", changed) == [("mapping", "unchanged", "")]


def test_a_table_that_gets_another_mapping_needs_a_new_approval(rt: Runtime, files: list[Path], tmp_path: Path) -> None:
    programme.apply_files(rt, files)
    with rt.database.write() as session:
        tables.get(session, "bsp-beispielstadt").approved_revision = 1

    write(tmp_path / "other.yaml", MAPPING.replace("key: standard", "key: other"))
    write(tmp_path / "moved.yaml", PROGRAMME.replace("mapping: standard", "mapping: other"))
    programme.apply_files(rt, [tmp_path / "other.yaml", tmp_path / "moved.yaml"])

    with rt.database.read() as session:
        table = tables.get(session, "bsp-beispielstadt")
        current = mappings.current(session, table.mapping_id).number
        assert table.approved_revision not in (None, current)


def test_a_change_of_the_directory_wakes_tables_that_did_not_change(
    rt: Runtime, files: list[Path], tmp_path: Path
) -> None:
    """A cell that named an unknown person may be readable now, although neither side moved."""
    programme.apply_files(rt, files)
    with rt.database.write() as session:
        tables.get(session, "bsp-beispielstadt").seen_version = "v1"
    programme.apply_files(rt, files)
    with rt.database.read() as session:
        assert tables.get(session, "bsp-beispielstadt").seen_version == "v1"

    applied(rt, tmp_path / "c.yaml", "contacts: [{organisation: jc-beispielstadt, family: Schulz, given: Peter}]")

    with rt.database.read() as session:
        assert tables.get(session, "bsp-beispielstadt").seen_version is None


def test_a_disabled_table_stays_disabled(rt: Runtime, files: list[Path]) -> None:
    programme.apply_files(rt, files)
    with rt.database.write() as session:
        tables.get(session, "bsp-beispielstadt").enabled = False

    assert {change.action.value for change in programme.apply_files(rt, files)} == {"unchanged"}


# -- mistakes -------------------------------------------------------------------------------------------------------


def test_all_mistakes_of_all_files_are_reported_at_once_with_their_places(rt: Runtime, tmp_path: Path) -> None:
    first = write(tmp_path / "a.yaml", "projects:\n  - {key: bsp, prefx: BSP, prefix: bsp, name: Beispiel}\n")
    second = write(tmp_path / "b.yaml", "key: a\n  b: c\n")
    third = write(tmp_path / "c.yaml", "tables:\n  - key: x\n    schedule: alle Tage\n")

    with pytest.raises(InvalidFile) as caught:
        programme.apply_files(rt, [first, second, third])

    lines = caught.value.message.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [
        "a.yaml, Zeile 2, Spalte 16",
        "a.yaml, Zeile 2, Spalte 28",
        "b.yaml, Zeile 2, Spalte 4",
        "c.yaml, Zeile 2, Spalte 5",
        "c.yaml, Zeile 2, Spalte 5",
        "c.yaml, Zeile 2, Spalte 5",
        "c.yaml, Zeile 3, Spalte 5",
    ]
    assert lines[0].endswith("Schlüssel „prefx“ gibt es nicht. Meinten Sie „prefix“?")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("mapping: standard", "mapping: standart", "Zuordnung „standart“ gibt es nicht. Meinten Sie „standard“?"),
        ("project: bsp", "project: bps", "Projekt „bps“ gibt es nicht. Meinten Sie „bsp“?"),
        ("jobcentre: jc-", "jobcentre: jz-", "„jz-beispielstadt“ gibt es nicht. Meinten Sie „jc-beispielstadt“?"),
        ("role: integration", "role: Zauberin", "Diese Rolle gibt es nicht"),
        ("phone: 030 23125-101", "phone: keine Ahnung", "Bitte eine Telefonnummer"),
        ("phone: 030 23125-101", "phone: 03023125101", "Text erwartet; Ziffern in Anführungszeichen"),
        ("provider: workbook", "provider: excel", "Den Anbieter „excel“ gibt es nicht"),
        (", worksheet: Tabelle1", "", "fehlt: worksheet"),
        ("mon-fri", "montags", "Fünf Angaben wie bei cron"),
        ('schedule: "', 'zone: Berlin\n        schedule: "', "Eine Zeitzone erwartet, z. B. Europe/Berlin."),
        ('schedule: "', 'quiet_hours: nachts\n        schedule: "', 'Uhrzeiten erwartet, z. B. "19:30-06:00".'),
        ('schedule: "', 'land: Berlin\n        schedule: "', "eines von: BB, BE, BW, BY, HB, HE, HH, MV, NI, NW, RP,"),
        ("[project, jobcentre]", "[]", "Eine oder beide Seiten"),
        ("kind: provider", "kind: verein", "Möglich sind: jobcentre, agency, provider"),
    ],
)
def test_what_does_not_fit_is_named(rt: Runtime, tmp_path: Path, old: str, new: str, complaint: str) -> None:
    programme.apply_files(rt, [write(tmp_path / "mapping.yaml", MAPPING)])

    (line,) = complaints(rt, tmp_path / "programme.yaml", PROGRAMME.replace(old, new))

    assert complaint in line
    with rt.database.read() as session:
        assert organisations.directory(session) == ()


def test_two_tables_at_one_place_are_refused(rt: Runtime, files: list[Path], tmp_path: Path) -> None:
    programme.apply_files(rt, files)

    text = PROGRAMME.replace("key: bsp-beispielstadt", "key: second").replace("tables/", "./tables/../tables/")

    assert complaints(rt, tmp_path / "second.yaml", text) == [
        "Zeile 17, Spalte 5: An diesem Ort liegt schon die Tabelle „bsp-beispielstadt“."
    ]


def test_the_same_object_twice_is_refused(rt: Runtime, tmp_path: Path) -> None:
    text = """
        organisations: [{key: a, kind: provider, name: A}, {key: a, kind: provider, name: B}]
        contacts: [{organisation: a, family: Muster}, {organisation: a, family: Muster}]
    """
    first, second = complaints(rt, tmp_path / "programme.yaml", text)

    assert first.startswith("Zeile 2, Spalte 53: ")
    assert second.startswith("Zeile 3, Spalte 47: ")


def test_a_prefix_is_of_one_project_and_stays_once_there_are_records(
    rt: Runtime, files: list[Path], tmp_path: Path
) -> None:
    programme.apply_files(rt, files)
    path = tmp_path / "p.yaml"

    assert "gehört schon" in complaints(rt, path, "projects: [{key: other, prefix: BSP, name: Anderes}]")[0]
    assert applied(rt, path, "projects: [{key: bsp, prefix: BSX, name: Neu}]") == [
        ("project", "changed", "prefix, name")
    ]
    with rt.database.write() as session:
        store.create(session, projects.get(session, "bsp").id, [make_record()], NOW)
    assert "TN-Nummern" in complaints(rt, path, "projects: [{key: bsp, prefix: BSP, name: Neu}]")[0]


def test_a_synced_table_stays_with_its_project(rt: Runtime, files: list[Path], tmp_path: Path) -> None:
    programme.apply_files(rt, files)
    with rt.database.write() as session:
        tables.get(session, "bsp-beispielstadt").last_agreed_at = NOW

    text = PROGRAMME.replace("project: bsp", "project: other").replace(
        "projects: [", "projects: [{key: other, prefix: OTH, name: Anderes}, "
    )

    assert "für ein anderes Projekt abgeglichen" in complaints(rt, tmp_path / "p.yaml", text)[0]


def test_a_file_in_another_encoding_is_refused_with_its_line(rt: Runtime, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_bytes("projects:\n  - {key: bsp, name: Müller}".encode("cp1252"))

    with pytest.raises(InvalidFile, match="Zeile 2, Spalte 23: Die Datei ist nicht in UTF-8"):
        programme.apply_files(rt, [tmp_path / "p.yaml"])


def test_json_is_yaml_too(rt: Runtime, tmp_path: Path) -> None:
    text = '{"organisations": [{"key": "a", "kind": "provider", "name": "A"}]}'

    assert applied(rt, tmp_path / "p.json", text) == [("organisation", "created", "")]


def test_one_file_may_hold_mapping_and_table(rt: Runtime, tmp_path: Path) -> None:
    """As the pages give it to download. Mistakes in the mapping stand at their lines, too."""
    indented = dedent(MAPPING).strip().replace("\n", "\n    ")
    text = f"mappings:\n  - {indented}\n{dedent(PROGRAMME)}"
    changes = programme.apply_files(rt, [write(tmp_path / "alles.yaml", text)])

    assert [change.kind for change in changes] == [
        "mapping", "organisation", "organisation", "project", "contact", "table",
    ]  # fmt: skip
    wrong = text.replace("owner: project", "owner: projekt")
    (line,) = [number for number, content in enumerate(wrong.splitlines(), start=1) if "owner: projekt" in content]
    (complaint,) = complaints(rt, tmp_path / "falsch.yaml", wrong)
    assert complaint.startswith(f"Zeile {line},")
