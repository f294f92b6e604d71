"""Errors are one German sentence, a hint and an exit code; never a traceback, never a value."""

from __future__ import annotations

import pytest

from syncsvc.cli import failures
from syncsvc.errors import KeyMissing, NotFound, TableBusy, UsageError
from tests.cli.conftest import Shell

SECRET = "Kowalenko"


def test_a_misspelt_option_is_named_with_what_was_meant(shell: Shell) -> None:
    result = shell("sync", "--jsn")

    assert result.exit_code == 2
    assert "Die Option --jsn gibt es nicht. Meinten Sie „--json“?" in result.stderr
    assert "syncsvc sync --help" in result.stderr


def test_an_unknown_command_is_named(shell: Shell) -> None:
    result = shell("tables", "lst")

    assert result.exit_code == 2
    assert "Den Befehl „lst“ gibt es nicht." in result.stderr


def test_a_missing_argument_is_named(shell: Shell) -> None:
    result = shell("tables", "check")

    assert result.exit_code == 2
    assert "Es fehlt: TABELLE." in result.stderr


@pytest.mark.parametrize("words", [("questions", "answer", "x", "accept"), ("runs", "list", "--limit", "0")])
def test_a_value_that_does_not_fit_is_a_sentence(shell: Shell, words: tuple[str, ...]) -> None:
    result = shell(*words)

    assert result.exit_code == 2
    assert result.stderr.startswith("Fehler: Der Wert für")


@pytest.mark.parametrize(
    ("words", "name", "possible"),
    [
        (("contacts", "digest", "demir-leyla", "hourly"), "daily|weekly|off", "daily, weekly, off"),
        (("coaching", "decide", "1", "done"), "STAND", "discussed, agreed_parallel, ended, mistake"),
        (("tables", "confirm", "nord", "--side", "jc"), "--side", "project, jobcentre"),
    ],
)
def test_a_choice_that_does_not_exist_is_answered_with_those_that_do(
    shell: Shell, words: tuple[str, ...], name: str, possible: str
) -> None:
    """What was to be typed is named as the help names it."""
    error = shell(*words).stderr

    assert f"Der Wert für {name} passt nicht. Möglich sind: " in error
    assert possible in error


def test_bad_settings_are_all_named_and_end_with_two(shell: Shell) -> None:
    result = shell("tables", "list", env={"SYNCSVC_WEB__PORT": "x", "SYNCSVC_ENCRYPTION_KEYS": "x"})

    assert result.exit_code == 2
    assert "SYNCSVC_WEB__PORT" in result.stderr
    assert "SYNCSVC_ENCRYPTION_KEYS" in result.stderr


def test_what_does_not_exist_ends_with_two(shell: Shell) -> None:
    for words in (("tables", "check", "x"), ("sync", "x"), ("records", "show", "BSP-0137-E"), ("runs", "show", "1")):
        result = shell(*words)
        assert (result.exit_code, result.stdout) == (2, ""), words
        assert result.stderr.startswith("Fehler: ")


@pytest.mark.parametrize(
    ("error", "code"), [(UsageError("x"), 2), (KeyMissing(), 2), (NotFound("x"), 2), (TableBusy(), 1)]
)
def test_our_errors_bring_their_hint_and_code(error: UsageError, code: int) -> None:
    assert failures.describe(error) == (error.message, error.hint, code)


def test_of_an_unexpected_error_only_type_and_place_are_told() -> None:
    """Its text may hold a person's data."""
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        message, hint, code = failures.describe(error)

    assert code == 1
    assert "ValueError" in message
    assert "test_failures.py" in message
    assert SECRET not in message + hint
