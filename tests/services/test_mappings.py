"""Mapping files: checked, listed, given back."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncsvc.errors import InvalidFile, NotFound
from syncsvc.services import mappings, programme
from syncsvc.services.runtime import Runtime
from syncsvc.store.outcome import Outcome

MAPPING = """\
key: standard
title: "Teilnehmerinnenliste: Stand 10%"
privacy_level: 2
new_rows: ask
full_read_every: 10 min
columns:
  - {header: TN-Nr., field: participant_ref, owner: service}
  - {header: Ansprechperson JC, aliases: [IFK, Fallmanagerin], field: contact_jc, owner: jobcentre}
  - {header: "Ja, oder: nein?", field: custom.consent, type: choice, owner: both,
     choices: [{key: yes, label: "ja, gern"}, {key: "no", label: "01"}]}
  - {header: "yes", field: custom.note, type: text, owner: both, max_length: 200, required: true}
guards: {missing_rows: 20%, changed_column: 30%}
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_an_exported_mapping_applies_without_any_change(rt: Runtime, tmp_path: Path) -> None:
    programme.apply_files(rt, [write(tmp_path / "standard.yaml", MAPPING)])

    text = mappings.export_mapping(rt, "standard")

    (change,) = programme.apply_files(rt, [write(tmp_path / "exported.yaml", text)])
    assert change.action is Outcome.UNCHANGED
    assert "  - {header: TN-Nr., field: participant_ref, owner: service}\n" in text
    assert "missing_rows: 0.2" in text


def test_mappings_are_listed_with_their_revision(rt: Runtime, tmp_path: Path) -> None:
    programme.apply_files(rt, [write(tmp_path / "a.yaml", MAPPING)])
    programme.apply_files(rt, [write(tmp_path / "a.yaml", MAPPING.replace("max_length: 200", "max_length: 100"))])

    assert mappings.list_mappings(rt) == [
        mappings.MappingView("standard", "Teilnehmerinnenliste: Stand 10%", 2, tables=())
    ]


def test_an_unknown_mapping_is_not_found(rt: Runtime) -> None:
    with pytest.raises(NotFound):
        mappings.export_mapping(rt, "fehlt")


def test_every_mistake_of_a_file_is_found_at_its_place(tmp_path: Path) -> None:
    text = MAPPING.replace("title:", "titel:").replace("field: contact_jc", "field: contact_jcc")

    problems = mappings.check_file(write(tmp_path / "standard.yaml", text))

    assert [(problem.line, problem.column) for problem in problems] == [(1, 1), (2, 1), (8, 64)]
    assert "Meinten Sie „contact_jc“" in problems[2].message
    assert "Meinten Sie „title“" in problems[1].message


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("key: a\ncolumns: [\n", 3, 1, "YAML"),
        ("key: a\nkey: b\n", 2, 1, "zweimal"),
        ("[1, 2]", 1, 1, "Schlüssel: Wert"),
        ("", 1, 1, "Schlüssel: Wert"),
        ("title: 2024-13-45\n", 1, 1, "YAML"),  # reads as a day, and is none
        ("key: " + "1" * 5000, 1, 1, "YAML"),
        ("[" * 1000, 1, 41, "YAML"),
    ],
)
def test_what_is_no_mapping_is_said_at_its_place(
    tmp_path: Path, text: str, line: int, column: int, message: str
) -> None:
    (problem,) = mappings.check_file(write(tmp_path / "standard.yaml", text))

    assert (problem.line, problem.column) == (line, column)
    assert message in problem.message


def test_a_good_file_has_no_mistakes_and_a_missing_one_is_an_error(tmp_path: Path) -> None:
    assert mappings.check_file(write(tmp_path / "standard.yaml", MAPPING)) == []
    with pytest.raises(InvalidFile):
        mappings.check_file(tmp_path / "fehlt.yaml")
