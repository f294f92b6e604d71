"""The tables of our own database.

Nothing personal stands in a clear column: names, numbers and cell contents are in ``document`` columns, sealed by
``store/vault.py``. A participant reference is pseudonymous and stays readable. No relationships: the query modules
say what they load, and a row stays usable after its session.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from syncsvc.core.model import RecordState, RowState


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database. A naive time is refused, because nobody knows what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class JsonText(TypeDecorator[Any]):
    """JSON as text, exact and comparable on every database. To change a value assign a new one: it is not watched."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


def word(kind: type[StrEnum]) -> Enum:
    """A column of a fixed set of words, stored by value and unconstrained, so that a new word is no migration."""
    return Enum(kind, native_enum=False, length=20, values_callable=lambda words: [word.value for word in words])


def _unique_where(condition: str, name: str, *columns: str) -> Index:
    return Index(name, *columns, unique=True, sqlite_where=text(condition), postgresql_where=text(condition))


class TableState(StrEnum):
    NEW = "new"
    """Never synced."""
    OK = "ok"
    HELD = "held"
    FAILED = "failed"


class RunState(StrEnum):
    RUNNING = "running"
    UNCHANGED = "unchanged"
    OK = "ok"
    HELD = "held"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    """Its process died; a later run completed the work."""


class QuestionState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    OBSOLETE = "obsolete"


class Model(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  # read once by SQLAlchemy, which types it as a plain dict
        datetime: UtcDateTime,
        bytes: LargeBinary,
        str: Text,
        dict[str, Any]: JsonText,
        dict[str, str]: JsonText,
        dict[str, int]: JsonText,
        list[str]: JsonText,
        RecordState: word(RecordState),
        RowState: word(RowState),
        TableState: word(TableState),
        RunState: word(RunState),
        QuestionState: word(QuestionState),
    }


class Meta(Model):
    """The keys in use: under each key's id something it sealed, under ``index`` the oldest key's blind index."""

    __tablename__ = "meta"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[bytes]


class Organisation(Model):
    __tablename__ = "organisations"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    name: Mapped[str]
    aliases: Mapped[list[str]]
    trunk: Mapped[str]
    mail_domains: Mapped[list[str]]


LIST_KEY = "directory:"
"""How the key of a list of staff begins; nobody can give a project such a key."""


class Project(Model):
    """``revision`` counts the changes to the project's records, ``next_number`` is the next reference's counter."""

    __tablename__ = "projects"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    prefix: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    next_number: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=0)

    @property
    def is_list(self) -> bool:
        """Whether its records are the rows of its organisation's list of staff."""
        return self.key.startswith(LIST_KEY)


class Contact(Model):
    """``document``: all that ``DirectoryContact`` has beside key and organisation."""

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    document: Mapped[bytes]


class Mapping(Model):
    __tablename__ = "mappings"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]


