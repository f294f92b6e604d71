"""Contact persons of the directory, as they stand in a cell: who is responsible, who stands in, who follows."""

from __future__ import annotations

import re
from collections.abc import Hashable
from datetime import date, timedelta

from syncsvc.core.fields.base import StructuredField, Typed, ask, normalise, ok, reject
from syncsvc.core.fields.contract import Context, DirectoryContact, Reading, Vocabulary
from syncsvc.core.fields.dates import read_day
from syncsvc.core.fields.derived import Derived
from syncsvc.core.fields.names import SALUTATION
from syncsvc.core.fields.people import Directory, People
from syncsvc.core.fields.words import WordIndex, WordSearch
from syncsvc.core.folding import bare, dashes, fold
from syncsvc.core.mapping import Column
from syncsvc.core.model import Json

_DEPUTY = re.compile(
    r"(?P<who>.+?)[ ,/]*(?:\( ?(?:Vertr(?:etung)?|Vertreter(?:in)?|Stv|i\. ?V|V)\b[.:]* ?(?:durch |Frau |Fr\. )?"
    r"(?P<inside>.+?) ?\)|\b(?:Vertr(?:etung)?|Vertreter(?:in)?|Stv|vertreten durch|i\. ?V)\b[.:]* ?(?P<after>\S.*))",
    re.IGNORECASE,
)
_DEPUTY_ONLY = re.compile(r"(?:Vertr(?:etung)?|Stv|i\. ?V)\b[.:]* ?(?:durch )?(?P<who>\S.*)", re.IGNORECASE)
_BESIDE = re.compile(r"(?P<who>.+?) ?\((?P<note>[^()]+)\)")
_TWO = re.compile(r" ?/ ?| und | u\. ?| oder | o\. | & | ?\+ ?|; ?")
_PLANNED = re.compile(
    r"(?P<who>.+?) bis (?P<day>[^,]+?),? (?:dann|danach|anschließend|ab (?P<from>\S+)) (?P<next>.+)", re.IGNORECASE
)
_PLANNED_FIRST = re.compile(
    r"bis (?P<day>\S+) (?P<who>[^,]+), ?(?:dann|danach|ab (?P<from>\S+)) (?P<next>.+)", re.IGNORECASE
)
_FROM = re.compile(
    r"(?:ab|seit) (?P<day>[0-9][0-9.]*(?: ?[^\W\d]+ [0-9]{4})?):? (?P<next>[^\W\d].*)"
    r"|(?P<after>.+?),? (?:ab|seit) (?P<since>[0-9][0-9.]*)",
    re.IGNORECASE,
)
_NEW = re.compile(
    r"(?:neu|jetzt|nun|künftig|demnächst)[: ] ?(?P<next>.+)"
    r"|(?:(?:früher|bisher|vorher|alt:?|ehem\.) )?[^(),]+?,? ?"
    r"(?:->|→|=>|>|\b(?:jetzt|nun|neu|dann|künftig|danach)\b:?) ?(?P<other>[^\W\d].*)",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"(?:(?:Buchst(?:aben?|\.)?|Bst\.?) ?)?(?P<letters>[A-Z] ?- ?[A-Z])", re.IGNORECASE)
_TEAM = re.compile(r"Team ?(?P<team>[0-9][\w.-]*)", re.IGNORECASE)
_UNSURE = re.compile(
    r"(?:vermutlich|wahrscheinlich|evtl\.?|eventuell|vielleicht|vorauss\.?|voraussichtlich|wohl)\.? (?P<who>.+)"
    r"|(?P<before>.+?) ?\?",
    re.IGNORECASE,
)
_AFTER_COMMA = re.compile(r"(?P<who>.+?)(?:, ?| (?=-?[0-9]|DW|Tel|Team))(?P<note>[^,]+)", re.IGNORECASE)
_LABEL = re.compile(r"^(?:zuständig|zust\.|Ansprechpartner(?:in)?|Ansprechperson|AP)\.?:? +", re.IGNORECASE)
_VACANT = frozenset(
    {"nn", "offen", "vakant", "unbesetzt", "nichtbesetzt", "nochoffen", "nochunbekannt", "stellenochoffen"}
)
_LIKE = 3
"""So many people of like names are offered."""
_STATE_CODES = {"left": "contact_left", "absent": "contact_absent_no_deputy"}


