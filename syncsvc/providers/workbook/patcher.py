"""Writing a patch into a workbook: the touched cells in the sheet's XML, and what an appended row needs around it.

Everything else keeps its bytes. Beside the sheet only these parts may change: ``styles.xml`` (appended styles), the
workbook part (recalculation on load; the filter's range after an append) and a table's part (its range after an
append). New text is stored in the cell itself, so the shared texts stay as they are. Formulas are never written over,
so the calculation chain stays true.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from math import isfinite

from lxml import etree

from syncsvc.core.model import BLANK, Cell, Covered, Formula, Logical, Patch, Snapshot
from syncsvc.errors import TableError
from syncsvc.providers.a1 import Range, address, column_number
from syncsvc.providers.formats import GENERAL, Shows
from syncsvc.providers.serials import serial
from syncsvc.providers.workbook.book import Book, Sheet
from syncsvc.providers.workbook.sheet import SheetXml
from syncsvc.providers.workbook.strings import MAX_LENGTH, encode

_FORMULA = re.compile(rb"<(\w+:)?f[\s/>]")
_REINTERPRETED = re.compile(
    r"\s*(['=+\-@#(€$%.,]|\d|(wahr|falsch|true|false)\s*$"
    r"|(jan|feb|mär|mar|mrz|apr|mai|may|jun|jul|aug|sep|okt|oct|nov|dez|dec)[a-z]*\.?[ /-]?\d)",
    re.IGNORECASE,
)
"""Text that a spreadsheet would read as a formula, number, date or truth value once somebody edits the cell."""

_BEFORE_CALCULATION = ("sheets", "functionGroups", "externalReferences", "definedNames")


def patched(book: Book, sheet: Sheet, snapshot: Snapshot, patch: Patch) -> bytes:
    """The file with the patch applied. ``snapshot`` is the sheet as read from the same bytes.

    Appended rows go behind the last row of the snapshot (behind the header if that is the last). Each takes the styles
    of the row above; the sheet's table, filter, validations and conditional formats that end in that row are extended.
    Calculated columns are not filled in. Raises ``TableError`` where a cell holds a formula, lies under a merge or is a
    header of the sheet's own table, where a value fits no cell, and where the table has a totals row in the way.
    """
    return _Patcher(book, sheet, snapshot, patch).run()


class _Patcher:
    def __init__(self, book: Book, sheet: Sheet, snapshot: Snapshot, patch: Patch) -> None:
        self._book, self._sheet, self._patch = book, sheet, patch
        self._snapshot = snapshot
        self._styles = book.styles()
        self._xml = SheetXml(book.package.read(sheet.part))
        self._shell = self._xml.shell()
        self._shell_changed = False
        self._above = max(len(snapshot.rows), patch.header_row, *(write.row for write in patch.writes))
        self._parts: dict[str, bytes] = {}

    def run(self) -> bytes:
        cells: dict[int, dict[int, Cell]] = {}
        for write in self._patch.writes:
            cells.setdefault(write.row, {})[write.column] = write.new
        for number, append in enumerate(self._patch.appends, self._above + 1):
            cells[number] = dict(append.cells)
        self._refuse_taken(cells)
        rows = self._xml.parsed([*cells, self._above] if self._patch.appends else cells)
        template = rows[self._above] if self._patch.appends else None
        for number, values in cells.items():
            if number > self._above and template is not None:
                self._dress(rows[number], number, template)
            self._fill(rows[number], number, values)
        self._extend_dimension(cells)
        if self._patch.appends:
            self._extend(self._above + len(self._patch.appends))
        changed = {number: rows[number] for number in cells}
        self._parts[self._sheet.part] = self._xml.changed(changed, self._shell if self._shell_changed else None)
        if self._styles.changed and self._book.styles_part:
            self._parts[self._book.styles_part] = self._styles.xml()
        self._recalculate()
        return self._book.package.replaced(self._parts)

    # What stands there already

    def _refuse_taken(self, cells: Mapping[int, Mapping[int, Cell]]) -> None:
        merges = _ranges(self._shell.iterfind("{*}mergeCells/{*}mergeCell"))
        tables = _ranges(self._book.package.xml(part) for part in self._book.tables_of(self._sheet))
        for row, values in cells.items():
            for column in values:
                place, here = (row, column), self._snapshot_cell(row, column)
                if isinstance(here, Formula):
                    raise TableError(
                        f"In Zelle {address(row, column)} steht eine Formel; sie wird nicht überschrieben."
                    )
                covered = any(place in block and place != (block.top, block.left) for block in merges)
                if covered or isinstance(here, Covered):
                    raise TableError(
                        f"Zelle {address(row, column)} gehört zu einem Zellverbund und kann nicht beschrieben werden.",
                        hint="Die verbundenen Zellen in der Tabelle trennen.",
                    )
                if any(place in block and row == block.top for block in tables):
                    # Excel repairs a file whose header cells differ from the column names in the table's part.
                    raise TableError(f"Zelle {address(row, column)} ist eine Überschrift der Excel-Tabelle.")

    def _snapshot_cell(self, row: int, column: int) -> Cell:
        if row > len(self._snapshot.rows) or column > self._snapshot.width:
            return BLANK
        return self._snapshot.rows[row - 1].cells[column - 1]

    # Rows and cells

    def _fill(self, row: etree._Element, number: int, values: Mapping[int, Cell]) -> None:
        there = _cells_of(row, number)
        for column in sorted(values):
            if column not in there:
                if values[column] is BLANK:
                    continue
                there[column] = self._insert(row, number, column, there)
            self._put(there[column], values[column])
        _widen_spans(row, values)

    def _insert(
        self, row: etree._Element, number: int, column: int, there: Mapping[int, etree._Element]
    ) -> etree._Element:
        cell = etree.Element(etree.QName(etree.QName(row).namespace, "c"), r=address(number, column))
        following = [there[c] for c in sorted(there) if c > column]
        if following:
            following[0].addprevious(cell)
        elif there:
            there[max(there)].addnext(cell)
        else:
            row.insert(0, cell)
        style = row.get("s") if row.get("customFormat") in ("1", "true") else self._column_style(column)
        if style and style != "0":
            cell.set("s", style)
        return cell

    def _column_style(self, column: int) -> str | None:
        for col in self._shell.iterfind("{*}cols/{*}col"):
            if int(col.get("min", "0")) <= column <= int(col.get("max", "0")):
                return col.get("style")
        return None

    def _put(self, cell: etree._Element, value: Cell) -> None:
        """Give the cell a literal value; ``cm`` and ``vm`` described the old one."""
        for child in list(cell):
            cell.remove(child)
        cell.text = None
        for stale in ("t", "cm", "vm", "ph"):
            cell.attrib.pop(stale, "")
        style = self._style(int(cell.get("s", "0")), value)
        if style != int(cell.get("s", "0")):
            cell.set("s", str(style))
        if value is BLANK or value == "":
            return
        namespace = etree.QName(cell).namespace
        if isinstance(value, str):
            cell.set("t", "inlineStr")
            text = etree.SubElement(etree.SubElement(cell, etree.QName(namespace, "is")), etree.QName(namespace, "t"))
            text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            text.text = _text(value)
            return
        if isinstance(value, Logical):
            cell.set("t", "b")
        etree.SubElement(cell, etree.QName(namespace, "v")).text = self._literal(value)

    def _literal(self, value: Cell) -> str:
        if isinstance(value, Logical):
            return "1" if value is Logical.TRUE else "0"
        if isinstance(value, (date, time)):
            number = serial(value, date1904=self._book.date1904)
            if number is None:
                raise TableError("Excel kennt diesen Tag nicht: seine Zeitrechnung beginnt 1900 (oder 1904).")
            return _number(number)
        if isinstance(value, (int, float)) and isfinite(value):
            return _number(float(value))
        raise TableError("Dieser Inhalt lässt sich nicht in eine Zelle schreiben.")

    def _style(self, style: int, value: Cell) -> int:
        """The cell's style, changed only as far as the value would otherwise be read or edited as another type.

        Text that looks like something else gets the text mark (quotePrefix): unlike the number format ``@`` it goes
        away when a person types a date or number there later.
        """
        styles, shown = self._styles, self._styles.shows(style)
        if isinstance(value, str):
            safe = shown is Shows.TEXT or not _REINTERPRETED.match(value)
            return style if safe else styles.like(style, quoted=True)
        if isinstance(value, date):
            fits, code = shown is Shows.DATE, "dd.mm.yyyy hh:mm" if isinstance(value, datetime) else "dd.mm.yyyy"
        elif isinstance(value, time):
            fits, code = shown is Shows.TIME, "hh:mm:ss" if value.second else "hh:mm"
        elif isinstance(value, float):
            fits, code = shown is Shows.NUMBER, GENERAL
        else:
            return style
        return styles.like(style, number_format=None if fits else code, quoted=False)

    def _dress(self, row: etree._Element, number: int, template: etree._Element) -> None:
        """Give a new row the styles of the row above, unless that is the header or the row brings its own."""
        if self._above <= self._patch.header_row:
            return
        if not row.get("s") and template.get("customFormat") in ("1", "true"):
            row.set("s", template.get("s", "0"))
            row.set("customFormat", "1")
        there = _cells_of(row, number)
        for column, model in _cells_of(template, self._above).items():
            style = model.get("s")
            if style and column not in there:
                there[column] = self._insert(row, number, column, there)
                there[column].set("s", style)

    # What surrounds the rows

    def _extend_dimension(self, cells: Mapping[int, Mapping[int, Cell]]) -> None:
        element = self._shell.find("{*}dimension")
        block = None if element is None else Range.parse(element.get("ref", ""))
        columns = [column for values in cells.values() for column in values]
        if element is None or block is None or not columns:
            return
        right, bottom = max(block.right, *columns), max(block.bottom, *cells)
        wider = Range(min(block.top, *cells), min(block.left, *columns), bottom, right)
        if wider != block:
            element.set("ref", str(wider))
            self._shell_changed = True

    def _extend(self, last: int) -> None:
        """Let what ended in the row above end in the last appended row."""
        shell = self._shell
        if self._above > self._patch.header_row:
            rules = [
                *shell.iterfind("{*}dataValidations/{*}dataValidation"),
                *shell.iterfind("{*}conditionalFormatting"),
            ]
            for element in rules:
                self._set(element, "sqref", self._extended(element.get("sqref", ""), last))
            for element in shell.iterfind("{*}extLst//{*}sqref"):
                parent = element.getparent()
                if parent is not None and etree.QName(parent).localname in ("dataValidation", "conditionalFormatting"):
                    text = self._extended(element.text or "", last)
                    self._shell_changed |= text != element.text
                    element.text = text
        auto_filter = shell.find("{*}autoFilter")
        if auto_filter is not None and self._extend_range(auto_filter, last):
            self._shell_changed = True
            self._extend_filter_name(last)
        for part in self._book.tables_of(self._sheet):
            self._extend_table(part, last)

    def _extended(self, ranges: str, last: int) -> str:
        """A list of ranges with those that end in the row above extended."""
        parts = []
        for text in ranges.split():
            block = Range.parse(text)
            parts.append(str(block.down_to(last)) if block and block.bottom == self._above else text)
        return " ".join(parts)

    def _set(self, element: etree._Element, name: str, value: str) -> None:
        if element.get(name) != value:
            element.set(name, value)
            self._shell_changed = True

    def _extend_range(self, element: etree._Element, last: int) -> bool:
        """Extend the element's ``ref`` if it holds the header and ends in the row above."""
        block = Range.parse(element.get("ref", ""))
        if block is None or not block.top <= self._patch.header_row <= block.bottom or block.bottom != self._above:
            return False
        element.set("ref", str(block.down_to(last)))
        return True

    def _extend_filter_name(self, last: int) -> None:
        """The sheet's filter has its range in a hidden name, too; LibreOffice goes by that one."""
        for name in self._book.root.iterfind("{*}definedNames/{*}definedName"):
            of_sheet = name.get("localSheetId") == str(self._sheet.index)
            if name.get("name") == "_xlnm._FilterDatabase" and of_sheet and name.text:
                name.text = re.sub(rf"\${self._above}$", f"${last}", name.text)
                self._parts[self._book.part] = _document(self._book.root)

    def _extend_table(self, part: str, last: int) -> None:
        root = self._book.package.xml(part)
        block = Range.parse(root.get("ref", ""))
        columns = {column for append in self._patch.appends for column in append.cells}
        if (
            block is None
            or block.top != self._patch.header_row
            or not any(block.left <= c <= block.right for c in columns)
        ):
            return
        if root.get("totalsRowCount", "0") != "0":
            raise TableError(
                "Die Excel-Tabelle hat eine Ergebniszeile; dahinter kann keine Zeile angefügt werden.",
                hint="In Excel unter Tabellenentwurf die Ergebniszeile ausschalten.",
            )
        changed = root.attrib.pop("insertRow", "") != ""
        if self._extend_range(root, last):
            changed = True
            for inner in root.iterchildren("{*}autoFilter"):
                self._extend_range(inner, last)
        if changed:
            self._parts[part] = _document(root)

    def _recalculate(self) -> None:
        """Let the spreadsheet compute its formulas anew when it opens the file, if it has any."""
        package = self._book.package
        if not any(_FORMULA.search(package.read(sheet.part)) for sheet in self._book.sheets):
            return
        root = self._book.root
        element = root.find("{*}calcPr")
        if element is None:
            places = [found for name in _BEFORE_CALCULATION if (found := root.find(f"{{*}}{name}")) is not None]
            element = etree.Element(etree.QName(etree.QName(root).namespace, "calcPr"))
            places[-1].addnext(element)
        if element.get("fullCalcOnLoad") not in ("1", "true"):
            element.set("fullCalcOnLoad", "1")
            self._parts[self._book.part] = _document(root)


def _cells_of(row: etree._Element, number: int) -> dict[int, etree._Element]:
    """The row's cells by column; where they left their place unsaid it is written down before anything moves."""
    cells = {}
    column = 0
    for cell in row.iterchildren("{*}c"):
        reference = cell.get("r")
        column = column_number(reference.rstrip("0123456789")) if reference else column + 1
        cell.set("r", address(number, column))
        cells[column] = cell
    row.set("r", str(number))
    return cells


def _ranges(elements: Iterable[etree._Element]) -> list[Range]:
    return [block for element in elements if (block := Range.parse(element.get("ref", "")))]


def _widen_spans(row: etree._Element, columns: Iterable[int]) -> None:
    first, _, last = (row.get("spans") or "").partition(":")
    if first and last:
        row.set("spans", f"{min(int(first), *columns)}:{max(int(last), *columns)}")


def _text(value: str) -> str:
    if len(value.encode("utf-16-le", "surrogatepass")) // 2 > MAX_LENGTH:
        raise TableError("Ein Text ist länger als 32.767 Zeichen und passt in keine Zelle.")
    return encode(value)


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def _document(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)
