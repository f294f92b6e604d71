"""One attempt to sync a table, and what its end means for the next one: when, and who has to be told."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from syncsvc.core import ladder
from syncsvc.core.ladder import Kind
from syncsvc.core.schedules import Schedule, next_run, open_moment
from syncsvc.errors import (
    Actor,
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseOutdated,
    DatabaseUnreachable,
    KeyMissing,
    LeaseLost,
    NotFound,
    PlanMoved,
    PlatformBusy,
    PlatformThrottled,
    SyncsvcError,
    TableForbidden,
    TableLocked,
    TableNotFound,
    TableReadOnly,
    TableUnreadable,
)
from syncsvc.ports.tables import Table as TablePort
from syncsvc.services.runtime import Runtime
from syncsvc.store import notices, pauses, tables
from syncsvc.store.models import Table, TableState

HELD_REST = timedelta(minutes=5)
"""How long a table without a schedule that awaits its release is left alone; the release ends the wait."""

_NEEDS_A_PERSON = (TableForbidden, TableNotFound, TableUnreadable, TableReadOnly)


NOT_THE_TABLES_FAULT = (
    PlanMoved,
    LeaseLost,
    DatabaseBusy,
    DatabaseUnreachable,
    DatabaseDamaged,
    DatabaseOutdated,
    KeyMissing,
)
"""Errors that say nothing about how the table is: whoever asked is told, and the table is due as before."""


def kind_of(error: Exception) -> Kind:
    """How a failure is going to end. What nobody foresaw needs a person."""
    if isinstance(error, TableLocked):
        return Kind.LOCKED
    if isinstance(error, _NEEDS_A_PERSON) or not isinstance(error, SyncsvcError) or not error.retry:
        return Kind.LASTING
    return Kind.PASSING


def state_of(error: Exception) -> TableState:
    """A table that will be well by itself is held, one that needs a person has failed."""
    return TableState.FAILED if kind_of(error) is Kind.LASTING else TableState.HELD


def bring_forward(table: Table, now: datetime, *, wait: timedelta = timedelta()) -> None:
    """Have a table looked at by the next tick, because somebody decided something; its quiet hours and holidays stay.

    With ``wait`` it is looked at no sooner than that either, so that a decision can still be taken back.

    Call it in the transaction that stores the decision. A failing table keeps its pause: decisions do not mend it, and
    each attempt in vain would lengthen the next one.
    """
    if table.next_due_at is None or table.failing_since is not None:
        return
    schedule = _schedule(table)
    moment = open_moment(schedule, now + wait) if schedule else now + wait
    table.next_due_at = moment if wait else min(table.next_due_at, moment)


def sentence(error: Exception) -> str:
    """What is wrong and what to do. The text of an unexpected error may quote a value, so only its type is told.

    So it is where something of ours is not found in the middle of a run: that text may name a participant.
    """
    if isinstance(error, SyncsvcError) and not isinstance(error, NotFound):
        return f"{error.message} {error.hint}".strip()
    return f"Unerwarteter Fehler im Dienst ({type(error).__name__})."


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt begun at ``begun``; ``request``: when a person asked for it, None if none did.

    Exactly one of ``worked`` and ``failed`` ends it, in the transaction that stores what it did.
    """

    rt: Runtime
    table_id: int
    begun: datetime
    request: datetime | None

    @classmethod
    def begin(cls, rt: Runtime, table: Table) -> Attempt:
        """Call it before anything of the table is read: a request that comes later is not answered by it."""
        return cls(rt, table.id, rt.clock.now(), table.requested_at)

    def worked(self, session: Session, port: TablePort, *, held: str = "") -> None:
        """The table could be read and written. ``held``: why its plan was not carried out; a release moves it on."""
        now, table = self.rt.clock.now(), tables.by_id(session, self.table_id)
        if table.told_at is not None:
            text = f"Sie ist wieder erreichbar. {held}" if held else _RECOVERED
            _tell(session, table, Actor(table.fault or Actor.OPERATOR), "recovered", text, now)
        elif held and (table.state is not TableState.HELD or table.fault is not None):  # not held by its plan before
            _tell(session, table, Actor.TABLE, "held", f"{held} {_LOOK}", now)
        if held:
            _remember_agreement(table)
        tables.set_state(session, table.id, TableState.HELD if held else TableState.OK, held, now)
        rest = max(port.interval, HELD_REST) if held else port.interval
        schedule = _schedule(table)
        table.failures, table.failing_since, table.fault, table.told_at = 0, None, None, None
        table.checked_at, table.next_due_at = now, next_run(schedule, now) if schedule else now + rest
        self._answer(session)
        pause = pauses.get(session, port.credential) if port.credential else None
        if pause is not None and pause.until <= self.begun:
            pauses.end(session, port.credential)
            if pause.until - pause.since > ladder.PATIENCE:
                _tell(session, table, PlatformThrottled.actor, "account_recovered", _ACCOUNT_RECOVERED, now)

    def failed(self, session: Session, error: Exception, port: TablePort | None = None) -> None:
        """The table could not be read or written, or the service stumbled. ``port``: the table, once it is open."""
        now, table = self.rt.clock.now(), tables.by_id(session, self.table_id)
        kind, state = kind_of(error), state_of(error)
        actor = error.actor if isinstance(error, SyncsvcError) else Actor.OPERATOR
        if (table.state, table.fault) != (state, actor.value):  # another failure than before, or the first one
            table.failures, table.told_at, table.fault = 0, None, actor.value
        _remember_agreement(table)
        table.failures += 1
        table.failing_since = table.failing_since or now
        tables.set_state(session, table.id, state, sentence(error), now)
        wish = error.retry_after if isinstance(error, PlatformBusy) else None
        throttled = isinstance(error, PlatformThrottled) and port is not None and port.credential
        step = ladder.next_step(
            kind,
            table.failures,
            now - table.failing_since,
            told=table.told_at is not None or bool(throttled),  # of an account all its tables would tell
            retry_after=wish,
            spread=random.random(),  # noqa: S311  # spreads load, hides nothing
        )
        if throttled and port is not None:
            self._strike(session, table, port.credential, wish, now)
        if step.tell:
            _tell(session, table, actor, "failing", f"{sentence(error)} {_TRYING[kind]}", now)
            table.told_at = now
        schedule = _schedule(table)
        again = now + step.pause
        table.checked_at, table.next_due_at = now, open_moment(schedule, again) if schedule else again
        self._answer(session)

    def _answer(self, session: Session) -> None:
        """Note that the request was answered, unless somebody asked anew meanwhile."""
        session.execute(
            update(Table)
            .where(Table.id == self.table_id, Table.requested_at == self.request)
            .values(requested_at=None, requested_by=None)
        )

    def _strike(self, session: Session, table: Table, credential: str, wish: float | None, now: datetime) -> None:
        """Rest the account. Attempts that were under way when its last rest began are no new strike."""
        last = pauses.get(session, credential)
        since, strikes, until = (last.since, last.strikes, last.until) if last else (now, 0, self.begun)
        if self.begun >= until:
            strikes += 1
        rest = max(until, now + ladder.strike(strikes, retry_after=wish))
        pauses.put(session, credential, since=since, until=rest, strikes=strikes)
        if rest - since > ladder.PATIENCE >= until - since:
            _tell(session, table, PlatformThrottled.actor, "account_throttled", _ACCOUNT_THROTTLED, now)


