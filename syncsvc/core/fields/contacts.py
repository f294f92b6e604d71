"""Contact persons and organisations from the directory, and their telephone numbers and mail addresses."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeAlias

import phonenumbers

from syncsvc.core.fields.base import Derived, StructuredField, Typed, ask, frozen, normalise, ok, reject, typed_text
from syncsvc.core.fields.contract import Context, DirectoryContact, DirectoryOrganisation, Reading
from syncsvc.core.fields.dates import read_day
from syncsvc.core.fields.names import SALUTATION
from syncsvc.core.fields.words import WordIndex
from syncsvc.core.folding import bare, dashes, fold, name_forms
from syncsvc.core.mapping import Column
from syncsvc.core.model import Json

Directory: TypeAlias = tuple[DirectoryContact, ...]

_DEPUTY = re.compile(
    r"(?P<who>.+?)[ ,]*(?:\( ?(?:Vertr(?:etung)?|i\. ?V|V)\b[.:]* ?(?P<inside>.+?) ?\)"
    r"|\b(?:Vertr(?:etung)?|i\. ?V)\b[.:]* (?P<after>.+))",
    re.IGNORECASE,
)
_BESIDE = re.compile(r"(?P<who>.+?) ?\((?P<note>[^()]+)\)")
_TWO = re.compile(r" ?/ ?| und | u\. | oder | o\. | & | \+ ")
_PLANNED = re.compile(r"(?P<who>.+?) bis (?P<day>[^,]+?),? (?:dann|danach|anschließend) (?P<next>.+)", re.IGNORECASE)
_NEW = re.compile(r"(?:neu|jetzt|nun)[: ] ?(?P<next>.+)", re.IGNORECASE)
_LETTERS = re.compile(r"Buchstaben? (?P<letters>\w ?- ?\w)", re.IGNORECASE)
_CHANGING = re.compile(r"wechselt\b|wird neu besetzt|im wechsel", re.IGNORECASE)
_VACANT = frozenset({"nn", "unbekannt", "nichtbekannt", "offen", "keine", "keiner", "vakant", "unbesetzt"})
_NOT_A_PERSON = re.compile(
    r"\b(hotline|zentrale|service-?center|empfang|eingangszone|team|info|poststelle)\b", re.IGNORECASE
)
_ABSENT = re.compile(r"elternzeit|\bEZ\b|mutterschutz|urlaub|abwesend|beurlaubt", re.IGNORECASE)
_LEFT = re.compile(r"nicht mehr|ausgeschieden|\bweg\b|versetzt|gewechselt|rente|ruhestand", re.IGNORECASE)
_HEALTH = re.compile(r"\bkrank\b|\bkrank(?:heit|geschrieben|meldung)|burn-?out|depress|\breha\b|\bkur\b", re.IGNORECASE)


class People:
    """The directory by folded name: finds who is meant by ``Müller``, ``Müller, Anna``, ``A. Mueller``."""

    def __init__(self, contacts: Directory) -> None:
        self.by_key = {contact.key: contact for contact in contacts}
        self._by_family: dict[str, list[DirectoryContact]] = {}
        self._by_mail = {contact.email.casefold(): contact for contact in contacts if contact.email}
        self._shown: dict[str, int] = {}
        for contact in contacts:
            for form in name_forms(contact.family):
                self._by_family.setdefault(form, []).append(contact)
            name = _plain_name(contact)
            self._shown[name] = self._shown.get(name, 0) + 1

    def name(self, key: str) -> str:
        """``Müller, Anna``; her key beside it where the directory has two of that name; the key if she is gone."""
        contact = self.by_key.get(key)
        if contact is None:
            return key
        name = _plain_name(contact)
        return name if self._shown[name] == 1 else f"{name} ({key})"

    def find(self, text: str) -> list[DirectoryContact]:
        """Everybody this text may mean, by key, mail address or name with nothing in it left over."""
        if named := self.by_key.get(text) or self._by_mail.get(text.casefold()):
            return [named]
        shown, _, key = text.removesuffix(")").rpartition(" (")
        if key in self.by_key and _plain_name(self.by_key[key]) == shown:
            return [self.by_key[key]]
        found: dict[str, DirectoryContact] = {}
        for form in name_forms(SALUTATION.sub("", text).replace(",", " , ")):
            before, comma, after = (part.split() for part in form.partition(","))
            for family, given in [(before, after)] if comma else _splits(before):
                for contact in self._by_family.get(" ".join(family), ()):
                    if _given_fits(given, contact.given):
                        found[contact.key] = contact
        return list(found.values())

    def by_given(self, text: str) -> list[DirectoryContact]:
        """Everybody with this given name or these initials (``L.D.``)."""
        forms = name_forms(text)
        return [
            contact
            for contact in self.by_key.values()
            if contact.given and (forms & name_forms(contact.given) or forms & _initials(contact))
        ]


def _plain_name(contact: DirectoryContact) -> str:
    return f"{contact.family}, {contact.given}" if contact.given else contact.family


def _splits(words: list[str]) -> Iterable[tuple[list[str], list[str]]]:
    """Every way to take the family name from the end or from the start of the words."""
    for length in range(1, len(words) + 1):
        yield words[-length:], words[:-length]
        yield words[:length], words[length:]


def _given_fits(typed: list[str], given: str) -> bool:
    """Whether the typed given names, or their initials, are among somebody's given names."""
    if not typed:
        return True
    names = [word for form in name_forms(given) for word in form.split()]
    return all(any(name == word or (len(word) == 1 and name.startswith(word)) for name in names) for word in typed)


