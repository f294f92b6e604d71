"""What waits for people: questions by filter, grouped so that one answer settles many, page by page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from syncsvc.core import questions as wording
from syncsvc.core.access import Reach, Right, Viewer
from syncsvc.core.asked import Asked, Choice
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Side
from syncsvc.errors import NotFound
from syncsvc.services.questions import Layout, QuestionView, Reader, mapping_of
from syncsvc.services.runtime import Runtime
from syncsvc.store import bases, changes, inbox, mappings, questions, records
from syncsvc.store.changes import Origin
from syncsvc.store.inbox import Columns, Filter
from syncsvc.store.models import CoachingFlag, Organisation, Project, QuestionState, Table
from syncsvc.store.questions import Question

SHOWN: Final = 25
"""Groups on one page."""

MEMBERS: Final = 100
"""Questions of one group that are shown, and that one answer settles at once."""

SHARED: Final = ("contact", "handover")
"""Kinds whose questions may be about several rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which questions somebody asks for; empty is all of them.

    ``table`` and ``project`` are keys; ``turn`` is project or jobcentre, who knows the answer; ``days``: asked at least
    so many days ago; ``ref``: about this participant.
    """

    state: str = "open"
    table: str = ""
    project: str = ""
    kind: str = ""
    turn: str = ""
    days: int = 0
    ref: str = ""

    @property
    def narrowed(self) -> bool:
        """It asks for less than all questions of its state."""
        return self != Wanted(state=self.state)


@dataclass(frozen=True, slots=True)
class Row:
    """One row that a question is about, its values as people read them."""

    ref: str
    number: int | None
    sheet: str
    record: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question. ``origin``: who set the record's value and when; ``flag``: the double coaching it asks about.

    ``refs``: the participants it says something about.
    """

    view: QuestionView
    asked: Asked
    rows: tuple[Row, ...]
    origin: Origin | None
    flag: int | None
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that one answer may settle, or a single one. ``count`` is how many there are, ``items`` those shown.

    ``owner``: whose column it is; None where it is about no column. ``editors`` type in its table. ``mine``: the viewer
    works with these participants, and may know who did what.
    """

    items: tuple[Item, ...]
    count: int
    text: str
    choices: tuple[Choice, ...]
    owner: Side | None
    editors: tuple[str, ...]
    mine: bool

    @property
    def first(self) -> Item:
        return self.items[0]


@dataclass(frozen=True, slots=True)
class TableName:
    """A table as filters offer it."""

    id: int
    key: str
    project_id: int
    jobcentre_id: int | None
    mapping_id: int
    jobcentre: str
    project: str
    project_name: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of questions; ``page`` of ``pages``, both from 1. ``kinds`` counts the filter's questions by kind."""

    groups: tuple[Group, ...]
    group_count: int
    question_count: int
    page: int
    pages: int
    kinds: Mapping[str, int]
    tables: tuple[TableName, ...]

    @property
    def refs(self) -> list[str]:
        """The participants this page says something about."""
        return sorted({ref for group in self.groups for item in group.items for ref in item.refs})


def read(rt: Runtime, viewer: Viewer, wanted: Wanted, *, page: int = 1) -> Inbox:
    """One page of what this viewer may see of the questions asked for; ``rt`` is the runtime as she sees it.

    Open questions come in groups, what holds a whole table first, then the newest; answered and settled ones single,
    the last first. A page beyond the last is the last. A job centre sees only questions about columns that its tables
    show.
    """
    with rt.database.read() as session:
        names = _tables(session)
        selection = _filter(rt, session, viewer, wanted, names)
        kinds = inbox.counts_by_kind(session, selection)
        total = sum(number for kind, number in kinds.items() if wanted.kind in ("", kind))
        if selection.state is QuestionState.OPEN:
            found = _open(session, selection, page)
            members, count = [(group.ids, group.count) for group in found.groups], found.group_count
        else:
            count = total
            page = min(page, _pages(count))
            ids = inbox.closed(session, selection, limit=SHOWN, offset=(page - 1) * SHOWN)
            members = [((number,), 1) for number in ids]
        groups = _Groups(rt, session, viewer).of(members)
    pages = _pages(count)
    return Inbox(groups, count, total, min(page, pages), pages, kinds, tuple(names))


