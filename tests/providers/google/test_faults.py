"""Whatever happens on the way, at whichever request: a read is whole, a write lands once, and nothing hangs."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from syncsvc.core.model import Snapshot
from syncsvc.errors import (
    CredentialsRefused,
    PlatformBusy,
    PlatformThrottled,
    SyncsvcError,
    TableForbidden,
    TableMoved,
    TableNotFound,
    WriteUncertain,
)
from syncsvc.ports.tables import Landed
from syncsvc.providers.google.marks import KEPT
from tests.fakes.google import faults, refusals
from tests.fakes.google.drive import File
from tests.fakes.google.faults import Fault
from tests.providers.conformance import patch
from tests.providers.google.conftest import ANNA, Google

HEADER = ["TN-Nr.", "Name"]
KATYA = ["BSP-0001-A", "Probe, Katya"]
WRITTEN = [HEADER, ["BSP-0001-A", "Neu"], ["BSP-0002-8", "Muster, Amina"]]

DISABLED = (
    "Google Sheets API has not been used in project 123456789012 before or it is disabled. Enable it by visiting "
    "https://console.developers.google.com/apis/api/sheets.googleapis.com/overview?project=123456789012 then retry."
)
SCOPES = "Request had insufficient authentication scopes."


def plain(code: int, message: str) -> dict[str, object]:
    """An error without ``details``, which Google leaves out at times."""
    return {"error": {"code": code, "message": message, "status": refusals.STATUS[code]}}


PASSING: dict[str, Fault] = {
    "dropped before": faults.drop(processed=False),
    "dropped after": faults.drop(processed=True),
    **{f"{status} before": faults.error(status) for status in (500, 502, 503, 504)},
    **{f"{status} after": faults.error(status, processed=True) for status in (500, 502, 503, 504)},
    "503 with a time": faults.error(503, retry_after=7),
    "cut off": faults.cut(),
    "half an answer": faults.truncate(),
    "a page before": faults.html(processed=False),
    "a page after": faults.html(processed=True),
    "429": faults.throttle(),
    "429 with a time": faults.throttle(retry_after=20),
    "usage limits": faults.usage_limits(),
    "token expired": faults.expire(),
    "an error of somebody else": faults.answer(502, {"error": "upstream_unavailable"}),
    "an error without a code": faults.answer(503, {"error": {"message": "The service is currently unavailable."}}),
}

LASTING: dict[str, tuple[Fault, type[SyncsvcError]]] = {
    "not shared": (faults.refuse(refusals.forbidden()), TableForbidden),
    "gone": (faults.refuse(refusals.not_found("1AbC", drive=False)), TableNotFound),
    "not enabled": (
        faults.refuse(refusals.service_disabled("sheets.googleapis.com", "Google Sheets API")),
        CredentialsRefused,
    ),
    "scopes": (faults.refuse(refusals.insufficient_scopes()), CredentialsRefused),
    "not enabled, without details": (faults.answer(403, plain(403, DISABLED)), CredentialsRefused),
    "scopes, without details": (faults.answer(403, plain(403, SCOPES)), CredentialsRefused),
}


def table_to_write(google: Google) -> File:
    return google.file(HEADER, KATYA)


def write(google: Google, file: File, snapshot: Snapshot | None = None) -> str:
    """Change a cell and append a row, as one patch; its token."""
    table = google.table(file)
    ours = patch(snapshot or table.read(), (2, 2, "Neu"), appends=({1: "BSP-0002-8", 2: "Muster, Amina"},))
    table.write(ours)
    return ours.token


@pytest.mark.parametrize("request_", ["meta", "read"])
@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
def test_a_read_is_whole_after_any_trouble_that_passes(google: Google, fault: Fault, request_: str) -> None:
    file = table_to_write(google)
    google.server.fault(request_, fault)

    assert [row.cells for row in google.table(file).read().rows] == [tuple(HEADER), tuple(KATYA)]


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
def test_a_write_lands_once_after_any_trouble_that_passes(google: Google, fault: Fault, times: int) -> None:
    if times == 2 and fault is PASSING["token expired"]:
        pytest.skip("a new token that is refused as well is no passing trouble")
    file = table_to_write(google)
    google.server.fault("write", fault, times=times)
    write(google, file)

    assert google.server.person(ANNA, file).rows() == WRITTEN


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
def test_a_look_after_a_lost_answer_may_fail_too(google: Google, fault: Fault) -> None:
    file = table_to_write(google)
    snapshot = google.table(file).read()
    table = google.table(file)
    table.read()
    google.server.fault("write", faults.drop(processed=True))
    google.server.fault("read", fault)
    table.write(patch(snapshot, (2, 2, "Neu"), appends=({1: "BSP-0002-8", 2: "Muster, Amina"},)))

    assert google.server.person(ANNA, file).rows() == WRITTEN


@pytest.mark.parametrize("request_", ["read", "write"])
@pytest.mark.parametrize(("fault", "error"), LASTING.values(), ids=LASTING.keys())
def test_lasting_trouble_is_said_at_once(
    google: Google, fault: Fault, error: type[SyncsvcError], request_: str
) -> None:
    file = table_to_write(google)
    google.server.fault(request_, fault, times=None)
    with pytest.raises(error):
        write(google, file)

    assert google.server.person(ANNA, file).rows() == [HEADER, KATYA]
    assert google.server.counts()[request_] == 1


@pytest.mark.parametrize("processed", [True, False])
def test_a_write_whose_outcome_stays_open_says_so_and_is_known_later(google: Google, *, processed: bool) -> None:
    """A lost answer, and then nothing works any more."""
    file = table_to_write(google)
    table = google.table(file)
    ours = patch(table.read(), (2, 2, "Neu"))
    google.server.fault("write", faults.drop(processed=processed))
    google.server.fault("read", faults.error(503), times=None)
    with pytest.raises(WriteUncertain):
        table.write(ours)
    google.server.calm()

    assert google.table(file).landed(ours.token) is (Landed.UNKNOWN if processed else Landed.NO)


def test_a_write_that_turns_up_late_is_refused(google: Google) -> None:
    """It got lost, was looked for, was not there, and another took its place: now it must not land any more."""
    file = table_to_write(google)
    late, other = google.table(file), google.table(file)
    first, second = patch(late.read(), (2, 2, "zu spät")), patch(other.read(), (2, 2, "Neu"))
    assert other.landed(first.token) is Landed.NO
    other.write(second)
    with pytest.raises(TableMoved):
        late.write(first)

    assert google.server.person(ANNA, file).rows()[1] == ["BSP-0001-A", "Neu"]


def test_a_mark_that_exists_is_a_refusal_whatever_its_status(google: Google) -> None:
    """That a second creation fails is documented, with which status is not; it is not asked for again and again."""
    file = table_to_write(google)
    table = google.table(file)
    ours = patch(table.read(), (2, 2, "Neu"))
    taken = {"error": {"code": 409, "message": "Requested entity already exists", "status": "ALREADY_EXISTS"}}
    google.server.fault("write", faults.answer(409, taken), times=None)
    with pytest.raises(TableMoved):
        table.write(ours)

    assert google.server.counts()["write"] == 1


def test_a_write_that_lands_between_the_look_and_the_repetition_counts(
    google: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lost request reached Google after all, just before it is sent again: it is not done twice."""
    file = table_to_write(google)
    table, twin = google.table(file), google.table(file)
    ours = patch(table.read(), (2, 2, "Neu"), appends=({1: "BSP-0002-8", 2: "Muster, Amina"},))
    twin.read()
    looks, late = google.account.client.spreadsheets_get, [twin]

    def look(*args: Any) -> Any:
        answer = looks(*args)
        if late:
            late.pop().write(ours)
        return answer

    monkeypatch.setattr(google.account.client, "spreadsheets_get", look)
    google.server.fault("write", faults.drop(processed=False))
    table.write(ours)

    assert google.server.person(ANNA, file).rows() == WRITTEN


