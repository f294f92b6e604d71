"""Whether somebody's residence is secured, and by which title."""

from __future__ import annotations

import re

from syncsvc.core.fields.base import ask, normalise
from syncsvc.core.fields.contract import Context, Reading, Vocabulary, VocabularyEntry
from syncsvc.core.fields.dates import find_day, read_day
from syncsvc.core.fields.derived import Derived
from syncsvc.core.fields.text import YesNoField
from syncsvc.core.fields.words import WordIndex, doubt
from syncsvc.core.folding import dashes
from syncsvc.core.mapping import Column
from syncsvc.core.model import Json

_PARAGRAPH = re.compile(
    r"§+ ?(?P<number>[0-9]{1,3})(?P<letter> ?(?-i:[a-h])(?![\w]))?"
    r"(?:,? ?Abs(?:atz|\.)? ?(?P<part>[0-9]{1,2})| (?P<roman>I{1,3}|IV|V)\b)?"
    r"(?: ?S(?:atz|\.)? ?[0-9])?(?: ?Nr\.? ?[0-9])?(?: (?:AufenthG|AsylG))?",
    re.IGNORECASE,
)
_ROMAN = {"I": "1", "II": "2", "III": "3", "IV": "4", "V": "5"}
_NO_TITLE = frozenset({"60a", "55", "81", "63"})
"""§ 60a toleration, § 81 certificate of fiction (AufenthG); §§ 55, 63 permission during asylum (AsylG)."""
_UNTIL = re.compile(r"^(?:gültig )?(?:bis|gilt bis)\b", re.IGNORECASE)


class ResidenceField(YesNoField):
    """``"yes"``, ``"no"``, or the title that secures it: ``{"secured": "yes", "title": …, "basis": "§ 25 Abs. 2"}``.

    What is no title of residence, and a date alone, is asked about (AufenthG §§ 4, 60a, 81; AsylG § 55).
    """

    def __init__(self, column: Column) -> None:
        super().__init__(column)
        self._titles = Derived[Vocabulary, WordIndex](lambda vocabulary: WordIndex(vocabulary.entries))

    def read_line(self, line: str, context: Context) -> Reading:
        line = dashes(line)
        words, day = find_day(line)
        if day and not _UNTIL.sub("", words).strip(" ,(:-"):
            until = read_day(day, context.today)
            return ask("date_instead_of_title", until.value) if until.value else until
        return self._title(line, context) or super().read_line(line, context)

    def _title(self, line: str, context: Context) -> Reading | None:
        paragraph = _PARAGRAPH.search(line)
        words = (line[: paragraph.start()] + line[paragraph.end() :]) if paragraph else line
        words = words.strip(" ,()-")
        basis = _basis(paragraph) if paragraph else ""
        if paragraph and (paragraph["number"] + (paragraph["letter"] or "").strip()) in _NO_TITLE:
            return ask("no_residence_title")
        entry = self._entry(words, context) if words else None
        if entry is None:
            if not paragraph or words:
                return None
            return normalise({"secured": "yes", "title": "residence_permit", "basis": basis})
        if doubtful := doubt(entry):
            return doubtful
        value: dict[str, Json] = {"secured": "yes", "title": entry.key}
        return normalise(value | ({"basis": basis} if basis else {}))

    def _entry(self, words: str, context: Context) -> VocabularyEntry | None:
        vocabulary = context.vocabularies.get("residence_titles")
        return self._titles(vocabulary).find(words) if vocabulary else None

    def show(self, value: Json, context: Context) -> str:
        if not isinstance(value, dict):
            return super().show(value, context)
        vocabulary = context.vocabularies.get("residence_titles")
        entry = self._titles(vocabulary).by_key.get(str(value["title"])) if vocabulary else None
        label = entry.label if entry else str(value["title"])
        return f"{label} {value['basis']}" if value.get("basis") else label


def _basis(found: re.Match[str]) -> str:
    part = found["part"] or _ROMAN.get((found["roman"] or "").upper(), "")
    return f"§ {found['number']}{(found['letter'] or '').strip()}" + (f" Abs. {part}" if part else "")
