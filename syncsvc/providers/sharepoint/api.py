"""Requests about one workbook: counted as Graph's log counts them, tried again, refused in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, Literal

import requests

from syncsvc.errors import (
    CredentialsRefused,
    PlatformThrottled,
    TableError,
    TableForbidden,
    TableLocked,
    TableNotFound,
    TableReadOnly,
)
from syncsvc.ports.tables import Requests
from syncsvc.providers.http import TIMEOUT, Patience, Trouble
from syncsvc.providers.sharepoint.account import Account, roles_of
from syncsvc.providers.sharepoint.errors import (
    Expired,
    Kind,
    Rejected,
    connection_trouble,
    cut_short,
    lock_told,
    meaning,
    refusal,
    throttled,
    token_refused,
)

Json = dict[str, Any]
Gate = Callable[[str], AbstractContextManager[Callable[[], None]]]
"""Given the name of a workbook: the time in which this run alone, of all processes, writes to it. It yields what to
call before each write: it prolongs that time, or raises ``PlatformBusy``."""

Looking = Literal["meta", "read"]

_NO_SESSION = (TableForbidden, TableReadOnly, TableNotFound, Rejected)
"""How Graph says that there are no sessions here; in China it has none for anybody."""


class Api:
    """Paths are relative to the Graph root and begin with a slash; answers are JSON objects.

    Counts: requests about files and sites are ``meta``, GETs below ``/workbook`` are ``read``, everything that is sent
    there is ``write``, sessions included; tokens count nothing.

    Raises ``TableError`` for what Graph refuses; among them ``TooLarge``, ``Rejected`` with Graph's codes,
    ``SessionLost`` (read again) and ``TableLocked``.
    """

    def __init__(self, account: Account, counter: Requests, patience: Patience, gate: Gate) -> None:
        self.account = account
        self._counter, self._patience, self._gate = counter, patience, gate
        self._still: Callable[[], None] | None = None
        self._session = ""

    @contextmanager
    def alone(self, book: str) -> Iterator[None]:
        """The only place where something may be written: this run is the workbook's one writer in the block.

        ``book`` names the workbook (``Place.book``). Raises ``PlatformBusy`` if another one goes on for too long.
        """
        with self._gate(book) as self._still:
            try:
                yield
            finally:
                self._still = None

    @contextmanager
    def session(self, workbook: str, *, persist: bool) -> Iterator[None]:
        """All requests in the block share one state of the workbook, if Graph grants the application a session.

        ``persist``: what is written stays. Without, nothing may be written; the block reads from a copy of its own. A
        session that ends meanwhile raises ``SessionLost`` at the request that notices: what was read may be old, and
        what was written stays. Costs two requests, counted as writes: see docs/decisions.md for where it pays.
        """
        if self.account.grants_sessions:
            try:
                self._session = self._open(workbook, persist=persist)
            except _NO_SESSION as error:
                if isinstance(error, CredentialsRefused):
                    raise
                # For applications they are documented as unsupported. A workbook that is gone says nothing of others.
                self.account.grants_sessions = isinstance(error, TableNotFound)
        try:
            yield
        finally:
            self._close(workbook)

    def session_refusal(self, workbook: str) -> TableError | None:
        """Why Graph opens the workbook for no writing session of the application; None if it does. Changes nothing.

        Writing may go all the same: Microsoft's documents know no sessions of applications.
        """
        try:
            self._session = self._open(workbook, persist=True)
        except TableError as error:
            return error
        self._close(workbook)
        return None

    def get(self, path: str, kind: Looking = "meta", params: Mapping[str, str] | None = None) -> Json:
        """What Graph says at ``path``."""
        return self._insist(path, lambda: self.look(path, kind, params))

    def look(self, path: str, kind: Looking = "meta", params: Mapping[str, str] | None = None) -> Json:
        """``get`` in one attempt, for a ``landed``. Raises ``Trouble`` where another one may help."""
        return self._try(kind, "GET", path, params=params)

    def every(self, path: str, kind: Looking = "meta", params: Mapping[str, str] | None = None) -> list[Json]:
        """The entries of a list, from all its pages."""
        answer = self.get(path, kind, params)
        found = list(answer.get("value", []))
        while (link := str(answer.get("@odata.nextLink", ""))).startswith(f"{self.account.root}/"):
            answer = self.get(link.removeprefix(self.account.root), kind)
            found += answer.get("value", [])
        return found

    def hint(self, path: str, kind: Looking = "meta", params: Mapping[str, str] | None = None) -> Json:
        """``look`` for what only helps to explain: empty where Graph does not tell."""
        try:
            return self.look(path, kind, params)
        except (Trouble, TableError):
            return {}

    def patch(
        self, path: str, body: Json, permit: Callable[[], None], landed: Callable[[], Json | None] | None = None
    ) -> Json:
        """One write, inside ``alone``. ``permit`` is called right before every attempt.

        ``landed`` is asked before an attempt is repeated whose outcome is open: what it returns is the result, None
        means that it did not land. Raises ``WriteUncertain`` where it stays open.
        """
        return self._write("PATCH", path, body, permit, landed)

    def post(
        self, path: str, body: Json, permit: Callable[[], None], landed: Callable[[], Json | None] | None = None
    ) -> Json:
        """``patch``, with the method POST: for anything that must not happen twice give ``landed``."""
        return self._write("POST", path, body, permit, landed)

    def delete(self, path: str, permit: Callable[[], None], landed: Callable[[], Json | None] | None = None) -> Json:
        """``patch``, with the method DELETE."""
        return self._write("DELETE", path, None, permit, landed)

    def _write(
        self,
        method: str,
        path: str,
        body: Json | None,
        permit: Callable[[], None],
        landed: Callable[[], Json | None] | None,
    ) -> Json:
        still = self._still
        assert still is not None, "written only inside alone()"

        def allowed() -> None:
            still()
            permit()

        return self._insist(path, lambda: self._try("write", method, path, body=body, permit=allowed), landed)

    def _insist(self, path: str, attempt: Callable[[], Json], landed: Callable[[], Json | None] | None = None) -> Json:
        try:
            return self._patience.insist(attempt, landed)
        except TableLocked:
            fields = "publication,lastModifiedBy,lastModifiedDateTime"
            raise lock_told(self.hint(_book(path), params={"$select": fields}), self.account.client_id) from None

    def _open(self, workbook: str, *, persist: bool) -> str:
        """The id of a new session."""
        path, body = f"{workbook}/createSession", {"persistChanges": persist}
        return str(self._insist(path, lambda: self._try("write", "POST", path, body=body)).get("id", ""))

    def _close(self, workbook: str) -> None:
        if self._session:
            with suppress(Trouble, TableError):  # else it ends by itself after some minutes
                self._try("write", "POST", f"{workbook}/closeSession", body={})
        self._session = ""

    def _try(
        self,
        kind: Kind,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Json | None = None,
        permit: Callable[[], None] | None = None,
    ) -> Json:
        """One attempt; a token that Graph does not take any more is renewed once."""
        for _ in range(2):
            token = self.account.token()
            try:
                return self._send(kind, method, path, token, params, body, permit)
            except Expired:
                self.account.renew(token)
        raise token_refused()

    def _send(
        self,
        kind: Kind,
        method: str,
        path: str,
        token: str,
        params: Mapping[str, str] | None,
        body: Json | None,
        permit: Callable[[], None] | None,
    ) -> Json:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if self._session:
            headers["workbook-session-id"] = self._session
        with self.account.turn(_book(path)), self.account.slots:
            if left := self.account.resting():
                raise throttled(left)
            if permit is not None:
                permit()
            setattr(self._counter, kind, getattr(self._counter, kind) + 1)
            try:
                response = self.account.requests.request(
                    method,
                    self.account.root + path,
                    params=params,
                    json=body,
                    headers=headers,
                    timeout=TIMEOUT,
                    allow_redirects=method == "GET",  # a write that is sent elsewhere comes there without its content
                )
            except requests.RequestException as error:
                raise connection_trouble(error) from None
        if not response.ok:
            refused = refusal(response, kind, roles_of(token))
            trouble = refused.error if isinstance(refused, Trouble) else None
            if isinstance(trouble, PlatformThrottled) and trouble.retry_after:
                self.account.rest(trouble.retry_after)
            raise refused
        return _read(response, kind)


def _read(response: requests.Response, kind: Kind) -> Json:
    """The answer's JSON. Raises what it means if it is none, or tells of a failure."""
    if response.status_code == 204:
        return {}
    try:
        answer = response.json()
    except requests.JSONDecodeError:
        raise cut_short() from None
    if not isinstance(answer, dict):
        raise cut_short()
    if answer.get("status") == "failed":  # of an operation: the request succeeded, what it asked for did not
        error = answer.get("error")
        raise meaning(error if isinstance(error, dict) else {}, 500, kind)
    return answer


def _book(path: str) -> str:
    """What of a path names the workbook."""
    return path.partition("/workbook")[0]