class ContactField(StructuredField):
    """A person of the directory: ``{"contact": key}``, with ``deputy`` where one was typed.

    Looked for among the people of the row's job centre; somebody of another house is asked about. In a project
    without any directory there is nobody to compare with, and the typed name itself is kept: ``{"name": text}``.
    """

    type = "contact"
    uncertain = "contact_uncertain"

    def __init__(self, column: Column) -> None:
        super().__init__(column)
        self._people = Derived[Directory, People](People)
        self._roles = Derived[Vocabulary, WordIndex](lambda vocabulary: WordIndex(vocabulary.entries))
        self._states = Derived[Vocabulary, WordSearch](lambda vocabulary: WordSearch(vocabulary.entries))

    def organisation(self, context: Context) -> str | None:
        """The house whose people belong into this column; None: any."""
        return context.organisation if self.column.field.startswith("contact_jc") else None

    def read_line(self, line: str, context: Context) -> Reading:
        if bare(line) in _VACANT:
            return normalise(None)
        if not context.contacts:
            return ok({"name": line})
        line = _LABEL.sub("", dashes(line))
        exact = self._person(line, context)
        return exact if exact.accepted else self._situation(line, context) or exact

    def _situation(self, line: str, context: Context) -> Reading | None:
        """What more than one plain name says: deputies, two people, hand-overs, absences."""
        if found := _LETTERS.fullmatch(line):
            return ask("contact_by_letter", {"letters": found["letters"].replace(" ", "").upper()})
        if found := _TEAM.fullmatch(line):
            return ask("team_only", {"team": found["team"]})
        if found := _PLANNED.fullmatch(line) or _PLANNED_FIRST.fullmatch(line):
            return self._planned(found, context)
        if (found := _FROM.fullmatch(line)) and (planned := self._from(found, context)):
            return planned
        if found := _DEPUTY_ONLY.fullmatch(line):
            return self._deputy_only(found["who"], context)
        if found := _DEPUTY.fullmatch(line):
            return self._with_deputy(found["who"], found["inside"] or found["after"], context)
        if (found := _NEW.fullmatch(line)) and (following := self._following(found, context)):
            return following
        if len(both := _TWO.split(line)) == 2:
            return self._two(both[0], both[1], context)
        if found := _UNSURE.fullmatch(line):
            person = self._person(found["who"] or found["before"], context)
            return ask("contact_uncertain", person.value) if person.accepted else None
        return self._state(line, context) or self._beside(line, context)

    def _state(self, line: str, context: Context) -> Reading | None:
        """A word for a change, an absence or a desk, with the person it is about where one is named."""
        vocabulary = context.vocabularies.get("contact_states")
        entry = self._states(vocabulary).find(line) if vocabulary else None
        if entry is None or "@" in line:
            return None
        if entry.key == "changing":
            return ask("handover_undated", {"next": None})
        if entry.key == "not_a_person":
            return ask("not_a_person")
        named = self._named_within(line, context) or self._of_row(context)
        state: Json = {"contact": named, "state": entry.key} if named else {"state": entry.key}
        return ask(_STATE_CODES[entry.key], state)

    def _named_within(self, line: str, context: Context) -> str | None:
        """The one person whose name the cell begins with."""
        words = re.split(r"[ ,(]+", line)
        for length in range(min(len(words), 4), 0, -1):
            if key := key_of(self._person(" ".join(words[:length]), context)):
                return key
        return None

    def _of_row(self, context: Context) -> str | None:
        """Who the row's contact person is so far."""
        value = context.values.get(self.column.field)
        return key_of(ok(value)) if value is not None else None

    def _from(self, found: re.Match[str], context: Context) -> Reading | None:
        following = key_of(self._person(found["next"] or found["after"], context))
        day = read_day(f"ab {found['day'] or found['since']}", context.today)
        if following is None or not isinstance(day.value, str):
            return None
        return ask("handover_planned", {"next": following, "valid_from": day.value})

    def _following(self, found: re.Match[str], context: Context) -> Reading | None:
        following = self._person(found["next"] or found["other"], context)
        if key := key_of(following):
            return ask("handover_undated", {"next": key, "valid_from": None})
        return following if found["next"] and following.code == "contact_unknown" else None

    def _deputy_only(self, who: str, context: Context) -> Reading | None:
        deputy = self._person(who, context)
        return ask("deputy_only", {"deputy": key_of(deputy)}) if deputy.accepted else None

    def _person(self, text: str, context: Context) -> Reading:
        people = self._people(context.contacts)
        house = self.organisation(context)
        found = people.find(text) or people.find(self._without_role(text, context))
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
        return self._almost(text, context) or _unknown(text, house)

    def _almost(self, text: str, context: Context) -> Reading | None:
        """Somebody of this house by given name, by initials, or by a name one slip of the finger away."""
        people, house = self._people(context.contacts), self.organisation(context)
        if close := [c for c in people.by_given(text) if house in (None, c.organisation)]:
            code = "initials" if len(bare(text)) <= 3 else "first_name_only"
            if len(close) > 1:
                return ask("contact_ambiguous", [c.key for c in close])
            return ask(code, self.value(close[0].key))
        similar = [c for c in people.similar(text) if house in (None, c.organisation)]
        return ask("contact_similar", self.value(similar[0].key)) if len(similar) == 1 else None

    def _planned(self, found: re.Match[str], context: Context) -> Reading:
        last = read_day(f"bis {found['day']}", context.today)
        first, second = (key_of(self._person(found[name], context)) for name in ("who", "next"))
        if not isinstance(last.value, str) or not first or not second:
            return ask("contact_unclear")
        start: Json = (date.fromisoformat(last.value) + timedelta(days=1)).isoformat()
        if found["from"]:
            start = read_day(f"ab {found['from']}", context.today).value
        if not isinstance(start, str):
            return ask("contact_unclear")
        return ask("handover_planned", {"contact": first, "valid_to": last.value, "next": second, "valid_from": start})

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

    def _beside(self, line: str, context: Context) -> Reading | None:
        """A person with a role, a team or a number beside the name: taken where it is hers by the directory."""
        found = _BESIDE.fullmatch(line) or _AFTER_COMMA.fullmatch(line)
        if found is None or found["note"] in self._people(context.contacts).by_key:
            return None
        person = self._person(found["who"], context)
        key = key_of(person)
        if not person.accepted or key is None:
            return None if found.re is _AFTER_COMMA else person
        known = self._people(context.contacts).by_key[key]
        if all(self._is_hers(known, note, context) for note in re.split(r", ?", found["note"])):
            return person
        # A word behind a comma may be another given name, and so another person.
        return None if found.re is _AFTER_COMMA else ask("contact_unclear", person.value)

    def _is_hers(self, contact: DirectoryContact, note: str, context: Context) -> bool:
        roles = context.vocabularies.get("roles")
        if roles and self._roles(roles).find(note):
            return True
        if (team := _TEAM.fullmatch(note)) or note == contact.team:
            return (team["team"] if team else note) == contact.team
        digits, phone = re.sub(r"[^0-9]", "", note), re.sub(r"[^0-9]", "", contact.phone)
        plain = re.fullmatch(r"(?:(?:Tel|DW|Durchwahl)\.?:? ?)?[-+0-9()/. ]+", note, re.IGNORECASE)
        return bool(digits and plain and phone.endswith(digits)) or note.casefold() == contact.email.casefold() != ""

    def _without_role(self, text: str, context: Context) -> str:
        """``IFK Müller`` without the role in front."""
        roles = context.vocabularies.get("roles")
        first, _, rest = text.partition(" ")
        return rest if roles and rest and self._roles(roles).find(first) else text

    def newcomer(self, text: str, context: Context) -> Json:
        """Whom this text would name if she were new: ``{family, given, organisation}``; None if it is no name."""
        new = _unknown(self._without_role(_LABEL.sub("", dashes(text)), context), self.organisation(context)).value
        return new["create"] if isinstance(new, dict) else None

    def like(self, new: Json, context: Context) -> tuple[str, ...]:
        """The keys of people of this house who may be meant by somebody's name that is not in the directory."""
        assert isinstance(new, dict)
        people, house = self._people(context.contacts), self.organisation(context)
        family, given = str(new["family"]), str(new.get("given") or "")
        found = [*people.find(family), *people.similar(family), *(people.by_given(given) if given else ())]
        here = dict.fromkeys(contact.key for contact in found if house in (None, contact.organisation))
        return tuple(here)[:_LIKE]

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
    if (
        not any(map(str.isalpha, family))
        or "," in given
        or any(character.isdigit() or character in "@()/" for character in name)
    ):
        return ask("contact_unclear")
    return ask("contact_unknown", {"create": {"family": family, "given": given or None, "organisation": house}})
