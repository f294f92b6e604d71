"""What the rows of a list of staff say, read against the directory: whom each is about, or why it has to wait."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from syncsvc.core.fields import Context, DirectoryContact
from syncsvc.core.fields.people import People
from syncsvc.core.mapping import REFERENCE_FIELD
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Json, Record, RecordState
from syncsvc.core.staff import (
    CONFIRMED,
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
from syncsvc.store import contacts
from syncsvc.store.models import Table

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
        entry = {**self._entry(record, differs), **name_of(record.values)}
        if self._mails.get(own_mail(entry), ref) != ref:
            raise Mistake("email", "Diese Mailadresse hat im Verzeichnis schon eine andere Person.")
        return key, entry, known

    def _new_row(self, ref: str, record: Record) -> tuple[str, dict[str, Any], DirectoryContact | None]:
        entry = self._entry(record, [name for name in DETAILS if record.values.get(name) is not None])
        entry |= {**name_of(record.values), "organisation": self._house}
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


def name_of(values: Mapping[str, Json]) -> dict[str, str]:
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
