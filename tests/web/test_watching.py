"""What machines that watch the service see: signs of life and figures, without login, and nothing about anybody."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event, insert
from sqlalchemy.engine import Engine

from syncsvc.errors import Actor
from syncsvc.services.backup import backup
from syncsvc.services.health import TICK_LIMIT
from syncsvc.services.sync import sync_table
from syncsvc.store import audit, heartbeats, notices, pauses, tables
from syncsvc.store.models import Question, QuestionState, TableState
from syncsvc.web import create_app
from tests.example import Example, hold
from tests.factories import NOW, make_project
from tests.jobs.engine import with_one_account

TOKEN = "unguessable-token"

Sample = tuple[str, tuple[tuple[str, str], ...]]


def read(text: str) -> dict[Sample, float]:
    """Every sample by its name and labels, as Prometheus reads them."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def one(samples: dict[Sample, float], name: str, **labels: str) -> float | None:
    return samples.get((f"syncsvc_{name}", tuple(sorted(labels.items()))))


def scrape(client: FlaskClient, token: str = "") -> dict[Sample, float]:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {token}"} if token else {})
    assert answer.status_code == 200
    return read(answer.text)


def beat(example: Example) -> None:
    with example.runtime.database.write() as session:
        heartbeats.beat(session, heartbeats.TICK, "host:1:1", example.clock.now())


@pytest.fixture
def trusted(example: Example) -> FlaskClient:
    """Somebody without a session, of a service that has a token."""
    return create_app(example.runtime, secret_key="not secret", metrics_token=TOKEN).test_client()


@contextmanager
def without_database(example: Example) -> Iterator[None]:
    """The database cannot be reached meanwhile."""

    def away(*_: object) -> None:
        raise sqlite3.OperationalError("unable to open database file")

    event.listen(example.runtime.database.engine, "do_connect", away)
    example.runtime.database.dispose()
    yield
    event.remove(example.runtime.database.engine, "do_connect", away)


def test_live_asks_nothing_of_the_database(example: Example, stranger: FlaskClient) -> None:
    with without_database(example):
        answer = stranger.get("/health/live")

    assert (answer.status_code, answer.json) == (200, {"live": True})


def test_ready_before_the_first_tick_with_the_ticks_age_after_it(example: Example, stranger: FlaskClient) -> None:
    assert stranger.get("/health/ready").json == {"ready": True, "reason": "", "tick_age_seconds": None}

    beat(example)
    example.clock.pass_by(seconds=12)

    assert stranger.get("/health/ready").json == {"ready": True, "reason": "", "tick_age_seconds": 12.0}


def test_not_ready_once_ticks_have_stopped_and_ready_when_they_go_on(example: Example, stranger: FlaskClient) -> None:
    beat(example)
    example.clock.moment += TICK_LIMIT + timedelta(seconds=1)

    answer = stranger.get("/health/ready")
    assert (answer.status_code, answer.json) == (
        503,
        {
            "ready": False,
            "reason": "Der regelmäßige Abgleich hat sich seit 5 Minuten nicht gemeldet.",
            "tick_age_seconds": 301.0,
        },
    )

    beat(example)
    assert stranger.get("/health/ready").status_code == 200


def test_a_clock_set_back_is_not_a_stopped_tick(example: Example, stranger: FlaskClient) -> None:
    beat(example)
    example.clock.pass_by(hours=-1)

    assert stranger.get("/health/ready").json == {"ready": True, "reason": "", "tick_age_seconds": 0.0}


def test_not_ready_without_a_database_and_no_word_of_where_it_is(example: Example, stranger: FlaskClient) -> None:
    with without_database(example):
        ready, metrics = stranger.get("/health/ready"), stranger.get("/metrics")

    assert (ready.status_code, metrics.status_code) == (503, 503)
    assert ready.json == {"ready": False, "reason": "Die Datenbank ist nicht erreichbar.", "tick_age_seconds": None}
    assert stranger.get("/health/ready").status_code == 200, "it recovers by itself"