class MappingRevision(Model):
    """One state of a mapping, never changed afterwards. ``number`` counts from 1, the highest is current.

    ``source`` is a file's name or a user's, ``reason`` what she said about why.
    """

    __tablename__ = "mapping_revisions"
    __table_args__ = (UniqueConstraint("mapping_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mapping_id: Mapped[int] = mapped_column(ForeignKey("mappings.id"))
    number: Mapped[int]
    body: Mapped[dict[str, Any]]
    digest: Mapped[str]
    created_at: Mapped[datetime]
    source: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default="", default="")


class Table(Model):
    """A shared table: where it is, how it is synced, and what the last run left.

    ``approved_revision`` is the mapping revision a run may use. ``identity``: the platform's own ids of file and
    tab, which outlive a renaming. ``binding``: header and column number by field, as last found. ``positions``: row
    number by reference when last read (loaded by ``store/bases.py`` only).
    ``seen_version`` and ``seen_revision`` are the table's and the project's states at the last agreement, ``read_at``
    when the table was last read whole.
    ``since`` is when ``state`` or ``message`` last changed. ``fence`` counts the leases ever given.

    ``schedule`` (crontab), ``quiet_hours`` (``"19:30-06:00"``) and public holidays of ``land`` (``"BE"``) are read in
    the time zone ``zone``. ``requested_at`` and ``requested_by``: a person asked for a run that has not begun yet.
    ``failures`` counts those in a row since ``failing_since``; ``fault`` says who has to act (``errors.Actor``), and
    ``told_at`` when that was said. ``last_agreed_at``: when both sides were last known to agree.
    ``paused_at``, ``paused_by`` and ``paused_reason`` tell of a table that is not ``enabled``; None where an older
    version switched it off.
    """

    __tablename__ = "tables"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    jobcentre_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    mapping_id: Mapped[int] = mapped_column(ForeignKey("mappings.id"))
    location: Mapped[dict[str, str]] = mapped_column(unique=True)
    edited_by: Mapped[list[str]]
    schedule: Mapped[str]
    zone: Mapped[str] = mapped_column(server_default="Europe/Berlin", default="Europe/Berlin")
    quiet_hours: Mapped[str] = mapped_column(server_default="", default="")
    land: Mapped[str] = mapped_column(server_default="", default="")
    enabled: Mapped[bool]
    approved_revision: Mapped[int | None]
    identity: Mapped[dict[str, str]] = mapped_column(default=dict)
    binding: Mapped[dict[str, Any]] = mapped_column(default=dict)
    positions: Mapped[dict[str, int]] = mapped_column(default=dict, deferred=True, deferred_raiseload=True)
    seen_version: Mapped[str | None]
    seen_revision: Mapped[int | None]
    read_at: Mapped[datetime | None]
    state: Mapped[TableState] = mapped_column(default=TableState.NEW)
    message: Mapped[str] = mapped_column(default="")
    since: Mapped[datetime | None]
    last_agreed_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    next_due_at: Mapped[datetime | None] = mapped_column(index=True)
    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]
    fault: Mapped[str | None]
    told_at: Mapped[datetime | None]
    requested_at: Mapped[datetime | None]
    requested_by: Mapped[str | None]
    release: Mapped[dict[str, Any] | None]
    paused_at: Mapped[datetime | None]
    paused_by: Mapped[str | None]
    paused_reason: Mapped[str] = mapped_column(server_default="", default="")
    lease_holder: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)


