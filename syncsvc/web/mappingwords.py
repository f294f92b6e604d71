"""What differs between two states of a mapping, in words."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext

from syncsvc.core.fields.registry import CATALOGUE, STAFF
from syncsvc.core.mappingchanges import Difference
from syncsvc.core.schema import CUSTOM
from syncsvc.web.mappingform import LABELS, LEVELS, LISTS, OWNERS
from syncsvc.web.sentences import say

PARTS = {
    "header": lazy_gettext("Überschrift"),
    "aliases": lazy_gettext("Weitere Überschriften"),
    "type": lazy_gettext("Art"),
    "owner": lazy_gettext("Gehört"),
    "required": lazy_gettext("Muss ausgefüllt sein"),
    "choices": lazy_gettext("Auswahl"),
    "max_length": lazy_gettext("Höchstens so viele Zeichen"),
    "level": lazy_gettext("Datenschutz"),
    "tidy": lazy_gettext("Einheitlich schreiben"),
    "title": lazy_gettext("Name der Zuordnung"),
    "privacy_level": lazy_gettext("Datenschutz der Zuordnung"),
    "new_rows": lazy_gettext("Neue Zeilen"),
    "full_read_every": lazy_gettext("Ganz lesen spätestens alle"),
    "matching": lazy_gettext("Nach doppelten Begleitungen suchen"),
    "order": lazy_gettext("Reihenfolge der Spalten"),
    "guards.missing_rows": lazy_gettext("Anhalten bei fehlenden Zeilen"),
    "guards.missing_rows_minimum": lazy_gettext("Anhalten bei fehlenden Zeilen, mindestens"),
    "guards.changed_column": lazy_gettext("Anhalten bei geänderten Zeilen einer Spalte"),
    "guards.changed_column_minimum": lazy_gettext("Anhalten bei geänderten Zeilen einer Spalte, mindestens"),
}
"""The parts of a mapping and of its columns."""


def field_label(field: str) -> str:
    """A field as people call it; one of a table's own by its short name."""
    known = CATALOGUE.get(field) or STAFF.get(field)
    return say(known.label) if known else field.removeprefix(CUSTOM)


def told(difference: Difference) -> tuple[str, str]:
    """What is concerned, and what became of it."""
    if difference.field and not difference.part:
        what = gettext("Spalte „%(column)s“", column=difference.header)
        return what, gettext("kommt dazu") if difference.old is None else gettext("fällt weg")
    part = str(PARTS.get(difference.part, difference.part))
    what = gettext("Spalte „%(column)s“: %(part)s", column=difference.header, part=part) if difference.field else part
    if difference.part == "order":
        return what, gettext("geändert")
    old, new = _value(difference, difference.old), _value(difference, difference.new)
    return what, gettext("bisher „%(old)s“, danach „%(new)s“", old=old, new=new)


def _value(difference: Difference, value: Any) -> str:
    words: Any = value
    if difference.part in _FLAGS:
        words = gettext("ja") if value else gettext("nein")
    elif difference.part == "new_rows":
        words = gettext("werden erst geklärt") if value == "ask" else gettext("werden übernommen")
    elif value is None:
        words = _usual(difference) or gettext("wie üblich")
    elif isinstance(value, list):
        words = ", ".join(one["label"] if isinstance(one, dict) else one for one in value)
    elif isinstance(value, float):
        words = f"{value * 100:.4g} %".replace(".", ",")
    elif difference.part == "full_read_every":
        words = gettext("%(minutes)s Minuten", minutes=f"{value / 60:.4g}".replace(".", ","))
    return str(_NAMES.get(difference.part, {}).get(words, words))


def _usual(difference: Difference) -> Any:
    """What goes without saying for a part of the column's field; None where that is nothing."""
    known = CATALOGUE.get(difference.field) or STAFF.get(difference.field)
    usual = {"level": known.level, "type": known.type, "choices": known.vocabulary} if known else {"level": 1}
    return usual.get(difference.part)


_FLAGS = ("required", "tidy", "matching")
_NAMES: dict[str, dict[Any, Any]] = {
    "level": {**LEVELS}, "privacy_level": {**LEVELS}, "type": {**LABELS}, "owner": {**OWNERS}, "choices": {**LISTS},
}  # fmt: skip
