"""Shared tables as an admin sees them: state, check, set-up, release."""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from syncsvc.core import questions as wording
from syncsvc.core.asked import RELEASE
from syncsvc.core.binding import Place, bind, column_letter
from syncsvc.core.fields.registry import CATALOGUE
from syncsvc.core.ladder import DAILY_AFTER
from syncsvc.core.layout import make_layout
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Base, CellWrite, Patch, Side, Snapshot
from syncsvc.core.plan import column_sentence
from syncsvc.errors import Actor, ConfigurationError, PlanMoved, TableError, UsageError
from syncsvc.ports.tables import Check
from syncsvc.ports.tables import Table as TablePort
from syncsvc.services.answers import approve
from syncsvc.services.leases import Lease, leased
from syncsvc.services.questions import LEASE_WAIT
from syncsvc.services.runtime import Runtime
from syncsvc.services.schedules import rests_until
from syncsvc.services.situations import load_facts, mapping_of
from syncsvc.services.twins import refuse_twin
from syncsvc.store import audit, leases, mappings, pauses, projects, questions, runs, tables
from syncsvc.store.models import LIST_KEY, Organisation, Project, Question, QuestionState, Table, TableState
from syncsvc.store.models import Mapping as MappingRow

TURNS = ("you", "project", "jobcentre", "access", "operator", "platform", "soon", "paused")
"""Who has to act for a table that is not current, those who can do most first: whoever looks, who fills it at the
project or at the job centre, who grants access, who runs the service; nobody while the platform recovers or the first
run comes; nobody until somebody resumes it."""


@dataclass(frozen=True, slots=True)
class TableView:
    """``state`` is new, ok, held or failed; ``message`` says why in German, empty when all is well.

    ``releases`` is the open question that a release would answer, None where nothing can be released. ``fault``: who
    has to act (``errors.Actor``) so that a failing table goes on; ``daily``: it is only tried once a day by now.
    ``requested_at``: a person asked for a run that has not ended yet; ``working``: a run has the table in its hands,
    and since ``writing_since`` (None: not yet) it knows what to do.
    ``rests_until``: the platform throttles its account. Of its ``open_questions``, ``jobcentre_questions`` are about
    columns that the job centre owns. ``paused_at``, ``paused_by`` and ``paused_reason`` tell of a table that is not
    ``enabled``; None and empty where nobody knows.
    """

    key: str
    project: str
    project_id: int
    project_name: str
    jobcentre: str | None
    jobcentre_id: int | None
    jobcentre_name: str
    mapping: str
    location: Mapping[str, str]
    edited_by: tuple[str, ...]
    schedule: str
    zone: str
    quiet_hours: str
    land: str
    state: str
    message: str
    since: datetime | None
    last_agreed_at: datetime | None
    checked_at: datetime | None
    next_due_at: datetime | None
    failures: int
    fault: str | None
    daily: bool
    requested_at: datetime | None
    working: bool
    writing_since: datetime | None
    rests_until: datetime | None
    open_questions: int
    jobcentre_questions: int
    releases: int | None
    enabled: bool
    paused_at: datetime | None
    paused_by: str | None
    paused_reason: str

    @property
    def shown(self) -> str:
        """``state`` as people are shown it: ``paused`` for a table that is switched off, ``daily`` for one given up."""
        return "paused" if not self.enabled else "daily" if self.daily else self.state

    @property
    def is_list(self) -> bool:
        """Whether it is an organisation's list of staff."""
        return self.project.startswith(LIST_KEY)

    @property
    def agreed_at(self) -> datetime | None:
        """When both sides were last known to agree; a look that finds nothing new counts. None: never."""
        return self.checked_at if self.state == TableState.OK and self.last_agreed_at else self.last_agreed_at

    @property
    def turn(self) -> str:
        """Who has to act so that the table is current: one of ``TURNS``, empty while it is."""
        if not self.enabled:
            return "paused"
        if self.awaits_release:
            return "you"
        if self.fault == Actor.TABLE or (self.state == TableState.HELD and self.fault is None):
            return "jobcentre" if self.edited_by == (Side.JOBCENTRE,) else "project"
        if self.fault:
            return self.fault
        return "soon" if self.state == TableState.NEW else ""

    @property
    def awaits_release(self) -> bool:
        """It is held until somebody looks at the preview and releases it."""
        return self.releases is not None


