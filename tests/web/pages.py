"""Every page in every state that looks different, for the tests that look at pages as people do.

``STATES``: what is shown, as ``endpoint: state``, and how to get there: an address, or what to do in the tab. Nothing
here changes what another state shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from playwright.sync_api import Page as Tab

from syncsvc.core.model import Json
from syncsvc.core.references import make_reference
from syncsvc.errors import Actor
from syncsvc.services.coaching import flags
from syncsvc.services.records import set_values
from syncsvc.services.sync import sync_table
from syncsvc.store import contacts, notices, records
from tests.example import Example, hold
from tests.factories import NOW, make_contact

Way = str | Callable[[Tab], object]


def press(address: str, label: str) -> Callable[[Tab], object]:
    """Open a page and press one of its buttons."""

    def walk(tab: Tab) -> None:
        tab.goto(address)
        tab.get_by_role("button", name=label).first.click()
        tab.wait_for_load_state()

    return walk


STRANGER: dict[str, Way] = {
    "login.hint": "/anmelden",
    "login.ask": "/anmelden/unbekannt",
    "login.redeem: used up": press("/anmelden/unbekannt", "Anmelden"),
    "error: not found": "/gibt-es-nicht",
}
"""Before somebody has come in."""

STATES: dict[str, Way] = {
    "overview.show": "/",
    "questions.show": "/klaerungen",
    "questions.show: answered": "/klaerungen?stand=beantwortet",
    "questions.show: nothing found": "/klaerungen?art=handover",
    "tables.show: held": "/tabellen/bsp-beispielstadt",
    "tables.show": "/tabellen/bsp-musterkreis",
    "tables.preview: held": "/tabellen/bsp-beispielstadt/vorschau",
    "tables.preview": "/tabellen/bsp-musterkreis/vorschau",
    "runs.show": "/abgleiche/1",
    "runs.preview_undo": "/abgleiche/1/ruecknahme",
    "coaching.show": "/doppelbetreuung",
    "coaching.show: nothing found": "/doppelbetreuung?stand=mistake",
    "coaching.one": "/doppelbetreuung/1",
    "coaching.one: of one project": "/doppelbetreuung/1?projekt=bsp",
    "contacts.show": "/ansprechpersonen",
    "contacts.add": "/ansprechpersonen/neu",
    "contacts.add: refused": press("/ansprechpersonen/neu", "Speichern"),
    "contacts.vacant": "/ansprechpersonen/ohne",
    "contacts.person": "/ansprechpersonen/c-1",
    "contacts.edit": "/ansprechpersonen/c-1/angaben",
    "participants.one": f"/teilnehmerin/{make_reference('BSP', 1)}",
    "monthly.show": "/monatsabgleich",
    "monthly.table": "/monatsabgleich/bsp-musterkreis",
    "monthly.project": "/monatsabgleich/projekt/bsp",
    "error: not found": "/gibt-es-nicht",
    "error: no such table": "/tabellen/bsp-weg",
}
"""For somebody who leads the programme that ``furnish`` makes."""

NO_PAGES: frozenset[str] = frozenset()
"""What answers, but is no page: files, parts of pages, data for programs."""


def furnish(example: Example) -> None:
    """One table held, one with a conflict, an unreadable day and a row to come; a notice; a woman coached twice."""
    hold(example)
    with example.runtime.database.write() as session:
        text = "Tabelle „bsp-beispielstadt“: Die Datei ist nicht da."
        notices.add(session, audience=Actor.TABLE, code="x", text=text, now=example.clock.now(), table_id=1)
        contacts.upsert(session, make_contact())
    book = example.books["musterkreis"]
    sync_table(example.runtime, "bsp-musterkreis")
    book.set(2, 4, "kommt donnerstags")
    book.set(3, 3, "31.02.2026")
    set_values(example.runtime, str(book.get(2, 1)), {"custom.note": "kommt freitags"}, actor="test")
    sync_table(example.runtime, "bsp-musterkreis")
    book.set(4, 2, "Kaya, Derya")
    _coach_twice(example, str(book.get(2, 1)))


def _coach_twice(example: Example, ref: str) -> None:
    """The job centre assigned this woman to a coaching of its own."""
    with example.runtime.database.write() as session:
        record, project = records.get(session, ref), records.project_of(session, ref)
        measure: Json = {"measure": "sgb3_45_mat_single", "coaching": "hard"}
        records.save(session, project, [replace(record, values={**record.values, "measure": measure})], NOW)
        flags.follow(session, project, [ref], today=example.runtime.today(), now=NOW)
