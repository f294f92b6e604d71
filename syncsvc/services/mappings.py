"""Mappings: check a file before it is applied, list them, and give one back as a file."""

from __future__ import annotations

from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from syncsvc.core.schema import mapping_from
from syncsvc.services.documents import FileProblem, read
from syncsvc.services.runtime import Runtime
from syncsvc.store import mappings, tables

_WIDE = 4096  # characters of a line: a column stays on one


@dataclass(frozen=True, slots=True)
class MappingView:
    """A mapping and the keys of the tables that use it; ``revision`` is its current one."""

    key: str
    title: str
    revision: int
    tables: tuple[str, ...]


def check_file(path: Path | str) -> list[FileProblem]:
    """What is wrong with a mapping file; empty when ``apply`` would take it. Raises ``InvalidFile`` without a file."""
    document = read(Path(path))
    if isinstance(document, FileProblem):
        return [document]
    mapping = mapping_from(document.data)
    return document.problems(mapping) if isinstance(mapping, list) else []


def list_mappings(rt: Runtime) -> list[MappingView]:
    """All mappings, by key."""
    with rt.database.read() as session:
        used = [(table.mapping_id, table.key) for table in tables.all_tables(session)]
        return [
            MappingView(
                mapping.key,
                mapping.title,
                mappings.current(session, mapping.id).number,
                tuple(key for mapping_id, key in used if mapping_id == mapping.id),
            )
            for mapping in mappings.all_mappings(session)
        ]


def export_mapping(rt: Runtime, key: str) -> str:
    """The mapping's current revision as YAML; applying it changes nothing. Raises ``NotFound``."""
    with rt.database.read() as session:
        body = mappings.current(session, mappings.get(session, key).id).body
    columns = []
    for column in body["columns"]:
        line = CommentedMap(column)
        line.fa.set_flow_style()
        columns.append(line)
    yaml = YAML()
    yaml.width = _WIDE
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = StringIO()
    yaml.dump({**body, "columns": columns}, text)
    return text.getvalue()
