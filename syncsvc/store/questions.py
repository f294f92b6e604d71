"""Questions: what only a person can decide. A question is answered and closed, never deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from syncsvc.core.model import Json
from syncsvc.core.topics import topic_of
from syncsvc.errors import InvalidAnswer, NotFound
from syncsvc.store.bulk import chunks, insert_numbered
from syncsvc.store.models import Question as Row
from syncsvc.store.models import QuestionState
from syncsvc.store.vault import Vault, vault_of

_THINNED = ""
"""The digest of a closed question that holds no content any more."""

_REPLACED = "replaced"
"""The part of an answered question's document that says what the answer replaced."""


@dataclass(frozen=True, slots=True)
class AskedCell:
    """One of the cells a question is about. ``document`` holds what sheet, record and base say there, and ``raw``."""

    ref: str
    row: int | None
    document: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewQuestion:
    """A question to open. ``digest`` names what is asked about: a table has at most one open question with it.

    ``document`` is sealed: what sheet, record and base say, and what else the text and the choices need. The rest is
    stored in clear, so ``ref`` is a real reference and never what somebody typed in its place.
    """

    kind: str
    digest: str
    document: Mapping[str, Json]
    code: str = ""
    ref: str | None = None
    row: int | None = None
    field: str | None = None

    @property
    def cells(self) -> tuple[AskedCell, ...]:
        """The cells of ``field`` it is about: one, or all that raise the same question; none where it is no cell's.

        A question about many rows has them in its document as ``rows``; its own reference and row are the first's.
        """
        if self.ref is None or self.field is None:
            return ()
        rows: Any = self.document.get("rows")
        if not rows:
            return (AskedCell(self.ref, self.row, self.document),)
        return tuple(AskedCell(row["ref"], row["row"], row) for row in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(NewQuestion):
    """A stored question. Answered and not closed: a run still has to carry the choice out.

    ``topic`` is the same for questions of one table, kind, code and field that one answer may settle; None: it stands
    alone. ``replaced``: what the answer replaced, None where there is nothing to take back by.
    """

    id: int
    table_id: int | None
    topic: str | None
    replaced: Mapping[str, Any] | None
    state: QuestionState
    choice: str | None
    opened_by: int | None
    closed_by: int | None
    opened_at: datetime
    answered_at: datetime | None
    answered_by: str | None
    closed_at: datetime | None


def open_many(
    session: Session, table_id: int | None, questions: Iterable[NewQuestion], *, run_id: int | None, now: datetime
) -> list[int]:
    """Open these questions and return their ids, in this order.

    Raises ``sqlalchemy.exc.IntegrityError`` when the table has an open question with one of the digests.
    """
    vault = vault_of(session)
    rows = [
        {
            **_columns(vault, table_id, question),
            "table_id": table_id,
            "kind": question.kind,
            "ref": question.ref,
            "field": question.field,
            "digest": _keyed(vault, question.digest),
            "state": QuestionState.OPEN,
            "opened_by": run_id,
            "opened_at": now,
        }
        for question in questions
    ]
    return insert_numbered(session, Row, rows)


def update(session: Session, table_id: int | None, changed: Mapping[int, NewQuestion]) -> None:
    """Replace code, row and document of the table's questions with these ids; their digests have to be the same.

    Raises ``NotFound`` if one of them is not open, or is another question.
    """
    if not changed:
        return
    vault = vault_of(session)
    result = session.connection().execute(
        sa.update(Row)
        .where(
            Row.id == sa.bindparam("of"),
            Row.digest == sa.bindparam("same"),
            Row.table_id.is_not_distinct_from(table_id),
            Row.state == QuestionState.OPEN,
        )
        .values({name: sa.bindparam(name) for name in ("code", "row", "document", "topic")}),
        [
            {**_columns(vault, table_id, question), "of": number, "same": _keyed(vault, question.digest)}
            for number, question in changed.items()
        ],
    )
    if result.rowcount != len(changed):
        raise NotFound("Eine Klärung, die sich geändert hat, ist nicht mehr offen.")


def answer(session: Session, question_id: int, choice: str, *, by: str, now: datetime) -> None:
    """Record a person's choice. Raises ``NotFound``, or ``InvalidAnswer`` when the question is not open any more."""
    answered = session.scalar(
        sa.update(Row)
        .where(Row.id == question_id, Row.state == QuestionState.OPEN)
        .values(state=QuestionState.ANSWERED, choice=choice, answered_by=by, answered_at=now)
        .returning(Row.id)
    )
    if answered is None:
        get(session, question_id)
        raise InvalidAnswer("Diese Klärung ist nicht mehr offen.")


def remember(session: Session, question_id: int, replaced: Mapping[str, Any]) -> None:
    """Keep what the answer to this question replaced, sealed, as long as what the question quotes."""
    row = session.get_one(Row, question_id)
    _write(session, row, {_REPLACED: dict(replaced)})


def reopen(session: Session, question_id: int) -> None:
    """Ask an answered question again, as if nobody had answered it.

    Raises ``InvalidAnswer`` when it is not answered, or is open in another place already.
    """
    row = session.get_one(Row, question_id)
    if row.state is not QuestionState.ANSWERED:
        raise InvalidAnswer("Diese Klärung ist nicht beantwortet.")
    same = sa.select(Row.id).where(
        Row.table_id.is_not_distinct_from(row.table_id), Row.digest == row.digest, Row.state == QuestionState.OPEN
    )
    if session.scalar(same) is not None:
        raise InvalidAnswer("Dazu ist schon eine neue Klärung offen.")
    _write(session, row, {})
    row.state, row.choice = QuestionState.OPEN, None
    row.answered_at = row.answered_by = row.closed_at = row.closed_by = None
    session.flush()


def _write(session: Session, row: Row, more: Mapping[str, Any]) -> None:
    vault, aad = vault_of(session), _aad(row.table_id, row.digest)
    content: Any = vault.open(row.document, aad)
    digest, document = content
    kept = {name: value for name, value in document.items() if name != _REPLACED}
    row.document = vault.seal([digest, {**kept, **more}], aad)
    session.flush()


def together(session: Session, question: Question) -> list[int]:
    """The questions that were answered in one go with this answered one, itself included, oldest first."""
    if question.topic is None:
        return [question.id]
    query = sa.select(Row.id).where(
        Row.state == QuestionState.ANSWERED,
        Row.answered_at == question.answered_at,
        Row.answered_by == question.answered_by,
        _same_matter(question),
    )
    return list(session.scalars(query.order_by(Row.id)))


def _same_matter(question: Question) -> sa.ColumnElement[bool]:
    return sa.and_(
        Row.table_id.is_not_distinct_from(question.table_id),
        Row.kind == question.kind,
        Row.code == question.code,
        Row.field.is_not_distinct_from(question.field),
        Row.topic == question.topic,
    )


def close(session: Session, ids: Sequence[int], *, run_id: int | None, now: datetime) -> None:
    """Nothing is left to do about these questions: answered ones are carried out, open ones became obsolete."""
    for some in chunks(ids):
        session.execute(
            sa.update(Row)
            .where(Row.id.in_(some), Row.closed_at.is_(None))
            .values(
                closed_at=now,
                closed_by=run_id,
                state=sa.case((Row.state == QuestionState.OPEN, QuestionState.OBSOLETE), else_=Row.state),
            )
        )


def get(session: Session, question_id: int) -> Question:
    """The question with this id. Raises ``NotFound``."""
    row = session.get(Row, question_id)
    if row is None:
        raise NotFound(f"Die Klärung {question_id} gibt es nicht.")
    return _question(session, row)


def open_for(session: Session, table_id: int | None) -> list[Question]:
    """The open questions of a table, oldest first; with None those of no table."""
    query = sa.select(Row).where(Row.table_id.is_not_distinct_from(table_id), Row.state == QuestionState.OPEN)
    return _questions(session, query.order_by(Row.id))


def answered_for(session: Session, table_id: int | None) -> list[Question]:
    """The answered questions of a table that no run has carried out yet, in the order of their answers."""
    query = sa.select(Row).where(
        Row.table_id.is_not_distinct_from(table_id), Row.state == QuestionState.ANSWERED, Row.closed_at.is_(None)
    )
    # Sorted here: asked for this order, SQLite would go through every question ever answered.
    return sorted(
        _questions(session, query), key=lambda question: (question.answered_at or question.opened_at, question.id)
    )


def latest(
    session: Session,
    *,
    state: QuestionState | None = None,
    kind: str | None = None,
    table_id: int | None = None,
    ref: str | None = None,
    limit: int | None = None,
    before: int | None = None,
    of_tables: bool = False,
) -> list[Question]:
    """The newest questions first, those that pass every filter given; ``before`` is the last id already shown.

    ``of_tables``: only those that belong to a table.
    """
    query = sa.select(Row).order_by(Row.id.desc()).limit(limit)
    wanted = ((Row.state, state), (Row.kind, kind), (Row.table_id, table_id), (Row.ref, ref))
    query = query.where(*(column == value for column, value in wanted if value is not None))
    if of_tables:
        query = query.where(Row.table_id.is_not(None))
    return _questions(session, query if before is None else query.where(Row.id < before))


def some(session: Session, ids: Sequence[int]) -> list[Question]:
    """The questions with these ids that there are, oldest first."""
    return [
        question
        for part in chunks(ids)
        for question in _questions(session, sa.select(Row).where(Row.id.in_(part)).order_by(Row.id))
    ]


def detailed(session: Session, before: datetime) -> Sequence[int]:
    """The questions closed before then that still hold what they quoted."""
    query = sa.select(Row.id).where(Row.closed_at < before, Row.digest != _THINNED)
    return session.scalars(query.order_by(Row.id)).all()


def thin(session: Session, ids: Sequence[int]) -> int:
    """Take away what these closed questions quoted, and the digest of what they were about; how many.

    What was asked, how it was answered and by whom stays.
    """
    rows = session.execute(sa.select(Row.id, Row.table_id).where(Row.id.in_(ids), Row.closed_at.is_not(None))).all()
    vault = vault_of(session)
    for number, table_id in rows:
        nothing = vault.seal([_THINNED, {}], _aad(table_id, _THINNED))
        session.execute(sa.update(Row).where(Row.id == number).values(digest=_THINNED, topic=None, document=nothing))
    return len(rows)


def resealed(vault: Vault, row: Row) -> dict[str, object]:
    """The columns of this row as the key in force seals them; digest and topic are made anew with it."""
    content: Any = vault.open(row.document, _aad(row.table_id, row.digest))
    digest = _keyed(vault, content[0]) if row.digest != _THINNED else _THINNED
    document = vault.reseal(row.document, _aad(row.table_id, row.digest), _aad(row.table_id, digest))
    return {"digest": digest, "topic": _topic(vault, row.kind, content[1]), "document": document}


def _columns(vault: Vault, table_id: int | None, question: NewQuestion) -> dict[str, object]:
    content: Json = [question.digest, dict(question.document)]
    document = vault.seal(content, _aad(table_id, _keyed(vault, question.digest)))
    topic = _topic(vault, question.kind, question.document)
    return {"code": question.code, "row": question.row, "document": document, "topic": topic}


def _questions(session: Session, query: sa.Select[Row]) -> list[Question]:
    return [_question(session, row) for row in session.scalars(query)]


def _question(session: Session, row: Row) -> Question:
    content: Any = vault_of(session).open(row.document, _aad(row.table_id, row.digest))
    digest, document = content
    replaced = document.pop(_REPLACED, None)
    return Question(
        id=row.id,
        table_id=row.table_id,
        topic=row.topic,
        replaced=replaced,
        kind=row.kind,
        code=row.code,
        ref=row.ref,
        row=row.row,
        field=row.field,
        digest=digest,
        document=cast("dict[str, Json]", document),
        state=row.state,
        choice=row.choice,
        opened_by=row.opened_by,
        closed_by=row.closed_by,
        opened_at=row.opened_at,
        answered_at=row.answered_at,
        answered_by=row.answered_by,
        closed_at=row.closed_at,
    )


def _keyed(vault: Vault, digest: str) -> str:
    """The digest as the column has it: what is asked about must not be guessed from it."""
    return vault.index("question", digest).hex()


def _topic(vault: Vault, kind: str, document: Mapping[str, Json]) -> str | None:
    """The topic as the column has it: it is made of what was typed."""
    topic = topic_of(kind, document)
    return None if topic is None else vault.index("question.topic", topic).hex()


def _aad(table_id: int | None, digest: str) -> str:
    return f"questions.document:{table_id or ''}:{digest}"
