"""How pages say things in the language of whoever asks: moments, counts and the service's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import gettext, lazy_gettext, ngettext

from syncsvc.core.fields.sentences import CELL_SENTENCES, ROW_SENTENCES, explain
from syncsvc.services.contacts.entries import DETAIL_NAMES
from syncsvc.services.runtime import ZONE
from syncsvc.services.schedules import resting_sentence
from syncsvc.services.tables import TableView
from syncsvc.web import sessions
from syncsvc.web.languages import language
from syncsvc.web.sentences import say

STATES = {
    "new": lazy_gettext("noch nie abgeglichen"),
    "ok": lazy_gettext("aktuell"),
    "held": lazy_gettext("angehalten"),
    "failed": lazy_gettext("gestört"),
    "paused": lazy_gettext("pausiert"),
    "daily": lazy_gettext("pausiert, täglicher Versuch"),
}
"""Of tables."""

RUN_STATES = {
    "running": lazy_gettext("läuft"),
    "ok": lazy_gettext("abgeglichen"),
    "unchanged": lazy_gettext("unverändert"),
    "held": lazy_gettext("angehalten"),
    "failed": lazy_gettext("gestört"),
    "interrupted": lazy_gettext("unterbrochen"),
}

BADGES = {
    "ok": "success",
    "unchanged": "success",
    "held": "warning",
    "failed": "danger",
    "daily": "danger",
    "interrupted": "warning",
    "present": "success",
    "absent": "warning",
    "left": "danger",
    "unconfirmed": "warning",
}
"""The colour of a state; all others are ``info``."""

KINDS = {
    "conflict": lazy_gettext("Zwei verschiedene Änderungen"),
    "proposal": lazy_gettext("Vorschlag"),
    "unreadable": lazy_gettext("Nicht lesbar"),
    "deletion": lazy_gettext("Zeile fehlt"),
    "doubled_row": lazy_gettext("Zeile doppelt"),
    "identity": lazy_gettext("Wessen Zeile ist das?"),
    "column": lazy_gettext("Spalte unklar"),
    "held": lazy_gettext("Tabelle angehalten"),
    "contact": lazy_gettext("Ansprechperson"),
    "handover": lazy_gettext("Übergabe"),
    "coaching": lazy_gettext("Doppelte Begleitung"),
}

DIRECTIONS = {
    "to_record": lazy_gettext("in den Datensatz"),
    "to_table": lazy_gettext("in die Tabelle"),
    "question": lazy_gettext("zu klären"),
}

REASONS = {
    "new_row": lazy_gettext("neue Zeile in der Tabelle"),
    "edited_in_table": lazy_gettext("in der Tabelle geändert"),
    "said_by_directory": lazy_gettext("steht so im Verzeichnis der Ansprechpersonen"),
    "changed_in_record": lazy_gettext("im Datensatz geändert"),
    "new_record": lazy_gettext("fehlt noch in der Tabelle"),
    "reference": lazy_gettext("die Zeile bekommt ihre TN-Nr."),
    "note": lazy_gettext("Hinweis für die Zeile"),
    "header": lazy_gettext("Überschrift der Spalte"),
    "row_gone": lazy_gettext("die Zeile fehlt in der Tabelle"),
}
"""Why a plan does something; what it asks about is explained as the row itself explains it."""

CONTACT_STATES = {
    "present": lazy_gettext("da"),
    "absent": lazy_gettext("abwesend"),
    "left": lazy_gettext("ausgeschieden"),
    "unconfirmed": lazy_gettext("lange nicht bestätigt"),
}
"""Of people of the directory."""

RHYTHMS = {
    "off": lazy_gettext("gar nicht"),
    "daily": lazy_gettext("an Arbeitstagen"),
    "weekly": lazy_gettext("montags"),
}
"""How often somebody is told by mail what changed."""

SCHEDULES = {
    "": lazy_gettext("laufend"),
    "*/30 6-19 * * mon-fri": lazy_gettext("werktags von 6 bis 20 Uhr, jede halbe Stunde"),
    "0 6-19 * * mon-fri": lazy_gettext("werktags von 6 bis 19 Uhr, jede Stunde"),
    "0 7,12,16 * * mon-fri": lazy_gettext("werktags um 7, 12 und 16 Uhr"),
    "0 6 * * *": lazy_gettext("täglich um 6 Uhr"),
    "0 6 * * mon": lazy_gettext("montags um 6 Uhr"),
}
"""Usual schedules in words."""

OWN = "eigener"
"""Stands for a schedule of one's own among the usual ones."""

SIDES = {"record": lazy_gettext("Datensatz"), "table": lazy_gettext("Tabelle")}

EDITORS = {"project": lazy_gettext("Projekt"), "jobcentre": lazy_gettext("Jobcenter")}

ACTORS = {
    "schedule": lazy_gettext("Zeitplan"),
    "sync": lazy_gettext("Kommandozeile"),
    "demo": lazy_gettext("Beispiel"),
    "apply": lazy_gettext("Programmdatei"),
}
"""Who runs have when no person logged in to start them."""

RECEIPT = (
    ("agreed", lazy_gettext("Auf beiden Seiten gleich")),
    ("changed", lazy_gettext("Auf die andere Seite übernommen")),
    ("kept_in_question", lazy_gettext("In einer offenen Klärung")),
    ("kept_in_history", lazy_gettext("Ersetzt, im Verlauf aufbewahrt")),
    ("lost", lazy_gettext("Verloren")),
)
"""The places a value can be in after a run; their counts add up to ``before``."""

