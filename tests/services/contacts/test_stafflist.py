"""A job centre's list of staff as a table of its own: its rows are the directory's people, in both directions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import openpyxl
import pytest

from syncsvc.core.fields import DirectoryContact
from syncsvc.errors import InvalidFile, NotFound
from syncsvc.providers.memory import MemoryBook
from syncsvc.services import records as record_service
from syncsvc.services.contacts import directory
from syncsvc.services.programme import apply_files
from syncsvc.services.questions import QuestionView, answer_question, list_questions
from syncsvc.services.runs import undo_run
from syncsvc.services.runtime import Runtime
from syncsvc.services.sync import Outcome, sync_table
from syncsvc.store import contacts
from tests.services.bench import Bench, Killed, assert_same, cell_from, grid, text_from

ROOT = Path(__file__).parents[3]
LIST, PARTICIPANTS = "jc-beispielstadt-liste", "bsp-beispielstadt"
HOUSE = "jobcenter-beispielstadt.example"

PROGRAMME = f"""
    organisations:
      - {{key: jc-beispielstadt, kind: jobcentre, name: Jobcenter Beispielstadt, trunk: 030 23125,
         mail_domains: [{HOUSE}]}}
    projects: [{{key: bsp, prefix: BSP, name: Beispielprojekt}}]
    tables:
      - {{key: {PARTICIPANTS}, project: bsp, jobcentre: jc-beispielstadt, mapping: standard,
         location: {{provider: memory, name: teilnehmerinnen}}}}
"""
THE_LIST = f"""
    tables:
      - {{key: {LIST}, directory: jc-beispielstadt, mapping: verzeichnis, edited_by: [jobcentre],
         location: {{provider: memory, name: liste}}}}
"""
STANDARD = """
    key: standard
    title: Teilnehmerinnenliste
    columns:
      - {header: TN-Nr., field: participant_ref, owner: service}
      - {header: Eintritt, field: entry_date, owner: project, required: true}
      - {header: Ansprechperson JC, field: contact_jc, owner: jobcentre}
      - {header: Durchwahl, field: contact_jc_phone, owner: jobcentre}
      - {header: Hinweis, field: service_note, owner: service}
"""
HEADER = ("| Nr. | Name | Vorname | Funktion | Team | Durchwahl | E-Mail | Vertretung | abwesend von | abwesend bis "
          "| ausgeschieden am | Stand bestätigt | Hinweis |")  # fmt: skip
ANNA = DirectoryContact(
    "c-1", "jc-beispielstadt", "Müller", "Anna", "integration", "", "030 23125-101", f"anna.mueller@{HOUSE}"
)
PETER = DirectoryContact("c-2", "jc-beispielstadt", "Schulz", "Peter", phone="030 23125-102", deputy="c-1")


@dataclass
class StaffList:
    """The list, a table of participants, and the directory behind both."""

    bench: Bench
    folder: Path
    book: MemoryBook
    participants: MemoryBook

    def begin(self, rows: str = "", *, known: tuple[DirectoryContact, ...] = ()) -> None:
        """The directory knows some people; then the list is connected, as people began it."""
        self.apply(PROGRAMME, STANDARD, (ROOT / "mappings/verzeichnis.yaml").read_text("utf-8"))
        with self.bench.database.write() as session:
            for contact in known:
                contacts.upsert(session, contact)
        self.book.rows[:] = grid(HEADER)
        self.type(rows)
        self.apply(THE_LIST)

    def apply(self, *texts: str) -> None:
        paths = [self.folder / f"{number}.yaml" for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(dedent(text), "utf-8")
        apply_files(self.bench.rt, paths)

    def type(self, rows: str) -> None:
        """Somebody types rows below; the first line names the columns."""
        if rows:
            header, *lines = grid(rows)
            for line in lines:
                number = len(self.book.rows) + 1
                for name, cell in zip(header, line, strict=True):
                    if cell is not None:
                        self.book.set(number, self.column(str(name)), cell)

    def put(self, name: str, header: str, text: str) -> None:
        """Somebody types into a cell of this person's row."""
        self.book.set(self.row(name), self.column(header), cell_from(text))

    def sync(self) -> Outcome:
        """One run, and a second one that has nothing to do."""
        outcome = sync_table(self.bench.rt, LIST)
        assert outcome.state in ("ok", "unchanged"), outcome
        assert outcome.receipt["lost"] == 0
        shown, people = [list(row) for row in self.book.rows], self.people()
        self.book.revision += 1
        again = sync_table(self.bench.rt, LIST)
        assert (again.cells_written, again.rows_added, again.records_changed, again.records_created) == (0, 0, 0, 0)
        assert (self.book.rows, self.people()) == (shown, people)
        return outcome

    def follow(self) -> None:
        """The next run writes what the directory changed."""
        outcome = sync_table(self.bench.rt, LIST)
        assert outcome.state == "ok", outcome
        self.sync()

    def shows(self, text: str) -> None:
        """The list shows these rows in this order, as far as these columns go."""
        expected = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.strip().splitlines()]
        columns = [self.column(name) for name in expected[0]]
        rows = range(1, len(self.book.rows) + 1)
        found = [[text_from(self.book.get(row, column)) for column in columns] for row in rows]
        assert_same(expected, [row for row in found if any(row)])

    def people(self) -> dict[str, DirectoryContact]:
        """The directory, by family name."""
        with self.bench.database.read() as session:
            return {one.family: one for one in contacts.directory(session)}

    def questions(self) -> list[QuestionView]:
        return list(list_questions(self.bench.rt, table=LIST))

    def column(self, header: str) -> int:
        return self.book.rows[0].index(header) + 1

    def row(self, name: str) -> int:
        return next(n for n in range(1, len(self.book.rows) + 1) if self.book.get(n, self.column("Name")) == name)


