"""The directory: find people, show what is known of them, and change it in one place that tells whoever follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from syncsvc.core.fields import Context, DirectoryContact
from syncsvc.core.fields.people import People
from syncsvc.core.folding import bare, fold, name_forms
from syncsvc.core.strict import unknown
from syncsvc.errors import NotFound, UsageError
from syncsvc.services.contacts.entries import DAYS, DETAIL_NAMES, Mistake, Reader
from syncsvc.services.contacts.events import Origin, note_directory
from syncsvc.services.contacts.following import follow
from syncsvc.services.contacts.staffkeeping import keep_lists
from syncsvc.services.runtime import Runtime
from syncsvc.store import audit, changes, contacts, heartbeats, organisations, responsibilities, tables
from syncsvc.store.changes import Change, Where
from syncsvc.store.outcome import Outcome

BY_HAND: Final = ("web", "cli")
"""Sources of changes that somebody made herself. The log of administrative changes notes them too: in which
organisation, not of whom."""

STALE_AFTER: Final = timedelta(days=35)
"""How long a confirmation holds."""


def save(rt: Runtime, session: Session, described: Sequence[DirectoryContact], origin: Origin) -> list[Outcome]:
    """Store these contacts, with all that follows: history, events, records, tables to look at. What each became.

    The way into the directory for everything but a side's monthly confirmation. Raises ``NotFound`` for an unknown
    organisation.
    """
    now, before = rt.clock.now(), contacts.directory(session)
    known = {contact.key: contact for contact in before}
    outcomes, moved = [], []
    for contact in described:
        old = known.get(contact.key)
        outcomes.append(contacts.upsert(session, contact))
        if outcomes[-1] is Outcome.UNCHANGED:
            continue
        changes.append(session, _log(old, contact, origin, now))
        note_directory(session, old, contact, origin, now=now)
        if origin.source in BY_HAND:
            done = "changed" if old else "added"
            audit.note(session, f"contact.{done}", contact.organisation, actor=origin.actor, now=now)
        moved += [one for one in (old, contact) if one]
        if old is not None and old.organisation != contact.organisation:
            heartbeats.forget(session, heartbeats.COACHING)  # her participants are coached by another house now
    if moved:
        follow(rt, session, before, moved, actor=origin.actor)
        keep_lists(session, before, context_of(rt, session), actor=origin.actor, now=now)
        for table in tables.all_tables(session):
            table.seen_version = None  # its cells may mean somebody else now
    return outcomes


def _log(old: DirectoryContact | None, new: DirectoryContact, origin: Origin, now: datetime) -> list[Change]:
    return [
        Change(now, new.key, name, Where.DIRECTORY, origin.source, origin.actor, plain(was), plain(value))
        for name in DETAIL_NAMES
        if (was := getattr(old, name, None)) != (value := getattr(new, name)) and (was or value)
    ]


def plain(value: date | str | None) -> str | None:
    """A detail as JSON has it."""
    return value.isoformat() if isinstance(value, date) else value or None


def list_contacts(
    rt: Runtime, *, organisation: str = "", role: str = "", search: str = "", stale: bool = False
) -> list[dict[str, Any]]:
    """The directory's people by organisation and name: the details, name, ``state`` and number of ``participants``.

    ``state`` is left, absent, unconfirmed (nobody confirmed the entry in the last 35 days) or present; ``stale``
    leaves out who is present or absent. ``search`` finds parts of name, mail, telephone, team and organisation.
    Raises ``UsageError`` for an unknown organisation or role.
    """
    with rt.database.read() as session:
        context = context_of(rt, session)
        reader = Reader(context)
        with as_usage():
            house, wanted = reader.house(organisation) if organisation else "", reader.role(role)
        houses = {one.key: one.name for one in context.organisations}
        found = [
            contact
            for contact in context.contacts
            if house in ("", contact.organisation)
            and wanted in ("", contact.role)
            and (not search or _matches(contact, houses, search))
        ]
        held = responsibilities.counts(session, [contact.key for contact in found], rt.today())
        views = [_view(contact, rt.today(), held) for contact in found]
    shown = [view for view in views if not stale or view["state"] in ("left", "unconfirmed")]
    return sorted(shown, key=lambda view: (view["organisation"], fold(view["name"]), view["key"]))


def show_contact(rt: Runtime, who: str) -> dict[str, Any]:
    """One contact as ``list_contacts`` has it, with her participants and history.

    ``responsible_for``: [{ref, role, from, to}], those of today and to come; ``history``: [{when, detail, old, new,
    source, actor}], oldest first. ``who`` is a key, a name or a mail address. Raises ``NotFound`` and ``UsageError``.
    """
    with rt.database.read() as session:
        contact = find(session, who)
        today = rt.today()
        view = _view(contact, today, responsibilities.counts(session, [contact.key], today))
        rows = responsibilities.of_contact(session, contact.key, today)
        history = changes.of_record(session, contact.key)
    return {
        **view,
        "responsible_for": [
            {"ref": row.ref, "role": row.role, "from": plain(row.valid_from), "to": plain(row.valid_to)}
            for row in rows
        ],
        "history": [
            {
                "when": change.at.isoformat(), "detail": change.field, "old": change.old, "new": change.new,
                "source": change.source, "actor": change.actor,
            }
            for change in history
        ],
    }  # fmt: skip


def find(session: Session, who: str, *, house: str | None = None) -> DirectoryContact:
    """Who is meant by a key, a mail address or a name, among all or those of a house.

    Raises ``NotFound``, or ``UsageError`` that lists who may be meant.
    """
    if (named := contacts.find(session, who)) is not None and house in (None, named.organisation):
        return named
    people = [one for one in contacts.directory(session) if house in (None, one.organisation)]
    found = People(tuple(people)).find(who.strip())
    if not found:
        raise NotFound("Diese Person steht nicht im Verzeichnis.", hint="syncsvc contacts list zeigt alle.")
    if len(found) > 1:
        listed = "\n".join(f"  {one.key}  {name_of(one)}, {one.organisation}" for one in found)
        raise UsageError(f"Mehrere Personen können gemeint sein:\n{listed}", hint="Bitte den Schlüssel angeben.")
    return found[0]


def add_contact(rt: Runtime, details: Mapping[str, str], *, actor: str, source: str = "cli") -> dict[str, Any]:
    """Add somebody: at least ``organisation`` and ``family``, ``key`` if it is to be a certain one.

    The answer is that of ``show_contact``. Raises ``UsageError`` naming what is wrong, also for somebody whom the
    directory has already.
    """
    details = _by_detail(details, "key")
    with rt.database.write() as session:
        reader = reader_for(rt, session)
        for name in ("organisation", "family"):
            if not details.get(name):
                raise UsageError(f"Die Angabe {name} fehlt.", hint="Zum Beispiel: organisation=jc-nord family=Müller")
        with as_usage():
            entry = {**details, "organisation": reader.house(details["organisation"])}
            if (same := reader.known(entry)) is not None:
                raise UsageError(
                    f"Im Verzeichnis steht schon {name_of(same)} ({same.key}).", hint="contacts set ändert sie."
                )
            key = details.get("key") or contacts.new_key()
            contact = reader.described(key, {**entry, "confirmed_on": entry.get("confirmed_on") or rt.today()}, None)
        save(rt, session, [contact], Origin(source, actor))
    return show_contact(rt, key)


def set_details(
    rt: Runtime, who: str, details: Mapping[str, Any], *, actor: str, source: str = "cli"
) -> list[dict[str, Any]]:
    """Change details of a contact; ``""`` empties one. Returns what changed: [{detail, old, new}].

    Raises ``NotFound`` and ``UsageError``; then nothing was changed.
    """
    details = _by_detail(details)
    with rt.database.write() as session:
        contact = find(session, who)
        with as_usage():
            after = reader_for(rt, session).described(contact.key, details, contact)
        save(rt, session, [after], Origin(source, actor))
    log = _log(contact, after, Origin(source, actor), rt.clock.now())
    return [{"detail": entry.field, "old": entry.old, "new": entry.new} for entry in log]


def mark_left(rt: Runtime, who: str, last_day: str | None, *, actor: str, source: str = "cli") -> dict[str, Any]:
    """Note somebody's last day at work (None: yesterday). The answer is that of ``show_contact``, which says for whom
    she is still responsible. Raises ``NotFound`` and ``UsageError``.
    """
    set_details(rt, who, {"left_on": last_day or rt.today() - timedelta(days=1)}, actor=actor, source=source)
    return show_contact(rt, who)


def confirm(rt: Runtime, whos: Iterable[str], *, actor: str, source: str = "cli") -> list[str]:
    """Say that these entries are right as of today; their keys. Raises ``NotFound`` and ``UsageError``."""
    with rt.database.write() as session:
        found = [find(session, who) for who in whos]
        save(rt, session, [replace(one, confirmed_on=rt.today()) for one in found], Origin(source, actor))
    return [one.key for one in found]


def name_of(contact: DirectoryContact) -> str:
    """``Müller, Anna``."""
    return f"{contact.family}, {contact.given}" if contact.given else contact.family


def state_of(contact: DirectoryContact, today: date) -> str:
    """Left, absent, unconfirmed or present."""
    if contact.has_left(today):
        return "left"
    if contact.is_absent(today):
        return "absent"
    if contact.confirmed_on is None or today - contact.confirmed_on > STALE_AFTER:
        return "unconfirmed"
    return "present"


def reader_for(rt: Runtime, session: Session) -> Reader:
    """A reader of entries that knows the directory as it is."""
    return Reader(context_of(rt, session))


def context_of(rt: Runtime, session: Session) -> Context:
    """What surrounds an entry: today, and the directory as it is."""
    return Context(
        rt.today(),
        organisations=organisations.directory(session),
        contacts=contacts.directory(session),
        vocabularies=rt.vocabularies,
    )


def _view(contact: DirectoryContact, today: date, held: Mapping[str, int]) -> dict[str, Any]:
    return {
        "key": contact.key,
        "name": name_of(contact),
        **{name: plain(getattr(contact, name)) if name in DAYS else getattr(contact, name) for name in DETAIL_NAMES},
        "state": state_of(contact, today),
        "participants": held.get(contact.key, 0),
    }


def _matches(contact: DirectoryContact, houses: Mapping[str, str], search: str) -> bool:
    """Whether every word of the search stands somewhere in what is known, umlauts and spelling of numbers apart."""
    text = " ".join([contact.family, contact.given, contact.email, contact.team, contact.organisation])
    forms = name_forms(f"{text} {houses.get(contact.organisation, '')}")
    digits = "".join(filter(str.isdigit, contact.phone))

    def stands(word: str) -> bool:
        number = "".join(filter(str.isdigit, word))
        if number and not any(map(str.isalpha, word)):
            return number in digits or any(word in form for form in forms)
        return any(part in form for part in name_forms(word) for form in forms)

    return all(stands(word) for word in search.split())


def _by_detail(details: Mapping[str, Any], *more: str) -> dict[str, Any]:
    """The details by their own names, also where they were called as people call them (``Durchwahl``).

    Raises ``UsageError`` for one that does not exist.
    """
    known = {bare(label): name for name, label in DETAIL_NAMES.items()}
    named = {known.get(bare(name), name): value for name, value in details.items()}
    wrong = [unknown("Angabe", name, [*DETAIL_NAMES, *more]) for name in named if name not in (*DETAIL_NAMES, *more)]
    if wrong:
        raise UsageError(" ".join(wrong), hint=f"Möglich sind: {', '.join(DETAIL_NAMES)}.")
    return named


@contextmanager
def as_usage() -> Iterator[None]:
    """Let a mistake in an entry be told as a wrong call."""
    try:
        yield
    except Mistake as mistake:
        raise UsageError(
            mistake.message, hint=f"Die Angabe {mistake.name} bitte prüfen. Nichts wurde geändert."
        ) from mistake
