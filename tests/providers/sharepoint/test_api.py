"""Requests about one workbook: counted, paced, tried again where that helps, and never repeated blindly."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from syncsvc.errors import (
    CredentialsRefused,
    LeaseLost,
    PlatformBusy,
    PlatformThrottled,
    TableForbidden,
    TableLocked,
    WriteUncertain,
)
from syncsvc.providers.http import Trouble
from syncsvc.providers.sharepoint.api import Api
from syncsvc.providers.sharepoint.errors import SessionLost, TooLarge
from tests.fakes.graph import faults, refusals
from tests.fakes.graph.items import File, Lock
from tests.providers.sharepoint.conftest import Graph

ROWS = [["TN-Nr.", "Name"], ["BSP-0001-A", "Probe"]]


@pytest.fixture
def file(graph: Graph) -> File:
    return graph.server.workbook(ROWS)


def item(file: File) -> str:
    return f"/drives/{file.drive.id}/items/{file.id}"


def cell(file: File, address: str = "B2") -> str:
    return f"{item(file)}/workbook/worksheets/Tabelle1/range(address='{address}')"


def put(api: Api, file: File, text: str = "Neu", permit: Callable[[], None] = lambda: None) -> object:
    """One write as a table does it, which looks whether it landed before it is repeated."""

    def landed() -> dict[str, object] | None:
        found = api.look(cell(file), "read", {"$select": "values"})
        return found if found["values"] == [[text]] else None

    with api.alone(item(file)):
        return api.patch(cell(file), {"values": [[text]]}, permit, landed)


def shown(graph: Graph, file: File, address: str = "B2") -> object:
    return graph.api().get(cell(file, address), "read", {"$select": "values"})["values"][0][0]


def writes(graph: Graph) -> int:
    return graph.server.counts()["write"]


def test_requests_are_counted_as_the_platform_counts_them(graph: Graph, file: File) -> None:
    """Tokens are none."""
    api = graph.api()
    api.get(item(file))
    api.get(cell(file), "read")
    put(api, file)

    assert (api._counter.meta, api._counter.read, api._counter.write) == (1, 1, 1)
    assert graph.server.counts() == {"meta": 1, "read": 1, "write": 1}


def test_the_permit_is_the_last_thing_before_each_attempt(graph: Graph, file: File) -> None:
    graph.server.fault("write", faults.throttle(1))
    asked: list[int] = []
    put(graph.api(), file, permit=lambda: asked.append(writes(graph)))

    assert asked == [0, 1]


def test_without_a_permit_nothing_goes_out(graph: Graph, file: File) -> None:
    def no() -> None:
        raise LeaseLost

    with pytest.raises(LeaseLost):
        put(graph.api(), file, permit=no)

    assert writes(graph) == 0


def test_writes_are_made_alone_or_not_at_all(graph: Graph, file: File) -> None:
    with pytest.raises(AssertionError, match="alone"):
        graph.api().patch(cell(file), {"values": [["Neu"]]}, lambda: None)


@pytest.mark.parametrize(
    "fault",
    [
        faults.drop(processed=True),
        faults.error(504, processed=True),
        faults.error(500, processed=True),
        faults.error(502, processed=True),
        faults.html(200),
        faults.truncate(),
        faults.cut(),
    ],
)
def test_a_write_that_landed_in_silence_is_not_repeated(graph: Graph, file: File, fault: faults.Fault) -> None:
    """Lost answers, gateways' pages and half an answer leave it open: looked up before anything is sent again."""
    graph.server.fault("write", fault)
    put(graph.api(), file)

    assert shown(graph, file) == "Neu"
    assert writes(graph) == 1


@pytest.mark.parametrize("fault", [faults.drop(processed=False), faults.error(503), faults.html(502, processed=False)])
def test_a_write_that_did_not_land_is_sent_again(graph: Graph, file: File, fault: faults.Fault) -> None:
    graph.server.fault("write", fault)
    put(graph.api(), file)

    assert shown(graph, file) == "Neu"
    assert writes(graph) == 2


