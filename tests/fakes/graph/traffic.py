"""How many requests are on their way at once: over all workbooks, and to each one."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Ticket:
    """One request on its way. ``workbook`` is the file's id, "" for others; ``met`` those already in the same file."""

    workbook: str
    writes: bool
    met: tuple[Ticket, ...] = ()

    @property
    def collides(self) -> bool:
        """Whether one of those that meet in a workbook wants to write."""
        return bool(self.met) and (self.writes or any(each.writes for each in self.met))


class Traffic:
    """A request is under way from its arrival until its answer is about to leave."""

    def __init__(self) -> None:
        self.most = 0
        self.most_in: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._open: list[Ticket] = []

    def enter(self, workbook: str, *, writes: bool) -> Ticket:
        with self._lock:
            met = tuple(each for each in self._open if workbook and each.workbook == workbook)
            ticket = Ticket(workbook, writes, met)
            self._open.append(ticket)
            self.most = max(self.most, len(self._open))
            if workbook:
                self.most_in[workbook] = max(self.most_in[workbook], len(met) + 1)
            return ticket

    def leave(self, ticket: Ticket) -> None:
        with self._lock:
            self._open = [each for each in self._open if each is not ticket]

    def forget(self) -> None:
        with self._lock:
            self.most = 0
            self.most_in.clear()
