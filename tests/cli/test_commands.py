"""What the commands do, tried on the example project."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest

from tests.cli.conftest import Shell

RUN_SHAPE = {
    *("table", "state", "message", "rows", "cells_written", "rows_added", "records_changed", "records_created"),
    *("questions_opened", "questions_closed", "requests", "receipt", "seconds"),
}
QUESTION_SHAPE = {
    *("id", "kind", "table", "ref", "row", "field", "sheet", "record", "base", "choices", "text", "opened", "state"),
}


def edit(path: Path, cell: str, value: object) -> None:
    book = openpyxl.load_workbook(path)
    book.active[cell] = value  # type: ignore[index]  # the example's only sheet
    book.save(path)


def test_the_preview_and_the_sync_that_follows_are_the_same_and_a_second_sync_writes_nothing(
    own_example: Shell,
) -> None:
    edit(own_example.folder / "tabellen" / "Neudorf.xlsx", "G6", "pausiert")
    ref = own_example.json("records", "list")[0]["ref"]
    assert own_example("records", "set", ref, "custom.note==1+1 Termin").exit_code == 0

    (preview,) = own_example.json("sync", "bsp-beispielstadt", "--preview")
    assert own_example.json("runs", "list")[0]["table"] == "bsp-neudorf", "a preview is no run"
    (synced,) = own_example.json("sync", "bsp-beispielstadt")
    (again,) = own_example.json("sync", "bsp-beispielstadt")

    assert preview.keys() - synced.keys() == {"actions", "plan"}
    assert synced.keys() >= RUN_SHAPE
    assert (preview["cells_written"], synced["cells_written"], again["cells_written"]) == (1, 1, 0)
    assert synced["receipt"]["lost"] == 0
    written = [a for a in preview["actions"] if a["direction"] == "to_table" and a["field"] == "custom.note"]
    assert [(a["from"], a["to"]) for a in written] == [(None, "=1+1 Termin")]
    assert own_example("sync").exit_code == 0


def test_a_table_that_is_gone_fails_alone(own_example: Shell) -> None:
    """Exit 1, nothing deleted, and the other tables are synced as if nothing were."""
    (own_example.folder / "tabellen" / "Musterkreis.xlsx").unlink()
    before = own_example.json("records", "list")

    result = own_example("sync")
    outcomes = {outcome["table"]: outcome["state"] for outcome in own_example.json("sync")}

    assert result.exit_code == 1
    assert outcomes.pop("bsp-musterkreis") == "failed"
    assert "failed" not in outcomes.values()
    assert own_example.json("records", "list") == before


def test_an_open_file_is_held_and_ends_with_three(own_example: Shell) -> None:
    folder = own_example.folder / "tabellen"
    ref = own_example.json("records", "list")[0]["ref"]
    own_example("records", "set", ref, "custom.note=wartet")
    (folder / "~$Beispielstadt.xlsx").touch()

    result = own_example("sync", "bsp-beispielstadt")

    assert result.exit_code == 3
    (folder / "~$Beispielstadt.xlsx").unlink()
    assert own_example("sync", "bsp-beispielstadt").exit_code == 0


def test_a_misspelt_table_stops_the_command_before_any_table_is_touched(example: Shell) -> None:
    before = example.json("runs", "list")
    assert example("sync", "bsp-beispielstadt", "bsp-neudrof").exit_code == 2
    assert example.json("runs", "list") == before


def test_sync_without_any_table_says_what_to_do(shell: Shell) -> None:
    result = shell("sync")
    assert (result.exit_code, shell.json("sync")) == (0, [])
    assert "syncsvc apply" in result.stdout


def test_tables_list_tells_state_and_open_questions(example: Shell) -> None:
    tables = {table["key"]: table for table in example.json("tables", "list")}
    assert set(tables) == {"bsp-beispielstadt", "bsp-musterkreis", "bsp-neudorf"}
    assert tables["bsp-musterkreis"]["open_questions"] > 0
    assert "bsp-neudorf" in example("tables", "list").stdout


def test_a_paused_table_says_so_until_it_is_resumed(own_example: Shell) -> None:
    assert "ist pausiert" in own_example("tables", "pause", "bsp-neudorf").stdout
    assert [table["enabled"] for table in own_example.json("tables", "list")] == [True, True, False]
    assert "pausiert" in own_example("tables", "list").stdout

    assert own_example("tables", "resume", "bsp-neudorf").exit_code == 0

    assert "pausiert" not in own_example("tables", "list").stdout


def test_tables_list_tells_who_has_to_act_and_when_the_next_look_is(own_example: Shell) -> None:
    (own_example.folder / "tabellen" / "Neudorf.xlsx").unlink()
    own_example("sync", "bsp-neudorf")

    line = next(line for line in own_example("tables", "list").stdout.splitlines() if "bsp-neudorf" in line)

    assert "Ihre Tabelle" in line
    failing = own_example.json("tables", "list")[2]
    assert (failing["failures"], failing["fault"]) == (1, "table")
    assert failing["next_due_at"] > failing["checked_at"]


def test_a_healthy_table_passes_its_check(example: Shell) -> None:
    assert example("tables", "check", "bsp-neudorf").exit_code == 0
    assert all(check["ok"] for check in example.json("tables", "check", "bsp-neudorf"))


def test_nothing_is_released_that_is_not_held(example: Shell) -> None:
    assert example("tables", "release", "bsp-neudorf").exit_code == 2


def test_setting_up_a_filled_table_changes_nothing(example: Shell) -> None:
    path = example.folder / "tabellen" / "Neudorf.xlsx"
    before = path.read_bytes()
    assert example("tables", "setup", "bsp-neudorf").exit_code == 0
    assert path.read_bytes() == before


def test_questions_have_their_shape_and_an_answer_closes_one(own_example: Shell) -> None:
    questions = own_example.json("questions", "list", "--table", "bsp-musterkreis")
    unreadable = next(q for q in questions if q["kind"] == "unreadable" and q["record"])

    assert unreadable.keys() >= QUESTION_SHAPE
    assert str(unreadable["id"]) in own_example("questions", "list").stdout
    assert own_example("questions", "answer", unreadable["id"], "no-such-choice").exit_code == 2
    assert own_example("questions", "answer", unreadable["id"], unreadable["choices"][0]["key"]).exit_code == 0
    assert own_example("sync").exit_code == 0
    still_open = {q["id"] for q in own_example.json("questions", "list")}
    assert unreadable["id"] not in still_open


def test_records_are_listed_shown_and_set(own_example: Shell) -> None:
    ref = own_example.json("records", "list", "--project", "bsp")[0]["ref"]

    changed = own_example.json("records", "set", ref, "status=pausiert", "custom.note=a=b")
    same = own_example("records", "set", ref, "status=ruht")
    shown = own_example.json("records", "show", ref)

    assert {change["field"]: change["new"] for change in changed} == {
        "status": {"status": "paused", "reason": None},
        "custom.note": "a=b",
    }
    assert "stand schon so da" in same.stdout
    assert {"ref", "project", "tables", "fields", "contacts", "measures", "history"} <= shown.keys()
    assert shown["fields"]["status"] == {"status": "paused", "reason": None}
    assert "pausiert" in own_example("records", "show", ref).stdout


@pytest.mark.parametrize("values", [["status"], ["=x"], ["status=aktiv", "status=wartet"], ["stauts=aktiv"]])
def test_a_malformed_assignment_changes_nothing(example: Shell, values: list[str]) -> None:
    record = example.json("records", "list")[0]
    assert example("records", "set", record["ref"], *values).exit_code == 2
    assert example.json("records", "list")[0] == record


def test_what_is_exported_comes_back_without_a_change(example: Shell, tmp_path: Path) -> None:
    for name in ("liste.csv", "liste.xlsx"):
        assert example("records", "export", "--project", "bsp", "--out", tmp_path / name).exit_code == 0
        counts = example.json("records", "import", tmp_path / name, "--project", "bsp", "--preview")["counts"]
        assert (counts["new"], counts["update"], counts["error"]) == (0, 0, 0), name
        assert counts["same"] > 0


def test_runs_are_listed_shown_and_taken_back(own_example: Shell) -> None:
    record = own_example.json("records", "list")[0]
    own_example("records", "set", record["ref"], "custom.note=Probe")
    own_example("sync")
    newest = next(run for run in own_example.json("runs", "list") if run["cells_written"])

    shown = own_example.json("runs", "show", newest["id"])
    assert "Quittung" in own_example("runs", "show", newest["id"]).stdout
    assert [change["new"] for change in shown["changes"]] == ["Probe"]
    receipt = shown["receipt"]
    assert receipt["before"] == sum(
        receipt[part] for part in ("agreed", "changed", "kept_in_question", "kept_in_history")
    )

    assert own_example("runs", "undo", newest["id"], "--preview").exit_code == 0
    assert own_example("runs", "undo", newest["id"]).exit_code == 0
    after = next(r for r in own_example.json("records", "list") if r["ref"] == record["ref"])
    assert after["fields"].get("custom.note") == record["fields"].get("custom.note")


def test_applying_the_same_files_again_changes_nothing(example: Shell) -> None:
    files = [example.folder / "zuordnung.yaml", example.folder / "programm.yaml"]
    assert {change["action"] for change in example.json("apply", *files)} == {"unchanged"}


def test_a_mapping_is_checked_with_line_and_column(shell: Shell, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    column = "  - {header: TN-Nr., field: participant_ref, owner: service}\n"
    good.write_text(f"key: a\ntitle: A\nprivacy_level: 1\ncolumns:\n{column}", "utf-8")
    bad.write_text(f"key: a\ntitle: A\nprivacy_level: 1\ncolumns:\n{column}  - {{header: X, field: sttus}}\n", "utf-8")

    assert shell("mappings", "check", good).exit_code == 0
    result = shell("mappings", "check", bad)
    assert result.exit_code == 2
    assert ":6:" in result.stdout


def test_an_exported_mapping_can_be_applied_and_changes_nothing(example: Shell, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(example("mappings", "export", "beispiel").stdout, "utf-8")
    assert [c["action"] for c in example.json("apply", tmp_path / "m.yaml")] == ["unchanged"]


def test_the_shipped_mapping_is_in_order(shell: Shell) -> None:
    assert shell("mappings", "check", Path(__file__).parents[2] / "mappings" / "standard.yaml").exit_code == 0


def test_parse_reads_one_cell(shell: Shell) -> None:
    result = shell("parse", "entry_date", "seit 3.9.", "--today", "2025-09-15")
    assert result.stdout == "field,raw,kind,result\nentry_date,seit 3.9.,normalise,2025-09-03\n"


def test_parse_reads_a_batch_in_a_context(shell: Shell, tmp_path: Path) -> None:
    """Columns but field and raw are ignored; what a file says of today and the directory counts."""
    context = tmp_path / "context.yaml"
    context.write_text(
        "today: 2025-09-15\n"
        "organisations: [{key: jc, kind: jobcentre, name: Jobcenter Beispielstadt}]\n"
        "projects: [{key: bsp, prefix: BSP, name: Beispielprojekt}]\n"
        "contacts: [{organisation: jc, key: mueller-anna, family: Müller, given: Anna}]\n"
        "row: {organisation: jc, entry_date: 2024-09-01}\n",
        "utf-8",
    )
    batch = tmp_path / "cells.csv"
    batch.write_text(
        "note,field,raw\n"
        "a,contact_jc,Frau Mueller\n"
        "b,exit_date,01.08.2024\n"
        "c,entry_date,3.9.\n"
        "d,weekly_hours,10-15\n"
        "e,exit_date,bis auf Weiteres\n"
        "f,participant_ref,137\n"
        "g,no_such_field,x\n",
        "utf-8",
    )

    rows = list(csv.reader(io.StringIO(shell("parse", "--batch", batch, "--context", context).stdout)))

    assert rows == [
        ["field", "raw", "kind", "result"],
        ["contact_jc", "Frau Mueller", "normalise", '{"contact": "mueller-anna"}'],
        ["exit_date", "01.08.2024", "reject", "exit_before_entry"],
        ["entry_date", "3.9.", "ask", "year_missing|2025-09-03"],
        ["weekly_hours", "10-15", "ask", "number_range|[10,15]"],
        ["exit_date", "bis auf Weiteres", "normalise", "null"],
        ["participant_ref", "137", "ask", "ref_incomplete|BSP-0137-E"],
        ["no_such_field", "x", "reject", "field_unknown"],
    ]


@pytest.mark.parametrize("words", [[], ["entry_date"], ["entry_date", "x", "--batch", "y"], ["sttus", "x"]])
def test_parse_refuses_half_a_question(shell: Shell, words: list[str]) -> None:
    assert shell("parse", *words).exit_code == 2


def test_a_backup_is_a_whole_database_that_opens_with_the_same_key(own_example: Shell, tmp_path: Path) -> None:
    assert own_example("db", "backup").exit_code == 0
    (copy,) = (own_example.folder / "backups").iterdir()
    restored = Shell(tmp_path / "restored")
    restored.folder.mkdir()
    copy.rename(restored.folder / "syncsvc.db")
    (restored.folder / "encryption.key").write_bytes((own_example.folder / "encryption.key").read_bytes())

    assert restored.json("records", "list") == own_example.json("records", "list")
    assert not any((own_example.folder / "backups").iterdir()), "no draft stays behind"


def test_postgresql_is_backed_up_by_its_own_tool(shell: Shell) -> None:
    env = {
        "PATH": "",
        "SYNCSVC_DATABASE_URL": "postgresql://syncsvc@127.0.0.1:1/syncsvc",
        "SYNCSVC_ENCRYPTION_KEYS": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",
    }
    result = shell("db", "backup", env=env)
    assert result.exit_code == 2
    assert "pg_dump" in result.stderr


def test_upgrading_twice_is_fine(shell: Shell) -> None:
    assert shell("db", "upgrade").exit_code == 0
    assert "schon" in shell("db", "upgrade").stdout


def test_a_user_gets_a_link_and_a_known_one_a_new_link(shell: Shell) -> None:
    first, second = (shell("users", "add", "Projektleitung").stdout.split()[-1] for _ in range(2))
    assert first.startswith("http://127.0.0.1:8000/anmelden/")
    assert first != second


def test_the_doctor_finds_nothing_wrong_with_the_example(example: Shell) -> None:
    result = example("doctor", env={"SYNCSVC_WEB__URL": "http://127.0.0.1:9"})
    assert result.exit_code == 0, result.output


def test_the_doctor_names_a_misspelt_variable_a_short_secret_and_a_missing_file(shell: Shell) -> None:
    env = {
        "SYNCSVC_DATADIR": "x",
        "SYNCSVC_SECRET_KEY": "kurz",
        "SYNCSVC_GOOGLE__CREDENTIALS_FILE": "not-there.json",
    }
    result = shell("doctor", env=env)
    assert result.exit_code == 2
    for word in ("SYNCSVC_DATADIR", "SYNCSVC_SECRET_KEY", "not-there.json"):
        assert word in result.stdout
    assert "kurz" not in result.stdout


def test_the_doctor_says_when_the_key_is_missing(own_example: Shell) -> None:
    (own_example.folder / "encryption.key").unlink()
    result = own_example("doctor")
    assert result.exit_code == 2
    assert "Schlüssel" in result.stdout


def test_a_lost_table_makes_the_doctor_end_with_one(own_example: Shell) -> None:
    (own_example.folder / "tabellen" / "Neudorf.xlsx").unlink()
    assert own_example("doctor").exit_code == 1


def test_the_demo_refuses_another_database(tmp_path: Path) -> None:
    env = {"SYNCSVC_DATABASE_URL": f"sqlite:///{tmp_path / 'real.db'}"}
    result = Shell(tmp_path)("demo", "--dir", tmp_path / "demo", "--no-serve", env=env)
    assert result.exit_code == 2
    assert not (tmp_path / "real.db").exists()


def test_help_is_quick_because_no_command_is_imported() -> None:
    """The modules, not a clock: a busy machine must not fail this."""
    program = (
        "import sys, syncsvc.cli as c\ntry: c.cli.main(['--help'])\nexcept SystemExit: pass\nprint(sorted(sys.modules))"
    )
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = done.stdout.splitlines()[-1]
    assert not any(name in loaded for name in ("sqlalchemy", "openpyxl", "flask", "marshmallow"))
    assert time.monotonic() - started < 10


def test_the_module_runs_as_a_program(tmp_path: Path) -> None:
    """A real process: German sentence on stderr, nothing on stdout, exit code 2."""
    done = subprocess.run(
        [sys.executable, "-m", "syncsvc", "tables", "check", "nirgends"],
        env={"SYNCSVC_DATA_DIR": str(tmp_path), "PATH": "", "LC_ALL": "C"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert "Fehler: Die Tabelle „nirgends“ gibt es nicht." in done.stderr.decode("utf-8")
