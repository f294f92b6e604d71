"""The service's own sentences, in the language of the page that shows them.

What the service says is German wherever it is made: in cells, mails, the database, and on a terminal. A page in another
language looks for the pattern a sentence was made from (``translations/*/LC_MESSAGES/sentences.po``, collected from the
code by ``make translations``) and says it anew with the same values. A translation names the values of its pattern by
number: ``{1}`` is copied as it is, for it may be somebody's word; ``{1:say}`` is itself something the service says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from syncsvc.core.fields.sentences import CELL_SENTENCES, ROW_SENTENCES, explain
from syncsvc.web.languages import LANGUAGES, catalogue, language

PLACE = re.compile(r"\{(\d)(:say)?\}")
"""Where a pattern has a value."""

QUOTED = re.compile(r"„([^“]*)“")
"""A value that the service repeats: nobody's to translate, whatever it says."""

_END = re.compile(r"(?<=[.?!…]) (?=[A-ZÄÖÜ„])")
"""Between two sentences."""


def say(text: object) -> str:
    """What the service says, in the page's language; what nobody translated stays as it is."""
    wanted = language()
    return str(text) if wanted == LANGUAGES[0] else _said(str(text), _book(wanted))


@dataclass(frozen=True, slots=True)
class _Pattern:
    anchor: str
    """The longest stretch of the sentence that never changes: a quick look whether it can be this one."""
    shape: re.Pattern[str]
    other: str


@dataclass(frozen=True, slots=True)
class _Book:
    """Sentences without values, and patterns of those with some, the most telling first."""

    whole: dict[str, str]
    patterns: tuple[_Pattern, ...]


def _said(text: str, book: _Book) -> str:
    known = _looked_up(text, book)
    if known is not None:
        return known
    parts = _END.split(text)
    return " ".join(_looked_up(part, book) or part for part in parts) if len(parts) > 1 else text


def _looked_up(text: str, book: _Book) -> str | None:
    if value := QUOTED.fullmatch(text):
        return f"“{value[1]}”"
    if text in book.whole:
        return book.whole[text]
    for pattern in book.patterns:
        if pattern.anchor in text and (found := pattern.shape.fullmatch(text)):
            return _filled(pattern.other, found, book)
    return None


def _filled(other: str, values: re.Match[str], book: _Book) -> str:
    def value(place: re.Match[str]) -> str:
        found = values[f"v{place[1]}"]
        return _said(found, book) if place[2] else found

    return PLACE.sub(value, other)


@cache
def _book(wanted: str) -> _Book:
    pairs = dict(_explanations(wanted))
    pairs.update(
        (str(message.id), str(message.string))
        for message in catalogue(wanted, "sentences")
        if message.id and message.string
    )
    patterns = [_pattern(german, other) for german, other in pairs.items() if PLACE.search(german)]
    patterns.sort(key=lambda pattern: -len(pattern.anchor))
    return _Book({german: other for german, other in pairs.items() if not PLACE.search(german)}, tuple(patterns))


def _pattern(german: str, other: str) -> _Pattern:
    literals = PLACE.split(german)[::3]
    shape = PLACE.sub(lambda place: f"(?P<v{place[1]}>.*?)", re.escape(german).replace(r"\{", "{").replace(r"\}", "}"))
    return _Pattern(max(literals, key=len), re.compile(shape, re.DOTALL), other)


def _explanations(wanted: str) -> Iterator[tuple[str, str]]:
    """What is said of a cell or row has its English where its German stands: cells can ask for either."""
    for code in (*CELL_SENTENCES, *ROW_SENTENCES):
        for header in ("", "{1}"):
            for values in ({}, {"detail": "{2}"}, {"example": "{2}"}):
                yield (
                    explain(code, header, **values, language=LANGUAGES[0]),
                    explain(code, header, **values, language=wanted),
                )
