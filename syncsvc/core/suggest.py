"""Propose a mapping for a table nobody has mapped yet: from its headers, and from what stands below them."""

from __future__ import annotations

import re
from collections.abc import Collection, KeysView, Sequence
from dataclasses import dataclass
from typing import Final

from syncsvc.core.binding import HEADER_ROWS, column_letter, fold_header
from syncsvc.core.fields import Context, Kind, field_for
from syncsvc.core.fields.headers import header_reading
from syncsvc.core.fields.registry import CATALOGUE, KnownField
from syncsvc.core.folding import bare, tidy
from syncsvc.core.labels import label_kind
from syncsvc.core.mapping import Column
from syncsvc.core.model import Cell, Formula, SheetRow, Side, Snapshot

SAMPLE = 200
"""Cells of a column that are looked at."""
FITS: Final = 0.8
"""Share of a column's cells that a type has to read before the values alone speak for it."""

_BY_VALUES: Final = ("participant_ref", "contact_jc_email", "bg_no", "customer_no", "contact_jc_phone")
"""Fields whose values look like nothing else, in the order they are tried."""
_TYPES: Final = ("date", "month", "number", "yesno")
_ANYTHING: Final = frozenset({"text", "contact", "organisation"})
"""Types that take any text where there is no directory: their values prove nothing."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One column: ``confidence`` is 0 to 1, ``reason`` German and without any value of the table."""

    letter: str
    header: str
    field: str
    type: str
    owner: Side
    aliases: tuple[str, ...]
    level: int
    confidence: float
    reason: str


def suggest(snapshot: Snapshot, context: Context, header: SheetRow | None = None) -> list[Suggestion]:
    """One suggestion for every column with a header, left to right; no field and no header twice.

    Of columns with the same header the first is suggested. ``header`` is the header row where somebody chose it. Empty
    without one.
    """
    header = header or find_header(snapshot, context)
    if header is None:
        return []
    below = [row for row in snapshot.rows if row.number > header.number and not _is_label(row)]
    first: dict[str, tuple[int, str]] = {}
    for index, cell in enumerate(header.cells):
        if name := fold_header(_text(cell)):
            first.setdefault(name, (index, _text(cell)))
    columns = [
        (index, text, [row.cells[index] for row in below if row.cells[index] is not None][:SAMPLE])
        for index, text in first.values()
    ]
    found: dict[int, tuple[str, float, str]] = {}
    taken: set[str] = set()
    for judge in (_by_header, _by_choice, _by_values):
        for index, text, cells in columns:
            if index not in found and (guess := judge(text, cells, context, frozenset(taken))):
                found[index] = guess
                taken.add(guess[0])
    suggestions = []
    for index, text, cells in columns:
        name, confidence, reason = found.get(index) or (own_field(text, taken), 0.3, "unbekannte Überschrift")
        taken.add(name)
        suggestions.append(_suggestion(index, text, cells, name, confidence, reason, context, first.keys()))
    return suggestions


def find_header(snapshot: Snapshot, context: Context) -> SheetRow | None:
    """The row among the first 20 with most headers we know; without any, the first with two texts and more."""
    rows = [row for row in snapshot.rows if row.number <= HEADER_ROWS]
    known = [sum(header_reading(_text(cell), context).kind is not Kind.REJECT for cell in row.cells) for row in rows]
    if any(known):
        return rows[known.index(max(known))]
    return next((row for row in rows if sum(any(map(str.isalpha, _text(c))) for c in row.cells) >= 2), None)


def _is_label(row: SheetRow) -> bool:
    filled = [cell for cell in row.cells if cell is not None]
    return len(filled) == 1 and isinstance(filled[0], str) and bool(label_kind(filled[0]))


def _text(cell: Cell) -> str:
    if isinstance(cell, Formula):
        cell = cell.value
    return tidy(cell) if isinstance(cell, str) else ""


