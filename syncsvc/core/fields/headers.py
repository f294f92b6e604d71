"""Which field a column's header speaks of: for proposing a mapping, never for binding one."""

from __future__ import annotations

from syncsvc.core.fields.contract import Context, Kind, Reading, Vocabulary
from syncsvc.core.fields.derived import Derived
from syncsvc.core.fields.words import WordIndex
from syncsvc.core.folding import bare

_words = Derived[Vocabulary, WordIndex](lambda vocabulary: WordIndex(vocabulary.entries))


def header_reading(text: str, context: Context) -> Reading:
    """The field's name (normalise), several of them (ask, ``header_ambiguous``), or why there is none (reject)."""
    if not bare(text):
        return Reading(Kind.REJECT, code="header_empty")
    entry = _words(context.vocabularies["headers"]).find(text)
    if entry is None:
        return Reading(Kind.REJECT, code="header_unknown")
    if code := entry.details.get("ask"):
        return Reading(Kind.ASK, list(entry.details["means"].split()), code)
    return Reading(Kind.NORMALISE, entry.key)
