"""Job centres, agencies and other houses of the directory."""

from __future__ import annotations

import re

from syncsvc.core.fields.base import StructuredField, Typed, ask, normalise, ok
from syncsvc.core.fields.contract import Context, DirectoryOrganisation, Reading
from syncsvc.core.fields.derived import Derived
from syncsvc.core.fields.identifiers import NOT_REGISTERED
from syncsvc.core.folding import bare
from syncsvc.core.mapping import Column
from syncsvc.core.model import Json

_JOBCENTRE, _AGENCY = "jobcentre", "agency"
_KINDS = dict.fromkeys(("jobcenter", "jc"), _JOBCENTRE) | dict.fromkeys(
    ("arbeitsamt", "arbeitsagentur", "agentur", "aa", "agenturfuerarbeit"), _AGENCY
)
_SHORT_FORMS = (
    (re.compile(r"^(?:JC|Job-? ?Center)\b\.?", re.IGNORECASE), "Jobcenter"),
    (
        re.compile(r"^(?:AA|AfA|Arbeitsagentur|Arbeitsamt|Agentur(?: f(?:ür|\.) Arbeit)?)\b\.?", re.IGNORECASE),
        "Agentur für Arbeit",
    ),
)
_TWO = re.compile(r" ?[/;+&] ?| und | u\. ")


class OrganisationField(StructuredField):
    """A house of the directory, by its key. Without any directory the typed name is kept: ``{"name": text}``.

    A town's name alone is taken where only one house of the directory has it.
    """

    type = "organisation"
    blanks = StructuredField.blanks | {
        "not_registered": normalise({"organisation": None, "reason": "not_registered"}),
    }

    def __init__(self, column: Column) -> None:
        super().__init__(column)
        self._index = Derived[tuple[DirectoryOrganisation, ...], dict[str, list[DirectoryOrganisation]]](_by_name)
        self._towns = Derived[tuple[DirectoryOrganisation, ...], dict[str, list[DirectoryOrganisation]]](_by_town)

    def read_line(self, line: str, context: Context) -> Reading:
        if not context.organisations:
            return ok({"name": line})
        word = bare(line)
        if word in _KINDS:
            return ask("organisation_ambiguous", [o.key for o in context.organisations if o.kind == _KINDS[word]])
        found = self._find(line, context)
        if not found:
            parts = [self._find(part, context) for part in _TWO.split(line)]
            if len(parts) > 1 and all(len(part) == 1 for part in parts):
                return ask("two_values", [part[0].key for part in parts])
            return ask("organisation_unknown")
        return ok(found[0].key) if len(found) == 1 else ask("organisation_ambiguous", [o.key for o in found])

    def _find(self, line: str, context: Context) -> list[DirectoryOrganisation]:
        named = self._index(context.organisations).get(bare(_long_form(line)), [])
        return named or self._towns(context.organisations).get(bare(line), [])

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        return ask("organisation_unknown")

    def show(self, value: Json, context: Context) -> str:
        if isinstance(value, dict):
            return str(value["name"]) if "name" in value else NOT_REGISTERED
        same = [o for o in context.organisations if o.key == value]
        alone = same and len(self._index(context.organisations)[bare(_long_form(same[0].name))]) == 1
        return same[0].name if alone else str(value)


def _by_town(organisations: tuple[DirectoryOrganisation, ...]) -> dict[str, list[DirectoryOrganisation]]:
    index: dict[str, list[DirectoryOrganisation]] = {}
    for organisation in organisations:
        town = _long_form(organisation.name)
        for kind in ("Jobcenter", "Agentur für Arbeit"):
            if town.startswith(kind) and bare(town.removeprefix(kind)):
                index.setdefault(bare(town.removeprefix(kind)), []).append(organisation)
    return index


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