def list_tables(rt: Runtime) -> list[TableView]:
    """All tables, by key."""
    with rt.database.read() as session:
        return _views(rt, session, None)


def get_table(rt: Runtime, key: str) -> TableView:
    """One table. Raises ``NotFound``."""
    with rt.database.read() as session:
        return _views(rt, session, tables.get(session, key).id)[0]


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column of the table's mapping. ``letter``: where it was found when last read, empty for nowhere yet.

    ``hidden``: the mapping's privacy level keeps it empty here.
    """

    header: str
    label: str
    owner: str
    required: bool
    letter: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Setup:
    """How a table is set up: its mapping's columns, and where people open it (empty where there is no address)."""

    title: str
    revision: int
    level: int
    columns: tuple[ColumnView, ...]
    address: str


def setup_of(rt: Runtime, key: str) -> Setup:
    """What the table's mapping says. Touches nothing but the database. Raises ``NotFound``, ``ConfigurationError``."""
    with rt.database.read() as session:
        table = tables.get(session, key)
        revision = mappings.current(session, table.mapping_id)
    mapping = mapping_of(table, revision)
    columns = tuple(
        ColumnView(
            column.header,
            CATALOGUE[column.field].label if column.field in CATALOGUE else column.header,
            column.owner.value,
            column.required,
            column_letter(table.binding[column.field]["column"]) if column.field in table.binding else "",
            column.field not in mapping.shown,
        )
        for column in mapping.columns
    )
    return Setup(mapping.title, revision.number, mapping.privacy_level, columns, _address(rt, table))


def _address(rt: Runtime, table: Table) -> str:
    try:
        return rt.tables.open(tables.whereabouts(table)).address
    except ConfigurationError:
        return ""  # its sync says what is wrong


def check_table(rt: Runtime, key: str) -> list[Check]:
    """What works and what does not, each with the next step. Writes nothing. Raises ``NotFound``."""
    with rt.database.read() as session:
        facts = load_facts(session, key)
    table = rt.tables.open(tables.whereabouts(facts.table))
    checks = table.check()
    try:
        snapshot = table.read()
        with rt.database.read() as session:
            refuse_twin(rt, session, facts.table, snapshot.identity)
    except TableError as error:
        return (
            checks
            if any(not check.ok for check in checks)
            else [*checks, Check(ok=False, text=error.message, hint=error.hint)]
        )
    places = {name: Place(place["header"], place["column"]) for name, place in facts.table.binding.items()}
    return [*checks, *_column_checks(facts.mapping, snapshot, places)]


