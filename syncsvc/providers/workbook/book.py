"""The workbook part: its sheets, its date system, its styles and shared texts."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from syncsvc.errors import TableNotFound, TableUnreadable
from syncsvc.providers.workbook.package import Package, Relation
from syncsvc.providers.workbook.strings import flatten
from syncsvc.providers.workbook.styles import Styles

NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
"""The two forms of the format: transitional (what Excel saves) and strict."""


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    sheet_id: str
    """The workbook's own number of the sheet; it survives renaming and moving."""
    part: str
    index: int
    """Its place among all sheets, counted from 0; defined names refer to it."""


class Book:
    """What the parts beside the sheets say. Raises ``TableUnreadable`` when the package is no workbook."""

    def __init__(self, package: Package) -> None:
        self.package = package
        main = _first(package.relations("").values(), "officeDocument")
        if main is None or main not in package:
            raise TableUnreadable("Die Datei ist keine Excel-Mappe (.xlsx).")
        if posixpath.splitext(main)[1] != ".xml":
            raise TableUnreadable(
                "Die Datei ist eine binäre Excel-Mappe (.xlsb).", hint="In Excel öffnen und als .xlsx speichern."
            )
        self.part = main
        self.root = package.xml(main)
        self._relations = package.relations(main)
        if etree.QName(self.root).namespace not in NAMESPACES:
            raise TableUnreadable("Die Datei ist keine Excel-Mappe (.xlsx).")

    @property
    def date1904(self) -> bool:
        properties = self.root.find("{*}workbookPr")
        return properties is not None and properties.get("date1904") in ("1", "true")

    @property
    def editor(self) -> str:
        """Who saved the workbook last, by its own properties; writes of ours leave the name as it was."""
        part = _first(self.package.relations("").values(), "core-properties")
        found = None if part is None or part not in self.package else self.package.xml(part).find("{*}lastModifiedBy")
        return "" if found is None else found.text or ""

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        return tuple(self._sheets())

    def sheet(self, name: str, sheet_id: str = "") -> Sheet:
        """The sheet of this name (case does not count, as in Excel), else the one with this id.

        Raises ``TableNotFound``, naming the sheets there are.
        """
        named = [sheet for sheet in self.sheets if sheet.name.casefold() == name.casefold()]
        found = named or [sheet for sheet in self.sheets if sheet_id and sheet.sheet_id == sheet_id]
        if not found:
            raise TableNotFound(
                f"Das Blatt „{name}“ gibt es in der Datei nicht.",
                hint=f"Vorhanden sind: {', '.join(sheet.name for sheet in self.sheets)}.",
            )
        return found[0]

    def tables_of(self, sheet: Sheet) -> list[str]:
        """The parts of the sheet's own tables (ListObjects)."""
        return [r.target for r in self.package.relations(sheet.part).values() if r.kind == "table"]

    @cached_property
    def styles_part(self) -> str | None:
        return _first(self._relations.values(), "styles")

    def styles(self) -> Styles:
        """The styles, fresh: a caller may append to them."""
        part = self.styles_part
        return Styles(None if part is None else self.package.xml(part))

    def shared_texts(self) -> list[str]:
        part = _first(self._relations.values(), "sharedStrings")
        return [] if part is None else [flatten(si) for si in self.package.xml(part).iterchildren("{*}si")]

    def _sheets(self) -> Iterator[Sheet]:
        for index, element in enumerate(self.root.iterfind("{*}sheets/{*}sheet")):
            identifier = next((str(value) for key, value in element.items() if str(key).endswith("}id")), "")
            relation = self._relations.get(identifier)
            if relation is not None and relation.kind == "worksheet":
                yield Sheet(element.get("name", ""), element.get("sheetId", ""), relation.target, index)


def _first(relations: Iterable[Relation], kind: str) -> str | None:
    return next((r.target for r in relations if r.kind == kind), None)
