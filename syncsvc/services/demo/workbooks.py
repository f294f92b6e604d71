"""The example tables as job centres keep them: .xlsx files with drop-downs, a table, a filter, and a few flaws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from syncsvc.services.demo.people import Woman

SHEET: Final = "Teilnehmerinnen"
_HEADER_ROW: Final = 3  # from 0: a title and a line of advice stand above
_COLUMNS: Final = (
    ("TN-Nr.", 13),
    ("Name", 26),
    ("Coach", 16),
    ("Ansprechperson JC", 22),
    ("Durchwahl", 17),
    ("Eintritt", 12),
    ("Status", 11),
    ("Sprachstand", 12),
    ("Maßnahme JC", 24),
    ("von – bis", 25),
    ("Notiz für beide", 34),
    ("Hinweis", 60),
)
_HEADERS: Final = tuple(header for header, _ in _COLUMNS)
_STATUSES: Final = ("wartet", "aktiv", "pausiert", "beendet")
_MEASURES: Final = (
    "AVGS-Einzelcoaching",
    "Integrationskurs",
    "Berufssprachkurs",
    "Maßnahme beim Arbeitgeber",
    "Praktikum",
)
_PERIODS: Final = ("01.03.2026 – 30.11.2026", "15.01.2026 – 14.07.2026", "02.02.2026 – 31.07.2026")
_NOTES: Final = {2: "Termine bitte vormittags", 7: "+1 Kind seit Mai", 13: "Kinderbetreuung ab 1.9. gesichert"}


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A woman the job centre entered; ``entry`` is what was typed, None where the row is only half filled."""

    name: str
    entry: date | str | None


def write_workbook(
    path: Path,
    *,
    title: str,
    women: Sequence[Woman],
    contacts: Sequence[tuple[str, str]],
    newcomers: Sequence[Newcomer],
) -> None:
    """Write one example table, complete or not at all.

    ``contacts`` are names and numbers as the job centre types them. The project's columns hold what the project
    knows, apart from the language level, which the job centre does not have yet.
    """
    draft = path.with_name(f"{path.name}.tmp")
    book = xlsxwriter.Workbook(draft, {"default_date_format": "dd.mm.yyyy"})
    sheet = book.add_worksheet(SHEET)
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 16, "font_color": "#171A2B"}))
    advice = "Bitte eine Zeile je Teilnehmerin. TN-Nr. und Hinweis füllt der Abgleich; alles andere dürfen Sie ändern."
    sheet.write_string(1, 0, advice, book.add_format({"italic": True, "font_color": "#5B5F6E"}))
    rows = [_known(index, woman, contacts[index % len(contacts)]) for index, woman in enumerate(women)]
    rows += [_new(newcomer, contacts[0][0]) for newcomer in newcomers]
    _write_table(book, sheet, rows)
    _write_drop_downs(sheet, len(rows))
    sheet.freeze_panes(_HEADER_ROW + 1, 2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEADER_ROW)
    book.close()
    draft.replace(path)


def _known(index: int, woman: Woman, contact: tuple[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "TN-Nr.": woman.ref,
        "Name": woman.name,
        "Coach": woman.coach,
        "Ansprechperson JC": contact[0],
        "Durchwahl": contact[1],
        "Eintritt": woman.entry,
        "Status": woman.status,
        "Notiz für beide": _NOTES.get(index),
    }
    if index % 3 == 0:
        row["Maßnahme JC"] = _MEASURES[index % len(_MEASURES)]
        row["von – bis"] = _PERIODS[index // 3 % len(_PERIODS)]
    return row


def _new(newcomer: Newcomer, contact: str) -> dict[str, Any]:
    return {"Name": newcomer.name, "Ansprechperson JC": contact, "Eintritt": newcomer.entry}


def _write_table(book: Any, sheet: Any, rows: Sequence[dict[str, Any]]) -> None:
    header = book.add_format(
        {
            "bold": True,
            "font_color": "white",
            "bg_color": "#3B5998",
            "border": 1,
            "valign": "vcenter",
            "text_wrap": True,
        }
    )
    text = book.add_format({"num_format": "@", "valign": "top"})  # numbers typed here stay text
    day = book.add_format({"num_format": "dd.mm.yyyy", "align": "left", "valign": "top"})
    note = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True, "font_color": "#8A3B00"})
    formats = {"Eintritt": day, "Hinweis": note}
    for column, (name, width) in enumerate(_COLUMNS):
        sheet.set_column(column, column, width, formats.get(name, text))
    sheet.set_row(_HEADER_ROW, 30)
    sheet.add_table(
        *(_HEADER_ROW, 0, _HEADER_ROW + len(rows), len(_COLUMNS) - 1),
        {
            "name": SHEET,
            "style": "Table Style Light 9",
            "columns": [{"header": name, "header_format": header} for name in _HEADERS],
        },
    )
    for number, row in enumerate(rows, start=_HEADER_ROW + 1):
        for column, name in enumerate(_HEADERS):
            value = row.get(name)
            cell = formats.get(name, text)
            if isinstance(value, date):
                sheet.write_datetime(number, column, value, cell)
            elif value:
                sheet.write_string(number, column, value, cell)
            else:
                sheet.write_blank(number, column, None, cell)


def _write_drop_downs(sheet: Any, rows: int) -> None:
    for name, choices in (("Status", _STATUSES), ("Maßnahme JC", _MEASURES)):
        column = _HEADERS.index(name)
        rule = {"validate": "list", "source": list(choices), "error_type": "warning"}
        sheet.data_validation(_HEADER_ROW + 1, column, _HEADER_ROW + rows, column, rule)
