"""What nobody needs any more is removed: ``docs/decisions.md``, "What is kept for how long".

Open questions, records, bases, intents and the change log are never touched.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy.orm import Session

from syncsvc.services.drafts import DAYS as DRAFT_DAYS
from syncsvc.services.recordwrites import REMEMBERED
from syncsvc.services.runtime import Runtime
from syncsvc.store import allowances, audit, drafts, intents, notices, questions, runs, tokens, users
from syncsvc.store.space import give_back

BATCH = 200
"""Rows in one transaction: far below what would keep another writer waiting for a second."""

_Id = TypeVar("_Id", int, str)


@dataclass(frozen=True, slots=True)
class Tidied:
    """How much one tidying removed; ``…_thinned`` stay, without their details."""

    runs_removed: int
    runs_thinned: int
    questions_thinned: int
    notices_removed: int
    login_links_removed: int
    audit_removed: int
    readings_removed: int
    drafts_removed: int
    copies_removed: int
    leftovers_removed: int


def tidy(rt: Runtime) -> Tidied:
    """Remove what is past its term, in short transactions between which others write.

    May be interrupted and repeated anywhere, also by several processes at once. Raises database errors, and
    ``OSError`` where copies cannot be removed.
    """
    now, terms = rt.clock.now(), rt.retention
    quiet = now - timedelta(days=terms.quiet_runs_days)
    details = now - timedelta(days=terms.details_days)
    told = now - timedelta(days=terms.notices_days)
    idle = partial(runs.idle, quiet_before=quiet, before=details)
    removed = _in_batches(rt, idle, runs.forget)
    thinned = _in_batches(rt, partial(runs.detailed, before=details), runs.thin)
    closed = _in_batches(rt, partial(questions.detailed, before=details), questions.thin)
    outdated = partial(notices.outdated, settled_before=told, before=details)
    settled = _in_batches(rt, outdated, notices.forget)
    seen, done = now - timedelta(days=terms.sign_ins_days), now - timedelta(days=terms.audit_days)
    noted = _in_batches(rt, partial(audit.old_entries, sign_ins_before=seen, changes_before=done), audit.forget_entries)
    shown = now - timedelta(days=terms.readings_days)
    looked = _in_batches(rt, partial(audit.old_readings, before=shown), audit.forget_readings)
    links = _in_batches(rt, partial(users.expired_links, now=now), users.forget_links)
    begun = now - timedelta(days=DRAFT_DAYS)
    left = _in_batches(rt, partial(drafts.outdated, before=begun), drafts.forget)
    with rt.database.write() as session:
        allowances.forget_expired(session, now)
        tokens.forget_creations(session, now - REMEMBERED)
    swept = rt.tables.sweep(lambda: _unsettled(rt), now)
    give_back(rt.database)
    return Tidied(removed, thinned, closed, settled, links, noted, looked, left, swept.copies, swept.leftovers)


def _in_batches(
    rt: Runtime, find: Callable[[Session], Sequence[_Id]], act: Callable[[Session, Sequence[_Id]], int]
) -> int:
    with rt.database.read() as session:
        ids = find(session)
    done = 0
    for start in range(0, len(ids), BATCH):
        began = time.monotonic()
        with rt.database.write() as session:
            done += act(session, ids[start : start + BATCH])
        if start + BATCH < len(ids):
            time.sleep(time.monotonic() - began)  # half of the time belongs to those who wait to write
    return done


def _unsettled(rt: Runtime) -> set[str]:
    with rt.database.read() as session:
        return intents.tokens(session)
