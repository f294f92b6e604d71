"""A browser without JavaScript: it opens pages, reads their words and presses their buttons."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from syncsvc.services import users
from syncsvc.services.runtime import Runtime

NOTICE = "Gelesen, ich halte mich daran"


class Page:
    """What a person sees after each step; redirects are followed.

    ``confirms``: the first time somebody comes in she confirms the confidentiality notice, as people do.
    """

    def __init__(self, client: FlaskClient, *, confirms: bool = True) -> None:
        self.client = client
        self.confirms = confirms
        self.response: TestResponse
        self.tree: html.HtmlElement

    def come_in(self, runtime: Runtime, name: str = "frau-berger") -> Page:
        """Sign in by a one-time link, for the first time or again: a session ends after twelve hours."""
        return self.open(users.login_link(runtime, name, base_url="")).press("Anmelden")

    def open(self, address: str) -> Page:
        return self._show(self.client.get(address, follow_redirects=True))

    def press(self, label: str, typed: Mapping[str, Any] | None = None) -> Page:
        """Press the first button with this text, sending its form as a browser would, with what was typed into it.

        ``typed`` by the inputs' names: a text, a list of what is ticked, or a (stream, name) to upload.
        """
        for button in self.tree.iter("button"):
            if words(button) == label:
                form = next(button.iterancestors("form"))
                fields: dict[str, Any] = defaultdict(list)
                for name, value in form.form_values():
                    fields[name].append(value)
                fields |= typed or {}
                if button.get("name"):
                    fields[button.get("name")] = button.get("value", "")
                assert form.get("method") == "post", "only forms that change something have such buttons"
                return self._show(self.client.post(form.get("action"), data=fields, follow_redirects=True))
        raise AssertionError(f"no button {label!r}; there are {self.buttons}")

    def send(self, address: str, **typed: Any) -> Page:
        """Post these fields only, whatever forms the page has; its token goes with them."""
        token = self.tree.find(".//input[@name='csrf_token']").get("value")
        data = {"csrf_token": token, **typed}
        return self._show(self.client.post(address, data=data, follow_redirects=True))

    def follow(self, label: str) -> Page:
        """Follow the first link with this text."""
        for link in self.tree.iter("a"):
            if words(link) == label:
                return self.open(link.get("href"))
        raise AssertionError(f"no link {label!r}")

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        """The words of the page's main part."""
        return words(self.tree.find(".//main"))

    @property
    def buttons(self) -> list[str]:
        """The labels of the main part's buttons."""
        return [words(button) for button in self.tree.find(".//main").iter("button")]

    def rows(self, table: int = 0) -> list[list[str]]:
        """The cells of the main part's n-th table, without its head."""
        body = self.tree.find(".//main").findall(".//table")[table].find("tbody")
        return [[words(cell) for cell in row] for row in body.iter("tr")]

    def _show(self, response: TestResponse) -> Page:
        self.response = response
        self.tree = html.fromstring(response.text)
        if self.confirms and NOTICE in response.text:
            return self.press(NOTICE)
        return self


def words(element: html.HtmlElement) -> str:
    """The text of an element as one line."""
    return re.sub(r" ([.,])", r"\1", " ".join(" ".join(element.itertext()).split()))