def setup_table(rt: Runtime, key: str, *, actor: str = "cli") -> list[str]:
    """Write the header into an empty table, and have the platform make it easy to fill. Idempotent.

    Content stays as it is, and so does whatever people set up. Returns what was done, in German sentences. Raises
    ``NotFound``, ``TableError``, or ``UsageError`` when the content has no header.
    """
    with rt.database.read() as session:
        facts = load_facts(session, key)
    table = rt.tables.open(tables.whereabouts(facts.table))
    places = {name: Place(place["header"], place["column"]) for name, place in facts.table.binding.items()}
    with leased(rt, facts.table.id, wait=LEASE_WAIT) as lease:
        snapshot = table.read()
        with rt.database.read() as session:
            refuse_twin(rt, session, facts.table, snapshot.identity)
        if any(cell is not None for row in snapshot.rows for cell in row.cells):
            done = "Die Kopfzeile ist schon da."
            binding = bind(facts.mapping, snapshot, places, Base((), {}))
            if binding is None:
                raise UsageError(
                    "In der Tabelle steht etwas, aber keine Kopfzeile.",
                    hint="Die Überschriften der Zuordnung in die erste Zeile schreiben oder ein leeres Blatt wählen.",
                )
            header_row, columns = binding.header_row, binding.columns
        else:
            header_row, columns = 1, {column.field: n for n, column in enumerate(facts.mapping.columns, start=1)}
            done = f"Die Kopfzeile mit {len(columns)} Spalten ist geschrieben."
            _write_header(table, snapshot, [column.header for column in facts.mapping.columns], lease)
        layout = make_layout(
            facts.mapping,
            header_row,
            columns,
            edited_by={Side(side) for side in facts.table.edited_by},
            vocabularies=rt.vocabularies,
        )
        said = [done, *table.prepare(layout, lease.check)]
        with lease.write() as session:
            now, project_id = rt.clock.now(), facts.project.id
            audit.note(session, "table.setup", key, actor=actor, now=now, project_id=project_id)
        return said


def _write_header(table: TablePort, snapshot: Snapshot, headers: list[str], lease: Lease) -> None:
    writes = tuple(CellWrite(None, 1, number, None, header) for number, header in enumerate(headers, start=1))
    token = secrets.token_hex(8)
    table.write(Patch(token, snapshot.version, 1, 1, writes), lease.check)
    table.settle(token)


def release_table(rt: Runtime, key: str, *, actor: str, shown: int | None = None) -> str:
    """Approve what stopped a held table, as its preview showed it. Returns what was approved.

    ``shown`` is the question the person was shown (``TableView.releases``). Raises ``NotFound``, ``PlanMoved`` when the
    table is held for something else by now, or ``UsageError`` when nothing is held or only a change in the table helps.
    """
    with rt.database.read() as session:
        facts = load_facts(session, key)
    with leased(rt, facts.table.id, wait=LEASE_WAIT) as lease, lease.write() as session:
        facts = load_facts(session, key)
        held = next((question for question in facts.open if question.kind == "held"), None)
        if held is None:
            raise UsageError(f"Die Tabelle „{key}“ ist nicht angehalten.", hint="Es gibt nichts freizugeben.")
        if held.code in wording.UNRELEASABLE:
            raise UsageError(
                f"Das lässt sich nicht freigeben: {held.document['text']}",
                hint="Bitte in der Tabelle in Ordnung bringen.",
            )
        if shown not in (None, held.id):
            raise PlanMoved
        now = rt.clock.now()
        message = approve(session, facts, held)
        questions.answer(session, held.id, RELEASE, by=actor, now=now)
        questions.close(session, [held.id], run_id=None, now=now)
        projects.bump(session, facts.project.id)
        audit.note(
            session, "table.released", key, actor=actor, now=now, project_id=facts.project.id,
            details={"kind": held.code},
        )  # fmt: skip
    return f"{message} Freigegeben wurde: {held.document['text']}"


