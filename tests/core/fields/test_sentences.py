"""What a row says: short, German, with the column's name."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import syncsvc.core.fields
from syncsvc.core.fields import explain
from syncsvc.core.fields.sentences import CELL_SENTENCES, LIMIT, ROW_SENTENCES
from syncsvc.services.vocabularies import load

LONG_HEADER = "Zuständige Ansprechperson des Jobcenters mit Durchwahl, E-Mail"
ALL_CODES = sorted(CELL_SENTENCES.keys() | ROW_SENTENCES.keys())


def codes_in_the_parsers() -> set[str]:
    """Every code that stands in a call of ``ask`` or ``reject``, and in a vocabulary."""
    found = {
        entry.details[kind]
        for v in load().values()
        if v.name != "headers"  # a header's doubt is the mapping's, no cell's
        for entry in v.entries
        for kind in ("ask", "reject")
        if kind in entry.details
    }
    for file in Path(syncsvc.core.fields.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("ask", "reject"):
                found |= {part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)}
    return found


def test_every_code_of_the_parsers_has_a_sentence() -> None:
    codes = codes_in_the_parsers()

    assert len(codes) > 50
    assert codes <= CELL_SENTENCES.keys()


@pytest.mark.parametrize("code", ALL_CODES)
def test_sentences_are_short_whatever_the_header(code: str) -> None:
    """At most 140 characters with a header of 60, an endless example and an endless proposal."""
    assert len(LONG_HEADER) >= 60
    for extra in ({}, {"example": "x" * 500}, {"detail": "y" * 500}, {"example": "x" * 500, "detail": "y" * 500}):
        sentence = explain(code, LONG_HEADER, **extra)

        assert len(sentence) <= LIMIT
        assert sentence.startswith("Spalte Zuständige")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            explain("date_does_not_exist", "Eintritt"),
            "Spalte Eintritt: Datum gibt es nicht – bitte TT.MM.JJJJ, z. B. 01.09.2024.",
        ),
        (explain("required_missing", "Eintritt"), "Spalte Eintritt: bitte ausfüllen, dann wird die Zeile übernommen."),
        (
            explain("conflict", "Status"),
            "Spalte Status: hier und beim Projekt verschieden geändert – das Projekt klärt.",
        ),
        (
            explain("year_missing", "Eintritt", detail="03.09.2025"),
            "Spalte Eintritt: Jahr fehlt – bitte TT.MM.JJJJ. Meinten Sie 03.09.2025?",
        ),
        (
            explain("proposal_record", "Status", detail="aktiv"),
            "Spalte Status: das Projekt schlägt einen anderen Wert vor: aktiv.",
        ),
        (
            explain("not_in_list", "Status", example="aktiv"),
            "Spalte Status: steht nicht in der Liste – bitte einen Wert der Liste wählen, z. B. aktiv.",
        ),
        (explain("reference_doubled", ""), "Diese TN-Nr. steht zweimal in der Tabelle – bitte eine Zeile löschen."),
        (explain("never_heard_of", "Status"), "Spalte Status: Eintrag ist so nicht lesbar – bitte prüfen."),
    ],
)
def test_wording(said: str, sentence: str) -> None:
    """The column, what is expected, and an example or the proposal."""
    assert said == sentence
