"""Two job centres' people and a coach, and two synced tables that name them: what the directory's pages show."""

from __future__ import annotations

from pathlib import Path

from syncsvc.core.model import Cell
from syncsvc.core.references import make_reference
from syncsvc.providers.memory import MemoryBook
from syncsvc.services.programme import apply_files
from syncsvc.services.sync import sync_table
from tests.example import Example

MAPPING = """
key: standard
title: Teilnehmerinnenliste
columns:
  - {header: TN-Nr., field: participant_ref, owner: service}
  - {header: Coach, field: coach, owner: project}
  - {header: Ansprechperson JC, field: contact_jc, owner: jobcentre}
  - {header: Eintritt, field: entry_date, owner: project, required: true}
  - {header: Stand bestätigt (JC), field: confirmed_jc, owner: jobcentre}
  - {header: Hinweis, field: service_note, owner: service}
"""

PEOPLE = """
organisations:
  - {key: traeger, kind: provider, name: Beispielträger}
  - {key: jc-beispielstadt, kind: jobcentre, name: Jobcenter Beispielstadt}
  - {key: jc-musterkreis, kind: jobcentre, name: Jobcenter Musterkreis}
projects: [{key: bsp, prefix: BSP, name: Beispielprojekt, organisation: traeger}]
contacts:
  - {key: c-demir, organisation: traeger, family: Demir, given: Leyla, role: coach, email: leyla.demir@traeger.example}
  - {key: c-mueller, organisation: jc-beispielstadt, family: Müller, given: Anna, role: integration,
     phone: 030 23125-101, email: anna.mueller@jobcenter-beispielstadt.example}
  - {key: c-schulz, organisation: jc-beispielstadt, family: Schulz, given: Peter, role: integration,
     phone: 030 23125-102}
  - {key: c-lange, organisation: jc-beispielstadt, family: Lange, given: Petra, role: liaison,
     email: petra.lange@jobcenter-beispielstadt.example}
  - {key: c-weiss, organisation: jc-musterkreis, family: Weiß, given: Tom, role: case_management,
     phone: 030 23125-201}
"""

HEADER: list[Cell] = ["TN-Nr.", "Coach", "Ansprechperson JC", "Eintritt", "Stand bestätigt (JC)", "Hinweis"]
COACH, CONTACT, DAY, CONFIRMED = 2, 3, 4, 5
REFS = tuple(make_reference("BSP", number) for number in range(1, 6))
"""Beispielstadt's four, and the first of Musterkreis."""


def staff(example: Example, folder: Path) -> Example:
    """Fill the example: four women with Anna Müller but the last, who has nobody; two with Tom Weiß."""
    for name, text in (("columns", MAPPING), ("people", PEOPLE)):
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    apply_files(example.runtime, [folder / "columns.yaml", folder / "people.yaml"])
    names = {"beispielstadt": ["Müller, Anna"] * 3 + [None], "musterkreis": ["Weiß, Tom"] * 2}
    for name, people in names.items():
        rows: list[list[Cell]] = [
            [None, "Demir, Leyla", person, f"{day:02d}.09.2024", None, None]
            for day, person in enumerate(people, start=1)
        ]
        example.books[name] = MemoryBook([list(HEADER), *rows])
        sync_table(example.runtime, f"bsp-{name}")
    return example
