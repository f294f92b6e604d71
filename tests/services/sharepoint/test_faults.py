"""Everything that can go wrong at every request of a run: no row twice, no edit lost, and every run ends."""

from __future__ import annotations

import pytest

from syncsvc.providers.sharepoint import api
from tests.fakes.graph import faults, refusals
from tests.fakes.graph.faults import Fault
from tests.services.sharepoint.story import TABLE_FIRST, GraphStory
from tests.services.sharepoint.test_interleavings import DEEDS
from tests.services.story import REMARK

REQUESTS = range(1, 9)
"""Metadata, read, look, room in an Excel table, formats, values, metadata, read; one less for a plain list."""

PASSING: dict[str, Fault] = {
    "dropped before": faults.drop(processed=False),
    "dropped after": faults.drop(processed=True),
    "500 after": faults.error(500, processed=True),
    "502 before": faults.error(502),
    "503 before": faults.error(503),
    "504 after": faults.error(504, processed=True),
    "half an answer": faults.truncate(),
    "cut off": faults.cut(),
    "a page": faults.html(),
    "429": faults.throttle(),
    "429 with seconds": faults.throttle(20),
    "crowded": faults.refuse(refusals.crowded()),
    "token expired": faults.expire(),
}
"""What a run gets over by itself."""

WAITING: dict[str, Fault] = {
    "423": faults.locked(),
    "409": faults.editing(),
    "200 but failed": faults.failed(),
    "nulls": faults.nulls(),
}
"""What may end a run, once."""

LASTING: dict[str, Fault] = {
    "away": faults.error(503, retry_after=900),
    "away, though it heard": faults.error(504, processed=True),
    "throttled": faults.throttle(900),
    "locked": faults.locked(),
    "kept open": faults.editing(),
    "no rights": faults.refuse(refusals.access_denied()),
    "gone": faults.refuse(refusals.item_not_found()),
    "not understood": faults.refuse(refusals.invalid_argument()),
    "200 but failed": faults.failed(),
    "a portal's page": faults.html(processed=False),
}


def grid(kinds: dict[str, Fault], short: set[tuple[str, int]]) -> list[object]:
    """Every fault at every request; all but the ``short`` list is for the soak."""
    return [
        pytest.param(
            fault, request, id=f"{name} at {request}", marks=() if (name, request) in short else pytest.mark.soak
        )
        for name, fault in kinds.items()
        for request in REQUESTS
    ]


SHORT = {(name, 6) for name in ("dropped before", "504 after", "half an answer", "429 with seconds", "token expired")}
SHORT |= {("dropped after", at) for at in (2, 4, 5, 6)} | {(name, 6) for name in WAITING}
SHORT_LASTING = {(name, 6) for name in ("away, though it heard", "locked", "no rights", "gone", "a portal's page")}
SHORT_LASTING |= {("throttled", 1), ("kept open", 8)}
"""One of a kind, at the values: what Graph's other answers mean is tests/providers/sharepoint/test_errors.py's."""


@TABLE_FIRST
@pytest.mark.parametrize(("fault", "request_"), grid(PASSING, SHORT))
def test_what_passes_only_delays_a_run(story: GraphStory, fault: Fault, request_: int) -> None:
    story.server.fault(request_, fault)
    outcome = story.sync()
    assert outcome is not None
    assert (outcome.state, outcome.receipt["lost"]) == ("ok", 0), outcome.message
    assert outcome.requests == {"meta": 0, "read": 0, "write": 0} | story.server.counts()
    assert story.server.too_early() == []

    story.sync_until_quiet()
    story.judge()


@TABLE_FIRST
@pytest.mark.parametrize(("fault", "request_"), grid(WAITING, SHORT))
def test_what_ends_a_run_delays_the_work(story: GraphStory, fault: Fault, request_: int) -> None:
    story.server.fault(request_, fault)
    outcome = story.sync()
    assert outcome is not None
    assert (outcome.state, outcome.receipt["lost"]) in {("ok", 0), ("held", 0)}, outcome.message
    assert outcome.message.endswith(".")

    story.sync_until_quiet()
    story.judge()