def _initials(contact: DirectoryContact) -> frozenset[str]:
    first, last = contact.given[:1].casefold(), contact.family[:1].casefold()
    return frozenset((f"{first} {last}", f"{first}{last}"))


class ContactField(StructuredField):
    """A person of the directory: ``{"contact": key}``, with ``deputy`` where one was typed.

    Looked for among the people of the row's job centre; somebody of another house is asked about. In a project
    without any directory there is nobody to compare with, and the typed name itself is kept: ``{"name": text}``.
    """

    type = "contact"

    def __init__(self, column: Column) -> None:
        super().__init__(column)
        self._people = Derived[Directory, People](People)

    def organisation(self, context: Context) -> str | None:
        """The house whose people belong into this column; None: any."""
        return context.organisation if self.column.field.startswith("contact_jc") else None

    def read_line(self, line: str, context: Context) -> Reading:
        if bare(line) in _VACANT:
            return normalise(None)
        if _HEALTH.search(line):
            return reject("health_data", sensitive=True)
        if not context.contacts:
            return ok({"name": line})
        return self._situation(line, context) or self._person(line, context)

    def _situation(self, line: str, context: Context) -> Reading | None:
        """What more than one plain name says: deputies, two people, hand-overs, absences."""
        line = dashes(line)
        if found := _LETTERS.fullmatch(line):
            return ask("contact_by_letter", {"letters": found["letters"].replace(" ", "")})
        if _CHANGING.search(line):
            return ask("handover_undated", {"next": None})
        if _NOT_A_PERSON.search(line) and "@" not in line and "(" not in line:
            return ask("not_a_person")
        if found := _PLANNED.fullmatch(line):
            return self._planned(found["who"], found["day"], found["next"], context)
        if found := _NEW.fullmatch(line):
            following = self._person(found["next"], context)
            return (
                ask("handover_undated", {"next": key_of(following), "valid_from": None})
                if key_of(following)
                else following
            )
        if found := _DEPUTY.fullmatch(line):
            return self._with_deputy(found["who"], found["inside"] or found["after"], context)
        if len(both := _TWO.split(line)) == 2:
            return self._two(both[0], both[1], context)
        if (found := _BESIDE.fullmatch(line)) and found["note"] not in self._people(context.contacts).by_key:
            return self._beside(found["who"], found["note"], context)
        return None

    def _person(self, text: str, context: Context) -> Reading:
        people = self._people(context.contacts)
        house = self.organisation(context)
        found = people.find(text)
        here = [contact for contact in found if house in (None, contact.organisation)]
        if len(here) == 1:
            return ok(self.value(here[0].key))
        if here:
            return ask("contact_ambiguous", [contact.key for contact in here])
        if len(found) == 1:
            return ask(
                "contact_of_other_organisation", {"contact": found[0].key, "organisation": found[0].organisation}
            )
        if found:
            return ask("contact_ambiguous", [contact.key for contact in found])
        if close := [c for c in people.by_given(text) if house in (None, c.organisation)]:
            code = "initials" if len(text.replace(".", "").replace(" ", "")) <= 3 else "first_name_only"
            return (
                ask(code, self.value(close[0].key))
                if len(close) == 1
                else ask("contact_ambiguous", [c.key for c in close])
            )
        return _unknown(text, house)

    def _planned(self, who: str, day: str, following: str, context: Context) -> Reading:
        last = read_day(f"bis {day}", context.today)
        first, second = key_of(self._person(who, context)), key_of(self._person(following, context))
        if not isinstance(last.value, str) or not first or not second:
            return ask("contact_unclear")
        start = date.fromisoformat(last.value) + timedelta(days=1)
        return ask(
            "handover_planned",
            {"contact": first, "valid_to": last.value, "next": second, "valid_from": start.isoformat()},
        )

    def _with_deputy(self, who: str, deputy: str, context: Context) -> Reading:
        first, second = self._person(who, context), self._person(deputy, context)
        if not first.accepted:
            return first
        if not second.accepted:
            return second
        return ok({"contact": key_of(first), "deputy": key_of(second)})

    def _two(self, one: str, other: str, context: Context) -> Reading:
        first, second = key_of(self._person(one, context)), key_of(self._person(other, context))
        if not first or not second:
            return ask("contact_unclear")
        return ask("two_contacts", {"contact": first, "second": second, "meaning": ["joint", "deputy", "handover"]})

    def _beside(self, who: str, note: str, context: Context) -> Reading:
        person = self._person(who, context)
        if _LEFT.search(note) and key_of(person):
            return ask("contact_left", {"contact": key_of(person), "state": "left"})
        if _ABSENT.search(note) and key_of(person):
            return ask("contact_absent_no_deputy", {"contact": key_of(person), "state": "absent"})
        roles = context.vocabularies.get("roles")
        if person.accepted and not (roles and WordIndex(roles.entries).find(note)):
            return ask("contact_unclear", person.value)
        return person

    def value(self, key: str) -> Json:
        return {"contact": key}

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        return reject("not_a_person_name")

    def key(self, value: Json) -> Hashable:
        if isinstance(value, dict) and "contact" in value:
            return (value["contact"], value.get("deputy"))
        if isinstance(value, dict) and "name" in value:
            return fold(str(value["name"]))
        return super().key(value)

    def show(self, value: Json, context: Context) -> str:
        if not isinstance(value, dict):
            raise TypeError(value)
        if "name" in value:
            return str(value["name"])
        if not value.keys() <= {"contact", "deputy"}:
            raise ValueError(value)
        people = self._people(context.contacts)
        name = people.name(str(value["contact"]))
        return f"{name} (Vertr. {people.name(str(value['deputy']))})" if value.get("deputy") else name


