"""What the doctor finds from outside: each thing that can be wrong, in a sentence with its next step."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from syncsvc import settings, wiring
from syncsvc.errors import Actor
from syncsvc.services.runtime import Runtime
from syncsvc.store import heartbeats, notices, pauses
from syncsvc.web import create_app
from tests.cli.conftest import Shell
from tests.factories import KEY
from tests.notifiers.mailserver import mail_server
from tests.serving import serving

NOBODY = "http://127.0.0.1:9"
"""The discard port: nobody answers there."""


@pytest.fixture
def rt(shell: Shell) -> Iterator[Runtime]:
    """The runtime of an empty data folder."""
    found = wiring.build(settings.load(shell.folder, env={}))
    yield found
    found.database.dispose()


def wrong(shell: Shell, **env: str) -> tuple[int, str]:
    """The exit code and the lines of what is not fine."""
    result = shell("doctor", env={"SYNCSVC_WEB__URL": NOBODY, **env})
    lines = result.stdout.splitlines()
    found = [number for number, line in enumerate(lines) if line.startswith("FEHLT")]
    return result.exit_code, "\n".join("\n".join(lines[number : number + 2]) for number in found)


def test_a_fresh_folder_is_fine(shell: Shell, rt: Runtime) -> None:
    assert wrong(shell) == (0, "")


@pytest.mark.postgres
@pytest.mark.parametrize("url", ["postgres"], indirect=True)
def test_postgres_without_and_with_all_that_it_needs(shell: Shell, url: str) -> None:
    """Nothing of it is made by itself: the doctor says what is missing."""
    given = {"SYNCSVC_DATABASE_URL": url}
    code, text = wrong(shell, **given)
    assert code == 2
    assert "SYNCSVC_ENCRYPTION_KEYS" in text

    given["SYNCSVC_ENCRYPTION_KEYS"] = b64encode(KEY).decode()
    code, text = wrong(shell, **given)
    assert code == 2
    assert "SYNCSVC_SECRET_KEY" in text

    given |= {"SYNCSVC_SECRET_KEY": "0" * 32, "SYNCSVC_WEB__URL": NOBODY, "SYNCSVC_DATA_DIR": str(shell.folder)}
    command = [sys.executable, "-m", "syncsvc", "doctor"]  # a process of its own, which takes its connections along
    done = subprocess.run(command, env={**os.environ, **given}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "auf dem Stand des Programms: PostgreSQL" in done.stdout


def test_ticks_that_stopped(shell: Shell, rt: Runtime) -> None:
    with rt.database.write() as session:
        heartbeats.beat(session, heartbeats.TICK, "maschine:1:1", datetime.now(UTC) - timedelta(minutes=20))

    code, text = wrong(shell)

    assert code == 1
    assert "seit 20 Minuten nicht gemeldet" in text
    assert "syncsvc serve" in text


def test_tidying_that_fails_day_after_day(shell: Shell, rt: Runtime) -> None:
    """Nothing else would tell that database and copies grow."""
    for days, code in ((1, 0), (3, 1)):
        with rt.database.write() as session:
            heartbeats.beat(session, heartbeats.TIDY, "maschine:1:1", datetime.now(UTC) - timedelta(days=days))

        found, text = wrong(shell)

        assert found == code
        assert ("Aufräumen ist seit 3 Tagen" in text) == bool(code)


def test_ticks_that_go_on_name_their_machine(shell: Shell, rt: Runtime) -> None:
    with rt.database.write() as session:
        heartbeats.beat(session, heartbeats.TICK, "maschine:1:1", datetime.now(UTC))

    assert "läuft auf „maschine“" in shell("doctor").stdout


def test_a_resting_account_and_a_notice_that_does_not_get_away(shell: Shell, rt: Runtime) -> None:
    now = datetime.now(UTC)
    with rt.database.write() as session:
        pauses.put(session, "google:4711", since=now, until=now + timedelta(hours=1), strikes=1)
        notices.add(session, audience=Actor.OPERATOR, code="x", text="Die Platte ist voll.", now=now)
    for attempt in range(3):
        with rt.database.write() as session:
            notices.claim(session, [1], f"b{attempt}", now)

    code, text = wrong(shell)

    assert code == 1
    assert "Das Konto google:4711 ruht bis" in text
    assert "Mitteilungen, die sich nicht zustellen lassen: 1." in text


def test_a_mail_server_that_is_away_and_one_that_answers(shell: Shell, rt: Runtime) -> None:
    mail = {
        "SYNCSVC_MAIL__SERVER": "127.0.0.1",
        "SYNCSVC_MAIL__TLS": "none",
        "SYNCSVC_MAIL__SENDER": "tabellenabgleich@traeger.example",
        "SYNCSVC_MAIL__OPERATOR": "betrieb@traeger.example",
        "SYNCSVC_MAIL__PASSWORD": "geheim-4711",
    }
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        code, text = wrong(shell, SYNCSVC_MAIL__PORT=str(taken.getsockname()[1]), **mail)
    assert code == 1
    assert "Der Mailserver 127.0.0.1" in text
    assert "geheim-4711" not in text

    with mail_server() as server:
        assert wrong(shell, SYNCSVC_MAIL__PORT=str(server.port), **mail) == (0, "")


def test_a_key_that_others_can_read(shell: Shell, rt: Runtime) -> None:
    (shell.folder / wiring.KEY_FILE).chmod(0o644)

    code, text = wrong(shell)

    assert code == 2
    assert "für andere Konten lesbar" in text
    assert "chmod 600" in text


def test_a_full_disk(shell: Shell, rt: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 10 * 2**20}))

    code, text = wrong(shell)

    assert code == 1
    assert "10 MB frei" in text


def test_web_pages_that_answer_tell_their_health(shell: Shell, rt: Runtime) -> None:
    with serving(create_app(rt, secret_key="not secret")) as address:
        assert wrong(shell, SYNCSVC_WEB__URL=address) == (0, "")
        with rt.database.write() as session:
            heartbeats.beat(session, heartbeats.TICK, "maschine:1:1", datetime.now(UTC) - timedelta(hours=1))
        code, text = wrong(shell, SYNCSVC_WEB__URL=address)
        assert code == 1
        assert f"Die Webseiten unter {address} sind nicht bereit." in text
        assert "etwas anderes" in wrong(shell, SYNCSVC_WEB__URL=f"{address}/anmelden/x")[1]


GRANTS = """
[[login.oidc.grants]]
value = "leitung"
role = "programme"
[[login.oidc.grants]]
value = "team"
role = "project"
project = "gibt-es-nicht"
"""


def test_an_openid_provider_is_asked_who_it_is(shell: Shell, rt: Runtime) -> None:
    """Away, called otherwise, and right; and what its roles grant has to be there."""
    provider = Flask("provider")
    said: dict[str, str] = {}
    provider.add_url_rule("/.well-known/openid-configuration", view_func=lambda: said)
    (shell.folder / "syncsvc.toml").write_text(GRANTS, "utf-8")
    with serving(provider) as address:
        env = {"SYNCSVC_LOGIN__OIDC__ISSUER": address, "SYNCSVC_LOGIN__OIDC__CLIENT_ID": "x"}
        assert f"unter {address} antwortet nicht" in wrong(shell, **env)[1]
        said["issuer"] = f"{address}/"
        assert f"nennt sich selbst {address}/" in wrong(shell, **env)[1]
        said["issuer"] = address
        code, text = wrong(shell, **env)
    assert (code, "project = „gibt-es-nicht“; das gibt es hier nicht" in text) == (2, True)
    assert "Anmeldedienst unter" not in text
