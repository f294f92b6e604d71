"""Looking up what a word of a vocabulary means."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from syncsvc.core.fields.base import ask, reject
from syncsvc.core.fields.contract import Reading, VocabularyEntry
from syncsvc.core.folding import bare, tidy
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


def doubt(entry: VocabularyEntry, *meanings: Json) -> Reading | None:
    """The question or refusal an entry stands for, proposing its meanings; None for an entry that is a value."""
    if code := entry.details.get("reject"):
        return reject(code, sensitive=True)
    if code := entry.details.get("ask"):
        return ask(code, meanings[0] if len(meanings) == 1 else list(meanings) or None)
    return None
