"""Where a participation stands, and why where that was typed."""

from __future__ import annotations

from collections.abc import Hashable

from syncsvc.core.fields.base import normalise, ok
from syncsvc.core.fields.contract import Context, Reading, VocabularyEntry
from syncsvc.core.fields.text import ChoiceField
from syncsvc.core.fields.words import doubt
from syncsvc.core.model import Json

_PAUSED = "paused"


class StatusField(ChoiceField):
    """A status of the vocabulary by its key; a pause always says why: ``{"status": "paused", "reason": …}``.

    An end is taken as normalised even where it is spelled as we would: date and reason have columns of their own.
    """

    def meaning(self, entry: VocabularyEntry) -> Reading:
        details = entry.details
        if "ask" in details and "means" in details:
            proposal: dict[str, Json] = {"status": list(details["means"].split())}
            if "employment" in details:
                proposal["employment"] = details["employment"]
            return doubt(entry, proposal) or ok(entry.key)
        if refused := doubt(entry):
            return refused
        status = details.get("means", entry.key)
        if "incomplete" in details:
            return normalise(status)
        if "reason" in details:
            return normalise({"status": status, "reason": details["reason"]})
        if status == _PAUSED:
            return ok({"status": status, "reason": None})
        return ok(status)

    def key(self, value: Json) -> Hashable:
        if isinstance(value, dict) and "status" in value:
            return value["status"] if value.get("reason") is None else (value["status"], value["reason"])  # type: ignore[return-value]  # a status with its reason is two texts; lists only stand in proposals, which are no values
        return super().key(value)

    def show(self, value: Json, context: Context) -> str:
        if not isinstance(value, dict):
            return super().show(value, context)
        entries = self._words(context).by_key
        for entry in entries.values():
            if value.get("reason") and entry.details.get("reason") == value["reason"]:
                return entry.label
        return super().show(value["status"], context)
