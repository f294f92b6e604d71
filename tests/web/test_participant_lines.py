"""A note of several lines on the participant page keeps them: a one-line input would join the words at each break."""

from __future__ import annotations

from syncsvc.core.references import make_reference
from syncsvc.services import records
from syncsvc.services.sync import sync_table
from tests.example import Example
from tests.web.browser import Page

REF = make_reference("BSP", 1)


def save(page: Page, text: str) -> None:
    """Send the field as a browser sends a form: every break as two characters."""
    form = page.tree.xpath("//form[input[@name='feld' and @value='custom.note']]")[0]
    stand = form.find("input[@name='stand']").get("value")
    page.send(f"/teilnehmerin/{REF}", feld="custom.note", wert=text.replace("\n", "\r\n"), stand=stand)


def test_lines_are_shown_and_kept(example: Example, browser: Page) -> None:
    sync_table(example.runtime, "bsp-beispielstadt")
    records.set_values(example.runtime, REF, {"custom.note": "ruft an\nmontags"}, actor="frau-berger")
    browser.open(f"/teilnehmerin/{REF}")
    (area,) = browser.tree.xpath("//form[input[@value='custom.note']]//textarea")
    shown = area.text.removeprefix("\n")  # as browsers do: HTML says that a textarea begins with an optional break
    assert shown == "ruft an\nmontags"
    label = browser.tree.xpath(f"//label[@for='{area.get('id')}']")
    assert label

    save(browser, shown)
    assert records.show_record(example.runtime, REF)["fields"]["custom.note"] == "ruft an\nmontags"

    save(browser, "ruft an\nfreitags")
    sync_table(example.runtime, "bsp-beispielstadt")
    assert example.books["beispielstadt"].get(2, 4) == "ruft an\nfreitags"