def test_not_ready_with_another_schema(example: Example, stranger: FlaskClient) -> None:
    with example.runtime.database.write() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")

    answer = stranger.get("/health/ready")

    assert answer.status_code == 503
    assert answer.get_json()["reason"] == "Die Datenbank passt nicht zu dieser Fassung des Programms."


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_watchers_get_no_cookie_and_cannot_write(stranger: FlaskClient, path: str) -> None:
    answer = stranger.get(path)

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert stranger.post(path).status_code in (400, 405)


def test_tables_by_state_and_by_who_has_to_act(example: Example, stranger: FlaskClient) -> None:
    hold(example)
    with example.runtime.database.write() as session:
        other = tables.get(session, "bsp-musterkreis")
        other.state, other.fault = TableState.FAILED, Actor.ACCESS.value

    samples = scrape(stranger)
    assert one(samples, "tables", state="held") == 1
    assert one(samples, "tables", state="failed") == 1
    assert one(samples, "tables_waiting", actor="access") == 1

    with example.runtime.database.write() as session:
        tables.get(session, "bsp-musterkreis").enabled = False
    samples = scrape(stranger)
    assert one(samples, "tables", state="paused") == 1
    assert one(samples, "tables_waiting", actor="access") is None, "nobody has to act for a table switched off"


def test_runs_of_the_last_day_with_what_they_wrote(example: Example, stranger: FlaskClient) -> None:
    """Two women get their references and nothing else: two cells. A day later the run is no longer of the last day."""
    sync_table(example.runtime, "bsp-beispielstadt")

    samples = scrape(stranger)
    assert one(samples, "runs_last_day", state="ok") == 1
    assert one(samples, "cells_written_last_day", state="ok") == 2

    example.clock.pass_by(days=1, seconds=1)
    assert one(scrape(stranger), "runs_last_day", state="ok") is None


def test_ages_questions_pauses_and_notices(example: Example, stranger: FlaskClient) -> None:
    example.books["beispielstadt"].set(2, 3, "31.02.2026")
    sync_table(example.runtime, "bsp-beispielstadt")
    example.clock.pass_by(hours=1)
    sync_table(example.runtime, "bsp-musterkreis")
    beat(example)
    with example.runtime.database.write() as session:
        now = example.clock.now()
        pauses.put(session, "google:1", since=now, until=now + timedelta(minutes=5), strikes=1)
        pauses.put(session, "google:2", since=now - timedelta(hours=1), until=now, strikes=1)
        notices.add(session, audience=Actor.OPERATOR, code="x", text="Die Platte ist voll.", now=now)
    example.clock.pass_by(seconds=7)

    samples = scrape(stranger)

    assert one(samples, "oldest_agreement_age_seconds") == 3607
    assert one(samples, "questions_open", kind="unreadable") == 1
    assert one(samples, "accounts_paused") == 1, "the other pause has ended"
    assert one(samples, "tick_age_seconds") == 7
    assert one(samples, "notices_waiting") == 1
    assert one(samples, "notices_failing") == 0
    assert (one(samples, "database_bytes") or 0) > 10_000


def test_a_look_that_finds_nothing_new_is_an_agreement_and_a_failure_is_none(
    example: Example, stranger: FlaskClient
) -> None:
    sync_table(example.runtime, "bsp-beispielstadt")
    example.clock.pass_by(hours=9)
    assert sync_table(example.runtime, "bsp-beispielstadt").state == "unchanged"
    assert one(scrape(stranger), "oldest_agreement_age_seconds") == 0

    example.books["beispielstadt"].gone = True
    sync_table(example.runtime, "bsp-beispielstadt")
    example.clock.pass_by(hours=2)
    sync_table(example.runtime, "bsp-beispielstadt")
    assert one(scrape(stranger), "oldest_agreement_age_seconds") == 7200