class Record(Model):
    """``document``: values and by. ``revision`` is the project's revision at the record's last change."""

    __tablename__ = "records"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    ref: Mapped[str] = mapped_column(unique=True)
    document: Mapped[bytes]
    state: Mapped[RecordState]
    revision: Mapped[int]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class RecordIndex(Model):
    """A blind index of one record's content, for exact look-ups."""

    __tablename__ = "record_indexes"
    __table_args__ = (Index(None, "kind", "digest"),)

    ref: Mapped[str] = mapped_column(ForeignKey("records.ref"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[bytes]


class BaseRow(Model):
    """``document``: raw cell and agreed value by field, digests of older rows, flips."""

    __tablename__ = "base_rows"

    table_id: Mapped[int] = mapped_column(ForeignKey("tables.id"), primary_key=True)
    ref: Mapped[str] = mapped_column(primary_key=True)
    document: Mapped[bytes]
    state: Mapped[RowState]


class Run(Model):
    """One execution for one table. ``undoes_id`` names the run whose writes this one takes back."""

    __tablename__ = "runs"
    __table_args__ = (Index(None, "table_id", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    table_id: Mapped[int] = mapped_column(ForeignKey("tables.id"))
    kind: Mapped[str]
    state: Mapped[RunState]
    started_at: Mapped[datetime] = mapped_column(index=True)
    seconds: Mapped[float | None]
    message: Mapped[str] = mapped_column(default="")
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    receipt: Mapped[dict[str, Any]] = mapped_column(default=dict)
    mapping_revision: Mapped[int | None]
    actor: Mapped[str]
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), index=True)


class Intent(Model):
    """A write about to be done. ``document``: old, new and what else the run needs to settle it."""

    __tablename__ = "intents"

    id: Mapped[int] = mapped_column(primary_key=True)
    table_id: Mapped[int] = mapped_column(ForeignKey("tables.id"), index=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    token: Mapped[str]
    ref: Mapped[str]
    field: Mapped[str]
    document: Mapped[bytes]
    version: Mapped[str]
    created_at: Mapped[datetime]


class Question(Model):
    """``digest`` (keyed) names what is asked about; at most one open question per table has it.

    ``document``: what the sheet, the record and the base say, and what else its text needs; once answered also what
    the answer replaced. ``topic`` (keyed) is the same for questions of a column that one answer may settle; None: it
    stands alone.
    """

    __tablename__ = "questions"
    __table_args__ = (
        Index(None, "table_id", "state"),
        Index(None, "state", "kind"),
        Index(None, "state", "answered_at"),
        Index(None, "state", "closed_at"),
        _unique_where("state = 'open'", "uq_questions_open", "table_id", "digest"),
        _unique_where("state = 'open' AND table_id IS NULL", "uq_questions_open_tableless", "digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    table_id: Mapped[int | None] = mapped_column(ForeignKey("tables.id"))
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), index=True)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), index=True)
    kind: Mapped[str]
    code: Mapped[str]
    ref: Mapped[str | None] = mapped_column(index=True)
    row: Mapped[int | None]
    field: Mapped[str | None]
    digest: Mapped[str]
    topic: Mapped[str | None]
    document: Mapped[bytes]
    state: Mapped[QuestionState] = mapped_column(default=QuestionState.OPEN)
    choice: Mapped[str | None]
    opened_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]


class Change(Model):
    """One entry of the change log; a trigger refuses to update it. ``document``: old and new."""

    __tablename__ = "changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), index=True)
    table_id: Mapped[int | None] = mapped_column(ForeignKey("tables.id"))
    ref: Mapped[str] = mapped_column(index=True)
    field: Mapped[str]
    side: Mapped[str]
    source: Mapped[str]
    actor: Mapped[str]
    document: Mapped[bytes]


