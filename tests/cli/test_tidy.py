"""``syncsvc db tidy`` says what it removed, and what it thinned says so itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.cli.conftest import Shell

DETAILS_GONE = "Die Einzelheiten sind nach Ablauf der Aufbewahrung entfernt."


def test_tidying_says_what_it_did_and_runs_say_that_their_details_are_gone(own_example: Shell) -> None:
    first = min(run["id"] for run in own_example.json("runs", "list"))
    before = own_example.json("runs", "show", first)
    with closing(sqlite3.connect(own_example.folder / "syncsvc.db")) as database, database:
        database.execute("UPDATE runs SET started_at = '2024-01-01 00:00:00.000000'")

    told = own_example("db", "tidy")
    assert told.exit_code == 0
    assert "Abgleiche ohne Einzelheiten behalten" in told.output
    assert own_example("db", "tidy").output.strip() == "Nichts ist über seine Zeit."

    shown = own_example("runs", "show", first)
    assert DETAILS_GONE in shown.output
    after = own_example.json("runs", "show", first)
    assert after["changes"] == before["changes"] != []
    assert (after["receipt"], after["message"]) == ({}, DETAILS_GONE)
