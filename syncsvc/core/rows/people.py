"""Who a row without a reference may be: people the project knows already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from functools import cached_property

from syncsvc.core.identity import RowView
from syncsvc.core.model import Json, RecordState
from syncsvc.core.rows.grid import Grid


class People:
    """Finds records by whom they speak of; looks through them only once it is asked."""

    def __init__(self, grid: Grid) -> None:
        self.s, self.grid = grid.s, grid

    def matches(self, view: RowView) -> tuple[list[str], bool]:
        """Records of the project that speak of the same person: by number, else by name and birth date.

        Not sure where the birth date is a 1 January, which offices enter when they do not know it (domain: 0.4).
        """
        values: dict[str, Json] = {}
        for name in ("customer_no", "participant_name", "birth_date"):
            if name in self.grid.data:
                reading = self.grid.field[name].parse(self.grid.cell(view, name), self.s.context)
                values[name] = reading.value if reading.accepted else None
        people = self._people
        for key in self._keys(values):
            if key in people:
                return people[key], key[0] == "number" or not isinstance(values["birth_date"], dict)
        return [], False

    @cached_property
    def _people(self) -> Mapping[tuple[Hashable, ...], list[str]]:
        people = defaultdict(list)
        for ref, record in self.s.records.items():
            if record.state is RecordState.ACTIVE:
                for key in self._keys(record.values):
                    people[key].append(ref)
        return people

    def _keys(self, values: Mapping[str, Json]) -> list[tuple[Hashable, ...]]:
        number, name, born = (values.get(key) for key in ("customer_no", "participant_name", "birth_date"))
        field = self.grid.field
        keys: list[tuple[Hashable, ...]] = []
        # Having no number, {"customer_no": null, "reason": …}, is nothing two people could be known by.
        if isinstance(number, str) and "customer_no" in field:
            keys.append(("number", field["customer_no"].key(number)))
        if name is not None and born is not None and {"participant_name", "birth_date"} <= field.keys():
            keys.append(("person", field["participant_name"].key(name), field["birth_date"].key(born)))
        return keys
