"""Lists as people save them, read for double coachings, and the files that come out. All persons are invented."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from syncsvc.cli import cli
from syncsvc.errors import InvalidFile
from syncsvc.services.coaching.lists import read_list

TODAY = date(2026, 11, 22)
USUAL = (
    "ID,Vorname,Nachname,Geburtsdatum,Kundennummer,PLZ,E-Mail,Telefon,Quelle,Projekt,Maßnahme,Beginn,Ende,Austritt,"
    "Jobcenter,Ansprechperson JC"
)
ROWS = [
    (
        "T1,Oleksandra,Kovalenko,14.03.1988,277J128014,12345,,030 23125-101,Projekt,Projekt 1,Projektcoaching,"
        "01.02.2026,30.09.2026,,Jobcenter Nord,Frau Zänker"
    ),
    (
        "T2,Aleksandra,Kowalenko,14.3.88,277 J128014,12345,,+49 30 23125101,Jobcenter,,AVGS-Coaching §45 SGB III,"
        "01.05.2026,,,Jobcenter Nord,Zänker"
    ),
    "T3,Oleksandra,Kovalenko,1988-03-14,277J128014,12345,,,Jobcenter,,Sprachkurs,01.05.2026,,,Jobcenter Nord,",
    "T4,Amira,Haddad,02.07.1979,,54321,,,Projekt,Projekt 2,Projektcoaching,01.02.2026,,,Jobcenter Süd,Herr Koch",
]


def run(*words: object) -> Result:
    """No data folder, no settings: the command needs neither."""
    return CliRunner().invoke(cli, [str(word) for word in words], prog_name="syncsvc")


def saved(folder: Path, text: str = "\n".join([USUAL, *ROWS]), encoding: str = "utf-8") -> Path:
    path = folder / "liste.csv"
    path.write_bytes(text.encode(encoding))
    return path


def pairs(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_double_coachings_and_persons_come_out(tmp_path: Path) -> None:
    """The language course is no coaching, but the same woman."""
    out, persons = tmp_path / "paare.csv", tmp_path / "personen.csv"

    done = run("coaching", "check", "--csv", saved(tmp_path), "--out", out, "--persons", persons)

    assert done.exit_code == 0, done.output
    assert "4 Zeilen verglichen: 1 doppelte Begleitung (1 sicher)" in done.output
    (double,) = pairs(out)
    assert (double["ID_A"], double["ID_B"], double["Stufe"]) == ("T1", "T2", "certain")
    assert 0.98 < float(double["Score"]) <= 1
    assert "gleiche Kundennummer" in double["Grund"]
    assert "Vorname Oleksandra ~ Aleksandra" in double["Grund"]
    assert double["Grund"].endswith("Beide Coachings laufen 01.05.2026 – 30.09.2026")
    assert {(pair["ID_A"], pair["ID_B"]) for pair in pairs(persons)} == {("T1", "T2"), ("T1", "T3"), ("T2", "T3")}


def test_the_summary_as_json(tmp_path: Path) -> None:
    done = run("coaching", "check", "--csv", saved(tmp_path), "--out", tmp_path / "paare.csv", "--json")

    assert json.loads(done.stdout) == {"rows": 4, "persons": {"certain": 3}, "double": {"certain": 1}}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_way_to_save_a_list(tmp_path: Path, delimiter: str, encoding: str) -> None:
    text = "\r\n".join([USUAL, *ROWS]).replace(",", delimiter)

    found = read_list(saved(tmp_path, text, encoding), TODAY)

    assert [person.id for person in found.people] == ["T1", "T2", "T3", "T4"]
    assert found.people[0].contact == "Frau Zänker"
    assert found.assignments[0].end == date(2026, 9, 30)


def test_a_workbook_is_a_list_too(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for line in [USUAL, *ROWS]:
        book.active.append(line.split(","))
    book.save(tmp_path / "liste.xlsx")

    assert len(read_list(tmp_path / "liste.xlsx", TODAY).people) == 4


def test_other_headers_and_missing_columns(tmp_path: Path) -> None:
    """A list with a name in one column and nothing about measures: every row is a coaching."""
    text = "Name;geb. am;Kd.-Nr.;Eintritt\nHaddad, Amira;2.7.79;512B778401;01.02.2026\n\nKovalenko, Olena;;;ab Juni\n"

    found = read_list(saved(tmp_path, text), TODAY)

    assert [(one.id, one.given, one.family, one.birth) for one in found.people] == [
        ("2", "Amira", "Haddad", "2.7.79"),
        ("4", "Olena", "Kovalenko", ""),
    ]
    assert [one.start for one in found.assignments] == [date(2026, 2, 1), date(2026, 6, 1)]
    assert {one.coaching.value for one in found.assignments} == {"hard"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "ist leer"),
        ("Ort,PLZ\nX,12345\n", "fehlt die Spalte Nachname"),
        (f"{USUAL}\n{ROWS[0]}\n{ROWS[0]}\n", "die ID in Zeile 3 steht schon in Zeile 2"),
    ],
)
def test_what_cannot_be_a_list_is_said_in_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(InvalidFile, match=sentence) as raised:
        read_list(saved(tmp_path, text), TODAY)

    assert raised.value.hint


def test_a_list_without_rows_has_no_double_coachings(tmp_path: Path) -> None:
    done = run("coaching", "check", "--csv", saved(tmp_path, f"{USUAL}\n"), "--out", tmp_path / "paare.csv")

    assert done.exit_code == 0
    assert "keine doppelte Begleitung gefunden" in done.output
    assert (tmp_path / "paare.csv").read_text("utf-8") == "ID_A,ID_B,Score,Stufe,Grund\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--csv", "fehlt.csv", "--out", "paare.csv"), "fehlt.csv lässt sich nicht öffnen"),
        (("--csv", "liste.csv", "--out", "liste.csv"), "müssen verschieden sein"),
        (("--csv", "liste.csv", "--out", "nicht/da/paare.csv"), "lässt sich nicht schreiben"),
    ],
)
def test_a_wrong_call_is_a_sentence_and_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], sentence: str
) -> None:
    saved(tmp_path)
    monkeypatch.chdir(tmp_path)

    done = run("coaching", "check", *words)

    assert done.exit_code == 2
    assert sentence in done.output
    assert "Traceback" not in done.output
