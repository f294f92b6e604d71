"""A programme file with one table, taken in as if somebody had gone through the steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from syncsvc.core.access import Viewer
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.programme import Programme, programme_from
from syncsvc.core.schedules import ZONE
from syncsvc.core.schema import mapping_from, mapping_to
from syncsvc.errors import InvalidFile, TableError, UsageError
from syncsvc.services.connecting import places
from syncsvc.services.connecting.draft import Connection, keep
from syncsvc.services.documents import FileProblem, parse
from syncsvc.services.runtime import Runtime
from syncsvc.store import mappings, organisations

LARGEST = 1_000_000
"""Bytes of a file that is taken in: a programme of some hundred tables."""


def take_in(rt: Runtime, viewer: Viewer, name: str, content: bytes) -> Connection:
    """A draft of what the file says about its one table; what cannot be taken over is left to the steps.

    Raises ``InvalidFile`` with every mistake at its line, ``UsageError`` for a file about something else, or a place
    that is not for this person, and ``ConfigurationError`` for one that is none.
    """
    programme = _programme(name, content)
    if len(programme.tables) != 1 or "directory" in programme.tables[0]:
        raise UsageError("In der Datei muss genau eine Tabelle von Teilnehmerinnen stehen.")
    (entry,) = programme.tables
    typed = {part: text for part, text in entry["location"].items() if part != "provider"}
    connection = places.begin(rt, viewer, entry["location"]["provider"], typed)
    times = {part: entry[part] for part in ("schedule", "quiet_hours", "land") if part in entry}
    connection = replace(
        connection, wanted=entry["key"], tab=_tab(connection, typed), timed=True, zone=entry.get("zone") or ZONE,
        edited_by=tuple(entry.get("edited_by", connection.edited_by)), **times, **_mapping(rt, programme, entry),
    )  # fmt: skip
    connection = keep(rt, viewer.id, connection)
    if connection.tab and entry["project"] in places.projects_of(rt, viewer):
        try:
            return places.choose(
                rt, viewer, connection, connection.tab, project=entry["project"],
                jobcentre=_jobcentre(rt, entry.get("jobcentre")), edited_by=connection.edited_by,
            )  # fmt: skip
        except TableError:
            pass  # the steps say why, and ask for what is missing
    return connection


def _programme(name: str, content: bytes) -> Programme:
    if len(content) > LARGEST:
        raise InvalidFile("Diese Datei ist zu groß.")
    document = parse(Path(name or "Datei"), content)
    if isinstance(document, FileProblem):
        raise InvalidFile(str(document))
    found = programme_from(document.data)
    if not isinstance(found, Programme):
        raise InvalidFile("\n".join(map(str, document.problems(found))))
    return found


def _tab(connection: Connection, typed: Mapping[str, str]) -> str:
    """The title of the tab that the file means; empty if it is not there."""
    for tab in connection.tabs:
        parts = {part: text for part, text in tab.location.items() if part in ("worksheet", "table")}
        if all(typed.get(part, "").casefold() == text.casefold() for part, text in parts.items()):
            return tab.title
    return ""


def _mapping(rt: Runtime, programme: Programme, entry: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping of that key: the one that is there, unless the file brings another one."""
    brought: TableMapping | None = next((one for one in programme.mappings if one.key == entry["mapping"]), None)
    with rt.database.read() as session:
        known = {one.key: one.id for one in mappings.all_mappings(session)}
        key = entry["mapping"]
        if key in known and brought in (None, _current(session, known[key])):
            return {"mapping": key}
    if brought is None:
        raise UsageError(f"Die Zuordnung „{key}“ gibt es nicht, und sie steht auch nicht in der Datei.")
    return {"body": mapping_to(brought)}


def _current(session: Session, mapping_id: int) -> TableMapping | None:
    found = mapping_from(mappings.current(session, mapping_id).body)
    return found if isinstance(found, TableMapping) else None


def _jobcentre(rt: Runtime, key: str | None) -> str:
    with rt.database.read() as session:
        known = {house.key for house in organisations.directory(session)}
    return key if key in known else ""
