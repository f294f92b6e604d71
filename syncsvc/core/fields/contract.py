"""The shape of every field: ``parse``, ``format``, ``key``, ``display`` and the values they speak in."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from syncsvc.core.model import Cell, Json


class Kind(StrEnum):
    OK = "ok"
    """Taken as it is."""
    NORMALISE = "normalise"
    """One safe meaning, other than the spelling in the cell."""
    ASK = "ask"
    """Two meanings or a doubt: a person decides; ``value`` is the proposal (None: no proposal)."""
    REJECT = "reject"
    """Never taken over; ``value`` is None."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell means: for ok and normalise ``value`` is the normal form, for ask the proposal.

    ``code`` names the doubt or the fault (``year_missing``, ``date_does_not_exist``). ``sensitive``: the text must
    not be repeated anywhere, not even in a question.
    """

    kind: Kind
    value: Json = None
    code: str = ""
    sensitive: bool = False

    @property
    def accepted(self) -> bool:
        return self.kind in (Kind.OK, Kind.NORMALISE)


@dataclass(frozen=True, slots=True)
class DirectoryContact:
    """A person of the directory, or a team's mailbox: ``kind`` is person or mailbox.

    ``deputy`` is the key of who stands in. ``absent_from`` and ``absent_to`` are the first and the last day away (None:
    open), ``left_on`` is the last day at work. ``confirmed_on``: when somebody last said that all of this is right.
    """

    key: str
    organisation: str
    family: str
    given: str = ""
    role: str = ""
    team: str = ""
    phone: str = ""
    email: str = ""
    kind: str = "person"
    deputy: str = ""
    absent_from: date | None = None
    absent_to: date | None = None
    left_on: date | None = None
    confirmed_on: date | None = None

    def has_left(self, today: date) -> bool:
        """Whether the last day at work is over."""
        return self.left_on is not None and self.left_on < today

    def is_absent(self, today: date) -> bool:
        """Whether today is among the days away."""
        return (self.absent_from or date.max) <= today <= (self.absent_to or date.max)


@dataclass(frozen=True, slots=True)
class DirectoryOrganisation:
    key: str
    kind: str
    name: str
    aliases: tuple[str, ...] = ()
    trunk: str = ""
    mail_domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VocabularyEntry:
    """One meaning of a vocabulary: its key, the label written into tables, and other spellings that mean it."""

    key: str
    label: str
    aliases: tuple[str, ...] = ()
    valid_from: date | None = None
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    name: str
    entries: tuple[VocabularyEntry, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """What surrounds a cell. Handed in; a field reads no clock, file or database.

    ``today`` is the local day (Europe/Berlin). ``organisation`` is the key of the row's job centre, ``project`` of
    the project's own organisation, ``prefix`` the project's reference prefix. ``values`` are the record's other
    values in normal form.
    """

    today: date
    prefix: str = ""
    organisation: str | None = None
    project_organisation: str | None = None
    organisations: tuple[DirectoryOrganisation, ...] = ()
    contacts: tuple[DirectoryContact, ...] = ()
    vocabularies: Mapping[str, Vocabulary] = field(default_factory=dict)
    values: Mapping[str, Json] = field(default_factory=dict)


class Field(Protocol):
    """One field type, configured for one mapping column.

    Laws, for every value v in normal form and every cell c:
    ``parse(format(v)).value`` has the same ``key`` as v; ``parse`` never raises; ``parse(None)`` is ok with None;
    an ``ErrorValue``, ``Covered`` or never computed ``Formula`` is rejected with code ``formula_error``,
    ``merged_cell`` or ``formula_not_computed``; a ``Formula`` with a value reads as its value.
    """

    @property
    def type(self) -> str: ...

    def parse(self, cell: Cell, context: Context) -> Reading:
        """What the cell means. Never raises."""
        ...

    def format(self, value: Json, context: Context) -> Cell:
        """The canonical cell for a value in normal form: text as ``str``, days as ``date``, None for a blank."""
        ...

    def key(self, value: Json) -> Hashable:
        """The comparison form: two values are the same exactly when their keys are equal. None for a blank."""
        ...

    def display(self, value: Json, context: Context) -> str:
        """The value as a person reads it in a question or a preview, German, ``""`` for a blank."""
        ...
