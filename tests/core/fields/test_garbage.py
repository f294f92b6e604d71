"""Real-looking garbage: words of the vocabularies, names, numbers and signs, glued as hurried people glue them."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from syncsvc.core.fields import Field, Kind, field_for
from syncsvc.core.fields.examples import EXAMPLES
from syncsvc.core.fields.registry import CATALOGUE
from syncsvc.core.fields.sentences import CELL_SENTENCES
from syncsvc.core.model import Json
from tests.core.fields.situation import CONTEXT, column

TEXTS_A_FIELD = 150
GLUE = (" ", " ", ", ", " / ", "-", " - ", ".", " (", ") ", "; ", "+", "?", "\n", "\u00a0", "")
SENSITIVE = {"health_data", "highly_sensitive", "negative_label"}


def words() -> list[str]:
    """What stands in such tables, taken apart."""
    lists = [
        word
        for vocabulary in CONTEXT.vocabularies.values()
        for entry in vocabulary.entries
        for alias in (entry.label, *entry.aliases)
        for word in (alias.strip("*"), *alias.strip("*").split())
    ]
    typed = [part for examples in EXAMPLES.values() for text in examples for part in (text, *text.split())]
    people = [part for person in CONTEXT.contacts for part in (person.family, person.given, person.key)]
    return sorted({*lists, *typed, *people})


WORDS = words()


def garbage(seed: str) -> Iterator[str]:
    """The same texts at every run: a failure can be looked at again."""
    dice = random.Random(seed)
    for _ in range(TEXTS_A_FIELD):
        parts = [dice.choice(WORDS) for _ in range(dice.randint(1, 4))]
        text = "".join(part + dice.choice(GLUE) for part in parts).strip()
        yield dice.choice((text, text.upper(), text.lower(), text.replace(".", ""), text[: dice.randint(1, 12)]))


def values_in(value: Json) -> Iterator[Json]:
    if isinstance(value, dict):
        for part in value.values():
            yield from values_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from values_in(part)
    else:
        yield value


@pytest.mark.parametrize("name", CATALOGUE)
def test_garbage_is_read_without_harm(name: str) -> None:
    """Never an exception; what is taken means the same once written; what is not has a sentence."""
    made: Field = field_for(column(name))
    for text in garbage(name):
        reading = made.parse(text, CONTEXT)
        if reading.accepted:
            again = made.parse(made.format(reading.value, CONTEXT), CONTEXT)
            assert (again.accepted, made.key(again.value)) == (True, made.key(reading.value)), text
        else:
            assert reading.code in CELL_SENTENCES, text
            assert reading.kind is Kind.ASK or reading.value is None, text
            assert reading.sensitive == (reading.code in SENSITIVE), text


@pytest.mark.parametrize("name", sorted(CATALOGUE.keys() - {"contact_jc_email"}))
def test_sensitive_words_are_refused_whatever_stands_beside_them(name: str) -> None:
    """In every column, before, behind and between other words; a mailbox may be called anything."""
    made = field_for(column(name))
    for text in garbage(name):
        for glued in (f"Depression {text}", f"{text} wegen Depression", f"{text}, wohnt im Frauenhaus"):
            reading = made.parse(glued, CONTEXT)
            unreadable = reading.code in ("formula_not_allowed", "formula_error")
            assert reading.sensitive or unreadable, glued
