"""The rows of a list of staff and the directory: what the rows say of whom, and the rows kept as the directory is."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from syncsvc.core.fields import Context, DirectoryContact
from syncsvc.core.fields.people import People
from syncsvc.core.following import DIRECTORY
from syncsvc.core.mapping import JOBCENTRE_FIELD, REFERENCE_FIELD
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Json, Record, RecordState, RowState, Side
from syncsvc.core.references import make_reference, usable
from syncsvc.core.staff import (
    CONFIRMED,
    DEPUTY,
    DETAILS,
    EMAIL,
    FAMILY,
    FIELDS,
    GIVEN,
    LINK,
    PHONE,
    is_staff,
    name_key,
    row_of,
    same,
)
from syncsvc.services.contacts.entries import Mistake, Reader, own_mail, split_name
from syncsvc.store import bases, changes, contacts, projects, records, tables
from syncsvc.store.changes import Change, Where
from syncsvc.store.models import Project, Table

FIELD_OF: Final = {detail: name for name, detail in DETAILS.items()} | {"key": REFERENCE_FIELD}


@dataclass(frozen=True, slots=True)
class Heard:
    """What a list says: the contact as each row describes her, and why a row has to wait; by reference.

    ``waiting`` is (field, German sentence).
    """

    described: dict[str, DirectoryContact] = field(default_factory=dict)
    waiting: dict[str, tuple[str, str]] = field(default_factory=dict)


def hear(rows: Mapping[str, Record], house: str, context: Context) -> Heard:
    """Understand the rows of this organisation's list against the directory as ``context`` has it.

    A row is whom it is linked to, else somebody of the directory who has no row yet, else somebody new. What a row
    shows as the directory has it already says nothing; a blank cell of a linked row empties the detail. One person has
    one row: the second one waits, and so does one that is no valid entry.
    """
    return _Hearing(rows, house, context).hear()


def doubts(
    _session: Session,
    _table: Table,
    mapping: TableMapping,
    records: Mapping[str, Record],
    context: Context,
    changed: Mapping[str, Record],
) -> dict[str, tuple[str, ...]]:
    """Why rows of a list of staff wait, as their notes say it once ``changed`` is saved (``services/remarks.py``)."""
    if not is_staff(mapping) or context.organisation is None:
        return {}
    headers = {column.field: column.header for column in mapping.columns}
    heard = hear({**records, **changed}, context.organisation, context)
    return {
        ref: (f"Noch nicht im Verzeichnis: {headers.get(name, 'Zeile')}: {text}",)
        for ref, (name, text) in heard.waiting.items()
    }


class _Hearing:
    def __init__(self, rows: Mapping[str, Record], house: str, context: Context) -> None:
        self._rows = {ref: record for ref, record in sorted(rows.items()) if record.state is RecordState.ACTIVE}
        self._house, self._context = house, context
        self._everybody = Reader(context)
        self._people = People(context.contacts)
        self._linked = {str(record.values[LINK]): ref for ref, record in self._rows.items() if LINK in record.values}
        free = tuple(contact for contact in context.contacts if contact.key not in self._linked)
        self._strangers = Reader(replace(context, contacts=free))
        self._names = {name_key(self._rows[ref].values): ref for ref in self._linked.values()}
        self._mails = {
            mail: self._linked[one.key]
            for one in context.contacts
            if one.key in self._linked and (mail := own_mail({"email": one.email}))
        }
        self._heard = Heard()

    def hear(self) -> Heard:
        meant: dict[str, tuple[str, dict[str, Any], DirectoryContact | None]] = {}
        for ref, record in self._rows.items():
            try:
                meant[ref] = self._linked_row(ref, record) if LINK in record.values else self._new_row(ref, record)
            except Mistake as mistake:
                self._wait(ref, mistake)
        for ref, (key, entry, known) in meant.items():
            try:
                self._heard.described[ref] = self._everybody.described(key, entry, known)
            except Mistake as mistake:
                self._wait(ref, mistake)
        return self._heard

    def _wait(self, ref: str, mistake: Mistake) -> None:
        self._heard.waiting[ref] = FIELD_OF.get(mistake.name, ""), mistake.message

    def _linked_row(self, ref: str, record: Record) -> tuple[str, dict[str, Any], DirectoryContact | None]:
        key = str(record.values[LINK])
        known = self._everybody.people[key]
        shown = row_of(known, self._people, self._context)
        differs = [name for name in DETAILS if not same(name, record.values.get(name), shown.get(name))]
        entry = {**self._entry(record, differs), **_name(record.values)}
        if self._mails.get(own_mail(entry), ref) != ref:
            raise Mistake("email", "Diese Mailadresse hat im Verzeichnis schon eine andere Person.")
        return key, entry, known

    def _new_row(self, ref: str, record: Record) -> tuple[str, dict[str, Any], DirectoryContact | None]:
        entry = self._entry(record, [name for name in DETAILS if record.values.get(name) is not None])
        entry |= {**_name(record.values), "organisation": self._house}
        mail, name = own_mail(entry), name_key(record.values)
        self._refuse_twin(record, mail, name)
        known = self._strangers.known(entry)
        if known is not None and known.organisation != self._house:
            raise Mistake("email", "Diese Mailadresse hat im Verzeichnis jemand einer anderen Organisation.")
        key = known.key if known else contacts.new_key()
        if known is None and name not in self._names:
            self._everybody.refuse_half_known(entry)
        if known is None:  # others may name her as their deputy
            self._everybody.expect(DirectoryContact(key, self._house, entry["family"], entry["given"]))
        self._names.setdefault(name, ref)
        self._mails |= {mail: ref} if mail else {}
        return key, entry, known

    def _refuse_twin(self, record: Record, mail: str, name: str) -> None:
        """One person, one row. Two of one name are two people only if each has an address of her own."""
        if mail in self._mails:
            raise Mistake("email", f"Diese Mailadresse steht schon bei {self._mails[mail]}.")
        twin = self._names.get(name)
        if twin is not None and not (mail and self._rows[twin].values.get(EMAIL)):
            raise Mistake("key", f"Diese Person steht schon unter {twin}: bitte eine der Zeilen löschen.")

    def _entry(self, record: Record, names: Sequence[str]) -> dict[str, Any]:
        """What a row says in these fields, as an entry of the directory."""
        entry: dict[str, Any] = {}
        for name in names:
            value = record.values.get(name)
            if value is None:
                entry[DETAILS[name]] = ""
            elif name == CONFIRMED:
                entry[DETAILS[name]] = _confirmed_on(value, self._context.today)
            elif name == PHONE:
                entry[DETAILS[name]] = FIELDS[name].display(value, self._context)
            else:
                entry[DETAILS[name]] = str(value)
        return entry


def _name(values: Mapping[str, Json]) -> dict[str, str]:
    """Family and given name, also where both stand in one cell."""
    entry = {DETAILS[name]: str(values.get(name) or "") for name in (FAMILY, GIVEN)}
    split_name(entry)
    return entry


def _confirmed_on(value: Json, today: date) -> date:
    """The day on which a month counts as confirmed: today in the present one, its last day in an earlier one."""
    try:
        first = date.fromisoformat(f"{value}-01")
    except ValueError as error:
        raise Mistake("confirmed_on", "Ein Monat wird erwartet, z. B. 10/2026.") from error
    if first > today:
        raise Mistake("confirmed_on", "Dieser Monat hat noch nicht begonnen.")
    return min(today, first.replace(day=monthrange(first.year, first.month)[1]))


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
            return _name(record.values) == {"family": contact.family, "given": contact.given}
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
