"""A shared .xlsx file as a table: the provider ``workbook``."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from syncsvc.core.layout import Layout
from syncsvc.core.model import Patch, Snapshot
from syncsvc.errors import (
    PlatformBusy,
    SyncsvcError,
    TableError,
    TableForbidden,
    TableLocked,
    TableMoved,
    TableNotFound,
    TableReadOnly,
    TableUnreadable,
)
from syncsvc.ports.tables import Check, Keep, Landed, Requests
from syncsvc.providers.workbook.book import Book, Sheet
from syncsvc.providers.workbook.copies import keep_copy
from syncsvc.providers.workbook.journal import Entry, Journal, sync_folder
from syncsvc.providers.workbook.lock import exclusive
from syncsvc.providers.workbook.package import Package
from syncsvc.providers.workbook.patcher import patched
from syncsvc.providers.workbook.reader import read_rows

INTERVAL = timedelta(seconds=10)
"""Looking costs one hash of a file."""

_SHARING_VIOLATION = 32
_KEEP = Keep()


class WorkbookTable:
    """One sheet of one file. The version is the hash of the file's bytes.

    The sheet is found by its name, else by ``sheet_id``, the workbook's own number of it, which survives renaming.
    A write replaces the file at once: a kill leaves the old file or the new one, and the journal knows which. The last
    look at the old file comes right before. A known gap: a program that saves in the instant in between, without the
    lock file of an office program, is overwritten; its version is then in no copy either.
    """

    def __init__(self, path: Path, *, worksheet: str, sheet_id: str = "", data_dir: Path, keep: Keep = _KEEP) -> None:
        self.requests = Requests()
        self.credential = self.place = self.address = ""
        self.interval = INTERVAL
        self.lags = False
        self._path = path
        self._worksheet = worksheet
        self._sheet_id = sheet_id
        self._data_dir = data_dir
        self._keep_copies = keep
        self._journal = Journal(data_dir / "journal")
        self._read: Snapshot | None = None

    def version(self) -> str:
        self.requests.meta += 1
        return _hash(self._bytes())

    def read(self) -> Snapshot:
        self.requests.read += 1
        data = self._bytes()
        book, sheet = self._open(data)
        self._read = _snapshot(data, book, sheet)
        return self._read

    def write(self, patch: Patch, permit: Callable[[], None] = lambda: None) -> None:
        self.requests.write += 1
        target = self._target()
        with exclusive(self._data_dir / "locks" / f"{_hash(os.fsencode(target))}.lock"):
            self._refuse_closed(target)
            data = self._bytes()
            if _hash(data) != patch.version:
                raise TableMoved
            book, sheet = self._open(data)
            if self._read is None or self._read.version != patch.version:
                self._read = _snapshot(data, book, sheet)
            new = patched(book, sheet, self._read, patch)
            self._keep(target, data)
            with _file_errors(target):
                self._replace(target, patch, new, permit)

    def landed(self, token: str) -> Landed:
        entry = self._journal.entry(token)
        if entry is None or Path(entry.temp).exists():
            return Landed.NO
        try:
            current = _hash(Path(entry.target).read_bytes())
        except OSError:
            return Landed.UNKNOWN
        # The old file stands though the new one is used up: it was put back, or the new one was swept away unused.
        return Landed.UNKNOWN if current == entry.old else Landed.YES

    def settle(self, token: str) -> None:
        entry = self._journal.entry(token)
        temp = _temp(self._path.resolve(), token) if entry is None else Path(entry.temp)
        temp.unlink(missing_ok=True)
        self._journal.forget(token)

    def prepare(self, layout: Layout, permit: Callable[[], None] = lambda: None) -> list[str]:
        return []

    def check(self) -> list[Check]:
        found = []
        try:
            data = self._bytes()
            book, sheet = self._open(data)
            _snapshot(data, book, sheet)
            found.append(Check(ok=True, text=f"Die Datei ist lesbar, das Blatt „{sheet.name}“ ist da."))
            self._refuse_closed(self._target())
            found.append(Check(ok=True, text="Die Datei ist beschreibbar."))
        except TableError as error:
            found.append(Check(ok=False, text=error.message, hint=error.hint))
        return found

    def _target(self) -> Path:
        """The real file: a link stays a link."""
        with _file_errors(self._path):
            return self._path.resolve(strict=True)

    def _bytes(self) -> bytes:
        with _file_errors(self._path):
            return self._path.read_bytes()

    def _open(self, data: bytes) -> tuple[Book, Sheet]:
        book = Book(Package(data))
        return book, book.sheet(self._worksheet, self._sheet_id)

    def _refuse_closed(self, target: Path) -> None:
        """Refuse while somebody has the file open, and where writing is forbidden."""
        with _file_errors(target):
            for path in {target, self._path}:
                for lock in (f"~${path.name}", f".~lock.{path.name}#"):
                    if path.with_name(lock).exists():
                        raise TableLocked(
                            hint=f"Ist sie nirgends mehr offen: die Datei „{lock}“ im selben Ordner löschen."
                        )
            # The mode bits, too: the superuser may write everything, but a file marked read-only is meant to stay.
            if not target.stat().st_mode & 0o222 or not os.access(target, os.W_OK):
                raise TableReadOnly
            if not os.access(target.parent, os.W_OK):
                raise TableReadOnly("Der Ordner der Datei ist schreibgeschützt.")

    def _keep(self, target: Path, data: bytes) -> None:
        folder = self._data_dir / "copies" / _hash(os.fsencode(target))[:16]
        try:
            keep_copy(folder, data, target.suffix, datetime.now(UTC), self._keep_copies)
        except OSError:
            raise TableError(
                "Die Sicherungskopie der Datei lässt sich nicht anlegen; deshalb wurde nichts geschrieben.",
                hint="Platz und Rechte im Datenordner des Dienstes prüfen.",
            ) from None

    def _replace(self, target: Path, patch: Patch, new: bytes, permit: Callable[[], None]) -> None:
        temp = _temp(target, patch.token)
        try:
            with temp.open("wb") as file:
                file.write(new)
                file.flush()
                os.fsync(file.fileno())
            shutil.copymode(target, temp)
            if hasattr(os, "chown"):
                owner = target.stat()
                with suppress(PermissionError):
                    os.chown(temp, owner.st_uid, owner.st_gid)
            self._journal.prepare(patch.token, Entry(str(target), str(temp), patch.version, _hash(new)))
            permit()  # before the last look: who stops us after it settles this write, and thereby takes its new file
            self._refuse_closed(target)
            if _hash(target.read_bytes()) != patch.version:
                raise TableMoved
            try:
                temp.replace(target)
            except PermissionError:  # Windows, where nobody replaces an open file
                raise TableLocked from None
        except (OSError, SyncsvcError):
            # In this order: without its new file, an entry tells of a write that landed.
            self._journal.forget(patch.token)
            temp.unlink(missing_ok=True)
            raise
        with suppress(OSError):  # the write has landed; a folder that cannot be synced does not undo it
            sync_folder(target.parent)


def sheet_names(path: Path) -> list[str]:
    """The names of a workbook's sheets, in their order. Raises ``TableError``."""
    with _file_errors(path):
        data = path.read_bytes()
    return [sheet.name for sheet in Book(Package(data)).sheets]


