"""What a project's own software reads and writes, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from syncsvc.core.tokens import TokenScope
from syncsvc.services import entitlement, recordpages, recordwrites, tokens
from syncsvc.services.recordedits import KnownAlready, ValuesRefused
from syncsvc.services.recordwrites import Edit, KeyReused, RecordsMoved, UnknownRecords
from syncsvc.services.retention import tidy
from syncsvc.services.sync import sync_table
from syncsvc.store.admission import ApiCreation
from syncsvc.store.database import Database
from tests.example import Example
from tests.example import make_example as make

SAID = {"participant_name": "Kowalenko, Olena", "birth_date": "14.03.1988"}


@pytest.fixture
def example(database: Database, tmp_path: Path) -> Example:
    example = make(database, tmp_path)
    for key in ("bsp-beispielstadt", "bsp-musterkreis"):
        sync_table(example.runtime, key)
    return example


def test_reading_and_writing_as_a_token_sees_it(example: Example) -> None:
    _, secret = tokens.add_token(example.runtime, "bsp", "Fallakte", list(TokenScope), actor="frau-berger")
    bearer = tokens.recognise(example.runtime, secret)
    assert bearer is not None
    assert tokens.recognise(example.runtime, f"{secret}x") is None
    seen = entitlement.seen_by(example.runtime, bearer.viewer)

    first = recordpages.list_page(seen, "bsp", limit=3)
    rest = recordpages.list_page(seen, "bsp", limit=3, after=first.latest)
    assert (len(first.items), first.more, len(rest.items), rest.more) == (3, True, 1, False)
    documents = [*first.items, *rest.items]

    edits = [Edit(item["ref"], item["etag"], {"custom.note": f"Nr. {n}"}) for n, item in enumerate(documents)]
    written = recordwrites.write(example.runtime, "bsp", edits, actor=bearer.viewer.name)

    now = {item["ref"]: item for item in recordpages.list_page(seen, "bsp", limit=9).items}
    assert [now[one.ref]["fields"]["custom.note"] for one in written] == ["Nr. 0", "Nr. 1", "Nr. 2", "Nr. 3"]
    assert {one.ref: one.tag for one in written} == {ref: item["etag"] for ref, item in now.items()}
    with pytest.raises(RecordsMoved) as moved:
        recordwrites.write(example.runtime, "bsp", edits, actor="x")
    assert moved.value.tags == {ref: item["etag"] for ref, item in now.items()}
    entries, more = recordpages.history_page(seen, written[0].ref, offset=2, limit=9)
    assert (entries[-1]["new"], more) == ("Nr. 0", False)


def test_nothing_is_written_where_one_value_or_record_is_wrong(example: Example) -> None:
    items = recordpages.list_page(example.runtime, "bsp", limit=2).items
    good = Edit(items[0]["ref"], items[0]["etag"], {"custom.note": "gut"})

    for bad, error in (
        (Edit(items[1]["ref"], items[1]["etag"], {"entry_date": "31.02.2025"}), ValuesRefused),
        (Edit("BSP-0999-X", "1-000000000000", {"custom.note": "x"}), UnknownRecords),
    ):
        with pytest.raises(error):
            recordwrites.write(example.runtime, "bsp", [good, bad], actor="x")
    assert recordpages.list_page(example.runtime, "bsp", limit=2).items == items


def test_the_same_request_makes_one_participant(example: Example) -> None:
    key = "6f1c2b9e-0000-4000-8000-000000000001"
    ref, tag, new = recordwrites.create(example.runtime, "bsp", SAID, request_key=key, actor="x")

    assert recordwrites.create(example.runtime, "bsp", SAID, request_key=key, actor="x") == (ref, tag, False)
    assert new
    with pytest.raises(KeyReused):
        recordwrites.create(example.runtime, "bsp", {**SAID, "status": "aktiv"}, request_key=key, actor="x")
    with pytest.raises(KnownAlready) as known:
        recordwrites.create(example.runtime, "bsp", SAID, request_key=f"{key}-2", actor="x")
    assert known.value.ref == ref


def test_too_many_requests_wait_for_their_minute(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "PER_MINUTE", 2)
    _, secret = tokens.add_token(example.runtime, "bsp", "Fallakte", ["runs:read"], actor="frau-berger")
    bearer = tokens.recognise(example.runtime, secret)
    assert bearer is not None

    assert [tokens.seconds_to_wait(example.runtime, bearer) for _ in range(3)] == [0, 0, 60]
    example.clock.pass_by(seconds=60)
    assert tokens.seconds_to_wait(example.runtime, bearer) == 0


def test_what_a_request_for_a_new_participant_said_is_forgotten_after_seven_days(example: Example) -> None:
    """Also where that software never makes another one."""

    def remembered() -> list[str]:
        with example.runtime.database.read() as session:
            return list(session.scalars(select(ApiCreation.ref)))

    ref, _, _ = recordwrites.create(
        example.runtime, "bsp", SAID, request_key="0123456789abcdef", actor="Fallakte (API)"
    )
    example.clock.pass_by(days=6)
    tidy(example.runtime)
    assert remembered() == [ref]

    example.clock.pass_by(days=1, seconds=1)
    tidy(example.runtime)
    assert remembered() == []
