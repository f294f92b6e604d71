"""Find whose coachings collide: in one row, between providers of one project, between projects by keyed hashes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from sqlalchemy.orm import Session

from syncsvc.core.coaching import Assignment, Collision, Grade, Weight, collision, same_persons
from syncsvc.core.coaching.matchkeys import Kind, judge, person_of, reasons
from syncsvc.core.fields.contract import DirectoryOrganisation
from syncsvc.core.model import Json, Record
from syncsvc.services.coaching.assignments import DATED, Entry, Providers, entry_of
from syncsvc.services.coaching.consent import Permissions
from syncsvc.store import bases, changes, contacts, matchkeys, organisations, projects, records

HOLDERS = 60
"""A match key that more records share tells nothing any more: it is not looked at."""

PAST = timedelta(days=365)
"""What was over for so long is nobody's talk any more."""

_ORDER = (Weight.CLARIFY, Weight.HINT, Weight.HANDOVER)


@dataclass(frozen=True, slots=True)
class Finding:
    """Two coachings of one woman that overlap: of two records in their order, or of one and its measure.

    ``sides`` are the two coachings, each a record's own or its measure. ``reasons`` and ``doubts`` are German phrases;
    those about records of two projects hold no value of either.
    """

    refs: tuple[str, str]
    projects: tuple[int, int]
    subject: str
    grade: Grade
    collision: Collision
    measures: tuple[bool, bool]
    reasons: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def weight(self) -> Weight:
        return self.collision.weight

    @property
    def fingerprint(self) -> str:
        """The same as long as neither period nor provider changes."""
        return " | ".join(
            f"{one.provider} {one.coaching} {one.start}..{one.end}" for one in (self.collision.a, self.collision.b)
        )

    def document(self) -> dict[str, Json]:
        """What a flag keeps of it, to be sealed."""
        sides = zip((self.collision.a, self.collision.b), self.measures, strict=True)
        return {
            "subject": self.subject,
            "fingerprint": self.fingerprint,
            "first": _iso(self.collision.first),
            "last": _iso(self.collision.last),
            "sides": [
                {"measure": "yes" if measure else "no", "from": _iso(one.start), "to": _iso(one.end)}
                for one, measure in sides
            ],
            "reasons": list(self.reasons),
            "doubts": list(self.doubts),
        }


