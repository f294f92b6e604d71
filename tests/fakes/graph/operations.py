"""Long-running operations: what a client gets that asked with ``Prefer: respond-async`` and has to come back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from tests.fakes.graph import refusals
from tests.fakes.graph.odata import Segment
from tests.fakes.graph.requests import Result

NAMES = {"operations", "sessioninforesource", "tablerowoperationresult"}


@dataclass
class _Operation:
    result: Result
    resource: str
    left: int
    failed: bool = False


class Operations:
    """``polls`` is how often a client must ask until an operation is done; 0: every request answers directly.

    ``failing`` makes the next operation end as failed, with its work not done.
    """

    def __init__(self) -> None:
        self.polls = 0
        self.failing = False
        self._known: dict[str, _Operation] = {}

    def defer(self, result: Result, address: str, kind: str) -> Result:
        """202 with the operation's address in place of the result, if operations take their time."""
        if not self.polls:
            return result
        number = str(uuid.uuid4())
        base = address.partition("/workbook")[0]
        resource = f"{base}/workbook/{kind}(key='{number}')"
        self._known[number] = _Operation(result, resource, self.polls, self.failing)
        self.failing = False
        return Result(202, {"Location": f"{base}/workbook/operations/{number}"})

    def answer(self, verb: str, rest: list[Segment], address: str) -> Result:
        """The state of an operation, or its result."""
        if verb != "GET":
            raise refusals.method_not_allowed()
        head = rest[0]
        if head.name.casefold() != "operations":
            return Result(200, self._operation(str(head.takes(key=str)["key"])).result.content)
        if len(rest) != 2:
            raise refusals.unknown_segment(head.text)
        number = rest[1].text
        operation = self._operation(number)
        operation.left -= 1
        if operation.left > 0:
            return Result(200, {"id": number, "status": "running"})
        if operation.failed:
            error = {"code": "internalServerError", "message": "An unspecified error has occurred.",
                     "innerError": {"code": "internalServerErrorUncategorized"}}  # fmt: skip  # two lines
            return Result(200, {"id": number, "status": "failed", "error": error})
        return Result(200, {"id": number, "status": "succeeded", "resourceLocation": operation.resource})

    def _operation(self, number: str) -> _Operation:
        if number not in self._known:
            raise refusals.not_found()
        return self._known[number]
