"""Propose a mapping for a file or a table, as a mapping file to look through and apply."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from syncsvc.core.fields import Context
from syncsvc.core.fields.registry import CATALOGUE
from syncsvc.core.folding import bare
from syncsvc.core.mapping import NOTE_FIELD, REFERENCE_FIELD
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import SheetRow, Side, Snapshot
from syncsvc.core.schema import mapping_from, mapping_to
from syncsvc.core.suggest import Suggestion, suggest
from syncsvc.errors import InvalidFile
from syncsvc.services import listfiles
from syncsvc.services.runtime import Runtime
from syncsvc.services.situations import load_facts, table_context
from syncsvc.store import tables

_MISSING = {
    REFERENCE_FIELD: "fehlt in der Tabelle: bitte eine leere Spalte mit dieser Überschrift anlegen",
    NOTE_FIELD: "fehlt in der Tabelle: eine leere Spalte dafür zeigt, was zu klären ist",
}
_USUAL_LEVEL = 2


def suggest_for_file(path: Path, context: Context) -> str:
    """A mapping file for a list (XLSX, CSV). Raises ``InvalidFile`` for a file without readable headers."""
    return _mapping(listfiles.read(path), context, path.stem)


def suggest_for_table(rt: Runtime, key: str) -> str:
    """A mapping file for a table that is connected. Raises ``NotFound``, ``TableError``, ``InvalidFile``."""
    with rt.database.read() as session:
        facts = load_facts(session, key)
        context = table_context(rt, session, facts.project, facts.organisation)
    return _mapping(rt.tables.open(tables.whereabouts(facts.table)).read(), context, key)


def suggest_body(snapshot: Snapshot, context: Context, key: str, title: str, header: SheetRow | None) -> dict[str, Any]:
    """The same proposal as plain data of a mapping file. ``header``: the header row, where somebody chose it.

    Where headers get in each other's way it is no mapping yet. Raises ``InvalidFile`` without readable headers.
    """
    columns = _suggested(snapshot, context, header)
    found = {column.field for column in columns}
    level = min(max(column.level for column in columns), _USUAL_LEVEL)
    body = {
        "key": key,
        "title": title,
        "privacy_level": level,
        "columns": [
            *(_column(column) for column in columns),
            *(
                {"header": CATALOGUE[field].label, "field": field, "owner": str(Side.SERVICE)}
                for field in (REFERENCE_FIELD, NOTE_FIELD)
                if field not in found
            ),
        ],
    }
    mapping = mapping_from(body)
    return mapping_to(mapping) if isinstance(mapping, TableMapping) else body


def _suggested(snapshot: Snapshot, context: Context, header: SheetRow | None = None) -> list[Suggestion]:
    columns = suggest(snapshot, context, header)
    if not columns:
        raise InvalidFile("In den ersten 20 Zeilen steht keine Kopfzeile, die wir erkennen.")
    return columns


def _column(column: Suggestion) -> dict[str, Any]:
    known = {} if column.field in CATALOGUE else {"type": column.type}
    aliases = {"aliases": list(column.aliases)} if column.aliases else {}
    return {"header": column.header, **aliases, "field": column.field, **known, "owner": str(column.owner)}


def _mapping(snapshot: Snapshot, context: Context, name: str) -> str:
    columns = _suggested(snapshot, context)
    needed = max(column.level for column in columns)
    lines = [
        "# Vorschlag aus Überschriften und Werten. Bitte jede Zeile ansehen, dann: syncsvc mappings check DATEI",
        f"key: {_slug(name)}",
        f"title: {json.dumps(name, ensure_ascii=False)}",
        f"privacy_level: {min(needed, _USUAL_LEVEL)}"
        + ("  # Spalten der Stufe 3 ruhen, bis eine Vereinbarung und die Einwilligungen da sind" if needed > 2 else ""),
        "columns:",
        *(_line(column) for column in columns),
    ]
    found = {column.field for column in columns}
    for field in (REFERENCE_FIELD, NOTE_FIELD):
        if field not in found:
            label = json.dumps(CATALOGUE[field].label, ensure_ascii=False)
            lines.append(f"  - {{header: {label}, field: {field}, owner: service}}  # {_MISSING[field]}")
    return "\n".join(lines) + "\n"


def _line(column: Suggestion) -> str:
    def text(value: str) -> str:
        return json.dumps(value, ensure_ascii=False)

    parts = [f"header: {text(column.header)}"]
    if column.aliases:
        parts.append(f"aliases: [{', '.join(map(text, column.aliases))}]")
    parts.append(f"field: {column.field}")
    if column.field not in CATALOGUE:
        parts.append(f"type: {column.type}")
    parts.append(f"owner: {column.owner}")
    level = ", Stufe 3" if column.level > _USUAL_LEVEL else ""
    return f"  - {{{', '.join(parts)}}}  # {column.letter}: {column.confidence:.0%}, {column.reason}{level}"


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", bare(name)).strip("-") or "tabelle"
