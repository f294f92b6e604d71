"""Looking up what a word of a vocabulary means, and which words of a vocabulary stand in a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from syncsvc.core.fields.contract import Kind, Reading, VocabularyEntry
from syncsvc.core.folding import bare, tidy, written_out
from syncsvc.core.model import Json


class WordIndex:
    """Finds the entry a word means: by key, label or alias, first as spelled (case apart), then by letters alone.

    A spelling that means two entries means none.
    """

    def __init__(self, entries: Iterable[VocabularyEntry]) -> None:
        self.by_key = {entry.key: entry for entry in entries}
        self._spelled = self._index(lambda word: tidy(word).casefold())
        self._bare = self._index(bare)

    def _index(self, form: Callable[[str], str]) -> dict[str, VocabularyEntry | None]:
        index: dict[str, VocabularyEntry | None] = {}
        for entry in self.by_key.values():
            for word in {form(word) for word in (entry.key, entry.label, *entry.aliases)}:
                index[word] = None if word in index else entry
        index.pop("", None)
        return index

    def find(self, word: str) -> VocabularyEntry | None:
        found = self._spelled.get(tidy(word).casefold())
        return found or self._bare.get(bare(word))


class WordSearch:
    """Finds the first entry of which a word stands somewhere in a text.

    An alias is a word or several; a ``*`` at its end takes every ending, one at its start every beginning. Short
    forms in capitals (``AU``) are found in capitals only. ``except`` lists beginnings that look like it and are
    something else (``Krankenkasse``).
    """

    def __init__(self, entries: Iterable[VocabularyEntry]) -> None:
        self._searches = [(entry, _pattern(entry)) for entry in entries]

    def find(self, text: str) -> VocabularyEntry | None:
        line = written_out(text)
        return next((entry for entry, pattern in self._searches if pattern.search(line)), None)


def _pattern(entry: VocabularyEntry) -> re.Pattern[str]:
    words = []
    for alias in entry.aliases:
        stem = written_out(alias)
        word = re.escape(stem.strip("*")).replace(r"\ ", " ")
        if stem.isupper() and len(stem) <= 4:
            word = f"(?-i:{word})"
        words.append((r"\w*" if stem.startswith("*") else "") + word + (r"\w*" if stem.endswith("*") else ""))
    others = "|".join(re.escape(written_out(word)) for word in entry.details.get("except", "").split())
    barred = rf"(?!{others})" if others else ""
    return re.compile(rf"(?<!\w){barred}(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)


def doubt(entry: VocabularyEntry, *meanings: Json) -> Reading | None:
    """The question or refusal an entry stands for, proposing its meanings; None for an entry that is a value."""
    if code := entry.details.get("reject"):
        return Reading(Kind.REJECT, None, code, sensitive=True)
    if code := entry.details.get("ask"):
        return Reading(Kind.ASK, meanings[0] if len(meanings) == 1 else list(meanings) or None, code)
    return None
