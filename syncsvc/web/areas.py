"""The areas in the pages' head: only those somebody may enter."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, g, request
from flask_babel import gettext

from syncsvc.web.rights import RIGHTS

WITHIN = {
    "connect": "overview",
    "tables": "overview",
    "tablesettings": "overview",
    "runs": "overview",
    "mappingedit": "mappings",
}
"""Page families without an area of their own, and the one they are reached from."""


@dataclass(frozen=True, slots=True)
class Area:
    """A link in the head; ``current``: the page being shown belongs to it."""

    page: str
    label: str
    current: bool


def register(app: Flask) -> None:
    """Let templates list ``areas()``."""
    app.jinja_env.globals["areas"] = areas


def areas() -> list[Area]:
    """Those this person may enter, in the order people use them; the head shows the first five, a menu the others."""
    here = request.blueprint or ""
    found = [
        ("overview.show", gettext("Übersicht")),
        ("questions.show", gettext("Klärungen")),
        ("participants.show", gettext("Teilnehmerinnen")),
        ("contacts.show", gettext("Ansprechpersonen")),
        ("monthly.show", gettext("Monatsabgleich")),
        ("coaching.show", gettext("Doppelbetreuung")),
        ("mappings.show", gettext("Zuordnungen")),
        ("tokens.show", gettext("Schnittstelle")),
        ("users.show", gettext("Zugänge")),
        ("audit.show", gettext("Protokoll")),
        ("diagnostics.show", gettext("Zustand")),
    ]
    return [
        Area(page, label, current=page.partition(".")[0] == WITHIN.get(here, here))
        for page, label in found
        if g.viewer.may(RIGHTS[page])
    ]
