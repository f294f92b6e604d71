"""Bases: what both sides last agreed on, in the order of a mapping's fields."""

from __future__ import annotations

from dataclasses import replace

from syncsvc.core.mapping import OWN_FIELDS
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import UNSETTLED, Base, BaseRow, Json, Overruled, Unsettled


def base_fields(mapping: TableMapping) -> tuple[str, ...]:
    """The order in which a base of this mapping keeps its values: reference and note first."""
    own = [name for name in OWN_FIELDS if mapping.column(name)]
    return (*own, *(column.field for column in mapping.columns if column.field not in own))


def project(base: Base, fields: tuple[str, ...]) -> Base:
    """The base with its values in the order of ``fields``; a field it does not know is unsettled."""
    if base.fields == fields:
        return base
    where = [base.fields.index(name) if name in base.fields else None for name in fields]
    rows = {
        ref: replace(
            row,
            raw=tuple(UNSETTLED if index is None else row.raw[index] for index in where),
            agreed=tuple(UNSETTLED if index is None else row.agreed[index] for index in where),
        )
        for ref, row in base.rows.items()
    }
    return Base(fields, rows, base.positions)


def unsettle(known: BaseRow, index: int) -> BaseRow:
    """The base row as if one of its cells had never been settled."""
    behind = index + 1
    return replace(
        known,
        raw=(*known.raw[:index], UNSETTLED, *known.raw[behind:]),
        agreed=(*known.agreed[:index], UNSETTLED, *known.agreed[behind:]),
    )


def unsettled(ref: str, fields: tuple[str, ...]) -> BaseRow:
    """A base row on which nothing was ever agreed."""
    return BaseRow(ref, (UNSETTLED,) * len(fields), (UNSETTLED,) * len(fields))


def agreed_value(value: Json | Unsettled | Overruled) -> Json:
    """The value of a base's ``agreed``; None where nothing is agreed."""
    return None if isinstance(value, Unsettled | Overruled) else value
