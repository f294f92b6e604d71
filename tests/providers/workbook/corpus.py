"""Workbooks as people and programs make them, all with the same list in the sheet ``Liste``.

Row 1 is the header, rows 2 to 4 hold three people; column E is a formula, F a drop-down in most of them.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import IO

import xlsxwriter
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule, ColorScaleRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table, TableStyleInfo

SHEET = "Liste"
HEADER = ["TN-Nr.", "Name", "Eintritt", "Stunden", "Doppelt", "Status"]
PEOPLE = [
    ("BSP-0001-A", "Probe, Katya", date(2026, 3, 1), 12, "offen"),
    ("BSP-0002-8", "Muster, Amina", date(2026, 4, 15), 7.5, "beendet"),
    ("BSP-0003-6", "Beispiel, Olena", date(2026, 5, 4), 30, "offen"),
]
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002"
    "000001e221bc330000000049454e44ae426082"
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def by_openpyxl(path: Path) -> None:
    """Drop-downs (one refers to another sheet), formats, comments, a chart, merges, filter, names, hidden things."""
    book = Workbook()
    sheet = book.active
    sheet.title = SHEET
    sheet.append(HEADER)
    for number, (ref, name, day, hours, status) in enumerate(PEOPLE, 2):
        sheet.append([ref, name, day, hours, f"=D{number}*2", status])
        sheet.cell(number, 3).number_format = "dd.mm.yyyy"
        sheet.cell(number, 2).fill = PatternFill("solid", start_color="FFEECC")
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True)
    other = book.create_sheet("Auswahl")
    for word in ("offen", "beendet", "ruht"):
        other.append([word])
    book.create_sheet("Leer").sheet_state = "hidden"
    drop_down = DataValidation(type="list", formula1="Auswahl!$A$1:$A$3", allow_blank=True)
    drop_down.add("F2:F4")
    own_list = DataValidation(type="list", formula1='"a,b"')
    own_list.add("G2:G100")
    sheet.add_data_validation(drop_down)
    sheet.add_data_validation(own_list)
    sheet.conditional_formatting.add("D2:D4", ColorScaleRule("min", None, "FF0000", "max", None, "00FF00"))
    rule = CellIsRule(operator="equal", formula=['"beendet"'], fill=PatternFill("solid", bgColor="DDDDDD"))
    sheet.conditional_formatting.add("F2:F4", rule)
    sheet["B3"].comment = Comment("Bitte zurückrufen", "Anna Probe")
    sheet["H1"] = "zusammen"
    sheet.merge_cells("H1:I1")
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = "A1:F4"
    sheet.column_dimensions["D"].hidden = True
    sheet.row_dimensions[3].hidden = True
    sheet.print_title_rows = "1:1"
    sheet["J2"] = ArrayFormula("J2:J4", "=D2:D4*3")
    book.defined_names["Liste_Bereich"] = DefinedName("Liste_Bereich", attr_text=f"{SHEET}!$A$2:$F$4")
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=4, min_row=1, max_row=4), titles_from_data=True)
    other.add_chart(chart, "C2")
    book.save(path)


def by_openpyxl_table(path: Path) -> None:
    """A ListObject with its own filter, right up to the last row."""
    book = Workbook()
    sheet = book.active
    sheet.title = SHEET
    sheet.append(HEADER)
    for number, (ref, name, day, hours, status) in enumerate(PEOPLE, 2):
        sheet.append([ref, name, day, hours, f"=D{number}*2", status])
        sheet.cell(number, 3).number_format = "dd.mm.yyyy"
    table = Table(displayName="Teilnehmerinnen", ref="A1:F4")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleMedium9", showRowStripes=True)
    sheet.add_table(table)
    book.save(path)


def _xlsxwriter(path: Path, *, options: Mapping[str, object] | None = None, macros: bool = False) -> None:
    book = xlsxwriter.Workbook(str(path), {"in_memory": True, **(options or {})})
    sheet = book.add_worksheet(SHEET)
    day_format = book.add_format({"num_format": "dd.mm.yyyy", "border": 1})
    bold, red = book.add_format({"bold": True}), book.add_format({"font_color": "red"})
    sheet.write_row(0, 0, HEADER, bold)
    for row, (ref, name, day, hours, status) in enumerate(PEOPLE, 1):
        sheet.write_string(row, 0, ref)
        sheet.write_string(row, 1, name)
        sheet.write_datetime(row, 2, datetime.combine(day, time()), day_format)
        sheet.write_number(row, 3, hours)
        sheet.write_formula(row, 4, f"=D{row + 1}*2", None, hours * 2)
        sheet.write_string(row, 5, status)
    sheet.write_rich_string("B4", "Beispiel, ", bold, "Ole", red, "na")
    sheet.data_validation("F2:F4", {"validate": "list", "source": ["offen", "beendet", "ruht"]})
    sheet.conditional_format("D2:D4", {"type": "data_bar", "data_bar_2010": True, "bar_solid": True})
    sheet.conditional_format("C2:C4", {"type": "icon_set", "icon_style": "3_flags"})
    sheet.add_sparkline("G2", {"range": f"{SHEET}!D2:D4"})
    sheet.add_sparkline("G4", {"range": f"{SHEET}!D2:D4"})
    sheet.write_comment("B2", "Notiz", {"author": "Anna Probe"})
    sheet.insert_image("K2", "pixel.png", {"image_data": BytesIO(PIXEL)})
    sheet.insert_textbox("K8", "Hinweis für alle")
    sheet.write_dynamic_array_formula("I2:I4", "=D2:D4+1", None, 13)
    sheet.write_number("I3", 8.5)
    sheet.write_number("I4", 31)
    sheet.autofilter("A1:F4")
    sheet.filter_column("F", "x == offen")
    sheet.set_row(2, None, None, {"hidden": True})
    sheet.freeze_panes(1, 1)
    sheet.set_column("B:B", 30)
    sheet.set_column("M:M", 12, book.add_format({"num_format": "@"}))
    sheet.protect("geheim", {"sort": True})
    sheet.ignore_errors({"number_stored_as_text": "A1:F100"})
    second = book.add_worksheet("Zweites Blatt")
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": f"={SHEET}!$D$2:$D$4", "trendline": {"type": "linear"}})
    second.insert_chart("B2", chart)
    second.write_url("A1", "https://programm.example/", string="Programm")
    book.set_custom_property("Kennzeichnung", "vertraulich")
    if macros:
        book.add_vba_project(BytesIO(b"\xd0\xcf\x11\xe0 macros are not run here"), is_stream=True)
        sheet.insert_button("K5", {"macro": "Sortieren", "caption": "Sortieren"})
    book.close()


def by_xlsxwriter(path: Path) -> None:
    """2010 data bars, sparklines, pictures, a text box, rich text, a dynamic array, filter, protection."""
    _xlsxwriter(path)


def by_xlsxwriter_1904(path: Path) -> None:
    """The same in the date system of old Macs."""
    _xlsxwriter(path, options={"date_1904": True})


def by_xlsxwriter_streaming(path: Path) -> None:
    """The same with inline strings, and with zip64 headers on every entry."""
    _xlsxwriter(path, options={"constant_memory": True, "use_zip64": True})


def with_macros(path: Path) -> None:
    """A .xlsm with a button and a (dead) VBA project."""
    _xlsxwriter(path, macros=True)


class _Pipe:
    """A stream that cannot go back, like a download."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.write = stream.write
        self.flush = stream.flush


