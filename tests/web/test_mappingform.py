"""A mapping as a form and back: nothing is lost on the way, and what is wrong is said in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from syncsvc.core.binding import fold_header
from syncsvc.core.fields.registry import CATALOGUE, STAFF, TYPES
from syncsvc.core.following import FOLLOWERS
from syncsvc.core.mapping import Choice, Column, Guards, Mapping
from syncsvc.core.model import Side
from syncsvc.core.schema import VOCABULARIES, mapping_from, mapping_to
from syncsvc.services.rehearsal import SampleColumn
from syncsvc.web.mappingform import LABELS, LISTS, body_from, fields_of, lines_of, readable

SHIPPED = sorted(Path("mappings").glob("*.yaml"))
OWN = ("participant_ref", "service_note")

line = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=12).map(lambda text: f"x{text}")
share = st.floats(0.0001, 1).map(lambda number: round(number, 6))


@pytest.fixture(autouse=True)
def page() -> Iterator[None]:
    """Words need a page that they are said on."""
    app = Flask(__name__)
    Babel(app, default_locale="de")
    with app.test_request_context():
        yield


def a_column(field: str) -> st.SearchStrategy[Column]:
    known = CATALOGUE.get(field) or STAFF.get(field)
    fixed = field in OWN or field in STAFF
    kind = st.just(known.type) if known and fixed else st.sampled_from(sorted(set(TYPES) - {"reference"}))
    owners = [Side.PROJECT, Side.JOBCENTRE, Side.BOTH, *([Side.SERVICE] if field in FOLLOWERS else [])]
    owner = st.just(Side.SERVICE) if field in OWN else st.sampled_from(owners)
    lists = st.lists(
        st.builds(Choice, line, line), min_size=1, max_size=3, unique_by=(lambda c: c.key, lambda c: c.label.casefold())
    )

    def whole(parts: tuple[str, Side, int | None]) -> st.SearchStrategy[Column]:
        type_, side, length = parts
        usual = known.vocabulary if known and type_ == known.type else ""
        common = {"field": st.just(field), "type": st.just(type_), "owner": st.just(side), "header": line,
                  "aliases": st.lists(line, max_size=2).map(tuple), "required": st.booleans(), "tidy": st.booleans(),
                  "level": st.integers(known.level if known else 1, 3),
                  "max_length": st.just(length if type_ == "text" else None)}  # fmt: skip
        if type_ != "choice":
            return st.builds(Column, vocabulary=st.just(usual), **common)
        named = st.builds(Column, vocabulary=st.sampled_from(sorted(VOCABULARIES)), **common)
        return named | st.builds(Column, choices=lists.map(tuple), **common)

    return st.tuples(kind, owner, st.none() | st.integers(1, 999)).flatmap(whole)


def names_differ(columns: list[Column]) -> bool:
    folded = [fold_header(name) for column in columns for name in {*column.aliases, column.header}]
    return len(set(folded)) == len(folded)


def some_columns(names: list[str]) -> st.SearchStrategy[tuple[Column, ...]]:
    return st.tuples(a_column("participant_ref"), *map(a_column, names)).filter(lambda c: names_differ(list(c)))


PARTICIPANTS = [*sorted(CATALOGUE.keys() - {"participant_ref"}), "custom.note", "custom.x_2"]
some_names = st.one_of(
    st.lists(st.sampled_from(PARTICIPANTS), unique=True, max_size=5),
    st.lists(st.sampled_from(sorted(STAFF)), unique=True, min_size=1, max_size=4),
)  # fmt: skip
mappings = st.builds(
    Mapping,
    key=st.from_regex(r"[a-z0-9][a-z0-9_-]{0,9}", fullmatch=True),
    title=line,
    columns=some_names.flatmap(some_columns),
    privacy_level=st.integers(1, 3),
    guards=st.builds(Guards, share, st.integers(1, 99), share, st.integers(1, 99)),
    new_rows=st.sampled_from(["accept", "ask"]),
    full_read_every=st.integers(1, 90000),
    matching=st.booleans(),
)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_mapping_comes_back_from_its_form(path: Path) -> None:
    mapping = mapping_from(YAML(typ="safe").load(path))
    assert isinstance(mapping, Mapping)
    body = mapping_to(mapping)

    assert body_from(fields_of(body)) == (body, {})


@given(mappings)
def test_every_mapping_comes_back_from_its_form(mapping: Mapping) -> None:
    body = mapping_to(mapping)
    assert mapping_from(body) == mapping

    assert body_from(fields_of(body)) == (body, {})


def standard(**change: Any) -> dict[str, str]:
    """The form of a small mapping, and what somebody changed in it."""
    columns = [
        {"header": "TN-Nr.", "field": "participant_ref", "owner": "service"},
        {"header": "Eintritt", "field": "entry_date", "owner": "project", "required": True},
        {"header": "Tag", "field": "custom.tag", "type": "choice", "owner": "both",
         "choices": [{"key": "mo", "label": "Montag"}, {"key": "di", "label": "Dienstag"}]},
    ]  # fmt: skip
    return {**fields_of({"key": "klein", "title": "Klein", "columns": columns}), **change}


@pytest.mark.parametrize(
    ("change", "at", "words"),
    [
        ({"c1-header": " "}, "c1-header", "wie sie in der Tabelle steht"),
        ({"c1-header": "tag"}, "c2-header", "steht schon bei einer anderen Spalte"),
        ({"c2-field": "entry_date"}, "c2-field", "„Eintritt“ hat schon eine Spalte"),
        ({"c2-name": "Tag!"}, "c2-field", "Kleinbuchstaben"),
        ({"c2-choice0-label": "", "c2-choice1-label": ""}, "c2-choices", "was zur Auswahl steht"),
        ({"c2-choice0-label": "dienstag"}, "c2-choices", "zweimal"),
        ({"c2-vocabulary": "roles"}, "c2-choices", "entweder eine fertige Liste"),
        ({"c1-place": "oben"}, "c1-place", "ganze Zahl"),
        ({"c2-type": "text", "c2-max_length": "viel"}, "c2-max_length", "z. B. 200"),
        ({"c1-field": "participant_name", "c1-level": "2", "c1-was": "participant_name"}, "c1-level", "Stufe 3"),
        ({"c0-field": ""}, "", "TN-Nr."),
        ({"title": ""}, "title", "Namen"),
        ({"key": "Ä b"}, "key", "Kleinbuchstaben"),
        ({"missing_rows": "viele"}, "missing_rows", "Anteil"),
        ({"missing_rows": "0"}, "missing_rows", "Anteil"),
        ({"changed_column_minimum": "-3"}, "changed_column_minimum", "ganze Zahl"),
        ({"full_read_every": "bald"}, "full_read_every", "z. B. 30 min"),
    ],
)
def test_what_is_wrong_is_said_beside_its_input(change: dict[str, str], at: str, words: str) -> None:
    """In words of the trade: no key of a file, no English."""
    _, problems = body_from(standard(**change))

    assert list(problems) == [at]
    assert words in problems[at]
    assert not any(word in problems[at] for word in ("choices", "custom.", "owner", "field", "true", "schema"))


def test_another_field_brings_what_is_usual_for_it() -> None:
    """What was said about the former field does not follow; a choice somebody made herself stays."""
    body, problems = body_from(standard(**{"c2-field": "measure", "c1-field": "contact_jc"}))
    kept, _ = body_from(standard(**{"c1-field": "contact_jc", "c1-owner": "both"}))

    assert problems == {}
    assert body["columns"][1:] == [
        {"header": "Eintritt", "field": "contact_jc", "owner": "jobcentre", "required": True},
        {"header": "Tag", "field": "measure", "owner": "jobcentre"},
    ]
    assert kept["columns"][1]["owner"] == "both"


def test_a_renamed_choice_keeps_what_stands_in_the_records() -> None:
    """Records hold the key; a new choice gets one of its own, also beside one that is called alike."""
    form = standard(**{"c2-choice0-label": "Mo", "c2-choice2-label": "DI", "c2-choice2-key": ""})
    body, problems = body_from(form)

    assert problems == {}
    assert body["columns"][2]["choices"] == [
        {"key": "mo", "label": "Mo"}, {"key": "di", "label": "Dienstag"}, {"key": "di_2", "label": "DI"},
    ]  # fmt: skip


def test_columns_of_the_table_that_are_not_read_are_offered() -> None:
    """A new field of the table's own is called like its column."""
    columns = (
        SampleColumn(1, "A", "TN-Nr.", ("BSP-0137-E",), "participant_ref"),
        SampleColumn(2, "B", "Lieblings-Tag", ("Mo", "Di")),
    )
    form = fields_of({"columns": [{"header": "TN-Nr.", "field": "participant_ref"}]}, columns)

    lines = lines_of(form, columns)
    body, _ = body_from({**form, "key": "neu", "title": "Neu", "c1-field": "custom"})

    assert [(one.parts["header"], one.sample and one.sample.letter) for one in lines] == [
        ("TN-Nr.", "A"), ("Lieblings-Tag", "B"), ("", None),
    ]  # fmt: skip
    assert body["columns"][1] == {
        "header": "Lieblings-Tag", "field": "custom.lieblingstag", "type": "text", "owner": "both",
    }  # fmt: skip


def test_lines_come_in_the_order_they_were_given() -> None:
    body, _ = body_from(standard(**{"c1-place": "3", "c2-place": "2"}))

    assert [column["header"] for column in body["columns"]] == ["TN-Nr.", "Tag", "Eintritt"]


def test_a_mistake_in_one_line_leaves_the_others_readable() -> None:
    mapping = readable(standard(**{"c2-choice0-label": "", "c2-choice1-label": "", "key": ""}))

    assert mapping is not None
    assert [column.field for column in mapping.columns] == ["participant_ref", "entry_date"]
    assert readable(standard(**{"c0-field": ""})) is None


def test_every_type_and_list_has_a_name() -> None:
    assert set(LABELS) == set(TYPES)
    assert set(LISTS) == VOCABULARIES
