"""Finding participants: a page of them, and the search by reference, customer number or name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from syncsvc.core.access import Reach
from syncsvc.core.fields import Context, field_for
from syncsvc.core.fields.registry import CATALOGUE
from syncsvc.core.folding import bare, name_forms
from syncsvc.core.mapping import Column
from syncsvc.core.model import OVERRULED, UNSETTLED, Json, RecordState, RowState
from syncsvc.core.references import Reference, read_reference
from syncsvc.errors import NotFound, UsageError
from syncsvc.services.participants import mapping_of
from syncsvc.services.runtime import Runtime
from syncsvc.store import bases, projects, records, tables
from syncsvc.store.models import LIST_KEY, Project, Record
from syncsvc.store.records import Lookup

NAME = "participant_name"

SEARCHED = 3_000
"""So many names are opened for one search; for more a project has to be named."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A participant in a list. ``name`` is empty where nothing that the viewer may see tells it."""

    ref: str
    project: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Participants:
    """One page of a list; ``total`` counts all pages."""

    found: tuple[Listed, ...]
    total: int


def list_page(rt: Runtime, *, reach: Reach, project: str | None, offset: int, limit: int) -> Participants:
    """Participants whom ``rt`` finds, by reference, of one project or of all; void records are left out.

    Names stand beside those within ``reach`` (whole records), and beside others if a table shows them.
    Raises ``NotFound`` for the project.
    """
    with rt.database.read() as session:
        query = _wanted(session, project)
        total = session.scalar(query.with_only_columns(sa.func.count(Record.id))) or 0
        refs = session.scalars(query.with_only_columns(Record.ref).order_by(Record.ref).offset(offset).limit(limit))
        return Participants(_listed(rt, session, refs.all(), reach), total)


def search(rt: Runtime, text: str, *, reach: Reach, project: str | None) -> tuple[Listed, ...]:
    """Participants whom ``rt`` finds by their reference, by their whole customer number, or by parts of their name.

    A number finds whole records only (``reach``), a name also what tables show. Raises ``UsageError`` where there are
    too many names to look at, and ``NotFound`` for a reference with a typing error, and for the project.
    """
    text = text.strip()
    with rt.database.read() as session:
        query = _wanted(session, project)
        if not text:
            return ()
        if refs := _by_key(session, query, text, reach):
            return _listed(rt, session, refs, reach)
        if any(map(str.isdigit, text)):
            return ()
        if (session.scalar(query.with_only_columns(sa.func.count(Record.id))) or 0) > SEARCHED:
            raise UsageError("Das sind zu viele Namen. Bitte wählen Sie zuerst ein Projekt.")
        refs = list(session.scalars(query.with_only_columns(Record.ref).order_by(Record.ref)))
        words = [name_forms(word) for word in text.replace(",", " ").split()]
        return tuple(one for one in _listed(rt, session, refs, reach) if _matches(one.name, words))


def _wanted(session: Session, project: str | None) -> sa.Select[Record]:
    query = sa.select(Record).where(Record.state == RecordState.ACTIVE)
    if project is not None:
        return query.where(Record.project_id == projects.get(session, project).id)
    lists = sa.select(Project.id).where(Project.key.startswith(LIST_KEY, autoescape=True))
    return query.where(Record.project_id.not_in(lists))


def _by_key(session: Session, query: sa.Select[Record], text: str, reach: Reach) -> list[str]:
    """Whoever has exactly this reference or this customer number."""
    code = read_reference(text, "")
    found = [str(code)] if isinstance(code, Reference) else records.find(session, Lookup.CUSTOMER_NO, bare(text))
    if not isinstance(code, Reference):
        of = records.projects_of(session, found)
        found = [ref for ref in found if reach.covers(of[ref], None)]
    if not found and code == "check_character_wrong":
        raise NotFound("Diese TN-Nr. hat einen Tippfehler: das Prüfzeichen am Ende passt nicht.")
    return list(session.scalars(query.with_only_columns(Record.ref).where(Record.ref.in_(found)).order_by(Record.ref)))


def _listed(rt: Runtime, session: Session, refs: Sequence[str], reach: Reach) -> tuple[Listed, ...]:
    of = records.projects_of(session, refs)
    keys = dict(session.execute(sa.select(Project.id, Project.key).where(Project.id.in_(set(of.values())))).all())
    whole = {ref for ref in refs if reach.covers(of[ref], None)}
    names: dict[str, Json] = {
        ref: record.values.get(NAME) for ref, record in records.some(session, sorted(whole)).items()
    }
    names |= dict(_in_tables(session, set(refs) - whole))
    known = CATALOGUE[NAME]
    field, context = field_for(Column(known.label, NAME, known.type, known.owner)), Context(today=rt.today())
    shown = {ref: field.display(value, context) for ref, value in names.items() if value is not None}
    return tuple(Listed(ref, keys.get(of[ref], ""), shown.get(ref, ""), "active") for ref in refs)


def _in_tables(session: Session, refs: set[str]) -> Iterator[tuple[str, Json]]:
    """The names that stand in tables which show names."""
    standing = bases.tables_of(session, sorted(refs))
    wanted = {table_id for found in standing.values() for table_id in found}
    for table in tables.all_tables(session):
        mapping = mapping_of(session, table) if table.id in wanted else None
        if mapping is None or NAME not in mapping.shown:
            continue
        for ref, row in bases.load(session, table.id, (NAME,)).rows.items():
            value = row.agreed[0]
            if ref in refs and row.state is not RowState.ENDED and value is not UNSETTLED and value is not OVERRULED:
                yield ref, value


def _matches(name: str, words: Sequence[frozenset[str]]) -> bool:
    """Whether every word stands somewhere in the name, umlauts apart."""
    forms = name_forms(name)
    return bool(name) and all(any(part in form for part in word for form in forms) for word in words)
