"""Delivering what the outbox holds, and showing what nobody has got yet."""

from __future__ import annotations

import logging
import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncsvc.errors import Actor, DeliveryUnknown, NotDelivered
from syncsvc.ports.notify import Letter, NullNotifier
from syncsvc.services.runtime import ZONE, Runtime
from syncsvc.store import notices
from syncsvc.store.notices import Waiting

_LOG = logging.getLogger(__name__)

CLAIM = timedelta(minutes=15)
"""How long a round keeps its notices to itself; longer than any mail server lets it wait."""

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)

SHOWN = 20
"""How many notices the overview shows at once."""

GREETING = "Guten Tag,\n\nder Tabellenabgleich hat Ihnen etwas mitzuteilen."
HOW_OFTEN = "Wie oft solche Nachrichten kommen, stellt Ihre Projektleitung ein."
FAREWELL = "Diese Nachricht hat der Tabellenabgleich verschickt; Antworten liest niemand."


@dataclass(frozen=True, slots=True)
class NoticeView:
    """``table`` is the key of the table it is about, None for none."""

    id: int
    at: datetime
    table: str | None
    text: str


@dataclass(frozen=True, slots=True)
class _Batch:
    letter: Letter
    ids: tuple[int, ...]
    attempts: int


def deliver(rt: Runtime) -> None:
    """Send every notice that is due, one letter per mailbox; any number of processes may do so at once.

    A notice is claimed, sent and marked. It is never sent twice on purpose: after a crash between sending and
    marking, or a connection lost in between, the same letter goes out once more under the same number, and mail
    servers and programs that drop copies drop it. What cannot be delivered is tried again, ever more rarely.
    """
    if isinstance(rt.notifier, NullNotifier):
        return
    for batch in _claim(rt):
        try:
            rt.notifier.send(batch.letter)
        except NotDelivered as error:
            _postpone(rt, batch, error)
        else:
            with rt.database.write() as session:
                notices.settle(session, batch.ids, rt.clock.now())
            _LOG.info("letter sent", extra={"notices": len(batch.ids), "attempts": batch.attempts})


def unread(rt: Runtime) -> list[NoticeView]:
    """What nobody has got yet, oldest first, at most ``SHOWN``; letters to single people are theirs."""
    with rt.database.read() as session:
        found = notices.waiting(session, limit=SHOWN, personal=False)
        return [NoticeView(item.notice.id, item.notice.at, item.table, item.notice.text) for item in found]


def mark_read(rt: Runtime, ids: Sequence[int]) -> None:
    """A person has read these notices: nobody needs a letter about them any more."""
    with rt.database.write() as session:
        notices.settle(session, ids, rt.clock.now())


def _claim(rt: Runtime) -> list[_Batch]:
    now = rt.clock.now()
    with rt.database.read() as session:
        if not notices.waiting(session, due=now, limit=1):
            return []  # mostly: no reason to take the writer's place
    with rt.database.write() as session:
        groups: defaultdict[tuple[str, str | None], list[Waiting]] = defaultdict(list)
        for item in notices.waiting(session, due=now):
            recipient = item.recipient or rt.notifier.recipient(Actor(item.notice.audience), item.project)
            groups[recipient, item.notice.batch].append(item)
        batches = []
        for (recipient, batch), found in groups.items():
            number = batch or secrets.token_hex(12)
            ids = tuple(item.notice.id for item in found)
            notices.claim(session, ids, number, now + CLAIM)
            letter = _letter(number, recipient, rt.notifier.site, found)
            batches.append(_Batch(letter, ids, found[0].notice.attempts))
        return batches


def _postpone(rt: Runtime, batch: _Batch, error: NotDelivered) -> None:
    pause = min(FIRST_PAUSE * (1 << min(batch.attempts - 1, 10)), LONGEST_PAUSE)
    with rt.database.write() as session:
        arrived = isinstance(error, DeliveryUnknown)
        notices.postpone(session, batch.ids, batch.attempts, rt.clock.now() + pause, arrived=arrived)
    kind = f"{type(error).__name__} < {type(error.__cause__).__name__}"
    _LOG.warning("letter not sent", extra={"notices": len(batch.ids), "attempts": batch.attempts, "error": kind})


def _letter(number: str, recipient: str, site: str, found: Sequence[Waiting]) -> Letter:
    parts = [GREETING]
    for item in found:
        page = f"{site}/{'monatsabgleich' if item.recipient else 'tabellen'}/{item.table}" if item.table else f"{site}/"
        parts.append(f"{item.notice.at.astimezone(ZONE):%d.%m.%Y %H:%M} Uhr: {item.notice.text}\n{page}")
    count = "1 Mitteilung" if len(found) == 1 else f"{len(found)} Mitteilungen"
    parts.append(f"{HOW_OFTEN} {FAREWELL}" if any(item.recipient for item in found) else FAREWELL)
    return Letter(number, recipient, f"Tabellenabgleich: {count}", "\n\n".join(parts) + "\n")
