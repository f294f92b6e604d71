"""What is asked about contacts: one question for all rows that raise it, its words, and what each answer means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from syncsvc.core.asked import (
    ABSENT,
    ACCEPT,
    DECLINE,
    DEPUTY,
    LEFT,
    NEW,
    PLANNED,
    PROPOSAL,
    RECORD,
    SECOND,
    SHEET,
    VACANT,
    YES,
    Asked,
    Choice,
    place,
    quoted,
)
from syncsvc.core.model import Json

FLIP: Final = "contact_flip"
"""The cell shows again who was responsible just before the last change."""

ENTRY: Final = "entry_differs"
"""A cell beside the contact says of her what the directory does not: ``{contact, part, value}``."""

HANDOVERS: Final = frozenset({"handover_planned", "handover_undated"})
PROPOSALS: Final = frozenset({"proposal_record", "proposal_sheet"})
"""Proposals of the same change in many rows are one hand-over: ``{from, to}``."""


def kind_of(code: str) -> str:
    """The kind of question a doubt about a contact raises."""
    return "handover" if code in HANDOVERS else "contact"


def said(meaning: Json) -> dict[str, Any]:
    """What a cell was read as, by part; a bare key or several of them are contacts too."""
    if isinstance(meaning, dict):
        return dict(meaning)
    if isinstance(meaning, list):
        return {"candidates": meaning}
    return {"contact": meaning} if meaning is not None else {}


def people_of(meaning: Json) -> tuple[str, ...]:
    """The keys of everybody whom a meaning names."""
    parts = said(meaning)
    alone = (parts.get(name) for name in ("contact", "second", "deputy", "next", "from", "to"))
    return tuple(key for key in (*alone, *parts.get("candidates", ()), *parts.get("like", ())) if isinstance(key, str))


def text(asked: Asked) -> str:
    """The question as one or two German sentences."""
    return f"{place(asked)}: {_matter(asked, said(asked.meaning))}"


def choices(asked: Asked) -> list[Choice]:
    """The answers, most usual first."""
    parts = said(asked.meaning)
    if asked.code in PROPOSALS:
        stays = asked.sheet if asked.code == "proposal_record" else asked.record
        return [
            Choice(ACCEPT, f"Für alle übernehmen: {quoted(asked.proposal)}"),
            Choice(DECLINE, f"Für alle ablehnen, es bleibt bei {quoted(stays)}"),
        ]
    if asked.code == FLIP:
        return [
            Choice(SHEET, f"{quoted(asked.sheet)} ist zuständig"),
            *([] if asked.fixed else [Choice(RECORD, f"{quoted(asked.record)} ist zuständig")]),
        ]
    if asked.code == ENTRY:
        value = _entry(asked, parts)
        keep = Choice(RECORD, "Nein, zurücksetzen auf das, was im Verzeichnis steht")
        return [Choice(YES, f"Ja, {value} gilt für alle Zeilen dieser Person"), *([] if asked.fixed else [keep])]
    return [*_readings(asked, parts), *_keep(asked)]


def _matter(asked: Asked, parts: dict[str, Any]) -> str:
    about = parts.get("contact")
    otherwise = "ist so nicht zu verstehen. Meinten Sie {contact}?" if about else "ist so nicht zu verstehen."
    template = _MATTERS.get(asked.code, "{shown} " + otherwise)
    return template.format(
        shown=quoted(asked.sheet),
        record=quoted(asked.record),
        proposal=quoted(asked.proposal),
        header=asked.header,
        contact=_name(asked, parts, "contact"),
        next=_name(asked, parts, "next"),
        new=_created(parts),
        start=_day(parts.get("valid_from")),
        entry=_entry(asked, parts),
    )


_MATTERS: Final[Mapping[str, str]] = {
    "contact_unknown": "{shown} steht nicht im Verzeichnis. Ist {new} neu?",
    "contact_similar": "{shown} steht so nicht im Verzeichnis. Ist {contact} gemeint?",
    "contact_ambiguous": "{shown} passt auf mehrere Personen. Wer ist gemeint?",
    "contact_of_other_organisation": "{contact} arbeitet laut Verzeichnis bei einer anderen Stelle. Stimmt das?",
    "deputy_only": "{shown} nennt nur die Vertretung. Wer ist zuständig?",
    "two_contacts": "{shown} nennt zwei Personen. Wer ist zuständig?",
    "contact_left": "{shown}: Ist {contact} nicht mehr da?",
    "contact_absent_no_deputy": "{shown}: Ist {contact} zurzeit abwesend?",
    "handover_planned": "{shown}: Übernimmt {next} ab {start}?",
    "handover_undated": "{shown}: Wer ist ab wann zuständig?",
    FLIP: "Erst vor Kurzem wurde {record} eingetragen, jetzt steht wieder {shown} da. Wer ist zuständig?",
    ENTRY: "{header} von {contact}: neu {entry}?",
    "proposal_record": "Das Projekt schlägt {proposal} statt {shown} vor. Soll das gelten?",
    "proposal_sheet": "In der Tabelle wurde {proposal} statt {record} eingetragen. Soll das gelten?",
}


def _readings(asked: Asked, parts: dict[str, Any]) -> list[Choice]:
    """What the cell may mean."""
    if asked.code in _OFFERS:
        return [Choice(key, words) for key, words in _OFFERS[asked.code](asked, parts)]
    if not parts.get("contact"):
        return []
    found = [Choice(PROPOSAL, f"Ja, gemeint ist {_name(asked, parts, 'contact')}")]
    if (parts.get("create") or {}).get("organisation"):
        found.append(Choice(NEW, f"Nein, {_created(parts)} ist neu: ins Verzeichnis aufnehmen"))
    return found


def _unknown(asked: Asked, parts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if parts["create"].get("organisation"):
        yield NEW, f"Ja, {_created(parts)} ins Verzeichnis aufnehmen"
    for key in parts.get("like", ()):
        yield key, f"Gemeint ist {asked.names.get(key, key)}"


def _ambiguous(asked: Asked, parts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key in parts["candidates"]:
        yield key, f"Gemeint ist {asked.names.get(key, key)}"


def _elsewhere(asked: Asked, parts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield PROPOSAL, f"Ja, {_name(asked, parts, 'contact')} ist zuständig"


def _two(asked: Asked, parts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    one, two = (asked.names.get(key, key) for key in both_of(parts))
    if parts.get("contact"):  # a coach has no deputy in the cell
        yield DEPUTY, f"{one} ist zuständig, {two} vertritt"
    yield PROPOSAL, f"{one} allein ist zuständig"
    yield SECOND, f"{two} allein ist zuständig"


def _deputy(asked: Asked, parts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if parts.get("deputy"):
        who = _name(asked, parts, "deputy")
        if asked.record:
            yield DEPUTY, f"{who} vertritt die bisherige Ansprechperson"
        yield SECOND, f"{who} ist jetzt zuständig"


def _left(asked: Asked, parts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if parts.get("contact"):
        yield LEFT, f"Ja, im Verzeichnis vermerken, dass {_name(asked, parts, 'contact')} nicht mehr da ist"


def _absent(asked: Asked, parts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if parts.get("contact"):
        yield ABSENT, f"Ja, im Verzeichnis vermerken, dass {_name(asked, parts, 'contact')} ab heute abwesend ist"


def _planned(asked: Asked, parts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    who = _name(asked, parts, "next")
    yield PLANNED, f"Ja, ab {_day(parts['valid_from'])} ist {who} zuständig"
    yield SECOND, f"{who} ist ab sofort zuständig"


def _undated(asked: Asked, parts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if parts.get("next"):
        yield SECOND, f"{_name(asked, parts, 'next')} ist ab sofort zuständig"
    yield VACANT, "Zurzeit ist niemand zuständig"


_OFFERS: Final[Mapping[str, Callable[[Asked, dict[str, Any]], Iterator[tuple[str, str]]]]] = {
    "contact_unknown": _unknown,
    "contact_ambiguous": _ambiguous,
    "contact_of_other_organisation": _elsewhere,
    "two_contacts": _two,
    "deputy_only": _deputy,
    "contact_left": _left,
    "contact_absent_no_deputy": _absent,
    "handover_planned": _planned,
    "handover_undated": _undated,
}


def both_of(parts: dict[str, Any]) -> list[str]:
    """The two people of a cell that names two."""
    return parts.get("candidates") or [parts["contact"], parts["second"]]


def _keep(asked: Asked) -> list[Choice]:
    """The record stays as it is, and the cell is set back to it."""
    if asked.fixed:
        return []
    if len(asked.refs) > 1:
        return [Choice(RECORD, "Nein, der alte Wert bleibt")]
    if not asked.record:
        return [Choice(RECORD, "Nein, die Zelle leeren")]
    return [Choice(RECORD, f"Nein, es bleibt bei {quoted(asked.record)}")]


def _name(asked: Asked, parts: dict[str, Any], part: str) -> str:
    key = parts.get(part)
    return asked.names.get(key, key) if isinstance(key, str) else "die Ansprechperson"


def _created(parts: dict[str, Any]) -> str:
    new = parts.get("create") or {}
    return f"{new.get('family')}, {new['given']}" if new.get("given") else str(new.get("family"))


def _entry(asked: Asked, parts: dict[str, Any]) -> str:
    return quoted(asked.sheet) if parts.get("value") is not None else "nichts mehr"


def _day(day: str | None) -> str:
    return f"{date.fromisoformat(day):%d.%m.%Y}" if day else ""
