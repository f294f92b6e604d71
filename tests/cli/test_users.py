"""``syncsvc users``: who may come in."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Shell


@pytest.fixture(scope="module")
def shared(make_example) -> Shell:
    return make_example()


def names(shell: Shell) -> list[str]:
    return [one["name"] for one in shell.json("users", "list")]


def test_who_is_added_may_everything_unless_said_otherwise(shared: Shell) -> None:
    project = shared.json("records", "list")[0]["project"]
    assert shared("users", "add", "Programmbüro").exit_code == 0
    told = shared("users", "add", "Leyla Demir", "--role", "project", "--project", project)
    assert told.exit_code == 0
    assert "Anmeldelink für „Leyla Demir“ (15 Minuten, einmal gültig):\nhttp://" in told.stdout

    listed = {one["name"]: one for one in shared.json("users", "list")}

    assert listed["Programmbüro"]["grants"] == [{"role": "programme", "project": "", "jobcentre": ""}]
    (grant,) = listed["Leyla Demir"]["grants"]
    assert (grant["role"], bool(grant["project"])) == ("project", True)
    assert (listed["Leyla Demir"]["way"], listed["Leyla Demir"]["signed_in"]) == ("link", None)
    assert "Projektleitung: " in shared("users", "list").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--role", "project"], "gilt für ein Projekt"),
        (["--role", "jobcentre"], "gilt für ein Jobcenter"),
        (["--role", "project", "--project", "gibt-es-nicht"], "gibt es nicht"),
        (["--role", "root"], "programme"),
    ],
)
def test_a_role_that_cannot_be_given_adds_nobody(shared: Shell, words: list[str], said: str) -> None:
    told = shared("users", "add", "Niemand", *words)

    assert told.exit_code == 2
    assert said in told.output
    assert "Niemand" not in names(shared)


def test_somebody_known_gets_a_new_link_and_what_is_said_besides(shared: Shell) -> None:
    shared("users", "add", "Revision", "--role", "auditor")
    first, second = (shared("users", "add", "Revision").stdout.split()[-1] for _ in range(2))
    assert first != second
    assert [g["role"] for one in shared.json("users", "list") if one["name"] == "Revision" for g in one["grants"]] == [
        "auditor"
    ], "a new link gives no more than she had"

    shared("users", "add", "Revision", "--role", "programme")
    assert [len(one["grants"]) for one in shared.json("users", "list") if one["name"] == "Revision"] == [2]


def test_locking_ending_sessions_and_removing(shared: Shell) -> None:
    shared("users", "add", "Vertretung")

    assert "überall abgemeldet" in shared("users", "end-sessions", "Vertretung").stdout
    assert "gesperrt" in shared("users", "lock", "Vertretung").stdout
    assert [one["locked"] for one in shared.json("users", "list") if one["name"] == "Vertretung"] == [True]
    refused = shared("users", "add", "Vertretung")
    assert (refused.exit_code, "gesperrt" in refused.output) == (2, True)
    assert "wieder offen" in shared("users", "unlock", "Vertretung").stdout
    assert "gelöscht" in shared("users", "remove", "Vertretung").stdout
    assert "Vertretung" not in names(shared)
    assert shared("users", "lock", "Vertretung").exit_code == 2


def test_the_last_lead_stays(shell: Shell) -> None:
    shell("users", "add", "Leitung")
    for command in ("lock", "remove"):
        told = shell("users", command, "Leitung")
        assert (told.exit_code, "letzte Zugang der Programmleitung" in told.output) == (2, True)
    assert names(shell) == ["Leitung"]


@pytest.mark.parametrize("command", ["add", "list", "lock", "unlock", "end-sessions", "remove"])
def test_every_command_shows_an_example(shell: Shell, command: str) -> None:
    assert f"syncsvc users {command}" in shell("users", command, "--help").output.split("Beispiel")[1]
