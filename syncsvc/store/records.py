"""Records: one sealed document each, and blind indexes to find one by exact content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, delete, literal, select, tuple_, update
from sqlalchemy.orm import Session

from syncsvc.core.folding import bare
from syncsvc.core.model import Json, RecordState, RowState, Side
from syncsvc.core.model import Record as Values
from syncsvc.errors import NotFound
from syncsvc.store import projects
from syncsvc.store.bulk import chunks, insert
from syncsvc.store.models import BaseRow, Record, RecordIndex
from syncsvc.store.vault import Vault, vault_of


class Lookup(StrEnum):
    """What a record can be found by."""

    CUSTOMER_NO = "customer_no"
    NAME_AND_BIRTH = "name_and_birth"


def lookups(values: Mapping[str, Json]) -> dict[Lookup, str]:
    """The texts by which a record with these values is found; what is blank finds nothing.

    Folded: case, blanks, accents and the order of family and given name make no difference.
    """
    texts = {}
    if number := _bare(values.get("customer_no")):
        texts[Lookup.CUSTOMER_NO] = number
    name, birth = values.get("participant_name"), values.get("birth_date")
    birth = _bare(birth.get("date") if isinstance(birth, dict) else birth)  # 1 January comes with its reliability
    if isinstance(name, dict) and birth:
        texts[Lookup.NAME_AND_BIRTH] = " ".join([*sorted(_bare(part) for part in name.values()), birth])
    return texts


def of_project(session: Session, project_id: int) -> dict[str, Values]:
    """All records of a project by reference, void ones too."""
    query = (
        select(Record.ref, Record.document, Record.state).where(Record.project_id == project_id).order_by(Record.ref)
    )
    vault = vault_of(session)
    return {ref: _values(vault, ref, document, state) for ref, document, state in session.execute(query)}


def of_refs(session: Session, refs: Sequence[str]) -> dict[str, Values]:
    """The records that have these references, void ones too."""
    vault = vault_of(session)
    return {
        ref: _values(vault, ref, document, state)
        for some in chunks(refs)
        for ref, document, state in session.execute(
            select(Record.ref, Record.document, Record.state).where(Record.ref.in_(some))
        )
    }


@dataclass(frozen=True, slots=True)
class Stamped:
    """A record, when it was made and last changed, and its place in the order of the project's changes: ``revision``,
    then ``id``."""

    record: Values
    id: int
    revision: int
    created_at: datetime
    changed_at: datetime


def page(
    session: Session,
    project_id: int,
    *,
    after: tuple[int, int],
    limit: int,
    since: datetime | None = None,
    state: RecordState | None = None,
    table_id: int | None = None,
) -> list[Stamped]:
    """The project's records in the order of their last change, those behind ``after`` (revision and id).

    ``since``: only those changed then or later; ``table_id``: only those that have a row there. A record that changes
    while somebody turns the pages moves to the end: it may come twice, and is never left out.
    """
    query = select(*_STAMPED).where(
        Record.project_id == project_id, tuple_(Record.revision, Record.id) > tuple_(*map(literal, after))
    )
    if since is not None:
        query = query.where(Record.changed_at >= since)
    if state is not None:
        query = query.where(Record.state == state)
    if table_id is not None:
        rows = select(BaseRow.ref).where(BaseRow.table_id == table_id, BaseRow.state != RowState.ENDED)
        query = query.where(Record.ref.in_(rows))
    return _stamped(session, session.execute(query.order_by(Record.revision, Record.id).limit(limit)))


def stamped(session: Session, refs: Sequence[str]) -> dict[str, Stamped]:
    """Those of these references that are records, in whichever project, by reference."""
    return {
        found.record.ref: found
        for some in chunks(refs)
        for found in _stamped(session, session.execute(select(*_STAMPED).where(Record.ref.in_(some))))
    }


_STAMPED = (Record.ref, Record.document, Record.state, Record.id, Record.revision, Record.created_at, Record.changed_at)


def _stamped(session: Session, rows: Iterable[Any]) -> list[Stamped]:
    vault = vault_of(session)
    return [Stamped(_values(vault, ref, document, state), *place) for ref, document, state, *place in rows]


def get(session: Session, ref: str) -> Values:
    """The record with this reference. Raises ``NotFound``."""
    row = session.execute(select(Record.ref, Record.document, Record.state).where(Record.ref == ref)).one_or_none()
    if row is None:
        raise NotFound(f"Den Datensatz {ref} gibt es nicht.")
    return _values(vault_of(session), *row)


def some(session: Session, refs: Sequence[str]) -> dict[str, Values]:
    """Those of these references that are records, in whichever project, by reference."""
    vault = vault_of(session)
    found: dict[str, Values] = {}
    for part in chunks(refs):
        query = select(Record.ref, Record.document, Record.state).where(Record.ref.in_(part)).order_by(Record.ref)
        found |= {row.ref: _values(vault, *row) for row in session.execute(query)}
    return found


def projects_of(session: Session, refs: Sequence[str]) -> dict[str, int]:
    """The ids of the projects these records belong to, by reference."""
    found: dict[str, int] = {}
    for part in chunks(refs):
        query = select(Record.ref, Record.project_id).where(Record.ref.in_(part))
        found |= dict(session.execute(query).all())
    return found


def refs_of_project(session: Session, project_id: int) -> list[str]:
    """The references of all records of a project, void ones too, in order."""
    return list(session.scalars(select(Record.ref).where(Record.project_id == project_id).order_by(Record.ref)))


def project_of(session: Session, ref: str) -> int:
    """The id of the project the record belongs to. Raises ``NotFound``."""
    project_id = session.scalar(select(Record.project_id).where(Record.ref == ref))
    if project_id is None:
        raise NotFound(f"Den Datensatz {ref} gibt es nicht.")
    return project_id


def created_at(session: Session, refs: Sequence[str]) -> dict[str, datetime]:
    """When these records were made, by reference."""
    found: dict[str, datetime] = {}
    for part in chunks(refs):
        found |= dict(session.execute(select(Record.ref, Record.created_at).where(Record.ref.in_(part))).all())
    return found


def created_since(session: Session, project_id: int, at: datetime) -> set[str]:
    """The references of the project's records that were made after that moment."""
    return set(session.scalars(select(Record.ref).where(Record.project_id == project_id, Record.created_at > at)))


