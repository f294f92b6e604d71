"""Participant references as they stand in a cell."""

from __future__ import annotations

from syncsvc.core.fields.base import StructuredField, Typed, ask, ok, reject, typed_text
from syncsvc.core.fields.contract import Context, Reading
from syncsvc.core.model import Json
from syncsvc.core.references import Reference, completed, read_reference


class ReferenceField(StructuredField):
    """A participant reference in its one spelling, ``BSP-0137-E``; any prefix is read."""

    type = "reference"

    def read_line(self, line: str, context: Context) -> Reading:
        found = read_reference(line, context.prefix)
        if isinstance(found, Reference):
            return ok(str(found))
        if found == "ref_incomplete":
            return ask("ref_incomplete", str(completed(line, context.prefix)))
        return reject(found)

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        whole = completed(typed_text(cell), context.prefix) if isinstance(cell, float) else None
        return ask("ref_incomplete", str(whole)) if whole else reject("not_a_reference")

    def show(self, value: Json, context: Context) -> str:
        return str(value)
