"""``syncsvc mappings suggest`` and ``syncsvc parse --context`` as a person calls them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from click.testing import CliRunner

from syncsvc.cli.mappings import mappings
from syncsvc.cli.parse import parse

LISTS = Path(__file__).parents[1] / "core" / "fields" / "lists"


def test_a_suggestion_passes_the_check(tmp_path: Path) -> None:
    """What is printed for a workbook can be stored and checked as it is."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["TN-Nr.", "IFK", "Eintritt"], ["BSP-0137-E", "Müller, Anna", "01.09.2024"]):
        sheet.append(row)
    book.save(tmp_path / "Liste.xlsx")

    suggested = CliRunner().invoke(mappings, ["suggest", str(tmp_path / "Liste.xlsx")])
    (tmp_path / "liste.yaml").write_text(suggested.output, encoding="utf-8")
    checked = CliRunner().invoke(mappings, ["check", str(tmp_path / "liste.yaml")])

    assert suggested.exit_code == 0, suggested.output
    assert checked.output.endswith("in Ordnung.\n")


def test_a_list_is_read_with_a_directory() -> None:
    """The collected list goes through the command that outside scripts use, line by line."""
    result = CliRunner().invoke(parse, ["--batch", str(LISTS / "typed.csv"), "--context", str(LISTS / "context.yaml")])

    assert result.exit_code == 0
    assert 'contact_jc,Frau Mueller,normalise,"{""contact"": ""mueller-anna""}"' in result.output
    assert "remark,TN hat Depressionen,reject,health_data" in result.output
