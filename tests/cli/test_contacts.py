"""``syncsvc contacts``: what people and scripts get to see."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Shell


def key_of(shell: Shell, name: str) -> str:
    return str(shell.json("contacts", "show", name)["key"])


def test_the_list_shows_everybody_and_says_when_nobody_fits(example: Shell) -> None:
    shown = example("contacts", "list", "--organisation", "Jobcenter Neudorf").stdout
    assert "Yıldız, Mert" in shown
    assert "Müller" not in shown
    assert example("contacts", "list", "--search", "niemand").stdout == "Niemand passt dazu.\n"


def test_an_empty_directory_says_how_to_fill_it(shell: Shell) -> None:
    assert "contacts import" in shell("contacts", "list").stdout


def test_a_changed_number_reaches_the_table_with_the_next_sync(own_example: Shell) -> None:
    example = own_example
    told = example("contacts", "set", "Müller, Anna", "Durchwahl=030 23125 140")
    assert told.stdout.startswith("Durchwahl: 030 23125-101 → 030 23125-140\n")
    preview = example.json("sync", "bsp-beispielstadt", "--preview")[0]["actions"]
    written = [one for one in preview if one["reason"] == "changed_in_record"]
    assert {(one["from"]["display"], one["to"]["display"]) for one in written} == {("030 23125-101", "030 23125-140")}
    example("sync", "bsp-beispielstadt")
    assert example.json("sync", "bsp-beispielstadt")[0]["cells_written"] == 0


def test_an_absence_and_a_last_day(own_example: Shell) -> None:
    example = own_example
    example("contacts", "absent", "Müller, Anna", "01.10.2020", "-", "--deputy", "Schulz")
    anna = example.json("contacts", "show", "Müller, Anna")
    assert (anna["state"], anna["absent_from"], anna["deputy"]) == ("absent", "2020-10-01", key_of(example, "Schulz"))
    assert "Noch zuständig für" in example("contacts", "left", "Roth, Sabine").stdout
    assert "handover" in example("contacts", "left", "Roth, Sabine").stdout
    assert [one["name"] for one in example.json("contacts", "list", "--stale") if one["state"] == "left"] == [
        "Roth, Sabine"
    ]


def test_a_hand_over_is_previewed_done_and_taken_back(own_example: Shell) -> None:
    example = own_example
    words = ("contacts", "handover", "Roth, Sabine", "Demir, Leyla")
    seen = example.json(*words, "--preview", "--table", "bsp-neudorf")
    assert {table for row in seen["rows"] for table in row["tables"]} == {"bsp-neudorf"}
    done = example.json(*words)
    assert len(done["rows"]) > len(seen["rows"]) > 0
    assert "Roth" not in str(example.json("sync", "--preview")[0]["actions"][0]["to"])
    back = example("contacts", "undo", done["id"])
    assert back.stdout == f"Zurückgenommen für {len(done['rows'])} Teilnehmerinnen.\n"


def test_rows_without_a_valid_contact_are_listed(example: Shell) -> None:
    found = example.json("contacts", "vacant", "--table", "bsp-beispielstadt")
    assert found
    assert all(one["table"] == "bsp-beispielstadt" and one["reason"] for one in found)


def test_lists_go_out_and_come_in(example: Shell, tmp_path: Path) -> None:
    path = tmp_path / "verzeichnis.xlsx"
    assert example("contacts", "export", "--out", path).exit_code == 0
    report = example.json("contacts", "import", path, "--preview")
    assert (report["counts"]["same"], report["counts"]["error"]) == (len(example.json("contacts", "list")), 0)
    path.with_suffix(".csv").write_text("Nachname;E-Mail\nNeu, Ina;ina@web.de\n", encoding="utf-8")
    told = example("contacts", "import", path.with_suffix(".csv"), "--organisation", "jc-neudorf")
    assert told.exit_code == 1
    assert told.stdout.startswith("Zeile 2, Neu, Ina: E-Mail: Diese Mailadresse gehört nicht zu Jobcenter Neudorf")
    assert "ausgeschieden?" not in told.stdout  # no good row tells what house the list is of


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("show", "Niemand"), "Diese Person steht nicht im Verzeichnis."),
        (("set", "Müller, Anna", "phone"), "Jede Angabe hat die Form ANGABE=WERT."),
        (("set", "Müller, Anna", "phon=1"), "Angabe „phon“ gibt es nicht. Meinten Sie „phone“?"),
        (("add", "family=Weiß"), "Die Angabe organisation fehlt."),
        (("undo", "0"), "Eine Übergabe 0 gibt es nicht."),
    ],
)
def test_a_wrong_call_gets_a_sentence(example: Shell, words: tuple[str, ...], sentence: str) -> None:
    result = example("contacts", *words)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Fehler: {sentence}")


def test_what_happened_is_told_in_words(own_example: Shell) -> None:
    """A hand-over is one line with its names, also once it was taken back; roles and deputies have their names."""
    example = own_example
    done = example.json("contacts", "handover", "Roth, Sabine", "Demir, Leyla")
    count = str(len(done["rows"]))
    first = example("contacts", "events", "--last", "1").stdout.splitlines()[1]
    assert first.split()[1:] == ["Übergabe", "Coach", "Roth,", "Sabine", "Demir,", "Leyla", count]
    example("contacts", "undo", done["id"])
    assert "Übergabe (zurückgenommen)" in example("contacts", "events").stdout
    assert [one["kind"] for one in example.json("contacts", "events", "--last", "1")] == ["handover"]

    told = example("contacts", "set", "Müller, Anna", "deputy=Schulz, Peter", "role=Fallmanagement").stdout
    assert "Vertretung: – → Schulz, Peter\n" in told
    assert "→ Fallmanagement\n" in told
    shown = example("contacts", "show", "Müller, Anna").stdout
    assert "Ansprechperson JC" in shown
    assert "contact_jc" not in shown
    assert "Fallmanagement" in example("contacts", "list").stdout
