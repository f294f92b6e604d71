"""What people do with a workbook as a whole: its tables and tabs, the file, locks, versions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Self

from tests.fakes.google import a1
from tests.fakes.google.a1 import Block
from tests.fakes.graph import sorting
from tests.fakes.graph.book import MAX_COLUMNS, MAX_ROWS, Book, Tab, Table, new_tab, twin
from tests.fakes.graph.items import File, Lock
from tests.fakes.graph.service import Service


@dataclass
class Keeper:
    """Somebody who has the file; ``Person`` adds what hands do in its cells."""

    service: Service
    file: File
    who: str
    tab: int
    """The number of the tab they look at, which stays when the tab is renamed."""

    @contextmanager
    def _edits(self) -> Iterator[tuple[Book, Tab]]:
        with self.service.changing(self.file, self.who, human=True) as book:
            yield book, book.sheet(self.tab)

    # Tables and tabs

    def make_table(self, area: str, name: str) -> None:
        """Turn a range with headers into a table."""
        with self._edits() as (book, tab):
            add_table(book, tab, block_of(area), name)

    def convert_to_range(self, name: str) -> None:
        """Turn a table back into plain cells."""
        with self._edits() as (book, _):
            book.tables = [each for each in book.tables if each.name != name]

    def rename_table(self, old: str, new: str) -> None:
        with self._edits() as (book, _):
            book.tables = [replace(each, name=new) if each.name == old else each for each in book.tables]

    def rename_tab(self, title: str) -> None:
        with self._edits() as (book, tab):
            old, tab.title = tab.title, title
            sorting.renamed(book, old, title)

    def add_tab(self, title: str) -> int:
        """A new empty tab behind the others; its number."""
        with self._edits() as (book, _):
            tab = new_tab(max(each.id for each in book.tabs) + 1, title)
            book.sheets.append(tab)
            return tab.id

    def duplicate_tab(self, title: str) -> int:
        """A copy of the tab with all its cells; tables in it get names and ids of their own."""
        with self._edits() as (book, tab):
            made = new_tab(max(each.id for each in book.tabs) + 1, title)
            for row, column, cell in tab.all_cells():
                made.put(row, column, twin(cell))
            book.sheets.append(made)
            for table in [each for each in book.tables if each.tab == tab.id]:
                number = max(each.id for each in book.tables) + 1
                book.tables.append(
                    Table(number, f"{table.name}{number}", made.id, table.box, table.totals, table.style)
                )
            return made.id

    def delete_tab(self) -> None:
        with self._edits() as (book, tab):
            book.tables = [each for each in book.tables if each.tab != tab.id]
            book.sheets.remove(tab)

    # The file

    def rename_file(self, name: str) -> None:
        with self.service.lock:
            self.file.name = name
            self.service.tags.rename(self.file, self.who)

    def move_file(self, folder: str) -> None:
        """Move the file within its library; its id stays."""
        with self.service.lock:
            self.file.folder = folder
            self.service.tags.rename(self.file, self.who)

    def delete_file(self) -> None:
        with self.service.lock:
            self.file.deleted = True

    def bring_back(self) -> None:
        """Restore the file from the recycle bin, under its old id."""
        with self.service.lock:
            self.file.deleted = False

    def share_with_anyone(self, kind: str = "view") -> None:
        """Anyone with the link may view or edit."""
        with self.service.lock:
            self.file.links.append(("anonymous", kind))
            self.service.tags.rename(self.file, self.who)

    def check_out(self) -> None:
        with self.service.lock:
            self.file.checked_out = self.who

    def check_in(self) -> None:
        with self.service.lock:
            self.file.checked_out = ""

    def open(self) -> None:
        """Open it for co-authoring: the file cannot be replaced, but its cells can be changed."""
        with self.service.lock:
            self.file.open_by.add(self.who)

    def open_exclusively(self, *, reads: bool = False) -> None:
        """Open it in a desktop Excel that does not share it; ``reads`` lets others still read."""
        with self.service.lock:
            self.file.lock = Lock(self.who.partition("@")[0].replace(".", " ").title(), reads)

    def close(self) -> None:
        with self.service.lock:
            self.file.lock = None
            self.file.open_by.discard(self.who)

    @contextmanager
    def offline(self) -> Iterator[Self]:
        """Work on a copy without a connection; afterwards what was typed meanwhile goes over what stands there now.

        Cells are told by their identity; rows that were inserted offline are lost, as in a merge gone wrong.
        """
        before = self.file.document
        private = replace(self.file, document=before.copy(), states=[])
        yield type(self)(Service(), private, self.who, self.tab)
        typed = {cell.uid: cell for tab in private.document.tabs for _, _, cell in tab.all_cells()}
        old = {cell.uid: cell for tab in before.tabs for _, _, cell in tab.all_cells()}
        with self._edits() as (book, _):
            for tab in book.tabs:
                for row, column, uid in [(r, c, cell.uid) for r, c, cell in tab.all_cells()]:
                    if uid in old and uid in typed and typed[uid].entered != old[uid].entered:
                        tab.change(row, column, entered=typed[uid].entered)

    def state(self) -> int:
        """The number of the present version, for ``restore``."""
        return len(self.file.states)

    def restore(self, state: int) -> None:
        """Bring an earlier version of the whole file back; sessions on it end."""
        if state < len(self.file.states):
            self._take_back(self.file.states[state].document)
            self.service.sessions.end_all()

    def undo(self) -> None:
        """Take one's own last act back: as a whole if nothing came after it, else cell by cell."""
        with self.service.lock:
            own = next(state for state in reversed(self.file.states) if state.who == self.who)
            if own is self.file.states[-1]:
                self._take_back(own.document)
                return
            old = {edit.cell: edit.old for edit in self.service.journal.edits if edit.act == own.act}
            with self._edits() as (book, _):
                for tab in book.tabs:
                    for row, column, uid in [(r, c, cell.uid) for r, c, cell in tab.all_cells()]:
                        if uid in old:
                            tab.change(row, column, entered=old[uid])

    def _take_back(self, old: object) -> None:
        assert isinstance(old, Book)
        with self._edits() as (book, _):
            state = old.copy()
            for name in ("sheets", "tables", "defined"):
                setattr(book, name, getattr(state, name))


def add_table(book: Book, tab: Tab, block: Block, name: str) -> None:
    number = max((each.id for each in book.tables), default=0) + 1
    book.tables.append(Table(number, name, tab.id, block))


def block_of(area: str) -> Block:
    """The cells of ``B3``, ``A1:C9`` or ``A:A``."""
    box = a1.box(area)
    assert box is not None, f"{area} is no range"
    return box.clipped(MAX_ROWS, MAX_COLUMNS)
