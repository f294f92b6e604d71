"""The directory as a reader of names needs it: who is meant by ``Müller``, ``Müller, Anna``, ``A. Mueller``."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

from syncsvc.core.fields.contract import DirectoryContact
from syncsvc.core.fields.names import SALUTATION
from syncsvc.core.folding import name_forms

Directory: TypeAlias = tuple[DirectoryContact, ...]


class People:
    """The directory by folded name: finds who is meant by ``Müller``, ``Müller, Anna``, ``A. Mueller``."""

    def __init__(self, contacts: Directory) -> None:
        self.by_key = {contact.key: contact for contact in contacts}
        self._by_family: dict[str, list[DirectoryContact]] = {}
        self._by_mail = {contact.email.casefold(): contact for contact in contacts if contact.email}
        self._shown: dict[str, int] = {}
        self._found: dict[str, list[DirectoryContact]] = {}
        for contact in contacts:
            for form in _forms(contact.family):
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
        if text not in self._found:  # the rows of a table name the same few people over and over
            self._found[text] = self._find(text)
        return self._found[text][:]

    def _find(self, text: str) -> list[DirectoryContact]:
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
        return list(found.values()) or self._by_family_initial(text)

    def _by_family_initial(self, text: str) -> list[DirectoryContact]:
        """``Leyla D.``: a whole given name and the family name's first letter."""
        forms = {tuple(form.split()) for form in name_forms(SALUTATION.sub("", text))}
        return [
            contact
            for contact in self.by_key.values()
            for given, family in forms & {(g, f[:1]) for g in _forms(contact.given) for f in _forms(contact.family)}
            if given and family
        ][:2]

    def similar(self, text: str) -> list[DirectoryContact]:
        """Everybody whose family name is one slip away from the text's first or last word, given name aside."""
        words = [word for form in name_forms(SALUTATION.sub("", text).replace(",", " ")) for word in form.split()]
        found: dict[str, DirectoryContact] = {}
        for word in {*words[:1], *words[-1:]}:
            if len(word) < _SLIP_FROM:
                continue
            for family, contacts in self._by_family.items():
                if _one_slip(word, family):
                    found.update((contact.key, contact) for contact in contacts if _rest_fits(words, word, contact))
        return list(found.values())

    def by_given(self, text: str) -> list[DirectoryContact]:
        """Everybody with this given name or these initials (``L.D.``)."""
        forms = name_forms(text)
        return [
            contact
            for contact in self.by_key.values()
            if contact.given and (forms & _forms(contact.given) or forms & _initials(contact))
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
    names = _given_words(given)
    return all(any(name == word or (len(word) == 1 and name.startswith(word)) for name in names) for word in typed)


@lru_cache(maxsize=4096)  # asked of every namesake for every row
def _given_words(given: str) -> frozenset[str]:
    return frozenset(word for form in name_forms(given) for word in form.split())


_forms = lru_cache(maxsize=8192)(name_forms)
"""For the names of the directory: each page and run folds all of them anew, once for each kind of contact."""


_SLIP_FROM = 5
"""Shorter names differ by one letter too often."""


def _one_slip(typed: str, name: str) -> bool:
    """Whether one letter was left out, doubled, mistyped or swapped with its neighbour."""
    if typed == name or abs(len(typed) - len(name)) > 1:
        return False
    same = next((i for i, (a, b) in enumerate(zip(typed, name, strict=False)) if a != b), min(len(typed), len(name)))
    left, right = typed[same:], name[same:]
    swapped = len(left) == len(right) > 1 and left[:2] == right[1::-1] and left[2:] == right[2:]
    return swapped or left[1:] == right[1:] or left[1:] == right or left == right[1:]


def _rest_fits(words: list[str], family: str, contact: DirectoryContact) -> bool:
    return _given_fits([word for word in words if word != family], contact.given)


def _initials(contact: DirectoryContact) -> frozenset[str]:
    first, last = contact.given[:1].casefold(), contact.family[:1].casefold()
    return frozenset((f"{first} {last}", f"{first}{last}"))
