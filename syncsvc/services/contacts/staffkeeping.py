"""The rows of the lists of staff, kept as the directory is whenever it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from syncsvc.core.fields import Context, DirectoryContact
from syncsvc.core.fields.people import People
from syncsvc.core.following import DIRECTORY
from syncsvc.core.mapping import JOBCENTRE_FIELD
from syncsvc.core.model import Json, Record, RecordState, RowState, Side
from syncsvc.core.references import make_reference, usable
from syncsvc.core.staff import DEPUTY, DETAILS, FAMILY, GIVEN, LINK, row_of, same
from syncsvc.services.contacts.entries import Mistake, Reader
from syncsvc.services.contacts.staffrows import name_of
from syncsvc.store import bases, changes, projects, records, tables
from syncsvc.store.changes import Change, Where
from syncsvc.store.models import Project


def keep_lists(
    session: Session, before: Sequence[DirectoryContact], context: Context, *, actor: str, now: datetime
) -> None:
    """Write into the lists' records what changed in the directory, in the transaction that changes it.

    ``before`` is the directory as it was, ``context`` has it as it is. A detail that did not change stays as its row
    says it, and one that a row says already in other words too. Whoever has no row gets one, unless she has left;
    whoever works elsewhere now loses hers.
    """
    after = {contact.key: contact for contact in context.contacts}
    earlier = {contact.key: contact for contact in before}
    moved = {key for key in after.keys() | earlier.keys() if after.get(key) != earlier.get(key)}
    houses = {one.organisation for key in moved for one in (after.get(key), earlier.get(key)) if one is not None}
    for house in sorted(houses):
        project = projects.list_of(session, house)
        if project is not None:
            _Keeper(session, project, house, before, context, actor, now).keep()


def fill_list(session: Session, project: Project, house: str, context: Context, *, actor: str, now: datetime) -> None:
    """Give everybody of this organisation who has not left a record in its new list."""
    _Keeper(session, project, house, context.contacts, context, actor, now).keep()


class _Keeper:
    """Keeps one list's records as the directory is."""

    def __init__(
        self,
        session: Session,
        project: Project,
        house: str,
        before: Sequence[DirectoryContact],
        context: Context,
        actor: str,
        now: datetime,
    ) -> None:
        self._session, self._project, self._house, self._context = session, project, house, context
        self._actor, self._now = actor, now
        self._reader = Reader(context)
        self._shown = _rows_of(house, context)
        self._earlier = _rows_of(house, replace(context, contacts=tuple(before)))
        self._log: list[Change] = []

    def keep(self) -> None:
        known = records.of_project(self._session, self._project.id)
        linked = {
            str(record.values[LINK]): record
            for record in known.values()
            if record.state is RecordState.ACTIVE and LINK in record.values
        }
        away = {ref for ref, state in self._states().items() if state is RowState.ENDED}
        changed = []
        for key, record in linked.items():
            contact = self._reader.people.get(key)
            left = contact is not None and contact.has_left(self._context.today)
            if key not in self._shown or (record.ref in away and not left):
                changed.append(replace(record, state=RecordState.VOID))
            elif (after := self._followed(key, record)) != record:
                changed.append(after)
        gone = {record.values[LINK] for record in changed if record.state is RecordState.VOID}
        missing = self._shown.keys() - (linked.keys() - gone)
        new = [key for key in sorted(missing) if not self._reader.people[key].has_left(self._context.today)]
        records.save(self._session, self._project.id, changed, self._now)
        records.create(self._session, self._project.id, self._new(new, known), self._now)
        changes.append(self._session, self._log)
        if not (changed or new):
            projects.bump(self._session, self._project.id)  # what rows say may mean somebody else now

    def _states(self) -> dict[str, RowState]:
        found: dict[str, RowState] = {}
        for table in tables.all_tables(self._session, self._project.id):
            found |= bases.states(self._session, table.id)
        return found

    def _followed(self, key: str, record: Record) -> Record:
        """The record with the details that changed, but for those that it says already."""
        shown, earlier = self._shown[key], self._earlier.get(key, {})
        moved = [name for name in DETAILS if not same(name, shown.get(name), earlier.get(name))]
        if not {FAMILY, GIVEN}.isdisjoint(moved):
            moved += [FAMILY, GIVEN]  # one cell may hold both
        taken = {
            name: shown.get(name)
            for name in dict.fromkeys(moved)
            if not same(name, shown.get(name), record.values.get(name)) and not self._says(key, name, record)
        }
        return self._with(record, taken) if taken else record

    def _says(self, key: str, name: str, record: Record) -> bool:
        """Whether the record's value, in other words, is what the directory has."""
        contact = self._reader.people[key]
        if name in (FAMILY, GIVEN):
            return name_of(record.values) == {"family": contact.family, "given": contact.given}
        if name != DEPUTY or record.values.get(name) is None:
            return False
        try:
            return self._reader.described(key, {"deputy": str(record.values[name])}, contact) == contact
        except Mistake:
            return False

    def _new(self, keys: Sequence[str], known: Mapping[str, Record]) -> list[Record]:
        """Records for people who have none, with references of their own."""
        new: list[Record] = []
        while len(new) < len(keys):
            (number,) = projects.take_numbers(self._session, self._project.id, 1)
            ref = make_reference(self._project.prefix, number)
            if usable(self._project.prefix, number) and ref not in known:
                key = keys[len(new)]
                new.append(self._with(Record(ref, {LINK: key, JOBCENTRE_FIELD: self._house}), self._shown[key]))
        return new

    def _with(self, record: Record, taken: Mapping[str, Json]) -> Record:
        values = {name: value for name, value in {**record.values, **taken}.items() if value is not None}
        self._log += [
            Change(self._now, record.ref, name, Where.RECORD, DIRECTORY, self._actor, record.values.get(name), value)
            for name, value in taken.items()
        ]
        # As the job centre's own word, so that it is written and not proposed in a column that is hers.
        return replace(record, values=values, by={**record.by, **dict.fromkeys(taken, Side.JOBCENTRE)})


def _rows_of(house: str, context: Context) -> dict[str, dict[str, Json]]:
    """What a list says of everybody of this organisation, by key."""
    people = People(context.contacts)
    return {one.key: row_of(one, people, context) for one in context.contacts if one.organisation == house}
