"""People in other roles than frau-berger, who leads the programme; and forms that somebody fills in."""

from __future__ import annotations

from flask import Flask

from syncsvc.core.access import Role
from syncsvc.services import users
from tests.example import Example
from tests.web.browser import Page, words


def come_in(
    example: Example, app: Flask, name: str, role: Role, *, project: str | None = None, jobcentre: str | None = None
) -> Page:
    """The browser of somebody with this role only."""
    users.add_user(example.runtime, name, role, project=project, jobcentre=jobcentre)
    return Page(app.test_client()).come_in(example.runtime, name)


def send(page: Page, label: str, **typed: str | list[str]) -> Page:
    """Fill in the form that has this button, then press it; what is not named stays as the page had it."""
    button = next(button for button in page.tree.iter("button") if words(button) == label)
    form = next(button.iterancestors("form"))
    fields = {field.get("name"): field.get("value", "") for field in form.iter("input") if field.get("name")}
    for choice in form.iter("select"):
        options = list(choice.iter("option"))
        chosen = next((one for one in options if one.get("selected") is not None), options[0] if options else None)
        fields[choice.get("name")] = chosen.get("value", "") if chosen is not None else ""
    for tick in form.iter("input"):
        if tick.get("type") == "checkbox":
            fields.pop(tick.get("name"), None)
    ticked = [one for one in form.iter("input") if one.get("type") == "checkbox" and one.get("checked") is not None]
    data: dict[str, str | list[str]] = {**fields}
    for one in ticked:
        data[one.get("name")] = [*data.get(one.get("name"), []), one.get("value")]
    return page._show(page.client.post(form.get("action"), data={**data, **typed}, follow_redirects=True))