def test_a_failure_in_an_answer_of_success_is_a_failure(graph: Graph, file: File) -> None:
    """200 with status "failed", as long-running operations end."""
    graph.server.fault("write", faults.failed())
    put(graph.api(), file)

    assert shown(graph, file) == "Neu"
    assert writes(graph) == 2


def test_what_stays_open_is_said(graph: Graph, file: File) -> None:
    graph.server.fault("write", faults.drop(processed=True), times=None)
    graph.server.fault("read", faults.error(503), times=None)
    with pytest.raises(WriteUncertain):
        put(graph.api(), file)


def test_waits_are_as_long_as_graph_asks(graph: Graph, file: File) -> None:
    graph.server.fault("write", faults.throttle(20))
    put(graph.api(), file)

    assert graph.server.too_early() == []
    assert writes(graph) == 2


def test_the_whole_application_waits(graph: Graph, file: File) -> None:
    """Also for other workbooks: Graph wants no request of it meanwhile."""
    other = graph.server.workbook(ROWS, name="Andere.xlsx")
    graph.server.fault("meta", faults.throttle(20))
    with pytest.raises(Trouble):
        graph.api().look(item(file))
    with pytest.raises(Trouble) as raised:
        graph.api().look(item(other))
    assert raised.value.error.retry_after == pytest.approx(20, abs=2)
    assert graph.server.counts() == {"meta": 1}

    graph.api().get(item(other))
    assert graph.server.too_early() == []


def test_longer_waits_are_the_schedules(graph: Graph, file: File) -> None:
    """Beyond a run's patience the whole application rests."""
    graph.server.fault("meta", faults.throttle(315))
    with pytest.raises(PlatformThrottled) as raised:
        graph.api().get(item(file))

    assert raised.value.retry_after == 315


def test_an_expired_token_is_renewed_once(graph: Graph, file: File) -> None:
    api = graph.api()
    api.get(item(file))
    graph.server.tokens.expire_all()
    api.get(item(file))

    assert graph.server.token_requests == 2


def test_a_token_that_is_never_taken_is_said(graph: Graph, file: File) -> None:
    graph.server.fault("meta", faults.expire(), times=None)
    with pytest.raises(CredentialsRefused) as raised:
        graph.api().get(item(file))

    assert raised.value.message == "Microsoft nimmt die Anmeldung des Dienstes nicht an."
    assert graph.server.counts() == {"meta": 2}


def test_a_lock_is_reported_and_not_retried(graph: Graph, file: File) -> None:
    """With who checked it out, as Graph tells; the schedule comes back."""
    file.checked_out = "anna.muster@projekt.example"
    with pytest.raises(TableLocked) as raised:
        put(graph.api(), file)

    assert "ausgecheckt" in raised.value.message
    assert writes(graph) == 1


def test_an_exclusive_editor_is_waited_for(graph: Graph, file: File) -> None:
    file.lock = Lock("anna.muster@projekt.example", reads=True)
    with pytest.raises(TableLocked) as raised:
        put(graph.api(), file)

    assert raised.value.message.startswith("Die Mappe ist gerade gesperrt; der Abgleich wartet, bis sie frei ist.")
    assert writes(graph) == 1


def test_the_service_is_not_named_as_who_keeps_the_workbook(graph: Graph, file: File) -> None:
    """It saved last, under the name that Microsoft lends to applications."""
    put(graph.api(), file)
    file.lock = Lock("anna.muster@projekt.example", reads=True)
    with pytest.raises(TableLocked) as raised:
        put(graph.api(), file, "Anders")

    assert "SharePoint" not in raised.value.message


def test_an_answer_that_is_too_large_can_be_asked_for_in_parts(graph: Graph, file: File) -> None:
    graph.server.fault("read", faults.refuse(refusals.answer_too_large()))
    with pytest.raises(TooLarge):
        graph.api().get(cell(file), "read")


# -- sessions --------------------------------------------------------------------------------------------------


