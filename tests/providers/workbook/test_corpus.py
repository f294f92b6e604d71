"""Whoever made the workbook: its list is read, and a write changes the touched cells and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from lxml import etree
from openpyxl import load_workbook

from syncsvc.core.model import BLANK, Cell, Formula, Snapshot
from syncsvc.providers.a1 import Range
from syncsvc.providers.workbook.table import WorkbookTable
from tests.providers.conformance import patch
from tests.providers.workbook.corpus import HEADER, MAKERS, PEOPLE, SHEET
from tests.providers.workbook.people import cell_of

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported.*:UserWarning")  # openpyxl, on reading

UNREADABLE_FOR_OPENPYXL = {"strict.xlsx"}
WRITES: tuple[tuple[int, int, Cell], ...] = (
    (2, 2, "=1+1"),
    (3, 3, date(2026, 12, 24)),
    (4, 4, 0.5),
    (4, 6, "01067"),
    (2, 6, BLANK),
    (3, 7, "ganz neu"),
)
APPEND: dict[int, Cell] = {1: "BSP-0004-4", 2: "Ümit, Öykü", 3: date(2026, 6, 1), 4: 4.0, 6: "offen"}
ROW = re.compile(rb"<(?:x:)?row\b.*?</(?:x:)?row>", re.DOTALL)
MAY_CHANGE = ("xl/styles.xml", "xl/workbook.xml", "xl/tables/table1.xml")


@pytest.fixture(name="converted", scope="session")
def _converted(tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[Path]], list[Path]]:
    """LibreOffice opening files and saving them anew, all in one start of the program."""

    def convert(paths: list[Path]) -> list[Path]:
        program = shutil.which("soffice")
        if program is None:
            pytest.skip("LibreOffice is not installed")
        out = tmp_path_factory.mktemp("converted")
        profile = tmp_path_factory.mktemp("profile").as_uri()
        command = [
            program,
            "--headless",
            f"-env:UserInstallation={profile}",
            "--convert-to",
            "xlsx",
            "--outdir",
            str(out),
        ]
        subprocess.run([*command, *map(str, paths)], check=True, capture_output=True, timeout=120)
        return [out / f"{path.stem}.xlsx" for path in paths]

    return convert


@pytest.fixture(name="corpus", scope="module")
def _corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    for name, make in MAKERS.items():
        make(folder / name)
    return folder


@pytest.fixture(name="path", params=MAKERS)
def _path(request: pytest.FixtureRequest, corpus: Path, tmp_path: Path) -> Path:
    """A fresh copy of each workbook in turn."""
    return Path(shutil.copy(corpus / str(request.param), tmp_path))


def open_table(path: Path) -> WorkbookTable:
    return WorkbookTable(path, worksheet=SHEET, data_dir=path.parent / "var")


def write(path: Path, *, appends: tuple[dict[int, Cell], ...] = ()) -> Snapshot:
    """Write WRITES and the new rows; the snapshot from before."""
    table = open_table(path)
    before = table.read()
    table.write(patch(before, *WRITES, appends=appends))
    return before


def test_the_list_is_read_with_its_types(path: Path) -> None:
    """Rich text is flattened, phonetic hints are no text, shared formulas are formulas, a day is a day."""
    rows = [list(row.cells[:6]) for row in open_table(path).read().rows]

    assert rows[0] == HEADER
    for number, (row, (ref, name, day, hours, status)) in enumerate(zip(rows[1:], PEOPLE, strict=True), 2):
        assert row[:4] == [ref, name, day, float(hours)]
        assert isinstance(row[4], Formula)
        assert row[4].text == f"=D{number}*2"
        assert row[5] == status


def test_openpyxl_reads_the_same(path: Path) -> None:
    """Every cell of the sheet, by two readers that share no code."""
    if path.name in (*UNREADABLE_FOR_OPENPYXL, "without-addresses.xlsx"):
        pytest.skip("openpyxl does not read it")
    formulas, values = load_workbook(path)[SHEET], load_workbook(path, data_only=True)[SHEET]
    spilled = {"openpyxl.xlsx": Range.parse("J2:J4"), "by-hand.xlsx": None}.get(path.name, Range.parse("I2:I4"))
    for row in open_table(path).read().rows:
        for column, cell in enumerate(row.cells, 1):
            theirs = formulas.cell(row.number, column)
            if isinstance(cell, Formula):
                shown = cell_of(values.cell(row.number, column))
                assert (cell.value or BLANK) == shown
                if not (spilled and (row.number, column) in spilled):
                    assert cell.text == theirs.value
            else:
                assert cell == cell_of(theirs)


def test_every_other_part_keeps_its_bytes(path: Path) -> None:
    """Also its place, its time stamp and its compression; so do the entries' extra fields and the archive's comment."""
    original = path.read_bytes()
    write(path, appends=(APPEND,))

    before, after = _entries(original, path), _entries(path.read_bytes(), path)
    assert list(before) == list(after)
    changed = {name for name in before if before[name] != after[name]}
    assert "xl/worksheets/sheet1.xml" in changed
    assert changed <= {"xl/worksheets/sheet1.xml", *MAY_CHANGE}
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None


def test_shared_texts_and_properties_never_change(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        before = {name: archive.read(name) for name in archive.namelist()}
    write(path, appends=(APPEND,))
    with zipfile.ZipFile(path) as archive:
        kept = [name for name in archive.namelist() if name.startswith(("docProps", "xl/sharedStrings", "custom"))]

        assert all(archive.read(name) == before[name] for name in kept)


def test_inside_the_sheet_only_the_touched_cells_differ(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        before = archive.read("xl/worksheets/sheet1.xml")
    write(path)
    with zipfile.ZipFile(path) as archive:
        after = archive.read("xl/worksheets/sheet1.xml")

    touched = {(row, column) for row, column, _ in WRITES}
    assert _without(after, touched) == _without(before, touched)


def test_a_row_nobody_touched_keeps_its_bytes(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        before = ROW.findall(archive.read("xl/worksheets/sheet1.xml"))
    write(path, appends=(APPEND,))
    with zipfile.ZipFile(path) as archive:
        after = ROW.findall(archive.read("xl/worksheets/sheet1.xml"))

    assert len(after) == len(before) + 1 == 5
    assert after[0] == before[0]


def test_styles_are_only_appended(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        before = _formats(archive)
    write(path, appends=(APPEND,))
    with zipfile.ZipFile(path) as archive:
        after = _formats(archive)

    assert after[: len(before)] == before


def test_new_and_old_values_are_read_back(path: Path) -> None:
    before = write(path, appends=(APPEND,))
    after = open_table(path).read()

    expected = {(row.number, column): cell for row in before.rows for column, cell in enumerate(row.cells, 1)}
    expected |= {(row, column): cell for row, column, cell in WRITES}
    expected |= {(5, column): cell for column, cell in APPEND.items()}
    found = {(row.number, column): cell for row in after.rows for column, cell in enumerate(row.cells, 1)}
    assert {key: cell for key, cell in found.items() if cell is not BLANK} == {
        key: cell for key, cell in expected.items() if cell is not BLANK
    }


def test_openpyxl_reads_the_new_values(path: Path) -> None:
    if path.name in UNREADABLE_FOR_OPENPYXL:
        pytest.skip("openpyxl does not read strict workbooks")
    write(path, appends=(APPEND,))
    sheet = load_workbook(path)[SHEET]

    for row, column, value in WRITES:
        assert cell_of(sheet.cell(row, column)) == value
    assert {column: cell_of(sheet.cell(5, column)) for column in APPEND} == APPEND


def test_the_formulas_are_computed_anew_on_opening(path: Path) -> None:
    write(path)
    with zipfile.ZipFile(path) as archive:
        calculation = etree.fromstring(archive.read("xl/workbook.xml")).find("{*}calcPr")

    assert calculation is not None
    assert calculation.get("fullCalcOnLoad") == "1"


def test_libreoffice_reads_the_new_values_and_the_old(
    corpus: Path, tmp_path: Path, converted: Callable[[list[Path]], list[Path]]
) -> None:
    """A second office program opens every patched workbook, computes its formulas and sees each value as its type."""
    paths = [Path(shutil.copy(corpus / name, tmp_path)) for name in MAKERS]
    for path in paths:
        write(path, appends=(APPEND,))

    for path in converted(paths):
        sheet = load_workbook(path)[SHEET]
        assert [cell_of(sheet.cell(1, column)) for column in range(1, 7)] == HEADER, path.name
        assert cell_of(sheet.cell(4, 2)) == "Beispiel, Olena", path.name
        for row, column, value in WRITES:
            assert cell_of(sheet.cell(row, column)) == value, path.name
        assert {column: cell_of(sheet.cell(5, column)) for column in APPEND} == APPEND, path.name
        saved = open_table(path).read().rows
        assert all(saved[row - 1].cells[column - 1] == value for row, column, value in WRITES), path.name
        assert {column: saved[4].cells[column - 1] for column in APPEND} == APPEND, path.name


def test_what_libreoffice_saved_can_be_read_and_written(
    corpus: Path, tmp_path: Path, converted: Callable[[list[Path]], list[Path]]
) -> None:
    """Workbooks made by LibreOffice itself: read with their types, written, read back by openpyxl."""
    for made in converted([corpus / "openpyxl.xlsx", corpus / "xlsxwriter-1904.xlsx", corpus / "by-hand.xlsx"]):
        path = Path(shutil.copy(made, tmp_path))
        test_the_list_is_read_with_its_types(path)
        original = path.read_bytes()
        test_openpyxl_reads_the_new_values(path)
        before, after = _entries(original, path), _entries(path.read_bytes(), path)

        assert {name for name in before if before[name] != after[name]} <= {"xl/worksheets/sheet1.xml", *MAY_CHANGE}


def _entries(data: bytes, path: Path) -> dict[str, tuple[object, ...]]:
    """Every entry with its compressed bytes as they stand in the file, and what the directory says of it."""
    copy = path.with_suffix(".entries")
    copy.write_bytes(data)
    entries: dict[str, tuple[object, ...]] = {}
    with zipfile.ZipFile(copy) as archive:
        infos = archive.infolist()
        starts = [*sorted(info.header_offset for info in infos), archive.start_dir]
        for info in infos:
            raw = data[info.header_offset : starts[starts.index(info.header_offset) + 1]]
            entries[info.filename] = (raw, info.date_time, info.CRC, info.external_attr, info.comment, archive.comment)
    copy.unlink()
    return entries


def _without(xml: bytes, cells: set[tuple[int, int]]) -> bytes:
    """The sheet in canonical form without these cells, its used range, and what a row says about its own place."""
    root = etree.fromstring(xml)
    for dimension in root.iterchildren("{*}dimension"):
        dimension.set("ref", "")
    data = root.find("{*}sheetData")
    assert data is not None
    for number, row in enumerate(data.iterchildren("{*}row"), 1):
        for name in ("r", "spans"):
            row.attrib.pop(name, "")
        row.tail = None
        for column, cell in enumerate(list(row.iterchildren("{*}c")), 1):
            place = Range.parse(cell.get("r") or "")
            here = (place.top, place.left) if place else (number, column)
            cell.attrib.pop("r", "")
            if here in cells:
                row.remove(cell)
    for comment in data.xpath("comment()"):
        data.remove(comment)
    data.text = None
    return etree.tostring(root, method="c14n")


def _formats(archive: zipfile.ZipFile) -> list[bytes]:
    formats = etree.fromstring(archive.read("xl/styles.xml")).find("{*}cellXfs")
    assert formats is not None
    return [etree.tostring(xf, method="c14n") for xf in formats]