@TABLE_FIRST
@pytest.mark.parametrize(("fault", "request_"), grid(LASTING, SHORT_LASTING))
def test_what_lasts_ends_a_run_with_a_sentence_and_the_next_one_completes_it(
    story: GraphStory, fault: Fault, request_: int
) -> None:
    """From some request on nothing works any more; later it does again."""
    story.server.fault(lambda call: call.number >= request_, fault, times=None)
    started = story.server.clock.now()
    outcome = story.sync()
    assert outcome is not None
    assert (story.server.clock.now() - started).total_seconds() < 180, "a run of minutes keeps others waiting"
    assert outcome.message.endswith(".")
    assert outcome.receipt["lost"] == 0
    assert len(story.server.log) < 25
    assert story.server.too_early() == []
    if len(story.server.log) >= request_:  # a plain list has one request less
        assert outcome.state in ("held", "failed")
    story.in_doubt = outcome.message.startswith("Ob die letzte Änderung")

    story.sync_until_quiet()
    story.judge()


@TABLE_FIRST
@pytest.mark.parametrize(
    "deed", ["sort", "insert a row above", "type into the very cell", "delete the row just edited"]
)
@pytest.mark.parametrize("fault", ["away, though it heard", pytest.param("away", marks=pytest.mark.soak)])
def test_people_go_on_while_the_outcome_of_a_write_is_open(story: GraphStory, fault: str, deed: str) -> None:
    story.server.fault(lambda call: call.number >= 5, LASTING[fault], times=None)
    story.server.after(5, lambda: DEEDS[deed].act(story))
    story.sync()
    story.sync_until_quiet()

    assert story.server.overwritten_by_service() == []
    refs = [row.ref for row in story.world.picture().rows if row.ref is not None]
    assert len(set(refs)) == len(refs)


@TABLE_FIRST
@pytest.mark.parametrize("request_", [pytest.param(5, marks=pytest.mark.soak), 6])
@pytest.mark.parametrize("later", [1, 2, 3])
def test_a_write_that_lands_late_makes_no_second_row(story: GraphStory, later: int, request_: int) -> None:
    """504, and it is carried out when nobody expects it any more."""
    story.server.fault(request_, faults.late(later))
    story.in_doubt = True
    story.sync()
    story.sync_until_quiet()
    story.judge()


@pytest.mark.parametrize("fault", [LASTING["away"], LASTING["no rights"]], ids=["away", "no rights"])
def test_what_was_read_is_kept_although_nothing_can_be_written(story: GraphStory, fault: Fault) -> None:
    story.server.fault("write", fault, times=None)
    story.sync()

    records = story.world.picture().records
    assert records[story.refs["w1"]].values[REMARK] == "Notiz neu w1"
    assert len(records) == len(story.refs) + 1  # w9 has one


@TABLE_FIRST
@pytest.mark.parametrize("request_", [2, 6, 8])
def test_an_answer_that_does_not_come_is_waited_for_only_so_long(
    story: GraphStory, request_: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "TIMEOUT", (1.0, 1.0))  # enough for every other answer, on a busy machine too
    story.server.fault(request_, faults.slow(5.0))
    outcome = story.sync()
    assert outcome is not None
    assert (outcome.state, outcome.seconds < 5) == ("ok", True)

    story.sync_until_quiet()
    story.judge()


def test_a_tag_that_lags_a_minute_hides_no_edit(story: GraphStory) -> None:
    """Nor does our own write that shows late in the tag lead to another one."""
    story.server.lag(60)
    try:
        for _ in range(2):
            outcome = story.sync()
            assert outcome is not None
        story.type("w8", REMARK, "gerade getippt")
        story.wait(2)
        story.sync()
        assert story.world.picture().records[story.refs["w8"]].values[REMARK] == "gerade getippt"
        story.sync_until_quiet()
        story.judge()
    finally:
        story.server.lag(0)
