"""Which of our writes reached a sheet: each leaves a numbered mark on it, together with its cells or not at all.

A mark is developer metadata of the sheet, which no person sees. Its id follows from spreadsheet, sheet and number, and
Google creates no id twice. So of all writes planned from the same state only one can ever land: a request that got
lost and turns up late, a repetition, or a second service are refused as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

KEY = "syncsvc.write"

KEPT = 8
"""Marks left on a sheet: a write that is older than this many others is refused by nothing any more."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One write that landed: its number on this sheet and its patch's token."""

    metadata_id: int
    number: int
    token: str


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of one sheet, oldest first."""

    spreadsheet: str
    sheet_id: int
    found: tuple[Mark, ...]

    @classmethod
    def of(cls, spreadsheet: str, sheet_id: int, metadata: Iterable[Mapping[str, Any]]) -> Marks:
        """The sheet's own marks among its metadata; those that came along with a copy belong to another sheet."""
        found = []
        for item in metadata:
            parts = str(item.get("metadataValue", "")).split("/")
            if item.get("metadataKey") == KEY and parts[:2] == [spreadsheet, str(sheet_id)] and len(parts) == 4:
                found.append(Mark(item["metadataId"], int(parts[2]), parts[3]))
        return cls(spreadsheet, sheet_id, tuple(sorted(found, key=lambda mark: mark.number)))

    def __contains__(self, token: str) -> bool:
        return any(mark.token == token for mark in self.found)

    def requests(self, token: str) -> list[dict[str, Any]]:
        """The requests that leave the next mark and drop the ones too old to matter."""
        number = self.found[-1].number + 1 if self.found else 1
        created = {
            "metadataId": self._id(number),
            "metadataKey": KEY,
            "metadataValue": f"{self.spreadsheet}/{self.sheet_id}/{number}/{token}",
            "location": {"sheetId": self.sheet_id},
            "visibility": "DOCUMENT",  # PROJECT would hide our marks from an account of another cloud project
        }
        old = ({"metadataId": mark.metadata_id} for mark in self.found[: max(0, len(self.found) - KEPT + 1)])
        return [
            {"createDeveloperMetadata": {"developerMetadata": created}},
            *({"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": lookup}}} for lookup in old),
        ]

    def _id(self, number: int) -> int:
        digest = sha256(f"{self.spreadsheet}/{self.sheet_id}/{number}".encode()).digest()
        return int.from_bytes(digest[:4]) % (2**31 - 1) + 1
