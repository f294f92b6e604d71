"""Consents as noted in a cell: given or withdrawn, and on which day."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import ClassVar

from syncsvc.core.fields.base import StructuredField, Typed, ask, normalise, reject
from syncsvc.core.fields.contract import Context, Kind, Reading, Vocabulary, VocabularyEntry
from syncsvc.core.fields.dates import find_day, read_day
from syncsvc.core.fields.derived import Derived
from syncsvc.core.fields.words import WordIndex, doubt
from syncsvc.core.folding import dashes
from syncsvc.core.mapping import Column
from syncsvc.core.model import Json

_GIVEN, _WITHDRAWN, _REFUSED = "given", "withdrawn", "refused"
_SHOWN = {_GIVEN: "ja", _WITHDRAWN: "widerrufen", _REFUSED: "nein"}
_ONLY = re.compile(r"(?:ja,? ?)?(?:aber )?nur (?:für |zu |mit )?(?P<scopes>.+)", re.IGNORECASE)
_BETWEEN = re.compile(r" ?[,;+/&] ?| und | u\. ?")


class ConsentField(StructuredField):
    """``{"consent": "given", "date": "2025-03-12"}``; also withdrawn, and refused, which needs no date.

    A withdrawal counts at once, so without a date today is proposed; a consent without a date, or limited to some
    groups of fields, is asked about.
    """

    type = "text"
    blanks: ClassVar[dict[str, Reading]] = {
        "unknown": ask("consent_pending"),
        "none": ask("consent_pending"),
        "by_arrangement": ask("consent_pending"),
    }

    def __init__(self, column: Column) -> None:
        super().__init__(column)
        self._words = Derived[Vocabulary, WordIndex](lambda vocabulary: WordIndex(vocabulary.entries))
        self._scopes = Derived[Vocabulary, WordIndex](lambda vocabulary: WordIndex(vocabulary.entries))

    def read_line(self, line: str, context: Context) -> Reading:
        line = dashes(line)
        if found := _ONLY.fullmatch(line):
            return self._limited(found["scopes"], context)
        words, day = find_day(line)
        if day and not words:
            reading = _dated(_GIVEN, read_day(f"seit {day}", context.today), context.today)
            return ask("consent_unclear", reading.value) if reading.accepted else reading
        entry = self._entry(words, context) if words else None
        if entry is None:
            return reject("consent_unreadable")
        if doubtful := doubt(entry):
            return doubtful
        if not day:
            return _undated(entry.key, context.today)
        return _dated(entry.key, read_day(f"seit {day}", context.today), context.today)

    def _entry(self, words: str, context: Context) -> VocabularyEntry | None:
        vocabulary = context.vocabularies.get("consents")
        return self._words(vocabulary).find(words) if vocabulary else None

    def _limited(self, text: str, context: Context) -> Reading:
        vocabulary = context.vocabularies.get("consent_scopes")
        words = find_day(text)[0]
        found = [self._scopes(vocabulary).find(part) if vocabulary else None for part in _BETWEEN.split(words)]
        scopes: list[Json] = [entry.key for entry in found if entry]
        return ask("consent_scope", scopes if len(scopes) == len(found) else None)

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        return ask("consent_date_missing") if not isinstance(cell, date) else ask("consent_unclear", _given(cell))

    def show(self, value: Json, context: Context) -> str:
        if not isinstance(value, dict):
            raise TypeError(value)
        word = _SHOWN[str(value["consent"])]
        return f"{word}, {date.fromisoformat(str(value['date'])):%d.%m.%Y}" if value["date"] else word


def _given(day: date) -> Json:
    return {"consent": _GIVEN, "date": day.isoformat()[:10]}


def _undated(consent: str, today: date) -> Reading:
    if consent == _WITHDRAWN:
        return ask("withdrawn_undated", {"consent": consent, "date": today.isoformat()})
    return normalise({"consent": consent, "date": None}) if consent == _REFUSED else ask("consent_date_missing")


def _dated(consent: str, day: Reading, today: date) -> Reading:
    if day.kind is Kind.REJECT or not isinstance(day.value, str):
        return day if day.kind is Kind.REJECT else ask(day.code)
    if day.value > today.isoformat():
        return reject("date_in_future")
    return replace(day, value={"consent": consent, "date": day.value})
