"""Which passwords are good enough, and how they are kept and checked."""

from __future__ import annotations

import threading
import time
import unicodedata

import pytest
from argon2 import PasswordHasher

from syncsvc.errors import TooBusy
from syncsvc.services import passwords

GOOD = "Kanne Wolke Teppich vier"

PARAMETERS = passwords.HASHER


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """As sure as needed here."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))


def test_each_check_takes_64_megabytes() -> None:
    """RFC 9106's second choice, for machines that do other work too."""
    kept = PARAMETERS
    assert (kept.time_cost, kept.memory_cost, kept.parallelism) == (3, 65536, 4)


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("elf zeichen", "mindestens 12"),
        ("", "mindestens 12"),
        ("x" * 201, "höchstens 200"),
        ("Passwort1234", "als eines der ersten"),
        ("ababababababab", "als eines der ersten"),
        ("qwertz123456", "als eines der ersten"),
        ("leyla demir", "mindestens 12"),
        ("Leyla Demir!1", "aus Ihrem Namen"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused_with_a_sentence(password: str, said: str) -> None:
    assert said in passwords.weakness(password, "Leyla Demir")


@pytest.mark.parametrize(
    "password", [GOOD, "nur kleine buchstaben", "überraschung im oktober", "ein leyla demir satz mit mehr"]
)
def test_length_is_enough_no_certain_signs_are_asked_for(password: str) -> None:
    assert passwords.weakness(password, "Leyla Demir") == ""


def test_only_the_right_password_is_right() -> None:
    kept = passwords.hashed(GOOD)

    assert kept.startswith("$argon2id$")
    assert GOOD not in kept
    assert passwords.is_right(kept, GOOD)
    assert not passwords.is_right(kept, GOOD + " ")
    assert not passwords.is_right(kept, GOOD.lower())


def test_an_umlaut_is_the_same_from_every_keyboard() -> None:
    """macOS types it in two parts."""
    kept = passwords.hashed("Überraschung im Oktober")
    assert passwords.is_right(kept, unicodedata.normalize("NFD", "Überraschung im Oktober"))


def test_a_password_kept_with_other_parameters_is_right_and_outdated() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(GOOD)

    assert passwords.is_right(weak, GOOD)
    assert passwords.is_outdated(weak)
    assert not passwords.is_outdated(passwords.hashed(GOOD))


def test_a_name_nobody_has_takes_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever measures does not learn which accounts there are: as many hashes are made."""
    made = []
    kept = passwords.hashed(GOOD)

    class Counting(PasswordHasher):
        def hash(self, password, **rest):
            made.append("hash")
            return super().hash(password, **rest)

        def verify(self, kept, password):
            made.append("verify")
            return super().verify(kept, password)

    monkeypatch.setattr(passwords, "HASHER", Counting())
    assert not passwords.is_right(None, GOOD)
    assert not passwords.is_right(kept, "etwas ganz anderes")
    assert len(made) == 2


@pytest.mark.parametrize("kept", ["", "plain", "$argon2id$v=19$broken"])
def test_what_is_no_hash_lets_nobody_in(kept: str) -> None:
    assert not passwords.is_right(kept, kept)


def test_no_more_than_two_are_checked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes 64 MiB; the third waits, and is told so if it takes too long."""
    at_once, most, lock, go_on = 0, 0, threading.Lock(), threading.Event()

    class Slow(PasswordHasher):
        def hash(self, password, **rest):
            nonlocal at_once, most
            with lock:
                at_once += 1
                most = max(most, at_once)
            go_on.wait(5)
            with lock:
                at_once -= 1
            return "x"

    monkeypatch.setattr(passwords, "HASHER", Slow())
    monkeypatch.setattr(passwords, "PATIENCE", 0.05)
    threads = [threading.Thread(target=passwords.hashed, args=(GOOD,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    while at_once < 2:
        time.sleep(0.001)
    with pytest.raises(TooBusy):
        passwords.hashed(GOOD)
    go_on.set()
    for thread in threads:
        thread.join()

    assert most == 2
    assert passwords.hashed(GOOD) == "x", "and then there is room again"
