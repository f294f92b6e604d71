"""What people say about a contact, read against the directory as it is: in files, lists, commands and forms."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from syncsvc.core.fields import Context, DirectoryContact, DirectoryOrganisation, Field, Reading, explain, field_for
from syncsvc.core.fields.names import SALUTATION
from syncsvc.core.fields.people import People
from syncsvc.core.fields.words import WordIndex
from syncsvc.core.folding import bare, tidy
from syncsvc.core.mapping import Column
from syncsvc.core.model import Side
from syncsvc.core.strict import unknown
from syncsvc.store import contacts

KINDS: Final[Mapping[str, str]] = {"person": "Person", "mailbox": "Postfach"}
DETAIL_NAMES: Final[Mapping[str, str]] = {
    "organisation": "Organisation",
    "family": "Nachname",
    "given": "Vorname",
    "role": "Rolle",
    "team": "Team",
    "phone": "Durchwahl",
    "email": "E-Mail",
    "deputy": "Vertretung",
    "absent_from": "abwesend von",
    "absent_to": "abwesend bis",
    "left_on": "ausgeschieden am",
    "confirmed_on": "Stand bestätigt",
    "kind": "Art",
}
"""All that can be said of a contact, as people call it."""

DAYS: Final = ("absent_from", "absent_to", "left_on", "confirmed_on")

_FREE_MAIL = frozenset(
    {
        "aol.com",
        "freenet.de",
        "gmail.com",
        "gmx.at",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hotmail.com",
        "hotmail.de",
        "icloud.com",
        "live.de",
        "mail.de",
        "mailbox.org",
        "outlook.com",
        "outlook.de",
        "posteo.de",
        "proton.me",
        "protonmail.com",
        "t-online.de",
        "web.de",
        "yahoo.com",
        "yahoo.de",
    }
)
_OFFICES = ("jobcentre", "agency")
_ANY_MAIL = field_for(Column("E-Mail", "email", "email", Side.JOBCENTRE))
_STAFF_MAIL = field_for(Column("E-Mail", "contact_jc_email", "email", Side.JOBCENTRE))
_PHONE = field_for(Column("Durchwahl", "phone", "phone", Side.JOBCENTRE))
_HOUSE = field_for(Column("Organisation", "house", "organisation", Side.JOBCENTRE))

_REACHABLE = frozenset({"switchboard", "service_number", "trunk_unknown", "phone_of_other_organisation"})
_WRITABLE = frozenset({"shared_mailbox", "umlaut_in_local_part"})


class Mistake(Exception):
    """Something said about a contact that cannot be; ``name`` is the detail that is wrong, ``message`` why."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name, self.message = name, message


