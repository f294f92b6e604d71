"""The example project: three shared tables, a directory and records, all invented, made by the real services."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from syncsvc.services import programme, records
from syncsvc.services.demo.people import Woman, women
from syncsvc.services.demo.workbooks import Newcomer, write_workbook
from syncsvc.services.outcomes import Outcome
from syncsvc.services.runtime import Runtime
from syncsvc.services.sync import sync_table
from syncsvc.store import projects

PROJECT: Final = "bsp"
SETTINGS: Final = """\
# Einstellungen des Beispielprojekts; config/syncsvc.toml im Programm erklärt alle.
data_dir = "."
"""
_PER_TABLE: Final = 25
_KNOWN_TO_JOBCENTRE: Final = 22


@dataclass(frozen=True, slots=True)
class _House:
    """A job centre's file: whom it names as contacts and in which spelling, and what was typed into it by hand.

    ``corrections`` are cells that differ from what the project knows, by the woman's position.
    """

    table: str
    jobcentre: str
    file: str
    contacts: Sequence[tuple[str, str]]
    newcomers: Sequence[Newcomer]
    corrections: Mapping[int, Mapping[str, Any]]


_HOUSES: Final = (
    _House(
        "bsp-beispielstadt",
        "Jobcenter Beispielstadt",
        "Beispielstadt.xlsx",
        (("Müller, Anna", "030 23125-101"), ("Frau Öztürk", "030/23125-110"), ("Schulz, Peter", "DW 102")),
        (Newcomer("Tahiri, Shukria", date(2026, 9, 1)), Newcomer("Melnyk, Iryna", None)),
        {4: {"entry": "Anfang September"}, 10: {"status": "pausiert"}},
    ),
    _House(
        "bsp-musterkreis",
        "Jobcenter Musterkreis",
        "Musterkreis.xlsx",
        (("Weiß, Tom", "040 66969-201"), ("Brandt, Heike", "040 66969-202")),
        (Newcomer("Gebremedhin, Senait", date(2026, 9, 15)), Newcomer("Tran, Thu Ha", "31.02.2026")),
        {6: {"entry": "30.02.2026"}},
    ),
    _House(
        "bsp-neudorf",
        "Jobcenter Neudorf",
        "Neudorf.xlsx",
        (("Yıldız, Mert", "030 23125-701"), ("Lorenz, Birgit", "030 23125-702")),
        (Newcomer("Vasić, Jelena", date(2026, 10, 1)),),
        {3: {"status": "aktiv"}},
    ),
)


@dataclass(frozen=True, slots=True)
class Demo:
    """What ``make_demo`` left behind: whether it was made anew, the shared files, the runs, the records' references."""

    fresh: bool
    files: tuple[Path, ...]
    outcomes: tuple[Outcome, ...]
    refs: tuple[str, ...]


def write_settings(folder: Path) -> None:
    """Make the folder and its ``syncsvc.toml``, by which later commands find the example."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_once(folder / "syncsvc.toml", SETTINGS)


def make_demo(rt: Runtime, folder: Path) -> Demo:
    """Make the example project in ``folder``, or bring the one that is there into agreement once more.

    What is there is never made again: files keep what people wrote into them, records what they were given. A first
    attempt that was interrupted is completed.
    """
    fresh = not (_is_known(rt) and records.list_records(rt, project=PROJECT))
    if fresh:
        _write_files(folder)
        programme.apply_files(rt, [folder / "zuordnung.yaml", folder / "programm.yaml"])
        records.import_file(rt, folder / "projektliste.csv", PROJECT, actor="demo")
    outcomes = tuple(sync_table(rt, house.table, actor="demo") for house in _HOUSES)
    shared = tuple(folder / "tabellen" / house.file for house in _HOUSES)
    refs = tuple(record["ref"] for record in records.list_records(rt, project=PROJECT))
    return Demo(fresh, shared, outcomes, refs)


def _is_known(rt: Runtime) -> bool:
    with rt.database.read() as session:
        return any(project.key == PROJECT for project in projects.all_projects(session))


def _write_files(folder: Path) -> None:
    for name in ("zuordnung.yaml", "programm.yaml"):
        _write_once(folder / name, (files("syncsvc.services.demo") / name).read_text("utf-8"))
    everybody = women(_PER_TABLE * len(_HOUSES))
    groups = [everybody[start : start + _PER_TABLE] for start in range(0, len(everybody), _PER_TABLE)]
    _write_project_list(folder / "projektliste.csv", groups)
    (folder / "tabellen").mkdir(exist_ok=True)
    for house, group in zip(_HOUSES, groups, strict=True):
        path = folder / "tabellen" / house.file
        if not path.exists():
            write_workbook(
                path,
                title=f"Teilnehmerinnen Beispielprojekt – {house.jobcentre}",
                women=[
                    replace(woman, **house.corrections.get(index, {}))
                    for index, woman in enumerate(group[:_KNOWN_TO_JOBCENTRE])
                ],
                contacts=house.contacts,
                newcomers=house.newcomers,
            )


def _write_project_list(path: Path, groups: Sequence[Sequence[Woman]]) -> None:
    """What the project knows, as its own software would export it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(("TN-Nr.", "Name", "Jobcenter", "Coach", "Eintritt", "Status", "Sprachstand"))
        for house, group in zip(_HOUSES, groups, strict=True):
            writer.writerows(
                (w.ref, w.name, house.jobcentre, w.coach, f"{w.entry:%d.%m.%Y}", w.status, w.level) for w in group
            )


def _write_once(path: Path, text: str) -> None:
    if not path.exists():
        path.write_text(text, "utf-8")
