"""The account of a run: every value that stood on either side before it, and where it stands afterwards."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import asdict, dataclass

Token = Hashable
"""Names a value of one cell: equal for two spellings of one value. None is a blank, which is no value."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell shows on both sides."""

    sheet: Token
    record: Token


@dataclass(frozen=True, slots=True)
class Receipt:
    """``before`` values stood on a side before the run. Afterwards each of them is in exactly one place.

    ``agreed``: on both sides, as before. ``changed``: moved to the other side. ``kept_in_question``: on a side or in an
    open question, to be decided. ``kept_in_history``: replaced, and in the change log. ``lost``: nowhere.
    """

    before: int = 0
    agreed: int = 0
    changed: int = 0
    kept_in_question: int = 0
    kept_in_history: int = 0
    lost: int = 0

    def as_json(self) -> dict[str, int]:
        return asdict(self)


def account(
    before: Mapping[tuple[str, str], Cell],
    after: Mapping[tuple[str, str], Cell],
    history: Mapping[tuple[str, str], frozenset[Token]],
    asked: Mapping[tuple[str, str], frozenset[Token]],
    *,
    untouched: int,
    waiting: int,
) -> Receipt:
    """Account for every value.

    Keys are (reference, field). ``history`` are the values this run logged as replaced, ``asked`` those that open
    questions hold. ``untouched`` values stood on both sides and were not looked at, ``waiting`` ones stand in rows that
    are no participants yet; neither was written to.
    """
    counts = {"agreed": untouched, "changed": 0, "kept_in_question": waiting, "kept_in_history": 0, "lost": 0}
    total = untouched + waiting
    for key, cell in before.items():
        now = after.get(key, Cell(None, None))
        for token in {cell.sheet, cell.record} - {None}:
            total += 1
            counts[_where(token, cell, now, history.get(key, frozenset()), asked.get(key, frozenset()))] += 1
    return Receipt(before=total, **counts)


def _where(token: Token, was: Cell, now: Cell, history: frozenset[Token], asked: frozenset[Token]) -> str:
    if now.sheet == now.record == token:
        return "agreed" if was.sheet == was.record else "changed"
    if token in (now.sheet, now.record) or token in asked:
        return "kept_in_question"
    return "kept_in_history" if token in history else "lost"