def by_microsoft_365(path: Path) -> None:
    """Parts that no library writes: threaded comments, persons, a pivot table's cache, custom XML, a label.

    The archive is streamed, so that sizes follow the entries (data descriptors), and it has a comment.
    """
    _xlsxwriter(path)
    plain = BytesIO(path.read_bytes())
    extra = {
        "xl/threadedComments/threadedComment1.xml": "<ThreadedComments><threadedComment ref='B2'/></ThreadedComments>",
        "xl/persons/person.xml": "<personList><person displayName='Anna Probe'/></personList>",
        "xl/pivotCache/pivotCacheDefinition1.xml": f"<pivotCacheDefinition xmlns='{MAIN}'/>",
        "xl/pivotTables/pivotTable1.xml": f"<pivotTableDefinition xmlns='{MAIN}'/>",
        "customXml/item1.xml": "<projekt>Beispiel</projekt>",
        "docMetadata/LabelInfo.xml": "<labelList><label id='{0}' enabled='1'/></labelList>",
    }
    with zipfile.ZipFile(plain) as source, path.open("wb") as file, zipfile.ZipFile(_Pipe(file), "w") as target:
        for info in source.infolist():
            target.writestr(info, source.read(info), compress_type=zipfile.ZIP_DEFLATED, compresslevel=9)
        for name, text in extra.items():
            target.writestr(name, text, compress_type=zipfile.ZIP_STORED)
        target.comment = b"a comment"


