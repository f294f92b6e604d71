"""One request to a workbook on its way through the resources, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.fakes.graph import refusals
from tests.fakes.graph.odata import Query
from tests.fakes.graph.visit import Visit

Json = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """Status and content of an answer; None for no content."""

    status: int = 200
    content: Json | None = None


@dataclass
class Request:
    """``body`` is {} when none came."""

    visit: Visit
    verb: str
    query: Query = field(default_factory=Query)
    body: Json = field(default_factory=dict)

    def allow(self, *verbs: str) -> None:
        if self.verb not in verbs:
            raise refusals.method_not_allowed()

    def listed(self, entities: list[Json], name: str, *, extra: tuple[str, ...] = ()) -> Result:
        """A collection, paged and selected; ``@odata.nextLink`` is left to ``$skip``."""
        self.allow("GET")
        query = self.query
        page = entities[query.skip : None if query.top is None else query.skip + query.top]
        shown = [query.shown(each, extra=extra, type_=f"workbook{name}") for each in page]
        return Result(200, {"@odata.context": f"{self.visit.context}#workbook{name}s", "value": shown})

    def one(self, entity: Json, name: str, *, status: int = 200, extra: tuple[str, ...] = ()) -> Result:
        """One entity with the properties selected."""
        context = {"@odata.context": f"{self.visit.context}#workbook{name}/$entity"}
        return Result(status, context | self.query.shown(entity, extra=extra, type_=f"workbook{name}"))

    def text(self, name: str, *, default: str | None = None, choices: tuple[str, ...] = ()) -> str:
        """A text of the body, one of ``choices`` where they are given."""
        given = self.body.get(name, default)
        if not isinstance(given, str) or (choices and given not in choices):
            raise refusals.invalid_argument()
        return given
