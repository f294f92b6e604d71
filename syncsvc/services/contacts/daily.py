"""What a new day brings: planned hand-overs begin, and rows say something else of contacts who left or are away."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from sqlalchemy.orm import Session

from syncsvc.core.contact_remarks import changes_between
from syncsvc.core.contacts import holders
from syncsvc.core.model import Record, RecordState
from syncsvc.services import consequences
from syncsvc.services.contacts.events import Origin, note_standing
from syncsvc.services.contacts.handover import SOURCE, contact_value, leads, with_contact
from syncsvc.services.runtime import ZONE, Runtime
from syncsvc.store import changes, contacts, heartbeats, projects, records, responsibilities
from syncsvc.store.changes import Change, Where
from syncsvc.store.models import Responsibility

NAME = "contacts"
"""This job's name among those that recur."""

_HISTORY = "contacts-history"
"""Done once: records of the time before there was a history of responsibilities have one."""

_CHUNK = 500
"""Records in one transaction."""


def new_day(rt: Runtime) -> None:
    """Carry out what was planned for today, and have the tables looked at whose rows say something else now."""
    _begin_histories(rt)
    today = rt.today()
    with rt.database.read() as session:
        last = heartbeats.last(session, NAME)
        due = bool(responsibilities.due(session, today))
    before = last.at.astimezone(ZONE).date() if last else today - timedelta(days=1)
    if before == today and not due:
        return
    with rt.database.write() as session:
        _begin(rt, session, today)
        turned = [contact.key for contact in contacts.directory(session) if changes_between(contact, before, today)]
        for project_id in responsibilities.projects_of(session, turned, today):
            projects.bump(session, project_id)


def _begin_histories(rt: Runtime) -> None:
    """Once after an update: whoever records name already is responsible in the history too.

    Stopped in between it begins anew, and passes over what has a history.
    """
    with rt.database.read() as session:
        if heartbeats.last(session, _HISTORY) is not None:
            return
        refs = [
            ref
            for project in projects.all_projects(session)
            if not project.is_list
            for ref in records.refs_of_project(session, project.id)
        ]
    now = rt.clock.now()
    for start in range(0, len(refs), _CHUNK):
        with rt.database.write() as session:
            note_standing(session, refs[start : start + _CHUNK], now=now)
    with rt.database.write() as session:
        heartbeats.beat(session, _HISTORY, rt.holder, now)


def _begin(rt: Runtime, session: Session, today: date) -> None:
    """Let those take over who were to do so by today; the tables' owners decided that when it was confirmed."""
    plans: dict[int, list[Responsibility]] = defaultdict(list)
    for plan in responsibilities.due(session, today):
        plans[records.project_of(session, plan.ref)].append(plan)
    now = rt.clock.now()
    for project_id, found in plans.items():
        columns = leads(session, projects.by_id(session, project_id))
        before: dict[str, Record] = {}
        after: dict[str, Record] = {}
        log, by = [], set()
        for plan in found:
            record = after.get(plan.ref) or records.get(session, plan.ref)
            if record.state is RecordState.VOID or holders(record.values).get(plan.role) == plan.contact_key:
                continue
            value = contact_value(plan.role, str(plan.contact_key))
            before.setdefault(plan.ref, record)
            after[plan.ref] = with_contact(record, columns[plan.role], value)
            actor, source = plan.confirmed_by or "", f"{SOURCE} {plan.source.partition(':')[2]}".rstrip()
            by.add(actor)
            old = record.values.get(plan.role)
            log.append(Change(now, plan.ref, plan.role, Where.RECORD, source, actor, old, value))
        responsibilities.drop(session, found)
        session.flush()
        if after:
            records.save(session, project_id, after.values(), now)
            changes.append(session, log)
            origin = Origin(SOURCE, ", ".join(sorted(by)))
            consequences.draw(session, project_id, before, after.values(), origin, now=now)
