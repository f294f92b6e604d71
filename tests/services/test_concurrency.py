"""Several processes work on one database at once: nobody is told that it is busy, and no update is lost."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

from syncsvc.providers.registry import Registry
from syncsvc.services import vocabularies
from syncsvc.services.leases import process_name
from syncsvc.services.programme import apply_files
from syncsvc.services.recordlists import import_file
from syncsvc.services.records import set_values
from syncsvc.services.runtime import Runtime
from syncsvc.services.sync import sync_table
from syncsvc.store import changes, projects, questions, records
from syncsvc.store.database import Database
from syncsvc.store.questions import NewQuestion
from tests.example import HEADER, MAPPING, PROGRAMME, FakeClock
from tests.factories import NOW, make_vault
from tests.providers.workbook.people import WorkbookBench

TABLES = {"bsp-beispielstadt": "beispielstadt", "bsp-musterkreis": "musterkreis"}
ROWS, ROUNDS = 20, 3


def letters(number: int) -> str:
    """A different ending for every name."""
    return chr(97 + number // 26) + chr(97 + number % 26)


def open_runtime(url: str, folder: Path) -> Runtime:
    return Runtime(Database(url, make_vault()), Registry(folder), FakeClock(), vocabularies.load(), process_name())


def sync_all(url: str, folder: Path) -> set[str]:
    """A background process: both tables, again and again."""
    rt = open_runtime(url, folder)
    states = {sync_table(rt, table).state for _ in range(ROUNDS) for table in TABLES}
    rt.database.dispose()
    return states


def edit_and_answer(url: str, folder: Path) -> dict[str, str]:
    """An admin: one edit and one answer after the other; what each record was given last."""
    rt, last = open_runtime(url, folder), {}
    with rt.database.read() as session:
        refs = list(records.of_project(session, projects.get(session, "bsp").id))
        asked = [question.id for question in questions.open_for(session, None)]
    for number, question in zip(range(ROUNDS * 5), asked, strict=True):
        ref = refs[number % 20]
        last[ref] = f"Notiz {number}"
        assert set_values(rt, ref, {"custom.note": last[ref]}, actor="lead")
        with rt.database.write() as session:
            questions.answer(session, question, "yes", by="lead", now=NOW)
    rt.database.dispose()
    return last


def import_lists(url: str, folder: Path) -> int:
    """Somebody imports lists of new participants."""
    rt = open_runtime(url, folder)
    for number in range(ROUNDS):
        file = folder / f"liste-{number}.csv"
        people = [f";Neu{letters(10 * number + index)}, Eva;01.09.2024" for index in range(10)]
        file.write_text("\n".join(["TN-Nr.;Name;Eintritt", *people]), "utf-8")
        import_file(rt, file, "bsp", actor="office")
    rt.database.dispose()
    return ROUNDS * 10


def test_syncs_edits_answers_and_imports_at_once_lose_nothing(url, tmp_path):
    programme = PROGRAMME
    for name in TABLES.values():
        place = f"{{provider: workbook, path: {name}.xlsx, worksheet: Teilnehmerinnen}}"
        programme = programme.replace(f"{{provider: memory, name: {name}}}", place)
        people = [[None, f"{name.title()}{letters(index)}, Ada", "01.09.2024", None, None] for index in range(ROWS)]
        WorkbookBench(tmp_path / f"{name}.xlsx").make([list(HEADER), *people])
    (tmp_path / "mapping.yaml").write_text(MAPPING, "utf-8")
    (tmp_path / "programme.yaml").write_text(programme, "utf-8")
    rt = open_runtime(url, tmp_path)
    apply_files(rt, [tmp_path / "mapping.yaml", tmp_path / "programme.yaml"])
    assert {sync_table(rt, table).state for table in TABLES} == {"ok"}
    with rt.database.write() as session:
        asked = [NewQuestion(kind="contact", digest=str(number), document={}) for number in range(ROUNDS * 5)]
        questions.open_many(session, None, asked, run_id=None, now=NOW)

    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([__name__])  # the program is loaded once, not four times
    with ProcessPoolExecutor(4, mp_context=processes) as pool:
        syncs = [pool.submit(sync_all, url, tmp_path) for _ in range(2)]
        admin: Future[dict[str, str]] = pool.submit(edit_and_answer, url, tmp_path)
        office = pool.submit(import_lists, url, tmp_path)
        # held: records moved under each of its attempts; the next run goes on
        assert set.union(*(one.result() for one in syncs)) <= {"ok", "unchanged", "held"}
        last, imported = admin.result(), office.result()

    for table in TABLES:
        sync_table(rt, table)
    with rt.database.read() as session:
        people = records.of_project(session, projects.get(session, "bsp").id)
        assert len(people) == 2 * ROWS + imported
        assert {ref: people[ref].values.get("custom.note") for ref in last} == last
        logged = [change.new for ref in last for change in changes.of_record(session, ref) if change.actor == "lead"]
        assert sorted(map(str, logged)) == sorted(f"Notiz {number}" for number in range(ROUNDS * 5))
        assert questions.open_for(session, None) == []
    shown = {
        row[0]: row[3]
        for name in TABLES.values()
        for row in WorkbookBench(tmp_path / f"{name}.xlsx").cells()
        if row[3:]
    }
    assert {ref: shown[ref] for ref in last} == last
    assert {(one.state, one.cells_written) for one in (sync_table(rt, table) for table in TABLES)} == {("unchanged", 0)}
    rt.database.dispose()