def test_what_never_happened_has_no_figure_instead_of_zero(stranger: FlaskClient) -> None:
    samples = scrape(stranger)

    assert one(samples, "tick_age_seconds") is None
    assert one(samples, "oldest_agreement_age_seconds") is None


def test_single_tables_only_for_whoever_knows_the_token(
    example: Example, stranger: FlaskClient, trusted: FlaskClient
) -> None:
    sync_table(example.runtime, "bsp-beispielstadt")
    example.clock.pass_by(minutes=1)

    assert "bsp-beispielstadt" not in trusted.get("/metrics").text
    samples = scrape(trusted, TOKEN)
    assert one(samples, "table_state", table="bsp-beispielstadt", state="ok") == 1
    assert one(samples, "table_agreement_age_seconds", table="bsp-beispielstadt") == 60
    for client, sent in (
        (trusted, "Bearer wrong"),
        (trusted, f"Basic {TOKEN}"),
        (stranger, "Bearer "),
        (stranger, "x"),
    ):
        answer = client.get("/metrics", headers={"Authorization": sent})
        assert "bsp-beispielstadt" not in answer.text, sent
    assert trusted.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_a_scrape_costs_few_queries_however_much_there_is(example: Example, stranger: FlaskClient) -> None:
    """150 tables and 50,000 questions: as many queries as with two tables, and well under a second."""
    queries: list[str] = []

    @event.listens_for(Engine, "before_cursor_execute")
    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        queries.append(statement)

    scrape(stranger)
    few = len(queries)
    with example.runtime.database.write() as session:
        project, mapping_id = make_project(session), tables.get(session, "bsp-musterkreis").mapping_id
        for number in range(150):
            place = {"provider": "memory", "name": f"t{number}"}
            tables.upsert(session, f"t{number}", project_id=project, mapping_id=mapping_id, location=place)
        question = {"kind": "conflict", "code": "both_changed", "document": b"", "state": QuestionState.OPEN}
        rows = [{**question, "digest": f"{n}", "table_id": 1 + n % 150, "opened_at": NOW} for n in range(50_000)]
        session.execute(insert(Question), rows)
    queries.clear()
    started = time.perf_counter()
    samples = scrape(stranger)
    seconds = time.perf_counter() - started
    event.remove(Engine, "before_cursor_execute", count)

    assert one(samples, "questions_open", kind="conflict") == 50_000
    assert len(queries) == few
    assert seconds < 1


def test_quota_sign_ins_backups_and_how_long_questions_wait(
    example: Example, stranger: FlaskClient, tmp_path: Path
) -> None:
    """One sign-in that worked, two that were refused; what an account asked only for whoever knows the token."""
    runtime = with_one_account(example).runtime
    example.books["beispielstadt"].set(2, 3, "31.02.2026")
    made = sync_table(runtime, "bsp-beispielstadt").requests
    backup(runtime, tmp_path)
    with runtime.database.write() as session:
        for action in ("login.ok", "login.refused", "login.refused"):
            audit.note(session, action, "frau-berger", actor="frau-berger", now=example.clock.now())
    example.clock.pass_by(minutes=90)
    trusted = create_app(runtime, secret_key="not secret", metrics_token=TOKEN).test_client()

    samples, plain = scrape(trusted, TOKEN), scrape(stranger)

    assert one(plain, "oldest_question_age_seconds", kind="unreadable") == 5400
    assert (one(plain, "sign_ins_last_day", result="ok"), one(plain, "sign_ins_last_day", result="refused")) == (1, 2)
    assert one(plain, "backup_age_seconds") == 5400
    (account,) = {dict(labels)["account"] for name, labels in samples if name == "syncsvc_account_requests_last_day"}
    assert one(samples, "account_requests_last_day", account=account) == sum(made.values())
    assert one(samples, "account_requests_last_hour", account=account) == 0
    assert not [name for name, _ in plain if name.startswith("syncsvc_account_requests")]
