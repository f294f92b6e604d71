"""Mapping files with all their mistakes, and rows read by a mapping."""

# ruff: noqa: E501  # a mapping file is read line by line

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from marshmallow import ValidationError
from ruamel.yaml import YAML

from syncsvc.core.fields import Kind, Reading
from syncsvc.core.mapping import Choice, Guards, Mapping
from syncsvc.core.model import ErrorValue, Side
from syncsvc.core.schema import Problem, mapping_from, mapping_to, read_row, row_schema
from tests.core.fields.situation import CONTEXT

STANDARD = """
key: standard
title: Teilnehmerinnenliste
privacy_level: 2
new_rows: ask
full_read_every: 45 min
columns:
  - {header: TN-Nr., field: participant_ref, owner: service}
  - {header: Ansprechperson JC, aliases: [IFK, Fallmanagerin], field: contact_jc, owner: jobcentre}
  - {header: Eintritt, field: entry_date, owner: project, required: true}
  - {header: Status, field: status}
  - {header: Rolle, field: custom.role, type: choice, choices: roles, owner: jobcentre, level: 2}
  - {header: Ampel, field: custom.light, type: choice, owner: both, choices: [{key: g, label: grün}, {key: r, label: rot}]}
  - {header: Notiz für beide, field: custom.note, type: text, owner: both, max_length: 200, tidy: true}
  - {header: Hinweis, field: service_note, owner: service}
guards: {missing_rows: 20%, changed_column: 0.5}
"""


