"""``syncsvc tokens``: letting a project's own software in."""

from __future__ import annotations

from tests.cli.conftest import Shell


def test_a_token_is_made_listed_without_its_secret_and_revoked(example: Shell) -> None:
    project = example.json("records", "list")[0]["project"]
    words = ("tokens", "add", "Fallakte", "--project", project, "--scope", "runs:read", "--scope", "records:read")

    made = example.json(*words)

    assert made["token"].startswith("syncsvc_")
    assert made["scopes"] == ["records:read", "runs:read"]
    (listed,) = [token for token in example.json("tokens", "list") if token["id"] == made["id"]]
    assert (listed["name"], listed["state"], listed["used_at"]) == ("Fallakte", "valid", None)
    assert made["token"] not in str(listed)
    assert example("tokens", "revoke", made["id"]).exit_code == 0
    assert "entzogen" in example("tokens", "list", "--project", project).stdout


def test_mistakes_are_said(example: Shell) -> None:
    project = example.json("records", "list")[0]["project"]

    for words, said in (
        (("Fallakte", "--project", "gibt-es-nicht", "--scope", "runs:read"), "gibt es nicht"),
        (("Fallakte", "--project", project, "--scope", "alles"), "records:read"),
        (("Fallakte", "--project", project), "Es fehlt: [records:read"),
        (("Fallakte", "--project", project, "--scope", "runs:read", "--days", "9999"), "1 bis 730 Tage"),
    ):
        refused = example("tokens", "add", *words)
        assert refused.exit_code == 2
        assert said in refused.stderr
    assert example("tokens", "revoke", "999").exit_code == 2