def _by_header(
    text: str, cells: Sequence[Cell], context: Context, taken: frozenset[str]
) -> tuple[str, float, str] | None:
    """The field whose header this is; sure as far as its values read."""
    reading = header_reading(text, context)
    if reading.kind is not Kind.NORMALISE or not isinstance(reading.value, str) or reading.value in taken:
        return None
    fit = _fit(reading.value, cells, context)
    if fit is None:
        return reading.value, 0.8, "Überschrift bekannt"
    return reading.value, round(0.5 + 0.5 * fit, 2), f"Überschrift bekannt, {fit:.0%} der Werte lesbar"


def _by_choice(
    text: str, cells: Sequence[Cell], context: Context, taken: frozenset[str]
) -> tuple[str, float, str] | None:
    """Of several fields that a header may mean, the first that is still free and whose values read best."""
    reading = header_reading(text, context)
    if reading.kind is not Kind.ASK or not isinstance(reading.value, list):
        return None
    free = [name for name in map(str, reading.value) if name not in taken]
    fits = {name: _fit(name, cells, context) or 0.0 for name in free}
    best = max(free, key=lambda name: fits[name], default=None)
    if best is None or (cells and fits[best] == 0):
        return None
    meanings = ", ".join(CATALOGUE[str(name)].label for name in reading.value)
    return best, round(0.3 + 0.3 * fits[best], 2), f"Überschrift mehrdeutig ({meanings}), bitte prüfen"


def _by_values(
    _text: str, cells: Sequence[Cell], context: Context, taken: frozenset[str]
) -> tuple[str, float, str] | None:
    """A field whose values look like nothing else."""
    for name in _BY_VALUES:
        fit = _fit(name, cells, context) or 0
        if name not in taken and len(cells) >= 3 and fit >= FITS:
            return name, round(0.6 * fit, 2), f"Überschrift unbekannt, aber {fit:.0%} der Werte passen"
    return None


def _fit(name: str, cells: Sequence[Cell], context: Context) -> float | None:
    """The share of the cells that this field takes or asks about with a proposal; None where that proves nothing."""
    known = CATALOGUE[name]
    strict = name in _BY_VALUES
    if not cells or (known.type in _ANYTHING and not strict):
        return None
    field = field_for(_column(name, known))
    readings = [field.parse(cell, context) for cell in cells]
    return sum(r.accepted or (r.value is not None and not strict) for r in readings) / len(cells)


def _column(name: str, known: KnownField) -> Column:
    return Column(known.label, name, known.type, known.owner, vocabulary=known.vocabulary)


def own_field(text: str, taken: Collection[str]) -> str:
    """A name for a field of the table's own: ``custom.notiz``."""
    word = re.sub(r"[^a-z0-9]", "", bare(text)) or "spalte"
    word = word if word[0].isalpha() else f"spalte{word}"
    name, number = f"custom.{word}", 1
    while name in taken:
        number += 1
        name = f"custom.{word}_{number}"
    return name


def _suggestion(
    index: int,
    text: str,
    cells: Sequence[Cell],
    name: str,
    confidence: float,
    reason: str,
    context: Context,
    used: KeysView[str],
) -> Suggestion:
    known = CATALOGUE.get(name)
    letter = column_letter(index + 1)
    if known is None:
        kind, fit = _own_type(cells, context)
        why = f"{reason}; {fit:.0%} der Werte lesbar als {kind}" if fit else reason
        return Suggestion(letter, text, name, kind, Side.BOTH, (), 1, confidence + (0.2 if fit else 0), why)
    aliases = (known.label,) if fold_header(known.label) not in used else ()
    return Suggestion(letter, text, name, known.type, known.owner, aliases, known.level, confidence, reason)


def _own_type(cells: Sequence[Cell], context: Context) -> tuple[str, float]:
    """The narrowest type that reads nearly all of an unknown column, else text."""
    for kind in _TYPES if len(cells) >= 3 else ():
        field = field_for(Column("", "custom.x", kind, Side.BOTH))
        fit = sum(field.parse(cell, context).accepted for cell in cells) / len(cells)
        if fit >= FITS:
            return kind, fit
    return "text", 0.0
