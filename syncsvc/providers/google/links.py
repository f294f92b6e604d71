"""Addresses of spreadsheets, as people copy them from the browser."""

from __future__ import annotations

import re
from collections.abc import Mapping

_ADDRESS = re.compile(
    r"(?:https?://)?docs\.google\.com/(?:a/[^/]+/)?spreadsheets/(?:u/[0-9]+/)?d/(?!e/)(?P<id>[A-Za-z0-9_-]+)"
)
"""``d/e/`` begins the address of a page published for reading: it does not tell the spreadsheet's id."""

_ID = re.compile(r"[A-Za-z0-9_-]+")
_TAB = re.compile(r"[#?&]gid=([0-9]+)")


def place(location: Mapping[str, str]) -> dict[str, str] | None:
    """The location with the spreadsheet's id in place of its address; None if that is neither.

    The tab that the address names counts where ``worksheet`` names none: which tab was open when somebody copied an
    address is chance.
    """
    typed = location.get("spreadsheet", "").strip()
    found = _ADDRESS.match(typed)
    if found is None:
        return {**location, "spreadsheet": typed} if _ID.fullmatch(typed) else None
    tab = _TAB.search(typed)
    chosen = {} if tab is None or location.get("worksheet") else {"sheet_id": tab[1]}
    return {**location, **chosen, "spreadsheet": found["id"]}
