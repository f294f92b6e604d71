"""The last steps: what the first sync would do, and switching on exactly that."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from syncsvc.core.access import Viewer
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Side
from syncsvc.core.programme import Programme, programme_from
from syncsvc.core.schema import mapping_from, mapping_to
from syncsvc.errors import PlanMoved, TableError, UsageError
from syncsvc.services.attempts import state_of
from syncsvc.services.connecting.columns import free, slug
from syncsvc.services.connecting.draft import Connection, snapshot_key
from syncsvc.services.connecting.places import named, taken_in
from syncsvc.services.documents import written
from syncsvc.services.outcomes import Outcome
from syncsvc.services.programme import apply_content
from syncsvc.services.run import Run
from syncsvc.services.runtime import Runtime
from syncsvc.services.situations import Facts
from syncsvc.store import audit, drafts, mappings, organisations, projects, tables
from syncsvc.store.models import MappingRevision, Project, Table, TableState

NOT_READY = "Bitte zuerst die Zuordnung in Ordnung bringen."


def dry_run(rt: Runtime, connection: Connection) -> Outcome:
    """What the first sync would do, by the code of every run's preview, with the plan's fingerprint.

    Reads the table anew. Nothing is written anywhere, nor is anything made in the database: what a run would load of
    the table comes from the draft. Raises ``UsageError`` while the mapping has mistakes, and ``NotFound``.
    """
    started = time.monotonic()
    with rt.database.read() as session:
        facts = _facts(session, connection)
    table = rt.tables.open(connection.location)
    try:
        run = Run(
            rt, facts.table.key, table, "preview", None, started, load=lambda session: _facts(session, connection)
        )
        return run.preview()
    except TableError as error:
        return Outcome(
            facts.table.key, state_of(error).value, f"{error.message} {error.hint}".strip(),
            requests=asdict(table.requests), actions=(),
        )  # fmt: skip


def switch_on(rt: Runtime, viewer: Viewer, connection: Connection, *, seen: str) -> str:
    """Connect the table for good and return its key: its first sync is asked for, so that whoever waits sees it go on.

    ``seen`` is the fingerprint of the dry run that was shown: raises ``PlanMoved`` if it would be another one by now,
    or would not run. What is made is what applying ``as_file`` would make. Raises ``UsageError`` as well.
    """
    outcome = dry_run(rt, connection)
    if outcome.state != "ok" or outcome.plan != seen:
        raise PlanMoved
    with rt.database.write() as session:
        if connection.tab in taken_in(rt, session, connection):
            raise UsageError(f"Das Blatt „{connection.tab}“ ist inzwischen schon verbunden.")
        content = _content(session, connection)
        programme = programme_from(content)
        if not isinstance(programme, Programme):
            raise UsageError(" ".join(problem.message for problem in programme))
        apply_content(rt, session, programme, source=viewer.name)
        table = tables.get(session, str(content["tables"][0]["key"]))
        table.requested_at, table.requested_by = rt.clock.now(), viewer.name
        audit.note(
            session, "table.connected", table.key, actor=viewer.name, now=rt.clock.now(), project_id=table.project_id,
            details={"mapping": content["tables"][0]["mapping"], "place": named(connection.book)},
        )  # fmt: skip
        drafts.drop(session, viewer.id, [connection.key, snapshot_key(connection.key)])
    return table.key


def as_file(rt: Runtime, connection: Connection) -> str:
    """The programme file that connects this table wherever it is applied, with its project, job centre and mapping.

    Raises ``UsageError`` while the mapping has mistakes.
    """
    with rt.database.read() as session:
        return written(_content(session, connection))


def _content(session: Session, connection: Connection) -> dict[str, Any]:
    """What a programme file says about the table, and about everything it refers to."""
    project = projects.get(session, connection.project)
    houses = {organisations.key_of(session, project.organisation_id), connection.jobcentre or None} - {None}
    mapping = _mapping(session, connection)
    entry: dict[str, Any] = {"key": _key(session, connection), "project": project.key}
    if connection.jobcentre:
        entry["jobcentre"] = connection.jobcentre
    entry |= {"mapping": mapping.key, "edited_by": list(connection.edited_by)}
    times = {"schedule": connection.schedule, "quiet_hours": connection.quiet_hours, "land": connection.land}
    if connection.schedule:
        times["zone"] = connection.zone
    entry |= {name: text for name, text in times.items() if text}
    entry["location"] = dict(connection.location)
    found: dict[str, Any] = {}
    if houses:
        known = [house for house in organisations.directory(session) if house.key in houses]
        found["organisations"] = [{name: value for name, value in _plain(house).items() if value} for house in known]
    found["projects"] = [_project(session, project)]
    found["mappings"] = [mapping_to(mapping)]
    found["tables"] = [entry]
    return found


def _project(session: Session, project: Project) -> dict[str, Any]:
    house = organisations.key_of(session, project.organisation_id)
    known = {"key": project.key, "prefix": project.prefix, "name": project.name}
    return {**known, "organisation": house} if house else known


def _plain(house: Any) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(house).items()}


def _mapping(session: Session, connection: Connection) -> TableMapping:
    """The mapping as the table will have it: a new one has a key that no other mapping has."""
    if connection.mapping:
        body: Any = mappings.current(session, mappings.get(session, connection.mapping).id).body
    else:
        known = {one.key for one in mappings.all_mappings(session)}
        body = {**(connection.body or {}), "key": free(str((connection.body or {}).get("key") or "tabelle"), known)}
    found = mapping_from(body)
    if not isinstance(found, TableMapping):
        raise UsageError(NOT_READY)
    return found


def _key(session: Session, connection: Connection) -> str:
    """A key for the table that none has: as its file gave it, else of project and job centre, or of the tab."""
    where = connection.jobcentre.removeprefix("jc-") or slug(connection.tab)
    wanted = connection.wanted or f"{connection.project}-{where}"
    return free(wanted, {table.key for table in tables.all_tables(session)})


def _facts(session: Session, connection: Connection) -> Facts:
    """What the database would hold about the table, were it connected; nothing of it is stored."""
    project, mapping = projects.get(session, connection.project), _mapping(session, connection)
    house = organisations.get(session, connection.jobcentre).id if connection.jobcentre else None
    table = Table(
        id=0,
        key=_key(session, connection),
        project_id=project.id,
        jobcentre_id=house,
        mapping_id=0,
        location=dict(connection.location),
        edited_by=[str(Side(side)) for side in connection.edited_by],
        schedule=connection.schedule,
        zone=connection.zone,
        quiet_hours=connection.quiet_hours,
        land=connection.land,
        enabled=True,
        identity={},
        binding={},
        state=TableState.NEW,
        message="",
        failures=0,
    )
    revision = MappingRevision(mapping_id=0, number=1, body=mapping_to(mapping))
    return Facts(table, project, connection.jobcentre or None, mapping, revision, (), (), ())
