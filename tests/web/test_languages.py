"""German first, English complete: catalogues, marked texts, and who reads which language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.messages import Catalog
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import Environment, nodes
from lxml import html

from syncsvc.web import sentences, wording
from syncsvc.web.languages import catalogue
from tests import translations
from tests.web.browser import Page

WEB = translations.PACKAGE / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
MODULES = sorted(
    {*WEB.rglob("*.py")}
    - {WEB / "server.py", WEB / "sentences.py"}  # for the terminal; patterns of sentences
    - {WEB / "api" / "document.py", WEB / "api" / "schemas.py"}  # the description of the interface for programs
)

SPOKEN = ("title", "aria-label", "placeholder", "alt", "data-label")
"""Attributes that people read or hear."""

WORDS = re.compile(r"[A-Za-zÄÖÜäöüß]{2}")

NO_WORDS = re.compile(r'(\s*[\w-]+="[^"]*")+\s*|[\w/]+\.json|… [KMG]B|… \(Python .*\)')
"""Attributes that a macro writes, names and units."""

PLACES = re.compile(r"\{\d|%\(\w+\)s|%%")


@pytest.mark.parametrize("domain", ["messages", "sentences"])
def test_english_has_everything_and_nothing_else(domain: str) -> None:
    """``make translations`` adds what is new and drops what nobody says any more; people write the English."""
    said: Catalog = {"messages": translations.texts, "sentences": translations.sentences}[domain]()
    known = catalogue("en", domain)
    translated = {one.id for one in known if one.id and all(forms(one.string)) and not one.fuzzy}

    assert translated == {one.id for one in said if one.id}


@pytest.mark.parametrize("domain", ["messages", "sentences"])
def test_english_names_every_value_that_german_names(domain: str) -> None:
    wrong = [
        one.id
        for one in catalogue("en", domain)
        for german, english in zip(forms(one.id), forms(one.string), strict=True)
        if set(PLACES.findall(german)) != set(PLACES.findall(english))
    ]

    assert wrong == []


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(WEB / "templates").as_posix())
def test_a_template_says_nothing_that_cannot_be_translated(path: Path) -> None:
    assert [*unmarked_texts(path), *unmarked_values(path)] == []


def unmarked_texts(path: Path) -> Iterator[str]:
    """Words between tags and in attributes; what is computed is left out."""
    kept = {"data": lambda text: text, "variable_begin": lambda _: "…"}
    tokens = Environment().lex(path.read_text("utf-8"))
    tree = html.fromstring("<div>" + "".join(kept[kind](text) for _, kind, text in tokens if kind in kept) + "</div>")
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in ("code", "kbd", "script") or element.get("lang"):
            texts = [element.tail]
        else:
            texts = [element.text, element.tail, *(element.get(name) for name in SPOKEN)]
        yield from (text.strip() for text in texts if text and WORDS.search(text) and not NO_WORDS.fullmatch(text))


def unmarked_values(path: Path) -> Iterator[str]:
    """German in expressions: ``'Speichern'`` handed to a macro."""
    tree = Environment(extensions=["jinja2.ext.i18n"]).parse(path.read_text("utf-8"))
    marked = {
        id(text)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext", "ngettext")
        for text in call.find_all(nodes.Const)
    }
    for one in tree.find_all(nodes.Const):
        if id(one) not in marked and isinstance(one.value, str) and translations.GERMAN.search(one.value):
            yield one.value


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(WEB).as_posix())
def test_a_module_of_pages_says_nothing_that_cannot_be_translated(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    marked = {
        id(text)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("gettext")
        for text in ast.walk(call)
    }
    found = [
        one.value
        for one in ast.walk(tree)
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and id(one) not in marked
        if re.search(r"[äöüßÄÖÜ„]", one.value) and not is_docstring(one, tree)
    ]

    assert found == []


def is_docstring(text: ast.Constant, tree: ast.Module) -> bool:
    return any(isinstance(one, ast.Expr) and one.value is text for one in ast.walk(tree))


@pytest.fixture
def english(browser: Page) -> Page:
    """Somebody who has chosen English."""
    browser.open("/").press("English")
    return browser


def test_somebody_reads_every_page_in_the_language_she_chose(english: Page) -> None:
    page = english.open("/ansprechpersonen")

    assert page.tree.get("lang") == "en"
    assert page.tree.findtext(".//h1") == "Contacts"

    page.press("Deutsch")

    assert page.tree.get("lang") == "de"
    assert page.tree.findtext(".//h1") == "Ansprechpersonen", "it is the page she was on"


def test_whoever_chose_nothing_reads_what_her_browser_prefers(stranger: FlaskClient) -> None:
    def heading(accept: str) -> str | None:
        tree = html.fromstring(stranger.get("/anmelden", headers={"Accept-Language": accept}).text)
        return tree.get("lang")

    assert heading("en-GB,en;q=0.9") == "en"
    assert heading("de-AT,de;q=0.9,en;q=0.5") == "de"
    assert heading("tr") == "de"


@pytest.mark.parametrize("back", ["https://boese.example/", "//boese.example/", "/\\boese.example", "boese"])
def test_choosing_a_language_leads_to_no_other_site(browser: Page, back: str) -> None:
    token = browser.open("/").tree.xpath("//input[@name='csrf_token']/@value")[0]

    response = browser.client.post("/sprache", data={"csrf_token": token, "language": "en", "back": back})

    assert response.headers["Location"] == "/"


def test_a_language_nobody_speaks_changes_nothing(browser: Page) -> None:
    token = browser.open("/").tree.xpath("//input[@name='csrf_token']/@value")[0]

    browser.client.post("/sprache", data={"csrf_token": token, "language": "tlh"})

    assert browser.open("/").tree.get("lang") == "de"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "de",
            ["15.09.2025, 14:05 Uhr", "15.09.2025", "09/2025", "1.250", "1 Zeile ergänzt, 1.250 Zellen geschrieben"],
        ),
        ("en", ["15 Sep 2025, 14:05", "15 Sep 2025", "Sep 2025", "1,250", "1 row added, 1,250 cells written"]),
    ],
)
def test_dates_numbers_and_plurals_are_right_in_both_languages(app: Flask, language: str, said: list[str]) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        assert [
            wording.moment(datetime(2025, 9, 15, 12, 5, tzinfo=UTC)),
            wording.day(date(2025, 9, 15)),
            wording.month("2025-09"),
            wording.number(1250),
            wording.happened({"cells_written": 1250, "rows_added": 1}),
        ] == said


@pytest.mark.parametrize(("language", "said"), [("de", "1.250 Klärungen"), ("en", "1,250 questions")])
def test_a_count_on_a_page_has_separators(app: Flask, language: str, said: str) -> None:
    template = app.jinja_env.from_string('{{ ngettext("%(num)s Klärung", "%(num)s Klärungen", 1250) }}')

    with app.test_request_context(headers={"Accept-Language": language}):
        assert template.render() == said


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("Die Tabelle ist nicht erreichbar.", "The table cannot be reached."),
        ("12 von 40 Zeilen sind verschwunden.", "12 of 40 rows have disappeared."),
        (  # a sentence within a sentence
            "Tabelle „bsp-nord“: Die Datei der Tabelle ist nicht da.",
            "Table “bsp-nord”: The table's file is not there.",
        ),
        (  # one behind the other
            "Die Datei ist schreibgeschützt. Dem Dienst Schreibrecht geben; er macht dann von selbst weiter.",
            "The file is write-protected. Let the service write to it; it then goes on by itself.",
        ),
        (  # a value is somebody's word, whatever it says
            "Zeile BSP-0001-7, Spalte Notiz: „offen. Zeile 5 ist“ ist so nicht zu verstehen. Meinten Sie „Frau“?",
            "Row BSP-0001-7, column Notiz: “offen. Zeile 5 ist” cannot be understood like this. Did you mean “Frau”?",
        ),
        (  # what a row says has its English where its German stands
            "Spalte Eintritt: Eintrag ist so nicht lesbar – bitte prüfen.",
            "Column Eintritt: cannot be read – please check.",
        ),
        ("kommt donnerstags", "kommt donnerstags"),
    ],
)
def test_the_services_own_sentences_are_said_in_english_with_the_same_values(
    app: Flask, german: str, english: str
) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert sentences.say(german) == english
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert sentences.say(german) == german
