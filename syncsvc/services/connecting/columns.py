"""Which row is the header, and which mapping fits: one that is there, or a proposal."""

from __future__ import annotations

from dataclasses import dataclass, replace

from syncsvc.core.binding import HEADER_ROWS, bind
from syncsvc.core.fields import Context
from syncsvc.core.fields.sensitive import sensitive_code
from syncsvc.core.folding import bare
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Base, SheetRow, Snapshot
from syncsvc.core.schema import mapping_from
from syncsvc.core.staff import is_staff
from syncsvc.core.suggest import find_header
from syncsvc.errors import UsageError
from syncsvc.services.connecting.draft import Connection
from syncsvc.services.rehearsal import SampleColumn, columns_of, seen
from syncsvc.services.runtime import Runtime
from syncsvc.services.situations import table_context
from syncsvc.services.suggestions import suggest_body
from syncsvc.store import mappings, projects, tables

SHOWN = 8
"""Cells of a row that are shown so that people recognise it."""


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """A row that may be the header: its first filled cells, and whether it was found to be it."""

    number: int
    cells: tuple[str, ...]
    more: int
    found: bool


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a mapping that is there fits: ``found`` of ``total`` columns; ``missing`` are the headers of the others.

    ``tables`` is how many tables use it.
    """

    key: str
    title: str
    found: int
    total: int
    missing: tuple[str, ...]
    tables: int


def header_rows(rt: Runtime, connection: Connection, snapshot: Snapshot) -> list[HeaderRow]:
    """The rows among the first 20 that hold something; the one that was found, or chosen, is marked.

    What must not be repeated of a row is left out.
    """
    context = _context(rt, connection)
    found = connection.header_row or _number(find_header(snapshot, context))
    rows = []
    for row in snapshot.rows:
        texts = ["…" if sensitive_code(text, context) else text for text in map(seen, row.cells) if text]
        if row.number <= HEADER_ROWS and texts:
            rows.append(HeaderRow(row.number, tuple(texts[:SHOWN]), max(0, len(texts) - SHOWN), row.number == found))
    return rows


def with_header(connection: Connection, snapshot: Snapshot, number: int | None) -> Connection:
    """The connection with this row as its header; a proposal made from another one is dropped.

    Raises ``UsageError`` for a row that cannot be it.
    """
    if number is None or all(row.number != number for row in snapshot.rows) or number > HEADER_ROWS:
        raise UsageError("Bitte die Zeile wählen, in der die Überschriften stehen.")
    if number == connection.header_row:
        return connection
    return replace(connection, header_row=number, body=None, mistaken={})


def fits(rt: Runtime, snapshot: Snapshot) -> list[Fit]:
    """The mappings that find at least half of their columns here, the best first."""
    with rt.database.read() as session:
        users = [table.mapping_id for table in tables.all_tables(session)]
        known = [
            (one, mapping_from(mappings.current(session, one.id).body), users.count(one.id))
            for one in mappings.all_mappings(session)
        ]
    found = []
    for row, mapping, count in known:
        if not isinstance(mapping, TableMapping) or is_staff(mapping):
            continue
        binding = bind(mapping, snapshot, {}, Base((), {}))
        if binding is not None and 2 * len(binding.columns) >= len(mapping.columns):
            missing = tuple(column.header for column in mapping.columns if column.field not in binding.columns)
            total = len(mapping.columns)
            found.append(Fit(row.key, row.title, total - len(missing), total, missing, count))
    return sorted(found, key=lambda fit: (-fit.found / fit.total, -fit.tables, fit.title))


def with_mapping(rt: Runtime, connection: Connection, snapshot: Snapshot, key: str) -> Connection:
    """The connection with a mapping that is there. Raises ``UsageError`` for one that is not on offer."""
    if key not in {fit.key for fit in fits(rt, snapshot)}:
        raise UsageError("Bitte eine Zuordnung wählen.")
    return replace(connection, mapping=key, body=None, mistaken={})


def with_proposal(rt: Runtime, connection: Connection, snapshot: Snapshot) -> Connection:
    """The connection with a mapping proposed from headers and values; one that was begun stays.

    Raises ``InvalidFile`` without readable headers.
    """
    if connection.body is not None:
        return replace(connection, mapping="")
    header = next((row for row in snapshot.rows if row.number == connection.header_row), None)
    key = free_mapping_key(rt, connection.tab)
    body = suggest_body(snapshot, _context(rt, connection), key, connection.tab, header)
    return replace(connection, mapping="", body=body)


def with_copy(rt: Runtime, connection: Connection) -> Connection:
    """The connection with a mapping of its own that begins as the one chosen. Raises ``NotFound``."""
    with rt.database.read() as session:
        body = mappings.current(session, mappings.get(session, connection.mapping).id).body
    key = free_mapping_key(rt, connection.tab)
    return replace(connection, mapping="", body={**body, "key": key, "title": connection.tab})


def samples(rt: Runtime, connection: Connection, snapshot: Snapshot) -> tuple[SampleColumn, ...]:
    """The columns of the table with examples, as nobody has mapped them yet."""
    return columns_of(snapshot, _context(rt, connection))


def free_mapping_key(rt: Runtime, title: str) -> str:
    """A key for a new mapping of this title that no mapping has."""
    with rt.database.read() as session:
        return free(slug(title), {one.key for one in mappings.all_mappings(session)})


def slug(text: str) -> str:
    """A key made of a text: ``Liste Süd (neu)`` becomes ``liste-sued-neu``."""
    words = "".join(char if char.isascii() and char.isalnum() else " " for char in bare(text)).split()
    return "-".join(words) or "tabelle"


def free(key: str, taken: set[str]) -> str:
    """The key, with a number behind it where it is taken."""
    return next(name for name in (key, *(f"{key}-{n}" for n in range(2, len(taken) + 3))) if name not in taken)


def _context(rt: Runtime, connection: Connection) -> Context:
    with rt.database.read() as session:
        project = projects.get(session, connection.project)
        return table_context(rt, session, project, connection.jobcentre or None)


def _number(row: SheetRow | None) -> int | None:
    return None if row is None else row.number
