"""Measures a participant is assigned to, and whether they count as coaching."""

from __future__ import annotations

import re
from collections.abc import Hashable

from syncsvc.core.fields.base import StructuredField, Typed, ask, ok, reject
from syncsvc.core.fields.contract import Context, Reading, Vocabulary, VocabularyEntry
from syncsvc.core.fields.derived import Derived
from syncsvc.core.fields.words import WordIndex, doubt
from syncsvc.core.folding import fold
from syncsvc.core.mapping import Column
from syncsvc.core.model import Json

VOCABULARY = "measures"
_NOTE_SIGN = " – "
_TWO = re.compile(r" ?[/+&;] ?| und ")
_NOTHING = WordIndex(())


class MeasureField(StructuredField):
    """A measure of the vocabulary, its coaching class and what else was typed beside it as a note.

    Entries of the vocabulary with ``ask`` or ``reject`` stand for words that mean several measures, or that must not
    be in a shared table at all.
    """

    type = "measure"

    def __init__(self, column: Column) -> None:
        super().__init__(column)
        self._index = Derived[Vocabulary, WordIndex](lambda vocabulary: WordIndex(vocabulary.entries))

    def _words(self, context: Context) -> WordIndex:
        vocabulary = context.vocabularies.get(self.column.vocabulary or VOCABULARY)
        return self._index(vocabulary) if vocabulary else _NOTHING

    def doubted(self, line: str, context: Context) -> Reading | None:
        # Behind our own sign for notes a question mark belongs to the note.
        return None if _NOTE_SIGN in line else super().doubted(line, context)

    def read_line(self, line: str, context: Context) -> Reading:
        words = self._words(context)
        head, sign, note = line.partition(_NOTE_SIGN)
        if sign and (entry := words.find(head)):
            return _reading(entry, note, words)
        both = [words.find(part) for part in _TWO.split(line)]
        if len(both) > 1 and all(both) and words.find(line) is None:
            return ask("two_values", [entry.key for entry in both if entry])
        parts = line.split()
        for length in range(len(parts), 0, -1):
            if entry := words.find(" ".join(parts[:length])):
                return _reading(entry, _plain_note(" ".join(parts[length:])), words)
        return reject("not_in_list")

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        return reject("not_in_list")

    def key(self, value: Json) -> Hashable:
        # The class follows from the measure; an edited vocabulary must not look like an edited cell.
        if isinstance(value, dict) and "measure" in value:
            return (value["measure"], fold(str(value.get("note") or "")))
        return super().key(value)

    def show(self, value: Json, context: Context) -> str:
        if not isinstance(value, dict):
            raise TypeError(value)
        entry = self._words(context).by_key.get(str(value["measure"]))
        label = entry.label if entry else str(value["measure"])
        return f"{label}{_NOTE_SIGN}{value['note']}" if value.get("note") else label


def _plain_note(note: str) -> str:
    """A note without the brackets, comma, colon or dash that set it off."""
    note = note.lstrip("-–,:; ")
    return note[1:-1].strip() if note.startswith("(") and note.endswith(")") and note.count("(") == 1 else note


def _reading(entry: VocabularyEntry, note: str, words: WordIndex) -> Reading:
    if "ask" in entry.details and "means" not in entry.details:
        return doubt(entry) or reject("not_in_list")
    meant = entry.details.get("means", entry.key).split()
    if len(meant) > 1:
        return doubt(entry, *meant) or reject("not_in_list")
    value = _value(words.by_key[meant[0]], note)
    return doubt(entry, value) or ok(value)


def _value(entry: VocabularyEntry, note: str) -> dict[str, Json]:
    value: dict[str, Json] = {"measure": entry.key, "coaching": entry.details.get("coaching", "none")}
    if note:
        value["note"] = note
    return value
