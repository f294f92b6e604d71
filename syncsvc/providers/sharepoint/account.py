"""The application the service signs in as at Microsoft: its secret or certificate, its token, its pace."""

from __future__ import annotations

import json
import re
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import msal
import requests
from msal.exceptions import MsalError

from syncsvc.errors import PlatformBusy, TableError
from syncsvc.ports.tables import Check
from syncsvc.providers.http import TIMEOUT, Session, Trouble, retry_after
from syncsvc.providers.sharepoint.certificates import load_certificate, valid_until
from syncsvc.providers.sharepoint.entra import (
    consent_missing,
    credentials_missing,
    entra_refusal,
    is_refusal,
    unreachable,
    untrusted,
)

AUTHORITY = "https://login.microsoftonline.com"
GRAPH_ROOT = "https://graph.microsoft.com/v1.0"

IN_FLIGHT = 5
"""How many requests of one application this process has under way at once, over all tables."""

MSAL_REMEMBERS = 5.0
"""Seconds for which msal answers from memory after a failure of the platform that named no time."""


_VERSION = re.compile(r"/(v[0-9.]+|beta)\Z")

EXPIRES_SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Credential:
    """What the operator gave: ``client_secret``, or a file with key and certificate (PEM), which is preferred."""

    tenant: str = ""
    client_id: str = ""
    client_secret: str = ""
    certificate_file: Path | None = None


