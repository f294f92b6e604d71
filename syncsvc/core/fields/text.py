"""Free text, choices from a list, yes or no, and numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable
from datetime import date, time

from syncsvc.core.fields.base import (
    BaseField,
    StructuredField,
    Typed,
    ask,
    normalise,
    number_text,
    ok,
    reject,
    typed_text,
    unreadable_line,
)
from syncsvc.core.fields.contract import Context, Reading, Vocabulary, VocabularyEntry
from syncsvc.core.fields.derived import Derived
from syncsvc.core.fields.words import WordIndex, doubt
from syncsvc.core.folding import dashes, even_blanks, fold, tidy
from syncsvc.core.mapping import Column
from syncsvc.core.model import Cell, Json, Logical

CELL_LIMIT = 32_767
"""Characters one cell of an .xlsx file holds."""


class TextField(BaseField):
    """Text as typed, line breaks, leading ``=``, ``+``, ``-`` and ``@`` included; blanks outside are no content."""

    type = "text"

    def read_text(self, text: str, context: Context) -> Reading:
        value = even_blanks(text)
        if len(value) > min(self.column.max_length or CELL_LIMIT, CELL_LIMIT):
            return reject("too_long")
        return self.taken(value, text, context)

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        # The spreadsheet turned what was typed into something else; nobody can tell what stood there.
        return ask(damage_code(cell), typed_text(cell))

    def key(self, value: Json) -> Hashable:
        return fold(value) or None if isinstance(value, str) else super().key(value)

    def show(self, value: Json, context: Context) -> str:
        return str(value)


_COMMENT = re.compile(
    r"(?:siehe|s\.|vgl\.|Details?:?) ?(?:im |in der |den |die |Zell-?)?"
    r"(?:Kommentar|Notiz|Anmerkung|Anlage|Anhang|Mail|E-Mail)\b.*",
    re.IGNORECASE,
)


class RemarkField(TextField):
    """A remark: text as typed, but no formula, no hint at another row, and none at a comment, which stays behind."""

    def read_text(self, text: str, context: Context) -> Reading:
        line = tidy(text)
        if fault := unreadable_line(line):
            return reject(fault)
        return ask("comment_not_synced") if _COMMENT.fullmatch(line) else super().read_text(text, context)


def damage_code(cell: Typed) -> str:
    """The code for a typed cell where only text makes sense."""
    if isinstance(cell, Logical):
        return "logical_in_text_column"
    return "date_in_text_column" if isinstance(cell, date | time) else "number_in_text_column"


class ChoiceField(StructuredField):
    """One of a list: the column's own choices, or a vocabulary. The value is the choice's key."""

    type = "choice"
    free_text = False  # what the list has, the list allows

    def __init__(self, column: Column) -> None:
        super().__init__(column)
        self._own = WordIndex(VocabularyEntry(choice.key, choice.label) for choice in column.choices)
        self._vocabulary = Derived[Vocabulary, WordIndex](lambda vocabulary: WordIndex(vocabulary.entries))

    def _words(self, context: Context) -> WordIndex:
        vocabulary = context.vocabularies.get(self.column.vocabulary)
        return self._own if self.column.choices or vocabulary is None else self._vocabulary(vocabulary)

    def read_line(self, line: str, context: Context) -> Reading:
        words = self._words(context)
        if entry := words.find(line):
            return self.meaning(entry)
        parts = [words.find(part) for part in _TWO.split(line)]
        if len(parts) > 1 and all(parts):
            return ask("two_values", [self.meaning(entry).value for entry in parts if entry])
        return self.almost(line, context)

    def meaning(self, entry: VocabularyEntry) -> Reading:
        """What an entry of the list stands for."""
        return doubt(entry, *entry.details.get("means", "").split()) or ok(entry.key)

    def almost(self, line: str, context: Context) -> Reading:
        """What a line means that is no word of the list."""
        return reject("not_in_list")

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        return self.read_line(typed_text(cell), context)

    def show(self, value: Json, context: Context) -> str:
        entry = self._words(context).by_key.get(str(value))
        return entry.label if entry else str(value)


_TWO = re.compile(r" ?[/;+&,] ?| und | oder ")

_YES = frozenset({"ja", "j", "yes", "y", "x", "✓", "✔", "☑", "☒", "wahr", "true", "bewilligt", "genehmigt", "erhält"})
_NO = frozenset(
    {"nein", "n", "no", "falsch", "false", "☐", "abgelehnt", "nicht bewilligt", "nicht genehmigt", "✗", "✘"}
)
_PENDING = frozenset(
    {"beantragt", "offen", "in klärung", "in prüfung", "läuft", "angefragt", "noch offen", "ausstehend"}
)
_PARTLY = frozenset({"teilweise", "teils", "anteilig", "manchmal", "z.t", "zum teil", "nur teilweise"})


class YesNoField(StructuredField):
    """``"yes"`` or ``"no"``; a cell that says neither is not guessed at. A ticked box, ``x`` and ``WAHR`` are yes."""

    type = "yesno"
    blanks = StructuredField.blanks | {"pending": ask("pending_not_boolean"), "none": ask("empty_unclear")}

    def read_line(self, line: str, context: Context) -> Reading:
        word = line.casefold().rstrip(".!")
        if word in _YES:
            return ok("yes")
        if word in _NO:
            return ok("no")
        if word in _PENDING:
            return ask("pending_not_boolean")
        return ask("partly_not_boolean") if word in _PARTLY else reject("not_yes_no")

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        if isinstance(cell, Logical):
            return normalise("yes" if cell is Logical.TRUE else "no")
        return reject("not_yes_no")

    def show(self, value: Json, context: Context) -> str:
        return {"yes": "ja", "no": "nein"}[str(value)]


_UNIT = (
    r"(?: ?(?:(?:Std|Stunden|Stunde|h|Wochenstunden|Wochenstd|WStd)\.? ?(?:/|pro |die |in der )? ?(?:Woche|Wo|W)?\.?"
    r"|(?:Tage|Tag|Euro|EUR|€)\.?))?"
)
_ABOUT = re.compile(
    r"(?:ca|circa|etwa|ungefähr|rund|max|maximal|mind|mindestens|höchstens|bis zu|~)\.? ?", re.IGNORECASE
)
_HOURS_IN_WORDS = frozenset({"teilzeit", "tz", "vollzeit", "vz", "minijob", "halbtags", "ganztags"})
_GERMAN = re.compile(rf"([+-]?(?:[0-9]+|[0-9]{{1,3}}(?:\.[0-9]{{3}})+))(?:,([0-9]+))?{_UNIT}", re.IGNORECASE)
_ENGLISH = re.compile(rf"([+-]?[0-9]{{1,3}}(?:,[0-9]{{3}})+)\.([0-9]+){_UNIT}", re.IGNORECASE)
_POINT = re.compile(rf"([+-]?[0-9]+)\.([0-9]+){_UNIT}", re.IGNORECASE)
_RANGE = re.compile(rf"([0-9]+)(?:,([0-9]+))? ?(?:-|bis) ?([0-9]+)(?:,([0-9]+))?{_UNIT}", re.IGNORECASE)
_DIGITS = 15  # a spreadsheet keeps no more of a number
_LIMITS = {"weekly_hours": (0, 60, "hours_range")}  # six days of ten hours, ArbZG § 3


class NumberField(StructuredField):
    """A number, int where it is whole. The comma is the decimal sign.

    ``1.5``, ``1.234`` and ``1,234`` mean different things in German and English spreadsheets: asked.
    """

    type = "number"

    def read_line(self, line: str, context: Context) -> Reading:
        line = dashes(line)
        if self.column.field in _LIMITS and line.casefold().rstrip(".") in _HOURS_IN_WORDS:
            return ask("hours_missing")
        if about := _ABOUT.match(line):
            reading = self.read_line(line[about.end() :], context)
            return ask("number_estimated", reading.value) if reading.accepted else reading
        if sum(map(str.isdigit, line)) > _DIGITS:
            return reject("number_too_long")
        if span := _RANGE.fullmatch(line):
            return ask("number_range", [_number(span[1], span[2]), _number(span[3], span[4])])
        if point := _POINT.fullmatch(line):
            return ask("number_ambiguous", _number(point[1], point[2]))
        found = _GERMAN.fullmatch(line) or _ENGLISH.fullmatch(line)
        if found is None:
            return reject("not_a_number")
        value = _number(found[1], found[2])
        if "," in line and "." not in line and len(found[2]) == 3 and len(found[1].lstrip("+-")) <= 3:
            return ask("number_ambiguous", value)
        return self._within_limits(value)

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        if isinstance(cell, date | time):
            return ask("date_in_number_column")
        if isinstance(cell, Logical) or not math.isfinite(cell):
            return reject("not_a_number")
        return self._within_limits(_whole(cell))

    def _within_limits(self, value: float) -> Reading:
        low, high, code = _LIMITS.get(self.column.field, (-math.inf, math.inf, ""))
        return ok(value) if low <= value <= high else reject(code)

    def format(self, value: Json, context: Context) -> Cell:
        return float(value) if isinstance(value, int | float) else super().format(value, context)

    def show(self, value: Json, context: Context) -> str:
        return number_text(value) if isinstance(value, int | float) else str(value)


def _number(whole: str, decimals: str | None) -> float:
    return _whole(float(f"{whole.replace('.', '').replace(',', '')}.{decimals or 0}"))


def _whole(number: float) -> float:
    return int(number) if number.is_integer() and abs(number) < 10**_DIGITS else number
