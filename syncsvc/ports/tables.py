"""The contract of every provider: how a shared table is read and written.

Words. *Version*: a token that changes whenever the table's content changes; it may change without one, and on some
platforms it lags. *Snapshot*: the table's whole content at one version. *Patch*: the cells one run writes.

``tests/providers/conformance.py`` holds every provider to this text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from syncsvc.core.layout import Layout
from syncsvc.core.model import Patch, Snapshot


class Landed(StrEnum):
    """What a provider knows about an earlier write."""

    YES = "yes"
    """Every cell of it arrived where it was meant to."""
    NO = "no"
    UNKNOWN = "unknown"
    """It may have arrived; or it did, but people may have moved the rows under it."""


@dataclass(slots=True)
class Requests:
    """Requests made so far, counted as the platform's own log would."""

    meta: int = 0
    read: int = 0
    write: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing ``tables check`` found: a German sentence, whether it is fine, and the next step if it is not."""

    ok: bool
    text: str
    hint: str = ""


@dataclass(frozen=True)
class Keep:
    """Which dated copies of one table's file stay: none older than ``days``, at most ``count``, and no more than
    ``megabytes`` together; the newest one whatever its size.
    """

    days: int = 365
    count: int = 200
    megabytes: int = 500


@dataclass(frozen=True, slots=True)
class Swept:
    """What a tidying removed: dated copies, and leftovers of writes that died."""

    copies: int = 0
    leftovers: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody has to say so that a file or spreadsheet is found: a line of text, or one of ``choices`` where
    there are any (None: a line). ``label`` and ``hint`` are German."""

    key: str
    label: str
    hint: str = ""
    choices: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of place for tables. ``hint`` says in German what to do first; unless the kind is ``ready``, what is
    missing and who can mend that."""

    key: str
    title: str
    asks: tuple[Asked, ...]
    ready: bool
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of a file or spreadsheet: ``location`` opens it, ``place`` is ``Table.place`` as far as it is known."""

    title: str
    location: Mapping[str, str]
    place: str = ""


class Table(Protocol):
    """One shared table at one place. Made fresh for each run; holds no lock between calls.

    ``credential`` names the account whose tables all have to wait when the platform throttles one of them; empty where
    there is none. ``place`` names the tab among all tabs, whatever way the location tells it: empty where only the
    location does, or the platform's ids are not known yet. ``address`` opens it in a browser, for whoever was given
    access on the platform; empty where there is none, or where the address itself would let anybody in. ``interval``
    is how long a table without a schedule is left alone after a look at it: the price of a look decides. ``lags``: an
    edit may show in the version only minutes later, so that a version that did not move spares a read for a while and
    proves nothing.
    """

    requests: Requests
    credential: str
    place: str
    address: str
    interval: timedelta
    lags: bool

    def version(self) -> str:
        """The current version, at the price of one metadata request.

        Raises ``TableNotFound``, ``TableForbidden``, ``PlatformBusy`` or another ``TableError``.
        """
        ...

    def read(self) -> Snapshot:
        """The whole tab, hidden and filtered rows included, together with the version of exactly that content.

        Where the version lags it is one asked for *before* the content, so that no later edit hides behind it.
        Never a part: a cut or failed answer raises. Raises ``TableError``.
        """
        ...

    def write(self, patch: Patch, permit: Callable[[], None] = lambda: None) -> None:
        """Write the patch: exactly its cells, each with its literal type, nothing else in the file.

        Appended rows go directly behind the last row with content below the header and become part of the
        spreadsheet's own table, filter, validations and formats there. Where the platform allows a conditional
        write, raises ``TableMoved`` if the table's version is not ``patch.version``; elsewhere the caller must read
        back. All or nothing: after ``WriteUncertain`` (a lost answer), and after an error that is no ``TableError``
        (a kill), it is open whether the write landed: see ``landed``. After any other ``TableError`` nothing was
        written.
        ``permit`` is called as the last thing before the write goes out, and before every repetition; what it raises
        (``LeaseLost``, a database error) passes, and nothing was written by that attempt.
        Raises ``TableLocked`` while somebody holds the file open, ``TableReadOnly``, ``TableMoved``, ``PlatformBusy``;
        ``WriteIgnored`` where none of these cells kept what this table wrote there before, and none will.
        """
        ...

    def landed(self, token: str) -> Landed:
        """Whether the write with this patch token reached the table, as the last ``read`` shows it.

        Never ``YES`` where writes are not conditional: what arrived may have hit rows that had moved.
        """
        ...

    def settle(self, token: str) -> None:
        """The caller has recorded the outcome of this write: the provider may forget about it."""
        ...

    def prepare(self, layout: Layout, permit: Callable[[], None] = lambda: None) -> list[str]:
        """Make a tab whose header stands easy to fill, as far as the platform can: what was done, in German sentences.

        Never touches what people set up themselves, nor any cell's content; a second call does nothing. Empty where the
        platform offers nothing. ``permit`` as in ``write``. Raises ``TableError``.
        """
        ...

    def check(self) -> list[Check]:
        """What works and what does not, for an admin who connects the table. Writes nothing, raises nothing."""
        ...


class Tables(Protocol):
    """Opens tables by their location."""

    def locate(self, location: Mapping[str, str], folder: Path) -> dict[str, str]:
        """The location as it is stored: absolute, in one spelling, an address reduced to the ids in it.

        Paths are relative to ``folder``. Touches nothing. Raises ``ConfigurationError`` for one that cannot be opened.
        """
        ...

    def kinds(self, projects: Set[str] | None = None) -> Sequence[Kind]:
        """The kinds of place a table can be at. Asks no platform.

        ``projects``: offer only what is meant for one of these projects (their keys); None: all there is.
        """
        ...

    def pick(self, kind: str, typed: Mapping[str, str], projects: Set[str] | None = None) -> dict[str, str]:
        """The location, without a tab yet, of the file or spreadsheet that somebody means who answered what ``kind``
        asks. Touches nothing but what ``kinds`` lists. What a location tells more than that is left out.

        ``projects`` as in ``kinds``. Raises ``ConfigurationError``, in a sentence for her, also for what is not there.
        """
        ...

    def tabs(self, book: Mapping[str, str]) -> Sequence[Tab]:
        """The tabs of a file or spreadsheet that ``pick`` found, in their order. Raises ``TableError``."""
        ...

    def open(self, location: Mapping[str, str]) -> Table:
        """The table at ``location`` (its key ``provider`` chooses the kind). Touches nothing yet.

        Raises ``ConfigurationError`` when the provider is unknown or the location lacks a part.
        """
        ...

    def sweep(self, unsettled: Callable[[], Set[str]], now: datetime) -> Swept:
        """Remove from this machine what no table needs any more: dated copies past their terms, also of tables that
        are not written any more, and leftovers of writes that died, except those whose token is in ``unsettled()``.

        ``unsettled`` is asked after the leftovers were listed, so that a write that begins meanwhile is safe.
        """
        ...
