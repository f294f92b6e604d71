"""Workbook sessions: persistent ones share the workbook, others have a copy of their own; both end when idle."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.fakes.google.clock import Clock
from tests.fakes.graph import refusals
from tests.fakes.graph.book import Book
from tests.fakes.graph.items import File

IDLE = {True: 300.0, False: 420.0}
"""Seconds without a request until a persistent session ends, and another one (docs pull request 5575)."""
PER_WORKBOOK = 25


@dataclass
class Session:
    """``book`` is the private copy of a session that keeps nothing, None for a persistent one."""

    id: str
    file: File
    persistent: bool
    expires: datetime
    book: Book | None = None


class Sessions:
    """All sessions on the server. ``refused`` makes every new one fail: with what, or None."""

    def __init__(self, clock: Clock) -> None:
        self.refused: refusals.Refused | None = None
        self._clock = clock
        self._open: dict[str, Session] = {}

    def create(self, file: File, *, persistent: bool) -> Session:
        if self.refused:
            raise self.refused
        if len(self.of(file)) >= PER_WORKBOOK:
            raise refusals.crowded()
        session_id = f"cluster=PDE1&session={secrets.token_urlsafe(40)}"
        book = None if persistent else file.document.copy()
        session = Session(session_id, file, persistent, self._expiry(persistent), book)
        self._open[session_id] = session
        return session

    def find(self, session_id: str, file: File) -> Session:
        """A session of this file that is still open; using it keeps it open."""
        session = self._open.get(session_id)
        if session is None or session.file is not file or session.expires <= self._clock.now():
            raise refusals.no_session()
        session.expires = self._expiry(session.persistent)
        return session

    def close(self, session: Session) -> None:
        self._open.pop(session.id, None)

    def of(self, file: File) -> list[Session]:
        """The open sessions of a file."""
        now = self._clock.now()
        return [each for each in self._open.values() if each.file is file and each.expires > now]

    def end_all(self) -> None:
        """Let every session be gone, as after a restart on Microsoft's side."""
        self._open.clear()

    def _expiry(self, persistent: bool) -> datetime:
        return self._clock.now() + timedelta(seconds=IDLE[persistent])
