"""Which proposals can be taken over as they are."""

from __future__ import annotations

from typing import Final

from syncsvc.core.fields.contract import Context, Field, Reading
from syncsvc.core.model import Json

_CONFIRMED: Final = frozenset(
    {
        *("mononym", "role_not_case_contact", "shared_mailbox", "mail_name_differs"),
        *("switchboard", "phone_of_other_organisation", "local_file_no"),
    }
)
"""Doubts that a plain yes settles: the proposal is what was typed."""


def proposed(field: Field, reading: Reading, context: Context) -> Json:
    """The proposal of a question as a value in normal form, None where yes is no answer.

    Several candidates, half a date, a person to be created or a hand-over are proposals that a person has to work
    out; only what reads back as one value when it is written may become a record's value.
    """
    if reading.accepted or reading.value is None or isinstance(reading.value, list):
        return None
    if reading.code in _CONFIRMED:
        return reading.value
    again = field.parse(field.format(reading.value, context), context)
    same = not isinstance(reading.value, dict) or again.value == reading.value
    return again.value if again.accepted and same else None
