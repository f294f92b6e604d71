"""Everything that can go wrong at every request of a run: no row twice, no edit lost, and every run ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncsvc.providers.google.account import Account
from syncsvc.providers.google.table import GoogleTable
from syncsvc.providers.http import TIMEOUT
from tests.fakes.google import faults, refusals
from tests.fakes.google.faults import Fault
from tests.providers.google.conftest import TAB
from tests.services.google.story import GoogleStory
from tests.services.google.test_interleavings import DEEDS
from tests.services.story import REMARK

REQUESTS = range(1, 7)
"""Metadata, metadata, read, write, metadata, read."""

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
    "429 with a time": faults.throttle(retry_after=30),
    "token expired": faults.expire(),
}
LASTING: dict[str, Fault] = {
    "away": faults.error(503, retry_after=900),
    "away, though it heard": faults.error(503, processed=True, retry_after=900),
    "throttled": faults.throttle(retry_after=900),
    "share withdrawn": faults.refuse(refusals.forbidden()),
    "gone": faults.refuse(refusals.not_found("1AbC", drive=False)),
    "not enabled": faults.refuse(refusals.service_disabled("sheets.googleapis.com", "Google Sheets API")),
    "not understood": faults.refuse(refusals.invalid("Invalid requests[0].")),
}


@pytest.fixture(scope="module", name="morning")
def _morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoogleStory]:
    story = GoogleStory(tmp_path_factory.mktemp("google"))
    yield story
    story.close()


@pytest.fixture(name="story")
def _story(morning: GoogleStory) -> GoogleStory:
    morning.rewind()
    return morning


def grid(kinds: dict[str, Fault], short: set[tuple[str, int]]) -> list[object]:
    """Every fault at every request; all but the ``short`` list is for the soak."""
    return [
        pytest.param(
            fault, request, id=f"{name} at {request}", marks=() if (name, request) in short else pytest.mark.soak
        )
        for name, fault in kinds.items()
        for request in REQUESTS
    ]


AT_EACH = {("dropped before", request) for request in REQUESTS}
AT_THE_WRITE = {(name, 4) for name in (*PASSING, *LASTING)}


@pytest.mark.parametrize(("fault", "request_"), grid(PASSING, AT_EACH | AT_THE_WRITE))
def test_what_passes_only_delays_a_run(story: GoogleStory, fault: Fault, request_: int) -> None:
    story.server.fault(request_, fault)
    outcome = story.sync()
    assert outcome is not None
    assert (outcome.state, outcome.receipt["lost"]) == ("ok", 0)
    assert outcome.requests == {"meta": 0, "read": 0, "write": 0} | story.server.counts()

    story.sync_until_quiet()
    story.judge()


@pytest.mark.parametrize(
    ("fault", "request_"), grid(LASTING, AT_THE_WRITE | {("throttled", 1), ("share withdrawn", 6)})
)
def test_what_lasts_ends_a_run_with_a_sentence_and_the_next_one_completes_it(
    story: GoogleStory, fault: Fault, request_: int
) -> None:
    """From some request on nothing works any more; later it does again."""
    story.server.fault(lambda call: call.number >= request_, fault, times=None)
    started = story.server.clock.now()
    outcome = story.sync()
    assert outcome is not None
    assert (story.server.clock.now() - started).total_seconds() < 90, "a run of minutes keeps others waiting"
    assert outcome.state in ("held", "failed")
    assert outcome.message.endswith(".")
    assert outcome.receipt["lost"] == 0
    assert len(story.server.log) < 20

    story.sync_until_quiet()
    story.judge()


@pytest.mark.parametrize(
    "deed", ["sort", "insert a row above", "type into the very cell", "delete the row just edited"]
)
@pytest.mark.parametrize("fault", ["away, though it heard", "away"])
def test_people_go_on_while_the_outcome_of_a_write_is_open(story: GoogleStory, fault: str, deed: str) -> None:
    story.server.fault(lambda call: call.number >= 4, LASTING[fault], times=None)
    story.server.after(4, lambda: DEEDS[deed].act(story))
    story.sync()
    story.sync_until_quiet()

    assert story.server.overwritten_by_service() == []
    refs = [row.ref for row in story.world.picture().rows if row.ref is not None]
    assert len(set(refs)) == len(refs)


@pytest.mark.parametrize("fault", [LASTING["away"], LASTING["share withdrawn"]], ids=["away", "share withdrawn"])
def test_what_was_read_is_kept_although_nothing_can_be_written(story: GoogleStory, fault: Fault) -> None:
    story.server.fault("write", fault, times=None)
    story.sync()

    records = story.world.picture().records
    assert records[story.refs["w1"]].values[REMARK] == "Notiz neu w1"
    assert len(records) == len(story.refs) + 1  # w9 has one


@pytest.mark.parametrize("request_", [3, 4, 6])
def test_an_answer_that_does_not_come_is_waited_for_only_so_long(story: GoogleStory, request_: int) -> None:
    client = story.google.account.client
    client.set_timeout((0.3, 0.3))
    try:
        story.server.fault(request_, faults.slow(5.0))
        outcome = story.sync()
    finally:
        client.set_timeout(TIMEOUT)
    assert outcome is not None
    assert (outcome.state, outcome.seconds < 3) == ("ok", True)

    story.sync_until_quiet()
    story.judge()


def test_another_accounts_tables_go_on_while_one_is_throttled(story: GoogleStory, tmp_path: Path) -> None:
    other = story.server.account("anderes-konto")
    file = story.server.spreadsheet([["TN-Nr."], ["BSP-0001-9"]], tab=TAB, share=other)
    account = Account(other.key_file(tmp_path / "key.json"), story.server.url)
    story.server.fault(lambda call: story.file.document.id in call.path, LASTING["throttled"], times=None)
    outcome = story.sync()
    assert outcome is not None
    assert outcome.state == "held"

    before = story.server.clock.now()
    assert len(GoogleTable(account, file.document.id, worksheet=TAB).read().rows) == 2
    assert (story.server.clock.now() - before).total_seconds() < 5
    account.client.session.close()
