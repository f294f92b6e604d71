"""What is shown of many is read in as many statements as what is shown of one."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa

from syncsvc.core.mapping import Mapping
from syncsvc.core.schema import mapping_from
from syncsvc.services import mappingdrafts, mappings
from syncsvc.services.coaching import disclosure
from syncsvc.services.contacts import directory, vacancies
from syncsvc.services.sync import sync_table
from syncsvc.store import coaching, records
from syncsvc.store.coaching import NewFlag
from tests.example import Example
from tests.web.staff import staff

KEYS = ["bsp-beispielstadt", "bsp-musterkreis"]
DOCUMENT = {
    "subject": "", "fingerprint": "x", "first": "2026-01-01", "last": None, "reasons": [], "doubts": [],
    "sides": [{"measure": "no", "from": "2026-01-01", "to": None}] * 2,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _synced(example: Example) -> None:
    for key in KEYS:
        sync_table(example.runtime, key)


def statements(example: Example, work: Callable[[], object]) -> int:
    """How many statements the work runs, once what is read but once is read."""
    work()
    ran: list[object] = []

    def count(*_: object) -> None:
        ran.append(1)

    engine = example.runtime.database.engine
    sa.event.listen(engine, "before_cursor_execute", count)
    try:
        work()
    finally:
        sa.event.remove(engine, "before_cursor_execute", count)
    return len(ran)


def test_double_coachings(example: Example) -> None:
    rt = example.runtime
    with rt.database.write() as session:
        project = 1
        refs = records.refs_of_project(session, project)
        found = [
            NewFlag(refs=(a, b), projects=(project, project), grade="certain", weight="clarify", document=DOCUMENT)
            for a, b in pairwise(refs)
        ]
        coaching.add(session, found, state="open", now=rt.clock.now())
    assert len(disclosure.list_flags(rt)) > 2
    one, all_ = (statements(example, lambda limit=limit: disclosure.list_flags(rt, limit=limit)) for limit in (1, None))
    assert all_ == one


def test_tables_whose_rows_have_nobody(example: Example, tmp_path: Path) -> None:
    rt = staff(example, tmp_path).runtime
    directory.mark_left(rt, "c-weiss", None, actor="test")
    assert {one.table for one in vacancies.list_vacancies(rt)} == {"bsp-beispielstadt", "bsp-musterkreis"}
    one = statements(example, lambda: vacancies.list_vacancies(rt, table="bsp-musterkreis"))
    assert statements(example, lambda: vacancies.list_vacancies(rt)) == one


def test_what_a_mapping_does_to_tables(example: Example) -> None:
    rt = example.runtime
    mapping = mapping_from(mappings.current_revision(rt, "standard").body)
    assert isinstance(mapping, Mapping)
    draft = mappingdrafts.begin({}, mapping="standard", revision=1)
    for key in KEYS:
        mappingdrafts.look(rt, draft, mapping, key, 1)
    assert list(mappingdrafts.looked(rt, draft, mapping, KEYS, 1)) == KEYS
    one = statements(example, lambda: mappingdrafts.looked(rt, draft, mapping, KEYS[:1], 1))
    assert statements(example, lambda: mappingdrafts.looked(rt, draft, mapping, KEYS, 1)) == one