def plain(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def standard() -> Mapping:
    mapping = mapping_from(plain(STANDARD))
    assert isinstance(mapping, Mapping)
    return mapping


def test_a_mapping_file_is_read() -> None:
    mapping = standard()

    assert (mapping.key, mapping.privacy_level, mapping.new_rows, mapping.full_read_every) == (
        "standard",
        2,
        "ask",
        2700,
    )
    assert mapping.guards == Guards(missing_rows=0.2, changed_column=0.5)
    contact, entry = mapping.columns[1:3]
    assert (contact.aliases, contact.owner, contact.type) == (("IFK", "Fallmanagerin"), Side.JOBCENTRE, "contact")
    assert (entry.required, entry.type, entry.level) == (True, "date", 1)


def test_what_goes_without_saying_comes_from_the_catalogue() -> None:
    """Type, owner, level and vocabulary of a known field; a custom field has level 1 unless it says more."""
    status, role, light, note = standard().columns[3:7]

    assert (status.type, status.owner, status.level, status.vocabulary) == ("choice", Side.PROJECT, 2, "statuses")
    assert (role.vocabulary, role.level) == ("roles", 2)
    assert (light.choices, light.level) == ((Choice("g", "grün"), Choice("r", "rot")), 1)
    assert (note.max_length, note.tidy) == (200, True)


def test_a_mapping_survives_export_and_import() -> None:
    exported = mapping_to(standard())

    assert mapping_from(exported) == standard()
    assert exported["columns"][3] == {"header": "Status", "field": "status", "owner": "project"}


def problems(changes: dict[str, Any]) -> list[Problem]:
    found = mapping_from({**plain(STANDARD), **changes})
    assert isinstance(found, list)
    return found


REFERENCE = {"header": "TN-Nr.", "field": "participant_ref"}


def column(**changes: Any) -> dict[str, Any]:
    return {"columns": [REFERENCE, {"header": "X", **changes}]}


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"colums": []}, ("colums",), "Meinten Sie „columns“?"),
        ({"key": "Mit Leerzeichen"}, ("key",), "Kleinbuchstaben"),
        ({"title": None}, ("title",), "fehlt"),
        ({"privacy_level": 4}, ("privacy_level",), "von 1 bis 3"),
        ({"new_rows": "maybe"}, ("new_rows",), "accept, ask"),
        ({"full_read_every": "oft"}, ("full_read_every",), "30 min"),
        ({"guards": {"missing_rows": "200%"}}, ("guards", "missing_rows"), "10%"),
        ({"guards": {"missing_row": "20%"}}, ("guards", "missing_row"), "Meinten Sie „missing_rows“?"),
        ({"columns": "alle"}, ("columns",), "Liste von Spalten"),
        ({"columns": [REFERENCE, "Status"]}, ("columns", 1), "Schlüssel: Wert"),
        ({"columns": [{"header": "Status", "field": "status"}]}, ("columns",), "TN-Nr."),
        ({"columns": [REFERENCE, {"field": "status"}]}, ("columns", 1, "header"), "fehlt"),
        (column(field="stauts"), ("columns", 1, "field"), "Meinten Sie „status“?"),
        (column(field="custom.Note", type="text", owner="both"), ("columns", 1, "field"), "Kleinbuchstaben"),
        (column(field="custom.note", owner="both"), ("columns", 1, "type"), "nötig"),
        (column(field="custom.note", type="text"), ("columns", 1, "owner"), "nötig"),
        (column(field="custom.note", type="txt", owner="both"), ("columns", 1, "type"), "text, choice"),
        (column(field="status", owner="service"), ("columns", 1, "owner"), "kann dem Dienst nicht gehören"),
        (column(field="service_note", owner="project"), ("columns", 1, "owner"), "owner: service"),
        (column(field="participant_name", level=1), ("columns", 1, "level"), "Datenschutzstufe 3"),
        (column(field="status", required="ja"), ("columns", 1, "required"), "true oder false"),
        (column(field="custom.c", type="choice", owner="both"), ("columns", 1, "choices"), "gehört choices"),
        (column(field="status", choices="satuses"), ("columns", 1, "choices"), "Meinten Sie „statuses“?"),
        (
            column(field="status", choices=[{"key": "a", "label": "A"}, {"key": "a", "label": "B"}]),
            ("columns", 1, "choices"),
            "zweimal",
        ),
        (column(field="entry_date", max_length=5), ("columns", 1, "max_length"), "Typ text"),
        (column(field="participant_ref"), ("columns", 1, "field"), "hat schon eine Spalte"),
        (column(field="status", aliases=["tn-nr"]), ("columns", 1, "header"), "steht schon"),
    ],
)
def test_each_mistake_has_its_place_and_a_sentence(
    changes: dict[str, Any], path: tuple[str | int, ...], words: str
) -> None:
    found = problems(changes)

    assert [problem.path for problem in found] == [path]
    assert words in found[0].message


@pytest.mark.parametrize("data", [None, [], "text", 7])
def test_anything_can_be_handed_in(data: object) -> None:
    assert mapping_from(data) == [Problem((), "Angaben der Form „Schlüssel: Wert“ erwartet.")]


def test_several_mistakes_are_told_at_once() -> None:
    found = problems({"titel": "x", "privacy_level": 9, **column(field="stauts")})

    assert [problem.path for problem in found] == [("columns", 1, "field"), ("privacy_level",), ("titel",)]


def test_a_row_becomes_readings() -> None:
    """Problems are values: a faulty cell stands beside the good ones."""
    schema = row_schema(standard())()

    readings = read_row(
        schema,
        {
            "participant_ref": "BSP-0137-E",
            "entry_date": date(2024, 9, 1),
            "status": ErrorValue("#NV"),
            "custom.note": None,
        },
        CONTEXT,
    )

    assert readings == {
        "participant_ref": Reading(Kind.OK, "BSP-0137-E"),
        "entry_date": Reading(Kind.OK, "2024-09-01"),
        "status": Reading(Kind.REJECT, None, "formula_error"),
        "custom.note": Reading(Kind.OK, None),
    }


def test_a_row_has_only_the_mappings_fields() -> None:
    with pytest.raises(ValidationError):
        read_row(row_schema(standard())(), {"remark": "x"}, CONTEXT)
