"""Google's own description of the two APIs: which methods there are, and what requests and answers look like.

The discovery documents come with google-api-python-client. They do not tell everything: which fields exclude each
other (``ONEOF``) is from the reference pages, how protocol buffers read JSON from the errors Google answers with.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

from tests.fakes.google import masks, refusals

Schema = dict[str, Any]
Violations = list[tuple[str, str]]
Place = tuple["Place", str | int] | None
"""Where in a body: the place above, and a name or a position. Put into words only when something is wrong there."""

ONEOF = {
    "ExtendedValue": {"numberValue", "stringValue", "boolValue", "formulaValue", "errorValue"},
    "DataFilter": {"developerMetadataLookup", "a1Range", "gridRange"},
    "DeveloperMetadataLocation": {"sheetId", "spreadsheet", "dimensionRange"},
    "UpdateCellsRequest": {"start", "range"},
}
_NONE: set[str] = set()
_SCALARS = {"string": "TYPE_STRING", "boolean": "TYPE_BOOL", "integer": "TYPE_INT32", "number": "TYPE_DOUBLE"}


@dataclass(frozen=True)
class Method:
    """One method of an API: its id (``sheets.spreadsheets.get``), verb, path and schemas."""

    id: str
    verb: str
    pattern: re.Pattern[str]
    parameters: dict[str, Schema]
    request: str | None
    response: str | None
    scopes: frozenset[str]


@dataclass
class Api:
    """The methods and schemas of one API, and the checks that follow from them."""

    name: str
    root: str
    schemas: dict[str, Schema]
    methods: list[Method] = field(default_factory=list)
    common: dict[str, Schema] = field(default_factory=dict)

    def find(self, verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
        """The method at ``path`` (percent-encoded) and its path parameters."""
        for method in self.methods:
            if method.verb == verb and (match := method.pattern.fullmatch(path)):
                return method, {name: unquote(value) for name, value in match.groupdict().items()}
        return None

    def query(self, method: Method, given: list[tuple[str, str]]) -> dict[str, Any]:
        """The query's parameters as their types; refuses unknown names, wrong types and repeated single ones."""
        known = {**self.common, **{n: p for n, p in method.parameters.items() if p["location"] == "query"}}
        result: dict[str, Any] = {}
        for name, text in given:
            if name not in known:
                sentence = f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
                raise refusals.unreadable([("", f"{sentence}Field '{name}' could not be found in request message.")])
            value = _from_query(name, known[name], text)
            if known[name].get("repeated"):
                result.setdefault(name, []).append(value)
            elif name in result:
                raise refusals.unreadable([(name, f"Invalid value at '{name}': Proto field is not repeating.")])
            else:
                result[name] = value
        if missing := [name for name, schema in known.items() if schema.get("required") and name not in result]:
            raise refusals.Refused(400, f"Required parameter: {missing[0]}", reason="required")
        return result

    def body(self, schema: str, value: Any) -> Any:
        """``value`` without nulls, which mean absent; refused when it does not fit ``schema``."""
        violations: Violations = []
        checked = self._checked({"$ref": schema}, value, None, violations)
        if violations:
            raise refusals.unreadable(violations)
        return checked

    def answer(self, schema: str, value: Any) -> None:
        """Fails when an answer of this fake does not fit its own schema."""
        violations: Violations = []
        self._checked({"$ref": schema}, value, None, violations)
        assert not violations, f"the fake's answer is no {schema}: {violations[:3]}"

    def mask(self, schema: str, text: str) -> masks.Tree:
        """The mask ``text`` over ``schema``; refused with the first path that does not exist."""
        tree = masks.parse(text, spaces=self.name == "drive")
        for path in masks.paths(tree):
            if not self._has({"$ref": schema}, path):
                raise refusals.bad_mask(text, ".".join(path))
        return tree

    def _has(self, schema: Schema, path: tuple[str, ...]) -> bool:
        schema = self._resolved(schema)
        if not path or schema.get("type") == "any" or "additionalProperties" in schema:
            return True
        if schema.get("type") == "array":
            return self._has(schema["items"], path)
        properties = schema.get("properties", {})
        if path[0] == "*":
            return True
        return path[0] in properties and self._has(properties[path[0]], path[1:])

    def _resolved(self, schema: Schema) -> Schema:
        return self.schemas[schema["$ref"]] if "$ref" in schema else schema

    def _checked(self, schema: Schema, value: Any, place: Place, violations: Violations) -> Any:
        kind = (resolved := self._resolved(schema)).get("type", "object")
        if kind == "any":
            return value
        if kind == "array":
            return self._checked_list(resolved, value, place, violations)
        if kind == "object":
            return self._checked_object(resolved, value, place, violations)
        return _scalar(resolved, value, place, violations)

    def _checked_list(self, schema: Schema, value: Any, place: Place, violations: Violations) -> Any:
        if not isinstance(value, list):
            _misfit(place, "TYPE_LIST", value, violations)
            return value
        items = schema["items"]
        return [self._checked(items, entry, (place, at), violations) for at, entry in enumerate(value)]

    def _checked_object(self, schema: Schema, value: Any, place: Place, violations: Violations) -> Any:
        if not isinstance(value, dict):
            _misfit(place, f"type.googleapis.com/google.apps.sheets.v4.{schema.get('id', 'Struct')}", value, violations)
            return value
        if "additionalProperties" in schema:
            return value
        properties, result = schema.get("properties", {}), {}
        for name, entry in value.items():
            if name not in properties:
                where = _written(place)
                at = f" at '{where}'" if where else ""
                sentence = f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.'
                violations.append((where, sentence))
            elif entry is not None:
                result[name] = self._checked(properties[name], entry, (place, name), violations)
        both = sorted(ONEOF.get(schema.get("id", ""), _NONE) & result.keys())
        if len(both) > 1:
            reason = f"oneof field is already set. Cannot set '{both[1]}'"
            violations.append((_written(place), f"Invalid value at '{_written(place)}' (oneof), {reason}"))
        return result


