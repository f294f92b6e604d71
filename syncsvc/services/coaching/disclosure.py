"""What a viewer may see of a flag: of another project only that there is a coaching, and whom to call."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from syncsvc.core.contacts import holders
from syncsvc.core.fields.contract import DirectoryContact
from syncsvc.core.model import Json
from syncsvc.errors import NotFound
from syncsvc.services.coaching import flags
from syncsvc.services.columns import house_of, shown_in
from syncsvc.services.display import display_of_record
from syncsvc.services.runtime import Runtime
from syncsvc.store import coaching, contacts, organisations, projects, records
from syncsvc.store.coaching import Decision, Flag
from syncsvc.store.models import Organisation, Project

LIAISON = "liaison"
"""The role of the person whom an organisation named to be called."""

COMPARED = ("participant_name", "birth_date", "customer_no", "postcode", "jobcenter", "coach", "entry_date",
            "exit_date", "status", "measure", "measure_period")  # fmt: skip
"""The fields set side by side, in this order."""

GONE = "gone"
"""Shown as the state of a flag nobody decided on before it ended by itself."""


@dataclass(frozen=True, slots=True)
class Call:
    """Whom to call: the organisation's liaison, else inside one project the row's own contact, else the trunk."""

    organisation: str
    name: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two coachings. ``visible``: the viewer may see more of it than that it is there, and whom to call."""

    visible: bool
    call: Call
    ref: str | None = None
    project: str | None = None
    measure: bool = False
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class FlagView:
    """A flag as one viewer sees it. ``across``: the two records are of two projects, and nothing of either is shown.

    ``state`` is one of ``flags.STATES``, or ``gone``. ``compared`` holds, by field, the values of both sides.
    """

    id: int
    grade: str
    weight: str
    state: str
    present: bool
    across: bool
    first: date | None
    last: date | None
    sides: tuple[Side, Side]
    reasons: tuple[str, ...]
    doubts: tuple[str, ...]
    opened: datetime
    since: datetime
    history: tuple[Decision, ...] = ()
    compared: Mapping[str, tuple[str, str]] | None = None

    @property
    def undecided(self) -> bool:
        return self.present and self.state in flags.UNDECIDED

    def as_json(self) -> dict[str, Any]:
        data = asdict(self)
        for place in (data, *data["sides"]):
            for name, value in place.items():
                place[name] = value.isoformat() if isinstance(value, date | datetime) else value
        data["history"] = [{**entry, "at": entry["at"].isoformat()} for entry in data["history"]]
        if self.compared is None:
            del data["compared"]
        return data


def list_flags(
    rt: Runtime,
    *,
    project: str | None = None,
    seen: Collection[int] | None = None,
    state: str | None = None,
    grade: str | None = None,
    limit: int | None = None,
) -> list[FlagView]:
    """Flags, the newest first. With ``project`` only those that concern it, as it may see them.

    ``seen``: the ids of the projects the viewer belongs to (None: all); whatever else is asked, she is shown no more
    than they may see, and finds no other project.
    ``state``: a decision, ``gone`` for those that ended by themselves, None for the undecided. Raises ``NotFound``.
    """
    with rt.database.read() as session:
        asked = _scope(session, project, seen)
        states: Sequence[str] = flags.UNDECIDED if state in (None, GONE) else [state]
        present = state != GONE if state in (None, GONE, *flags.UNDECIDED) else None
        found = coaching.latest(
            session, projects=asked, states=states, present=present, grade=grade, limit=limit
        )  # fmt: skip
        reader = _Reader(session, found, asked if seen is None else seen, rt.today())
        return [reader.view(flag) for flag in found]


def show_flag(
    rt: Runtime, flag_id: int, *, project: str | None = None, seen: Collection[int] | None = None
) -> FlagView:
    """One flag with its history and, inside one project, both records side by side; with ``project`` as it may see it.

    ``seen`` as in ``list_flags``. Raises ``NotFound``, also for a flag that does not concern the project.
    """
    with rt.database.read() as session:
        asked = _scope(session, project, seen)
        flag = coaching.get(session, flag_id, asked)
        reader = _Reader(session, [flag], asked if seen is None else seen, rt.today())
        view = reader.view(flag, tuple(coaching.history(session, flag_id)))
    if view.across:
        return view
    return replace(view, compared=_compared(rt, flag))


def decide(
    rt: Runtime, flag_id: int, state: str, *, actor: str, spoken_with: str = "", project: str | None = None,
    seen: Collection[int] | None = None,
) -> str:  # fmt: skip
    """``flags.decide`` for a viewer: a project decides only about flags that concern it.

    ``seen`` as in ``list_flags``.
    """
    with rt.database.read() as session:
        scope = _scope(session, project, seen)
    return flags.decide(rt, flag_id, state, actor=actor, spoken_with=spoken_with, projects_seen=scope)


