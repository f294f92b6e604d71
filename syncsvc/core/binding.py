"""Find a mapping's columns in a snapshot: by header, alias, approved name, anchor; never by position alone.

A column that is doubled, missing, renamed or whose header was moved without its data is *held*: it is neither read
nor written, and the rest of the table goes on.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from functools import cached_property

from syncsvc.core.mapping import REFERENCE_FIELD, Mapping
from syncsvc.core.model import Base, BaseRow, Cell, Formula, SheetRow, Snapshot, Unsettled

HEADER_ROWS = 20
"""The header is searched in the first 20 rows (design: columns)."""

SIMILAR = 0.8
"""Share of equal cells from which an unknown column is proposed as a renamed one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field stood when the table was last bound: its header text and its 1-based column."""

    header: str
    column: int


@dataclass(frozen=True, slots=True)
class HeldColumn:
    """Why one field's column is not synced: ``code`` is missing, doubled, renamed or swapped.

    ``header`` is the header concerned, ``letters`` the columns concerned, ``proposal`` the new header that a renamed
    column seems to have.
    """

    field: str
    code: str
    header: str
    letters: tuple[str, ...] = ()
    proposal: str = ""


@dataclass(frozen=True, slots=True)
class Binding:
    """``columns`` and ``headers`` by field, for the columns that are synced; ``held`` for those that are not."""

    header_row: int
    columns: MappingType[str, int]
    headers: MappingType[str, str]
    held: tuple[HeldColumn, ...] = ()

    def places(self, before: MappingType[str, Place]) -> dict[str, Place]:
        """What to remember for the next run; a held column keeps its last known place."""
        found = {field: Place(self.headers[field], column) for field, column in self.columns.items()}
        held = {held.field: before[held.field] for held in self.held if held.field in before}
        return {**held, **found}


def fold_header(text: str) -> str:
    """Headers are equal when this is: no case, blanks, punctuation, umlaut spelling."""
    text = unicodedata.normalize("NFC", text).casefold()
    text = text.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    text = unicodedata.normalize("NFKD", text)
    return re.sub(r"[\W_]+", "", "".join(char for char in text if not unicodedata.combining(char)))


def column_letter(column: int) -> str:
    """``1`` is A, ``27`` is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def bind(mapping: Mapping, snapshot: Snapshot, places: MappingType[str, Place], base: Base) -> Binding | None:
    """Bind the mapping to the snapshot; None when no header row, or more than one, is found.

    ``places`` is where the fields stood last time; a header approved by a person counts like an alias.
    """
    header = _header_row(mapping, snapshot, places)
    if header is None:
        return None
    by_name: dict[str, list[int]] = defaultdict(list)
    texts = [_text(cell) for cell in header.cells]
    for number, text in enumerate(texts, start=1):
        if text:
            by_name[fold_header(text)].append(number)
    found: dict[str, int] = {}
    held: list[HeldColumn] = []
    approved = _approved_names(mapping, places)
    for column in mapping.columns:
        candidates = _candidates((column.header,), column.aliases, approved[column.field], by_name=by_name)
        if len(candidates) == 1:
            found[column.field] = candidates[0]
        elif candidates:
            letters = tuple(column_letter(candidate) for candidate in candidates)
            held.append(HeldColumn(column.field, "doubled", column.header, letters))
        else:
            held.append(HeldColumn(column.field, "missing", column.header))
    rows = [row for row in snapshot.rows if row.number > header.number]
    evidence = _Evidence(rows, base, found.get(REFERENCE_FIELD))
    held = [_renamed(item, snapshot, places, texts, set(found.values()), evidence) for item in held]
    for field in _swapped(found, places, evidence):
        held.append(HeldColumn(field, "swapped", texts[found[field] - 1], (column_letter(found.pop(field)),)))
    return Binding(header.number, found, {field: texts[column - 1] for field, column in found.items()}, tuple(held))


def _text(cell: Cell) -> str:
    if isinstance(cell, Formula):
        cell = cell.value
    return " ".join(cell.split()) if isinstance(cell, str) else ""


