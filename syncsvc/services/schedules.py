"""Which tables are due, and what people say about it: now, not any more, again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from syncsvc.errors import ConfigurationError, UsageError
from syncsvc.services.runtime import ZONE, Runtime
from syncsvc.store import audit, pauses, projects, tables
from syncsvc.store.models import Table


def due(rt: Runtime) -> list[tuple[str, bool]]:
    """The key of each table to sync now, and whether a person waits for it: those first, then the longest waiting.

    Tables of an account that rests are left out.
    """
    now = rt.clock.now()
    with rt.database.read() as session:
        ready = tables.due(session, now)
        resting = pauses.standing(session, now) if ready else {}
    return [(table.key, table.requested_at is not None) for table in ready if not rests_until(rt, table, resting)]


def rests_until(rt: Runtime, table: Table, resting: Mapping[str, datetime]) -> datetime | None:
    """Until when the table's account rests; None if it does not. ``resting`` are the accounts that do."""
    if not resting:  # the usual case: no table has to be opened
        return None
    try:
        return resting.get(rt.tables.open(tables.whereabouts(table)).credential)
    except ConfigurationError:
        return None  # its sync says what is wrong


def resting_sentence(until: datetime) -> str:
    """Why nothing happens to a table whose account rests."""
    return (
        "Die Plattform bremst das Konto des Dienstes; "
        f"der Abgleich geht um {until.astimezone(ZONE):%H:%M} Uhr von selbst weiter."
    )


def request_sync(rt: Runtime, key: str, by: str) -> None:
    """Ask for the table to be synced at the next tick, before all others; also while it waits after failures.

    The request stands until an attempt that began after it has ended, whatever process dies meanwhile. While the
    table's account rests it waits. Asking again changes nothing but the moment. Raises ``NotFound``, or ``UsageError``
    for a table that is switched off.
    """
    with rt.database.write() as session:
        table = tables.get(session, key)
        if not table.enabled:
            raise UsageError(
                f"Der Abgleich der Tabelle „{key}“ ist pausiert.", hint="Bitte den Abgleich zuerst fortsetzen."
            )
        table.requested_at, table.requested_by = rt.clock.now(), by


def pause(rt: Runtime, key: str, *, actor: str, reason: str = "") -> None:
    """Sync the table no more by itself until ``resume``; a run at work finishes. Raises ``NotFound``."""
    with rt.database.write() as session:
        _pause(session, tables.get(session, key), actor, reason, rt.clock.now())


def pause_all(rt: Runtime, project: str | None, *, actor: str, reason: str) -> int:
    """Pause every table of the project (None: all there are) that is not paused yet; how many.

    They share one ``paused_at``, by which ``resume_all`` finds them again. Raises ``NotFound``.
    """
    with rt.database.write() as session:
        now, found = rt.clock.now(), [table for table in _of(session, project) if table.enabled]
        for table in found:
            _pause(session, table, actor, reason, now)
        return len(found)


def resume(rt: Runtime, key: str, *, actor: str) -> None:
    """Sync the table again by itself, the first time at the next tick. Raises ``NotFound``."""
    with rt.database.write() as session:
        _resume(session, tables.get(session, key), actor, rt.clock.now())


def resume_all(rt: Runtime, project: str | None, paused_at: datetime, *, actor: str) -> int:
    """Resume those of the project's tables (None: of all) that were paused together at that moment; how many.

    What somebody paused by itself before or after stays paused. Raises ``NotFound``.
    """
    with rt.database.write() as session:
        found = [table for table in _of(session, project) if not table.enabled and table.paused_at == paused_at]
        for table in found:
            _resume(session, table, actor, rt.clock.now())
        return len(found)


def _of(session: Session, project: str | None) -> Sequence[Table]:
    return tables.all_tables(session, projects.get(session, project).id if project else None)


def _pause(session: Session, table: Table, actor: str, reason: str, now: datetime) -> None:
    if table.enabled:
        table.enabled, table.requested_at, table.requested_by = False, None, None
        table.paused_at, table.paused_by, table.paused_reason = now, actor, reason
        audit.note(session, "table.paused", table.key, actor=actor, now=now, project_id=table.project_id)


def _resume(session: Session, table: Table, actor: str, now: datetime) -> None:
    if not table.enabled:
        table.enabled, table.next_due_at = True, None
        table.paused_at, table.paused_by, table.paused_reason = None, None, ""
        audit.note(session, "table.resumed", table.key, actor=actor, now=now, project_id=table.project_id)