def _views(rt: Runtime, session: Session, table_id: int | None) -> list[TableView]:
    query = (
        sa.select(Table, Project.key, Project.name, Organisation.key, Organisation.name, MappingRow.key)
        .join(Project, Project.id == Table.project_id)
        .join(MappingRow, MappingRow.id == Table.mapping_id)
        .outerjoin(Organisation, Organisation.id == Table.jobcentre_id)
        .order_by(Table.key)
    )
    rows = session.execute(query if table_id is None else query.where(Table.id == table_id)).all()
    asked = _asked(session, [row[0] for row in rows])
    held = sa.select(Question.table_id, Question.id).where(
        Question.state == QuestionState.OPEN, Question.kind == "held", Question.code.not_in(wording.UNRELEASABLE)
    )
    releases = dict(session.execute(held).all())
    resting = pauses.standing(session, rt.clock.now())
    working = leases.running(session, rt.clock.now())
    writing = runs.running(session, working) if working else {}
    return [
        TableView(
            key=table.key,
            project=project,
            project_id=table.project_id,
            project_name=project_name,
            jobcentre=jobcentre,
            jobcentre_id=table.jobcentre_id,
            jobcentre_name=jobcentre_name or "",
            mapping=mapping,
            location=table.location,
            edited_by=tuple(table.edited_by),
            schedule=table.schedule,
            zone=table.zone,
            quiet_hours=table.quiet_hours,
            land=table.land,
            state=table.state.value,
            message=table.message,
            since=table.since,
            last_agreed_at=table.last_agreed_at,
            checked_at=table.checked_at,
            next_due_at=table.next_due_at,
            failures=table.failures,
            fault=table.fault,
            daily=table.state is TableState.FAILED and table.failures >= DAILY_AFTER,
            requested_at=table.requested_at,
            working=table.id in working,
            writing_since=writing.get(table.id),
            rests_until=rests_until(rt, table, resting),
            open_questions=sum(asked[table.id].values()),
            jobcentre_questions=asked[table.id][Side.JOBCENTRE],
            releases=releases.get(table.id),
            enabled=table.enabled,
            paused_at=table.paused_at,
            paused_by=table.paused_by,
            paused_reason=table.paused_reason,
        )
        for table, project, project_name, jobcentre, jobcentre_name, mapping in rows
    ]


def _asked(session: Session, found: Sequence[Table]) -> defaultdict[int, Counter[Side]]:
    """How many questions are open, by table and whose column they are about; what is about none is the project's."""
    query = (
        sa.select(Question.table_id, Question.field, sa.func.count())
        .where(Question.state == QuestionState.OPEN, Question.table_id.is_not(None))
        .group_by(Question.table_id, Question.field)
    )
    if len(found) == 1:
        query = query.where(Question.table_id == found[0].id)
    rows = session.execute(query).all()
    asking = {table_id for table_id, _, _ in rows}
    used = {table.id: table.mapping_id for table in found if table.id in asking}
    owners = {
        mapping_id: {column["field"]: column["owner"] for column in revision.body["columns"]}
        for mapping_id, revision in mappings.current_of(session, set(used.values())).items()
    }
    counts: defaultdict[int, Counter[Side]] = defaultdict(Counter)
    for table_id, field, count in rows:
        if table_id in used:
            owner = owners[used[table_id]].get(field)
            counts[table_id][Side.JOBCENTRE if owner == Side.JOBCENTRE else Side.PROJECT] += count
    return counts


def _column_checks(mapping: TableMapping, snapshot: Snapshot, places: Mapping[str, Place]) -> list[Check]:
    binding = bind(mapping, snapshot, places, Base((), {}))
    if binding is None:
        hint = "Die Überschriften der Zuordnung in eine der ersten 20 Zeilen schreiben oder „tables setup“ aufrufen."
        return [Check(ok=False, text="Kopfzeile nicht gefunden.", hint=hint)]
    letters = ", ".join(f"{binding.headers[name]} ({column_letter(n)})" for name, n in binding.columns.items())
    checks = [Check(ok=True, text=f"Kopfzeile in Zeile {binding.header_row}; gefunden: {letters}.")]
    for held in binding.held:
        hint = "Überschrift in der Tabelle ändern, oder die Zuordnung um diesen Namen ergänzen."
        checks.append(Check(ok=False, text=column_sentence(held), hint=hint))
    blank = [column.header for column in mapping.columns if column.field not in mapping.shown]
    if blank:  # as the mapping wants it
        text = f"Wegen der Datenschutzstufe {mapping.privacy_level} bleiben hier leer: {', '.join(blank)}."
        checks.append(Check(ok=True, text=text))
    if snapshot.exposed:
        checks.append(
            Check(ok=False, text="Die Tabelle ist für alle mit dem Link lesbar.", hint="Die Freigabe einschränken.")
        )
    return checks