def _snapshot(data: bytes, book: Book, sheet: Sheet) -> Snapshot:
    width, rows = read_rows(book, sheet)
    return Snapshot(_hash(data), width, rows, editor=book.editor, identity={"sheet_id": sheet.sheet_id})


def _temp(target: Path, token: str) -> Path:
    """Where a write prepares the new file; Nextcloud and OneDrive leave names like this out of their transfers."""
    return target.with_name(f"~{token}.tmp")


def _hash(data: bytes) -> str:
    return sha256(data).hexdigest()


@contextmanager
def _file_errors(path: Path) -> Iterator[None]:
    """Say in a sentence what the file system refused."""
    try:
        yield
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise TableNotFound("Der Ordner der Tabelle ist nicht da; vielleicht ist das Laufwerk getrennt.") from None
        raise TableNotFound("Die Datei der Tabelle ist nicht da.") from None
    except IsADirectoryError:
        raise TableUnreadable("An diesem Ort liegt ein Ordner, keine Datei.") from None
    except PermissionError as error:
        if getattr(error, "winerror", None) == _SHARING_VIOLATION:
            raise TableLocked from None
        raise TableForbidden from None
    except OSError:
        raise PlatformBusy("Das Laufwerk der Tabelle antwortet nicht oder ist voll.") from None
