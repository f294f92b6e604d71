"""Sentences that the service says in a row beside what a run finds there itself."""

from __future__ import annotations

import pytest

from syncsvc.services import remarks
from tests.services.bench import Bench
from tests.services.hostile.tables import THREE


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What a source says, by reference."""
    said: dict[str, list[str]] = {}
    monkeypatch.setattr(remarks, "SOURCES", (lambda *_: said,))
    return said


def test_a_remark_comes_stays_and_goes_with_its_reason(bench: Bench, said: dict[str, list[str]]) -> None:
    """It stands in the row without any edit to it, is written once, and leaves a blank cell behind."""
    bench.given(THREE)
    bench.sync()
    said["BSP-0138-C"] = ["Ansprechperson fehlt seit 12.09."]
    bench.book.revision += 1
    assert bench.sync().cells_written == 1
    assert [bench.note_of(ref) for ref in ("BSP-0137-E", "BSP-0138-C", "BSP-0139-A")] == [
        "",
        "Ansprechperson fehlt seit 12.09.",
        "",
    ]
    del said["BSP-0138-C"]
    bench.book.revision += 1
    assert bench.sync().cells_written == 1
    assert bench.note_of("BSP-0138-C") == ""


def test_a_remark_stands_behind_what_the_cell_needs(bench: Bench, said: dict[str, list[str]]) -> None:
    """What somebody has to mend comes first."""
    bench.given(THREE)
    bench.sync()
    said["BSP-0138-C"] = ["Ansprechperson fehlt seit 12.09."]
    bench.people_type("BSP-0138-C", "Eintritt", "31.02.2025")
    bench.sync()
    assert bench.note_of("BSP-0138-C").startswith("Spalte Eintritt: ")
    assert bench.note_of("BSP-0138-C").endswith(" · Ansprechperson fehlt seit 12.09.")
