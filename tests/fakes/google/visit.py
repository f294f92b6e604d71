"""One request of one account to one spreadsheet: what it may touch, and what it got to see."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from tests.fakes.google import protection
from tests.fakes.google.a1 import Box
from tests.fakes.google.grid import Sheet, Spreadsheet


@dataclass
class Visit:
    """``document`` is a working copy, taken over only when the whole request went well."""

    document: Spreadsheet
    email: str
    project: str
    owner: str
    today: date
    shown: set[int] = field(default_factory=set)
    """The uids of the cells whose values the answer shows."""

    def guard(self, sheet: Sheet, box: Box) -> None:
        """Refuse a change of cells that are protected from this account."""
        protection.check(self.document, sheet, [box], self.email, self.owner)

    def guard_insert(self, sheet: Sheet, before: Box, after: Box) -> None:
        """Refuse new lines in the middle of a protected range; at its edges they are outside of it."""
        protection.check(self.document, sheet, [before, after], self.email, self.owner)

    def guard_whole(self, sheet: Sheet) -> None:
        """Refuse a change of the sheet as such while it is protected from this account."""
        protection.check_whole(self.document, sheet, self.email, self.owner)
