"""One request as it arrived: of which kind it is, and what its body says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.fakes.graph import odata, refusals
from tests.fakes.graph.faults import Call
from tests.fakes.graph.refusals import Refused

MAX_PAYLOAD = 5 * 1024 * 1024
SESSION_CALLS = {"createsession", "refreshsession", "closesession"}
_COLLECTIONS = {"worksheets": "worksheet", "tables": "table", "columns": "column"}


@dataclass
class Incoming:
    """One request as it arrived."""

    verb: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    call: Call

    @property
    def writes(self) -> bool:
        return self.call.kind == "write"


def kind(verb: str, path: str) -> tuple[str, str]:
    """``meta``, ``read``, ``write`` or ``session``, and a name such as ``usedRange.get`` or ``createSession.post``."""
    head, mark, rest = path.partition("/workbook")
    if not mark:
        last = head.rsplit("/", 1)[-1]
        known = {"drive", "drives", "children", "permissions", "content"}
        in_site = head.startswith("sites/") and "/drive" not in head
        name = last if last in known else "site" if in_site else "item"
        return "meta", f"{name}.{verb.lower()}"
    try:
        parts = odata.segments(rest)
        names = [_COLLECTIONS.get(each.name.casefold(), each.name) if each.arguments else each.name for each in parts]
    except Refused:
        names = [""]
    last = names[-1] if names else "workbook"
    keyed = len(names) > 1 and "(" not in parts[-1].text and last != "add"
    if keyed and (owner := _COLLECTIONS.get(names[-2].casefold())):
        last = owner
    if last.casefold() in SESSION_CALLS:
        return "session", f"{last}.{verb.lower()}"
    return ("read" if verb == "GET" else "write"), f"{last}.{verb.lower()}"


def content(incoming: Incoming) -> dict[str, Any]:
    """The body as JSON; {} when there is none. Whatever writes must say what it sends."""
    if incoming.verb in {"GET", "DELETE"}:
        return {}
    if "content-type" not in incoming.headers:
        raise refusals.bad_request(
            "Write requests (excluding DELETE) must contain the Content-Type header declaration."
        )
    if len(incoming.body) > MAX_PAYLOAD:
        raise refusals.request_too_large()
    if not incoming.body:
        return {}
    if not incoming.headers["content-type"].casefold().startswith("application/json"):
        raise refusals.bad_request("Entity only allows writes with a JSON Content-Type header.")
    try:
        content = json.loads(incoming.body, parse_constant=_no_json)
    except ValueError:
        raise refusals.bad_request("Unable to read JSON request payload.") from None
    if not isinstance(content, dict):
        raise refusals.bad_request("Unable to read JSON request payload.")
    return content


def _no_json(constant: str) -> None:
    """NaN and Infinity are Python's, not JSON's."""
    raise ValueError(constant)