class Reader:
    """Reads entries about contacts. ``people`` are those who may be meant; more may be added with ``expect``."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._houses = {house.key: house for house in context.organisations}
        self.people = {contact.key: contact for contact in context.contacts}
        roles = context.vocabularies.get("roles")
        self._roles = WordIndex(roles.entries if roles else ())

    def expect(self, contact: DirectoryContact) -> None:
        """Know this contact from now on."""
        self.people[contact.key] = contact

    def house(self, text: str) -> str:
        """The key of the organisation with this key or name. Raises ``Mistake``."""
        if text in self._houses:
            return text
        reading = _HOUSE.parse(text, self._context)
        if reading.accepted and isinstance(reading.value, str):
            return reading.value
        raise Mistake("organisation", unknown("Organisation", text, self._houses))

    def known(self, entry: Mapping[str, Any]) -> DirectoryContact | None:
        """The contact an entry is about: by key, by mail, else by name and organisation; None: somebody new.

        Raises ``Mistake`` where several may be meant, or mail and name are two people's.
        """
        if entry.get("key"):
            return self.people.get(entry["key"])
        mail, house = own_mail(entry), entry["organisation"]
        name = (bare(entry["family"]), bare(entry.get("given") or ""))
        by_mail = [c for c in self.people.values() if mail and c.email.casefold() == mail]
        by_name = [
            c for c in self.people.values() if c.organisation == house and (bare(c.family), bare(c.given)) == name
        ]
        if len(by_name) > 1:
            by_name = [c for c in by_name if c in by_mail]
            if not by_name:
                raise Mistake("family", "Mehrere heißen hier so: bitte key angeben.")
        if by_mail and by_name and by_name[0] not in by_mail:
            raise Mistake("email", "Diese Mailadresse hat im Verzeichnis schon eine andere Person.")
        if by_mail and not by_name and bare(by_mail[0].family) != name[0] and bare(by_mail[0].given) != name[1]:
            raise Mistake("email", "Diese Mailadresse hat im Verzeichnis jemand mit anderem Namen.")
        return next(iter(by_name or by_mail), None)

    def meet(self, entry: Mapping[str, Any]) -> tuple[str, DirectoryContact | None]:
        """The key of whom an entry is about, and what is known of her; somebody new is expected from now on, so that
        other entries can name her. Raises ``Mistake``.
        """
        if (found := self.known(entry)) is not None:
            return found.key, found
        key = entry.get("key") or contacts.new_key()
        name = entry["family"], entry.get("given") or ""
        self.expect(DirectoryContact(key, entry["organisation"], *name, email=entry.get("email") or ""))
        return key, None

    def refuse_half_known(self, entry: Mapping[str, Any]) -> None:
        """``Müller`` or ``A. Müller`` where the directory has ``Müller, Anna``: never a second person silently.

        Raises ``Mistake``.
        """
        name = ", ".join(filter(None, (entry["family"], entry.get("given"))))
        everybody = People(self._context.contacts)
        close = [one for one in everybody.find(name) if one.organisation == entry["organisation"]]
        if close:
            found = ", ".join(filter(None, (close[0].family, close[0].given)))
            raise Mistake("family", f"Ist das {found} ({close[0].key})? Dann bitte die Nr. oder den vollen Namen "
                                    "angeben.")  # fmt: skip

    def described(self, key: str, entry: Mapping[str, Any], known: DirectoryContact | None) -> DirectoryContact:
        """The contact under this key once an entry has been heard: what it leaves out stays, ``""`` or None empties.

        Raises ``Mistake``.
        """
        details = {name: tidy(value) if isinstance(value, str) else value for name, value in entry.items()}
        details = {name: None if name in DAYS and value == "" else value for name, value in details.items()}
        if details.get("organisation") is not None:
            details["organisation"] = self._house(details["organisation"])
        plain = {**(asdict(known) if known else {}), **details, "key": key}
        house = self._houses[plain["organisation"]]
        context = replace(self._context, organisation=house.key)
        reading: dict[str, Callable[[Any], Any]] = {
            "family": self._name,
            "role": self.role,
            "kind": _kind,
            "phone": lambda text: _phone(text, context),
            "email": lambda text: _mail(text, house, context),
            "deputy": lambda text: self._deputy(text, house.key, key),
            **{name: partial(day, name) for name in DAYS},
        }
        for name, read in reading.items():
            if details.get(name) is not None:
                plain[name] = read(details[name])
        contact = DirectoryContact(**plain)
        if contact.absent_to and contact.absent_to < (contact.absent_from or date.min):
            raise Mistake("absent_to", "Das Ende der Abwesenheit liegt vor ihrem Anfang.")
        if contact.absent_to and not contact.absent_from:
            raise Mistake("absent_from", "Zum Ende der Abwesenheit fehlt ihr Anfang.")
        return contact

    def _house(self, text: str) -> str:
        if not text:
            raise Mistake("organisation", "Die Organisation fehlt.")
        return self.house(text)

    def _name(self, text: str) -> str:
        if not text:
            raise Mistake("family", "Der Nachname fehlt.")
        return text

    def role(self, text: str) -> str:
        """The key of the role with this key or name, ``""`` for none. Raises ``Mistake``."""
        role = self._roles.find(text) if text else None
        if text and role is None:
            labels = ", ".join(sorted(self._roles.by_key))
            raise Mistake("role", f"Diese Rolle gibt es nicht. Möglich sind: {labels}.")
        return role.key if role else ""

    def _deputy(self, text: str, house: str, key: str) -> str:
        if not text:
            return ""
        found = [c for c in People(tuple(self.people.values())).find(text) if c.organisation == house]
        if len(found) != 1:
            many = "Mehrere heißen so" if found else "Die Vertretung steht nicht im Verzeichnis dieser Organisation"
            raise Mistake("deputy", f"{many}: bitte „Nachname, Vorname“ oder den key angeben.")
        if found[0].key == key:
            raise Mistake("deputy", "Niemand vertritt sich selbst.")
        return found[0].key


def split_name(entry: dict[str, Any]) -> None:
    """Take ``Müller, Anna`` or ``Frau Anna Müller`` apart where the list has one column for the name."""
    name = SALUTATION.sub("", str(entry.get("family", "")))
    if entry.get("given") or entry.get("kind", "").casefold() == KINDS["mailbox"].casefold():
        entry["family"] = name
        return
    family, comma, given = (part.strip() for part in name.partition(","))
    if not comma and len(words := name.split()) == 2:  # more may be a name of several
        given, family = words
    entry["family"] = family
    if given:
        entry["given"] = given


def day(name: str, value: date | str) -> date:
    """A day as files and people write it: 2026-10-01 or 01.10.2026. Raises ``Mistake``."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"):
        with suppress(ValueError):
            return datetime.strptime(value, form).date()  # noqa: DTZ007  # a day has no zone
    raise Mistake(name, "Ein Tag wird erwartet, z. B. 01.10.2026.")


