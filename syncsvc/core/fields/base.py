"""What all field types have in common: blank, unknown and computed cells, and the four kinds of reading."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable
from datetime import date, datetime, time
from typing import ClassVar, Generic, TypeAlias, TypeVar

from syncsvc.core.fields.contract import Context, Kind, Reading
from syncsvc.core.folding import fold, tidy
from syncsvc.core.mapping import Column
from syncsvc.core.model import Cell, Covered, ErrorValue, Formula, Json, Logical

Typed: TypeAlias = float | Logical | date | datetime | time
"""A cell that is neither blank nor text nor unknown."""

_ERROR_TEXTS = frozenset(
    {
        *("#NV", "#BEZUG!", "#WERT!", "#DIV/0!", "#NAME?", "#NULL!", "#ZAHL!", "#FEHLER!", "#ÜBERLAUF!"),
        *("#N/A", "#REF!", "#VALUE!", "#NUM!", "#ERROR!", "#SPILL!"),
    }
)
_RELATIVE = frozenset({"dito", "dto", "s.o", "sieheoben", "wieoben", "ebenso", "desgl", "siehevorzeile"})
_REPEAT_SIGNS = frozenset({'"', "''", "„", "“", "”", "″", '-"-', '–"–', '""'})


def ok(value: Json) -> Reading:
    return Reading(Kind.OK, value)


def normalise(value: Json) -> Reading:
    return Reading(Kind.NORMALISE, value)


def ask(code: str, proposal: Json = None) -> Reading:
    return Reading(Kind.ASK, proposal, code)


def reject(code: str, *, sensitive: bool = False) -> Reading:
    return Reading(Kind.REJECT, None, code, sensitive)


class BaseField(ABC):
    """A field that reads text through ``read_text`` and numbers, dates and truth values through ``read_typed``.

    A subclass says how its normal form is shown (``show``); what a person typed exactly so is ``ok``, every other
    spelling of the same value is ``normalise``.
    """

    type: ClassVar[str]

    def __init__(self, column: Column) -> None:
        self.column = column

    def parse(self, cell: Cell, context: Context) -> Reading:
        if isinstance(cell, Formula):
            cell = cell.value
            if cell is None:
                return reject("formula_not_computed")
        if cell is None:
            return ok(None)
        if isinstance(cell, str):
            return self.read_text(cell, context) if fold(cell) else normalise(None)
        if isinstance(cell, ErrorValue):
            return reject("formula_error")
        if isinstance(cell, Covered):
            return reject("merged_cell")
        return self.read_typed(cell, context)

    @abstractmethod
    def read_text(self, text: str, context: Context) -> Reading:
        """What a text that is not blank means."""

    @abstractmethod
    def read_typed(self, cell: Typed, context: Context) -> Reading:
        """What a number, a truth value, a date or a time means."""

    def format(self, value: Json, context: Context) -> Cell:
        return None if value is None else self.display(value, context) or None

    def key(self, value: Json) -> Hashable:
        return frozen(value)

    def display(self, value: Json, context: Context) -> str:
        if value is None:
            return ""
        try:
            return self.show(value, context)
        except (AttributeError, KeyError, TypeError, ValueError):
            # Another mapping may give the same field another type: then the record's value is shown as it is.
            return as_text(value)

    @abstractmethod
    def show(self, value: Json, context: Context) -> str:
        """A value in normal form as text, in its canonical spelling."""

    def taken(self, value: Json, text: str, context: Context) -> Reading:
        """The value, as typed or normalised."""
        return ok(value) if self.display(value, context) == text else normalise(value)


class StructuredField(BaseField):
    """A field whose text has a grammar: formulas, error texts and references to other rows never fit it."""

    def read_text(self, text: str, context: Context) -> Reading:
        line = tidy(text)
        if line.startswith("="):
            return reject("formula_not_allowed")
        if line.upper() in _ERROR_TEXTS:
            return reject("formula_error")
        if line in _REPEAT_SIGNS or line.casefold().replace(" ", "").rstrip(".") in _RELATIVE:
            return reject("relative_reference")
        reading = self.read_line(line, context)
        if reading.kind is Kind.OK and self.display(reading.value, context) != text:
            return normalise(reading.value)
        return reading

    @abstractmethod
    def read_line(self, line: str, context: Context) -> Reading:
        """What one tidy line means; ``ok`` for a value with one safe meaning, however it is spelled."""


def frozen(value: Json) -> Hashable:
    """A hashable stand-in for a value, equal exactly for equal values."""
    if isinstance(value, dict):
        return frozenset((name, frozen(part)) for name, part in value.items())
    if isinstance(value, list):
        return tuple(frozen(part) for part in value)
    return value


def as_text(value: Json) -> str:
    """A value of any shape as plain text."""
    if isinstance(value, dict):
        return ", ".join(as_text(part) for part in value.values() if part is not None)
    if isinstance(value, list):
        return ", ".join(as_text(part) for part in value)
    return "" if value is None else str(value)


def number_text(number: float) -> str:
    """A number as German text, without exponent: ``12,5``, ``1067``."""
    return f"{number:.15f}".rstrip("0").rstrip(".").replace(".", ",")


def typed_text(cell: Typed) -> str:
    """A typed cell as the text a person sees in a German spreadsheet."""
    if isinstance(cell, Logical):
        return "WAHR" if cell is Logical.TRUE else "FALSCH"
    if isinstance(cell, datetime):
        return cell.strftime("%d.%m.%Y %H:%M")
    if isinstance(cell, date):
        return cell.strftime("%d.%m.%Y")
    if isinstance(cell, time):
        return cell.strftime("%H:%M")
    return number_text(cell)


S = TypeVar("S")
T = TypeVar("T")


class Derived(Generic[S, T]):
    """Something built from a part of the context, built again only when another part is handed in.

    A run hands the same directory to every cell; folding it once per cell would cost more than all the rest.
    """

    def __init__(self, build: Callable[[S], T]) -> None:
        self._build = build
        self._last: tuple[S, T] | None = None

    def __call__(self, source: S) -> T:
        last = self._last
        if last is None or last[0] is not source:
            last = self._last = (source, self._build(source))
        return last[1]