def one(rt: Runtime, viewer: Viewer, question_id: int) -> Group:
    """One question in any state, as ``read`` shows it. Raises ``NotFound``, also for what is not for this viewer."""
    with rt.database.read() as session:
        question = questions.get(session, question_id)
        names = _tables(session)
        selection = Filter(state=question.state, ids=[question_id], within=_within(session, viewer, names))
        if question.table_id is not None and not sum(inbox.counts_by_kind(session, selection).values()):
            raise NotFound(f"Die Klärung {question_id} gibt es nicht.")
        return _Groups(rt, session, viewer).of([((question_id,), 1)])[0]


def counts(rt: Runtime) -> dict[tuple[str, str], int]:
    """How many questions are open by table and kind; the table ``""`` has those about double coachings."""
    with rt.database.read() as session:
        keys = {table.id: table.key for table in _tables(session)}
        found = inbox.counts_by_table(session, Filter())
    return {(keys.get(table or 0, ""), kind): number for (table, kind), number in sorted(found.items(), key=str)}


def _open(session: Session, selection: Filter, page: int) -> inbox.Found:
    found = inbox.open_groups(session, selection, limit=SHOWN, offset=(page - 1) * SHOWN, members=MEMBERS)
    if found.groups or page == 1:
        return found
    first = inbox.open_groups(session, selection, limit=1, offset=0, members=1)  # answered meanwhile: the last page
    offset = (_pages(first.group_count) - 1) * SHOWN
    return inbox.open_groups(session, selection, limit=SHOWN, offset=offset, members=MEMBERS)


