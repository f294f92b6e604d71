"""What the pages for the monthly meeting and for letters can do, commands can do too."""

from __future__ import annotations

import re

from tests.cli.conftest import Shell


def test_a_side_is_confirmed_and_the_review_says_so(own_example: Shell) -> None:
    """By the command, and in the JSON that scripts read."""
    key = own_example.json("tables", "list")[0]["key"]

    done = own_example("tables", "confirm", key, "--side", "jobcentre")

    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Das Jobcenter bestätigt den Stand ")
    review = own_example.json("tables", "review", key)
    assert review["table"] == key
    assert [(one["side"], one["last"] is None) for one in review["standings"]] == [
        ("project", True),
        ("jobcentre", False),
    ]
    assert review["rows"] > 0
    told = own_example("tables", "review", key).stdout
    assert "Das Projekt hat bestätigt: noch nie" in told
    assert re.search(r"Das Jobcenter hat bestätigt: \d\d/\d{4} am \d\d\.", told)


def test_a_month_to_come_is_a_usage_error(own_example: Shell) -> None:
    """One sentence and a hint."""
    key = own_example.json("tables", "list")[0]["key"]
    done = own_example("tables", "confirm", key, "--side", "project", "--month", "12/2099")
    assert done.exit_code == 2
    assert "Dieser Monat hat noch nicht begonnen." in done.stderr


def test_letters_are_switched_on_for_a_person_and_previewed(own_example: Shell) -> None:
    """Nothing happened: nothing would be told."""
    assert "Niemand wird benachrichtigt." in own_example("contacts", "digest").stdout
    people = [one for one in own_example.json("contacts", "list") if one["email"]]

    said = own_example("contacts", "digest", people[0]["key"], "weekly")

    assert "kommt montags" in said.stdout
    (letter,) = own_example.json("contacts", "digest")
    assert (letter["contact"], letter["rhythm"], letter["parts"]) == (people[0]["key"], "weekly", [])
    assert own_example("contacts", "digest", people[0]["key"]).exit_code == 2, "how often?"