def list_projects(rt: Runtime) -> dict[str, str]:
    """The names of all projects, by key."""
    with rt.database.read() as session:
        return {project.key: project.name for project in projects.all_projects(session)}


def _scope(session: Session, project: str | None, seen: Collection[int] | None) -> Collection[int] | None:
    """The projects whose flags are asked for."""
    if project is None:
        return seen
    asked = projects.get(session, project).id
    if seen is not None and asked not in seen:
        raise NotFound(f"Das Projekt „{project}“ gibt es nicht.")
    return [asked]


def _compared(rt: Runtime, flag: Flag) -> dict[str, tuple[str, str]]:
    """Both records' values by field, as people read them; a field that is blank on both sides is left out."""
    with rt.database.read() as session:
        known = records.some(session, flag.refs)
    shown = [display_of_record(rt, ref) for ref in flag.refs]
    pairs = {
        name: tuple(show(name, known[ref].values.get(name)) for show, ref in zip(shown, flag.refs, strict=True))
        for name in COMPARED
    }
    return {name: (pair[0], pair[1]) for name, pair in pairs.items() if any(pair)}


class _Reader:
    """Turns these flags into what one viewer may see; ``scope`` are the projects the viewer belongs to, None: all."""

    def __init__(self, session: Session, found: Sequence[Flag], scope: Collection[int] | None, today: date) -> None:
        self.scope, self._session = scope, session
        self._projects = projects.some(session, {id_ for flag in found for id_ in flag.projects})
        self._records = records.some(session, sorted({ref for flag in found for ref in flag.refs}))
        self._houses = organisations.by_id(session) if found else {}
        self._by_key = {house.key: house for house in self._houses.values()}
        people = contacts.directory(session) if found else ()
        self._people = {one.key: one for one in people if not one.has_left(today)}
        self._liaisons = {one.organisation: one for one in reversed(self._people.values()) if one.role == LIAISON}

    def view(self, flag: Flag, history: tuple[Decision, ...] = ()) -> FlagView:
        across = flag.projects[0] != flag.projects[1]
        sides = tuple(self._side(flag, at) for at in (0, 1))
        state = GONE if not flag.present and flag.state in flags.UNDECIDED else flag.state
        return FlagView(
            id=flag.id,
            grade=flag.grade,
            weight=flag.weight,
            state=state,
            present=flag.present,
            across=across,
            first=_day(flag.document["first"]),
            last=_day(flag.document["last"]) if all(side.visible for side in sides) else None,
            sides=(sides[0], sides[1]),
            reasons=tuple(flag.document["reasons"]),
            doubts=tuple(flag.document["doubts"]),
            opened=flag.opened_at,
            since=flag.since,
            history=history,
        )

    def _side(self, flag: Flag, at: int) -> Side:
        told, project = flag.document["sides"][at], self._projects[flag.projects[at]]
        measure = told["measure"] == "yes"
        call = self._call(flag, at, project, measure=measure)
        if self.scope is not None and project.id not in self.scope:
            return Side(visible=False, call=call)
        start, end = _day(told["from"]), _day(told["to"])
        return Side(
            visible=True, call=call, ref=flag.refs[at], project=project.key, measure=measure, start=start, end=end
        )

    def _call(self, flag: Flag, at: int, project: Project, *, measure: bool) -> Call:
        values = self._records[flag.refs[at]].values
        house = self._house(values, project, measure=measure)
        call = Call(house.name, phone=house.trunk) if house else Call(project.name)
        if house is not None and (person := self._liaisons.get(house.key)):
            return replace(call, name=_name(person), phone=person.phone or call.phone, email=person.email)
        return call if flag.projects[0] != flag.projects[1] else self._own(call, values, project, measure=measure)

    def _own(self, call: Call, values: Mapping[str, Json], project: Project, *, measure: bool) -> Call:
        """The row's own contact in place of the trunk, as far as the project's mappings let her out."""
        role = "contact_jc" if measure else "coach"
        person = self._people.get(holders(values).get(role) or "")
        if person is None or role not in (shown := shown_in(self._session, project.id)):
            return call
        house = self._by_key[person.organisation]
        phone = person.phone if f"{role}_phone" in shown else ""
        return Call(house.name, _name(person), phone or house.trunk)

    def _house(self, values: Mapping[str, Json], project: Project, *, measure: bool) -> Organisation | None:
        """Who answers for a coaching: for a measure the record's job centre, else the project's organisation."""
        if not measure:
            return self._houses.get(project.organisation_id or 0)
        return self._by_key.get(house_of(values) or "")


def _name(person: DirectoryContact) -> str:
    return f"{person.given} {person.family}".strip()


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