class Account:
    """One application in one tenant, shared by all threads of this process.

    Nothing is asked of Microsoft before the first request. A certificate file that was replaced counts from the next
    token on, without a restart. ``requests`` is the session of all of Graph's requests, ``slots`` what each of them has
    to hold. ``rests`` is told the account's name when Graph asks to be left alone, and for how many seconds.
    ``grants_sessions``: Graph has not yet refused this application a session at a workbook.
    """

    def __init__(
        self,
        credential: Credential,
        *,
        authority: str = "",
        graph_root: str = "",
        scope: str = "",
        rests: Callable[[str, float], None] = lambda *_: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._given = credential
        self._rests, self._now, self._awake_at = rests, now, 0.0
        self._authority = (authority or AUTHORITY).rstrip("/").removesuffix(f"/{credential.tenant}")
        self.root = versioned(graph_root or GRAPH_ROOT)
        self._scope = scope or "{0.scheme}://{0.netloc}/.default".format(urlsplit(self.root))
        self.requests = Session()
        self.slots = BoundedSemaphore(IN_FLIGHT)
        self.grants_sessions = True
        self._door = _Door()
        self._lock = Lock()
        self._application: msal.ConfidentialClientApplication | None = None
        self._made_from: tuple[int, int] | None = None
        self._token = ""
        self._turns: WeakValueDictionary[str, _Turn] = WeakValueDictionary()

    @property
    def client_id(self) -> str:
        """The application's id, which an admin finds in the registration; empty where none is set."""
        return self._given.client_id

    @property
    def is_set(self) -> bool:
        """Whether the operator gave anything of an application."""
        return self._given != Credential()

    @property
    def name(self) -> str:
        """What tables of one application and tenant have in common: ids, no secret."""
        return f"sharepoint:{self._given.client_id}@{self._given.tenant}" if self.is_set else "sharepoint:default"

    def turn(self, book: str) -> AbstractContextManager[Any]:
        """Held for one request about this workbook: Graph takes one at a time."""
        with self._lock:
            return self._turns.setdefault(book, _Turn())

    def rest(self, seconds: float) -> None:
        """Send nothing for so long: Graph asks that of the whole application, not of the one request it refused."""
        self._awake_at = max(self._awake_at, self._now() + seconds)
        self._rests(self.name, seconds)

    def resting(self) -> float:
        """For how many seconds still."""
        return max(0.0, self._awake_at - self._now())

    def token(self) -> str:
        """A valid token, from memory where there is one.

        Raises ``CredentialsRefused`` in words, or ``Trouble`` where waiting helps: never sooner than msal asks again.
        """
        with self._lock:
            self._door.forget()
            try:
                answer = self._client().acquire_token_for_client([self._scope])
            except requests.RequestException as error:
                raise untrusted(error) or unreachable() from None
            except (MsalError, RuntimeError, ValueError, KeyError, TypeError, AttributeError):
                # A page instead of an answer, a server error, or a tenant that is not known: the door saw which.
                answer = self._door.refusal
            if isinstance(answer, dict) and isinstance(answer.get("access_token"), str):
                self._token = str(answer["access_token"])
                return self._token
            if (rest := self._door.rest()) or not isinstance(answer, dict) or not is_refusal(answer):
                raise Trouble(_busy(rest), uncertain=False)
            raise entra_refusal(answer, self.client_id)

    def check(self) -> Iterator[Check]:
        """Whether the sign-in works, for ``syncsvc doctor``: one or two requests."""
        try:
            roles = roles_of(self.token())
            if roles is not None and not roles:
                raise consent_missing()
        except (Trouble, TableError) as problem:
            error = problem.error if isinstance(problem, Trouble) else problem
            yield Check(ok=False, text=f"SharePoint: {error.message}", hint=error.hint)
            return
        rights = f" mit {', '.join(sorted(roles))}" if roles else ""
        yield Check(ok=True, text=f"SharePoint: die Anmeldung der Anwendung {self.client_id} gelingt{rights}.")
        if self._given.certificate_file is not None:
            end = valid_until(self._given.certificate_file)
            yield Check(
                ok=end - datetime.now(UTC) > EXPIRES_SOON,
                text=f"SharePoint: das Zertifikat gilt bis {end:%d.%m.%Y}.",
                hint="Ein neues erzeugen, in der App-Registrierung hochladen und die Datei ersetzen.",
            )

    def renew(self, refused: str) -> None:
        """Forget the token that Graph refused, unless another thread has fetched a new one already."""
        with self._lock:
            if self._application is not None and refused == self._token:
                self._application.remove_tokens_for_client()

    def _client(self) -> msal.ConfidentialClientApplication:
        given = self._given
        if not given.tenant or not given.client_id or not (given.client_secret or given.certificate_file):
            raise credentials_missing(given.tenant, given.client_id)
        state = _state(given.certificate_file)
        if self._application is None or state != self._made_from:
            secret: Any = given.client_secret
            if given.certificate_file is not None:
                secret = load_certificate(given.certificate_file)
            self._application = msal.ConfidentialClientApplication(
                given.client_id,
                authority=f"{self._authority}/{given.tenant}",
                client_credential=secret,
                # The operator chose the authority. Asking another host about it would need that host to be reachable,
                # and in a national cloud it is the wrong one.
                instance_discovery=False,
                http_client=self._door,
            )
            self._made_from = state
        return self._application


class _Turn:
    """A lock that can be referred to weakly."""

    def __init__(self) -> None:
        self._lock = Lock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


class _Door(Session):
    """msal's way to the sign-in: with a time-out, and a memory of refusals that msal does not hand on."""

    def __init__(self) -> None:
        super().__init__()
        self.refusal: Any = None
        self._until = 0.0

    def forget(self) -> None:
        self.refusal = None

    def rest(self) -> float:
        """Seconds for which msal will not ask again."""
        return max(0.0, self._until - time.monotonic())

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        response = super().request(*args, **{"timeout": TIMEOUT, **kwargs})
        if not response.ok:
            try:
                self.refusal = response.json()
            except ValueError:
                self.refusal = None
        if response.status_code == 429 or response.status_code >= 500:
            wish = retry_after(response.headers)
            self._until = time.monotonic() + (MSAL_REMEMBERS if wish is None else wish) + 0.5
        return response


def versioned(root: str) -> str:
    """Graph's address with the version, which operators leave out: ``https://graph.microsoft.us/v1.0``."""
    root = root.rstrip("/")
    return root if _VERSION.search(root) else f"{root}/v1.0"


def roles_of(token: str) -> frozenset[str] | None:
    """The rights an application's token carries; None where it does not tell. For hints only: Graph decides."""
    try:
        claims = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
        return frozenset(map(str, claims.get("roles") or ()))
    except (IndexError, ValueError, AttributeError, TypeError):
        return None


def _busy(rest: float) -> PlatformBusy:
    return PlatformBusy("Die Anmeldung bei Microsoft ist gerade nicht erreichbar.", retry_after=rest or None)


def _state(file: Path | None) -> tuple[int, int] | None:
    """What changes when the file is replaced; None where there is none."""
    try:
        found = file.stat() if file else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size) if found else None