ROWS = """
<row r="1" spans="1:6"><c r="A1" t="inlineStr"><is><t>TN-Nr.</t></is></c><c r="B1" t="s"><v>0</v></c><c r="C1" t="s"
 ><v>1</v></c><c r="D1" t="s"><v>2</v></c><c r="E1" t="s"><v>3</v></c><c r="F1" t="s"><v>4</v></c></row>
<row r="2" spans="1:6"><c r="A2" t="inlineStr"><is><t>BSP-0001-A</t></is></c><c r="B2" t="inlineStr"><is><r><rPr><b
 /></rPr><t>Probe</t></r><r><t>, Katya</t></r></is></c><c r="C2" s="1"><v>46082</v></c><c r="D2"><v>12</v></c><c r="E2"
 ><f t="shared" ref="E2:E4" si="0">D2*2</f><v>24</v></c><c r="F2" t="s" cm="1" vm="1"><v>5</v></c></row>
<!-- a comment between two rows -->
<row r="3"><c r="A3" t="inlineStr"><is><t>BSP-0002-8</t></is></c><c r="B3" t="s"><v>6</v></c><c r="C3" s="1"
 ><v>46127</v></c><c r="D3"><v>7.5</v></c><c r="E3"><f t="shared" si="0"/><v>15</v></c><c r="F3" t="str"><v>beendet</v
 ></c></row>
<row r="4"><c r="A4" t="inlineStr"><is><t>BSP-0003-6</t></is></c><c r="B4" t="s"><v>7</v></c><c r="C4" s="1"
 ><v>46146</v></c><c r="D4"><v>30</v></c><c r="E4"><f t="shared" si="0"/><v>60</v></c><c r="F4" t="s"
 ><v>5</v></c></row>
"""
TEXTS = """
<si><t>Name</t></si><si><t>Eintritt</t></si><si><t>Stunden</t></si><si><t>Doppelt</t></si><si><t>Status</t></si>
<si><t>offen</t></si><si><r><t>Muster</t></r><r><rPr><i/></rPr><t xml:space="preserve">, Amina</t></r>
<rPh sb="0" eb="1"><t>phonetic</t></rPh><phoneticPr fontId="0"/></si><si><t>Beispiel, Olena</t></si>
"""
SHEET_BEFORE = '<sheetViews><sheetView workbookViewId="0"><selection sqref="A4"/></sheetView></sheetViews>'
SHEET_AFTER = """
<autoFilter ref="A1:F4"/><mergeCells count="1"><mergeCell ref="H1:I2"/></mergeCells>
<conditionalFormatting sqref="A2:B4 D2:D4"><cfRule type="expression" dxfId="0" priority="1"><formula>$F2=1</formula
></cfRule></conditionalFormatting>
<dataValidations count="1"><dataValidation type="list" sqref="F2:F3 F4 B1"><formula1>"a,b"</formula1></dataValidation
></dataValidations>
<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="x14"
><controls><control shapeId="1" name="K"><controlPr><anchor><from
><xdr:col xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">1</xdr:col
><xdr:row xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">900</xdr:row
></from></anchor></controlPr></control></controls></mc:Choice></mc:AlternateContent>
"""


