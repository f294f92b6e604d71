"""Every page in every state that looks different, for the tests that look at pages as people do.

``STATES``: what is shown, as ``endpoint: state``, and how to get there: an address, or what to do in the tab. Nothing
here changes what another state shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flask import Flask
from playwright.sync_api import Page as Tab

from syncsvc.core.model import Cell, Json
from syncsvc.core.references import make_reference
from syncsvc.errors import Actor
from syncsvc.providers.memory import MemoryBook
from syncsvc.services.coaching import flags
from syncsvc.services.records import set_values
from syncsvc.services.sync import sync_table
from syncsvc.store import contacts, notices, records
from tests.example import Example, hold
from tests.factories import NOW, make_contact
from tests.web.browser import Page

Way = str | Callable[[Tab], object]


def press(address: str, *buttons: str) -> Callable[[Tab], object]:
    """Open a page and press buttons, each on the page that the one before led to; named by CSS, for both languages."""

    def walk(tab: Tab) -> None:
        tab.goto(address)
        for button in buttons:
            tab.locator(button).first.click()
            tab.wait_for_load_state()

    return walk


def connect(step: str) -> Callable[[Tab], object]:
    """A step of the table that ``furnish`` began to connect."""
    return lambda tab: (tab.goto("/tabellen/verbinden"), tab.goto(f"{_draft(tab)}/{step}"))


def _draft(tab: Tab) -> str:
    address = tab.locator("main a[href*='/tabellen/verbinden/']").first.get_attribute("href")
    assert address
    return address.rpartition("/")[0]


SAVE = "main form[method=post] button.kern-btn--primary"

STRANGER: dict[str, Way] = {
    "login.hint": "/anmelden",
    "login.ask": "/anmelden/unbekannt",
    "login.redeem: used up": press("/anmelden/unbekannt", SAVE),
    "error: not found": "/gibt-es-nicht",
}
"""Before somebody has come in."""

STATES: dict[str, Way] = {
    "overview.show": "/",
    "questions.show": "/klaerungen",
    "questions.show: answered": "/klaerungen?stand=beantwortet",
    "questions.show: nothing found": "/klaerungen?art=handover",
    "questions.one": "/klaerungen/2",
    "tables.show: held": "/tabellen/bsp-beispielstadt",
    "tables.show": "/tabellen/bsp-musterkreis",
    "tables.preview: held": "/tabellen/bsp-beispielstadt/vorschau",
    "tables.preview": "/tabellen/bsp-musterkreis/vorschau",
    "tablesettings.edit": "/tabellen/bsp-musterkreis/einstellungen",
    "tablesettings.place": "/tabellen/bsp-musterkreis/einstellungen/ort",
    "runs.show": "/abgleiche/1",
    "runs.preview_undo": "/abgleiche/1/ruecknahme",
    "connect.start": "/tabellen/verbinden",
    "connect.place": connect("ort"),
    "connect.access": connect("zugriff"),
    "connect.tab": connect("blatt"),
    "connect.header": connect("kopfzeile"),
    "connect.mapping": connect("zuordnung"),
    "connect.columns": connect("spalten"),
    "connect.timing": connect("zeitplan"),
    "connect.dry_run": connect("probelauf"),
    "mappings.show": "/zuordnungen",
    "mappings.one": "/zuordnungen/standard",
    "mappings.compare": "/zuordnungen/standard/vergleich?von=1&bis=1",
    "mappingedit.edit": press("/zuordnungen/standard", EDIT := "main form[action*='entwurf'] button"),
    "mappingedit.effect": press("/zuordnungen/standard", EDIT, SAVE),
    "participants.show": "/teilnehmerinnen",
    "participants.one": f"/teilnehmerin/{make_reference('BSP', 1)}",
    "coaching.show": "/doppelbetreuung",
    "coaching.show: nothing found": "/doppelbetreuung?stand=mistake",
    "coaching.one": "/doppelbetreuung/1",
    "coaching.one: of one project": "/doppelbetreuung/1?projekt=bsp",
    "contacts.show": "/ansprechpersonen",
    "contacts.add": "/ansprechpersonen/neu",
    "contacts.add: refused": press("/ansprechpersonen/neu", SAVE),
    "contacts.vacant": "/ansprechpersonen/ohne",
    "contacts.person": "/ansprechpersonen/c-1",
    "contacts.edit": "/ansprechpersonen/c-1/angaben",
    "monthly.show": "/monatsabgleich",
    "monthly.table": "/monatsabgleich/bsp-musterkreis",
    "monthly.project": "/monatsabgleich/projekt/bsp",
    "diagnostics.show": "/zustand",
    "tokens.show": "/schnittstelle",
    "users.show": "/zugaenge",
    "users.person": "/zugaenge/1",
    "users.lock: refused": press("/zugaenge/1", "main form[action$='sperren'] button"),
    "users.invite": "/zugaenge/neu",
    "users.invite: refused": press("/zugaenge/neu", SAVE),
    "audit.show": "/protokoll",
    "audit.show: nothing found": "/protokoll?von=2030-01-01",
    "account.show": "/konto",
    "account.notice": "/vertraulichkeit",
    "error: not found": "/gibt-es-nicht",
    "error: no such table": "/tabellen/bsp-weg",
}
"""For somebody who leads the programme that ``furnish`` makes."""

AUDITOR: dict[str, Way] = {
    "overview.show: without people": "/",
    "questions.show: counts only": "/klaerungen",
    "tables.show: without people": "/tabellen/bsp-beispielstadt",
    "runs.show: without people": "/abgleiche/1",
    "audit.show: an auditor's": "/protokoll",
    "error: forbidden": "/ansprechpersonen",
}
"""For somebody who sees how the service is set up, and nobody's data."""

NO_PAGES = frozenset(
    {
        "connect.download",  # files
        "diagnostics.download",
        "mappings.export",
        "tables.progress",  # a part of a page
        "login.back",  # the way back from the sign-in service
        "mappingedit.detail",  # of an effect that somebody else's edit brought about: tests/web/test_mappings.py
        "mappingedit.meanwhile",
    }
)
"""What answers, but is no page that can be looked at here."""


def furnish(example: Example) -> None:
    """One table held, one with a conflict, an unreadable day and a row to come; a notice; a woman coached twice."""
    hold(example)
    with example.runtime.database.write() as session:
        text = "Tabelle „bsp-beispielstadt“: Die Datei der Tabelle ist nicht da."
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


def begin_connecting(example: Example, app: Flask) -> None:
    """Somebody has come as far as the dry run with another table."""
    rows: list[list[Cell]] = [["TN-Nr.", "Name", "Eintritt", "Hinweis"], [None, "Kowalenko, Olena", "31.02.2025", None]]
    example.books["neudorf"] = MemoryBook(rows)
    page = Page(app.test_client()).come_in(example.runtime)
    page.open("/tabellen/verbinden").press("Weiter mit Übungstabelle", {"name": "neudorf"})
    page.follow("Weiter").press(
        "Blatt lesen und weiter", {"tab": "neudorf", "project": "bsp", "edited_by": ["project"]}
    )
    page.press("Weiter").press("Weiter", {"mapping": "*"}).press("Weiter")
    page.press("Weiter zum Probelauf", {"rhythm": "0 6 * * *", "land": "NW"})