class CoachField(ContactField):
    """One of the project's own people: her key alone, for a coach has no deputy in the cell."""

    def organisation(self, context: Context) -> str | None:
        return context.project_organisation

    def value(self, key: str) -> Json:
        return key

    def _with_deputy(self, who: str, deputy: str, context: Context) -> Reading:
        return self._two(who, deputy, context)

    def _two(self, one: str, other: str, context: Context) -> Reading:
        both: list[Json] = [key_of(self._person(name, context)) for name in (one, other)]
        return ask("two_contacts", both) if all(both) else ask("contact_unclear")

    def key(self, value: Json) -> Hashable:
        return (value, None) if isinstance(value, str) else super().key(value)

    def show(self, value: Json, context: Context) -> str:
        return super().show({"contact": value} if isinstance(value, str) else value, context)


def key_of(reading: Reading) -> str | None:
    """The directory key a reading accepts or proposes, if it is one person."""
    value = reading.value.get("contact") if isinstance(reading.value, dict) else reading.value
    return value if isinstance(value, str) else None


def _unknown(text: str, house: str | None) -> Reading:
    name = SALUTATION.sub("", text)
    family, comma, given = (part.strip() for part in name.partition(","))
    if not comma:
        *before, family = name.split() or [""]
        given = " ".join(before)
    if not family or "," in given or any(character.isdigit() or character in "@()/" for character in name):
        return ask("contact_unclear")
    return ask("contact_unknown", {"create": {"family": family, "given": given, "organisation": house}})


_KINDS = {"jobcenter": "jobcentre", "jc": "jobcentre", "arbeitsamt": "agency", "agentur": "agency", "aa": "agency"} | {
    "agenturfürarbeit": "agency",
    "agenturfuerarbeit": "agency",
}
_SHORT_FORMS = (
    (re.compile(r"^(?:JC|Job-?Center)\b\.?", re.IGNORECASE), "Jobcenter"),
    (
        re.compile(r"^(?:AA|Arbeitsagentur|Arbeitsamt|Agentur(?: für Arbeit)?)\b\.?", re.IGNORECASE),
        "Agentur für Arbeit",
    ),
)
_NOT_REGISTERED = frozenset({"keinjc", "keinjobcenter", "nichtgemeldet", "keins", "stillereserve"})


