"""The three-way decision for one cell: base, sheet and record in, one decision out.

"Changed" always means "differs from the last agreed value". No clock is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from enum import StrEnum

from syncsvc.core.fields import Field, Reading
from syncsvc.core.model import Cell, Covered, Flip, Formula, Json, Overruled, Side, Unsettled


class Act(StrEnum):
    NOTHING = "nothing"
    AGREED = "agreed"
    """Both sides show the same value; only the base moves."""
    TO_RECORD = "to_record"
    TO_TABLE = "to_table"
    QUESTION = "question"
    """Both sides stay as they are until a person decides."""


class Ask(StrEnum):
    """The kinds of question one cell can raise."""

    CONFLICT = "conflict"
    PROPOSAL = "proposal"
    UNREADABLE = "unreadable"
    CONTACT = "contact"
    HANDOVER = "handover"


@dataclass(frozen=True, slots=True)
class Rule:
    """What the decision needs to know of a column: its owner and who types in this table."""

    owner: Side
    edited_by: frozenset[Side]
    required: bool = False

    @property
    def sheet_is_owner(self) -> bool:
        """Whether an edit in the sheet counts as the owner's."""
        return self.owner is Side.BOTH or self.owner in self.edited_by


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with one cell.

    ``value`` is the value to take over (normal form). ``kept``: the losing value when an owner's value won against a
    different one; it goes into the history and becomes a proposal. ``ask`` and ``code`` name the question,
    ``proposal`` its proposed value, ``meaning`` what a cell about a contact was read as. ``flip`` is the memory of a
    value that a person put back. ``reading`` is what the cell said, where it was read.
    """

    act: Act
    value: Json = None
    ask: Ask | None = None
    code: str = ""
    proposal: Json = None
    meaning: Json = None
    kept: Json = None
    flip: Flip | None = None
    reading: Reading | None = None
    edited: bool = False
    """A person changed the sheet's cell since the two sides last agreed."""


NOTHING = Decision(Act.NOTHING)


@dataclass(frozen=True, slots=True)
class Sides:
    """The three values of one cell. ``record_by`` is the side that last set the record's value."""

    base_raw: Cell | Unsettled
    base: Json | Unsettled | Overruled
    raw: Cell
    record: Json
    record_by: Side = Side.PROJECT
    flip: Flip | None = None
    contested: bool = False
    """A write of ours may or may not have landed here, so the base cannot be trusted."""


def merge_cell(field: Field, rule: Rule, sides: Sides, read: Callable[[], Reading]) -> Decision:
    """Decide one cell. ``read`` reads the sheet's cell; it is called only when the cell differs from the base."""
    untouched = sides.raw == sides.base_raw and not sides.contested
    if isinstance(sides.base, Overruled) and untouched and not isinstance(sides.raw, Formula | Covered):
        return Decision(Act.TO_TABLE, value=sides.record)
    settled = not isinstance(sides.base, Unsettled | Overruled) and not sides.contested
    agreed: Json = None if isinstance(sides.base, Unsettled | Overruled) else sides.base
    record_key, agreed_key = field.key(sides.record), field.key(agreed)
    r_changed = record_key != agreed_key
    if settled and untouched:
        return _record_moved(rule, sides) if r_changed else NOTHING
    reading = read()
    value = reading.value
    value_key = field.key(value) if reading.accepted else None
    s_changed = settled and not (reading.accepted and value_key == agreed_key)
    fault = _fault(rule, reading, agreed)
    if fault:
        decision = Decision(Act.QUESTION, ask=Ask.UNREADABLE, code=fault, proposal=value)
    elif value_key == record_key:
        decision = Decision(Act.AGREED, value=sides.record)
    elif sides.contested:
        decision = Decision(Act.QUESTION, ask=Ask.CONFLICT, code="interrupted")
    elif not settled:
        decision = _first_meeting(rule, sides, value)
    elif not s_changed:
        decision = _record_moved(rule, sides)
    elif r_changed:
        decision = _both_moved(rule, sides, value)
    else:
        decision = _sheet_moved(rule, sides, value, _flip_back(field, value_key, sides.flip))
    return replace(decision, reading=reading, edited=s_changed)


def _fault(rule: Rule, reading: Reading, agreed: Json) -> str:
    if not reading.accepted:
        return reading.code
    if rule.required and reading.value is None and agreed is not None:
        return "required_emptied"
    return ""


def _record_moved(rule: Rule, sides: Sides) -> Decision:
    """The sheet shows what was agreed, the record holds something new."""
    if isinstance(sides.raw, Formula):
        return Decision(Act.QUESTION, ask=Ask.CONFLICT, code="formula_blocks_value")
    if rule.owner is Side.JOBCENTRE and sides.record_by is not Side.JOBCENTRE:
        return Decision(Act.QUESTION, ask=Ask.PROPOSAL, code="proposal_record", proposal=sides.record)
    return Decision(Act.TO_TABLE, value=sides.record)


def _sheet_moved(rule: Rule, sides: Sides, value: Json, flip: Flip | None) -> Decision:
    """The sheet was edited, the record still holds what was agreed."""
    if flip is not None and flip.count > 1:
        return Decision(Act.QUESTION, ask=Ask.CONFLICT, code="flip")
    if rule.owner is Side.SERVICE and not isinstance(sides.raw, Formula):
        return Decision(Act.TO_TABLE, value=sides.record, kept=value)
    if rule.sheet_is_owner:
        return Decision(Act.TO_RECORD, value=value, flip=flip)
    return Decision(Act.QUESTION, ask=Ask.PROPOSAL, code="proposal_sheet", proposal=value)


def _flip_back(field: Field, s_key: Hashable, flip: Flip | None) -> Flip | None:
    """Count a person's return to the value that stood before our last write here."""
    if flip is not None and field.key(flip.old) == s_key:
        return Flip(flip.old, flip.count + 1)
    return None


def _first_meeting(rule: Rule, sides: Sides, value: Json) -> Decision:
    """Never agreed before: what stands on one side only is copied, whoever owns the column."""
    if sides.record is None:
        return Decision(Act.TO_RECORD, value=value)
    if value is None and sides.raw is None:
        return Decision(Act.TO_TABLE, value=sides.record)
    return _both_moved(rule, sides, value)


def _both_moved(rule: Rule, sides: Sides, value: Json) -> Decision:
    """Two different values, neither of them agreed: the owner's wins, and in a shared column a person decides."""
    if rule.owner is Side.JOBCENTRE and rule.sheet_is_owner:
        return Decision(Act.TO_RECORD, value=value, kept=sides.record)
    if rule.owner in (Side.PROJECT, Side.SERVICE) and not isinstance(sides.raw, Formula):
        return Decision(Act.TO_TABLE, value=sides.record, kept=value)
    return Decision(Act.QUESTION, ask=Ask.CONFLICT, code="conflict")
