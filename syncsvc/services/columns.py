"""Which column reads a field where no table is at hand: for values set by hand, and for lists."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from syncsvc.core.binding import fold_header
from syncsvc.core.fields import Context, Reading, field_for
from syncsvc.core.fields.registry import CATALOGUE
from syncsvc.core.mapping import JOBCENTRE_FIELD, Column
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Cell, Json, Side
from syncsvc.core.schema import mapping_from
from syncsvc.store import mappings, tables


def columns_of_project(
    session: Session, project_id: int, *, prefer: Collection[int] = (), fields: Iterable[str] = ()
) -> TableMapping:
    """All columns a list of this project's records may have, as one mapping.

    Each field has the column of the first mapping that uses it, those of the tables ``prefer`` (ids) before others;
    then come the known fields no mapping uses, and ``fields`` as plain text. A column's aliases are all names that
    mean its field and no other: headers and aliases of any mapping, its label, its field name.
    """
    found: dict[str, Column] = {}
    names: dict[str, dict[str, str]] = {}

    def add(column: Column) -> None:
        found.setdefault(column.field, column)
        for name in (column.header, *column.aliases):
            names.setdefault(fold_header(name), {}).setdefault(column.field, name)

    used = tables.all_tables(session, project_id)
    ids = [table.mapping_id for table in sorted(used, key=lambda table: table.id not in prefer)]
    for mapping_id in dict.fromkeys(ids):
        mapping = mapping_from(mappings.current(session, mapping_id).body)
        for column in mapping.columns if isinstance(mapping, TableMapping) else ():
            add(column)
    known = [
        Column(field.label, name, field.type, field.owner, vocabulary=field.vocabulary)
        for name, field in CATALOGUE.items()
    ]
    plain = [Column(name, name, "text", Side.PROJECT) for name in fields]
    for column in (*known, *plain):
        found.setdefault(column.field, column)
    for column in (*found.values(), *known):
        for name in (column.field, column.header):
            names.setdefault(fold_header(name), {column.field: name})
    return TableMapping("", "", tuple(_named(column, names) for column in found.values()))


def shown_in(session: Session, project_id: int) -> dict[str, Column]:
    """The columns that this project's tables may show, by field: the first mapping's of each."""
    found: dict[str, Column] = {}
    for mapping_id in dict.fromkeys(table.mapping_id for table in tables.all_tables(session, project_id)):
        mapping = mapping_from(mappings.current(session, mapping_id).body)
        if isinstance(mapping, TableMapping):
            for column in mapping.columns:
                if column.field in mapping.shown:
                    found.setdefault(column.field, column)
    return found


def _named(column: Column, names: Mapping[str, Mapping[str, str]]) -> Column:
    own = [fields[column.field] for fields in names.values() if fields.keys() == {column.field}]
    # Without any name of its own (another column has its label as header) it gets one that nobody else has.
    header = column.header if column.header in own else next(iter(own), f"{column.field} (Feld)")
    return replace(column, header=header, aliases=tuple(name for name in own if name != header))


def read_together(
    columns: Mapping[str, Column], cells: Mapping[str, Cell], context: Context, values: Mapping[str, Json]
) -> dict[str, Reading]:
    """What the cells of one record mean, by field, where rules look at other fields: those have their new values.

    ``values`` are the record's present ones. Raises KeyError for a field without a column.
    """
    for _ in range(2):  # first to know the new values, then to judge each by the others
        context = replace(context, values=values, organisation=house_of(values) or context.organisation)
        readings = {name: field_for(columns[name]).parse(cell, context) for name, cell in cells.items()}
        values = {**values, **{name: reading.value for name, reading in readings.items() if reading.accepted}}
    return readings


def house_of(values: Mapping[str, Json]) -> str | None:
    """The key of the job centre a record names."""
    house = values.get(JOBCENTRE_FIELD)
    return house if isinstance(house, str) else None