class OrganisationField(StructuredField):
    """A house of the directory, by its key. Without any directory the typed name is kept: ``{"name": text}``."""

    type = "organisation"

    def __init__(self, column: Column) -> None:
        super().__init__(column)
        self._index = Derived[tuple[DirectoryOrganisation, ...], dict[str, list[DirectoryOrganisation]]](_by_name)

    def read_line(self, line: str, context: Context) -> Reading:
        word = bare(line)
        if word in _NOT_REGISTERED:
            return ok({"organisation": None, "reason": "not_registered"})
        if not context.organisations:
            return ok({"name": line})
        if word in _KINDS:
            return ask("organisation_ambiguous", [o.key for o in context.organisations if o.kind == _KINDS[word]])
        found = self._index(context.organisations).get(bare(_long_form(line)), [])
        if len(found) == 1:
            return ok(found[0].key)
        return ask("organisation_ambiguous", [o.key for o in found]) if found else ask("organisation_unknown")

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        return ask("organisation_unknown")

    def show(self, value: Json, context: Context) -> str:
        if isinstance(value, dict):
            return str(value["name"]) if "name" in value else "kein JC"
        same = [o for o in context.organisations if o.key == value]
        alone = same and len(self._index(context.organisations)[bare(_long_form(same[0].name))]) == 1
        return same[0].name if alone else str(value)


def _by_name(organisations: tuple[DirectoryOrganisation, ...]) -> dict[str, list[DirectoryOrganisation]]:
    index: dict[str, list[DirectoryOrganisation]] = {}
    for organisation in organisations:
        names = (organisation.key, organisation.name, *organisation.aliases)
        for form in {bare(_long_form(name)) for name in names}:
            index.setdefault(form, []).append(organisation)
    return index


def _long_form(name: str) -> str:
    """``JC Beispielstadt`` as ``Jobcenter Beispielstadt``."""
    for pattern, full in _SHORT_FORMS:
        name = pattern.sub(full, name)
    return name


_EXTENSION = re.compile(r"(?:DW|Durchwahl|App|Apparat|Nebenstelle|-)\.?:? ?-? ?([0-9]{1,5})", re.IGNORECASE)
_NUMBER_PREFIX = re.compile(r"^(?:Tel|Telefon|Mobil|Handy|Fon|Büro)\b\.?:? ?", re.IGNORECASE)
_NUMBER_SUFFIX = re.compile(r",? ?\(?(?:DW|Durchwahl)\)?\.?$", re.IGNORECASE)
_TWO_NUMBERS = re.compile(r" (?:o\.|oder|od\.|und|u\.|/) |[;,|] ?| / ")
_NO_PHONE = frozenset({"nv", "nichtvorhanden", "keine", "kein", "keintelefon", "entfaellt"})
_MOBILE = re.compile(r"\+49(1[5-7][0-9])([0-9]+)")


class PhoneField(StructuredField):
    """A telephone number: ``e164`` and the spelling of DIN 5008, with ``ext`` where an extension is known."""

    type = "phone"

    def read_line(self, line: str, context: Context) -> Reading:
        line = dashes(line)
        if bare(line) in _NO_PHONE:
            return normalise(None)
        parts = [part for part in _TWO_NUMBERS.split(line) if part]
        if len(parts) > 1:
            found = [self._number(part, context) for part in parts]
            if all(one.accepted for one in found):
                return ask("two_values", [one.value["e164"] for one in found if isinstance(one.value, dict)])
        return self._number(line, context)

    def _number(self, line: str, context: Context) -> Reading:
        trunk = _trunk(context)
        line = _NUMBER_PREFIX.sub("", line)
        if extension := _EXTENSION.fullmatch(line):
            return ok(_value(trunk + extension[1], trunk)) if trunk else ask("trunk_unknown")
        line = _NUMBER_SUFFIX.sub("", line)
        digits = re.sub(r"[ ()/.-]", "", line)
        if not re.fullmatch(r"\+?[0-9]{3,17}", digits):
            return reject("not_a_phone")
        if not line.lstrip(" (").startswith(("+", "0")):
            return _lost(digits, trunk)
        number = _e164(line)
        hyphen = re.search(r"[0-9]-([0-9]{1,5})$", line) if line.count("-") == 1 else None
        split = (
            trunk
            if number and trunk and number.startswith(trunk)
            else number[: -len(hyphen[1])]
            if number and hyphen
            else ""
        )
        return ok(_value(number, split)) if number else reject("not_a_phone")

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        if not isinstance(cell, float):
            return reject("not_a_phone")
        # Leading zeros and plus signs do not survive in a number: never taken, only proposed.
        return replace(ask("number_in_text_column"), value=self._number(typed_text(cell), context).value)

    def key(self, value: Json) -> Hashable:
        return frozen(value.get("e164")) if isinstance(value, dict) else super().key(value)

    def show(self, value: Json, context: Context) -> str:
        if not isinstance(value, dict):
            raise TypeError(value)
        return str(value["display"])