@pytest.fixture
def staff(bench: Bench, tmp_path: Path) -> StaffList:
    book, participants = (
        MemoryBook(),
        MemoryBook(grid("| TN-Nr. | Eintritt | Ansprechperson JC | Durchwahl | Hinweis |")),
    )
    bench.registry.books |= {"liste": book, "teilnehmerinnen": participants}
    return StaffList(bench, tmp_path, book, participants)


class TestTheFirstRun:
    def test_an_empty_list_gets_everybody_who_has_not_left(self, staff: StaffList) -> None:
        """The directory is there already; the list shows it."""
        gone = DirectoryContact("c-9", "jc-beispielstadt", "Alt", "Eva", left_on=staff.bench.rt.today().replace(day=1))
        staff.begin(known=(ANNA, PETER, gone))
        staff.sync()
        staff.shows(f"""
            | Nr.        | Name   | Vorname | Funktion              | Durchwahl     | E-Mail         | Vertretung   |
            | AP1-0001-… | Müller | Anna    | Integrationsfachkraft | 030 23125-101 | {ANNA.email}   |              |
            | AP1-0002-… | Schulz | Peter   |                       | 030 23125-102 |                | Müller, Anna |
        """)

    def test_a_filled_list_makes_the_directory(self, staff: StaffList) -> None:
        """A deputy may stand further down; nothing is asked."""
        staff.begin("""
            | Name   | Vorname | Funktion | Durchwahl | Vertretung | Stand bestätigt |
            | Müller | Anna    | IFK      | '-101     | Schulz     | 02/2026         |
            | Schulz | Peter   |          |           |            |                 |
        """)
        staff.sync()
        people = staff.people()
        assert (people["Müller"].role, people["Müller"].phone) == ("integration", "030 23125-101")
        assert people["Müller"].deputy == people["Schulz"].key
        assert f"{people['Müller'].confirmed_on}" == "2026-02-28"
        assert staff.questions() == []

    def test_who_is_known_is_not_doubled(self, staff: StaffList) -> None:
        """Known by her name, in whichever cell; each side fills what the other lacks, who is not listed is added."""
        staff.begin("| Name | Vorname | Team |\n| Müller, Anna | | '4711 |", known=(ANNA, PETER))
        staff.sync()
        people = staff.people()
        assert people.keys() == {"Müller", "Schulz"}
        assert (people["Müller"].team, people["Müller"].key) == ("4711", "c-1")
        staff.shows("""
            | Name         | Durchwahl     |
            | Müller, Anna | 030 23125-101 |
            | Schulz       | 030 23125-102 |
        """)

    def test_both_sides_differ_is_a_question(self, staff: StaffList) -> None:
        """Neither number is thrown away; the answer moves the directory."""
        staff.begin("| Name | Vorname | Durchwahl |\n| Müller | Anna | 030 23125-150 |", known=(ANNA,))
        staff.sync()
        (question,) = staff.questions()
        assert question.kind == "conflict"
        assert staff.people()["Müller"].phone == "030 23125-101"
        answer_question(staff.bench.rt, question.id, "sheet", actor="leitung")
        assert staff.people()["Müller"].phone == "030 23125-150"