def _header_row(mapping: Mapping, snapshot: Snapshot, places: MappingType[str, Place]) -> SheetRow | None:
    """The one row among the first 20 that shows most of the mapping's headers, at least two (or all there are)."""
    approved = _approved_names(mapping, places)
    names = [
        {fold_header(name) for name in (column.header, *column.aliases, *approved[column.field])}
        for column in mapping.columns
    ]
    scores = []
    for row in snapshot.rows:
        if row.number > HEADER_ROWS:
            break
        shown = {fold_header(_text(cell)) for cell in row.cells if _text(cell)}
        scores.append((sum(1 for wanted in names if wanted & shown), row))
    best = max((score for score, _ in scores), default=0)
    rows = [row for score, row in scores if score == best]
    if best < min(2, len(names)) or len(rows) != 1:
        return None
    return rows[0]


def _approved_names(mapping: Mapping, places: MappingType[str, Place]) -> dict[str, tuple[str, ...]]:
    """The header each field had when last bound, unless the mapping means another field by that name now."""
    named = {fold_header(name): c.field for c in mapping.columns for name in (c.header, *c.aliases)}
    last = {c.field: places[c.field].header for c in mapping.columns if c.field in places}
    return {
        c.field: (last[c.field],)
        if c.field in last and named.get(fold_header(last[c.field]), c.field) == c.field
        else ()
        for c in mapping.columns
    }


def _candidates(*ranks: tuple[str, ...], by_name: MappingType[str, list[int]]) -> list[int]:
    """The columns with a name of the first rank that any column has: header, else alias, else approved name."""
    for names in ranks:
        columns = sorted({column for name in names for column in by_name.get(fold_header(name), ())})
        if columns:
            return columns
    return []


class _Evidence:
    """How far a column's content is what the base remembers of a field, judged by rows found by their reference."""

    def __init__(self, rows: list[SheetRow], base: Base, ref_column: int | None) -> None:
        self._rows, self._base, self._ref_column = rows, base, ref_column
        self._index = {field: index for index, field in enumerate(base.fields)}

    @cached_property
    def _pairs(self) -> list[tuple[SheetRow, BaseRow]]:
        """The rows whose reference the base knows; looked up only when some column is not where it was."""
        if self._ref_column is None:
            return []
        refs = ((row, row.cells[self._ref_column - 1]) for row in self._rows)
        known = self._base.rows
        return [(row, known[ref]) for row, ref in refs if isinstance(ref, str) and ref in known]

    def share(self, field: str, column: int) -> float | None:
        """Share of the field's remembered, non-blank cells that stand in this column; None: too few to tell."""
        index = self._index.get(field)
        if index is None or column > (len(self._pairs[0][0].cells) if self._pairs else 0):
            return None
        remembered = [
            (row.cells[column - 1], known.raw[index])
            for row, known in self._pairs
            if known.raw[index] is not None and not isinstance(known.raw[index], Unsettled)
        ]
        if len(remembered) < 2:
            return None
        return sum(1 for now, then in remembered if now == then) / len(remembered)


def _renamed(
    held: HeldColumn,
    snapshot: Snapshot,
    places: MappingType[str, Place],
    texts: list[str],
    taken: set[int],
    evidence: _Evidence,
) -> HeldColumn:
    """Turn a missing column into a renamed one where the anchor, the place or the content speaks for it."""
    if held.code != "missing":
        return held
    free = [column for column, text in enumerate(texts, start=1) if text and column not in taken]
    anchored = [column for column in free if snapshot.column_anchors.get(column) == held.field]
    alike = [column for column in free if (evidence.share(held.field, column) or 0) >= SIMILAR]
    place = places.get(held.field)
    same_place = [place.column] if place and place.column in free else []
    for candidates in (anchored, alike, same_place):
        if len(candidates) == 1:
            column = candidates[0]
            return HeldColumn(held.field, "renamed", held.header, (column_letter(column),), texts[column - 1])
    return held


def _swapped(found: MappingType[str, int], places: MappingType[str, Place], evidence: _Evidence) -> list[str]:
    """Fields whose header now stands elsewhere while their data stayed where it was."""
    suspects = []
    for field, column in found.items():
        place = places.get(field)
        if place is None or place.column == column:
            continue
        here, there = evidence.share(field, column), evidence.share(field, place.column)
        if there is not None and there >= SIMILAR and there > (here or 0):
            suspects.append(field)
    return suspects
