"""Lists in files people exchange: CSV as German Excel writes it, and .xlsx."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import openpyxl
import xlsxwriter
from openpyxl.utils.exceptions import InvalidFileException

from syncsvc.core.fields.base import typed_text
from syncsvc.core.model import Cell, ErrorValue, Formula, Logical, SheetRow, Snapshot
from syncsvc.errors import InvalidFile

_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_ZIP, _OLD_EXCEL = b"PK", b"\xd0\xcf\x11\xe0"
_DELIMITERS = ";,\t"
_NAMED_DELIMITER = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_GUARDED = re.compile(r"[=+\-@\t\r']")
"""What a spreadsheet takes for a formula at the start of a CSV field, and the apostrophe that keeps it from that."""


def read(path: Path) -> Snapshot:
    """The list's content, blank rows included; numbers of rows are line numbers in a CSV file.

    CSV may be in UTF-8, UTF-16 (with byte order mark) or Windows-1252, its delimiter ``;``, ``,`` or a tab; all cells
    are text. Of a workbook the first visible sheet is read. Raises ``InvalidFile``.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidFile(f"Die Datei {path} lässt sich nicht öffnen.") from error
    if content.startswith(_OLD_EXCEL):
        raise InvalidFile(
            f"{path.name} ist eine alte oder mit Kennwort geschützte Excel-Datei.",
            hint="In Excel öffnen und ohne Kennwort als .xlsx speichern.",
        )
    rows = _workbook_rows(content, path.name) if content.startswith(_ZIP) else _csv_rows(content, path.name)
    width = max((len(cells) for _, cells in rows), default=0)
    padded = tuple(SheetRow(number, (*cells, *[None] * (width - len(cells)))) for number, cells in rows)
    return Snapshot(version="", width=width, rows=padded)


def csv_text(rows: Iterable[Sequence[Cell]]) -> str:
    """The rows as CSV for German Excel: semicolons, line ends of Windows, and a byte order mark.

    Without the mark Excel takes UTF-8 for Windows-1252 and spoils every umlaut. A text that Excel would run as a
    formula gets an apostrophe in front, and so does one that starts with an apostrophe; ``read`` takes it away again.
    Excel still turns ``01067`` in a CSV file into a number: for people use .xlsx, where text stays text.
    """
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([_guarded(cell) if isinstance(cell, str) else as_text(cell) for cell in row] for row in rows)
    return "\ufeff" + text.getvalue()


def write(path: Path, rows: Sequence[Sequence[Cell]], *, title: str = "Datensätze") -> None:
    """Write the rows, header first, as .csv or .xlsx by the file's ending; ``title`` is the sheet's name.

    Raises ``InvalidFile`` for another ending.
    """
    ending = path.suffix.lower()
    if ending not in (".csv", ".xlsx"):
        raise InvalidFile("Der Name der Datei muss auf .csv oder .xlsx enden.")
    content = csv_text(rows).encode() if ending == ".csv" else _workbook(rows, title)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InvalidFile(f"Die Datei {path} lässt sich nicht schreiben.") from error


def as_text(cell: Cell) -> str:
    """A cell's value as it stands in a CSV file, but for the apostrophe."""
    if cell is None or isinstance(cell, str):
        return cell or ""
    return typed_text(cell) if isinstance(cell, float | Logical | date | time) else ""


def _guarded(text: str) -> str:
    return f"'{text}" if _GUARDED.match(text) else text


def _unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and _GUARDED.match(text, 1) else text


def _csv_rows(content: bytes, name: str) -> list[tuple[int, tuple[Cell, ...]]]:
    text = _decoded(content, name)
    named = _NAMED_DELIMITER.match(text)
    start = 1 if named else 0
    body = text[named.end() :] if named else text
    rows: list[tuple[int, tuple[Cell, ...]]] = []
    before = 0
    try:
        delimiter = named[1] if named else _delimiter(body)
        reader = csv.reader(StringIO(body, newline=""), delimiter=delimiter, strict=True)
        for fields in reader:
            rows.append((start + before + 1, tuple(_unguarded(field) or None for field in fields)))
            before = reader.line_num
    except csv.Error as error:
        raise InvalidFile(
            f"{name}: ab Zeile {start + before + 1} passen die Anführungszeichen nicht zusammen.",
            hint="Die Liste in Excel öffnen und als .xlsx speichern.",
        ) from error
    return rows


