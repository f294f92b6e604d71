"""What a written cell looks like in the file, and what an appended row takes along."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from syncsvc.core.model import BLANK, Cell, ErrorValue, Formula
from syncsvc.errors import TableError
from syncsvc.providers.a1 import address
from syncsvc.providers.workbook.table import WorkbookTable
from tests.providers.conformance import patch
from tests.providers.workbook.corpus import (
    PEOPLE,
    SHEET,
    by_hand,
    by_openpyxl,
    by_openpyxl_table,
    by_xlsxwriter,
    package,
    worksheet,
)

NEW: dict[int, Cell] = {1: "BSP-0004-4", 2: "Neu, Nia", 3: date(2026, 6, 1), 6: "offen"}


def write(path: Path, *writes: tuple[int, int, Cell], appends: tuple[dict[int, Cell], ...] = ()) -> None:
    table = WorkbookTable(path, worksheet=SHEET, data_dir=path.parent / "var")
    table.write(patch(table.read(), *writes, appends=appends))


def sheet_of(path: Path) -> Worksheet:
    sheet = load_workbook(path)[SHEET]
    assert isinstance(sheet, Worksheet)
    return sheet


def xml_of(path: Path, part: str = "xl/worksheets/sheet1.xml") -> etree._Element:
    with zipfile.ZipFile(path) as archive:
        return etree.fromstring(archive.read(part))


def cell_xml(path: Path, reference: str) -> etree._Element:
    found = xml_of(path).xpath(f"//*[local-name()='c'][@r='{reference}']")
    return found[0]  # type: ignore[index, return-value]  # a list of elements


@pytest.fixture(name="plain")
def _plain(tmp_path: Path) -> Path:
    """A1 is a header; A2 a number, B2 a day, C2 formatted as text, D2 a time; column E is formatted as text."""
    path = tmp_path / "plain.xlsx"
    rows = (
        "<row r='1' spans='1:4'><c r='A1' t='str'><v>Kopf</v></c></row><row r='2' spans='1:4'><c r='A2'><v>1</v></c>"
        "<c r='B2' s='1'><v>46146</v></c><c r='C2' s='2' t='str'><v>x</v></c><c r='D2' s='3'><v>0.5</v></c></row>"
    )
    package(path, worksheet(rows, before="<dimension ref='A1:D2'/><cols><col min='5' max='5' style='2'/></cols>"))
    return path


# One cell


@pytest.mark.parametrize(
    "text",
    [
        "01067",
        "=1+1",
        "+49 30",
        "-",
        "@x",
        "123E000004",
        "1.2.26",
        "3/4",
        "12 %",
        "WAHR",
        "#NV",
        "'x",
        "Mai 26",
        " 5",
        "(5)",
    ],
)
def test_text_that_looks_like_something_else_carries_the_text_mark(plain: Path, text: str) -> None:
    """So that it stays text when somebody opens the cell for editing and presses Enter."""
    write(plain, (2, 1, text))
    cell = sheet_of(plain)["A2"]

    assert cell.quotePrefix
    assert cell.number_format == "General"


@pytest.mark.parametrize("text", ["Müller, Anna", "BSP-0137-E", "offen", "Maier", "seit Mai 26", "mit 3 Kindern"])
def test_plain_text_keeps_the_cell_s_style(plain: Path, text: str) -> None:
    write(plain, (2, 1, text))

    assert cell_xml(plain, "A2").get("s") is None


def test_text_in_a_text_column_needs_no_mark(plain: Path) -> None:
    write(plain, (2, 3, "01067"))

    assert cell_xml(plain, "C2").get("s") == "2"


def test_a_new_cell_takes_the_style_of_its_column(plain: Path) -> None:
    write(plain, (2, 5, "01067"))

    assert cell_xml(plain, "E2").get("s") == "2"


@pytest.mark.parametrize(
    ("column", "value", "number_format"),
    [
        (1, date(2026, 5, 4), "dd.mm.yyyy"),
        (3, date(2026, 5, 4), "dd.mm.yyyy"),
        (4, date(2026, 5, 4), "dd.mm.yyyy"),
        (1, datetime.combine(date(2026, 5, 4), time(9, 30)), "dd.mm.yyyy hh:mm"),
        (1, time(9, 30), "hh:mm"),
        (2, time(9, 30, 5), "hh:mm:ss"),
        (2, 3.0, "General"),
        (3, 3.0, "General"),
        (2, date(2027, 1, 1), "mm-dd-yy"),
    ],
)
def test_a_value_that_its_cell_would_show_as_another_type_gets_a_fitting_format(
    plain: Path, column: int, value: Cell, number_format: str
) -> None:
    """A day cell keeps its own way of showing days (built-in format 14 is "mm-dd-yy" by the standard)."""
    write(plain, (2, column, value))

    assert sheet_of(plain).cell(2, column).number_format == number_format


def test_the_text_mark_goes_when_a_number_comes(plain: Path) -> None:
    write(plain, (2, 1, "01067"))
    write(plain, (2, 1, 5.0))

    assert not sheet_of(plain)["A2"].quotePrefix


def test_writing_day_after_day_does_not_pile_up_styles(plain: Path) -> None:
    write(plain, (2, 1, date(2026, 1, 1)))
    styles = len(xml_of(plain, "xl/styles.xml").xpath("//*[local-name()='cellXfs']/*"))
    for day in range(2, 9):
        write(plain, (2, 1, f"0{day}"), (1, 1, date(2026, 1, day)))
        write(plain, (2, 1, date(2026, 1, day)))

    assert len(xml_of(plain, "xl/styles.xml").xpath("//*[local-name()='cellXfs']/*")) <= styles + 2


def test_an_emptied_cell_keeps_its_style_and_nothing_else(plain: Path) -> None:
    write(plain, (2, 2, BLANK))
    cell = cell_xml(plain, "B2")

    assert dict(cell.attrib) == {"r": "B2", "s": "1"}
    assert len(cell) == 0


def test_marks_of_the_old_value_go_with_it(tmp_path: Path) -> None:
    """``cm`` and ``vm`` point to metadata of the value that stood there."""
    by_hand(tmp_path / "a.xlsx")
    write(tmp_path / "a.xlsx", (2, 6, "neu"))

    assert dict(cell_xml(tmp_path / "a.xlsx", "F2").attrib) == {"r": "F2", "t": "inlineStr"}


def test_a_cell_outside_the_row_s_span_widens_span_and_used_range(plain: Path) -> None:
    write(plain, (2, 7, "x"))

    assert cell_xml(plain, "G2").getparent().get("spans") == "1:7"  # type: ignore[union-attr]  # it stands in a row
    assert sheet_of(plain).dimensions == "A1:G2"


def test_new_cells_stand_in_order(plain: Path) -> None:
    """Also in a row that did not exist between others."""
    write(plain, (2, 7, "g"), (2, 6, "f"), (2, 5, "e"), (9, 2, "b"), (9, 1, "a"), (4, 1, "x"))
    rows = [[cell.get("r") for cell in row] for row in xml_of(plain).iterfind("{*}sheetData/{*}row")]

    assert rows == [["A1"], ["A2", "B2", "C2", "D2", "E2", "F2", "G2"], ["A4"], ["A9", "B9"]]


def test_a_sheet_without_rows_takes_its_first(tmp_path: Path) -> None:
    package(tmp_path / "a.xlsx", worksheet("").replace("<sheetData></sheetData>", "<sheetData/>"))
    write(tmp_path / "a.xlsx", (1, 1, "Kopf"))

    assert sheet_of(tmp_path / "a.xlsx")["A1"].value == "Kopf"


def _unchanged_after(path: Path, *writes: tuple[int, int, Cell], appends: tuple[dict[int, Cell], ...] = ()) -> str:
    """The message of the error, once it is sure that nothing was written."""
    before = path.read_bytes()
    with pytest.raises(TableError) as error:
        write(path, *writes, appends=appends)

    assert path.read_bytes() == before
    return error.value.message


@pytest.mark.parametrize("cell", [(3, 5), (2, 9), (3, 9)], ids=["formula", "array", "spilled"])
def test_a_formula_is_never_written_over_and_nothing_else_is_written_then(
    tmp_path: Path, cell: tuple[int, int]
) -> None:
    by_xlsxwriter(tmp_path / "a.xlsx")

    assert "Formel" in _unchanged_after(tmp_path / "a.xlsx", (2, 2, "neu"), (*cell, 1.0))


@pytest.mark.parametrize("cell", [(1, 9), (2, 8), (2, 9)])
def test_a_cell_beneath_a_merge_is_never_written(tmp_path: Path, cell: tuple[int, int]) -> None:
    by_hand(tmp_path / "a.xlsx")

    assert "Zellverbund" in _unchanged_after(tmp_path / "a.xlsx", (2, 2, "neu"), (*cell, "x"))


@pytest.mark.parametrize(
    "value", ["x" * 32_768, "😀" * 16_384, date(1899, 12, 31), float("inf"), Formula("=1", 1.0), ErrorValue("#NV")]
)
def test_what_fits_no_cell_is_refused_as_a_whole(plain: Path, value: Cell) -> None:
    _unchanged_after(plain, (2, 1, "neu"), (2, 2, value))


PLACES = st.tuples(st.integers(1, 9), st.integers(1, 30))


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(PLACES, st.integers(1, 9)), st.dictionaries(PLACES, st.integers(11, 99) | st.none(), min_size=1))
def test_wherever_cells_stand_only_the_written_ones_change(
    tmp_path_factory: pytest.TempPathFactory, there: dict[tuple[int, int], int], new: dict[tuple[int, int], int | None]
) -> None:
    """Rows and cells may be missing, before, between and behind the written ones."""
    path = tmp_path_factory.mktemp("sparse") / "a.xlsx"
    rows = ""
    for number in sorted({row for row, _ in there}):
        columns = sorted(column for row, column in there if row == number)
        cells = (f"<c r='{address(number, column)}'><v>{there[number, column]}</v></c>" for column in columns)
        rows += f"<row r='{number}'>{''.join(cells)}</row>"
    package(path, worksheet(rows))
    write(path, *((row, column, None if value is None else float(value)) for (row, column), value in new.items()))

    found = {(cell.row, cell.column): cell.value for row in sheet_of(path).iter_rows() for cell in row}
    assert {place: value for place, value in found.items() if value is not None} == {
        place: value for place, value in (there | new).items() if value is not None
    }


# A new row


def test_a_new_row_extends_drop_downs_formats_and_filter(tmp_path: Path) -> None:
    """What ended in the last row includes the new one; what reached further or belongs elsewhere stays."""
    path = tmp_path / "a.xlsx"
    by_openpyxl(path)
    write(path, appends=(NEW, {1: "BSP-0005-2"}))
    sheet = sheet_of(path)

    assert sheet.auto_filter.ref == "A1:F6"
    assert {str(v.sqref) for v in sheet.data_validations.dataValidation} == {"F2:F6", "G2:G100"}
    assert {str(f.sqref) for f in sheet.conditional_formatting} == {"D2:D6", "F2:F6"}
    assert sheet.dimensions == "A1:J6"
    names = {n.get("name"): n.text for n in xml_of(path, "xl/workbook.xml").iterfind("{*}definedNames/{*}definedName")}
    assert names["_xlnm._FilterDatabase"] == "'Liste'!$A$1:$F$6"
    assert names["Liste_Bereich"] == "Liste!$A$2:$F$4"


def test_a_new_row_extends_scattered_ranges_and_leaves_the_selection(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    by_hand(path)
    write(path, appends=(NEW,))
    root = xml_of(path)

    found = [
        element.get("sqref") for element in root.iter("{*}dataValidation", "{*}conditionalFormatting", "{*}selection")
    ]
    assert found == ["A4", "A2:B5 D2:D5", "F2:F3 F4:F5 B1"]


def test_a_new_row_extends_2010_formats_but_no_sparkline(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    by_xlsxwriter(path)
    write(path, appends=(NEW,))
    ranges = {
        (etree.QName(element.getparent()).localname, element.text)  # type: ignore[arg-type]  # it has a parent
        for element in xml_of(path).iter("{http://schemas.microsoft.com/office/excel/2006/main}sqref")
    }

    assert ranges == {("conditionalFormatting", "D2:D5"), ("sparkline", "G2"), ("sparkline", "G4")}


def test_a_new_row_belongs_to_the_table(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    by_openpyxl_table(path)
    write(path, appends=(NEW,))
    table = sheet_of(path).tables["Teilnehmerinnen"]

    assert table.ref == "A1:F5"
    assert table.autoFilter.ref == "A1:F5"


def test_the_header_of_a_table_is_left_alone(tmp_path: Path) -> None:
    """Excel would repair the file: the column's name stands in the table's own part, too."""
    path = tmp_path / "a.xlsx"
    by_openpyxl_table(path)

    assert "Überschrift" in _unchanged_after(path, (1, 2, "Nachname"))


def test_a_totals_row_is_not_buried(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    by_openpyxl_table(path)
    book = load_workbook(path)
    book[SHEET].append(["Summe"])
    book[SHEET].tables["Teilnehmerinnen"].ref = "A1:F5"
    book[SHEET].tables["Teilnehmerinnen"].totalsRowCount = 1
    book.save(path)

    assert "Ergebniszeile" in _unchanged_after(path, (2, 2, "neu"), appends=(NEW,))


def test_a_new_row_looks_like_the_row_above(tmp_path: Path) -> None:
    """Also in the columns that are not ours; it is not hidden with it."""
    path = tmp_path / "a.xlsx"
    by_openpyxl(path)
    book = load_workbook(path)
    book[SHEET].row_dimensions[4].hidden = True
    book.save(path)
    write(path, appends=({1: "BSP-0004-4"},))
    sheet = sheet_of(path)

    assert sheet["B5"].fill.start_color.rgb == sheet["B4"].fill.start_color.rgb == "00FFEECC"
    assert sheet["C5"].number_format == "dd.mm.yyyy"
    assert not sheet.row_dimensions[5].hidden


def test_the_first_row_does_not_look_like_the_header(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    by_openpyxl(path)
    book = load_workbook(path)
    book[SHEET].delete_rows(2, 9)
    book.save(path)
    write(path, appends=(NEW,))

    assert not sheet_of(path)["A2"].font.bold
    assert sheet_of(path)["A2"].value == "BSP-0004-4"


def test_a_new_row_uses_the_formatted_empty_row_that_waits_there(tmp_path: Path) -> None:
    rows = "<row r='1'><c r='A1'><v>1</v></c></row><row r='2'><c r='A2' s='2'/><c r='B2' s='1'/></row>"
    package(tmp_path / "a.xlsx", worksheet(rows))
    write(tmp_path / "a.xlsx", appends=({1: "01067", 2: date(2026, 5, 4)},))

    assert [cell_xml(tmp_path / "a.xlsx", where).get("s") for where in ("A2", "B2")] == ["2", "1"]


def test_people_s_values_stand_where_they_stood(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    by_openpyxl(path)
    write(path, appends=(NEW,))
    sheet = sheet_of(path)

    assert [sheet.cell(row, 2).value for row in (2, 3, 4)] == [name for _, name, *_ in PEOPLE]


def test_a_row_written_below_and_a_new_row_do_not_meet(plain: Path) -> None:
    write(plain, (3, 1, "geschrieben"), appends=({1: "angefügt"},))

    assert [sheet_of(plain).cell(row, 1).value for row in (3, 4)] == ["geschrieben", "angefügt"]


def test_an_archive_with_backslashes_is_read_and_written(plain: Path) -> None:
    """Some programs for Windows write part names that way; Excel opens them."""
    with zipfile.ZipFile(plain) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(plain, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("/", "\\"), content)
    write(plain, (2, 1, "neu"))

    with zipfile.ZipFile(plain) as archive:
        assert archive.namelist() == [name.replace("/", "\\") for name in parts]
        assert b"neu" in archive.read("xl\\worksheets\\sheet1.xml")


def test_days_before_the_epoch_of_old_macs_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book_xml = worksheet("<row><c><v>1</v></c></row>")
    package(path, book_xml)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"<sheets>", b"<workbookPr date1904='1'/><sheets>")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)

    assert "Tag" in _unchanged_after(path, (1, 1, date(1903, 12, 31)))
