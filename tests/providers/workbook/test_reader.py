"""What a sheet's XML means: types, dates, formulas, merges, and files that are no workbooks."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest

from syncsvc.core.model import BLANK, Cell, Covered, ErrorValue, Formula, Logical, Snapshot
from syncsvc.errors import TableNotFound, TableUnreadable
from syncsvc.providers.formats import Shows, shows
from syncsvc.providers.serials import moment, serial
from syncsvc.providers.workbook.strings import decode, encode
from syncsvc.providers.workbook.table import WorkbookTable
from tests.providers.workbook.corpus import SHEET, by_openpyxl, package, worksheet

DATE, TEXT, TIME, DURATION, MOMENT = 1, 2, 3, 4, 5


def read(path: Path, worksheet_name: str = SHEET, sheet_id: str = "") -> Snapshot:
    return WorkbookTable(path, worksheet=worksheet_name, sheet_id=sheet_id, data_dir=path.parent / "var").read()


def read_rows(tmp_path: Path, rows: str, *, after: str = "", texts: str = "") -> list[list[Cell]]:
    package(tmp_path / "a.xlsx", worksheet(rows, after=after), texts=texts)
    return [list(row.cells) for row in read(tmp_path / "a.xlsx").rows]


def when(day: date, hour: int, minute: int, second: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute, second))


CELLS: dict[str, tuple[str, Cell]] = {
    "number": ("<c><v>1.5</v></c>", 1.5),
    "number with exponent": ("<c><v>1E3</v></c>", 1000.0),
    "number formatted as text": (f"<c s='{TEXT}'><v>1067</v></c>", 1067.0),
    "empty value": ("<c><v></v></c>", BLANK),
    "formatted blank": (f"<c s='{DATE}'/>", BLANK),
    "empty text": ("<c t='inlineStr'><is><t></t></is></c>", BLANK),
    "shared text": ("<c t='s'><v>0</v></c>", "Grüße"),
    "rich shared text with a phonetic hint": ("<c t='s'><v>1</v></c>", "ab c"),
    "inline text": ("<c t='inlineStr'><is><t xml:space='preserve'> x </t></is></c>", " x "),
    "rich inline text": ("<c t='inlineStr'><is><r><rPr><b/></rPr><t>a</t></r><r><t>b</t></r></is></c>", "ab"),
    "escaped carriage return": ("<c t='inlineStr'><is><t>a_x000D_b</t></is></c>", "a\rb"),
    "escaped escape": ("<c t='inlineStr'><is><t>_x005F_x0041_</t></is></c>", "_x0041_"),
    "true": ("<c t='b'><v>1</v></c>", Logical.TRUE),
    "false": ("<c t='b'><v>0</v></c>", Logical.FALSE),
    "error": ("<c t='e'><v>#REF!</v></c>", ErrorValue("#REF!")),
    "ISO day": ("<c t='d'><v>2026-05-04</v></c>", date(2026, 5, 4)),
    "ISO moment": ("<c t='d'><v>2026-05-04T12:30:00Z</v></c>", when(date(2026, 5, 4), 12, 30)),
    "ISO time": ("<c t='d'><v>12:30:00</v></c>", time(12, 30)),
    "day": (f"<c s='{DATE}'><v>46146</v></c>", date(2026, 5, 4)),
    "day in a cell that would show a time": (f"<c s='{MOMENT}'><v>46146</v></c>", date(2026, 5, 4)),
    "moment": (f"<c s='{MOMENT}'><v>46146.520833333336</v></c>", when(date(2026, 5, 4), 12, 30)),
    "time": (f"<c s='{TIME}'><v>0.5</v></c>", time(12)),
    "a duration of 26 hours is a number": (f"<c s='{DURATION}'><v>1.0833333333333333</v></c>", 26 / 24),
    "29 February 1900, which never was": (f"<c s='{DATE}'><v>60</v></c>", 60.0),
    "a day before the calendar": (f"<c s='{DATE}'><v>-1</v></c>", -1.0),
    "a day beyond the calendar": (f"<c s='{DATE}'><v>99999999</v></c>", 99999999.0),
    "formula": ("<c><f>A2*2</f><v>4</v></c>", Formula("=A2*2", 4.0)),
    "formula with a day": (f"<c s='{DATE}'><f>TODAY()</f><v>46146</v></c>", Formula("=TODAY()", date(2026, 5, 4))),
    "formula with text": ("<c t='str'><f>B2</f><v>x</v></c>", Formula("=B2", "x")),
    "formula with empty text": ("<c t='str'><f>B2</f><v></v></c>", Formula("=B2", "")),
    "formula with an error": ("<c t='e'><f>1/0</f><v>#DIV/0!</v></c>", Formula("=1/0", ErrorValue("#DIV/0!"))),
    "formula with a truth value": ("<c t='b'><f>1=1</f><v>1</v></c>", Formula("=1=1", Logical.TRUE)),
    "formula never computed": ("<c><f>A2*2</f></c>", Formula("=A2*2", None)),
}
SHARED = "<si><t>Grüße</t></si><si><r><t>ab</t></r><r><t> c</t></r><rPh sb='0' eb='1'><t>x</t></rPh></si>"


@pytest.mark.parametrize(("xml", "expected"), CELLS.values(), ids=CELLS.keys())
def test_a_cell_is_read_as_what_people_see(tmp_path: Path, xml: str, expected: Cell) -> None:
    rows = read_rows(tmp_path, f"<row>{xml}<c t='str'><v>end</v></c></row>", texts=SHARED)

    assert rows == [[expected, "end"]]


FORMATS = {
    "General": Shows.NUMBER,
    "0.00": Shows.NUMBER,
    '#,##0.00 "€"': Shows.NUMBER,
    "0.00E+00": Shows.NUMBER,
    '0 "Tage"': Shows.NUMBER,
    "[Red]0": Shows.NUMBER,
    "dd.mm.yyyy": Shows.DATE,
    "[$-407]d. mmmm yyyy;@": Shows.DATE,
    r"dd\.mm\.yyyy": Shows.DATE,
    "[$-F800]dddd, mmmm dd, yyyy": Shows.DATE,
    "mmm": Shows.DATE,
    "mmmm yyyy": Shows.DATE,
    "TT.MM.JJJJ": Shows.DATE,
    "Standard": Shows.NUMBER,
    "dd.mm.yyyy hh:mm": Shows.DATE,
    "hh:mm": Shows.TIME,
    "h:mm AM/PM": Shows.TIME,
    "mm:ss": Shows.TIME,
    "[h]:mm": Shows.NUMBER,
    "[$-407]hh:mm": Shows.TIME,
    "@": Shows.TEXT,
}


@pytest.mark.parametrize(("code", "expected"), FORMATS.items())
def test_the_number_format_tells_days_from_numbers(code: str, expected: Shows) -> None:
    assert shows(code) is expected


@pytest.mark.parametrize(
    ("number", "date1904", "day"),
    [
        (1, False, date(1900, 1, 1)),
        (59, False, date(1900, 2, 28)),
        (61, False, date(1900, 3, 1)),
        (25569, False, date(1970, 1, 1)),
        (2958465, False, date(9999, 12, 31)),
        (0, True, date(1904, 1, 1)),
        (44684, True, date(2026, 5, 4)),
    ],
)
def test_serials_of_known_days(number: int, date1904: bool, day: date) -> None:
    """From the format's own examples and from Unix time's epoch."""
    assert moment(number, date1904=date1904) == day
    assert serial(day, date1904=date1904) == number


def test_a_moment_survives_its_serial_to_the_millisecond() -> None:
    for second in range(0, 86_400, 997):
        moment_then = when(date(2026, 5, 4), second // 3600, second // 60 % 60, second % 60)
        number = serial(moment_then, date1904=False)

        assert number is not None
        assert moment(number, date1904=False) == (moment_then.date() if second == 0 else moment_then)


@pytest.mark.parametrize(
    "text", ["_x0041_", "_x005F_", "a\rb", "\x00\x1f", "_x_", "__x0041__", "\ufffe", "x_x00E4_y", "_"]
)
def test_any_text_survives_its_escapes(text: str) -> None:
    assert decode(encode(text)) == text


def test_a_pair_of_escaped_surrogates_is_one_character() -> None:
    assert decode("_xD83D__xDE00_") == "😀"


def test_rows_and_cells_may_leave_gaps(tmp_path: Path) -> None:
    rows = read_rows(tmp_path, "<row r='2'><c r='C2'><v>1</v></c></row><row r='4'><c r='A4'><v>2</v></c></row>")

    assert rows == [[None, None, None], [None, None, 1.0], [None, None, None], [2.0, None, None]]


def test_five_thousand_formatted_empty_rows_are_no_content(tmp_path: Path) -> None:
    blanks = "".join(f"<row r='{row}'><c r='A{row}' s='1'/></row>" for row in range(2, 5002))

    assert read_rows(tmp_path, f"<row r='1'><c><v>1</v></c></row>{blanks}") == [[1.0]]


def test_a_stray_value_at_the_end_of_the_world_is_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(TableUnreadable, match="XFD1048576") as error:
        read_rows(tmp_path, "<row r='1'><c><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>1</v></c></row>")

    assert error.value.hint


def test_a_row_that_stands_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableUnreadable):
        read_rows(tmp_path, "<row r='1'><c><v>1</v></c></row><row r='1'><c><v>2</v></c></row>")


def test_cells_beneath_a_merge_are_unknown(tmp_path: Path) -> None:
    """Also where they secretly still hold a value, and where the merged cell is empty."""
    rows = read_rows(
        tmp_path,
        "<row r='1'><c><v>1</v></c><c><v>99</v></c><c><v>3</v></c></row><row r='2'><c r='C2'><v>4</v></c></row>",
        after="<mergeCells><mergeCell ref='A1:B1'/><mergeCell ref='A2:B2'/></mergeCells>",
    )

    assert rows == [[1.0, Covered(), 3.0], [None, Covered(), 4.0]]


def test_a_merge_that_reaches_below_the_content_counts_as_rows(tmp_path: Path) -> None:
    rows = read_rows(
        tmp_path,
        "<row r='1'><c><v>1</v></c></row>",
        after="<mergeCells><mergeCell ref='A1:A2'/><mergeCell ref='A8:XFD9'/></mergeCells>",
    )

    assert rows == [[1.0], [Covered()]]


def test_every_cell_of_an_array_formula_is_a_formula(tmp_path: Path) -> None:
    """Only its first cell says so in the file; typing over another would break the array."""
    rows = read_rows(
        tmp_path,
        "<row><c><f t='array' ref='A1:B2'>D1:E2</f><v>1</v></c><c><v>2</v></c><c><v>9</v></c></row>"
        "<row><c><v>3</v></c><c><v>4</v></c></row><row><c><v>5</v></c></row>",
    )

    def spilled(value: float) -> Formula:
        return Formula("=D1:E2", value)

    assert rows == [[spilled(1), spilled(2), 9.0], [spilled(3), spilled(4), None], [5.0, None, None]]


def test_a_shared_formula_is_moved_to_each_of_its_cells(tmp_path: Path) -> None:
    rows = read_rows(
        tmp_path,
        "<row r='1'><c r='A1'><f t='shared' ref='A1:A3' si='0'>B1+$C$1</f><v>1</v></c></row>"
        "<row r='2'><c r='A2'><f t='shared' si='0'/><v>2</v></c></row>"
        "<row r='3'><c r='A3'><f t='shared' si='7'/></c></row>",
    )

    assert rows == [[Formula("=B1+$C$1", 1.0)], [Formula("=B2+$C$1", 2.0)], [Formula("=", None)]]


def test_the_sheet_is_found_by_name_in_any_case(tmp_path: Path) -> None:
    package(tmp_path / "a.xlsx", worksheet("<row><c><v>1</v></c></row>"))

    assert read(tmp_path / "a.xlsx", "LISTE").rows


def test_a_renamed_sheet_is_found_by_its_id(tmp_path: Path) -> None:
    package(tmp_path / "a.xlsx", worksheet("<row><c><v>1</v></c></row>"))
    identity = read(tmp_path / "a.xlsx").identity

    assert identity == {"sheet_id": "7"}
    assert read(tmp_path / "a.xlsx", "Vor der Umbenennung", identity["sheet_id"]).rows


def test_a_missing_sheet_is_reported_with_those_there_are(tmp_path: Path) -> None:
    by_openpyxl(tmp_path / "a.xlsx")
    with pytest.raises(TableNotFound, match="„Neu“") as error:
        read(tmp_path / "a.xlsx", "Neu")

    assert error.value.hint == "Vorhanden sind: Liste, Auswahl, Leer."


def _zip_with(path: Path, name: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "<x/>")


def _damaged(path: Path) -> None:
    package(path, worksheet("<row><c><v>1</v></c></row>").replace("</sheetData>", ""))


BROKEN = {
    "old .xls": (lambda path: path.write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600)), ".xls", False),
    "password": (
        lambda path: path.write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + "EncryptedPackage".encode("utf-16-le")),
        "Kennwort",
        False,
    ),
    "text file": (lambda path: path.write_text("TN-Nr.;Name"), "keine Excel-Mappe", False),
    "other zip file": (lambda path: _zip_with(path, "content.xml"), "keine Excel-Mappe", False),
    "empty file": (lambda path: path.write_bytes(b""), "unvollständig", True),
    "half written": (
        lambda path: (by_openpyxl(path), path.write_bytes(path.read_bytes()[:2000])),
        "unvollständig",
        True,
    ),
    "holes from the transfer": (
        lambda path: (by_openpyxl(path), path.write_bytes(path.read_bytes().replace(b"xl/worksheets", bytes(13)))),
        "beschädigt",
        False,
    ),
    "damaged sheet": (_damaged, "beschädigt", False),
}


@pytest.mark.parametrize(("make", "words", "retry"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_workbook_is_named(tmp_path: Path, make: object, words: str, retry: bool) -> None:
    """One sentence says what it is and one what to do; only a file that may still be arriving is worth a retry."""
    path = tmp_path / "a.xlsx"
    make(path)  # type: ignore[operator]  # one of the lambdas above
    with pytest.raises(TableUnreadable, match=words) as error:
        read(path)

    assert error.value.retry is retry
    assert error.value.hint
    check = WorkbookTable(path, worksheet=SHEET, data_dir=tmp_path / "var").check()
    assert [(found.ok, found.text) for found in check] == [(False, error.value.message)]


def test_a_missing_folder_is_told_from_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(TableNotFound, match="Ordner"):
        read(tmp_path / "weg" / "a.xlsx")
    with pytest.raises(TableNotFound, match="Datei"):
        read(tmp_path / "a.xlsx")


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableUnreadable, match="Ordner"):
        read(tmp_path)
