"""The project and the job centre of a table, where the service does not know them yet."""

from __future__ import annotations

from typing import Any

from syncsvc.core.access import Viewer
from syncsvc.core.programme import Programme, programme_from
from syncsvc.errors import UsageError
from syncsvc.services.connecting.columns import free, slug
from syncsvc.services.display import jobcentre_names, organisation_names, project_names
from syncsvc.services.programme import apply_content
from syncsvc.services.runtime import Runtime
from syncsvc.store import audit


def add_project(rt: Runtime, viewer: Viewer, name: str, prefix: str) -> str:
    """Make a project and return its key. ``prefix`` begins its participants' references.

    Raises ``UsageError`` for a name or a prefix that is none, or that another project has.
    """
    key = free(slug(prefix), set(project_names(rt)))
    return _add(rt, viewer, "project", {"key": key, "name": name.strip(), "prefix": prefix.strip().upper()})


def add_jobcentre(rt: Runtime, viewer: Viewer, name: str) -> str:
    """Make a job centre and return its key. Raises ``UsageError`` without a name, or for one that is there already."""
    if name.strip() in jobcentre_names(rt).values():
        raise UsageError("Dieses Jobcenter gibt es schon.")
    place = name.strip().removeprefix("Jobcenter").strip()
    key = free(f"jc-{slug(place)}", set(organisation_names(rt)))
    return _add(rt, viewer, "organisation", {"key": key, "kind": "jobcentre", "name": name.strip()})


def _add(rt: Runtime, viewer: Viewer, kind: str, entry: dict[str, Any]) -> str:
    """Make it as a programme file would."""
    if not entry["name"]:
        raise UsageError("Bitte einen Namen eintragen.")
    programme = programme_from({f"{kind}s": [entry]})
    if not isinstance(programme, Programme):
        raise UsageError(" ".join(problem.message for problem in programme))
    with rt.database.write() as session:
        apply_content(rt, session, programme, source=viewer.name)
        audit.note(session, f"{kind}.added", entry["key"], actor=viewer.name, now=rt.clock.now())
    return str(entry["key"])