def _kind(text: str) -> str:
    for key, label in KINDS.items():
        if text.casefold() in ("", key, label.casefold()):
            return key
    raise Mistake("kind", f"Möglich sind: {', '.join(KINDS.values())}.")


def _phone(text: str, context: Context) -> str:
    reading = _PHONE.parse(text or None, context)
    _refuse("phone", reading, _PHONE, _REACHABLE)
    shown = reading.value.get("display") if isinstance(reading.value, dict) and reading.accepted else None
    return str(shown) if shown else text


def _mail(text: str, house: DirectoryOrganisation, context: Context) -> str:
    office = house.kind in _OFFICES
    reading = (_STAFF_MAIL if office else _ANY_MAIL).parse(text or None, context)
    if reading.code == "mail_domain_not_allowed":
        own = ", ".join(f"@{domain}" for domain in house.mail_domains)
        raise Mistake("email", f"Diese Mailadresse gehört nicht zu {house.name}: dort enden sie auf {own}.")
    _refuse("email", reading, _ANY_MAIL, _WRITABLE)
    if office and text.casefold().rpartition("@")[2] in _FREE_MAIL:
        raise Mistake("email", f"Bitte die dienstliche Mailadresse bei {house.name}, keine private.")
    return reading.value if isinstance(reading.value, str) and reading.accepted else text.casefold()


def own_mail(entry: Mapping[str, Any]) -> str:
    """The address by which a person can be known: not one that a whole team reads."""
    mail = tidy(entry.get("email") or "").casefold()
    return "" if _ANY_MAIL.parse(mail or None, Context(date.min)).code == "shared_mailbox" else mail


def _refuse(name: str, reading: Reading, field: Field, allowed: Collection[str]) -> None:
    """Raise ``Mistake`` for what is none, or may be another than typed; ``allowed`` are doubts that do not count."""
    if not reading.accepted and reading.code not in allowed:
        proposal = field.display(reading.value, Context(date.min)) if reading.value is not None else ""
        raise Mistake(name, explain(reading.code, "", detail=proposal))
