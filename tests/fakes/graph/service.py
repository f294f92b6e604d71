"""Graph without the network: a request in, an answer out, with everything that may happen in between."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tests.fakes.google.clock import Clock
from tests.fakes.google.drive import State
from tests.fakes.google.journal import Journal
from tests.fakes.graph import access, files, odata, operations, refusals, workbook
from tests.fakes.graph.addressing import Library, Place
from tests.fakes.graph.book import Book
from tests.fakes.graph.faults import Answer, Call, Fault, Late, Script, Unkept
from tests.fakes.graph.incoming import MAX_PAYLOAD, SESSION_CALLS, Incoming, content, kind
from tests.fakes.graph.items import File, Tags
from tests.fakes.graph.odata import Segment
from tests.fakes.graph.refusals import Refused
from tests.fakes.graph.requests import Request, Result
from tests.fakes.graph.sessions import Session, Sessions
from tests.fakes.graph.tokens import Application, Tokens
from tests.fakes.graph.traffic import Ticket, Traffic
from tests.fakes.graph.visit import Quirks, Visit


@dataclass(frozen=True)
class Logged:
    """One request as the platform's log shows it; tokens are not among them. Status 0: no answer was sent."""

    call: Call
    status: int
    at: datetime
    file: str = ""
    retry_after: str = ""


@dataclass(frozen=True)
class Reply:
    """The answer to send, None to break the connection, and the states of cells it shows."""

    answer: Answer | None
    shows: dict[int, int] = field(default_factory=dict)
    ticket: Ticket | None = None


