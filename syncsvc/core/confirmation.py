"""Each month both sides say that their part of a table is right: in its rows, or with one click."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from syncsvc.core.model import Json, Side

SIDES: Final = (Side.PROJECT, Side.JOBCENTRE)

COLUMNS: Final[Mapping[Side, str]] = {Side.PROJECT: "confirmed_project", Side.JOBCENTRE: "confirmed_jc"}
"""The field in which a side types the month, row by row."""

CONTACT_FIELDS: Final[Mapping[Side, tuple[str, ...]]] = {
    Side.PROJECT: ("coach",),
    Side.JOBCENTRE: ("contact_jc", "contact_jc_deputy"),
}
"""Whose names a side answers for."""

SILENT_AFTER: Final = timedelta(days=35)
"""A month and a few days: then somebody should ask."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A side confirmed ``month`` (``"2026-11"``); ``by`` is an account's name, or empty: typed in the table."""

    month: str
    at: datetime
    by: str


def typed_month(rows: Collection[Mapping[str, Json]], side: Side, today: date) -> str | None:
    """The month that these rows (values by field) say the side has confirmed, None while one of them says nothing.

    The earliest month of all, and none that has not begun yet: only what every row has reached is confirmed.
    """
    months = [row.get(COLUMNS[side]) for row in rows]
    typed = [month for month in months if isinstance(month, str)]
    return min(*typed, month_of(today)) if typed and len(typed) == len(months) else None


def named_contacts(rows: Iterable[Mapping[str, Json]], side: Side) -> set[str]:
    """The keys of the contacts that these rows name in the side's columns, deputies included."""
    values = [row.get(name) for row in rows for name in CONTACT_FIELDS[side]]
    keys = {key for value in values if isinstance(value, dict) for key in (value.get("contact"), value.get("deputy"))}
    return {key for key in (*keys, *values) if isinstance(key, str)}


def is_silent(last: Confirmed | None, since: datetime | None, now: datetime) -> bool:
    """Whether more than 35 days have passed since the side last confirmed; if it never did, since the table began."""
    known = last.at if last else since
    return known is not None and now - known > SILENT_AFTER


def month_of(day: date) -> str:
    """The month of a day in normal form."""
    return f"{day:%Y-%m}"