def test_a_workbook_is_kept_as_well(staff: StaffList) -> None:
    """From people's first file on: new colleagues in, the directory's people below, and nothing the second time."""
    path = staff.folder / "liste.xlsx"
    book = openpyxl.Workbook()
    header, row = grid(f"{HEADER}\n| | Yilmaz | Elif | BCA | | 030 23125-110 | | Frau Müller | | | | | |")
    for cells in (header, row):
        book.active.append(cells)
    book.save(path)
    staff.begin(known=(ANNA,))
    place = "{provider: workbook, path: liste.xlsx, worksheet: Sheet}"
    staff.apply(THE_LIST.replace("{provider: memory, name: liste}", place))
    assert sync_table(staff.bench.rt, LIST).state == "ok"
    assert staff.people()["Yilmaz"].deputy == "c-1"
    directory.set_details(staff.bench.rt, "Yilmaz", {"phone": "030 23125-188"}, actor="leitung")
    assert sync_table(staff.bench.rt, LIST).cells_written == 1
    found = [row[:6] for row in openpyxl.load_workbook(path).active.iter_rows(values_only=True)]
    assert [row[5] for row in found] == ["Durchwahl", "030 23125-188", "030 23125-101"]
    assert sync_table(staff.bench.rt, LIST).cells_written == 0