_LOOK = "Bitte auf der Seite der Tabelle die Vorschau ansehen; bis dahin schreibt der Dienst nichts hinein."
_RECOVERED = "Der Abgleich geht wieder; es ist nichts mehr zu tun."
_ACCOUNT_RECOVERED = "Die Plattform bremst das Konto des Dienstes nicht mehr; alle seine Tabellen werden abgeglichen."
_ACCOUNT_THROTTLED = (
    "Die Plattform bremst das Konto, mit dem der Dienst diese und andere Tabellen öffnet, seit mehreren Stunden. "
    "Der Dienst versucht es von selbst weiter. Wenn es so bleibt: beim Betreiber der Plattform ein höheres Kontingent "
    "beantragen oder die Tabellen seltener abgleichen."
)
_TRYING = {
    Kind.LOCKED: "Der Dienst wartet, bis sie geschlossen ist, und macht dann von selbst weiter.",
    Kind.PASSING: "Das dauert nun schon mehrere Stunden. Der Dienst versucht es von selbst weiter.",
    Kind.LASTING: "Der Dienst versucht es weiter, aber immer seltener, zuletzt einmal am Tag. Ist es behoben, hilft "
    "„Jetzt abgleichen“ auf der Seite der Tabelle.",
}
"""What happens next, by how the failure is going to end."""


def _remember_agreement(table: Table) -> None:
    """A table that stops being well was known to agree at the last look, which found nothing new and left no run."""
    if table.state is TableState.OK and table.last_agreed_at is not None and table.checked_at is not None:
        table.last_agreed_at = max(table.last_agreed_at, table.checked_at)


def _tell(session: Session, table: Table, audience: Actor, code: str, text: str, now: datetime) -> None:
    whole = f"Tabelle „{table.key}“: {text}"
    notices.add(session, audience=audience, code=code, text=whole, now=now, table_id=table.id)


def _schedule(table: Table) -> Schedule | None:
    """The table's schedule; None where its provider's interval decides, which knows no quiet hours and holidays."""
    return Schedule(table.schedule, table.zone, table.quiet_hours, table.land) if table.schedule else None
