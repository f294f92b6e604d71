"""Reading one sheet with its types, straight from its XML.

The sheet is streamed row by row, so that memory follows the content. openpyxl, which would need two passes and keeps an
object for every cell, only translates the shared formulas.
"""

from __future__ import annotations

import zipfile
import zlib
from datetime import date, datetime, time

from lxml import etree
from openpyxl.formula.tokenizer import TokenizerError
from openpyxl.formula.translate import Translator

from syncsvc.core.model import BLANK, Cell, Covered, ErrorValue, Formula, Logical, SheetRow
from syncsvc.errors import TableUnreadable
from syncsvc.providers.a1 import Range, address, column_number
from syncsvc.providers.formats import as_shown
from syncsvc.providers.workbook.book import NAMESPACES, Book, Sheet
from syncsvc.providers.workbook.strings import decode, flatten

_TAGS = tuple(f"{{{namespace}}}{name}" for namespace in NAMESPACES for name in ("row", "mergeCell"))
_MAX_CELLS = 10_000_000

Value = str | float | Logical | date | datetime | time | ErrorValue | None
_SparseRow = dict[int, Cell]


def read_rows(book: Book, sheet: Sheet) -> tuple[int, tuple[SheetRow, ...]]:
    """The sheet's width and its rows from row 1 to the last with content, hidden ones included.

    A cell is content when it holds anything, a formula or an error included; formatted blanks are not. Raises
    ``TableUnreadable`` for a damaged part, or where a stray cell makes the sheet too large to hold.
    """
    try:
        reader = _Reader(book)
        with book.package.open(sheet.part) as stream:
            events = etree.iterparse(stream, tag=_TAGS, resolve_entities=False, no_network=True)
            for _, element in events:
                if element.tag.endswith("}row"):
                    reader.take_row(element)
                else:
                    reader.take_merge(element)
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except (etree.XMLSyntaxError, zipfile.BadZipFile, zlib.error, EOFError, ValueError, IndexError, OverflowError):
        raise TableUnreadable from None
    return reader.result()


class _Reader:
    def __init__(self, book: Book) -> None:
        self._date1904 = book.date1904
        self._styles = book.styles()
        self._texts = book.shared_texts()
        self._rows: dict[int, _SparseRow] = {}
        self._merges: list[Range] = []
        self._arrays: list[tuple[Range, str]] = []
        self._shared: dict[str, Translator] = {}
        self._columns: dict[str, int] = {}
        self._row = 0

    def take_row(self, row: etree._Element) -> None:
        number = int(row.get("r") or self._row + 1)
        if number <= self._row:
            raise TableUnreadable  # a row twice: nobody can tell which one people see
        self._row = number
        self._arrays = [array for array in self._arrays if array[0].bottom >= number]
        cells: _SparseRow = {}
        column = 0
        for element in row:
            if element.tag.__class__ is not str or not element.tag.endswith("}c"):  # a comment's tag is a function
                continue
            column = self._column(element.get("r"), column + 1)
            cell = self._cell(element, column)
            if cell is not BLANK:
                cells[column] = cell
        if cells:
            self._rows[self._row] = cells

    def take_merge(self, element: etree._Element) -> None:
        block = Range.parse(element.get("ref", ""))
        if block is not None:
            self._merges.append(block)

    def result(self) -> tuple[int, tuple[SheetRow, ...]]:
        for block in self._merges:
            self._drop_hidden(block)
        width = max((max(cells) for cells in self._rows.values()), default=0)
        held = (block.bottom for block in self._merges if block.left in self._rows.get(block.top, ()))
        last = max([*self._rows, *held], default=0)
        if width * last > _MAX_CELLS:
            raise TableUnreadable(
                f"Das Blatt reicht bis Zelle {address(last, width)} und ist damit zu groß.",
                hint="Verirrte Werte und leere Zeilen oder Spalten weit außerhalb der Liste löschen.",
            )
        empty: tuple[Cell, ...] = (BLANK,) * width
        rows = []
        for number in range(1, last + 1):
            cells = empty
            if number in self._rows:
                sparse = self._rows.pop(number)
                cells = tuple(map(sparse.get, range(1, width + 1)))
            rows.append(SheetRow(number, cells))
        for block in self._merges:
            for number in range(block.top, min(block.bottom, last) + 1):
                cells = tuple(
                    Covered() if (number, column) in block and (number, column) != (block.top, block.left) else cell
                    for column, cell in enumerate(rows[number - 1].cells, 1)
                )
                rows[number - 1] = SheetRow(number, cells)
        return width, tuple(rows)

    def _drop_hidden(self, block: Range) -> None:
        """Forget what lies hidden under a merge: nobody sees it."""
        for number in range(block.top, min(block.bottom, self._row) + 1):
            row = self._rows.get(number, {})
            for column in [c for c in row if (number, c) in block and (number, c) != (block.top, block.left)]:
                del row[column]
            if not row:
                self._rows.pop(number, None)

    def _column(self, reference: str | None, following: int) -> int:
        if reference is None:
            return following
        letters = reference.rstrip("0123456789")
        if letters not in self._columns:
            self._columns[letters] = column_number(letters)
        return self._columns[letters]

    def _cell(self, element: etree._Element, column: int) -> Cell:
        raw = formula = inline = None
        for child in element:
            name = str(child.tag)[-2:]
            if name == "}v":
                raw = child.text or ""
            elif name == "}f":
                formula = child
            elif name == "is":
                inline = child
        if formula is None and self._arrays:
            spilled = next((text for block, text in self._arrays if (self._row, column) in block), None)
            if spilled is not None:
                return Formula(spilled, self._value(element, raw))
        if formula is not None:
            return Formula(self._formula(formula, column), self._value(element, raw))
        value = flatten(inline) if inline is not None else self._value(element, raw)
        return BLANK if value == "" else value

    def _value(self, element: etree._Element, raw: str | None) -> Value:
        kind = element.get("t", "n")
        if kind == "s":
            return self._texts[int(raw)] if raw else None
        if kind == "str":
            return decode(raw or "")
        if not raw:
            return None
        if kind == "n":
            return as_shown(float(raw), self._styles.shows(int(element.get("s", "0"))), date1904=self._date1904)
        if kind == "b":
            return Logical.TRUE if raw.strip() in ("1", "true") else Logical.FALSE
        if kind == "e":
            return ErrorValue(raw)
        return _iso(raw) if kind == "d" else decode(raw)

    def _formula(self, element: etree._Element, column: int) -> str:
        """The formula's text. What only names its group (shared formulas) gets the group's text, moved to this cell."""
        text = f"={decode(element.text or '')}"
        kind = element.get("t", "normal")
        here = address(self._row, column)
        if kind == "shared":
            group = element.get("si", "")
            if element.text:
                self._shared[group] = Translator(text, origin=here)
            elif group in self._shared:
                try:
                    return str(self._shared[group].translate_formula(here))
                except TokenizerError:
                    return text
        elif kind in ("array", "dataTable"):
            block = Range.parse(element.get("ref", ""))
            if block is not None and (block.bottom, block.right) != (block.top, block.left):
                self._arrays.append((block, text))
        return text


def _iso(text: str) -> Value:
    """A cell of type d: an ISO 8601 day, moment or time; what is none stays text."""
    try:
        if "T" not in text and ":" in text:
            return time.fromisoformat(text)
        found = datetime.fromisoformat(text.removesuffix("Z"))
    except ValueError:
        return text
    return found.date() if found.time() == time() else found