COUNTS: dict[str, Callable[[int], str]] = {
    "records_created": lambda n: ngettext("%(n)s Datensatz angelegt", "%(n)s Datensätze angelegt", n, n=number(n)),
    "records_changed": lambda n: ngettext("%(n)s Datensatz geändert", "%(n)s Datensätze geändert", n, n=number(n)),
    "rows_added": lambda n: ngettext("%(n)s Zeile ergänzt", "%(n)s Zeilen ergänzt", n, n=number(n)),
    "cells_written": lambda n: ngettext("%(n)s Zelle geschrieben", "%(n)s Zellen geschrieben", n, n=number(n)),
    "questions_opened": lambda n: ngettext("%(n)s Klärung gestellt", "%(n)s Klärungen gestellt", n, n=number(n)),
    "questions_closed": lambda n: ngettext("%(n)s Klärung erledigt", "%(n)s Klärungen erledigt", n, n=number(n)),
}
"""What a run did, in the order pages say it."""

MOMENTS = {"de": "dd.MM.yyyy, HH:mm 'Uhr'", "en": "d MMM yyyy, HH:mm"}

DAYS = {"de": "dd.MM.yyyy", "en": "d MMM yyyy"}

MONTHS = {"de": "MM/yyyy", "en": "MMM yyyy"}

SHOWN_CHANGES = 200
"""Cells on one page; a page says how many there are in all."""


def register(app: Flask) -> None:
    """Give templates these words and filters."""
    app.jinja_env.filters.update(
        ago=ago,
        moment=moment,
        day=day,
        month=month,
        headed=headed,
        say=say,
        rhythm=rhythm,
        number=number,
        place=place,
        editors=editors,
        happened=happened,
        reason=reason,
    )
    app.jinja_env.globals.update(
        STATES=STATES,
        RUN_STATES=RUN_STATES,
        BADGES=BADGES,
        resting_sentence=resting_sentence,
        KINDS=KINDS,
        DIRECTIONS=DIRECTIONS,
        SIDES=SIDES,
        EDITORS=EDITORS,
        ACTORS=ACTORS,
        RECEIPT=RECEIPT,
        CONTACT_STATES=CONTACT_STATES,
        RHYTHMS=RHYTHMS,
        SCHEDULES=SCHEDULES,
        OWN=OWN,
        DETAILS=DETAIL_NAMES,
        SHOWN_CHANGES=SHOWN_CHANGES,
    )


def ago(at: datetime) -> str:
    """How long ago, in one unit: ``vor 12 Minuten``; ``gerade eben`` within the last ten seconds."""
    passed = sessions.runtime().clock.now() - at
    if passed < timedelta(seconds=10):
        return str(gettext("gerade eben"))
    return format_timedelta(-passed, add_direction=True, locale=language())


def moment(at: datetime) -> str:
    """Day and time of day as the projects' clocks show it: ``15.09.2025, 14:05 Uhr``, ``15 Sep 2025, 14:05``."""
    return format_datetime(at.astimezone(ZONE), MOMENTS[language()], locale=language())


def day(value: date | str) -> str:
    """A day as people write it: ``15.09.2025``, ``15 Sep 2025``; text is a day in ISO 8601."""
    known = date.fromisoformat(value) if isinstance(value, str) else value
    return format_date(known, DAYS[language()], locale=language())


def month(value: str) -> str:
    """A month in normal form as people write it: ``09/2025``, ``Sep 2025``."""
    return format_date(date.fromisoformat(f"{value}-01"), MONTHS[language()], locale=language())


def number(value: float) -> str:
    """A number with the language's separators: ``1.250``, ``1,250``."""
    return format_decimal(value, locale=language())


def headed(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def rhythm(table: TableView) -> str:
    """When a table is synced by itself: ``täglich um 6 Uhr, Ruhezeit 19:30-06:00, Feiertage BE``."""
    parts = [str(SCHEDULES.get(table.schedule, table.schedule))]
    if not table.schedule:
        return parts[0]
    if table.zone != str(ZONE):
        parts.append(gettext("Zeitzone %(zone)s", zone=table.zone))
    if table.quiet_hours:
        parts.append(gettext("Ruhezeit %(hours)s", hours=table.quiet_hours))
    land = gettext("Feiertage %(land)s", land=table.land) if table.land else gettext("bundesweite Feiertage")
    return ", ".join([*parts, land])


def place(location: Mapping[str, str]) -> str:
    """Where a table is: ``Teilnehmerinnen.xlsx, Blatt Liste``. A pasted link is not shown: it may let anybody in."""
    parts = [location.get("path") or location.get("spreadsheet") or gettext("Mappe")]
    if sheet := location.get("worksheet"):
        parts.append(gettext("Blatt %(name)s", name=sheet))
    if table := location.get("table"):
        parts.append(gettext("Excel-Tabelle %(name)s", name=table))
    return ", ".join(parts)


def editors(sides: Iterable[str]) -> str:
    """Who types in a table: ``Projekt und Jobcenter``."""
    return str(gettext(" und ")).join(str(EDITORS.get(side, side)) for side in sides)


def happened(counts: Mapping[str, int]) -> str:
    """What a run did, in counts that are not zero; ``nichts`` if all are."""
    said = ", ".join(told(counts[name]) for name, told in COUNTS.items() if counts.get(name))
    return said or str(gettext("nichts"))


def reason(code: str) -> str:
    """Why a preview lists a cell."""
    if code in REASONS:
        return str(REASONS[code])
    if code.startswith("column_"):
        return str(gettext("die Spalte ist nicht eindeutig zu finden"))
    known = code in CELL_SENTENCES or code in ROW_SENTENCES
    return explain(code, "", language=language()) if known else str(gettext("muss geklärt werden"))
