"""Large tables: the number of statements does not grow with the number of rows."""

from __future__ import annotations

from contextlib import contextmanager

from sqlalchemy import event

from syncsvc.core.model import BaseRow, Record
from syncsvc.store import bases, changes, intents, questions, records, tables
from syncsvc.store.changes import Change, Where
from syncsvc.store.intents import Intent
from syncsvc.store.questions import NewQuestion
from tests.factories import NOW, make_project, make_run, make_table


@contextmanager
def counted(database):
    """The statements sent to the database meanwhile, as a list that fills up."""
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine, "before_cursor_execute", note)


def store_everything(database, table, refs):
    """Write and read back one of everything a run stores for each reference; return the number of statements."""
    with counted(database) as statements:
        with database.write() as session:
            project, run = tables.by_id(session, table).project_id, make_run(session, table)
            new = [Record(ref, {"customer_no": ref}) for ref in refs]
            records.create(session, project, new, NOW)
            records.save(session, project, new, NOW)
            bases.save(session, table, ["note"], [BaseRow(ref, ("x",), ("x",)) for ref in refs])
            intents.add(session, table, run, [Intent("t", ref, "note", "v1", {}) for ref in refs], NOW)
            asked = [NewQuestion(kind="conflict", digest=ref, document={}) for ref in refs]
            questions.open_many(session, table, asked, run_id=run, now=NOW)
            changes.append(session, [Change(NOW, ref, "note", Where.RECORD, "table", "", 1, 2) for ref in refs])
        with database.write() as session:
            open_now = {question.id: question for question in questions.open_for(session, table)}
            questions.update(session, table, open_now)
            questions.close(session, list(open_now), run_id=None, now=NOW)
            intents.drop(session, table, "t")
            assert len(records.of_project(session, project)) == len(refs)
            assert len(bases.load(session, table, ["note"]).rows) == len(refs)
            bases.forget(session, table, refs)
    return len(statements)


def test_a_large_table_takes_as_many_statements_as_a_small_one(database):
    with database.write() as session:
        small = make_table(session, "small", project_id=make_project(session, "one", prefix="ONE"))
        large = make_table(session, "large", project_id=make_project(session, "two", prefix="TWO"))
    few = store_everything(database, small, ["ONE-1"])
    assert store_everything(database, large, [f"TWO-{number}" for number in range(400)]) == few