def test_marks_stay_few_and_belong_to_their_own_sheet(google: Google) -> None:
    file = table_to_write(google)
    table = google.table(file)
    tokens = []
    for number in range(KEPT + 3):
        ours = patch(table.read(), (2, 2, f"Neu {number}"))
        table.write(ours)
        tokens.append(ours.token)

    known = [table.landed(token) for token in tokens]
    assert known == [Landed.NO] * 3 + [Landed.UNKNOWN] * KEPT
    assert len(file.document.metadata) == KEPT

    copy = google.server.copy(file)
    assert google.table(copy).landed(tokens[-1]) is Landed.NO
    table = google.table(copy)
    table.write(patch(table.read(), (2, 2, "in der Kopie")))


def test_a_second_tab_counts_its_own_writes(google: Google) -> None:
    file = table_to_write(google)
    write(google, file)
    google.server.person(ANNA, file).duplicate_tab("Zweite")
    table = google.table(file, worksheet="Zweite")
    ours = patch(table.read(), (2, 2, "anders"))
    table.write(ours)

    assert table.landed(ours.token) is Landed.UNKNOWN
    assert google.table(file).landed(ours.token) is Landed.NO


# Quota and time


def test_a_quota_that_is_used_up_is_waited_for(google: Google) -> None:
    file = table_to_write(google)
    for _ in range(60):
        google.table(file).read()

    assert len(google.table(file).read().rows) == 2


