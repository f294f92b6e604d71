"""The areas in the pages' head: only those somebody may enter."""

from __future__ import annotations

from flask import Flask, g
from flask_babel import gettext

from syncsvc.web.rights import RIGHTS


def register(app: Flask) -> None:
    """Let templates list ``areas()``."""
    app.jinja_env.globals["areas"] = areas


def areas() -> list[tuple[str, str]]:
    """Page and label of each area, in the order people use them."""
    found = [
        ("overview.show", gettext("Übersicht")),
        ("questions.show", gettext("Klärungen")),
        ("contacts.show", gettext("Ansprechpersonen")),
        ("monthly.show", gettext("Monatsabgleich")),
        ("coaching.show", gettext("Doppelbetreuung")),
    ]
    return [(page, label) for page, label in found if g.viewer.may(RIGHTS[page])]
