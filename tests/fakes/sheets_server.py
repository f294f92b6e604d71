"""A local Google: Sheets v4, the parts of Drive v3 around it, and the token endpoint, over HTTP.

Built from documents alone: the facts in ``google-sheets.md`` and the discovery documents of google-api-python-client.
It is strict where Google is (unknown fields, wrong types, masks) and says so where it does not know an endpoint: such a
request answers 501 and fails the test when the server closes, rather than to invent an answer.

    with SheetsServer() as server:
        account = server.account()
        file = server.spreadsheet([["TN-Nr.", "Name"], ["BSP-0001-A", "Probe, Katya"]], share=account)
        anna = server.person("anna@projekt.example", file)
        server.before("write", lambda: anna.sort("B"))       # while the service is about to write
        server.fault("write", faults.drop(processed=True))   # and its answer gets lost
        ...                                                  # run the service against server.url
        assert not server.overwritten_by_service()
"""

from __future__ import annotations

import contextlib
import select
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Self

from tests.fakes.google.clock import Clock
from tests.fakes.google.copies import copied
from tests.fakes.google.drive import File
from tests.fakes.google.faults import Answer, Fault, When
from tests.fakes.google.grid import Spreadsheet
from tests.fakes.google.journal import Edit, Overwrite
from tests.fakes.google.people import Person, Value, new_sheet
from tests.fakes.google.quota import Quota
from tests.fakes.google.service import Logged, Service, counts
from tests.fakes.google.tokens import Account, Tokens

OWNER = "lena.probe@projekt.example"


class SheetsServer:
    """Runs on 127.0.0.1 while its ``with`` block lasts."""

    def __init__(self) -> None:
        self.service = Service()
        self._numbers = count(1)
        self._http = _Http(self)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._http.stop()
        self._thread.join()
        for trouble in self.service.troubles:
            if error is None:
                raise trouble
            error.add_note(f"Before that, in the local Google or a hook: {trouble!r}")

    @property
    def url(self) -> str:
        """Stands for both ``https://sheets.googleapis.com`` and ``https://www.googleapis.com``."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def clock(self) -> Clock:
        return self.service.clock

    @property
    def quota(self) -> Quota:
        return self.service.quota

    @property
    def tokens(self) -> Tokens:
        return self.service.tokens

    # Setting the scene

    def account(self, name: str = "syncsvc", project: str = "beispielprogramm") -> Account:
        """A service account; ``account.key_file(path)`` writes its key file."""
        account = Account(f"{name}@{project}.iam.gserviceaccount.example", project, f"{self.url}/token")
        self.tokens.accounts[account.email] = account
        return account

    def spreadsheet(
        self,
        rows: Sequence[Sequence[Value]] = (),
        *,
        title: str = "Teilnehmerinnen BSP",
        tab: str = "Tabelle1",
        locale: str = "de_DE",
        share: Account | None = None,
        role: str = "writer",
        size: tuple[int, int] = (1000, 26),
    ) -> File:
        """A file of ``OWNER`` with one tab, perhaps shared with a service account. The tab's id is 0, as at Google."""
        file_id = self._new_file_id()
        document = Spreadsheet(file_id, title, locale, sheets=[new_sheet(0, tab, rows, size)])
        file = File(document, OWNER, self.clock.now(), {OWNER: "owner"})
        if share:
            file.share(share.email, role)
        with self.service.lock:
            self.service.files[file_id] = file
            self.service.changes.record(file, OWNER)
        return file

    def _new_file_id(self) -> str:
        return f"1Beispiel{next(self._numbers):035}"

    def person(self, who: str, file: File, tab: int | None = None) -> Person:
        """Somebody who has the file open at a tab, the first if none is named."""
        return Person(self.service, file, who, file.document.sheets[0].id if tab is None else tab)

    def copy(self, file: File) -> File:
        """A person's copy of the whole file: same contents, same developer metadata, another id."""
        with self.service.lock:
            document = copied(file.document, self._new_file_id(), f"Kopie von {file.document.title}")
            copy = File(document, OWNER, self.clock.now(), dict(file.roles), set(file.met))
            self.service.files[document.id] = copy
            self.service.changes.record(copy, OWNER)
        return copy

    def lag(self, seconds: float) -> None:
        """From now on Drive notices people's edits this much later, several of them as one."""
        self.service.changes.lag = seconds

    # What happens in between

    def before(self, when: When, act: Callable[[], object], *, times: int | None = 1) -> None:
        """Let a person act when such a request has arrived, before it takes effect."""
        self.service.before.add(when, act, times)

    def after(self, when: When, act: Callable[[], object], *, times: int | None = 1) -> None:
        """Let a person act when such a request has taken effect, before its answer leaves."""
        self.service.after.add(when, act, times)

    def fault(self, when: When, fault: Fault, *, times: int | None = 1) -> None:
        """Let something go wrong with such requests."""
        self.service.faults.add(when, fault, times)

    def calm(self) -> None:
        """Forget what was to happen and to go wrong."""
        for script in (self.service.before, self.service.after, self.service.faults):
            script.clear()

    # Looking

    @property
    def log(self) -> list[Logged]:
        """The requests so far, as the platform's log would list them."""
        return self.service.log

    @property
    def token_requests(self) -> int:
        return self.service.token_requests

    def counts(self) -> Counter[str]:
        """Requests so far by kind: meta (Drive), read, write; tokens apart."""
        return counts(self.service.log)

    def forget(self) -> None:
        """Start the log anew."""
        self.service.log.clear()

    def edits(self) -> list[Edit]:
        """What people entered, cell by cell, oldest first."""
        return [edit for edit in self.service.journal.edits if edit.human]

    def history(self, cell: int) -> list[Edit]:
        """Everything ever entered into one cell, by its identity."""
        return [edit for edit in self.service.journal.edits if edit.cell == cell]

    def replaced(self) -> list[Overwrite]:
        """Writes of the service over what a person had entered."""
        return list(self.service.journal.overwrites)

    def overwritten_by_service(self) -> list[Overwrite]:
        """Those that no answer had shown the service before: lost edits."""
        return [each for each in self.service.journal.overwrites if not each.seen]


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, fake: SheetsServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fake = fake
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]  # stream servers have sockets
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are expected; anything else must fail the test."""
        error = sys.exception()
        if error is not None and not isinstance(error, ConnectionError):
            self.fake.service.troubles.append(error)

    def stop(self) -> None:
        """Break the connections that are still open, so that no thread outlives the test."""
        self.stopping.set()
        self.shutdown()
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Http

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fake = self.server.fake
        headers = {name.lower(): value for name, value in self.headers.items()}
        if self.path == "/token" and self.command == "POST":
            reply = fake.service.token(headers, body)
        else:
            reply = fake.service.handle(self.command, self.path, headers, body)
        if reply.answer is None:
            self.close_connection = True
            return
        if reply.answer.wait:
            self.server.stopping.wait(reply.answer.wait)
            if self._gone():
                self.close_connection = True
                return
        fake.service.journal.show(reply.shows)
        self._send(reply.answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815  # the names http.server looks for

    def _gone(self) -> bool:
        """Whether the client has given up waiting."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and self.connection.recv(1, socket.MSG_PEEK) == b""

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)
        if answer.cut:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
        """Say nothing: tests look at ``SheetsServer.log``."""
