"""The pages' language: German texts in the code, English ones in the catalogue beside it."""

from __future__ import annotations

from flask import Flask, g, request
from flask_babel import Babel, get_locale

from syncsvc.web import sentences

LANGUAGES = ("de", "en")
"""The first one is what texts are written in, and what whoever wants neither reads."""


def register(app: Flask) -> None:
    """Let pages speak the language of whoever asks.

    Templates write ``{{ _("Klärungen") }}`` for their own texts and ``{{ text | say }}`` for the service's sentences.
    """
    app.config.update(BABEL_DEFAULT_LOCALE=LANGUAGES[0], BABEL_TRANSLATION_DIRECTORIES="translations")
    Babel(app, locale_selector=chosen)
    app.jinja_env.globals["language"] = language
    app.jinja_env.filters["say"] = sentences.say


def language() -> str:
    """The language of the page being made: ``de`` or ``en``; outside of a page German."""
    locale = get_locale()
    return str(locale) if locale else LANGUAGES[0]


def chosen() -> str:
    """The language a person has chosen, else the one her browser prefers."""
    user = g.get("user")
    if user is not None and user.language in LANGUAGES:
        return str(user.language)
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
