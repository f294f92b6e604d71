"""People between any two requests, faults on the way, and the proof of who wrote what."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.fakes.conftest import Api
from tests.fakes.google import faults, refusals
from tests.fakes.google.faults import Fault
from tests.fakes.google.people import Person
from tests.fakes.sheets_server import SheetsServer

PEOPLE = [["Name", "Ort"], ["Probe", "B"], ["Muster", "A"]]


def write(value: str, row: int = 1) -> dict[str, Any]:
    """A write of the service into column B."""
    start = {"rowIndex": row, "columnIndex": 1}
    rows = [{"values": [{"userEnteredValue": {"stringValue": value}}]}]
    return {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}


# Acts


def test_sorting_with_and_without_the_header(anna: Person) -> None:
    anna.paste("A1", PEOPLE)
    anna.sort("B")

    assert anna.rows() == [["Name", "Ort"], ["Muster", "A"], ["Probe", "B"]]

    anna.sort("A", header=0)

    assert anna.rows() == [["Muster", "A"], ["Name", "Ort"], ["Probe", "B"]]


def test_copying_a_row_copies_its_reference(anna: Person) -> None:
    anna.paste("A1", PEOPLE)
    anna.copy_row(2, before=4)

    assert anna.rows() == [*PEOPLE, PEOPLE[1]]


def test_undo_takes_back_ones_own_last_act_only(api: Api, anna: Person, server: SheetsServer) -> None:
    anna.paste("A1", PEOPLE)
    anna.delete_rows(2)
    anna.undo()

    assert anna.rows() == PEOPLE

    berta = server.person("berta.beispiel@jobcenter.example", api.file)
    anna.type("B2", "C")
    berta.type("B3", "D")
    anna.undo()

    assert anna.rows() == [["Name", "Ort"], ["Probe", "B"], ["Muster", "D"]]


def test_an_old_version_comes_back_whole(api: Api, anna: Person) -> None:
    anna.paste("A1", PEOPLE)
    state = anna.state()
    anna.insert_row(1)
    anna.rename_tab("Neu")
    anna.restore(state)

    assert anna.rows() == PEOPLE
    assert api.get(fields="sheets.properties.title")["sheets"][0]["properties"]["title"] == "Tabelle1"


# Authorship


def test_an_edit_no_answer_has_shown_and_the_service_replaced_is_found(
    server: SheetsServer, api: Api, anna: Person
) -> None:
    anna.paste("A1", PEOPLE)
    api.values("A1:B3")
    server.before("write", lambda: anna.type("B2", "Neustadt"))
    api.batch(write("von uns"))

    (lost,) = server.overwritten_by_service()
    assert (lost.human.who, lost.human.new, lost.service.new) == (anna.who, "Neustadt", "von uns")
    assert (lost.human.row, lost.human.column) == (2, 2)


def test_an_edit_that_was_shown_may_be_replaced(server: SheetsServer, api: Api, anna: Person) -> None:
    anna.paste("A1", PEOPLE)
    anna.type("B2", "Neustadt")
    api.values("A1:B3")
    api.batch(write("von uns"))

    assert server.overwritten_by_service() == []
    assert [each.human.new for each in server.replaced()] == ["Neustadt"]


@pytest.mark.parametrize("hidden", ["fields", "fault"])
def test_only_what_arrived_counts_as_shown(server: SheetsServer, api: Api, anna: Person, hidden: str) -> None:
    """A mask without values, or an answer that was cut, shows nobody anything."""
    anna.paste("A1", PEOPLE)
    if hidden == "fields":
        api.get(fields="sheets.data.rowData.values.userEnteredFormat")
    else:
        server.fault("read", faults.truncate())
        api.call("GET", "/values/A1:B3")
    api.batch(write("von uns"))

    assert [each.human.new for each in server.overwritten_by_service()] == ["B"]


def test_authorship_follows_a_cell_through_sorts_and_inserts(server: SheetsServer, api: Api, anna: Person) -> None:
    anna.paste("A1", PEOPLE)
    api.values("A1:B3")
    anna.type("B2", "Zett")
    anna.sort("B")
    anna.insert_row(1)
    api.batch(write("von uns", row=3))

    (lost,) = server.overwritten_by_service()
    assert lost.human.new == "Zett"
    assert [(edit.who, edit.new) for edit in server.history(lost.human.cell)] == [
        (anna.who, "B"),
        (anna.who, "Zett"),
        (lost.service.who, "von uns"),
    ]


def test_edits_list_what_people_entered_and_nothing_else(server: SheetsServer, api: Api, anna: Person) -> None:
    anna.type("A1", "x")
    api.batch(write("von uns", row=0))
    anna.type("A1", "x")
    anna.delete_rows(1)

    assert [(edit.old, edit.new, edit.gone) for edit in server.edits()] == [
        (None, "x", False),
        ("x", None, True),
        ("von uns", None, True),
    ]


# Interleavings


def test_people_act_before_or_after_exactly_the_request_meant(server: SheetsServer, api: Api, anna: Person) -> None:
    anna.type("A1", "0")
    server.before(2, lambda: anna.type("A1", "1"))
    server.after(3, lambda: anna.type("A1", "2"))
    server.before("meta", lambda: anna.type("B1", "x"))
    seen = [api.values("A1")[0][0] for _ in range(4)]

    assert seen == ["0", "1", "1", "2"]
    api.drive()
    assert anna.rows() == [[2.0, "x"]]


def test_requests_are_logged_as_the_platform_would(server: SheetsServer, api: Api) -> None:
    api.drive()
    api.get()
    api.batch({"addSheet": {}})
    server.fault("read", faults.drop(processed=False))
    with pytest.raises(requests.ConnectionError):
        api.get()

    assert server.counts() == {"meta": 1, "read": 2, "write": 1}
    assert [each.status for each in server.log] == [200, 200, 200, 0]
    assert server.log[2].call.method == "sheets.spreadsheets.batchUpdate"


# Faults


@pytest.mark.parametrize("processed", [False, True])
def test_a_dropped_connection_says_nothing_about_the_write(
    server: SheetsServer, api: Api, anna: Person, processed: bool
) -> None:
    server.fault("write", faults.drop(processed=processed))
    with pytest.raises(requests.ConnectionError):
        api.batch(write("von uns"))

    assert (anna.rows() != []) == processed


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("processed", [False, True])
def test_errors_of_the_server_come_before_or_after_the_write(
    server: SheetsServer, api: Api, anna: Person, status: int, processed: bool
) -> None:
    server.fault("write", faults.error(status, processed=processed))
    response = api.call("POST", ":batchUpdate", json={"requests": [write("von uns")]})

    assert response.status_code == status
    assert (anna.rows() != []) == processed
    assert response.headers["Content-Type"].startswith("text/html" if status == 502 else "application/json")


@pytest.mark.parametrize("fault", [faults.truncate(), faults.html()])
def test_a_good_status_may_carry_no_json(server: SheetsServer, api: Api, fault: Fault) -> None:
    server.fault("read", fault)
    response = api.call("GET", "")

    assert response.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(response.text)


def test_an_answer_may_break_off(server: SheetsServer, api: Api) -> None:
    server.fault("read", faults.cut())
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        api.get()


def test_a_slow_answer_runs_into_the_clients_patience(server: SheetsServer, api: Api, anna: Person) -> None:
    anna.paste("A1", PEOPLE)
    server.fault("read", faults.slow(0.3))
    with pytest.raises(requests.Timeout):
        api.session.get(f"{api.url}/v4/spreadsheets/{api.file.document.id}", timeout=0.05)

    api.get("/values/C1")
    api.batch(write("von uns"))
    assert len(server.overwritten_by_service()) == 1


def test_a_token_may_expire_in_the_middle(server: SheetsServer, signing_api: Api) -> None:
    signing_api.get()
    server.fault("read", faults.expire())
    signing_api.get()

    assert [each.status for each in server.log] == [200, 401, 200]
    assert server.token_requests == 2


@pytest.mark.parametrize(
    ("fault", "status", "reason"),
    [
        (faults.throttle(), 429, "RATE_LIMIT_EXCEEDED"),
        (
            faults.refuse(refusals.service_disabled("sheets.googleapis.com", "Google Sheets API")),
            403,
            "SERVICE_DISABLED",
        ),
    ],
)
def test_refusals_come_with_their_details(
    server: SheetsServer, api: Api, fault: Fault, status: int, reason: str
) -> None:
    server.fault("read", fault, times=2)

    for _ in range(2):
        response = api.call("GET", "")
        assert response.status_code == status
        assert response.json()["error"]["details"][0]["reason"] == reason
    assert api.get()


def test_drive_throttles_with_403_and_retry_after_comes_when_asked_for(server: SheetsServer, api: Api) -> None:
    server.fault("meta", faults.usage_limits())
    server.fault("read", faults.throttle(retry_after=7))

    error = api.session.get(f"{api.url}/drive/v3/files/{api.file.document.id}", timeout=5)
    assert error.status_code == 403
    assert error.json()["error"]["errors"][0]["domain"] == "usageLimits"
    assert api.call("GET", "").headers["Retry-After"] == "7"


def test_a_share_withdrawn_between_two_requests(server: SheetsServer, api: Api) -> None:
    account = next(iter(server.tokens.accounts))
    owner = server.person(api.file.owner, api.file)
    server.after("read", lambda: owner.withdraw(account))

    assert api.get()
    assert api.call("POST", ":batchUpdate", json={"requests": [write("x")]}).status_code == 403


def test_a_hook_that_fails_fails_the_test() -> None:
    def broken() -> None:
        raise LookupError("der Haken ist gebrochen")

    server = SheetsServer()
    server.before("meta", broken)
    server.__enter__()
    assert requests.get(f"{server.url}/drive/v3/files/x", timeout=5).status_code == 401
    with pytest.raises(LookupError):
        server.__exit__(None, None, None)
