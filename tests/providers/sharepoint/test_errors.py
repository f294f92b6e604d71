"""What Graph refuses is decided by codes and said in German; nothing of an answer's text comes through."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests

from syncsvc.errors import (
    CredentialsRefused,
    PlatformBusy,
    PlatformRejected,
    PlatformThrottled,
    SyncsvcError,
    TableError,
    TableForbidden,
    TableLocked,
    TableNotFound,
    TableReadOnly,
)
from syncsvc.providers.http import Trouble
from syncsvc.providers.sharepoint.errors import (
    Expired,
    Kind,
    Rejected,
    SessionLost,
    TooLarge,
    lock_told,
    refusal,
)

SECRET = "Anna Probe is editing this workbook."


def answer(status: int, code: str = "", inner: str = "", **headers: str) -> requests.Response:
    """What Graph answers: the codes of both levels, and a text that must never be looked at."""
    response = requests.Response()
    response.status_code = status
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    nested = {"code": inner, "message": SECRET} if inner else {}
    error = {"code": code, "message": SECRET, "innerError": {**nested, "date": "2026-11-22T13:10:05"}}
    response._content = json.dumps({"error": error}).encode() if code else b"<html>Bad Gateway</html>"
    return response


def meant(response: requests.Response, kind: Kind = "read", roles: frozenset[str] | None = None) -> Exception:
    error = refusal(response, kind, roles)
    ours = error.error if isinstance(error, Trouble) else error
    if isinstance(ours, SyncsvcError):
        assert SECRET not in ours.message + ours.hint
    return error


def waiting(response: requests.Response, kind: Kind = "read") -> Trouble:
    error = meant(response, kind)
    assert isinstance(error, Trouble)
    return error


@pytest.mark.parametrize(
    ("status", "code", "inner", "expected"),
    [
        (423, "notAllowed", "resourceLocked", TableLocked),
        (423, "locked", "", TableLocked),
        (409, "EditModeCannotAcquireLock", "accessConflict", TableLocked),
        (409, "Conflict", "editModeCannotAcquireLock", TableLocked),
        (404, "itemNotFound", "invalidSessionReCreatable", SessionLost),
        (404, "ItemNotFound", "itemNotFound", TableNotFound),
        (410, "resyncRequired", "", TableNotFound),
        (401, "FileOpenUserUnauthorized", "unauthorizedUncategorized", TableForbidden),
        (401, "InvalidAuthenticationToken", "", Expired),
        (403, "OpenWorkbookAccessDenied", "forbiddenUncategorized", TableForbidden),
        (403, "AccessDenied", "", TableForbidden),
        (400, "ResponsePayloadSizeLimitExceeded", "responsePayloadSizeLimitExceeded", TooLarge),
        (413, "RequestPayloadSizeLimitExceeded", "payloadTooLargeUncategorized", TooLarge),
        (413, "payloadTooLarge", "", TooLarge),
        (507, "insufficientStorage", "", TableReadOnly),
        (400, "InvalidArgument", "invalidArgument", Rejected),
        (409, "InsertDeleteConflict", "insertDeleteConflict", Rejected),
        (501, "notImplemented", "", Rejected),
    ],
)
def test_codes_decide(status: int, code: str, inner: str, expected: type[Exception]) -> None:
    """The second level first, then the top, then the status (page "Error handling for Excel APIs")."""
    assert type(meant(answer(status, code, inner))) is expected


@pytest.mark.parametrize("code", ["EDITMODECANNOTACQUIRELOCK", "editModeCannotAcquireLock"])
def test_codes_have_no_case(code: str) -> None:
    assert isinstance(meant(answer(409, code)), TableLocked)


def test_a_session_that_must_not_be_made_again_is_a_wait() -> None:
    error = meant(answer(404, "itemNotFound", "invalidSessionAccessConflict"))

    assert type(error) is PlatformBusy


def test_what_was_rejected_keeps_its_codes() -> None:
    error = meant(answer(409, "FilteredRangeConflict", "filteredRangeConflict"), "write")

    assert isinstance(error, Rejected)
    assert error.codes == {"filteredrangeconflict"}


def test_throttling_rests_the_application() -> None:
    """For as long as Graph says, in seconds."""
    trouble = waiting(answer(429, "TooManyRequests", "tooManyRequestsUncategorized", Retry_After="17"), "write")

    assert isinstance(trouble.error, PlatformThrottled)
    assert (trouble.error.retry_after, trouble.uncertain) == (17.0, False)


def test_a_wait_may_be_a_date() -> None:
    at = datetime.now(UTC) + timedelta(seconds=30)
    trouble = waiting(answer(503, "serviceUnavailable", Retry_After=format_datetime(at, usegmt=True)))

    assert trouble.error.retry_after == pytest.approx(30, abs=2)


def test_a_crowded_workbook_rests_alone() -> None:
    """Too many at one workbook is nothing that other workbooks of the application have to wait for."""
    crowded = answer(429, "EditModeCannotAcquireLockTooManyRequests", "tooManyRequestsUncategorized", Retry_After="15")
    trouble = waiting(crowded, "write")

    assert type(trouble.error) is PlatformBusy
    assert (trouble.error.retry_after, trouble.uncertain) == (15.0, False)


@pytest.mark.parametrize(
    ("response", "uncertain"),
    [
        (answer(504, "MaxRequestDurationExceeded", "gatewayTimeoutUncategorized"), True),
        (answer(500, "internalServerError", "internalServerErrorUncategorized"), True),
        (answer(502), True),
        (answer(503), True),
        (answer(503, "serviceUnavailable", "serviceUnavailableUncategorized"), False),
        (answer(403), True),
        (answer(404), True),
    ],
)
def test_whether_a_write_landed_stays_open(response: requests.Response, uncertain: bool) -> None:
    """A gateway does not know what Graph did; Graph saying "not now" means that nothing was done."""
    trouble = waiting(response, "write")

    assert type(trouble.error) is PlatformBusy
    assert trouble.uncertain is uncertain


def test_rights_are_explained_by_what_was_asked() -> None:
    denied = answer(403, "AccessDenied", "accessDenied")

    assert isinstance(meant(denied, "meta"), TableForbidden)
    assert isinstance(meant(denied, "read"), TableForbidden)
    assert isinstance(meant(denied, "write"), TableReadOnly)


def test_a_site_that_was_not_granted_is_named() -> None:
    error = meant(answer(403, "accessDenied"), "meta", frozenset({"Sites.Selected"}))

    assert isinstance(error, TableForbidden)
    assert error.message == "Die Anwendung darf nur ausgewählte Sites öffnen, und diese ist ihr nicht erteilt."


def test_a_missing_consent_is_named() -> None:
    error = meant(answer(403, "accessDenied"), "meta", frozenset())

    assert isinstance(error, CredentialsRefused)
    assert error.message == "Der Anwendung fehlt die Zustimmung eines Administrators."


def test_who_checked_a_workbook_out_is_told() -> None:
    facts = {"publication": {"level": "checkout", "checkedOutBy": {"user": {"displayName": "Anna Probe"}}}}

    assert lock_told(facts).message == "Die Mappe ist von Anna Probe ausgecheckt; der Abgleich wartet."


def test_who_saved_last_is_told_in_local_time() -> None:
    """13:10 UTC is 14:10 in Berlin in winter."""
    facts = {"lastModifiedDateTime": "2026-11-22T13:10:05Z", "lastModifiedBy": {"user": {"displayName": "Anna Probe"}}}

    assert lock_told(facts).message == (
        "Die Mappe ist gerade gesperrt; der Abgleich wartet, bis sie frei ist. "
        "Zuletzt hat Anna Probe sie am 22.11. um 14:10 Uhr geändert."
    )


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"publication": {"level": "published"}, "lastModifiedBy": {"application": {"displayName": "syncsvc"}}},
        {"lastModifiedBy": {"user": {}}, "lastModifiedDateTime": "gestern"},
    ],
)
def test_nobody_is_named_where_graph_tells_nobody(facts: dict[str, object]) -> None:
    assert lock_told(facts).message == "Die Mappe ist gerade gesperrt; der Abgleich wartet, bis sie frei ist."


def test_every_refusal_is_one_of_ours_with_a_next_step() -> None:
    """Nothing is left without words: what has no hint says itself what happens."""
    for status in (400, 402, 403, 404, 405, 406, 409, 410, 412, 413, 415, 416, 422, 423, 429, 500, 501, 507, 509):
        error = meant(answer(status, "somethingNew", "somethingNewer"), "write")
        assert isinstance(error, TableError | Trouble), status
        assert isinstance(error, Trouble | PlatformRejected) or error.hint, status
