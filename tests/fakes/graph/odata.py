"""Addresses as OData writes them: segments with keys and arguments, and query options."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from tests.fakes.graph import refusals

Argument = str | int | bool | None
_CALL = re.compile(r"([A-Za-z][\w.]*)\((.*)\)", re.DOTALL)
_ARGUMENT = re.compile(r"\s*(?:(\w+)\s*=\s*)?('(?:[^']|'')*'|-?\d+|true|false|null)\s*(,|$)")


@dataclass(frozen=True)
class Segment:
    """``name``, ``name('key')`` (the key under "") or ``name(a=1,b='x')``; ``text`` is all of it."""

    text: str
    name: str
    arguments: dict[str, Argument] | None = None

    def takes(self, **kinds: type) -> dict[str, Any]:
        """The arguments, which must be just these."""
        given = self.arguments or {}
        if set(given) != set(kinds) or not all(type(given[name]) is kind for name, kind in kinds.items()):
            raise refusals.bad_request(f"The function '{self.name}' cannot be called with these parameters.")
        return dict(given)


def segments(path: str) -> list[Segment]:
    """The segments of a path below ``/workbook``, percent signs decoded."""
    return [_segment(unquote(part)) for part in path.split("/") if part]


def _segment(text: str) -> Segment:
    match = _CALL.fullmatch(text)
    if not match:
        return Segment(text, text)
    arguments: dict[str, Argument] = {}
    rest = match[2]
    while rest:
        found = _ARGUMENT.match(rest)
        if not found:
            raise refusals.bad_request(f"Syntax error at '{rest}' in '{text}'.")
        arguments[found[1] or ""] = _argument(found[2])
        rest = rest[found.end() :]
    return Segment(text, match[1], arguments)


def _argument(text: str) -> Argument:
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    named: dict[str, Argument] = {"true": True, "false": False, "null": None}
    return named[text] if text in named else int(text)


@dataclass(frozen=True)
class Query:
    """``$select`` None: everything that is returned by default."""

    select: tuple[str, ...] | None = None
    top: int | None = None
    skip: int = 0

    def shown(self, resource: dict[str, Any], *, extra: Iterable[str] = (), type_: str = "entity") -> dict[str, Any]:
        """The selected properties; ``extra`` are those that come only when asked for. Unknown names are refused."""
        if self.select is None:
            return {name: value for name, value in resource.items() if name not in set(extra)}
        for name in self.select:
            if name not in resource:
                message = f"Parsing OData Select and Expand failed: Could not find a property named '{name}' on type "
                raise refusals.bad_request(f"{message}'microsoft.graph.{type_}'.")
        control = {name: value for name, value in resource.items() if name.startswith("@odata.")}
        return control | {name: resource[name] for name in self.select}


def query(text: str) -> Query:
    """The options after the question mark; any other is refused."""
    options = dict(parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text)))
    if unknown := set(options) - {"$select", "$top", "$skip"}:
        raise refusals.bad_request(f"The query parameter '{min(unknown)}' is not supported.")
    select = options.get("$select")
    try:
        top = int(options["$top"]) if "$top" in options else None
        skip = int(options.get("$skip", 0))
    except ValueError:
        raise refusals.bad_request("Invalid value for a paging option.") from None
    names = tuple(each.strip() for each in select.split(",")) if select is not None else None
    if names is not None and not all(names):
        raise refusals.bad_request("Parsing OData Select and Expand failed: Term '' is not valid in a $select.")
    return Query(names, top, skip)


def properties(body: dict[str, Any], allowed: set[str], type_: str, read_only: Iterable[str] = ()) -> None:
    """Refuse a body with a property that its type does not have, or that cannot be written."""
    for name in body:
        if name.startswith("@odata."):
            continue
        if name in set(read_only):
            raise refusals.invalid_argument(f"The property '{name}' is read-only.")
        if name not in allowed:
            raise refusals.bad_request(
                f"The property '{name}' does not exist on type 'microsoft.graph.{type_}'. Make sure to only use "
                "property names that are defined by the type."
            )
