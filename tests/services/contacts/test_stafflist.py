"""A job centre's list of staff as a table of its own: its rows are the directory's people, in both directions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from syncsvc.core.fields import DirectoryContact
from syncsvc.errors import InvalidFile, NotFound
from syncsvc.providers.memory import MemoryBook
from syncsvc.services import records as record_service
from syncsvc.services.contacts import directory
from syncsvc.services.programme import apply_files
from syncsvc.services.questions import QuestionView, answer_question, list_questions
from syncsvc.services.runs import undo_run
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
        assert (outcome.state, outcome.receipt["lost"]) == ("ok", 0), outcome
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
        return [question for question in list_questions(self.bench.rt, table=LIST)]

    def column(self, header: str) -> int:
        return self.book.rows[0].index(header) + 1

    def row(self, name: str) -> int:
        return next(n for n in range(1, len(self.book.rows) + 1) if self.book.get(n, self.column("Name")) == name)


@pytest.fixture
def staff(bench: Bench, tmp_path: Path) -> Iterator[StaffList]:
    book, participants = MemoryBook(), MemoryBook(grid("| TN-Nr. | Eintritt | Ansprechperson JC | Durchwahl | Hinweis |"))
    bench.registry.books |= {"liste": book, "teilnehmerinnen": participants}
    yield StaffList(bench, tmp_path, book, participants)


class TestTheFirstRun:
    def test_an_empty_list_gets_everybody_who_has_not_left(self, staff: StaffList) -> None:
        """The directory is there already; the list shows it."""
        gone = DirectoryContact("c-9", "jc-beispielstadt", "Alt", "Eva", left_on=staff.bench.rt.today().replace(day=1))
        staff.begin(known=(ANNA, PETER, gone))
        staff.sync()
        staff.shows(f"""
            | Nr.        | Name   | Vorname | Funktion             | Durchwahl     | E-Mail             | Vertretung   |
            | Nr.        | Name   | Vorname | Funktion             | Durchwahl     | E-Mail             | Vertretung   |
            | AP1-0001-… | Müller | Anna    | Integrationsfachkraft | 030 23125-101 | anna.mueller@{HOUSE} |            |
            | AP1-0002-… | Schulz | Peter   |                      | 030 23125-102 |                    | Müller, Anna |
        """.split("\n", 2)[2])

    def test_a_filled_list_makes_the_directory(self, staff: StaffList) -> None:
        """A deputy may stand further down; nothing is asked."""
        staff.begin("""
            | Name   | Vorname | Funktion | Durchwahl | Vertretung | Stand bestätigt |
            | Müller | Anna    | IFK      | -101      | Schulz     | 02/2026         |
            | Schulz | Peter   |          |           |            |                 |
        """)
        staff.sync()
        people = staff.people()
        assert (people["Müller"].role, people["Müller"].phone) == ("integration", "030 23125-101")
        assert people["Müller"].deputy == people["Schulz"].key
        assert f"{people['Müller'].confirmed_on}" == "2026-02-28"
        assert staff.questions() == []

    def test_who_is_known_is_not_doubled(self, staff: StaffList) -> None:
        """Known by her name, in whichever cell; each side fills what the other lacks, and who is not listed is added."""
        staff.begin("| Name | Vorname | Team |\n| Müller, Anna | | 4711 |", known=(ANNA, PETER))
        staff.sync()
        people = staff.people()
        assert people.keys() == {"Müller", "Schulz"}
        assert (people["Müller"].team, people["Müller"].key) == ("4711", "c-1")
        staff.shows("""
            | Name         | Durchwahl     |
            | Name         | Durchwahl     |
            | Müller, Anna | 030 23125-101 |
            | Schulz       | 030 23125-102 |
        """.split("\n", 2)[2])

    def test_both_sides_differ_is_a_question(self, staff: StaffList) -> None:
        """Neither number is thrown away; the answer moves the directory."""
        staff.begin("| Name | Vorname | Durchwahl |\n| Müller | Anna | 030 23125-150 |", known=(ANNA,))
        staff.sync()
        (question,) = staff.questions()
        assert question.kind == "conflict"
        assert staff.people()["Müller"].phone == "030 23125-101"
        answer_question(staff.bench.rt, question.id, "sheet", actor="leitung")
        assert staff.people()["Müller"].phone == "030 23125-150"