def _scalar(schema: Schema, value: Any, place: Place, violations: Violations) -> Any:
    kind = schema["type"]
    if "enum" in schema:
        if value not in schema["enum"]:
            name = _camel(_written(place).rpartition(".")[2])
            _misfit(place, f"type.googleapis.com/google.apps.sheets.v4.{name}", value, violations)
    elif not _FITS[kind](value):
        _misfit(place, _SCALARS[kind], value, violations)
    elif kind == "integer":
        return int(value)
    return value


def _misfit(place: Place, kind: str, value: Any, violations: Violations) -> None:
    where = _written(place)
    violations.append((where, f"Invalid value at '{where}' ({kind}), {json.dumps(value, ensure_ascii=False)}"))


def _written(place: Place) -> str:
    """A place as protocol buffers name it: ``requests[0].update_cells``."""
    if place is None:
        return ""
    above, name = _written(place[0]), place[1]
    if isinstance(name, int):
        return f"{above}[{name}]"
    return f"{above}.{snake(name)}" if above else snake(name)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_FITS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _number(value) and value == int(value) and abs(value) < 2**31,
    "number": _number,
}


def _from_query(name: str, schema: Schema, text: str) -> Any:
    violations: Violations = []
    value: Any = text
    if schema["type"] == "boolean":
        value = {"true": True, "false": False}.get(text.lower(), text)  # clients write Python's True as well
    elif schema["type"] == "integer" and re.fullmatch(r"-?\d+", text):
        value = int(text)
    value = _scalar(schema, value, (None, name), violations)
    if violations:
        raise refusals.unreadable(violations)
    return value


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: "_" + match[1].lower(), name)


def _methods(resource: Schema, prefix: str) -> Iterator[Method]:
    for schema in resource.get("methods", {}).values():
        pattern = "".join(
            f"(?P<{part[1:-1]}>[^/]+)" if part.startswith("{") else re.escape(part)
            for part in re.split(r"(\{\w+\})", prefix + schema["path"])
        )
        yield Method(
            schema["id"],
            schema["httpMethod"],
            re.compile(pattern),
            schema.get("parameters", {}),
            schema.get("request", {}).get("$ref"),
            schema.get("response", {}).get("$ref"),
            frozenset(schema.get("scopes", ())),
        )
    for below in resource.get("resources", {}).values():
        yield from _methods(below, prefix)


@cache
def load(name: str) -> Api:
    """The API ``sheets`` (v4) or ``drive`` (v3)."""
    document = {"sheets": "sheets.v4.json", "drive": "drive.v3.json"}[name]
    folder = files("googleapiclient.discovery_cache") / "documents"
    content = json.loads((folder / document).read_text("utf-8"))
    prefix = "/" + content["servicePath"]
    return Api(name, prefix, content["schemas"], list(_methods(content, prefix)), content["parameters"])