def _lost(digits: str, trunk: str) -> Reading:
    """What a number without 0 or + in front was before a spreadsheet took it for a number."""
    if digits.startswith("49") and (number := _e164(f"+{digits}")):
        return ask("plus_lost", _value(number, trunk if trunk and number.startswith(trunk) else ""))
    if number := _e164(f"0{digits}"):
        return ask("leading_zero_lost", _value(number, trunk if trunk and number.startswith(trunk) else ""))
    return reject("not_a_phone")


def _trunk(context: Context) -> str:
    """The row's job centre's number without extension, as E.164 digits; ``""`` if it is not known."""
    house = next((o for o in context.organisations if o.key == context.organisation), None)
    digits = re.sub(r"[^0-9+]", "", house.trunk) if house else ""
    return f"+49{digits[1:]}" if digits.startswith("0") else digits


def _e164(text: str) -> str:
    """The number in E.164 form, ``""`` if it can be none."""
    try:
        number = phonenumbers.parse(text.replace("(0)", ""), "DE")
    except phonenumbers.NumberParseException:
        return ""
    if number.extension or not phonenumbers.is_possible_number(number):
        return ""
    e164 = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return "" if e164.startswith("+490") else e164  # no German area code begins with 0


def _value(e164: str, split: str) -> dict[str, Json]:
    """A number in normal form; ``split`` is its part before the extension (``""``: none known)."""
    extension = e164[len(split) :] if split else ""
    body = e164.removesuffix(extension) if extension else e164
    if mobile := _MOBILE.fullmatch(body):
        display = f"0{mobile[1]} {mobile[2]}"
    elif body.startswith("+49"):
        parsed = phonenumbers.parse(e164, "DE")
        area = body[3 : 3 + phonenumbers.length_of_geographical_area_code(parsed)]
        display = f"0{area} {body[3 + len(area) :]}" if area else f"0{body[3:]}"
    else:
        parsed = phonenumbers.parse(body, None)
        display = f"+{parsed.country_code} {body.removeprefix(f'+{parsed.country_code}')}"
    if not extension:
        return {"e164": e164, "display": display}
    return {"e164": e164, "display": f"{display}-{extension}", "ext": extension}


_ADDRESS = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.ASCII)
_SHARED = re.compile(
    r"(?:team|info|kontakt|post|poststelle|service|zentrale|empfang|eingangszone|office|mail)[-_.0-9]*@"
)
_AT = re.compile(r" ?[(\[{] ?(?:at|ät)[)\]}] ?", re.IGNORECASE)
_UMLAUT_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


class EmailField(StructuredField):
    """One mail address in small letters. Of a job centre's staff only addresses of its own domains are taken."""

    type = "email"

    def read_line(self, line: str, context: Context) -> Reading:
        address = _AT.sub("@", dashes(line).strip("<>;,. ").lower().removeprefix("mailto:"))
        plain = address.translate(_UMLAUT_LETTERS)
        if not _ADDRESS.fullmatch(plain):
            return reject("mail_invalid")
        if not self._allowed(plain.partition("@")[2], context):
            return reject("mail_domain_not_allowed")
        if plain != address:
            return ask("umlaut_in_local_part", plain)
        return ask("shared_mailbox", plain) if _SHARED.match(plain) else ok(plain)

    def _allowed(self, domain: str, context: Context) -> bool:
        house = next((o for o in context.organisations if o.key == context.organisation), None)
        if self.column.field != "contact_jc_email" or house is None or not house.mail_domains:
            return True
        return any(domain == own or domain.endswith(f".{own}") for own in house.mail_domains)

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        return reject("mail_invalid")

    def show(self, value: Json, context: Context) -> str:
        return str(value)
