"""Look through the whole programme: what every change keeps in step by itself is found anew from the records."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from syncsvc.services.coaching import flags
from syncsvc.services.runtime import Runtime
from syncsvc.store import coaching, projects, records

BATCH = 250
"""Records per transaction: about a tenth of a second for which other writers wait."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look found: how many records, how many flags stand undecided, and by how many there are more or fewer."""

    records: int
    standing: int
    opened: int
    closed: int
    seconds: float


def check(rt: Runtime, tell: Callable[[int, int], None] = lambda done, total: None) -> Checked:  # noqa: ARG005  # names say what is told
    """Bring all match keys and flags into agreement with the records; twice changes nothing.

    ``tell`` hears how many records are done, of how many. In a project whose providers compare their women all
    records are looked at in one transaction.
    """
    started = time.monotonic()
    with rt.database.read() as session:
        refs = {project.id: records.refs_of_project(session, project.id) for project in projects.all_projects(session)}
        before = {flag.id for flag in coaching.latest(session, present=True)}
    total, done = sum(map(len, refs.values())), 0
    for project, theirs in refs.items():
        for start in range(0, len(theirs), BATCH):
            _refresh(rt, project, theirs[start : start + BATCH])
            done = done + len(theirs[start : start + BATCH])
            tell(done, total)
    with rt.database.read() as session:
        after = coaching.latest(session, present=True)
    present = {flag.id for flag in after}
    standing = sum(flag.state in flags.UNDECIDED for flag in after)
    seconds = time.monotonic() - started
    return Checked(total, standing, len(present - before), len(before - present), seconds)


def _refresh(rt: Runtime, project: int, refs: list[str]) -> None:
    with rt.database.write() as session:
        told = flags.refresh(session, project, refs, today=rt.today(), now=rt.clock.now())
        for concerned in sorted(set(records.projects_of(session, sorted(told)).values())):
            projects.bump(session, concerned)
