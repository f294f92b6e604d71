"""Proposing a mapping from headers and values."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from syncsvc.core.mapping import Mapping
from syncsvc.core.schema import mapping_from
from syncsvc.errors import InvalidFile
from syncsvc.services.parse import bare_context
from syncsvc.services.suggestions import suggest_for_file
from tests.core.fields.situation import TODAY

LIST = """
Liste der Teilnehmerinnen
Nr.        | Nachname, Vorname | geb. am    | zust. IFK    | Durchwahl     | Beginn     | Ende       | Maßn. | Kontakt     | Lieblingstag | Notiz | Notiz
BSP-0137-E | Kowalenko, Olena  | 14.03.1988 | Müller, Anna | 030 23125-101 | 01.09.2024 | 31.12.2025 | 16k   | a@x.example | 01.02.2025   | ja    |
BSP-0138-C | Alvarez, Ana      | 14.03.1989 | Müller, Anna | 030 23125-102 | 01.10.2024 | 31.12.2025 | AVGS  | b@x.example | 02.02.2025   | x     |
BSP-0139-A | Ünal, Ada         | 14.03.1990 | Schulz       | 030 23125-101 | 01.11.2024 |            |       | c@x.example | 03.02.2025   |       |
Summe: 3 TN
"""  # noqa: E501  # one line is one row of the table


def written(folder: Path, text: str) -> Path:
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(lines)
    path = folder / "Liste Süd.csv"
    path.write_text(out.getvalue(), encoding="utf-8")
    return path


def proposed(folder: Path, text: str) -> tuple[Mapping, str]:
    page = suggest_for_file(written(folder, text), bare_context(TODAY))
    mapping = mapping_from(YAML(typ="safe", pure=True).load(page))
    assert isinstance(mapping, Mapping), mapping
    return mapping, page


def test_a_whole_mapping_is_proposed_that_can_be_applied(tmp_path: Path) -> None:
    """Known headers, ambiguous ones, unknown ones by their values, own columns, and the service's own that lack."""
    mapping, _ = proposed(tmp_path, LIST)

    assert [(column.header, column.field, column.type, str(column.owner)) for column in mapping.columns] == [
        ("Nr.", "participant_ref", "reference", "service"),
        ("Nachname, Vorname", "participant_name", "name", "project"),
        ("geb. am", "birth_date", "date", "project"),
        ("zust. IFK", "contact_jc", "contact", "jobcentre"),
        ("Durchwahl", "contact_jc_phone", "phone", "jobcentre"),
        ("Beginn", "entry_date", "date", "project"),
        ("Ende", "exit_date", "date", "project"),
        ("Maßn.", "measure", "measure", "jobcentre"),
        ("Kontakt", "contact_jc_email", "email", "jobcentre"),
        ("Lieblingstag", "custom.lieblingstag", "date", "both"),
        ("Notiz", "remark", "text", "both"),
        ("Hinweis", "service_note", "text", "service"),
    ]


def test_every_column_says_how_sure_and_why_and_no_value(tmp_path: Path) -> None:
    _, page = proposed(tmp_path, LIST)

    lines = [line for line in page.splitlines() if line.startswith("  - ")]
    assert all(" %" in line or "%, " in line for line in lines[:-1])
    assert "Überschrift mehrdeutig (Eintritt, Maßnahme von), bitte prüfen" in page
    assert "Kowalenko" not in page


def test_people_are_not_shared_by_a_suggestion(tmp_path: Path) -> None:
    """Names need level 3: a suggestion never goes there by itself."""
    mapping, _ = proposed(tmp_path, LIST)

    assert mapping.privacy_level == 2
    assert "participant_name" not in mapping.shown


def test_a_table_without_references_is_told_to_make_room_for_them(tmp_path: Path) -> None:
    mapping, page = proposed(tmp_path, "Name | Eintritt\nKowalenko, Olena | 01.09.2024")

    assert mapping.column("participant_ref") is not None
    assert "bitte eine leere Spalte mit dieser Überschrift anlegen" in page


def test_a_file_without_headers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile):
        suggest_for_file(written(tmp_path, "1 | 2\n3 | 4"), bare_context(TODAY))
