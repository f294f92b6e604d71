"""What every request of a batch has in common: its field mask and the ids it may give out."""

from __future__ import annotations

from typing import Any

from tests.fakes.google import discovery, masks, refusals
from tests.fakes.google.grid import new_uid


def mask(given: dict[str, Any], schema: str) -> masks.Tree:
    """The field mask of an update; it must name at least one field that exists."""
    text = given.get("fields", "")
    if not text:
        raise refusals.invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    try:
        return discovery.load("sheets").mask(schema, text)
    except refusals.Refused:
        raise refusals.invalid(f"Invalid field: {discovery.snake(text)}") from None


def new_id() -> int:
    """An id as Google would draw one at random."""
    return 100_000_000 + 7_919 * new_uid() % 2_000_000_000  # ids are 32 bits wide


def needed(given: dict[str, Any], name: str) -> Any:
    """A field that must be there."""
    if name not in given:
        raise refusals.invalid(f"Must specify {discovery.snake(name)}.")
    return given[name]