@pytest.mark.parametrize("request_", ["meta", "read", "write"])
def test_being_throttled_for_minutes_ends_the_run(google: Google, request_: str) -> None:
    file = table_to_write(google)
    google.server.fault(request_, faults.throttle(retry_after=600), times=None)
    with pytest.raises(PlatformThrottled) as raised:
        write(google, file)

    assert raised.value.retry_after == 600
    assert google.server.person(ANNA, file).rows() == [HEADER, KATYA]


def test_being_away_for_minutes_ends_the_run(google: Google) -> None:
    file = table_to_write(google)
    google.server.fault("read", faults.error(503), times=None)
    before = google.server.clock.now()
    with pytest.raises(PlatformBusy):
        google.table(file).read()

    assert (google.server.clock.now() - before).total_seconds() < 75


def test_no_answer_at_all_is_not_waited_for_forever(google: Google) -> None:
    file = table_to_write(google)
    google.account.client.set_timeout((0.3, 0.3))
    google.server.fault("write", faults.slow(5.0))
    started = time.monotonic()
    write(google, file)

    assert time.monotonic() - started < 3
    assert google.server.person(ANNA, file).rows() == WRITTEN


def test_every_request_has_a_time_out(google: Google) -> None:
    connect, read = google.account.client.timeout  # type: ignore[misc]  # it is a pair

    assert 0 < connect <= 30
    assert 0 < read <= 180


# Silence


@pytest.mark.parametrize(
    "fault",
    [*PASSING.values(), *(fault for fault, _ in LASTING.values()), faults.throttle(retry_after=600)],
    ids=[*PASSING, *LASTING, "throttled"],
)
def test_no_error_tells_an_address_a_key_or_a_cell(google: Google, fault: Fault) -> None:
    file = google.file(HEADER, ["BSP-0001-A", "Geheimnisvoll"])
    google.server.fault("read", fault, times=None)
    google.server.fault("write", fault, times=None)

    def told(act: Callable[[], object]) -> str:
        try:
            act()
        except SyncsvcError as error:
            return "".join(traceback.format_exception(error)) + repr(error) + error.hint
        return ""

    texts = told(google.table(file).read)
    google.server.calm()
    table = google.table(file)
    ours = patch(table.read(), (2, 2, "Ebenfalls geheimnisvoll"))
    google.server.fault("write", fault, times=None)
    texts += told(lambda: table.write(ours))

    assert texts
    for secret in ("eheimnisvoll", file.document.id, "127.0.0.1", "Bearer", "BEGIN PRIVATE KEY", "spreadsheets/"):
        assert secret not in texts