class TestFromTheList:
    def test_a_direct_dial_reaches_the_directory_and_the_participants_tables(self, staff: StaffList) -> None:
        """What the job centre types in its own list stands beside every woman in the next run."""
        staff.begin(known=(ANNA, PETER))
        staff.participants.rows.append(["", "01.09.2024", "Müller, Anna", None, None])
        sync_table(staff.bench.rt, PARTICIPANTS)
        assert staff.participants.get(2, 4) == "030 23125-101"
        staff.sync()
        staff.put("Müller", "Durchwahl", "030 23125-177")
        staff.sync()
        assert staff.people()["Müller"].phone == "030 23125-177"
        sync_table(staff.bench.rt, PARTICIPANTS)
        assert staff.participants.get(2, 4) == "030 23125-177"

    def test_half_a_row_waits(self, staff: StaffList) -> None:
        """A colleague without a name yet is nobody; with her name she is there."""
        staff.begin(known=(ANNA,))
        staff.sync()
        staff.type("| Vorname | Durchwahl |\n| Elif | 030 23125-110 |")
        staff.sync()
        assert staff.people().keys() == {"Müller"}
        staff.shows("""
            | Name   | Vorname | Hinweis                                          |
            | Müller | Anna    |                                                  |
            |        | Elif    | Spalte Name: bitte ausfüllen, dann wird die Zeile übernommen. |
        """)
        staff.book.set(3, staff.column("Name"), "Öztürk")
        staff.sync()
        assert staff.people()["Öztürk"].phone == "030 23125-110"
        assert staff.book.get(3, staff.column("Hinweis")) is None

    @pytest.mark.parametrize(
        ("header", "typed", "note"),
        [
            ("Vertretung", "Yilmaz", "Noch nicht im Verzeichnis: Vertretung: Die Vertretung steht nicht im…"),
            ("abwesend bis", "31.03.2026", "Noch nicht im Verzeichnis: abwesend von: Zum Ende der Abwesenheit…"),
            ("Stand bestätigt", "12/2026", "Noch nicht im Verzeichnis: Stand bestätigt: Dieser Monat hat noch…"),
        ],
    )
    def test_what_is_no_valid_entry_waits_with_a_note(
        self, staff: StaffList, header: str, typed: str, note: str
    ) -> None:
        """The directory keeps what it has, the row says why, and the note goes once it is mended."""
        staff.begin(known=(ANNA, PETER))
        staff.sync()
        before = staff.people()
        staff.put("Müller", header, typed)
        staff.sync()
        assert staff.people() == before
        staff.shows(f"| Name | Hinweis |\n| Müller | {note} |\n| Schulz | |")
        staff.book.set(staff.row("Müller"), staff.column(header), None)
        staff.sync()
        staff.shows("| Name | Hinweis |\n| Müller | |\n| Schulz | |")

    def test_a_private_address_is_refused_in_its_cell(self, staff: StaffList) -> None:
        """Only the house's own addresses, as everywhere in the directory."""
        staff.begin(known=(PETER,))
        staff.sync()
        staff.put("Schulz", "E-Mail", "peter@web.de")
        staff.sync()
        assert staff.people()["Schulz"].email == ""
        assert [question.kind for question in staff.questions()] == ["unreadable"]

    def test_somebody_leaves_is_away_and_is_deputised_by_name(self, staff: StaffList) -> None:
        """The days and the deputy as people type them."""
        staff.begin(known=(ANNA, PETER))
        staff.sync()
        staff.put("Schulz", "ausgeschieden am", "28.02.2026")
        staff.put("Müller", "Vertretung", "Peter Schulz")
        staff.put("Müller", "abwesend von", "01.03.2026")
        staff.sync()
        people = staff.people()
        assert f"{people['Schulz'].left_on} {people['Müller'].absent_from}" == "2026-02-28 2026-03-01"
        assert people["Müller"].deputy == "c-2"
        assert staff.book.get(staff.row("Müller"), staff.column("Vertretung")) == "Peter Schulz"

    def test_a_row_that_is_gone_is_a_question(self, staff: StaffList) -> None:
        """Nothing happens before the answer; "ausgeschieden" then notes her last day."""
        staff.begin(known=(ANNA, PETER))
        staff.sync()
        staff.book.delete_row(staff.row("Schulz"))
        staff.sync()
        (question,) = staff.questions()
        assert question.kind == "deletion"
        assert "Teilnahme" not in question.text + " ".join(choice.text for choice in question.choices)
        assert staff.people()["Schulz"].left_on is None
        answer_question(staff.bench.rt, question.id, "ended", actor="leitung")
        assert f"{staff.people()['Schulz'].left_on}" == "2026-03-01"
        staff.follow()
        staff.shows("| Name |\n| Müller |")

    def test_who_comes_back_gets_a_row_again(self, staff: StaffList) -> None:
        """The directory says that she did not leave after all."""
        staff.begin(known=(ANNA, PETER))
        staff.sync()
        staff.book.delete_row(staff.row("Schulz"))
        sync_table(staff.bench.rt, LIST)
        answer_question(staff.bench.rt, staff.questions()[0].id, "ended", actor="leitung")
        staff.follow()
        directory.set_details(staff.bench.rt, "c-2", {"left_on": ""}, actor="leitung")
        staff.follow()
        staff.shows("| Name |\n| Müller |\n| Schulz |")
        assert len(staff.people()) == 2

    def test_a_second_row_of_one_person_makes_no_second_person(self, staff: StaffList) -> None:
        """It is asked who that is; told that she is new, it still needs an address of her own."""
        staff.begin(known=(ANNA, PETER))
        staff.sync()
        staff.type("| Name | Vorname |\n| Müller | Anna |")
        staff.sync()
        (question,) = staff.questions()
        assert "Ist es dieselbe Person?" in question.text
        assert "Teilnehmerin" not in " ".join(choice.text for choice in question.choices)
        answer_question(staff.bench.rt, question.id, "new", actor="leitung")
        staff.follow()
        assert len(staff.people()) == 2
        staff.book.set(4, staff.column("E-Mail"), f"anna.mueller2@{HOUSE}")
        staff.follow()  # and whom Schulz has as deputy needs more than the name from now on
        with staff.bench.database.read() as session:
            found = [one.email for one in contacts.directory(session) if one.family == "Müller"]
        assert sorted(found) == [f"anna.mueller2@{HOUSE}", f"anna.mueller@{HOUSE}"]

    def test_an_undo_takes_the_directory_along(self, staff: StaffList) -> None:
        """What a run brought into the directory goes back with it."""
        staff.begin(known=(ANNA,))
        staff.sync()
        staff.put("Müller", "Team", "'4711")
        run = sync_table(staff.bench.rt, LIST).run
        assert staff.people()["Müller"].team == "4711"
        assert run is not None
        undo_run(staff.bench.rt, run, actor="leitung")
        assert staff.people()["Müller"].team == ""
        assert staff.book.get(staff.row("Müller"), staff.column("Team")) is None


