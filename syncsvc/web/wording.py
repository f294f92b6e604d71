"""How pages say things: moments, counts and the service's words in German."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal
from flask import Flask

from syncsvc.core.fields.sentences import CELL_SENTENCES, ROW_SENTENCES, explain
from syncsvc.services.contacts.entries import DETAIL_NAMES
from syncsvc.services.runtime import ZONE
from syncsvc.services.schedules import resting_sentence
from syncsvc.services.tables import TableView
from syncsvc.web import sessions

LOCALE = "de"

STATES = {
    "new": "noch nie abgeglichen",
    "ok": "aktuell",
    "held": "angehalten",
    "failed": "gestört",
    "paused": "pausiert",
    "daily": "pausiert, täglicher Versuch",
}
"""Of tables."""

RUN_STATES = {
    "running": "läuft",
    "ok": "abgeglichen",
    "unchanged": "unverändert",
    "held": "angehalten",
    "failed": "gestört",
    "interrupted": "unterbrochen",
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

FAULTS = {
    "table": "Ihre Tabelle: wer sie pflegt",
    "access": "Ihr Zugang: wer die Freigaben erteilt",
    "platform": "Die Plattform: niemand muss etwas tun",
    "operator": "Der Dienst: wer ihn betreibt",
}
"""Who has to act so that a failing table goes on."""

KINDS = {
    "conflict": "Zwei verschiedene Änderungen",
    "proposal": "Vorschlag",
    "unreadable": "Nicht lesbar",
    "deletion": "Zeile fehlt",
    "doubled_row": "Zeile doppelt",
    "identity": "Wessen Zeile ist das?",
    "column": "Spalte unklar",
    "held": "Tabelle angehalten",
    "contact": "Ansprechperson",
    "handover": "Übergabe",
    "coaching": "Doppelte Begleitung",
}

DIRECTIONS = {"to_record": "in den Datensatz", "to_table": "in die Tabelle", "question": "zu klären"}

REASONS = {
    "new_row": "neue Zeile in der Tabelle",
    "edited_in_table": "in der Tabelle geändert",
    "said_by_directory": "steht so im Verzeichnis der Ansprechpersonen",
    "changed_in_record": "im Datensatz geändert",
    "new_record": "fehlt noch in der Tabelle",
    "reference": "die Zeile bekommt ihre TN-Nr.",
    "note": "Hinweis für die Zeile",
    "header": "Überschrift der Spalte",
    "row_gone": "die Zeile fehlt in der Tabelle",
}
"""Why a plan does something; what it asks about is explained as the row itself explains it."""

CONTACT_STATES = {
    "present": "da",
    "absent": "abwesend",
    "left": "ausgeschieden",
    "unconfirmed": "lange nicht bestätigt",
}
"""Of people of the directory."""

RHYTHMS = {"off": "gar nicht", "daily": "an Arbeitstagen", "weekly": "montags"}
"""How often somebody is told by mail what changed."""

SIDES = {"record": "Datensatz", "table": "Tabelle"}

EDITORS = {"project": "Projekt", "jobcentre": "Jobcenter"}

ACTORS = {"schedule": "Zeitplan", "sync": "Kommandozeile", "demo": "Beispiel", "apply": "Programmdatei"}
"""Who runs have when no person logged in to start them."""

RECEIPT = (
    ("agreed", "Auf beiden Seiten gleich"),
    ("changed", "Auf die andere Seite übernommen"),
    ("kept_in_question", "In einer offenen Klärung"),
    ("kept_in_history", "Ersetzt, im Verlauf aufbewahrt"),
    ("lost", "Verloren"),
)
"""The places a value can be in after a run; their counts add up to ``before``."""

COUNTS = (
    ("records_created", "Datensatz angelegt", "Datensätze angelegt"),
    ("records_changed", "Datensatz geändert", "Datensätze geändert"),
    ("rows_added", "Zeile ergänzt", "Zeilen ergänzt"),
    ("cells_written", "Zelle geschrieben", "Zellen geschrieben"),
    ("questions_opened", "Klärung gestellt", "Klärungen gestellt"),
    ("questions_closed", "Klärung erledigt", "Klärungen erledigt"),
)

SHOWN_CHANGES = 200
"""Cells on one page; a page says how many there are in all."""


def register(app: Flask) -> None:
    """Give templates these words and filters."""
    app.jinja_env.filters.update(
        ago=ago,
        moment=moment,
        day=day,
        month=month,
        rhythm=rhythm,
        number=number,
        counted=counted,
        place=place,
        editors=editors,
        happened=happened,
        reason=reason,
    )
    app.jinja_env.globals.update(
        STATES=STATES,
        RUN_STATES=RUN_STATES,
        BADGES=BADGES,
        FAULTS=FAULTS,
        resting_sentence=resting_sentence,
        KINDS=KINDS,
        DIRECTIONS=DIRECTIONS,
        SIDES=SIDES,
        EDITORS=EDITORS,
        ACTORS=ACTORS,
        RECEIPT=RECEIPT,
        CONTACT_STATES=CONTACT_STATES,
        RHYTHMS=RHYTHMS,
        DETAILS=DETAIL_NAMES,
        SHOWN_CHANGES=SHOWN_CHANGES,
    )


def ago(at: datetime) -> str:
    """How long ago, in one unit: ``vor 12 Minuten``; ``gerade eben`` within the last ten seconds."""
    passed = sessions.runtime().clock.now() - at
    if passed < timedelta(seconds=10):
        return "gerade eben"
    return format_timedelta(-passed, add_direction=True, locale=LOCALE)


def moment(at: datetime) -> str:
    """Day and time of day as the projects' clocks show it: ``15.09.2025, 14:05 Uhr``."""
    return format_datetime(at.astimezone(ZONE), "dd.MM.yyyy, HH:mm 'Uhr'", locale=LOCALE)


