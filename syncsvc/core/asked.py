"""What is known about a question, its values made readable, and how its answers are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from syncsvc.core.model import Json

SHEET, RECORD, ACCEPT, DECLINE, PROPOSAL = "sheet", "record", "accept", "decline", "proposal"
RESTORE, ENDED, MISTAKE, NEW, SAME, YES, RELEASE = "restore", "ended", "mistake", "new", "same", "yes", "release"

LEFT, ABSENT, VACANT, DEPUTY, SECOND, PLANNED = "left", "absent", "vacant", "deputy", "second", "planned"

BLANK = "(leer)"


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible answer: its key, what it means, and what it does (``effect``), in one German sentence each."""

    key: str
    text: str
    effect: str = ""

    @property
    def proposed(self) -> bool:
        """It takes up what somebody proposed, or what a cell probably means."""
        return self.key in (ACCEPT, PROPOSAL, YES, PLANNED)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known about one question, its values as people read them (``""``: blank)."""

    kind: str
    code: str
    ref: str = ""
    row: int | None = None
    header: str = ""
    sheet: str = ""
    record: str = ""
    base: str = ""
    proposal: str = ""
    has_proposal: bool = False
    candidates: tuple[str, ...] = ()
    text: str = ""
    hidden: bool = False
    """The cell's content must not be repeated."""
    fixed: bool = False
    """The cell cannot be written: a formula, or covered by a merged one."""
    refs: tuple[str, ...] = ()
    """All rows it is about, where these are many."""
    meaning: Json = None
    """What the cell was read as, where a person has to work it out: a contact to create, a planned hand-over."""
    number: str = "TN-Nr."
    """How the table calls the reference."""
    staff: bool = False
    """Its rows are an organisation's staff, not participants."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The people that ``meaning`` names, by key, as people read them."""


def place(asked: Asked) -> str:
    """Where it is: row and column, or how many rows."""
    if len(asked.refs) > 1:
        return f"Spalte {asked.header}, {len(asked.refs)} Zeilen ({some(asked.refs)})"
    where = f"Zeile {asked.ref}" if asked.ref else f"Zeile {asked.row}"
    return f"{where}, Spalte {asked.header}" if asked.header else where


def quoted(value: str) -> str:
    """The value in quotation marks, or that it is blank."""
    return f"„{value}“" if value else BLANK


SHOWN = 3


def some(refs: tuple[str, ...]) -> str:
    """The first few of many references."""
    return ", ".join(refs[:SHOWN]) + (", …" if len(refs) > SHOWN else "")
