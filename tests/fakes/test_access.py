"""Who gets in, what Drive tells, and how much one account may ask: sections 6 and 7 of the facts."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import requests
from google.auth import crypt, jwt

from tests.fakes.conftest import SCOPES, Api
from tests.fakes.google.drive import LINK, permission_id
from tests.fakes.google.people import Person
from tests.fakes.google.tokens import GRANT, Account, make_key
from tests.fakes.sheets_server import OWNER, SheetsServer


@pytest.fixture
def changes(server: SheetsServer, api: Api) -> Any:
    """A function that asks Drive for the feed since a token, or for a token to start with."""

    def ask(token: str | None = None, **query: Any) -> Any:
        path = "changes" if token else "changes/startPageToken"
        parameters = {"pageToken": token, **query} if token else query
        return api.session.get(f"{server.url}/drive/v3/{path}", params=parameters, timeout=5).json()

    return ask


# Tokens


def ask_for_token(account: Account, tmp_path: Path, **claims: Any) -> requests.Response:
    """Ask the token endpoint with an assertion signed by the account's key file."""
    now = int(time.time())
    payload = {"iss": account.email, "aud": account.token_uri, "iat": now, "exp": now + 3600, "scope": SCOPES[0]}
    assertion = signed(account.key_file(tmp_path / "key.json"), payload | claims)
    return requests.post(account.token_uri, data={"grant_type": GRANT, "assertion": assertion}, timeout=5)


def signed(key_file: Path, claims: dict[str, Any]) -> bytes:
    """The assertion google-auth makes of these claims."""
    signer = crypt.RSASigner.from_service_account_file(str(key_file))  # type: ignore[no-untyped-call]  # google-auth's types are partial
    assertion: bytes = jwt.encode(signer, claims)  # type: ignore[no-untyped-call]  # as above
    return assertion


def test_a_signed_assertion_is_exchanged_for_a_token(account: Account, tmp_path: Path) -> None:
    answer = ask_for_token(account, tmp_path).json()

    assert answer["token_type"] == "Bearer"
    assert 0 < answer["expires_in"] <= 3600


