"""Who may change protected cells."""

from __future__ import annotations

from collections.abc import Sequence

from tests.fakes.google import refusals
from tests.fakes.google.a1 import Block, Box
from tests.fakes.google.grid import Protection, Sheet, Spreadsheet


def may_edit(protection: Protection, email: str, owner: str) -> bool:
    """The owner of the file always, named editors, and everybody where it only warns."""
    return protection.warning_only or email == owner or email in protection.editors


def check(document: Spreadsheet, sheet: Sheet, boxes: Sequence[Box], email: str, owner: str) -> None:
    """Refuse a change when one protection from this account touches all of ``boxes``."""
    for protection in sheet.protections:
        if may_edit(protection, email, owner) or not all(box.touches(protection.box) for box in boxes):
            continue
        if not all(_inside_unprotected(sheet, box, protection) for box in boxes):
            raise refusals.protected(document.locale)


def check_whole(document: Spreadsheet, sheet: Sheet, email: str, owner: str) -> None:
    """Refuse what concerns the whole sheet (deleting, renaming) while all of it is protected from this account."""
    for protection in sheet.protections:
        if protection.box == Box() and not may_edit(protection, email, owner):
            raise refusals.protected(document.locale)


def _inside_unprotected(sheet: Sheet, box: Box, protection: Protection) -> bool:
    inner = sheet.clip(box)
    return any(_within(inner, sheet.clip(each)) for each in protection.unprotected)


def _within(inner: Block, outer: Block) -> bool:
    rows = outer.top <= inner.top and inner.bottom <= outer.bottom
    return rows and outer.left <= inner.left and inner.right <= outer.right
