"""Values of one table as people read them."""

from __future__ import annotations

from collections.abc import Callable

from syncsvc.core.fields import field_for
from syncsvc.core.fields.base import as_text
from syncsvc.core.model import Json
from syncsvc.services.runtime import Runtime
from syncsvc.services.situations import load_facts, table_context


def display_of(rt: Runtime, key: str) -> Callable[[str | None, Json], str]:
    """A function of field and value in normal form; it answers in German, ``""`` for a blank.

    What is no value of the field, because it could not be read, comes back as it was typed. Raises ``NotFound``.
    """
    with rt.database.read() as session:
        facts = load_facts(session, key)
        context = table_context(rt, session, facts.project, facts.organisation)
    fields = {column.field: field_for(column) for column in facts.mapping.columns}

    def display(name: str | None, value: Json) -> str:
        if value is None:
            return ""
        field = fields.get(name or "")
        return field.display(value, context) if field else as_text(value)

    return display
