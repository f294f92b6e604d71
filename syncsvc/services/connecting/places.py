"""Where the table lies: the file or spreadsheet, whether the service gets in, and the tab."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from sqlalchemy.orm import Session

from syncsvc.core.access import Reach, Right, Viewer
from syncsvc.core.model import Side
from syncsvc.errors import Actor, ConfigurationError, TableError, UsageError
from syncsvc.ports.tables import Check, Kind, Tab
from syncsvc.services import drafts
from syncsvc.services.connecting.draft import KIND, Connection, keep, keep_snapshot
from syncsvc.services.runtime import Runtime
from syncsvc.store import audit, projects, tables
from syncsvc.store.models import Table

OUT_OF_REACH = "In dieser Datei arbeitet schon ein anderes Projekt. Wer das Programm leitet, kann sie verbinden."


def projects_of(rt: Runtime, viewer: Viewer) -> dict[str, str]:
    """The projects for which this person may connect tables: names by key, in the order of the names."""
    reach = viewer.reach(Right.CONNECT)
    with rt.database.read() as session:
        found = [one for one in projects.all_projects(session) if reach.covers(one.id, None)]
    return {one.key: one.name for one in sorted(found, key=lambda one: (one.name, one.key))}


def kinds(rt: Runtime, viewer: Viewer) -> Sequence[Kind]:
    """The kinds of place, with what is on offer for this person."""
    return rt.tables.kinds(_limits(rt, viewer))


def begin(rt: Runtime, viewer: Viewer, kind: str, typed: Mapping[str, str]) -> Connection:
    """Look at the file or spreadsheet that somebody means, and keep what was found as a new draft.

    That the service does not get in is among the checks. Raises ``ConfigurationError`` for what names no place, and
    ``UsageError`` for a file in which a project works that this person does not lead.
    """
    book = rt.tables.pick(kind, typed, _limits(rt, viewer))
    return look(rt, viewer, Connection(drafts.new_key(KIND), kind, dict(typed), book, _title(rt, kind)))


def move(rt: Runtime, viewer: Viewer, connection: Connection, kind: str, typed: Mapping[str, str]) -> Connection:
    """Look at another file instead: its tab has to be chosen anew, all else stays. Raises as ``begin`` does."""
    book = rt.tables.pick(kind, typed, _limits(rt, viewer))
    if book != connection.book:
        connection = replace(connection, book=book, tabs=(), tab="", location={}, read_at="", header_row=None)
    return look(rt, viewer, replace(connection, kind=kind, typed=dict(typed), called=_title(rt, kind)))


def look(rt: Runtime, viewer: Viewer, connection: Connection) -> Connection:
    """Ask the platform again: which tabs there are, and whether the chosen one, else the first, can be synced.

    Who looked where is noted among the administrative changes. Raises ``UsageError`` as ``begin`` does.
    """
    tabs = connection.tabs
    checks: tuple[Check, ...]
    try:
        tabs = tuple(rt.tables.tabs(connection.book))
        _refuse_strangers(rt, viewer, connection.book, tabs)
        chosen = next((tab for tab in tabs if tab.title == connection.tab), tabs[0] if tabs else None)
        checks = tuple(rt.tables.open(chosen.location).check()) if chosen else (_NO_TAB,)
    except TableError as error:
        checks = (_missing(error),)
    with rt.database.write() as session:
        audit.note(
            session, "connection.looked", named(connection.book), actor=viewer.name, now=rt.clock.now(),
            details={"kind": connection.kind},
        )  # fmt: skip
    return keep(rt, viewer.id, replace(connection, tabs=tabs, checks=checks))


def choose(
    rt: Runtime, viewer: Viewer, connection: Connection, title: str, *, project: str, jobcentre: str,
    edited_by: Sequence[str],
) -> Connection:  # fmt: skip
    """Take this tab for this project and read it. Nothing else of the draft is lost.

    Raises ``UsageError`` for a tab that is connected already or what is not among the choices, and ``TableError`` where
    the tab cannot be read; then the draft is as it was.
    """
    tab = next((tab for tab in connection.tabs if tab.title == title), None)
    if tab is None:
        raise UsageError("Bitte ein Blatt wählen.")
    if project not in projects_of(rt, viewer):
        raise UsageError("Bitte ein Projekt wählen.")
    sides = [side for side in (str(Side.PROJECT), str(Side.JOBCENTRE)) if side in edited_by]
    if not sides:
        raise UsageError("Bitte angeben, wer in der Tabelle tippt.")
    refuse_taken(rt, tab)
    same = dict(tab.location) == dict(connection.location) and connection.read_at
    chosen = replace(
        connection, tab=title, location=dict(tab.location), project=project, jobcentre=jobcentre,
        edited_by=tuple(sides), header_row=connection.header_row if same else None,
    )  # fmt: skip
    return keep(rt, viewer.id, chosen) if same else read(rt, viewer, chosen)


def read(rt: Runtime, viewer: Viewer, connection: Connection) -> Connection:
    """Read the chosen tab, and keep its rows for the steps that follow. Raises ``TableError``, ``UsageError``."""
    table = rt.tables.open(connection.location)
    checks = tuple(table.check())
    snapshot = table.read()
    place = rt.tables.open({**connection.location, **snapshot.identity}).place
    refuse_taken(rt, Tab(connection.tab, connection.location, place))
    keep_snapshot(rt, viewer.id, connection.key, snapshot)
    found = replace(connection, checks=checks, read_at=rt.clock.now().isoformat())
    return keep(rt, viewer.id, found)


def refuse_taken(rt: Runtime, tab: Tab) -> None:
    """Raise ``UsageError`` where a table is connected to this tab already."""
    with rt.database.read() as session:
        if _is_taken(rt, session, tab):
            raise UsageError(f"Das Blatt „{tab.title}“ ist schon verbunden.", hint="Bitte ein anderes Blatt wählen.")


def taken(rt: Runtime, connection: Connection) -> frozenset[str]:
    """The titles of those tabs that are connected already."""
    with rt.database.read() as session:
        return taken_in(rt, session, connection)


def taken_in(rt: Runtime, session: Session, connection: Connection) -> frozenset[str]:
    """The same within a transaction."""
    return frozenset(tab.title for tab in connection.tabs if _is_taken(rt, session, tab))


def _missing(error: TableError) -> Check:
    """What is missing, and for whom to do."""
    hint = error.hint
    if error.actor is Actor.OPERATOR:
        hint = f"Das richtet ein, wer den Dienst betreibt. {hint}".strip()
    return Check(ok=False, text=error.message, hint=hint)


_NO_TAB = Check(ok=False, text="In dieser Datei ist kein Blatt mit Zellen.", hint="Bitte eines anlegen.")


def _title(rt: Runtime, kind: str) -> str:
    return next(one.title for one in rt.tables.kinds(frozenset()) if one.key == kind)


def _limits(rt: Runtime, viewer: Viewer) -> Set[str] | None:
    """The projects whose files are offered; None: all files."""
    reach: Reach = viewer.reach(Right.CONNECT)
    return None if reach.whole else frozenset(projects_of(rt, viewer))


def _refuse_strangers(rt: Runtime, viewer: Viewer, book: Mapping[str, str], tabs: Sequence[Tab]) -> None:
    """Keep what stands in a file of another project's from whoever only knows its address."""
    reach = viewer.reach(Right.CONNECT)
    if reach.whole:
        return
    with rt.database.read() as session:
        for table in tables.all_tables(session):
            if reach.covers(table.project_id, None):
                continue
            beside = any(_book_of(tab.place) and _book_of(tab.place) == _book_of(_place(rt, table)) for tab in tabs)
            if beside or book.items() <= table.location.items():
                raise UsageError(OUT_OF_REACH)


def _is_taken(rt: Runtime, session: Session, tab: Tab) -> bool:
    return any(
        dict(table.location) == dict(tab.location) or (tab.place and _place(rt, table) == tab.place)
        for table in tables.all_tables(session)
    )


def _place(rt: Runtime, table: Table) -> str:
    try:
        return rt.tables.open(tables.whereabouts(table)).place
    except ConfigurationError:  # its own sync says what is wrong with it
        return ""


def _book_of(place: str) -> str:
    """The file or spreadsheet of a tab's place."""
    return place.rpartition("/")[0]


def named(book: Mapping[str, str]) -> str:
    """A file as the log of administrative changes names it. A pasted link is not repeated: it may let anybody in."""
    return book.get("path") or book.get("spreadsheet") or book.get("site") or book.get("name") or book["provider"]
