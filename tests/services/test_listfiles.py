"""Lists as German Excel, LibreOffice and people write them."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from syncsvc.core.model import Cell, ErrorValue, Formula, Logical
from syncsvc.errors import InvalidFile
from syncsvc.services import listfiles

APPOINTMENT = datetime(2025, 9, 18, 10, 0)  # noqa: DTZ001  # a spreadsheet's times have no zone

PEOPLE = [("TN-Nr.", "Name", "Größe"), ("BSP-0137-E", "Öztürk, Elif", "1,5"), (None, "Weiß; „Tom“", "zwei\nZeilen")]
LINES = 'TN-Nr.{0}Name{0}Größe\r\nBSP-0137-E{0}"Öztürk, Elif"{0}"1,5"\r\n{0}"Weiß; „Tom“"{0}"zwei\nZeilen"\r\n'


def cells(path: Path) -> list[tuple[Cell, ...]]:
    return [row.cells for row in listfiles.read(path).rows]


def book(path: Path, *rows: tuple[object, ...]) -> Path:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    workbook.save(path)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_csv_list_reads_the_same_in_every_encoding_and_delimiter(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    path = tmp_path / "liste.csv"
    path.write_bytes(LINES.format(delimiter).encode(encoding))

    assert cells(path) == PEOPLE


def test_a_named_delimiter_is_obeyed_and_its_line_counted(tmp_path: Path) -> None:
    (tmp_path / "liste.csv").write_text("sep=|\na|b\n1|2\n", "utf-8")

    snapshot = listfiles.read(tmp_path / "liste.csv")

    assert [(row.number, row.cells) for row in snapshot.rows] == [(2, ("a", "b")), (3, ("1", "2"))]


def test_commas_in_every_line_do_not_pass_for_delimiters(tmp_path: Path) -> None:
    (tmp_path / "liste.csv").write_text(
        "Name, Vorname;Betrag;Ort\nMuster, Maria;1,5;Berlin\nProbe, Ida;2,5;Bonn", "utf-8"
    )

    assert cells(tmp_path / "liste.csv")[1] == ("Muster, Maria", "1,5", "Berlin")


def test_a_list_of_one_column_is_not_split_by_a_sign_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "liste.csv").write_text("Notiz\nkommt, sagt sie\nkommt\n", "utf-8")

    assert cells(tmp_path / "liste.csv") == [("Notiz",), ("kommt, sagt sie",), ("kommt",)]


def test_rows_have_the_numbers_of_their_first_lines_and_one_width(tmp_path: Path) -> None:
    (tmp_path / "liste.csv").write_text('a;b\n1;"x\ny"\n\n2;3;4\n', "utf-8")

    snapshot = listfiles.read(tmp_path / "liste.csv")

    assert [row.number for row in snapshot.rows] == [1, 2, 4, 5]
    assert snapshot.width == 3
    assert {len(row.cells) for row in snapshot.rows} == {3}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'a;b\n1;"offen\n2;3\n', "ab Zeile 2 passen die Anf"),
        (b'a;b\n1;"' + b"offen " * 50_000, "passen die Anf"),
        (b"\x81\x8d;\x90", "Zeichensatz"),
        (b"a\0b\0", "Zeichensatz"),
        (b"PK\x03\x04kaputt", "keine lesbare Excel-Mappe"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "alte oder mit Kennwort"),
    ],
)
def test_what_cannot_be_read_for_certain_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "liste").write_bytes(content)

    with pytest.raises(InvalidFile, match=message):
        listfiles.read(tmp_path / "liste")


def test_a_missing_file_is_an_invalid_one(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="nicht öffnen"):
        listfiles.read(tmp_path / "fehlt.csv")


def test_workbook_cells_keep_their_kind(tmp_path: Path) -> None:
    row = ("01067", 12, True, date(2024, 9, 1), APPOINTMENT, None, "#N/A", "=1+1")
    path = book(tmp_path / "liste.xlsx", ("a",), row)

    assert cells(path)[1] == (
        "01067",
        12.0,
        Logical.TRUE,
        date(2024, 9, 1),
        APPOINTMENT,
        None,
        ErrorValue("#N/A"),
        Formula("=1+1", None),  # never computed: must not read as a blank
    )


def test_the_first_visible_sheet_is_read(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["versteckt"])
    workbook.active.sheet_state = "hidden"
    workbook.create_sheet("Liste").append(["sichtbar"])
    workbook.active = 1
    workbook.save(tmp_path / "liste.xlsx")

    assert cells(tmp_path / "liste.xlsx") == [("sichtbar",)]


TEXTS = ("=1+1", "+49 30", "-", "@x", "\tTab", "'", "'=1", "''", "'x", "01067", "12.5.", " Rand ", 'a;"b"\nc', "ä")


@pytest.mark.parametrize("name", ["liste.csv", "liste.xlsx"])
def test_every_text_comes_back_as_it_was_written(tmp_path: Path, name: str) -> None:
    listfiles.write(tmp_path / name, [("Kopf",), *((text,) for text in TEXTS)])

    assert cells(tmp_path / name)[1:] == [(text,) for text in TEXTS]


def test_no_text_of_a_csv_file_starts_like_a_formula(tmp_path: Path) -> None:
    """Excel runs what starts with = + - or @ in a CSV file; an apostrophe keeps it from that."""
    lines = listfiles.csv_text([(text,) for text in ("=1+1", "+49 30", "-", "@x")]).removeprefix("\ufeff").splitlines()

    assert lines == ["'=1+1", "'+49 30", "'-", "'@x"]


def test_numbers_and_days_are_written_as_german_excel_reads_them() -> None:
    assert listfiles.csv_text([("a", -12.5, date(2024, 9, 1), None)]) == "\ufeffa;-12,5;01.09.2024;\r\n"


def test_texts_of_a_workbook_are_formatted_as_text_and_days_as_days(tmp_path: Path) -> None:
    listfiles.write(tmp_path / "liste.xlsx", [("Kopf", "Tag"), ("01067", date(2024, 9, 1))])

    sheet = openpyxl.load_workbook(BytesIO((tmp_path / "liste.xlsx").read_bytes())).active

    assert (sheet["A2"].data_type, sheet["A2"].number_format) == ("s", "@")
    assert (sheet["B2"].is_date, sheet["B2"].number_format) == (True, "dd.mm.yyyy")


def test_only_csv_and_xlsx_are_written(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match=r"\.csv oder \.xlsx"):
        listfiles.write(tmp_path / "liste.ods", [("a",)])
