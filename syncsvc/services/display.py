"""Values as people read them."""

from __future__ import annotations

from collections.abc import Callable

from syncsvc.core.fields import Context, field_for
from syncsvc.core.fields.base import as_text
from syncsvc.core.mapping import Mapping
from syncsvc.core.model import Json
from syncsvc.services.columns import columns_of_project
from syncsvc.services.runtime import Runtime
from syncsvc.services.situations import load_facts, table_context
from syncsvc.store import organisations, projects, records


def display_of(rt: Runtime, key: str) -> Callable[[str | None, Json], str]:
    """A function of field and value in normal form; it answers in German, ``""`` for a blank.

    What is no value of the field, because it could not be read, comes back as it was typed. Raises ``NotFound``.
    """
    with rt.database.read() as session:
        facts = load_facts(session, key)
        context = table_context(rt, session, facts.project, facts.organisation)
    return _display(facts.mapping, context)


def display_of_mapping(
    rt: Runtime, mapping: Mapping, *, project: str, jobcentre: str | None
) -> Callable[[str | None, Json], str]:
    """The same for a table that is not connected yet. ``project`` and ``jobcentre`` are keys. Raises ``NotFound``."""
    with rt.database.read() as session:
        return _display(mapping, table_context(rt, session, projects.get(session, project), jobcentre))


def display_of_record(rt: Runtime, ref: str) -> Callable[[str | None, Json], str]:
    """The same for the fields of one record, whatever tables show them. Raises ``NotFound``."""
    with rt.database.read() as session:
        record = records.get(session, ref)
        project = projects.by_id(session, records.project_of(session, ref))
        mapping = columns_of_project(session, project.id, fields=record.values)
        return _display(mapping, table_context(rt, session, project, None))


def organisation_names(rt: Runtime) -> dict[str, str]:
    """The organisations' names by key, in the order of their names."""
    with rt.database.read() as session:
        return {one.key: one.name for one in organisations.directory(session)}


def project_names(rt: Runtime) -> dict[str, str]:
    """The projects' names by key, in the order of their keys."""
    with rt.database.read() as session:
        return {one.key: one.name for one in projects.all_projects(session)}


def jobcentre_names(rt: Runtime) -> dict[str, str]:
    """The names of job centres and agencies by key, in the order of their names."""
    with rt.database.read() as session:
        return {one.key: one.name for one in organisations.directory(session) if one.kind != "provider"}


def _display(mapping: Mapping, context: Context) -> Callable[[str | None, Json], str]:
    fields = {column.field: field_for(column) for column in mapping.columns}

    def display(name: str | None, value: Json) -> str:
        if value is None:
            return ""
        field = fields.get(name or "")
        return field.display(value, context) if field else as_text(value)

    return display
