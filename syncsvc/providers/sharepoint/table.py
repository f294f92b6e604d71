"""A tab of an Excel workbook on SharePoint, or an Excel table in it, as a shared table: the provider ``sharepoint``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import timedelta

from syncsvc.core.layout import Layout
from syncsvc.core.model import CellWrite, Patch, Snapshot
from syncsvc.errors import TableError, TableMoved, TableReadOnly, WriteIgnored
from syncsvc.ports.tables import Check, Landed, Requests
from syncsvc.providers.http import Patience
from syncsvc.providers.sharepoint.account import Account
from syncsvc.providers.sharepoint.api import Api, Gate
from syncsvc.providers.sharepoint.cells import comes_back, same, written
from syncsvc.providers.sharepoint.checks import checks
from syncsvc.providers.sharepoint.errors import editor_of
from syncsvc.providers.sharepoint.patcher import Put
from syncsvc.providers.sharepoint.places import File, Place, find_file, find_place, is_exposed
from syncsvc.providers.sharepoint.protection import locked_cells
from syncsvc.providers.sharepoint.ranges import load
from syncsvc.providers.sharepoint.setup import set_up
from syncsvc.providers.sharepoint.sheet import Sheet
from syncsvc.providers.sharepoint.writing import Writing

INTERVAL = timedelta(minutes=5)
"""Looking costs a request of the application's quota."""

SETTLING = 5.0
"""Seconds after which a workbook shows what it did not show at once (reports speak of some five); once in a run."""


class SharePointTable:
    """One tab. The version is the file's cTag, which may lag behind the cells for a minute, never run ahead of them.

    Graph has no conditional write and leaves no trace of whose write it was: what becomes of a lost answer is told by
    the cells alone, and the rows by the references that come with them (``writing.py``). A cell in a row that a filter
    hides is written once in a run: where Excel puts it elsewhere, the next try would go there, too.
    """

    lags = True

    def __init__(
        self, account: Account, location: Mapping[str, str], *, gate: Gate, patience: Patience | None = None
    ) -> None:
        self.requests = Requests()
        self.credential = account.name
        ids = [location.get(name, "") for name in ("drive", "item", "worksheet_id")]
        self.place = f"sharepoint:{'/'.join(ids)}" if all(ids) else ""
        self.address = ""  # a pasted link may let anybody in, and a path does not tell which library it is in
        self.interval = INTERVAL
        self._account, self._location = account, dict(location)
        self._patience = patience or Patience()
        self._api = Api(account, self.requests, self._patience, gate)
        self._asked: File | None = None
        self._exposed: bool | None = None
        self._place: Place | None = None
        self._seen: Sheet | None = None
        self._awaited: Sequence[Put] = ()
        self._settled = self._unheard = False
        self._doubtful: Sequence[CellWrite] = ()
        self._swallowed: set[tuple[str | None, int]] = set()
        self._added: dict[str, int] = {}
        self._locked: frozenset[tuple[int, int]] = frozenset()

    def version(self) -> str:
        self._asked = self._file()
        return _version(self._asked)

    def read(self) -> Snapshot:
        file, self._asked = self._asked or self._file(), None
        place, sheet = self._load(file)
        if not self._settled and not _shows(sheet, self._awaited):
            # Not arrived, moved by people, or not shown yet: the last one passes by waiting.
            self._settled = True
            self._patience.sleep(SETTLING)
            place, sheet = self._load(file)
            self._unheard = not _shows(sheet, self._awaited)
        self._swallowed |= {
            (write.ref, write.column)
            for write in self._doubtful
            if not same(sheet.raw(write.row, write.column), comes_back(written(write.new)))
        }
        self._awaited, self._doubtful = (), ()
        return Snapshot(
            version=_version(file),
            width=sheet.width,
            rows=sheet.rows,
            locked=self._locked,
            exposed=self._is_exposed(file),
            editor=editor_of(file.facts, self._account.client_id),
            identity=place.identity,
        )

    def write(self, patch: Patch, permit: Callable[[], None] = lambda: None) -> None:
        if self._place is None or self._seen is None:
            self._load(self._file())
        left = replace(patch, writes=tuple(w for w in patch.writes if (w.ref, w.column) not in self._swallowed))
        if patch and not left:
            raise WriteIgnored
        patch = left
        place, sheet = self._place, self._seen
        assert place is not None
        assert sheet is not None
        self._seen = None
        writing = Writing(self._api, place, sheet, patch, permit, locked=self._locked)
        with self._api.alone(place.book), self._persistent(place):
            try:
                writing.carry_out(self._added)
            except TableReadOnly:
                locked = writing.closed | locked_cells(self._api, place, sheet, patch)
                if locked <= self._locked:
                    raise
                self._locked |= locked
                raise TableMoved from None  # the next plan leaves these cells out
            finally:
                if writing.sent:
                    self._awaited = writing.sent
                    self._added |= writing.rows
                if writing.hidden:  # what a filter's row did not take it will not take at the next try
                    self._doubtful = patch.writes

    def landed(self, token: str) -> Landed:
        return Landed.UNKNOWN

    def settle(self, token: str) -> None:
        """Nothing to forget: Graph keeps no trace of a write."""

    def prepare(self, layout: Layout, permit: Callable[[], None] = lambda: None) -> list[str]:
        place, sheet = self._load(self._file())
        with self._api.alone(place.book):
            return set_up(self._api, place, sheet, layout, permit)

    def check(self) -> list[Check]:
        try:
            file = self._file()
            place, sheet = self._load(file)
            return checks(self._api, place, sheet)
        except TableError as error:
            return [Check(ok=False, text=error.message, hint=error.hint)]

    def _file(self) -> File:
        """The file as the drive knows it now; its ids are remembered."""
        file = find_file(self._api, self._location)
        self._location |= {"drive": file.drive, "item": file.item}
        return file

    def _load(self, file: File) -> tuple[Place, Sheet]:
        """The tab as it is now; what is remembered of it for the next write."""
        self._place = find_place(self._api, file, self._location)
        self._location |= self._place.identity
        self._seen = load(self._api, self._place)
        return self._place, self._seen

    def _persistent(self, place: Place) -> AbstractContextManager[None]:
        """A session that keeps what is written, for the second try after a write that did not show: it is reported that
        Graph drops writes that come without one.
        """
        return self._api.session(place.file.workbook, persist=True) if self._unheard else nullcontext()

    def _is_exposed(self, file: File) -> bool:
        """Whether anyone with a link can read the file; asked once in a run."""
        if self._exposed is None:
            self._exposed = is_exposed(self._api, file)
        return self._exposed


def _shows(sheet: Sheet, puts: Sequence[Put]) -> bool:
    """Whether a write of ours is to be seen."""
    return all(same(sheet.raw(put.row, put.column), comes_back(put.value)) for put in puts)


def _version(file: File) -> str:
    """The file's tag, and whether it is exposed: that sharing moves the tag is nowhere promised."""
    return f"{file.tag}{'+anyone' if file.says_exposed else ''}"
