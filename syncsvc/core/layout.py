"""How a table should look to the people who fill it: what ``tables setup`` asks a platform for."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from syncsvc.core.fields import Vocabulary
from syncsvc.core.mapping import NOTE_FIELD, Column
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Side


class Shape(StrEnum):
    """What the cells of a column hold, as far as a spreadsheet can be told."""

    TEXT = "text"
    DAY = "day"
    MOMENT = "moment"
    NUMBER = "number"


_SHAPES: Final = {"date": Shape.DAY, "datetime": Shape.MOMENT, "number": Shape.NUMBER}

_WIDTHS: Final = {
    "reference": 120,
    "datetime": 140,
    "phone": 150,
    "choice": 160,
    "organisation": 180,
    "period": 180,
    "name": 200,
    "contact": 200,
    "measure": 200,
    "text": 200,
    "email": 240,
}
_USUAL_WIDTH = 100
_NOTE_WIDTH = 360


@dataclass(frozen=True, slots=True)
class LayoutColumn:
    """One column. ``number`` is its 1-based place, ``choices`` the words to choose from, ``width`` its pixels.

    ``keeper`` is the side that alone fills it, None where everybody who types in the table may.
    """

    number: int
    header: str
    field: str
    shape: Shape
    choices: tuple[str, ...]
    keeper: Side | None
    width: int


@dataclass(frozen=True, slots=True)
class Layout:
    """A table whose header stands in row ``header_row``."""

    header_row: int
    columns: tuple[LayoutColumn, ...]


def make_layout(
    mapping: TableMapping,
    header_row: int,
    places: Mapping[str, int],
    *,
    edited_by: Set[Side],
    vocabularies: Mapping[str, Vocabulary],
) -> Layout:
    """The layout of the mapping's columns that the table has: ``places`` gives their numbers by field.

    Where both sides type in one table, each side's columns are kept by that side; where only one types, its own
    columns need no keeper.
    """
    return Layout(
        header_row,
        tuple(
            LayoutColumn(
                number=places[column.field],
                header=column.header,
                field=column.field,
                shape=_SHAPES.get(column.type, Shape.TEXT),
                choices=_choices(column, vocabularies),
                keeper=None if column.owner is Side.BOTH or edited_by == {column.owner} else column.owner,
                width=_NOTE_WIDTH if column.field == NOTE_FIELD else _WIDTHS.get(column.type, _USUAL_WIDTH),
            )
            for column in mapping.columns
            if column.field in places
        ),
    )


def _choices(column: Column, vocabularies: Mapping[str, Vocabulary]) -> tuple[str, ...]:
    if column.choices:
        return tuple(choice.label for choice in column.choices)
    vocabulary = vocabularies.get(column.vocabulary)
    return tuple(entry.label for entry in vocabulary.entries) if vocabulary else ()
