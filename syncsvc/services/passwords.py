"""Passwords: which are good enough, and how they are kept and checked."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from syncsvc.errors import TooBusy

SHORTEST: Final = 12
LONGEST: Final = 200
"""Signs: more would only cost time."""

PATIENCE: Final = 5.0
"""Seconds to wait for others' checks."""

HASHER = PasswordHasher()
"""Argon2id with the parameters of RFC 9106 for 64 MiB; about a third of a second for each check."""

_AT_ONCE = threading.BoundedSemaphore(2)
"""Each check takes 64 MiB and a core: more at once would take the machine away from everybody."""

_COMMON: Final = frozenset({
    "passwort1234", "password1234", "123456789012", "1234567890123", "12345678901234", "qwertz123456", "qwertzuiopasd",
    "qwertyuiopas", "qwerty123456", "passwortpasswort", "passwordpassword", "hallohallohallo", "hallo1234567",
    "willkommen123", "willkommen1234", "willkommen12", "sommer123456", "winter123456", "ichliebedich", "ichliebedich1",
    "administrator", "administrator1", "adminadmin12", "adminadminadmin", "letmein12345", "iloveyou1234", "welcome1234",
    "geheim123456", "geheimgeheim", "jobcenter123", "jobcenter1234", "tabellenabgleich", "teilnehmerin1", "mueller1234",
    "schatz123456", "abcdefghijkl", "abc123abc123", "111111111111", "000000000000", "aaaaaaaaaaaa", "computer1234",
    "changeme1234", "deutschland1", "deutschland123", "fussball1234", "passwort2024", "passwort2025", "passwort2026",
})  # fmt: skip
"""What is tried first; shorter ones are refused anyway."""


def weakness(password: str, name: str) -> str:
    """Why this is no good password for the account of this name, as a German sentence; empty if it is one.

    Length counts, not the kind of signs (NIST SP 800-63B).
    """
    plain, known = _plain(password).casefold(), _plain(name).casefold()
    if len(password) < SHORTEST:
        return f"Das Passwort braucht mindestens {SHORTEST} Zeichen."
    if len(password) > LONGEST:
        return f"Das Passwort darf höchstens {LONGEST} Zeichen haben."
    if plain in _COMMON or len(set(plain)) < 4:
        return "Dieses Passwort wird als eines der ersten geraten."
    if len(known) > 3 and known in plain and len(plain) - len(known) < SHORTEST // 2:
        return "Das Passwort darf nicht aus Ihrem Namen bestehen."
    return ""


def hashed(password: str) -> str:
    """What to keep of a password. Raises ``TooBusy``."""
    with _one_of_few():
        return HASHER.hash(_plain(password))


def is_right(kept: str | None, password: str) -> bool:
    """Whether this is the password kept. None, for nobody we know or without a password, costs as much time.

    Raises ``TooBusy``.
    """
    with _one_of_few():
        if kept is None:
            HASHER.hash(_plain(password))
            return False
        try:
            return HASHER.verify(kept, _plain(password))
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Whether it was made with other parameters than today's."""
    return HASHER.check_needs_rehash(kept)


def _plain(password: str) -> str:
    """The same signs for the same keys, whatever the keyboard made of them."""
    return unicodedata.normalize("NFC", password[: LONGEST + 1])


@contextmanager
def _one_of_few() -> Iterator[None]:
    if not _AT_ONCE.acquire(timeout=PATIENCE):
        raise TooBusy
    try:
        yield
    finally:
        _AT_ONCE.release()
