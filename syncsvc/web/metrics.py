"""``/metrics`` for Prometheus: read from the database when asked, so that any process tells of all.

Everybody who reaches the address sees sums; single tables only who knows the token.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from flask import Blueprint, Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from syncsvc.errors import SyncsvcError
from syncsvc.services import health
from syncsvc.services.health import AccountView
from syncsvc.store import figures
from syncsvc.store.figures import Figures
from syncsvc.web import sessions

pages = Blueprint("metrics", __name__)

TOKEN = "METRICS_TOKEN"  # noqa: S105  # the name of the setting, not a secret


@pages.get("/metrics")
def show() -> Response:
    """All figures as text; 401 for a wrong token, 503 while the database is away."""
    detailed, refused = _admission()
    if refused:
        return Response("wrong token\n", 401, mimetype="text/plain")
    runtime = sessions.whole()
    now = runtime.clock.now()
    try:
        with runtime.database.read() as session:
            found = figures.collect(session, now)
        accounts = health.accounts(runtime, found) if detailed else []
    except SyncsvcError:
        return Response("no database\n", 503, mimetype="text/plain")
    registry = CollectorRegistry()
    registry.register(_Moment(found, now, detailed, accounts))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _admission() -> tuple[bool, bool]:
    """Whether single tables may be told, and whether a token was sent that is not ours."""
    sent = request.authorization
    if sent is None:
        return False, False
    token: str = current_app.config[TOKEN]
    right = sent.type == "bearer" and hmac.compare_digest((sent.token or "").encode(), token.encode())
    return (True, False) if token and right else (False, True)


@dataclass(frozen=True, slots=True, eq=False)  # the registry keeps it by identity
class _Moment(Collector):
    found: Figures
    now: datetime
    detailed: bool
    accounts: Sequence[AccountView]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found = self.found
        states = Counter(table.state for table in found.tables)
        faults = Counter(table.fault for table in found.tables if table.fault)
        yield _by("syncsvc_tables", "Tables by state.", "state", states)
        yield _by("syncsvc_tables_waiting", "Tables by who has to act.", "actor", faults)
        yield _one(
            "syncsvc_oldest_agreement_age_seconds", "Since the table longest out of step agreed.", self._oldest()
        )
        yield _by("syncsvc_runs_last_day", "Runs begun in 24 hours by state.", "state", found.runs)
        yield _by(
            "syncsvc_cells_written_last_day", "Cells written in 24 hours by the run's state.", "state", found.cells
        )
        yield _by("syncsvc_run_requests_last_day", "Requests of the runs of 24 hours by kind.", "kind", found.requests)
        yield _by("syncsvc_questions_open", "Open questions by kind.", "kind", found.questions)
        ages = {kind: (self.now - oldest).total_seconds() for kind, oldest in found.oldest_questions.items()}
        yield _by("syncsvc_oldest_question_age_seconds", "Since the oldest open question was asked.", "kind", ages)
        yield _one("syncsvc_accounts_paused", "Accounts that their platform throttles.", len(found.pauses))
        yield _one("syncsvc_tick_age_seconds", "Since the dispatcher's last tick.", self._age(found.tick_at))
        yield _one("syncsvc_notices_waiting", "Notices nobody has got yet.", found.waiting_notices)
        yield _one("syncsvc_notices_failing", "Of these, tried several times in vain.", found.failing_notices)
        yield _by("syncsvc_sign_ins_last_day", "Sign-ins in 24 hours by their result.", "result", found.sign_ins)
        yield _one("syncsvc_backup_age_seconds", "Since the service's own last backup.", self._age(found.backup_at))
        yield _one("syncsvc_database_bytes", "Size of the database.", found.database_bytes)
        yield _by("syncsvc_build_info", "The program's version.", "version", {version("syncsvc"): 1})
        if self.detailed:
            yield from self._details()

    def _details(self) -> Iterator[GaugeMetricFamily]:
        state = GaugeMetricFamily("syncsvc_table_state", "1 for the state a table is in.", labels=["table", "state"])
        age = GaugeMetricFamily(
            "syncsvc_table_agreement_age_seconds", "Since a table was last known to agree.", labels=["table"]
        )
        for table in self.found.tables:
            state.add_metric([table.key, table.state], 1)
            if table.agreed_at is not None:
                age.add_metric([table.key], (self.now - table.agreed_at).total_seconds())
        yield from (state, age)
        rests = {account: (until - self.now).total_seconds() for account, until in self.found.pauses.items()}
        yield _by("syncsvc_account_rests_seconds", "How long an account still rests.", "account", rests)
        hour = {account.name: float(account.last_hour) for account in self.accounts}
        day = {account.name: float(account.last_day) for account in self.accounts}
        text = "Requests of the runs of {} by account."
        yield _by("syncsvc_account_requests_last_hour", text.format("one hour"), "account", hour)
        yield _by("syncsvc_account_requests_last_day", text.format("24 hours"), "account", day)

    def _oldest(self) -> float | None:
        agreed = [table.agreed_at for table in self.found.tables if table.agreed_at and table.state != figures.PAUSED]
        return self._age(min(agreed, default=None))

    def _age(self, moment: datetime | None) -> float | None:
        return None if moment is None else (self.now - moment).total_seconds()


def _one(name: str, text: str, value: float | None) -> GaugeMetricFamily:
    """A single figure; without a value it is absent, not zero."""
    family = GaugeMetricFamily(name, text)
    if value is not None:
        family.add_metric([], value)
    return family


def _by(name: str, text: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    pairs: Iterable[tuple[str, float]] = sorted(values.items())
    for key, value in pairs:
        family.add_metric([key], value)
    return family
