"""The morning at SharePoint, with a plain list or an Excel table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pytest

from syncsvc.core.binding import column_letter
from tests.fakes.graph import serials
from tests.fakes.graph.visit import Quirks
from tests.providers.sharepoint.scene import ANNA
from tests.services.sharepoint.place import GraphPlace
from tests.services.story import ENTRY, Spot, Story
from tests.services.witness import Token

TABLE_FIRST = pytest.mark.parametrize(
    "story", [pytest.param("", marks=pytest.mark.soak), "Liste"], ids=["plain", "table"], indirect=True
)
"""For tests of the Excel table, where a run has a request more; their twins with a plain list are for the soak."""


@dataclass
class GraphStory(Story):
    """``table``: the Excel table's name, empty for a plain list."""

    costs: ClassVar[Mapping[str, tuple[int, int]]] = {"read": (4, 5), "write": (3, 7)}
    who: ClassVar[str] = ANNA
    table: str = ""

    def make_place(self) -> GraphPlace:
        place = GraphPlace(self.folder, table=self.table)
        self.graph = place.graph
        return place

    def __post_init__(self) -> None:
        super().__post_init__()
        self.first = self.anna.state()

    def sort(self, column: str, *, below: int, descending: bool) -> None:
        if self.anna.table():
            self.anna.sort(column, descending=descending)
            return
        rows = self.place.load()
        area = f"A{below + 1}:{column_letter(max(map(len, rows)))}{len(rows)}"
        self.anna.sort_range(area, column, descending=descending)

    def _judge_value(self, place: Spot, found: Token, where: str) -> None:
        """A day that people moved under our formats may look like a number, and is read as one (docs/decisions.md)."""
        if place[1] == ENTRY and isinstance(found, float | int):
            found = serials.moment(found).date().isoformat()
        super()._judge_value(place, found, where)

    def sign_in(self) -> None:
        account = self.graph.account
        account.renew(account.token())
        self.server.sessions.end_all()
        self.server.service.quirks = Quirks()
