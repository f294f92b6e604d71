"""Language levels as attained, and language courses."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Final

from syncsvc.core.fields.base import StructuredField, ask, normalise, ok, reject
from syncsvc.core.fields.contract import Context, Reading, Vocabulary, VocabularyEntry
from syncsvc.core.fields.derived import Derived
from syncsvc.core.fields.slips import corrected
from syncsvc.core.fields.text import ChoiceField
from syncsvc.core.fields.words import WordIndex, doubt
from syncsvc.core.folding import dashes
from syncsvc.core.mapping import Column
from syncsvc.core.model import Json

_BELOW: Final = {"A1": "below_A1", "A2": "A1", "B1": "A2", "B2": "B1", "C1": "B2", "C2": "C1"}
_LEVEL = r"[ABC] ?[12]"
_LABEL = re.compile(r"^(?:Niveau|Level|Stufe|Sprachniveau|Deutsch|Dt\.)\b:? *", re.IGNORECASE)
_STAGE = re.compile(rf"({_LEVEL})[.,/]([1-4])", re.IGNORECASE)
_WITH_STAGE = re.compile(rf"({_LEVEL}) \(Kurs ({_LEVEL}\.[1-4])\)", re.IGNORECASE)
_ABOUT = re.compile(r"(?:ca|circa|etwa|ungefähr|geschätzt|geschätzt auf|gesch|ungef|~)\.?:? ?", re.IGNORECASE)
_ABOUT_AFTER = re.compile(r" ?\(?(?:geschätzt|gesch\.|ungefähr|ca\.)\)?$", re.IGNORECASE)
_PLUS = re.compile(rf"({_LEVEL}) ?\+", re.IGNORECASE)
_RANGE = re.compile(rf"(?:zw(?:ischen|\.) )?({_LEVEL}) ?(?:/|-|->|→|bis|und|auf|zu) ?({_LEVEL})", re.IGNORECASE)
_LEVEL_AND = re.compile(rf"(?P<level>{_LEVEL})[ ,:-]*\(?(?P<rest>[^()]+)\)?", re.IGNORECASE)
_AND_LEVEL = re.compile(rf"(?P<rest>[^()]+?)[ :-]*\(?(?P<level>{_LEVEL})\)?", re.IGNORECASE)
_RESULTS: Final = {
    "dropped_out": re.compile(r"(?:Kurs ?)?(?:abgebr\.?|abgebrochen|Abbruch)", re.IGNORECASE),
    "failed": re.compile(
        r"(?:Kurs ?|Prüfung )?(?:nicht best\.?|nicht bestanden|n\. ?b\.|durchgefallen)", re.IGNORECASE
    ),
    "running": re.compile(
        r"(?:im |in |Sprach)?-?kurs(?: läuft| laufend)?|läuft|laufend|begonnen|angefangen|derzeit im Kurs"
        r"|(?:macht|besucht)(?: gerade)?",
        re.IGNORECASE,
    ),
    "planned": re.compile(
        r"geplant|angestrebt|Ziel|beantragt|ab .*|wartet auf|Warteliste|Prüfung (?:am|im) .*", re.IGNORECASE
    ),
}
_SLIP = re.compile(r"([ABC]) ?([Il|])")


class LevelField(ChoiceField):
    """``{"level": "B1"}``, with ``evidence``, ``estimated`` or ``plus`` where it was typed.

    A stage of a course (B1.2) proves only the level below: ``{"level": null, "course_stage": "B1.2",
    "last_safe_level": "A2"}``.
    A course that runs, was dropped or failed is no level, and school marks are none: asked and refused.
    """

    blanks = StructuredField.blanks | {"none": ask("empty_unclear"), "pending": ask("empty_unclear")}

    def __init__(self, column: Column) -> None:
        super().__init__(column)
        self._evidence = Derived[Vocabulary, WordIndex](lambda vocabulary: WordIndex(vocabulary.entries))
        self._courses = Derived[Vocabulary, WordIndex](lambda vocabulary: WordIndex(vocabulary.entries))

    def read_line(self, line: str, context: Context) -> Reading:
        line = _LABEL.sub("", dashes(line)) or line
        return self.almost(line, context) if _RANGE.fullmatch(line) else super().read_line(line, context)

    def meaning(self, entry: VocabularyEntry) -> Reading:
        return doubt(entry) or ok({"level": entry.key})

    def almost(self, line: str, context: Context) -> Reading:
        if found := _WITH_STAGE.fullmatch(line):
            return normalise({"level": _level(found[1]), "course_stage": _level(found[2])})
        if found := _STAGE.fullmatch(line):
            level = _level(found[1])
            stage = {"level": None, "course_stage": f"{level}.{found[2]}", "last_safe_level": _BELOW[level]}
            return normalise({**stage})
        if found := _RANGE.fullmatch(line):
            return _range(_level(found[1]), _level(found[2]))
        if found := _PLUS.fullmatch(line):
            return normalise({"level": _level(found[1]), "plus": True})
        if about := _estimated(line):
            reading = super().read_line(about, context)
            return _estimate(reading) if reading.accepted else reading
        if found := _SLIP.fullmatch(line):
            digit, code = corrected(found[2], "#")
            return ask(code, f"{found[1]}{digit}")
        return self._beside(line, context)

    def _beside(self, line: str, context: Context) -> Reading:
        """A level with words beside it: where it comes from, or that it is a course; or a course alone."""
        for found in filter(None, (_LEVEL_AND.fullmatch(line), _AND_LEVEL.fullmatch(line))):
            level, rest = _level(found["level"]), found["rest"].strip(" ,:-")
            evidence = self._evidence_of(rest, context)
            if evidence:
                return normalise({"level": level, "evidence": evidence})
            result = next((name for name, pattern in _RESULTS.items() if pattern.fullmatch(rest)), None)
            if result:
                return ask("course_not_level", {"course": level, "result": result})
        return self._course(line, context) or reject("level_not_gers")

    def _evidence_of(self, text: str, context: Context) -> str | None:
        vocabulary = context.vocabularies.get("level_evidence")
        entry = self._evidence(vocabulary).find(text) if vocabulary else None
        return entry.label if entry else None

    def _course(self, line: str, context: Context) -> Reading | None:
        vocabulary = context.vocabularies.get("language_courses")
        entry = self._courses(vocabulary).find(line) if vocabulary else None
        if entry is None:
            return None
        if entry.key == "integration_literacy":
            return ask("course_not_level", {"course": entry.key, "level": "below_A1"})
        return ask("course_not_level", {"course": entry.key})

    def key(self, value: Json) -> Hashable:
        """A bare level and the level with nothing beside it are the same."""
        return super().key({"level": value} if isinstance(value, str) else value)

    def show(self, value: Json, context: Context) -> str:
        if not isinstance(value, dict):
            return super().show(value, context)
        if not value.get("level"):
            return str(value["course_stage"])
        level = super().show(value["level"], context)
        if "course_stage" in value:
            return f"{level} (Kurs {value['course_stage']})"
        if "evidence" in value:
            return f"{level} ({value['evidence']})"
        return f"ca. {level}" if "estimated" in value else f"{level}+" if "plus" in value else level


def _level(text: str) -> str:
    return text.replace(" ", "").upper()


def _range(low: str, high: str) -> Reading:
    if low == high:
        return normalise({"level": low})
    return ask("level_range", {"level": min(low, high), "aiming_at": max(low, high)})


def _estimated(line: str) -> str:
    """The line without the word that says it is an estimate; ``""`` where there is none."""
    for pattern in (_ABOUT, _ABOUT_AFTER):
        if (found := pattern.search(line)) and (pattern is _ABOUT_AFTER or found.start() == 0):
            return (line[: found.start()] + line[found.end() :]).strip()
    return ""


def _estimate(reading: Reading) -> Reading:
    assert isinstance(reading.value, dict)
    return normalise({**reading.value, "estimated": True})


_TARGET = re.compile(
    rf"(?P<course>.+?)[ ,:-]*\(?(?:zu |auf |bis |Ziel |Zielniveau )?(?P<level>{_LEVEL})\)?(?:[- ]?Kurs)?", re.IGNORECASE
)


class CourseField(ChoiceField):
    """A course of the vocabulary by its key, with the level it leads to: ``{"course": key, "target": "B2"}``."""

    def almost(self, line: str, context: Context) -> Reading:
        words = self._words(context)
        if re.fullmatch(rf"{_LEVEL}[- ]?(?:Kurs|Sprachkurs|Deutschkurs)?", line, re.IGNORECASE):
            return ask("course_type_missing")
        found = _TARGET.fullmatch(dashes(line))
        entry = words.find(found["course"]) if found else None
        if entry is None or found is None:
            return reject("not_in_list")
        return doubt(entry) or normalise({"course": entry.key, "target": _level(found["level"])})

    def read_line(self, line: str, context: Context) -> Reading:
        if line.casefold() in ("kein kurs", "kein sprachkurs", "keinen kurs", "ohne kurs"):
            return normalise(None)
        return super().read_line(line, context)

    def show(self, value: Json, context: Context) -> str:
        if not isinstance(value, dict):
            return super().show(value, context)
        return f"{super().show(value['course'], context)} {value['target']}"
