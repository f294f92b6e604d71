"""``syncsvc coaching`` on the example project, whose job centres assigned some women to a coaching of their own."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.conftest import Shell

NAMES = ("Kowalenko", "Ahmadi", "Petrova")


def test_the_list_says_what_waits_for_people(example: Shell) -> None:
    listed = example("coaching", "list")
    assert listed.exit_code == 0
    assert re.search(r"Klärungsbedarf +sicher +offen +01\.03\.2026 +BSP-\d{4}-\w", listed.output)
    assert not any(name in listed.output for name in NAMES)


def test_the_list_is_narrowed_by_state_grade_and_project(example: Shell) -> None:
    every = example.json("coaching", "list")
    assert len(every) >= 3
    assert example.json("coaching", "list", "--project", "bsp", "--grade", "certain") == every
    assert example.json("coaching", "list", "--grade", "possible") == []
    assert example("coaching", "list", "--state", "mistake").output == "Keine doppelte Begleitung.\n"


def test_one_flag_shows_both_periods_and_whom_to_call(example: Shell) -> None:
    number = example.json("coaching", "list")[-1]["id"]
    shown = example("coaching", "show", number).output
    assert "Projekt bsp" in shown
    assert "Maßnahme des Jobcenters · 01.03.2026 – 30.11.2026" in shown
    assert "anrufen: Jobcenter Beispielstadt" in shown


def test_a_decision_is_taken_down_and_empties_the_row(own_example: Shell) -> None:
    """Nothing is open any more, the next sync takes the note out, the one after does nothing."""
    first = own_example.json("coaching", "list")[-1]
    number, ref = first["id"], first["sides"][0]["ref"]
    assert "mit wem" in own_example("coaching", "decide", number, "discussed").output
    assert own_example("coaching", "decide", number, "discussed", "--with", "jobcentre").output == "Gemerkt.\n"
    decided = own_example("coaching", "decide", number, "agreed_parallel")
    assert decided.output == "Gemerkt. Der nächste Abgleich nimmt den Hinweis aus den Tabellen.\n"
    planned = own_example.json("sync", "--preview", "bsp-beispielstadt")[0]["actions"]
    assert [(action["ref"], action["reason"]) for action in planned if action["reason"] == "note"] == [(ref, "note")]
    assert [own_example.json("sync", "bsp-beispielstadt")[0]["cells_written"] for _ in range(2)] == [1, 0]
    history = own_example.json("coaching", "show", number)["history"]
    assert [(entry["event"], entry["spoken_with"]) for entry in history] == [
        ("open", ""),
        ("discussed", "jobcentre"),
        ("agreed_parallel", ""),
    ]


def test_a_look_through_everything_finds_what_is_known(example: Shell) -> None:
    found = example.json("coaching", "check")
    assert (found["opened"], found["closed"]) == (0, 0)
    assert found["standing"] == len(example.json("coaching", "list"))
    assert "Datensätze geprüft: 0 neu" in example("coaching", "check").output


def test_a_number_that_is_not_there_is_said_in_a_sentence(example: Shell) -> None:
    missing = example("coaching", "show", 999)
    assert missing.exit_code != 0
    assert "Die Doppelbetreuung 999 gibt es nicht." in missing.output


def test_a_folder_instead_of_a_list_is_said_in_a_sentence(shell: Shell, tmp_path: Path) -> None:
    refused = shell("coaching", "check", "--csv", str(tmp_path), "--out", str(tmp_path / "pairs.csv"))
    assert refused.exit_code == 2
    assert f"Die Datei {tmp_path} lässt sich nicht öffnen." in refused.stderr


def test_among_the_questions_it_has_a_title(example: Shell) -> None:
    """No line ends after the number: a flag belongs to no single table."""
    assert re.search(
        r"^\d+  Doppelbetreuung\n    BSP-\d{4}-\w: Bitte abstimmen", example("questions", "list").output, re.MULTILINE
    )
