"""The overview shows what nobody has been told yet, until somebody says to have read it."""

from __future__ import annotations

from dataclasses import replace

from syncsvc.errors import Actor
from syncsvc.services.notices import deliver
from syncsvc.store import notices, tables
from tests.example import Example
from tests.notifiers.mailserver import NOTIFIER
from tests.web.browser import Page

GONE = "Tabelle „bsp-beispielstadt“: Die Datei ist nicht da. Bitte zurücklegen."


def tell(example: Example, text: str = GONE) -> None:
    with example.runtime.database.write() as session:
        table_id = tables.get(session, "bsp-beispielstadt").id
        now = example.clock.now()
        notices.add(session, audience=Actor.TABLE, code="gone", text=text, now=now, table_id=table_id)


def test_a_notice_is_shown_with_its_table_until_it_is_read(example: Example, browser: Page) -> None:
    tell(example)

    browser.open("/")
    assert f"1 Mitteilung {GONE} 02.03.2026, 09:00 Uhr · zur Tabelle bsp-beispielstadt" in browser.text
    browser.press("Als gelesen vermerken")

    assert GONE not in browser.text
    assert "als gelesen vermerkt" in browser.text


def test_what_came_while_somebody_read_stays_unread(example: Example, browser: Page) -> None:
    tell(example)
    browser.open("/")
    tell(example, "Die Tabelle lässt sich wieder öffnen.")

    browser.press("Als gelesen vermerken")

    assert GONE not in browser.text
    assert "wieder öffnen" in browser.text


def test_the_page_a_letter_names_is_that_of_the_table(example: Example, browser: Page) -> None:
    tell(example)
    sent = []

    class Post:
        site = "http://localhost"
        recipient = staticmethod(NOTIFIER.recipient)
        check = NOTIFIER.check
        send = staticmethod(sent.append)

    deliver(replace(example.runtime, notifier=Post()))

    link = next(line for line in sent[0].text.splitlines() if line.startswith("http://localhost/"))
    assert "bsp-beispielstadt" in browser.open(link).text
