"""Why two entries are held to be one woman, in phrases a case worker understands, from the levels alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from syncsvc.core.coaching.levels import BirthLevel, Near, Place, WordLevel
from syncsvc.core.coaching.persons import Person
from syncsvc.core.coaching.score import RARE

_BIRTH_FOR = {
    BirthLevel.SAME: "Geburtsdatum gleich",
    BirthLevel.SAME_YEAR_ONLY: "Geburtsdatum gleich",
    BirthLevel.TURNED: "Geburtsdatum mit Tag und Monat vertauscht",
    BirthLevel.YEAR_BESIDE_DATE: "Geburtsjahr gleich, einmal 01.01.",
    BirthLevel.PART: "Geburtsdatum fast gleich",
    BirthLevel.YEAR_TYPO: "Geburtsdatum bis auf eine Ziffer gleich",
}
_BIRTH_AGAINST = {
    BirthLevel.DIFFERENT: "Geburtsdatum verschieden",
    BirthLevel.DIFFERENT_YEAR_ONLY: "Geburtsjahr verschieden",
    BirthLevel.YEAR: "Geburtsdatum verschieden, nur das Jahr gleich",
    BirthLevel.DAY_AND_MONTH: "Geburtsjahr verschieden, Tag und Monat gleich",
    BirthLevel.SAME_YEAR_ONLY: "beide am 01.01. geboren, oft ist nur das Jahr bekannt",
    BirthLevel.MISSING: "Geburtsdatum fehlt",
}


def reasons(a: Person, b: Person, levels: Mapping[str, float]) -> Iterator[str]:
    """What speaks for one woman, the strongest first."""
    if levels["number"] > 0:
        same = levels["number"] == Near.SAME
        yield "gleiche Kundennummer" if same else "Kundennummer bis auf ein Zeichen gleich"
    elif levels["household"] > 0:
        yield "gleiche BG-Nummer"
    if levels["email"] > 0:
        yield "gleiche E-Mail-Adresse"
    if levels["phone"] == Near.SAME:
        yield "gleiche Telefonnummer"
    elif levels["phone"] == Near.TYPO:
        yield "Telefonnummer bis auf eine Ziffer gleich"
    yield from _names(a, b, levels)
    if levels["birth"] in _BIRTH_FOR:
        yield _BIRTH_FOR[BirthLevel(int(levels["birth"]))]
    if levels["postcode"] == Place.SAME:
        yield "gleiche PLZ"
    if levels["contact"] > 0 and levels["agency"] >= 0:
        yield "gleiche Ansprechperson im Jobcenter"
    elif levels["agency"] > 0:
        yield "gleiches Jobcenter"


def doubts(levels: Mapping[str, float]) -> Iterator[str]:
    """What speaks against it, the strongest first."""
    if levels["number"] == Near.DIFFERENT:
        yield "Kundennummern verschieden"
    if levels["given"] < WordLevel.TYPO or levels["given_clash"] > 0:
        yield "Vorname fehlt" if levels["given"] == WordLevel.MISSING else "Vornamen verschieden (Verwandte?)"
    if levels["family"] < WordLevel.TYPO:
        yield "Nachname fehlt" if levels["family"] == WordLevel.MISSING else "Nachnamen verschieden (Heirat?)"
    if levels["birth"] in _BIRTH_AGAINST:
        yield _BIRTH_AGAINST[BirthLevel(int(levels["birth"]))]
    if levels["phone"] == Near.DIFFERENT:
        yield "Telefonnummern verschieden"
    if levels["email"] < 0:
        yield "E-Mail-Adressen verschieden"
    if levels["postcode"] in (Place.DIFFERENT, Place.REGION):
        yield "PLZ verschieden"
    if levels["agency"] < 0:
        yield "Jobcenter verschieden"


def _names(a: Person, b: Person, levels: Mapping[str, float]) -> Iterator[str]:
    one, other = f"{a.given} {a.family}".strip(), f"{b.given} {b.family}".strip()
    given, family = levels["given"], levels["family"]
    if levels["swapped"]:
        same = min(given, family) >= WordLevel.SOUND
        yield "Name gleich, anders verteilt" if same else f"Name {one} ~ {other}, anders verteilt"
        return
    if given == family == WordLevel.SAME:
        yield "Vor- und Nachname gleich"
    else:
        yield from _part("Vorname", a.given, b.given, given)
        yield from _part("Nachname", a.family, b.family, family)
    if min(given, family) >= WordLevel.SKELETON and levels["namesakes"] < RARE:
        yield "seltener Name"


def _part(title: str, one: str, other: str, level: float) -> Iterator[str]:
    if level == WordLevel.SAME:
        yield f"{title} gleich"
    elif level > WordLevel.DIFFERENT:
        yield f"{title} {one.strip()} ~ {other.strip()}"
