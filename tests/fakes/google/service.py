"""Google without the network: a request in, an answer out, with everything that may happen in between."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.fakes.google import batch, discovery, drive, entries, masks, ranges, refusals, valueranges
from tests.fakes.google.clock import Clock
from tests.fakes.google.discovery import Api, Method
from tests.fakes.google.drive import Changes, File, State
from tests.fakes.google.faults import Answer, Call, Fault, Script
from tests.fakes.google.grid import Spreadsheet
from tests.fakes.google.journal import Journal
from tests.fakes.google.masks import ALL
from tests.fakes.google.quota import Quota
from tests.fakes.google.resource import Viewer
from tests.fakes.google.tokens import Account, Tokens
from tests.fakes.google.visit import Visit

Handler = Callable[[Visit, dict[str, str], dict[str, Any], Any], dict[str, Any]]


def get_spreadsheet(visit: Visit, path: dict[str, str], query: dict[str, Any], body: Any) -> dict[str, Any]:
    """A mask decides about grid data; only without one does ``includeGridData``."""
    areas = [ranges.parse(visit.document, text) for text in query["ranges"]] if "ranges" in query else None
    for area in areas or ():
        area.within_grid()
    return _resource(visit, areas, query, query.get("includeGridData", False))


def get_by_data_filter(visit: Visit, path: dict[str, str], query: dict[str, Any], body: Any) -> dict[str, Any]:
    areas = [
        area for each in body.get("dataFilters", []) for area in ranges.filtered(visit.document, each, visit.project)
    ]
    return _resource(visit, areas, query, body.get("includeGridData", False))


def _resource(visit: Visit, areas: list[ranges.Area] | None, query: dict[str, Any], grid: bool) -> dict[str, Any]:
    mask = discovery.load("sheets").mask("Spreadsheet", query["fields"]) if "fields" in query else ALL
    return Viewer(visit).resource(areas, mask=mask, grid=grid or "fields" in query)


READS: dict[str, Handler] = {
    "sheets.spreadsheets.get": get_spreadsheet,
    "sheets.spreadsheets.getByDataFilter": get_by_data_filter,
    "sheets.spreadsheets.values.get": valueranges.get,
    "sheets.spreadsheets.values.batchGet": valueranges.batch_get,
    "sheets.spreadsheets.values.batchGetByDataFilter": valueranges.batch_get_by_data_filter,
    "sheets.spreadsheets.developerMetadata.get": entries.get,
    "sheets.spreadsheets.developerMetadata.search": entries.search,
}
WRITES: dict[str, Handler] = {
    "sheets.spreadsheets.batchUpdate": batch.batch_update,
    "sheets.spreadsheets.values.update": valueranges.update,
    "sheets.spreadsheets.values.batchUpdate": valueranges.batch_update,
    "sheets.spreadsheets.values.batchUpdateByDataFilter": valueranges.batch_update_by_data_filter,
    "sheets.spreadsheets.values.append": valueranges.append,
    "sheets.spreadsheets.values.clear": valueranges.clear,
    "sheets.spreadsheets.values.batchClear": valueranges.batch_clear,
}


@dataclass(frozen=True)
class Logged:
    """One request as the platform's log shows it; tokens are not among them. Status 0: no answer was sent."""

    call: Call
    status: int


@dataclass(frozen=True)
class Reply:
    """The answer to send, None to break the connection, and the states of cells it shows."""

    answer: Answer | None
    shows: dict[int, int] = field(default_factory=dict)