class TestFromTheDirectory:
    def test_a_change_stands_in_the_list_after_its_next_run(self, staff: StaffList) -> None:
        """By command, page, answer or import: it goes one way."""
        staff.begin(known=(ANNA, PETER))
        staff.sync()
        directory.set_details(
            staff.bench.rt, "c-1", {"phone": "030 23125-188", "family": "Meier", "deputy": "c-2"}, actor="leitung"
        )
        details = {"organisation": "jc-beispielstadt", "family": "Öztürk", "given": "Elif"}
        directory.add_contact(staff.bench.rt, details, actor="leitung")
        staff.follow()
        staff.shows("""
            | Name   | Vorname | Durchwahl     | Vertretung    | Stand bestätigt |
            | Meier  | Anna    | 030 23125-188 | Schulz, Peter |                 |
            | Schulz | Peter   | 030 23125-102 | Meier, Anna   |                 |
            | Öztürk | Elif    |               |               | 03/2026         |
        """)
        assert staff.people()["Meier"].phone == "030 23125-188"

    def test_both_sides_edited_is_a_question(self, staff: StaffList) -> None:
        """One number from each side: neither wins by itself, other cells go their way."""
        staff.begin(known=(ANNA,))
        staff.sync()
        directory.set_details(staff.bench.rt, "c-1", {"phone": "030 23125-188"}, actor="leitung")
        staff.put("Müller", "Durchwahl", "030 23125-199")
        staff.put("Müller", "Team", "'4711")
        staff.sync()
        (question,) = staff.questions()
        assert (question.kind, staff.people()["Müller"].team) == ("conflict", "4711")
        answer_question(staff.bench.rt, question.id, "record", actor="leitung")
        staff.follow()
        assert staff.book.get(2, staff.column("Durchwahl")) == "030 23125-188"

    def test_who_works_elsewhere_now_is_not_this_list_s_any_more(self, staff: StaffList) -> None:
        """Her row is not taken for her, so an edit there cannot reach her new entry."""
        staff.begin(known=(ANNA, PETER))
        staff.apply("""
            organisations: [{key: jc-musterkreis, kind: jobcentre, name: Jobcenter Musterkreis}]
        """)
        staff.sync()
        directory.set_details(staff.bench.rt, "c-2", {"organisation": "jc-musterkreis", "deputy": ""}, actor="leitung")
        staff.follow()
        staff.put("Schulz", "Durchwahl", "030 23125-199")
        staff.sync()
        assert staff.people()["Schulz"].phone == "030 23125-102"


class TestKilled:
    def test_at_every_boundary_the_next_run_completes_the_work(self, staff: StaffList) -> None:
        """A new colleague, an edit from each side: all there, once, whenever the process dies."""
        staff.begin(known=(ANNA, PETER))
        staff.sync()
        staff.put("Müller", "Team", "'4711")
        staff.type("| Name | Vorname | Vertretung |\n| Öztürk | Elif | Schulz |")
        directory.set_details(staff.bench.rt, "c-2", {"phone": "030 23125-188"}, actor="leitung")
        rewind = remember(staff)
        for boundary in range(1, 40, 2):
            rewind()
            if not killed_at(staff, boundary):
                break
            sync_table(staff.bench.rt, LIST)
            staff.sync()
            people = staff.people()
            assert people.keys() == {"Müller", "Schulz", "Öztürk"}
            assert (people["Müller"].team, people["Öztürk"].deputy) == ("4711", "c-2")
            staff.shows("""
                | Name   | Team | Durchwahl     | Vertretung   | Hinweis |
                | Müller | '4711 | 030 23125-101 |              |         |
                | Schulz |      | 030 23125-188 | Müller, Anna |         |
                | Öztürk |      |               | Schulz       |         |
            """)
            assert staff.questions() == []
        assert 5 < boundary < 39


