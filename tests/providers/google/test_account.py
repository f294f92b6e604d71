"""The service's own account: what is wrong with a key is said in a sentence, and the key itself never."""

from __future__ import annotations

import json
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from syncsvc.errors import CredentialsRefused, PlatformBusy, TableError
from syncsvc.providers.google.account import Account
from syncsvc.providers.google.table import GoogleTable
from syncsvc.providers.http import Patience
from tests.fakes.google import faults
from tests.providers.google.conftest import TAB, Google

HEADER = ["TN-Nr.", "Name"]


def refused(table: GoogleTable) -> CredentialsRefused:
    with pytest.raises(CredentialsRefused) as raised:
        table.version()
    text = "".join(traceback.format_exception(raised.value)) + raised.value.hint
    assert "PRIVATE KEY" not in text
    assert raised.value.hint
    return raised.value


def opened(google: Google, key_file: Path | None) -> GoogleTable:
    account = Account(key_file, google.server.url)
    return GoogleTable(account, google.file(HEADER).document.id, worksheet=TAB, patience=Patience(sleep=lambda _: None))


def test_a_missing_key_file_is_named(google: Google, tmp_path: Path) -> None:
    error = refused(opened(google, tmp_path / "weg.json"))

    assert error.message == f"Die Schlüsseldatei {tmp_path / 'weg.json'} ist nicht lesbar."


@pytest.mark.parametrize(
    "content",
    ["", "kein JSON", "[]", '{"installed": {"client_id": "1", "client_secret": "geheim"}}', '{"client_email": 7}'],
)
def test_a_file_that_is_no_key_is_named(google: Google, tmp_path: Path, content: str) -> None:
    path = tmp_path / "falsch.json"
    path.write_text(content, "utf-8")
    error = refused(opened(google, path))

    assert error.message == f"Die Datei {path} ist kein Schlüssel eines Dienstkontos."
    assert "geheim" not in "".join(traceback.format_exception(error))


def test_a_broken_key_is_no_key(google: Google, tmp_path: Path) -> None:
    key = json.loads(google.key_file.read_text("utf-8"))
    path = tmp_path / "kaputt.json"
    path.write_text(json.dumps({**key, "private_key": key["private_key"].replace("A", "B")}), "utf-8")

    assert "kein Schlüssel" in refused(opened(google, path)).message


def test_no_account_at_all_is_said(google: Google, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")

    assert refused(opened(google, None)).message == "Für Google ist kein Konto eingerichtet."


def test_without_a_key_file_the_machines_own_sign_in_counts(google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    """Application default credentials."""
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(google.key_file))
    file = google.file(HEADER)
    table = GoogleTable(Account(None, google.server.url), file.document.id, worksheet=TAB)

    assert table.read().rows[0].cells == tuple(HEADER)
    assert table.credential == "google:default"


def test_a_revoked_key_is_said_and_a_new_one_taken_without_a_restart(google: Google) -> None:
    robot = google.server.tokens.accounts[google.address]
    robot.revoked = True
    table = google.table(google.file(HEADER))
    error = refused(table)
    assert google.address in error.message

    robot.revoked = False
    assert table.version()


def test_a_wrong_clock_is_named(google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    behind = datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=3)
    monkeypatch.setattr("google.auth._helpers.utcnow", lambda: behind)

    assert "Uhr" in refused(google.table(google.file(HEADER))).message


def test_a_token_that_ran_out_is_renewed_once(google: Google) -> None:
    table = google.table(google.file(HEADER))
    table.version()
    google.server.tokens.expire_all()
    table.read()

    assert google.server.token_requests == 2
    assert table.requests.meta == 3  # the refused one counts as well


def test_a_token_endpoint_that_is_away_is_waited_for(google: Google, tmp_path: Path) -> None:
    """And nothing counts: nothing was asked of the platform."""
    key = json.loads(google.key_file.read_text("utf-8"))
    path = tmp_path / "weit-weg.json"
    path.write_text(json.dumps({**key, "token_uri": "http://127.0.0.1:9/token"}), "utf-8")
    table = opened(google, path)
    with pytest.raises(PlatformBusy, match="Anmeldung"):
        table.version()

    assert table.requests.meta == 0


@pytest.mark.parametrize(
    "fault", [faults.error(502), faults.html(), faults.truncate()], ids=["gateway", "sign-in page", "half an answer"]
)
def test_what_stands_between_is_not_taken_for_a_refused_key(google: Google, fault: faults.Fault) -> None:
    """Only the token endpoint itself refuses a key, in its own words; nobody is sent to make a new one."""
    table = google.table(google.file(HEADER))
    google.server.fault("token", fault)

    assert table.version()

    google.server.tokens.expire_all()
    google.server.fault("token", fault, times=None)
    with pytest.raises(PlatformBusy, match="Anmeldung"):
        table.version()


def test_a_token_endpoint_whose_certificate_nobody_knows_is_said_at_once(
    google: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unverified(*_: object, **__: object) -> object:
        raise requests.exceptions.SSLError("CERTIFICATE_VERIFY_FAILED")

    monkeypatch.setattr("syncsvc.providers.http.Session.send", unverified)
    table = google.table(google.file(HEADER))
    with pytest.raises(PlatformBusy, match="Verschlüsselung") as raised:
        table.version()

    assert "REQUESTS_CA_BUNDLE" in raised.value.hint


def test_a_platform_that_is_not_there_is_busy(google: Google) -> None:
    account = Account(google.key_file, "http://127.0.0.1:9")
    table = GoogleTable(account, "1AbC", worksheet=TAB, patience=Patience(sleep=lambda _: None))
    with pytest.raises(TableError, match="nicht erreichbar"):
        table.version()


def test_tables_of_one_account_name_the_same_credential(google: Google) -> None:
    """A robot's address, no person's; all of its tables wait when one is throttled."""
    tables = [google.table(google.file(HEADER)) for _ in range(2)]

    assert {table.credential for table in tables} == {f"google:{google.address}"}
