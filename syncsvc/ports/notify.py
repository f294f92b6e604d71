"""Telling people: a letter to the mailbox of whoever has to act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from syncsvc.errors import Actor, NotDelivered
from syncsvc.ports.tables import Check


@dataclass(frozen=True, slots=True)
class Letter:
    """Plain German text for one mailbox. ``number`` stays the same when the same letter is sent again."""

    number: str
    recipient: str
    subject: str
    text: str


class Notifier(Protocol):
    """Knows who has which mailbox, and one way to reach them."""

    @property
    def site(self) -> str:
        """The address of the web pages, for links in letters; without a slash at its end."""
        ...

    def recipient(self, audience: Actor, project: str | None) -> str:
        """The mailbox of who has to act for this project (its key; None: for no single one)."""
        ...

    def send(self, letter: Letter) -> None:
        """Hand the letter to the mail server; it is on its way when this returns. Waits a minute at most.

        The letter's number becomes the mail's ``Message-ID``, by which servers and mail programs drop a second copy.
        Raises ``NotDelivered`` when it certainly did not leave, ``DeliveryUnknown`` when that cannot be known.
        """
        ...

    def check(self) -> Check:
        """Whether letters can leave, as far as a connection and its login tell. Sends nothing, raises nothing."""
        ...


class NullNotifier:
    """Nobody gets letters: notices wait in the overview of the web pages."""

    site = ""

    def recipient(self, audience: Actor, project: str | None) -> str:
        return ""

    def send(self, letter: Letter) -> None:
        raise NotDelivered

    def check(self) -> Check:
        text = "Kein Mailserver eingestellt: Mitteilungen stehen nur in der Übersicht der Webseiten."
        return Check(ok=True, text=text)