def package(path: Path, sheet: str, *, main: str = MAIN, office: str = RELATIONS, texts: str = TEXTS) -> None:
    """A minimal workbook around one sheet's XML; style 1 is a date, 2 text, 3 a time, 4 a duration, 5 a moment."""
    formats = "".join(f'<xf numFmtId="{number}"/>' for number in (0, 14, 49, 20, 46, 22))
    worksheets = f"{office}/worksheet"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        + "".join(
            f'<Override PartName="/xl/{name}.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            f'spreadsheetml.{kind}+xml"/>'
            for name, kind in (
                ("workbook", "sheet.main"),
                ("worksheets/sheet1", "worksheet"),
                ("styles", "styles"),
                ("sharedStrings", "sharedStrings"),
            )
        )
        + "</Types>",
        "_rels/.rels": _relations(rId1=(f"{office}/officeDocument", "/xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="{SHEET}" sheetId="7" '
        f'r:id="rId1"/></sheets><definedNames><definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">'
        f"{SHEET}!$A$1:$F$4</definedName></definedNames></workbook>",
        "xl/_rels/workbook.xml.rels": _relations(
            rId1=(worksheets, "worksheets/sheet1.xml"),
            rId2=(f"{office}/styles", "styles.xml"),
            rId3=(f"{office}/sharedStrings", "sharedStrings.xml"),
        ),
        "xl/worksheets/sheet1.xml": sheet,
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><fonts><font/></fonts><fills><fill><patternFill/></fill></fills>'
        "<borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs>"
        f"<cellXfs>{formats}</cellXfs><cellStyles><cellStyle name='Normal' xfId='0' builtinId='0'/></cellStyles>"
        "<dxfs><dxf><font><b/></font></dxf></dxfs></styleSheet>",
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{texts}</sst>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, xml in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}')


def _relations(**targets: tuple[str, str]) -> str:
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        + "".join(f'<Relationship Id="{i}" Type="{kind}" Target="{target}"/>' for i, (kind, target) in targets.items())
        + "</Relationships>"
    )


def worksheet(rows: str, *, before: str = "", after: str = "", main: str = MAIN) -> str:
    return f'<worksheet xmlns="{main}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def by_hand(path: Path) -> None:
    """Shared formulas, phonetic hints, comments between rows, controls whose anchors have rows."""
    package(path, worksheet(ROWS, before=SHEET_BEFORE, after=SHEET_AFTER))


def without_addresses(path: Path) -> None:
    """Rows and cells that do not say where they are: their order says it."""
    rows = re.sub(r'<(row|c) r="\w+"', r"<\1", ROWS)
    package(path, worksheet(rows))


def with_prefix(path: Path) -> None:
    """Every element under a namespace prefix, as some report generators write."""
    xml = re.sub(r"<(/?)(?=\w)", r"<\1x:", worksheet(ROWS))
    package(path, xml.replace("xmlns=", "xmlns:x="))


def strict(path: Path) -> None:
    """Saved as "Strict Open XML Spreadsheet": other namespaces, and days in ISO 8601."""
    rows = ROWS.replace(' s="1"\n ><v>46146</v>', ' s="1" t="d"><v>2026-05-04</v>')
    main, office = (
        "http://purl.oclc.org/ooxml/spreadsheetml/main",
        "http://purl.oclc.org/ooxml/officeDocument/relationships",
    )
    package(path, worksheet(rows, main=main), main=main, office=office)


MAKERS: dict[str, Callable[[Path], None]] = {
    "openpyxl.xlsx": by_openpyxl,
    "openpyxl-table.xlsx": by_openpyxl_table,
    "xlsxwriter.xlsx": by_xlsxwriter,
    "xlsxwriter-1904.xlsx": by_xlsxwriter_1904,
    "xlsxwriter-streaming.xlsx": by_xlsxwriter_streaming,
    "macros.xlsm": with_macros,
    "microsoft-365.xlsx": by_microsoft_365,
    "by-hand.xlsx": by_hand,
    "without-addresses.xlsx": without_addresses,
    "with-prefix.xlsx": with_prefix,
    "strict.xlsx": strict,
}