def _decoded(content: bytes, name: str) -> str:
    encoding = next((encoding for mark, encoding in _BOMS.items() if content.startswith(mark)), None)
    for candidate in [encoding] if encoding else ["utf-8", "cp1252"]:
        try:
            text = content.decode(candidate)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InvalidFile(
        f"{name} ist keine lesbare Liste: der Zeichensatz ist unbekannt.",
        hint="In Excel als .xlsx oder als „CSV UTF-8“ speichern.",
    )


def _delimiter(text: str) -> str:
    """The delimiter that gives most lines the same number of fields, more than one; among equals the most fields."""

    def fitness(delimiter: str) -> tuple[int, int]:
        widths = Counter(
            len(fields) for fields in csv.reader(StringIO(text, newline=""), delimiter=delimiter) if fields
        )
        width, count = max(widths.items(), key=lambda item: item[1], default=(1, 0))
        return (count, width) if width > 1 else (0, 1)

    return max(_DELIMITERS, key=fitness)


def _workbook_rows(content: bytes, name: str) -> list[tuple[int, tuple[Cell, ...]]]:
    try:
        # Two readings: openpyxl gives either formulas or what they last showed.
        books = [openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=only) for only in (False, True)]
        with_formulas, with_values = (_first_visible(book) for book in books)
        return [
            (number, tuple(_cell(typed, shown) for typed, shown in zip(*pair, strict=True)))
            for number, pair in enumerate(zip(with_formulas, with_values, strict=True), 1)
        ]
    except (BadZipFile, InvalidFileException, KeyError, ValueError, StopIteration) as error:
        raise InvalidFile(
            f"{name} ist beschädigt oder keine lesbare Excel-Mappe.",
            hint="Die Datei in Excel öffnen und neu als .xlsx speichern.",
        ) from error


def _first_visible(book: Any) -> Iterator[Any]:
    sheet = next(sheet for sheet in book.worksheets if sheet.sheet_state == "visible")
    sheet.reset_dimensions()  # the size a file states is often wrong
    return iter(sheet.iter_rows())


def _cell(typed: Any, shown: Any) -> Cell:
    value = _value(shown)
    if typed.data_type == "f":
        return Formula(str(typed.value), value)
    return value


def _value(cell: Any) -> str | float | Logical | date | datetime | time | ErrorValue | None:
    value = cell.value
    if cell.data_type == "e":
        return ErrorValue(str(value))
    match value:
        case None | "":
            return None
        case bool():
            return Logical.TRUE if value else Logical.FALSE
        case int() | float():
            return float(value)
        case datetime():
            return value.date() if value.time() == time() else value
        case timedelta():
            return value / timedelta(days=1)
        case date() | time():
            return value
    return str(value)


def _workbook(rows: Sequence[Sequence[Cell]], title: str) -> bytes:
    """A new workbook: text cells are formatted as text, so that they stay text when somebody edits them."""
    content = BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet = book.add_worksheet(title)
    formats = {form: book.add_format({"num_format": form}) for form in ("@", "dd.mm.yyyy", "dd.mm.yyyy hh:mm")}
    bold = book.add_format({"bold": True, "num_format": "@"})
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            match cell:
                case datetime():
                    sheet.write_datetime(number, column, cell, formats["dd.mm.yyyy hh:mm"])
                case date():
                    sheet.write_datetime(number, column, cell, formats["dd.mm.yyyy"])
                case float():
                    sheet.write_number(number, column, cell)
                case str():
                    sheet.write_string(number, column, cell, bold if number == 0 else formats["@"])
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, max((len(row) for row in rows), default=1) - 1, 18)
    book.close()
    return content.getvalue()
