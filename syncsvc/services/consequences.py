"""What follows from saved records: who is responsible from now on, and which coachings collide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from syncsvc.core.model import Record
from syncsvc.services.coaching import flags
from syncsvc.services.contacts.events import Origin, note_changes
from syncsvc.services.runtime import ZONE
from syncsvc.store import projects


def draw(
    session: Session,
    project_id: int,
    before: Mapping[str, Record],
    after: Iterable[Record],
    origin: Origin,
    *,
    now: datetime,
) -> None:
    """Bring responsibilities, events and flags into agreement with records that were saved.

    Call it in the transaction that saved them, once their changes are in the change log. ``before`` and ``after`` are
    as ``note_changes`` wants them: at least the changed records, as they were and as they are in force.
    """
    if projects.by_id(session, project_id).is_list:
        return  # staff, not participants
    after = list(after)
    note_changes(session, project_id, before, after, origin, now=now)
    refs = list(dict.fromkeys(record.ref for record in after))
    flags.follow(session, project_id, refs, today=now.astimezone(ZONE).date(), now=now)
