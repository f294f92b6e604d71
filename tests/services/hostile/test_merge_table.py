"""The merge table of the design, case by case: who changed a cell, whose column it is, and what then stands where."""

from __future__ import annotations

import pytest

from tests.services.bench import Bench

CASES = """
    | Spalte gehört | es tippen         | Tabelle | Datensatz | dann Tabelle | dann Datensatz | Klärung  | Geschichte |
    | project       | project jobcentre | alt     | alt       | alt          | alt            |          |            |
    | jobcentre     | project jobcentre | alt     | alt       | alt          | alt            |          |            |
    | both          | project jobcentre | alt     | alt       | alt          | alt            |          |            |
    | project       | project jobcentre | neu     | alt       | neu          | neu            |          | alt        |
    | project       | project           | neu     | alt       | neu          | neu            |          | alt        |
    | project       | jobcentre         | neu     | alt       | neu          | alt            | proposal |            |
    | jobcentre     | project jobcentre | neu     | alt       | neu          | neu            |          | alt        |
    | jobcentre     | jobcentre         | neu     | alt       | neu          | neu            |          | alt        |
    | jobcentre     | project           | neu     | alt       | neu          | alt            | proposal |            |
    | both          | project jobcentre | neu     | alt       | neu          | neu            |          | alt        |
    | both          | project           | neu     | alt       | neu          | neu            |          | alt        |
    | both          | jobcentre         | neu     | alt       | neu          | neu            |          | alt        |
    | project       | project jobcentre | alt     | neu       | neu          | neu            |          | alt        |
    | project       | project           | alt     | neu       | neu          | neu            |          | alt        |
    | project       | jobcentre         | alt     | neu       | neu          | neu            |          | alt        |
    | both          | project jobcentre | alt     | neu       | neu          | neu            |          | alt        |
    | both          | jobcentre         | alt     | neu       | neu          | neu            |          | alt        |
    | jobcentre     | project jobcentre | alt     | neu       | alt          | neu            | proposal |            |
    | jobcentre     | jobcentre         | alt     | neu       | alt          | neu            | proposal |            |
    | jobcentre     | project           | alt     | neu       | alt          | neu            | proposal |            |
    | project       | project jobcentre | neu     | neu       | neu          | neu            |          |            |
    | project       | jobcentre         | neu     | neu       | neu          | neu            |          |            |
    | jobcentre     | project jobcentre | neu     | neu       | neu          | neu            |          |            |
    | jobcentre     | project           | neu     | neu       | neu          | neu            |          |            |
    | both          | project jobcentre | neu     | neu       | neu          | neu            |          |            |
    | project       | project jobcentre | neu     | anders    | anders       | anders         | proposal | neu        |
    | project       | jobcentre         | neu     | anders    | anders       | anders         | proposal | neu        |
    | jobcentre     | project jobcentre | neu     | anders    | neu          | neu            | proposal | anders     |
    | jobcentre     | jobcentre         | neu     | anders    | neu          | neu            | proposal | anders     |
    | jobcentre     | project           | neu     | anders    | neu          | anders         | conflict |            |
    | both          | project jobcentre | neu     | anders    | neu          | anders         | conflict |            |
    | both          | jobcentre         | neu     | anders    | neu          | anders         | conflict |            |
    | both          | project jobcentre |         | alt       |              |                |          | alt        |
    | project       | jobcentre         |         | alt       |              | alt            | proposal |            |
    | jobcentre     | jobcentre         |         | alt       |              |                |          | alt        |
    | both          | project jobcentre | alt     |           |              |                |          | alt        |
    | project       | jobcentre         | alt     |           |              |                |          | alt        |
    | jobcentre     | jobcentre         | alt     |           | alt          |                | proposal |            |
    | both          | project jobcentre |         |           |              |                |          |            |
    | both          | project jobcentre |         | anders    |              | anders         | conflict |            |
    | both          | project jobcentre | neu     |           | neu          |                | conflict |            |
    | both          | project jobcentre | ALT     | alt       | ALT          | ALT            |          | alt        |
    | both          | project jobcentre | alt␣␣   | alt       | alt␣␣        | alt            |          |            |
    | both          | project jobcentre | alt␣␣   | neu       | neu          | neu            |          | alt␣␣      |
    | both          | project jobcentre | #NV     | alt       | #NV          | alt            | unreadable |          |
    | both          | project jobcentre | #NV     | neu       | #NV          | neu            | unreadable |          |
    | project       | jobcentre         | #NV     | neu       | #NV          | neu            | unreadable |          |
"""
"""Both sides agreed on "alt" before; "Tabelle" and "Datensatz" say what each shows when the sync begins."""

ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in CASES.strip().splitlines()[1:]]


