"""The morning at Google."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from tests.providers.google.conftest import ANNA
from tests.services.google.place import GooglePlace
from tests.services.story import Story


@dataclass
class GoogleStory(Story):
    costs: ClassVar[Mapping[str, tuple[int, int]]] = {"read": (2, 1), "write": (1, 1)}
    who: ClassVar[str] = ANNA

    def make_place(self) -> GooglePlace:
        place = GooglePlace(self.folder)
        self.google = place.google
        return place

    def sign_in(self) -> None:
        self.google.account.renew()

    def sort(self, column: str, *, below: int, descending: bool) -> None:
        self.anna.sort(column, header=below, descending=descending)