def any_of(session: Session, project_id: int) -> bool:
    """Whether the project has records, void ones included."""
    return session.scalar(select(Record.id).where(Record.project_id == project_id).limit(1)) is not None


def find(session: Session, lookup: Lookup, text: str) -> list[str]:
    """The references, in all projects, of the records that ``lookups`` gives this text for."""
    digest = vault_of(session).index(lookup, text)
    query = select(RecordIndex.ref).where(RecordIndex.kind == lookup, RecordIndex.digest == digest)
    return list(session.scalars(query.order_by(RecordIndex.ref)))


def create(session: Session, project_id: int, records: Iterable[Values], now: datetime) -> int:
    """Add new records and return the project's revision, which counts up once (for no records: not at all).

    Raises ``sqlalchemy.exc.IntegrityError`` when a reference exists, in whichever project.
    """
    vault = vault_of(session)
    records = list(records)
    if not records:
        return projects.by_id(session, project_id).revision
    revision = projects.bump(session, project_id)
    common = {"project_id": project_id, "revision": revision, "created_at": now, "changed_at": now}
    rows = [{"ref": record.ref, **_content(vault, record), **common} for record in records]
    insert(session, Record, rows)
    _index(session, vault, records)
    return revision


def save(session: Session, project_id: int, records: Iterable[Values], now: datetime) -> int:
    """Replace the records' whole contents and return the project's revision, which counts up as in ``create``.

    Raises ``NotFound`` if one of them is not a record of this project.
    """
    vault = vault_of(session)
    records = list(records)
    if not records:
        return projects.by_id(session, project_id).revision
    refs = [record.ref for record in records]
    known = {
        ref
        for some in chunks(refs)
        for ref in session.scalars(select(Record.ref).where(Record.project_id == project_id, Record.ref.in_(some)))
    }
    for ref in refs:
        if ref not in known:
            raise NotFound(f"Den Datensatz {ref} gibt es in diesem Projekt nicht.")
    revision = projects.bump(session, project_id)
    session.connection().execute(
        update(Record)
        .where(Record.ref == bindparam("of"))
        .values(document=bindparam("document"), state=bindparam("state"), revision=revision, changed_at=now),
        [{"of": record.ref, **_content(vault, record)} for record in records],
    )
    for some in chunks(refs):
        session.execute(delete(RecordIndex).where(RecordIndex.ref.in_(some)))
    _index(session, vault, records)
    return revision


def index_anew(session: Session, vault: Vault) -> None:
    """Make all blind indexes again, with this vault's key in force."""
    query = select(Record.ref, Record.document, Record.state)
    session.execute(delete(RecordIndex))
    _index(session, vault, (_values(vault, *row) for row in session.execute(query)))


def resealed(vault: Vault, row: Record) -> dict[str, object]:
    """The columns of this row as the key in force seals them."""
    return {"document": vault.reseal(row.document, _aad(row.ref))}


def _content(vault: Vault, record: Values) -> dict[str, object]:
    document: Json = {"values": dict(record.values), "by": {**record.by}}
    return {"document": vault.seal(document, _aad(record.ref)), "state": record.state}


def _values(vault: Vault, ref: str, document: bytes, state: RecordState) -> Values:
    content: Any = vault.open(document, _aad(ref))
    by = {field: Side(side) for field, side in content["by"].items()}
    return Values(ref=ref, values=content["values"], by=by, state=state)


def _index(session: Session, vault: Vault, records: Iterable[Values]) -> None:
    rows = [
        {"ref": record.ref, "kind": lookup, "digest": vault.index(lookup, text)}
        for record in records
        for lookup, text in lookups(record.values).items()
    ]
    insert(session, RecordIndex, rows)


def _bare(value: Json) -> str:
    return bare(value) if isinstance(value, str) else ""


def _aad(ref: str) -> str:
    return f"records.document:{ref}"