@dataclass
class Search:
    """Looks for collisions of one project's records, as the database stands; ``today`` is the local day."""

    session: Session
    project: int
    today: date
    _projects: dict[int, Providers] = field(default_factory=dict)
    _keys: dict[str, tuple[Record, dict[bytes, Kind]]] = field(default_factory=dict)

    def concerned(self, changed: Mapping[str, Record]) -> Mapping[str, Record]:
        """The records whose collisions a change can move: these, or all of a project in which several houses coach.

        How much a name says there depends on how rare it is in the project, and so on every other record.
        """
        return {**records.of_project(self.session, self.project), **changed} if self._is_joint else changed

    def keys(self, changed: Mapping[str, Record]) -> dict[str, dict[bytes, Kind]]:
        """The match keys of these records of the project; none for one that must not be compared with others."""
        if not self._permissions.permitting:
            return {ref: {} for ref in changed}
        unknown = [ref for ref, record in changed.items() if ref not in self._keys or self._keys[ref][0] is not record]
        standing = bases.tables_of(self.session, unknown)
        for ref in unknown:
            permitted = self._permissions.permits(changed[ref], standing.get(ref, ()))
            self._keys[ref] = changed[ref], matchkeys.digests(self.session, changed[ref]) if permitted else {}
        return {ref: self._keys[ref][1] for ref in changed}

    def findings(
        self, changed: Mapping[str, Record], moments: Mapping[tuple[str, str], datetime] | None = None
    ) -> list[Finding]:
        """All collisions that concern these records of the project, as they are or will be; see ``concerned``.

        ``moments``: when what they say was entered, where the change log does not know it yet.
        """
        entries = self._entries(self.project, changed, moments or {})
        found = [*self._in_rows(entries), *self._in_project(entries), *self._across(entries, self.keys(changed))]
        return [one for one in found if one.collision.last is None or one.collision.last >= self.today - PAST]

    @property
    def _is_joint(self) -> bool:
        """Whether several houses may coach in the project: no single one stands at it, and there are several."""
        if projects.by_id(self.session, self.project).organisation_id is not None:
            return False
        return len({house.key for house in self._houses if house.kind == "provider"} & set(self._coaches.values())) > 1

    @cached_property
    def _permissions(self) -> Permissions:
        return Permissions.of_project(self.session, self.project)

    def _providers(self, project: int) -> Providers:
        if project not in self._projects:
            house = organisations.key_of(self.session, projects.by_id(self.session, project).organisation_id)
            self._projects[project] = Providers(project, house, self._coaches, self._houses)
        return self._projects[project]

    @cached_property
    def _coaches(self) -> dict[str, str]:
        return contacts.houses(self.session)

    @cached_property
    def _houses(self) -> tuple[DirectoryOrganisation, ...]:
        return organisations.directory(self.session)

    def _entries(
        self, project: int, known: Mapping[str, Record], moments: Mapping[tuple[str, str], datetime]
    ) -> dict[str, Entry]:
        providers = self._providers(project)
        set_at = {**changes.last_set(self.session, list(known), DATED), **moments}
        return {
            ref: entry_of(record, providers, {name: set_at[ref, name] for name in DATED if (ref, name) in set_at})
            for ref, record in known.items()
        }

    def _in_rows(self, entries: Mapping[str, Entry]) -> Iterator[Finding]:
        """A row that says both is one woman: nothing has to be compared."""
        for ref, entry in entries.items():
            if found := _beside(entry):
                yield Finding(
                    (ref, ref), (entry.project, entry.project), entry.subject, Grade.CERTAIN, found, (False, True)
                )

    def _in_project(self, entries: Mapping[str, Entry]) -> Iterator[Finding]:
        """Between the providers of a project; its own data, compared in plain."""
        hers = [entry for entry in entries.values() if entry.own]
        if not self._is_joint or len({entry.own.provider for entry in hers if entry.own}) < 2:
            return
        people = [person_of(entry.record) for entry in hers]
        for pair in same_persons(people):
            if found := _between(entries[pair.a], entries[pair.b]):
                refs, where = (pair.a, pair.b), (self.project, self.project)
                yield Finding(refs, where, "", pair.grade, found[0], found[1], pair.reasons, pair.doubts)

    def _across(self, entries: Mapping[str, Entry], digests: Mapping[str, Mapping[bytes, Kind]]) -> Iterator[Finding]:
        """Between projects: only records that both sides permit to be compared have match keys."""
        hers: dict[bytes, list[str]] = defaultdict(list)
        for ref, own in digests.items():
            for digest in own:
                hers[digest].append(ref)
        shared: dict[tuple[str, str], set[Kind]] = defaultdict(set)
        for digest, holders in matchkeys.holders(self.session, hers).items():
            others = [ref for ref in holders if ref not in digests]
            if len(others) + len(hers[digest]) > HOLDERS:
                continue
            for ref in hers[digest]:
                for other in others:
                    shared[ref, other].add(digests[ref][digest])
        graded = {pair: grade for pair, kinds in shared.items() if (grade := judge(kinds))}
        strangers = self._strangers({other for _, other in graded})
        for (ref, other), grade in sorted(graded.items()):
            if other not in strangers:
                continue
            a, b = sorted((entries[ref], strangers[other]), key=lambda entry: entry.record.ref)
            if found := _between(a, b):
                refs, where = (a.record.ref, b.record.ref), (a.project, b.project)
                yield Finding(refs, where, "", grade, found[0], found[1], reasons(shared[ref, other]))

    def _strangers(self, refs: Iterable[str]) -> dict[str, Entry]:
        """What the records of other projects take part in; nobody of their own project, or who may not be compared."""
        known = records.some(self.session, sorted(refs))
        homes: dict[int, dict[str, Record]] = defaultdict(dict)
        for ref, project in records.projects_of(self.session, list(known)).items():
            homes[project][ref] = known[ref]
        homes.pop(self.project, None)
        found: dict[str, Entry] = {}
        standing = bases.tables_of(self.session, list(known))
        for project, theirs in homes.items():
            permissions = Permissions.of_project(self.session, project)  # may be withdrawn since their keys were made
            permitted = {ref: one for ref, one in theirs.items() if permissions.permits(one, standing.get(ref, ()))}
            found |= self._entries(project, permitted, {})
        return found


def _beside(entry: Entry) -> Collision | None:
    """The project's coaching and the job centre's measure in one row."""
    found = collision(entry.own, entry.measure) if entry.own and entry.measure else None
    return found if found and found.weight is not Weight.DOUBLED else None


def _between(a: Entry, b: Entry) -> tuple[Collision, tuple[bool, bool]] | None:
    """The gravest collision of two records of one woman, and which of the two coachings are measures.

    A measure beside a coaching in its own row is talked about there.
    """
    ones, others = _coachings(a), _coachings(b)
    found = [
        (met, (is_measure, also))
        for one, is_measure in ones
        for other, also in others
        if not (is_measure and also) and (met := collision(one, other)) and met.weight is not Weight.DOUBLED
    ]
    return min(found, key=lambda one: (_ORDER.index(one[0].weight), one[0].first or date.min), default=None)


def _coachings(entry: Entry) -> list[tuple[Assignment, bool]]:
    own = [(entry.own, False)] if entry.own else []
    return [*own, (entry.measure, True)] if entry.measure and not _beside(entry) else own


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
