"""What case workers type, cell by cell, and what a good colleague would make of it.

``lists/typed.csv`` is the list collected from the field, ``lists/more.csv`` further spellings of the same kinds that
were written down, with their expectations, before the grammars were.
"""

from __future__ import annotations

import csv
import json
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from syncsvc.core.fields import Context
from syncsvc.services.parse import parse_cell, read_context

LISTS = Path(__file__).parent / "lists"


@cache
def surroundings() -> Context:
    return read_context(LISTS / "context.yaml", date(2025, 9, 15))


def cells(name: str) -> list[tuple[str, str, str, str]]:
    with (LISTS / name).open(encoding="utf-8", newline="") as file:
        return [(row["field"], row["raw"], row["kind"], row["expected"]) for row in csv.DictReader(file)]


def meaning(result: str) -> tuple[object, ...]:
    """Code and proposal, or the value; JSON compared as JSON."""
    code, bar, proposal = result.partition("|")
    return (code, _plain(proposal)) if bar else (_plain(result),)


def _plain(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


@pytest.mark.parametrize(("field", "raw", "kind", "expected"), [*cells("typed.csv"), *cells("more.csv")])
def test_what_staff_type(field: str, raw: str, kind: str, expected: str) -> None:
    """Taken, asked about or refused as the list says, with the list's value, code and proposal."""
    parsed = parse_cell(field, raw, surroundings())

    assert (parsed.kind, meaning(parsed.result)) == (kind, meaning(expected))


def test_the_collected_list_is_whole() -> None:
    assert len(cells("typed.csv")) == 210
    assert len(cells("more.csv")) > 500