class Service:
    """All applications and files, and the one lock that makes requests and people take turns."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.clock = Clock()
        self.tokens = Tokens(self.clock)
        self.tags = Tags(self.clock)
        self.sessions = Sessions(self.clock)
        self.operations = operations.Operations()
        self.journal = Journal()
        self.library = Library()
        self.traffic = Traffic()
        self.quirks = Quirks()
        self.base = ""
        self.latency = 0.0
        """Seconds a request takes outside of the lock, so that others can meet it."""
        self.max_answer = MAX_PAYLOAD
        self.log: list[Logged] = []
        self.faults: Script[Fault] = Script()
        self.discovery_faults: Script[Fault] = Script()
        self.before: Script[Callable[[], object]] = Script()
        self.after: Script[Callable[[], object]] = Script()
        self.troubles: list[BaseException] = []
        """What went wrong in the fake itself or in a test's own hook."""
        self._ghosts: dict[str, tuple[Book, int]] = {}

    @contextmanager
    def changing(self, file: File, who: str, *, human: bool, word: str = "Spalte") -> Iterator[Book]:
        """A copy of the book to change; it takes the book's place when the block ends well."""
        with self.lock:
            before, after = file.document, file.document.copy()
            yield after
            after.settle(word)
            act = self.journal.record(before, after, who, human=human)
            file.states.append(State(before, who, act))
            file.document = after
            self.tags.record(file, who)

    def haunt(self, file: File, reads: int) -> None:
        """Let the next reads of a workbook show the state before its last change."""
        with self.lock:
            before = file.states[-1].document
            assert isinstance(before, Book)
            self._ghosts[file.id] = before, reads

    def token(self, tenant: str, headers: dict[str, str], body: bytes) -> Reply:
        """Answer a request for a token."""
        self.tokens.requests += 1
        return self.entra("token", lambda: self.tokens.endpoint(tenant, body, headers.get("content-type", "")))

    def entra(self, what: str, ask: Callable[[], tuple[int, dict[str, Any]]]) -> Reply:
        """Answer a request to Entra ID (``token``, ``discovery``); faults of that kind have their turn."""
        with self.lock:
            faults = self.faults if what == "token" else self.discovery_faults
            fault = next(iter(faults.due(Call(0, what, what, "POST", f"/{what}"))), None)
            answer: Answer | None = Answer(200, b"")
            if fault is None or fault.processed:
                status, content = ask()
                answer = Answer(status, refusals.encoded(content))
            return Reply(fault.change(answer) if fault and answer else answer)

    def handle(self, verb: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        """Answer one request below ``/v1.0``; people and faults have their turns before and after."""
        path, _, query = target.partition("?")
        call = Call(0, *kind(verb, path), verb, path)
        ticket = self.traffic.enter(self._workbook(path), writes=call.kind == "write")
        if self.latency:
            time.sleep(self.latency)
        with self.lock:
            call = replace(call, number=len(self.log) + 1)
            incoming = Incoming(verb, path, query, headers, body, call)
            self._act(self.before.due(call))
            fault = next(iter(self.faults.due(call)), None)
            if isinstance(fault, Late):
                self.before.add(
                    fault.requests, lambda: self._processed(incoming, Ticket("", writes=True), kept=True), 1
                )
            shows: dict[int, int] = {}
            answer: Answer | None = Answer(200, b"")
            if fault is None or fault.processed:
                answer, shown = self._processed(incoming, ticket, kept=not isinstance(fault, Unkept))
                shows = self.journal.current(shown)
            if fault:
                assert answer is not None
                changed = fault.change(answer)
                complete = changed is not None and changed.body == answer.body and not changed.cut
                answer, shows = changed, shows if complete else {}
            self._act(self.after.due(call))
            self._note(call, answer, ticket)
            return Reply(answer, shows, ticket)

    def _note(self, call: Call, answer: Answer | None, ticket: Ticket) -> None:
        status = answer.status if answer else 0
        later = answer.headers.get("Retry-After", "") if answer else ""
        self.log.append(Logged(call, status, self.clock.now(), ticket.workbook, later))

    def _workbook(self, path: str) -> str:
        """The id of the workbook a path goes to; "" for everything else."""
        if "/workbook" not in path:
            return ""
        with self.lock:
            try:
                place = self.library.place(path)
            except Refused:
                return ""
        return place.file.id if place.file else ""

    def _act(self, acts: list[Callable[[], object]]) -> None:
        for act in acts:
            try:
                act()
            except Exception as error:  # noqa: BLE001  # a failing hook must fail the test, not the answer
                self.troubles.append(error)

    def _processed(self, incoming: Incoming, ticket: Ticket, *, kept: bool) -> tuple[Answer, set[int]]:
        shown: set[int] = set()
        try:
            app = self._application(incoming.headers)
            if ticket.collides:
                raise refusals.crowded()
            self.tags.publish()
            place = self.library.place(incoming.path)
            answer = self._placed(incoming, app, place, shown, kept=kept)
            if len(answer.body) > self.max_answer:
                raise refusals.answer_too_large()
        except Refused as refused:
            nested = self.quirks.nested_errors and "/workbook" in incoming.path
            body = refused.body(self.clock.now(), incoming.headers.get("client-request-id", ""), nested=nested)
            return Answer(refused.status, refusals.encoded(body), "application/json", refused.headers), set()
        except Exception as error:  # noqa: BLE001  # whatever it is, the test has to hear of it
            self.troubles.append(error)
            kind = 501 if isinstance(error, NotImplementedError) else 500
            return Answer(kind, f"the fake failed: {error!r}".encode(), "text/plain"), set()
        return answer, shown

    def _application(self, headers: dict[str, str]) -> Application:
        holder = self.tokens.holder(headers.get("authorization", ""))
        if isinstance(holder, str):
            raise refusals.unauthenticated(holder)
        return holder

    def _placed(self, incoming: Incoming, app: Application, place: Place, shown: set[int], *, kept: bool) -> Answer:
        head = place.rest.partition("/")[0].casefold()
        if head == "workbook":
            result = self._workbook_answer(incoming, app, place, shown, kept=kept)
        elif head == "content":
            return files.content(self, incoming, app, place)
        else:
            access.check(app, place, writes=incoming.verb != "GET")
            if incoming.verb != "GET":
                raise NotImplementedError(f"{incoming.verb} {incoming.path}")
            result = Result(200, files.metadata(self, place, odata.query(incoming.query)))
        headers = {"Location": result.content.pop("Location")} if result.status == 202 and result.content else {}
        body = b"" if result.content is None else refusals.encoded(result.content)
        return Answer(result.status, body, "application/json;odata.metadata=minimal", headers)

    def _workbook_answer(
        self, incoming: Incoming, app: Application, place: Place, shown: set[int], *, kept: bool
    ) -> Result:
        file = place.file
        if file is None:
            raise refusals.item_not_found()
        rest = odata.segments(place.rest)[1:]
        query, body = odata.query(incoming.query), content(incoming)
        name = rest[0].name.casefold() if rest else ""
        if name in SESSION_CALLS and len(rest) == 1:
            return self._session_call(incoming, app, place, file, name, body)
        if name in operations.NAMES:
            access.check_workbook(app, place, file, writes=False)
            return self.operations.answer(incoming.verb, rest, f"{self.base}/v1.0/{incoming.path}")
        session = self._session(incoming, file)
        private = session is not None and session.book is not None
        access.check_workbook(app, place, file, writes=incoming.writes and not private)
        if not private:
            access.check_locks(file, writes=incoming.writes)
        deferred = "respond-async" in incoming.headers.get("prefer", "") and session is not None
        kept = kept and not (deferred and self.operations.failing)
        result = self._run(incoming, app, file, session, rest, (query, body, shown), kept=kept)
        if deferred and rest[-1].name.casefold() in {"rows", "add"}:
            return self.operations.defer(result, f"{self.base}/v1.0/{incoming.path}", "tableRowOperationResult")
        return result

    def _session(self, incoming: Incoming, file: File) -> Session | None:
        session_id = incoming.headers.get("workbook-session-id")
        return self.sessions.find(session_id, file) if session_id else None

    def _run(
        self,
        incoming: Incoming,
        app: Application,
        file: File,
        session: Session | None,
        rest: list[Segment],
        given: tuple[odata.Query, dict[str, Any], set[int]],
        *,
        kept: bool,
    ) -> Result:
        query, body, shown = given

        def worked(book: Book) -> Result:
            context = f"{self.base}/v1.0/$metadata"
            visit = Visit(book, self.clock.today(), self.quirks, context, shown)
            return workbook.answer(Request(visit, incoming.verb, query, body), rest)

        if not incoming.writes:
            return worked(self._read(file, session))
        if session is not None and session.book is not None:
            session.book, book = session.book.copy(), session.book
            try:
                return worked(session.book)
            except Refused:
                session.book = book
                raise
        if not kept:
            return worked(file.document.copy())
        with self.changing(file, app.client_id, human=False, word="Column") as book:
            return worked(book)

    def _read(self, file: File, session: Session | None) -> Book:
        if session is not None and session.book is not None:
            return session.book
        if file.id in self._ghosts:
            book, left = self._ghosts[file.id]
            if left:
                self._ghosts[file.id] = book, left - 1
                return book
        return file.document

    def _session_call(
        self, incoming: Incoming, app: Application, place: Place, file: File, name: str, body: dict[str, Any]
    ) -> Result:
        if incoming.verb != "POST":
            raise refusals.method_not_allowed()
        if name == "createsession":
            odata.properties(body, {"persistChanges"}, "workbookSessionInfo")
            persistent = body.get("persistChanges")
            if not isinstance(persistent, bool):
                raise refusals.invalid_argument()
            access.check_workbook(app, place, file, writes=persistent)
            access.check_locks(file, writes=persistent)
            session = self.sessions.create(file, persistent=persistent)
            context = {"@odata.context": f"{self.base}/v1.0/$metadata#microsoft.graph.workbookSessionInfo"}
            result = Result(201, context | {"id": session.id, "persistChanges": persistent})
            if "respond-async" in incoming.headers.get("prefer", ""):
                return self.operations.defer(result, f"{self.base}/v1.0/{incoming.path}", "sessionInfoResource")
            return result
        access.check_workbook(app, place, file, writes=False)
        found = self._session(incoming, file)
        if found is None:
            raise refusals.bad_request("The header workbook-session-id is missing.")
        if name == "closesession":
            self.sessions.close(found)
        return Result(204)