def _pages(count: int) -> int:
    return max(1, -(-count // SHOWN))


def _tables(session: Session) -> list[TableName]:
    query = (
        sa.select(
            Table.id, Table.key, Table.project_id, Table.jobcentre_id, Table.mapping_id, Organisation.name, Project.key,
            Project.name,
        )
        .join(Project, Project.id == Table.project_id)
        .outerjoin(Organisation, Organisation.id == Table.jobcentre_id)
        .order_by(Table.key)
    )  # fmt: skip
    return [
        TableName(row[0], row[1], row[2], row[3], row[4], row[5] or "", row[6], row[7])
        for row in session.execute(query)
    ]


def _filter(rt: Runtime, session: Session, viewer: Viewer, wanted: Wanted, names: Sequence[TableName]) -> Filter:
    ids = None
    if wanted.table or wanted.project:
        ids = [one.id for one in names if wanted.table in ("", one.key) and wanted.project in ("", one.project)]
    state = QuestionState(wanted.state)
    theirs = _jobcentres_columns(session, names) if wanted.turn else None
    return Filter(
        state=state,
        tables=ids,
        kind=wanted.kind or None,
        before=rt.clock.now() - timedelta(days=wanted.days) if wanted.days else None,
        ids=_about(session, wanted.ref, state) if wanted.ref else None,
        about=theirs if wanted.turn == Side.JOBCENTRE else None,
        beside=theirs if wanted.turn == Side.PROJECT else None,
        within=_within(session, viewer, names),
    )


def _about(session: Session, ref: str, state: QuestionState) -> list[int]:
    """The questions about this participant; whoever may not know of her is told nothing."""
    if not records.some(session, [ref]):
        return []
    found = inbox.about_ref(session, ref)
    tables = bases.tables_of(session, [ref]).get(ref, set())
    many = questions.some(session, inbox.shared(session, tables, SHARED, state)) if tables else []
    return [*found, *(question.id for question in many if ref in {cell.ref for cell in question.cells})]


def _jobcentres_columns(session: Session, names: Sequence[TableName]) -> Columns:
    """The columns that the job centres own."""
    tables = _by_mapping(names)
    return [
        (tables[mapping_id], [one["field"] for one in revision.body["columns"] if one["owner"] == Side.JOBCENTRE])
        for mapping_id, revision in mappings.current_of(session, tables.keys()).items()
    ]


def _within(session: Session, viewer: Viewer, names: Sequence[TableName]) -> Columns | None:
    """The columns this viewer may see questions about; None: all, because she may see whole records anyway."""
    if _covers_all(viewer.reach(Right.RECORDS), names):
        return None
    reach = viewer.reach(Right.RECORDS)
    own = [one for one in names if reach.covers(one.project_id, one.jobcentre_id)]
    others = [one for one in names if one not in own]
    return [
        *((tables, [column.field for column in mapping.columns]) for mapping, tables in _mappings(session, own)),
        *((tables, mapping.shown) for mapping, tables in _mappings(session, others)),
    ]


def _covers_all(reach: Reach, names: Sequence[TableName]) -> bool:
    return all(reach.covers(one.project_id, one.jobcentre_id) for one in names)


def _mappings(session: Session, names: Sequence[TableName]) -> list[tuple[TableMapping, list[int]]]:
    """Each mapping in use with the ids of its tables."""
    return [(mapping_of(session, mapping_id), ids) for mapping_id, ids in _by_mapping(names).items()]


def _by_mapping(names: Sequence[TableName]) -> dict[int, list[int]]:
    tables: dict[int, list[int]] = defaultdict(list)
    for one in names:
        tables[one.mapping_id].append(one.id)
    return tables


class _Groups:
    """Makes groups of questions, with all they show; each thing is loaded once."""

    def __init__(self, rt: Runtime, session: Session, viewer: Viewer) -> None:
        self._rt, self._session = rt, session
        self._records = viewer.reach(Right.RECORDS)

    def of(self, members: Sequence[tuple[Sequence[int], int]]) -> tuple[Group, ...]:
        """A group for each of these (ids, how many there are), in this order."""
        ids = [number for some, _ in members for number in some]
        found = {question.id: question for question in questions.some(self._session, ids)}
        shown = list(found.values())
        self._reader = Reader(self._rt, self._session, shown)
        refs = sorted({cell.ref for question in shown for cell in question.cells})
        fields = sorted({question.field for question in shown if question.field})
        origins = changes.origins(self._session, refs, fields) if refs else {}
        tableless = [question.id for question in shown if question.table_id is None]
        asked = inbox.flags_of(self._session, tableless) if tableless else {}
        groups = []
        for some, count in members:
            items = [self._item(found[number], origins, asked.get(number)) for number in some if number in found]
            if items:
                groups.append(self._group(found[some[0]], items, count))
        return tuple(groups)

    def _item(self, question: Question, origins: Mapping[tuple[str, str], Origin], flag: CoachingFlag | None) -> Item:
        layout, asked = self._reader.layout(question.table_id), self._reader.asked(question)
        rows = tuple(
            Row(cell.ref, cell.row, *(layout.show(question.field, cell.document.get(part)) for part in _SIDES))
            for cell in question.cells
        )
        if not self._mine(layout):
            return self._outside(question, asked, rows)
        # Between two projects a coaching names nobody (services/coaching/flags.py).
        named = () if flag is None or flag.project_a != flag.project_b else (flag.ref_a, flag.ref_b)
        number = question.document.get("flag")
        view = self._reader.view(question, asked)
        return Item(
            view,
            asked,
            rows,
            origins.get((question.ref or "", question.field or "")),
            number if isinstance(number, int) else None,
            tuple(sorted({*named, *view.refs})),
        )

    def _mine(self, layout: Layout) -> bool:
        return layout.table_id is None or self._records.covers(layout.project_id, None)

    def _outside(self, question: Question, asked: Asked, rows: tuple[Row, ...]) -> Item:
        """The question for somebody who sees the table's rows and no records: what stands in the cells, and what the
        rows themselves say about it; no value the table has not shown, and nobody else's reference or name."""
        known = replace(asked, record="", proposal="", candidates=(), names={})
        text = wording.text_in_rows(known)
        view = replace(
            self._reader.view(question, asked), text=text, choices=(), record=None, proposal=None, answered_by=None
        )
        refs = {*(row.ref for row in rows), *([question.ref] if question.ref else [])}
        return Item(view, known, tuple(replace(row, record="") for row in rows), None, None, tuple(sorted(refs)))

    def _group(self, question: Question, items: Sequence[Item], count: int) -> Group:
        layout, first = self._reader.layout(question.table_id), items[0]
        known = layout.fields.get(question.field or "")
        text, choices = first.view.text, first.view.choices
        mine, refs = self._mine(layout), tuple(item.view.ref or "" for item in items)
        if count > 1 and not mine:
            text = wording.text_in_rows(replace(first.asked, refs=refs))
        elif count > 1:
            text = wording.text_together(first.asked, refs)
            choices = wording.choices_together(first.asked, [item.view.choices for item in items])
        return Group(
            items=tuple(items),
            count=count,
            text=text,
            choices=choices,
            owner=known[0].owner if known else None,
            editors=layout.edited_by,
            mine=mine,
        )


_SIDES = ("sheet", "record")