def day(value: date | str) -> str:
    """A day as people write it: ``15.09.2025``; text is a day in ISO 8601."""
    return format_date(date.fromisoformat(value) if isinstance(value, str) else value, "dd.MM.yyyy", locale=LOCALE)


def month(value: str) -> str:
    """A month in normal form as people write it: ``09/2025``."""
    return f"{value[5:]}/{value[:4]}"


def number(value: float) -> str:
    """A number with German separators: ``1.250``."""
    return format_decimal(value, locale=LOCALE)


def counted(value: int, one: str, many: str) -> str:
    """A number with its noun: ``1 Klärung``, ``1.250 Klärungen``."""
    return f"{number(value)} {one if value == 1 else many}"


def rhythm(table: TableView) -> str:
    """When a table is synced by itself: ``0 7 * * *, Ruhezeit 19:30-06:00, Feiertage BE``."""
    if not table.schedule:
        return "laufend"
    parts = [table.schedule]
    if table.zone != str(ZONE):
        parts.append(f"Zeitzone {table.zone}")
    if table.quiet_hours:
        parts.append(f"Ruhezeit {table.quiet_hours}")
    return ", ".join([*parts, f"Feiertage {table.land}" if table.land else "bundesweite Feiertage"])


def place(location: Mapping[str, str]) -> str:
    """Where a table is: ``Teilnehmerinnen.xlsx, Blatt Liste``. A pasted link is not shown: it may let anybody in."""
    file = location.get("path") or location.get("spreadsheet") or "Mappe"
    parts = (("worksheet", "Blatt"), ("table", "Excel-Tabelle"))
    return ", ".join([file, *(f"{word} {location[name]}" for name, word in parts if location.get(name))])


def editors(sides: Iterable[str]) -> str:
    """Who types in a table: ``Projekt und Jobcenter``."""
    return " und ".join(EDITORS.get(side, side) for side in sides)


def happened(counts: Mapping[str, int]) -> str:
    """What a run did, in counts that are not zero; ``nichts`` if all are."""
    parts = [counted(counts[name], one, many) for name, one, many in COUNTS if counts.get(name)]
    return ", ".join(parts) or "nichts"


def reason(code: str) -> str:
    """Why a preview lists a cell."""
    if code in REASONS:
        return REASONS[code]
    if code.startswith("column_"):
        return "die Spalte ist nicht eindeutig zu finden"
    known = code in CELL_SENTENCES or code in ROW_SENTENCES
    return explain(code, "") if known else "muss geklärt werden"