def remember(staff: StaffList) -> Callable[[], None]:
    """A function that brings list and database back to this moment."""
    bench, book = staff.bench, staff.book
    bench.database.dispose()
    stored = {path: path.read_bytes() for path in bench.folder.glob("syncsvc.db*")}
    rows, revision, tokens = [list(row) for row in book.rows], book.revision, set(book.tokens)

    def rewind() -> None:
        bench.database.dispose()
        for path in bench.folder.glob("syncsvc.db*"):
            path.unlink()
        for path, content in stored.items():
            path.write_bytes(content)
        book.rows[:] = [list(row) for row in rows]
        book.revision, book.tokens = revision, set(tokens)

    return rewind


def killed_at(staff: StaffList, boundary: int) -> bool:
    """Start a run that dies at this boundary; False when it was through before."""
    left = [boundary]

    def burn() -> None:
        left[0] -= 1
        if left[0] <= 0:
            raise Killed

    book = staff.book
    staff.bench.database.boundary = book.before_read = book.before_write = book.after_write = burn
    with suppress(Killed):
        sync_table(staff.bench.rt, LIST)
    book.before_read = book.before_write = book.after_write = lambda: None
    staff.bench.restart()
    return left[0] <= 0


class TestKeptApart:
    def test_a_list_is_no_project(self, staff: StaffList) -> None:
        """Its rows are no participants: not among the records, not to be shown or set as one."""
        staff.begin(known=(ANNA,))
        staff.sync()
        assert record_service.list_records(staff.bench.rt) == []
        with pytest.raises(NotFound):
            record_service.list_records(staff.bench.rt, project="directory:jc-beispielstadt")
        with pytest.raises(NotFound, match="Ansprechperson"):
            record_service.show_record(staff.bench.rt, str(staff.book.get(2, 1)))

    @pytest.mark.parametrize(
        ("change", "complaint"),
        [
            (("key: jc-beispielstadt-liste", "key: zweite"), "hat schon eine Liste"),
            (("mapping: verzeichnis", "mapping: standard"), "Zuordnung für eine Liste von Ansprechpersonen"),
            (("directory: jc-beispielstadt", "directory: jc-nord"), "Organisation „jc-nord“ gibt es nicht"),
            (("directory: jc-beispielstadt", "project: bsp"), "Zuordnung für eine Liste von Teilnehmerinnen"),
            (("directory: jc-beispielstadt", "directory: jc-beispielstadt, project: bsp"), "gehört zu keinem Projekt"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, staff: StaffList, change: tuple[str, str], complaint: str) -> None:
        """One list for an organisation, and its own kind of mapping."""
        staff.begin()
        with pytest.raises(InvalidFile, match=complaint):
            staff.apply(THE_LIST.replace(*change).replace("name: liste", "name: andere"))

    def test_fields_of_staff_and_of_participants_do_not_mix(self, staff: StaffList) -> None:
        """A list of participants is never offered a colleague's field, nor the other way round."""
        staff.begin()
        with pytest.raises(InvalidFile, match="keine anderen Felder als staff"):
            staff.apply(STANDARD.replace("field: contact_jc,", "field: staff.family,"))

    def test_the_same_file_again_changes_nothing(self, staff: StaffList) -> None:
        """Applying is idempotent for lists too."""
        staff.begin(known=(ANNA,))
        again = apply_files(staff.bench.rt, [staff.folder / "0.yaml"])
        assert [change.action.value for change in again] == ["unchanged"]


def test_on_both_databases(rt: Runtime, tmp_path: Path) -> None:
    """A row in, a row out, and the list's references counted on."""
    files = [tmp_path / f"{number}.yaml" for number in range(3)]
    programme = """
        organisations: [{key: jc-beispielstadt, kind: jobcentre, name: Jobcenter Beispielstadt}]
        contacts: [{organisation: jc-beispielstadt, family: Müller, given: Anna}]
    """
    mapping = (ROOT / "mappings/verzeichnis.yaml").read_text("utf-8")
    for path, text in zip(files, (programme, mapping, THE_LIST), strict=True):
        path.write_text(dedent(text), "utf-8")
    apply_files(rt, files)
    book = MemoryBook(grid(f"{HEADER}\n| | Schulz | Peter | | | | | | | | | | |"))
    rt.tables.books["liste"] = book
    assert sync_table(rt, LIST).state == "ok"
    assert [row[:2] for row in book.rows[1:]] == [["AP1-0002-H", "Schulz"], ["AP1-0001-J", "Müller"]]
    assert [one["name"] for one in directory.list_contacts(rt)] == ["Müller, Anna", "Schulz, Peter"]