@pytest.mark.parametrize(
    ("owner", "typists", "sheet", "record", "then_sheet", "then_record", "question", "history"),
    ROWS,
    ids=lambda text: text.replace(" ", "+") or "leer",
)
def test_a_cell_moves_as_the_design_says(
    bench: Bench,
    owner: str,
    typists: str,
    sheet: str,
    record: str,
    then_sheet: str,
    then_record: str,
    question: str,
    history: str,
) -> None:
    """Each line of the table above, starting from an agreement on "alt"."""
    bench.given(
        """
        | TN-Nr.     | Eintritt   | Notiz | Hinweis |
        | BSP-0137-E | 01.09.2024 | alt   |         |
        """,
        edited_by=typists,
        change={"Notiz": {"owner": owner}},
    )
    bench.sync()
    bench.people_type("BSP-0137-E", "Notiz", sheet)
    bench.project_sets("BSP-0137-E", "Notiz", record)

    bench.sync()

    bench.table_is(f"""
        | TN-Nr.     | Eintritt   | Notiz |
        | BSP-0137-E | 01.09.2024 | {then_sheet} |
    """)
    bench.records_are(f"""
        | TN-Nr.     | Eintritt   | Notiz |
        | BSP-0137-E | 01.09.2024 | {then_record} |
    """)
    bench.questions_are(f"| Art |\n| {question} |" if question else "")
    assert bench.history_of("BSP-0137-E", "Notiz") == ([history] if history else [])
    assert bool(bench.note_of("BSP-0137-E")) == bool(question)


def test_what_stands_on_one_side_only_is_copied_when_both_meet_first(bench: Bench) -> None:
    """First sync of a table of a project that has records already: nothing was agreed, so nothing is overruled."""
    bench.given(
        """
        | TN-Nr.     | Eintritt   | Durchwahl     | Notiz      | Hinweis |
        | BSP-0137-E | 01.09.2024 | 030 23125-101 |            |         |
        | BSP-0138-C |            |               | ruft an    |         |
        | BSP-0139-A | 17.06.2024 |               | Mittwochs  |         |
        """,
        records="""
        | TN-Nr.     | Eintritt   | Durchwahl     | Notiz      |
        | BSP-0137-E | 01.09.2024 |               | mit Kind   |
        | BSP-0138-C | 03.02.2025 | 030 23125-102 |            |
        | BSP-0139-A | 18.06.2024 |               | Montags    |
        """,
    )
    bench.sync()
    bench.table_is("""
        | TN-Nr.     | Eintritt   | Durchwahl     | Notiz     |
        | BSP-0137-E | 01.09.2024 | 030 23125-101 | mit Kind  |
        | BSP-0138-C | 03.02.2025 | 030 23125-102 | ruft an   |
        | BSP-0139-A | 18.06.2024 |               | Mittwochs |
    """)
    bench.records_are("""
        | TN-Nr.     | Eintritt   | Durchwahl     | Notiz    |
        | BSP-0137-E | 01.09.2024 | 030 23125-101 | mit Kind |
        | BSP-0138-C | 03.02.2025 | 030 23125-102 | ruft an  |
        | BSP-0139-A | 18.06.2024 |               | Montags  |
    """)
    bench.questions_are("""
        | Art      | TN-Nr.     | Spalte   | Tabelle    | Datensatz  |
        | conflict | BSP-0139-A | Notiz    | Mittwochs  | Montags    |
        | proposal | BSP-0139-A | Eintritt | 17.06.2024 | 18.06.2024 |
    """)


def test_a_question_disappears_by_itself_once_both_sides_agree(bench: Bench) -> None:
    """A conflict is open until a person decides or both sides show the same; then note and question go away."""
    bench.given("""
        | TN-Nr.     | Eintritt   | Notiz | Hinweis |
        | BSP-0137-E | 01.09.2024 | alt   |         |
    """)
    bench.sync()
    bench.people_type("BSP-0137-E", "Notiz", "neu")
    bench.project_sets("BSP-0137-E", "Notiz", "anders")
    bench.sync()
    assert (
        bench.note_of("BSP-0137-E") == "Spalte Notiz: hier und beim Projekt verschieden geändert – das Projekt klärt."
    )

    bench.people_type("BSP-0137-E", "Notiz", "anders")
    bench.sync()

    bench.nothing_is_asked()
    assert bench.note_of("BSP-0137-E") == ""
    assert bench.history_of("BSP-0137-E", "Notiz") == ["neu"]
