"""The pages' language: German texts in the code, English ones in the catalogue beside it."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, g, redirect, request, url_for
from flask_babel import Babel, Domain, get_locale, get_translations
from werkzeug.wrappers import Response

from syncsvc import __version__
from syncsvc.store import users
from syncsvc.web import sessions

pages = Blueprint("languages", __name__)

LANGUAGES = ("de", "en")
"""The first one is what texts are written in, and what whoever wants neither reads."""

FOLDER = Path(__file__).parent / "translations"


def register(app: Flask) -> None:
    """Let pages speak the language of whoever asks.

    Templates write ``{{ _("Klärungen") }}`` for their own texts and ``{{ text | say }}`` for the service's sentences.
    """
    app.config["BABEL_DEFAULT_LOCALE"] = LANGUAGES[0]
    Babel(app, locale_selector=chosen).domain_instance = _Texts()
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # what Babel's extension added
        gettext=lambda text: get_translations().ugettext(text), ngettext=_plural, newstyle=True
    )
    app.jinja_env.globals.update(language=language, version=__version__)


@pages.post("/sprache")
def switch() -> Response:
    """Keep the language that somebody chose, and show her the page again."""
    wanted, back = request.form.get("language"), request.form.get("back", "")
    if wanted in LANGUAGES:
        with sessions.whole().database.write() as database:
            user = users.by_id(database, sessions.viewer().id)
            if user is not None:
                user.language = wanted
    return redirect(back if _ours(back) else url_for("overview.show"), 303)


def language() -> str:
    """The language of the page being made: ``de`` or ``en``; outside of a page German."""
    locale = get_locale()
    return str(locale.language) if locale else LANGUAGES[0]


def chosen() -> str:
    """The language a person has chosen, else the one her browser prefers."""
    user = g.get("user")
    if user is not None and user.language in LANGUAGES:
        return str(user.language)
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def catalogue(wanted: str, domain: str) -> Catalog:
    """What translators wrote: ``messages`` are the pages' own texts, ``sentences`` the service's."""
    with (FOLDER / wanted / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        return read_po(file, locale=wanted, domain=domain)


class _Texts(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    """The pages' texts from the catalogue that translators edit: there is no second, compiled one to forget."""

    def get_translations(self) -> NullTranslations:
        return _compiled(language())


@cache
def _compiled(wanted: str) -> NullTranslations:
    if wanted == LANGUAGES[0]:
        return NullTranslations()
    file = BytesIO()
    write_mo(file, catalogue(wanted, "messages"))
    file.seek(0)
    return Translations(file)


def _plural(one: str, many: str, count: int) -> str:
    """As gettext's own, and with separators in the number: ``1.250 Klärungen``."""
    said: str = get_translations().ungettext(one, many, count)
    return said.replace("%(num)s", format_decimal(count, locale=language()))


def _ours(address: str) -> bool:
    """Whether it is a page of this service: what a form names must not lead people to somebody else's."""
    parts = urlsplit(address)
    return address.startswith("/") and "\\" not in address and not (parts.scheme or parts.netloc)