class Responsibility(Model):
    """Who is, was or will be responsible for a participant, in one role. Only a key stands here, no name.

    ``role`` is the record's field that names her (``contact_jc``, ``coach``), with ``.deputy`` behind it for who stands
    in by the same cell; what she does by the directory is in her entry.
    ``contact_key`` None: the place is vacant. ``valid_from`` and ``valid_to`` are the first and the last day (None:
    open). ``source``: the table's key, or directory, cli, web, answer; ``planned``: confirmed for a day to come.
    ``seen_at``: when it was found so. A row that was in force for hours only ends on the day before it began.
    """

    __tablename__ = "responsibilities"
    __table_args__ = (Index(None, "ref", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(ForeignKey("records.ref"))
    role: Mapped[str]
    side: Mapped[str]
    contact_key: Mapped[str | None] = mapped_column(index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), index=True)
    confirmed_by: Mapped[str | None]
    seen_at: Mapped[datetime]

    @property
    def last_day(self) -> date | None:
        """The last day as people count it, for hours too."""
        return self.valid_to and max(self.valid_to, self.valid_from)


class ContactEvent(Model):
    """Something that happened to responsibilities, such as a hand-over; names only keys and references.

    ``day`` is the local day it happened on. What several runs find of one hand-over joins the same event, which is
    found by ``group_key``; ``at`` is when somebody last joined it.
    """

    __tablename__ = "contact_events"
    __table_args__ = (Index(None, "table_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    day: Mapped[date]
    kind: Mapped[str]
    table_id: Mapped[int | None] = mapped_column(ForeignKey("tables.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), index=True)
    role: Mapped[str]
    from_key: Mapped[str | None]
    to_key: Mapped[str | None]
    refs: Mapped[list[str]]
    group_key: Mapped[str] = mapped_column(index=True)
    undone_at: Mapped[datetime | None]


class Confirmation(Model):
    """One side said that its part of a table is right. ``month`` is the month it spoke of, ``"2026-11"``."""

    __tablename__ = "confirmations"
    __table_args__ = (UniqueConstraint("table_id", "side", "month"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    table_id: Mapped[int] = mapped_column(ForeignKey("tables.id"))
    side: Mapped[str]
    month: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]


class Subscription(Model):
    """How often somebody of the directory is told by mail what changed: daily, weekly or off."""

    __tablename__ = "subscriptions"

    contact_key: Mapped[str] = mapped_column(primary_key=True)
    rhythm: Mapped[str]
    last_sent_at: Mapped[datetime | None]


class CoachingKey(Model):
    """A match key of one record, as a keyed digest: two records with the same one may be one woman.

    Only records whose tables and whose consent permit the comparison with other projects have any.
    """

    __tablename__ = "coaching_keys"

    ref: Mapped[str] = mapped_column(ForeignKey("records.ref"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True, index=True)


class CoachingFlag(Model):
    """A woman who is coached twice at the same time: two records of hers, or one record with a measure beside it.

    ``ref_a <= ref_b``. ``present``: the two coachings overlap as things stand; ``state`` is what people decided.
    ``since`` is when either last changed. ``document``: periods, reasons, the fingerprint people decided on.
    """

    __tablename__ = "coaching_flags"
    __table_args__ = (Index(None, "present", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref_a: Mapped[str] = mapped_column(ForeignKey("records.ref"), index=True)
    ref_b: Mapped[str] = mapped_column(ForeignKey("records.ref"), index=True)
    project_a: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    project_b: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    grade: Mapped[str]
    weight: Mapped[str]
    state: Mapped[str]
    present: Mapped[bool]
    question_id: Mapped[int | None] = mapped_column(ForeignKey("questions.id"), index=True)
    opened_at: Mapped[datetime]
    since: Mapped[datetime]
    document: Mapped[bytes]


class CoachingDecision(Model):
    """What became of a flag, one entry after the other; a trigger refuses to update it.

    ``actor`` is empty where the service noticed something itself.
    """

    __tablename__ = "coaching_decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    flag_id: Mapped[int] = mapped_column(ForeignKey("coaching_flags.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    event: Mapped[str]
    spoken_with: Mapped[str]


class Pause(Model):
    """An account that its platform throttles: until then no process uses it for any table.

    ``strikes`` counts the throttlings in a row.
    """

    __tablename__ = "pauses"

    credential: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    until: Mapped[datetime]
    strikes: Mapped[int] = mapped_column(default=1)


class Writer(Model):
    """Whose turn it is to write to a file that several tables live in; ``name`` is the provider's of the file."""

    __tablename__ = "writers"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime]


class Heartbeat(Model):
    """The last sign of life of something that has to go on, such as the dispatcher's tick; ``holder`` gave it."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    holder: Mapped[str]


class Notice(Model):
    """Something a person is to be told once: the outbox. ``audience`` is who has to act (``errors.Actor``).

    ``text`` names tables and settings, no person. ``due_at``: when to try (again) to deliver it; ``sent_at``: done.
    ``batch`` names the mail it went into, from the moment somebody tries until it is known not to have arrived.
    ``document``: the mailbox of the one person it is for; None: it is for whoever the audience is.
    """

    __tablename__ = "notices"
    __table_args__ = (Index(None, "sent_at", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    audience: Mapped[str]
    table_id: Mapped[int | None] = mapped_column(ForeignKey("tables.id"), index=True)
    code: Mapped[str]
    text: Mapped[str]
    document: Mapped[bytes | None]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    batch: Mapped[str | None]
    sent_at: Mapped[datetime | None]
