"""Which questions are one question to a person: those of a column that one answer settles in the same way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from syncsvc.core.cells import decode
from syncsvc.core.model import Covered, Formula, Json

ALONE: Final = frozenset({"doubled_row", "identity", "held", "contact", "handover", "coaching"})
"""Kinds that are never answered together. Who somebody is has to be looked at woman by woman, and so has a coaching; a
table is held once; questions about contacts are one for all their rows already."""


def topic_of(kind: str, document: Mapping[str, Json]) -> str | None:
    """What questions of the same table, kind, code and field have in common if one answer means the same for them all.

    None: the question stands alone. ``document`` is the question's (``services/points.py``).
    """
    if kind in ALONE or not document:
        return None
    parts: list[Json] = []
    if kind == "deletion":
        pass  # what the rows held makes no difference to the answers
    elif kind == "unreadable":  # "as the record has it" is one answer, whatever each record has
        known = "known" if document.get("record") is not None else "blank"
        parts = [document.get("sheet"), document.get("proposal"), known, _cell(document)]
    elif kind == "column":
        parts = [document.get("text"), document.get("detail"), document.get("proposal")]
    else:
        parts = [*(document.get(part) for part in ("sheet", "record", "proposal")), _cell(document)]
    return json.dumps(parts, sort_keys=True)


def _cell(document: Mapping[str, Json]) -> str:
    """What decides which answers there are: whether the cell can be written and may be repeated."""
    if "raw" not in document:
        return "hidden"
    raw: Any = document["raw"]
    return "fixed" if isinstance(decode(raw), Formula | Covered) else "free"