@pytest.mark.parametrize(
    ("claims", "error", "words"),
    [
        ({"iss": "niemand@beispiel.example"}, "invalid_grant", "account not found"),
        ({"aud": "https://anderswo.example"}, "invalid_grant", "audience"),
        ({"iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600}, "invalid_grant", "reasonable timeframe"),
        ({"iat": int(time.time()) + 1800, "exp": int(time.time()) + 5400}, "invalid_grant", "reasonable timeframe"),
        ({"exp": int(time.time()) + 86400}, "invalid_grant", "reasonable timeframe"),
        ({"scope": "erfunden"}, "invalid_scope", "scope"),
    ],
)
def test_assertions_are_checked(account: Account, tmp_path: Path, claims: Any, error: str, words: str) -> None:
    response = ask_for_token(account, tmp_path, **claims)

    assert response.status_code == 400
    assert response.json()["error"] == error
    assert words in response.json()["error_description"]


def test_a_wrong_or_revoked_key_signs_nothing(account: Account, tmp_path: Path) -> None:
    own = account.key
    account.key = make_key(1)
    path = account.key_file(tmp_path / "key.json")
    account.key = own
    now = int(time.time())
    claims = {"iss": account.email, "aud": account.token_uri, "iat": now, "exp": now + 3600, "scope": SCOPES[0]}
    data = {"grant_type": GRANT, "assertion": signed(path, claims)}

    assert (
        requests.post(account.token_uri, data=data, timeout=5).json()["error_description"] == "Invalid JWT Signature."
    )

    account.revoked = True

    assert ask_for_token(account, tmp_path).json()["error_description"] == "Invalid JWT Signature."


def test_tokens_run_out_and_are_renewed_by_the_client(server: SheetsServer, signing_api: Api) -> None:
    signing_api.get()
    server.clock.advance(3600)
    signing_api.get()

    assert server.token_requests == 2
    assert [each.status for each in server.log] == [200, 401, 200]


def test_without_a_token_there_is_nothing(server: SheetsServer, api: Api) -> None:
    response = requests.get(f"{server.url}/v4/spreadsheets/{api.file.document.id}", timeout=5)

    assert response.status_code == 401
    assert response.json()["error"]["status"] == "UNAUTHENTICATED"


def test_reading_rights_do_not_write(server: SheetsServer, account: Account, api: Api, tmp_path: Path) -> None:
    token = ask_for_token(account, tmp_path, scope=SCOPES[0] + ".readonly").json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    address = f"{server.url}/v4/spreadsheets/{api.file.document.id}"

    assert requests.get(address, headers=headers, timeout=5).status_code == 200
    response = requests.post(f"{address}:batchUpdate", json={}, headers=headers, timeout=5)
    assert response.status_code == 403
    assert response.json()["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    search = requests.post(f"{address}/developerMetadata:search", json={}, headers=headers, timeout=5)
    assert search.status_code == 403


# Sharing


def test_who_has_no_share_is_refused_by_sheets_and_sees_no_file_in_drive(
    server: SheetsServer, account: Account, api: Api
) -> None:
    server.person(OWNER, api.file).withdraw(account.email)

    response = api.call("GET", "")
    assert (response.status_code, response.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
    response = api.session.get(f"{server.url}/drive/v3/files/{api.file.document.id}", timeout=5)
    assert (response.status_code, response.json()["error"]["errors"][0]["reason"]) == (404, "notFound")


def test_a_reader_reads_and_does_not_write(server: SheetsServer, account: Account, api: Api) -> None:
    server.person(OWNER, api.file).share(account.email, "reader")

    assert api.get()
    response = api.call("POST", ":batchUpdate", json={"requests": [{"addSheet": {}}]})
    assert response.status_code == 403
    seen = api.drive(fields="capabilities.canEdit,permissions,permissionIds")
    assert seen == {"capabilities": {"canEdit": False}}


def test_a_deleted_file_is_gone_and_a_trashed_one_is_not(server: SheetsServer, api: Api) -> None:
    owner = server.person(OWNER, api.file)
    owner.trash()

    assert api.get()
    assert api.drive(fields="trashed") == {"trashed": True}

    owner.delete_file()

    response = api.call("GET", "")
    assert (response.status_code, response.json()["error"]["message"]) == (404, "Requested entity was not found.")


def test_drive_shows_a_link_for_anyone_and_the_last_editor(server: SheetsServer, api: Api, anna: Person) -> None:
    anna.type("A1", "x")
    before = api.drive(fields="permissionIds,lastModifyingUser(emailAddress,me)")
    server.person(OWNER, api.file).share_with_anyone()
    after = api.drive(fields="permissionIds,permissions(id,type,role)")

    assert LINK not in before["permissionIds"]
    assert before["lastModifyingUser"] == {"emailAddress": anna.who, "me": False}
    assert LINK in after["permissionIds"]
    assert {"id": LINK, "type": "anyone", "role": "reader"} in after["permissions"]
    assert permission_id(OWNER) in after["permissionIds"]


def test_without_a_mask_drive_tells_little(api: Api) -> None:
    assert set(api.drive()) == {"kind", "id", "name", "mimeType"}


# Versions


def test_the_version_rises_with_every_change_also_ones_own(api: Api, anna: Person) -> None:
    versions = [int(api.drive(fields="version")["version"])]
    for act in (
        lambda: anna.type("A1", "x"),
        lambda: anna.rename_file("Neu"),
        lambda: api.batch({"addSheet": {}}),
        anna.share_with_anyone,
    ):
        act()
        versions.append(int(api.drive(fields="version")["version"]))

    assert versions == sorted(set(versions))
    assert api.drive(fields="version") == {"version": str(versions[-1])}


def test_peoples_edits_show_late_and_together(server: SheetsServer, api: Api, anna: Person) -> None:
    server.lag(180)
    before = api.drive(fields="version,lastModifyingUser")
    anna.type("A1", "x")
    server.clock.advance(100)
    anna.type("A1", "y")
    server.clock.advance(79)

    assert api.drive(fields="version,lastModifyingUser") == before
    assert api.values("A1") == [["y"]]

    server.clock.advance(1)
    shown = api.drive(fields="version")["version"]

    assert int(shown) > int(before["version"])

    server.clock.advance(180)

    assert api.drive(fields="version")["version"] == shown


def test_the_feed_tells_every_change_once_with_the_newest_state(
    server: SheetsServer, account: Account, changes: Any, api: Api, anna: Person
) -> None:
    other = server.spreadsheet(share=account)
    token = changes()["startPageToken"]
    anna.type("A1", "x")
    server.person(OWNER, other).withdraw(account.email)
    anna.rename_file("Neu")
    answer = changes(token, fields="changes(fileId,removed,file(name)),newStartPageToken")

    assert answer["changes"] == [
        {"fileId": other.document.id, "removed": True},
        {"fileId": api.file.document.id, "removed": False, "file": {"name": "Neu"}},
    ]
    assert changes(answer["newStartPageToken"])["changes"] == []


def test_the_feed_comes_in_pages_and_hides_other_peoples_files(
    server: SheetsServer, account: Account, changes: Any
) -> None:
    token = changes()["startPageToken"]
    server.spreadsheet()
    shared = {server.spreadsheet(share=account).document.id for _ in range(3)}
    seen: list[str] = []
    while token:
        answer = changes(token, pageSize=2)
        seen += [change["fileId"] for change in answer["changes"]]
        token = answer.get("nextPageToken")

    assert sorted(seen) == sorted(shared)


def test_a_page_token_is_required(server: SheetsServer, api: Api) -> None:
    response = api.session.get(f"{server.url}/drive/v3/changes", timeout=5)

    assert response.status_code == 400
    assert response.json()["error"]["errors"][0]["reason"] == "required"


# Quota


def test_a_minute_has_sixty_reads_and_sixty_writes_and_drive_is_not_counted(server: SheetsServer, api: Api) -> None:
    server.quota.reads = server.quota.writes = 2
    while server.clock.now().second > 55:
        server.clock.advance(1)
    for _ in range(2):
        api.get(fields="spreadsheetId")
        api.batch({"addSheet": {}})
    refused = api.call("GET", "")
    error = refused.json()["error"]

    assert (refused.status_code, error["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert "'Read requests per minute per user'" in error["message"]
    assert error["details"][0]["reason"] == "RATE_LIMIT_EXCEEDED"
    assert error["details"][0]["metadata"]["quota_limit"] == "ReadRequestsPerMinutePerUser"
    assert "Retry-After" not in refused.headers
    assert api.call("POST", ":batchUpdate", json={"requests": []}).status_code == 429
    assert api.drive()

    server.clock.advance(60)

    assert api.get(fields="spreadsheetId")


def test_each_account_has_its_own_minute(server: SheetsServer) -> None:
    assert server.quota.reads == server.quota.writes == 60
    server.quota.take("eins@beispiel.example", "read")
    server.quota.reads = 1

    server.quota.take("zwei@beispiel.example", "read")
