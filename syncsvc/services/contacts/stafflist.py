"""An organisation's list of staff as a shared table: what its rows say goes into the directory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from syncsvc.core.fields.people import People
from syncsvc.core.model import Record
from syncsvc.core.staff import FAMILY, GIVEN, LINK, name_key, row_of
from syncsvc.services.contacts.directory import context_of, save
from syncsvc.services.contacts.events import Origin
from syncsvc.services.contacts.staffkeeping import fill_list
from syncsvc.services.contacts.staffrows import hear
from syncsvc.services.runtime import Runtime
from syncsvc.store import organisations, projects, records
from syncsvc.store.models import Project


def open_list(rt: Runtime, session: Session, house: str) -> Project:
    """The project of this organisation's list of staff, made and filled with the directory's people at first.

    Raises ``UsageError`` when a project has the prefix of its references.
    """
    if (known := projects.list_of(session, house)) is not None:
        return known
    row = organisations.get(session, house)
    projects.upsert(
        session, projects.list_key(house), prefix=f"AP{row.id}", name=f"Ansprechpersonen {row.name}",
        organisation_id=row.id,
    )  # fmt: skip
    project = projects.list_of(session, house)
    assert project is not None, "just stored"
    fill_list(session, project, house, context_of(rt, session), actor="apply", now=rt.clock.now())
    return project


def take(rt: Runtime, session: Session, project: Project, rows: Mapping[str, Record], origin: Origin) -> None:
    """Let the directory take over what the list's records say, in the transaction that saves them.

    A row that is no valid entry waits, and so does the directory with it; the next run tries again.
    """
    house = organisations.key_of(session, project.organisation_id)
    assert house is not None, "every list is an organisation's"
    context = context_of(rt, session)
    people, known = People(context.contacts), {contact.key: contact for contact in context.contacts}
    heard = hear(rows, house, context)
    linked = []
    for ref, contact in heard.described.items():
        values = rows[ref].values
        if LINK in values:
            continue
        shown = row_of(known[contact.key], people, context) if contact.key in known else {}
        if name_key(values) == name_key(shown):
            shown = {name: value for name, value in shown.items() if name not in (FAMILY, GIVEN)}
        linked.append(replace(rows[ref], values={**shown, **values, LINK: contact.key}))
    records.save(session, project.id, linked, rt.clock.now())
    save(rt, session, list(heard.described.values()), origin)
