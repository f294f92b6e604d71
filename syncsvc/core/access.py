"""Who may do what: roles, rights, and whom they reach. The one place that says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Role(StrEnum):
    """What somebody is, for the whole programme, a project or a job centre."""

    PROGRAMME = "programme"
    """Leads the programme: everything, everywhere."""
    PROJECT = "project"
    """Leads a project: everything about its tables and participants."""
    JOBCENTRE = "jobcentre"
    """Reads at a job centre what the tables it shares show anyway, and changes nothing here."""
    AUDITOR = "auditor"
    """Sees how the service is set up and what was done, but nobody's data."""


class Right(StrEnum):
    """What a page or an action asks for."""

    STRUCTURE = "structure"
    """See tables, mappings, runs and their counts."""
    CELLS = "cells"
    """See what stands in the rows of a table."""
    RECORDS = "records"
    """See whole records and their history, also what no table shows; and double coachings."""
    STAFF = "staff"
    """See the directory: names and direct dials of staff are for the projects' own people."""
    DECIDE = "decide"
    """Answer questions, start and undo runs, change records and contacts."""
    CONNECT = "connect"
    """Connect tables, map columns, hand out tokens."""
    AUDIT = "audit"
    """See who signed in and who changed which setting."""
    ADMINISTER = "administer"
    """Let people in, and whatever concerns the whole service."""


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.PROGRAMME: frozenset(Right),
    Role.PROJECT: frozenset(Right) - {Right.AUDIT, Right.ADMINISTER},
    Role.JOBCENTRE: frozenset({Right.STRUCTURE, Right.CELLS}),
    Role.AUDITOR: frozenset({Right.STRUCTURE, Right.AUDIT}),
}


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose tables and participants: those of these projects and of these job centres, by id; ``whole``: all."""

    whole: bool = False
    projects: frozenset[int] = frozenset()
    jobcentres: frozenset[int] = frozenset()

    def __or__(self, other: Reach) -> Reach:
        return Reach(self.whole or other.whole, self.projects | other.projects, self.jobcentres | other.jobcentres)

    def covers(self, project: int, jobcentre: int | None) -> bool:
        """Whether a table of this project and this job centre is among them."""
        return self.whole or project in self.projects or jobcentre in self.jobcentres

    def __bool__(self) -> bool:
        return self.whole or bool(self.projects or self.jobcentres)


@dataclass(frozen=True, slots=True)
class Grant:
    """A role and whom it reaches."""

    role: Role
    reach: Reach


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who asks, and all she was granted. ``name`` is what histories note for what she does."""

    id: int
    name: str
    grants: tuple[Grant, ...]

    def reach(self, right: Right) -> Reach:
        """Whom she has this right for; an empty one, which is false, for nobody."""
        found = Reach()
        for grant in self.grants:
            if right in RIGHTS[grant.role]:
                found |= grant.reach
        return found

    def by(self, right: Right) -> Viewer:
        """The same person with those grants only that give her this right."""
        return replace(self, grants=tuple(grant for grant in self.grants if right in RIGHTS[grant.role]))

    def may(self, right: Right) -> bool:
        """Whether she has this right for anybody."""
        return bool(self.reach(right))

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants)


def misfit(role: Role, *, project: bool, jobcentre: bool) -> str:
    """Why a role cannot be given for a project, a job centre, or (neither) everything; ``""`` where it can.

    An auditor may be let in for the whole programme, one project or one job centre.
    """
    match role:
        case Role.PROJECT if not project or jobcentre:
            return "Die Projektleitung gilt für ein Projekt."
        case Role.JOBCENTRE if project or not jobcentre:
            return "Der Lesezugang gilt für ein Jobcenter."
        case Role.PROGRAMME if project or jobcentre:
            return "Die Programmleitung gilt für das ganze Programm."
        case Role.AUDITOR if project and jobcentre:
            return "Eine Prüfung gilt für ein Projekt oder für ein Jobcenter."
    return ""


def reach_of(role: Role, project: int | None, jobcentre: int | None) -> Reach:
    """Whom a membership reaches; one that was given for what its role is not for reaches nobody."""
    if misfit(role, project=project is not None, jobcentre=jobcentre is not None):
        return Reach()
    if project is not None:
        return Reach(projects=frozenset({project}))
    if jobcentre is not None:
        return Reach(jobcentres=frozenset({jobcentre}))
    return Reach(whole=True)


def viewer(id_: int, name: str, memberships: Iterable[tuple[Role, int | None, int | None]]) -> Viewer:
    """The viewer with these memberships (role, project, job centre)."""
    return Viewer(id_, name, tuple(Grant(role, reach_of(role, *of)) for role, *of in memberships))
