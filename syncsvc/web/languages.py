"""The pages' language: German texts in the code, English ones in the catalogue beside it."""

from __future__ import annotations

from flask import Flask, g, request
from flask_babel import Babel, get_locale

LANGUAGES = ("de", "en")
"""The first one is what texts are written in, and what whoever wants neither reads."""


def register(app: Flask) -> None:
    """Let pages speak the language of whoever asks, and templates write ``{{ _("Klärungen") }}``."""
    app.config.update(BABEL_DEFAULT_LOCALE=LANGUAGES[0], BABEL_TRANSLATION_DIRECTORIES="translations")
    Babel(app, locale_selector=chosen)
    app.jinja_env.globals["language"] = lambda: str(get_locale())


def chosen() -> str:
    """The language a person has chosen, else the one her browser prefers."""
    user = g.get("user")
    if user is not None and user.language in LANGUAGES:
        return str(user.language)
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