def test_a_session_is_used_and_closed(graph: Graph, file: File) -> None:
    api = graph.api()
    with api.session(f"{item(file)}/workbook", persist=False):
        assert len(graph.server.sessions.of(file)) == 1
        assert api.get(cell(file), "read")["values"] == [["Probe"]]

    assert graph.server.sessions.of(file) == []
    assert api._counter.write == 2


def test_a_private_copy_does_not_move_under_its_reader(graph: Graph, file: File) -> None:
    """What people do meanwhile is not seen: all blocks of one read belong together."""
    api = graph.api()
    anna = graph.server.person("anna.muster@projekt.example", file)
    with api.session(f"{item(file)}/workbook", persist=False):
        api.get(cell(file), "read")
        anna.type("B2", "Anders")
        assert api.get(cell(file), "read")["values"] == [["Probe"]]

    assert shown(graph, file) == "Anders"


def test_without_a_session_it_goes_on_without(graph: Graph, file: File) -> None:
    """Documented as unsupported for applications: asked once per process, then never again."""
    graph.server.sessions.refused = refusals.access_denied()
    api = graph.api()
    for _ in range(2):
        with api.session(f"{item(file)}/workbook", persist=False):
            assert api.get(cell(file), "read")["values"] == [["Probe"]]

    assert api._counter.write == 1


def test_an_expired_session_means_read_again(graph: Graph, file: File) -> None:
    api = graph.api()
    with api.session(f"{item(file)}/workbook", persist=True):
        graph.server.sessions.end_all()
        with pytest.raises(SessionLost):
            api.get(cell(file), "read")

    with api.session(f"{item(file)}/workbook", persist=True):
        assert api.get(cell(file), "read")["values"] == [["Probe"]]


def test_why_there_is_no_session_is_told_on_request(graph: Graph, file: File) -> None:
    api = graph.api()
    assert api.session_refusal(f"{item(file)}/workbook") is None
    assert graph.server.sessions.of(file) == []

    graph.server.sessions.refused = refusals.open_access_denied()
    assert isinstance(api.session_refusal(f"{item(file)}/workbook"), TableForbidden)


# -- pace ------------------------------------------------------------------------------------------------------


class Crowd:
    """How many requests are under way at once, as the server sees it."""

    def __init__(self) -> None:
        self._lock, self._now, self.most = threading.Lock(), 0, 0
        self._full = threading.Event()

    def come(self) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        self._full.wait(0.1)
        with self._lock:
            self._now -= 1


def at_once(tasks: list[Callable[[], object]]) -> None:
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def watched(graph: Graph) -> Crowd:
    """The requests of the account pass through here right before they go out."""
    crowd, send = Crowd(), graph.account.requests.request

    def request(*args: object, **kwargs: object) -> object:
        crowd.come()
        return send(*args, **kwargs)

    graph.account.requests.request = request
    return crowd


def test_five_requests_of_one_application_are_under_way_at_most(graph: Graph) -> None:
    files = [graph.server.workbook(ROWS, name=f"{number}.xlsx") for number in range(12)]
    crowd = watched(graph)
    at_once([lambda file=file: graph.api().get(item(file)) for file in files])

    assert crowd.most == 5


def test_one_request_about_a_workbook_is_under_way_at_most(graph: Graph, file: File) -> None:
    """Two tables of ours may be two tabs of one workbook."""
    crowd = watched(graph)
    at_once([lambda: graph.api().get(cell(file), "read")] * 4)

    assert crowd.most == 1


def test_a_writer_that_lost_its_turn_sends_nothing(graph: Graph, file: File) -> None:
    class Lost(AbstractContextManager[Callable[[], None]]):
        def __enter__(self) -> Callable[[], None]:
            def still() -> None:
                raise PlatformBusy

            return still

        def __exit__(self, *_: object) -> None: ...

    api = graph.api()
    api._gate = lambda _: Lost()
    with pytest.raises(PlatformBusy):
        put(api, file)

    assert writes(graph) == 0


def test_looking_is_one_attempt(graph: Graph, file: File) -> None:
    graph.server.fault("read", faults.error(503))
    with pytest.raises(Trouble):
        graph.api().look(cell(file), "read")
