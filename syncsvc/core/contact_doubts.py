"""What is doubtful about a contact's cell, put so that rows with the same doubt can be asked about together."""

from __future__ import annotations

from dataclasses import replace

from syncsvc.core.contact_questions import FLIP, kind_of
from syncsvc.core.contacts import holders
from syncsvc.core.fields import Context, Kind, Reading
from syncsvc.core.fields.contacts import ContactField
from syncsvc.core.merge import Act, Ask, Decision, Sides
from syncsvc.core.model import Formula, Json, Overruled, Unsettled


def about_contact(
    field: ContactField, decision: Decision, sides: Sides, context: Context, lately: str | None
) -> Decision:
    """The decision about a contact's cell, with the question that its doubt is.

    ``lately``: who was responsible until a run or two ago. Her name back in the cell is probably somebody's correction
    of somebody else's edit, so it is asked about instead of taken over.
    """
    name, reading = field.column.field, decision.reading
    if decision.act is Act.TO_RECORD and lately is not None and holders({name: decision.value}).get(name) == lately:
        meaning: Json = {"contact": lately}
        return replace(decision, act=Act.QUESTION, ask=Ask.CONTACT, code=FLIP, value=None, kept=None, meaning=meaning)
    if decision.ask is Ask.PROPOSAL:
        shown = reading.value if reading else None if isinstance(sides.base, Unsettled | Overruled) else sides.base
        old = sides.record if decision.code == "proposal_sheet" else shown
        both = (holders({name: value}).get(name) for value in (old, decision.proposal))
        return replace(decision, meaning=dict(zip(("from", "to"), both, strict=True)))
    if decision.ask is Ask.UNREADABLE and reading is not None and reading.kind is Kind.ASK and not reading.sensitive:
        return replace(decision, ask=Ask(kind_of(decision.code)), meaning=_meaning(field, reading, sides, context))
    return decision


def _meaning(field: ContactField, reading: Reading, sides: Sides, context: Context) -> Json:
    """What the cell was read as, and for a name that may be new whom it would create and who else may be meant."""
    cell = sides.raw.value if isinstance(sides.raw, Formula) else sides.raw
    if not isinstance(cell, str):
        return reading.value
    if reading.code == "contact_similar":
        new = field.newcomer(cell, context)
        parts: dict[str, Json] = reading.value if isinstance(reading.value, dict) else {"contact": reading.value}
        return {**parts, "create": new} if new else parts
    if reading.code == "contact_unknown" and isinstance(reading.value, dict):
        return {**reading.value, "like": [*field.like(reading.value["create"], context)]}
    if reading.value is None:
        return {"text": cell}  # nothing more is known of it: only equal texts are one doubt
    return reading.value