class Service:
    """All accounts and files, and the one lock that makes requests and people take turns."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.clock = Clock()
        self.tokens = Tokens(self.clock)
        self.quota = Quota(self.clock)
        self.changes = Changes(self.clock)
        self.journal = Journal()
        self.files: dict[str, File] = {}
        self.check_answers = True
        """Whether answers must fit their schemas; a test that measures large tables turns it off."""
        self.log: list[Logged] = []
        self.token_requests = 0
        self.faults: Script[Fault] = Script()
        self.before: Script[Callable[[], object]] = Script()
        self.after: Script[Callable[[], object]] = Script()
        self.troubles: list[BaseException] = []
        """What went wrong in the fake itself or in a test's own hook."""

    @contextmanager
    def changing(self, file: File, who: str, *, human: bool) -> Iterator[Spreadsheet]:
        """A copy of the document to change; it takes the document's place when the block ends well."""
        with self.lock:
            before, after = file.document, file.document.copy()
            yield after
            act = self.journal.record(before, after, who, human=human)
            file.states.append(State(before, who, act))
            file.document = after
            self.changes.record(file, who, late=human)

    def token(self, headers: dict[str, str], body: bytes) -> Reply:
        """Answer a request for a token; faults of the kind ``token`` have their turn."""
        with self.lock:
            self.token_requests += 1
            fault = next(iter(self.faults.due(Call(0, "token", "token", "POST", "/token"))), None)
            answer: Answer | None = Answer(200, b"")
            if fault is None or fault.processed:
                status, content = self.tokens.endpoint(body, headers.get("content-type", ""))
                answer = Answer(status, refusals.encoded(content))
            return Reply(fault.change(answer) if fault and answer else answer)

    def handle(self, verb: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        """Answer one request to either API; people and faults have their turns before and after."""
        path, _, query = target.partition("?")
        api = discovery.load("drive" if path.startswith("/drive/") else "sheets")
        found = api.find(verb, path)
        if found is None:
            return Reply(Answer(404, refusals.HTML_404.encode(), "text/html; charset=UTF-8"))
        method, parameters = found
        with self.lock:
            call = Call(len(self.log) + 1, _kind(api, method), method.id, verb, path)
            self._act(self.before.due(call))
            fault = next(iter(self.faults.due(call)), None)
            shows: dict[int, int] = {}
            answer: Answer | None = Answer(200, b"")
            if fault is None or fault.processed:
                answer, shown = self._processed(api, method, call, parameters, query, headers, body)
                shows = self.journal.current(shown)
            if fault:
                assert answer is not None
                changed = fault.change(answer)
                complete = changed is not None and changed.body == answer.body and not changed.cut
                answer, shows = changed, shows if complete else {}
            self._act(self.after.due(call))
            self.log.append(Logged(call, answer.status if answer else 0))
            return Reply(answer, shows)

    def _act(self, acts: list[Callable[[], object]]) -> None:
        for act in acts:
            try:
                act()
            except Exception as error:  # noqa: BLE001  # a failing hook must fail the test, not the answer
                self.troubles.append(error)

    def _processed(
        self,
        api: Api,
        method: Method,
        call: Call,
        path: dict[str, str],
        query: str,
        headers: dict[str, str],
        body: bytes,
    ) -> tuple[Answer, set[int]]:
        is_drive = api.name == "drive"
        try:
            account = self._account(method, headers)
            if not is_drive:
                self.quota.take(account.email, call.kind)
            given = api.query(method, parse_qsl(query, keep_blank_values=True))
            content = _content(api, method, headers, body)
            shown: set[int] = set()
            if is_drive:
                result = self._drive(api, method, path, given, account)
            else:
                result, shown = self._sheets(api, method, path, given, content, account)
        except refusals.Refused as refused:
            return Answer(refused.code, refusals.encoded(refused.body(drive=is_drive))), set()
        except Exception as error:  # noqa: BLE001  # whatever it is, the test has to hear of it
            self.troubles.append(error)
            kind = 501 if isinstance(error, NotImplementedError) else 500
            return Answer(kind, f"the fake failed: {error!r}".encode(), "text/plain"), set()
        return Answer(200, refusals.encoded(result, pretty=given.get("prettyPrint", True))), shown

    def _account(self, method: Method, headers: dict[str, str]) -> Account:
        holder = self.tokens.holder(headers.get("authorization", ""))
        if holder is None:
            raise refusals.unauthenticated()
        account, scopes = holder
        if not scopes & method.scopes:
            raise refusals.insufficient_scopes()
        return account

    def _sheets(
        self, api: Api, method: Method, path: dict[str, str], query: dict[str, Any], body: Any, account: Account
    ) -> tuple[dict[str, Any], set[int]]:
        handler = READS.get(method.id) or WRITES.get(method.id)
        if handler is None:
            raise batch.Missing(method.id)
        file = self.files.get(path["spreadsheetId"])
        if file is None or file.deleted:
            raise refusals.not_found(path["spreadsheetId"], drive=False)
        writes = method.id in WRITES
        if file.role(account.email) is None or (writes and not file.may_edit(account.email)):
            raise refusals.forbidden()
        if writes:
            with self.changing(file, account.email, human=False) as document:
                visit = self._visit(document, file, account)
                result = handler(visit, path, query, body)
                self._check(api, method, result)
        else:
            visit = self._visit(file.document, file, account)
            result = handler(visit, path, query, body)
            self._check(api, method, result)
        if "fields" in query and handler not in (get_spreadsheet, get_by_data_filter):
            assert method.response is not None
            result = masks.apply(result, api.mask(method.response, query["fields"]))
        return result, visit.shown

    def _visit(self, document: Spreadsheet, file: File, account: Account) -> Visit:
        return Visit(document, account.email, account.project, file.owner, self.clock.today())

    def _drive(
        self, api: Api, method: Method, path: dict[str, str], query: dict[str, Any], account: Account
    ) -> dict[str, Any]:
        self.changes.publish()
        if method.id == "drive.files.get":
            file = self.files.get(path["fileId"])
            if file is None or file.role(account.email) is None:
                raise refusals.not_found(path["fileId"], drive=True)
            result = drive.shown(file, account.email)
            self._check(api, method, result)
            if "fields" not in query:
                return drive.default_fields(result)
        elif method.id == "drive.changes.getStartPageToken":
            result = {"kind": "drive#startPageToken", "startPageToken": self.changes.token()}
        elif method.id == "drive.changes.list":
            result = self._feed(query, account)
            self._check(api, method, result)
        else:
            raise batch.Missing(method.id)
        if "fields" in query:
            assert method.response is not None
            result = masks.apply(result, api.mask(method.response, query["fields"]))
        return result

    def _feed(self, query: dict[str, Any], account: Account) -> dict[str, Any]:
        """One page of the feed; the token of a next page is the plain number of the entry it starts with."""
        size, now = query.get("pageSize", 100), self.clock.now()
        if not 1 <= size <= 1000:
            raise refusals.Refused(
                400, "Invalid value '{size}'. Values must be within the range: [1, 1000]", reason="invalid"
            )
        found = self.changes.since(query["pageToken"], account.email)
        page = [drive.change(file, account.email, now) for _, file in found[:size]]
        for entry in page:
            if "fields" not in query and "file" in entry:
                entry["file"] = drive.default_fields(entry["file"])
        answer: dict[str, Any] = {"kind": "drive#changeList", "changes": page}
        if len(found) > size:
            return answer | {"nextPageToken": str(found[size][0])}
        return answer | {"newStartPageToken": self.changes.token()}

    def _check(self, api: Api, method: Method, result: dict[str, Any]) -> None:
        if method.response and self.check_answers:
            api.answer(method.response, result)


def _kind(api: Api, method: Method) -> str:
    if api.name == "drive":
        return "meta"
    return "read" if method.id in READS or method.verb == "GET" else "write"


def _content(api: Api, method: Method, headers: dict[str, str], body: bytes) -> Any:
    """The body as the method's request type; refused when it is no JSON of it."""
    if method.request is None:
        return None
    if body and not headers.get("content-type", "").startswith("application/json"):
        raise refusals.invalid(f"Invalid content type {headers.get('content-type')}.")
    try:
        content = json.loads(body or b"{}", parse_constant=_no_json)
    except ValueError:
        raise refusals.invalid("Invalid JSON payload received. Unexpected token.") from None
    return api.body(method.request, content)


def _no_json(constant: str) -> None:
    """NaN and Infinity are Python's, not JSON's."""
    raise ValueError(constant)


def counts(log: list[Logged]) -> Counter[str]:
    """Requests by kind: meta, read, write."""
    return Counter(each.call.kind for each in log)
