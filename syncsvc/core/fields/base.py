"""What all field types have in common: blank, unknown and computed cells, and the four kinds of reading."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Hashable
from datetime import date, datetime, time
from typing import ClassVar, TypeAlias

from syncsvc.core.fields.contract import Context, Kind, Reading, Vocabulary
from syncsvc.core.fields.derived import Derived
from syncsvc.core.fields.sensitive import sensitive_code
from syncsvc.core.folding import bare, dashes, fold, tidy
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
_RELATIVE = frozenset(
    {
        *("dito", "dto", "do", "s.o", "so.", "sieheoben", "wieoben", "w.o", "ebenso", "desgl", "ebd", "siehevorzeile"),
        *("s.u", "sieheunten", "wievorher", "wiezuvor", "sieheletztezeile", "gleich", "gleichewieoben", "idem"),
        *("wiebisher", "wiegehabt", "unverändert", "s.vormonat", "siehevormonat", "s.vorzeile"),
    }
)
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
    free_text: ClassVar[bool] = True
    """Whether an accepted value may hold words of people's own; then it is searched for what must not be there."""

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
            return self._read(cell, context) if fold(cell) else normalise(None)
        if isinstance(cell, ErrorValue):
            return reject("formula_error")
        if isinstance(cell, Covered):
            return reject("merged_cell")
        return self.read_typed(cell, context)

    def _read(self, text: str, context: Context) -> Reading:
        reading = self.read_text(text, context)
        if reading.kind is Kind.REJECT and reading.sensitive:
            return reading
        if reading.accepted and not self.free_text:
            return reading
        code = sensitive_code(text, context)
        return reject(code, sensitive=True) if code else reading

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
    """A field whose text has a grammar: formulas, error texts and references to other rows never fit it.

    ``blanks`` says what a word for "no value" means here, by its reason in the vocabulary ``blanks``; a reason that
    is not listed is read like any other text. ``uncertain`` is the code for a value with a question mark.
    """

    blanks: ClassVar[dict[str, Reading]] = {
        "unknown": normalise(None),
        "none": normalise(None),
        "by_arrangement": ask("empty_unclear"),
        "not_registered": ask("empty_unclear"),
    }
    uncertain: ClassVar[str] = "uncertain"

    def read_text(self, text: str, context: Context) -> Reading:
        line = tidy(text)
        if fault := unreadable_line(line):
            return reject(fault)
        reading = self._blank(line, context) or self.doubted(line, context) or self.read_line(line, context)
        if reading.kind is Kind.OK and self.display(reading.value, context) != text:
            return normalise(reading.value)
        return reading

    def _blank(self, line: str, context: Context) -> Reading | None:
        if _NOTHING.fullmatch(dashes(line)):
            return self.blanks.get("none")
        vocabulary = context.vocabularies.get("blanks")
        reason = _blank_words(vocabulary).get(bare(line)) if vocabulary else None
        return self.blanks.get(reason) if reason else None

    def doubted(self, line: str, context: Context) -> Reading | None:
        """The question about a value with a question mark behind it; None for every other line."""
        if not line.endswith("?"):
            return None
        reading = self.read_line(line.rstrip("? (").rstrip(), context)
        return ask(self.uncertain, reading.value) if reading.accepted and reading.value is not None else None

    @abstractmethod
    def read_line(self, line: str, context: Context) -> Reading:
        """What one tidy line means; ``ok`` for a value with one safe meaning, however it is spelled."""


_NOTHING = re.compile(r"[-–—_./ ]+")


def unreadable_line(line: str) -> str:
    """The code of what makes a line unreadable in every column: a formula, an error, a hint at another row."""
    if line.startswith("="):
        return "formula_not_allowed"
    if line.upper() in _ERROR_TEXTS:
        return "formula_error"
    if line in _REPEAT_SIGNS or line.casefold().replace(" ", "").rstrip(".") in _RELATIVE:
        return "relative_reference"
    return ""


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


def _words_of_blanks(vocabulary: Vocabulary) -> dict[str, str]:
    words = ((word, entry.key) for entry in vocabulary.entries for word in (entry.label, *entry.aliases))
    return {bare(word): reason for word, reason in words if bare(word)}


_blank_words = Derived[Vocabulary, dict[str, str]](_words_of_blanks)
