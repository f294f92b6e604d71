"""The OpenAPI document: made of the operations and their schemas, so that it cannot say anything else."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import jsonify
from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields

from syncsvc.web.api import problems, schemas
from syncsvc.web.api.operations import OPERATIONS, Operation, api
from syncsvc.web.rights import MACHINES

_PLACE = re.compile(r"<(?:[a-z]+(?:\([^)]*\))?:)?([a-z_]+)>")

_PLACES: dict[str, dict[str, Any]] = {
    "ref": {"type": "string", "pattern": schemas.REF},
    "key": {"type": "string", "pattern": schemas.KEY},
    "run_id": {"type": "integer", "minimum": 0, "maximum": schemas.NUMBER_AT_MOST},
    "question_id": {"type": "integer", "minimum": 0, "maximum": schemas.NUMBER_AT_MOST},
}
_HEADERS: dict[str, dict[str, Any]] = {
    "If-Match": {"type": "string", "pattern": rf'^"{schemas.TAG.strip("^$")}"$'},
    "If-None-Match": {"type": "string"},
    "Idempotency-Key": {"type": "string", "pattern": "^[A-Za-z0-9_-]{16,64}$"},
    "ETag": {"type": "string", "pattern": rf'^"{schemas.TAG.strip("^$")}"$'},
    "Location": {"type": "string", "format": "uri-reference"},
}
_EVERYWHERE = (400, 401, 403, 405, 429, 500, 503)
_WITH_BODY = (413, 415, 422)
_ERROR_HEADERS = {
    401: {"WWW-Authenticate": {"type": "string"}},
    403: {"WWW-Authenticate": {"type": "string"}},
    405: {"Allow": {"type": "string"}},
    429: {"Retry-After": {"type": "string"}},
}


@api.get("/openapi.json", provide_automatic_options=False)
def document() -> ResponseReturnValue:
    """What can be asked here, as an OpenAPI 3.1 document. It is the same for everybody."""
    return jsonify(_spec())


@lru_cache(maxsize=1)
def _spec() -> dict[str, Any]:
    described = MarshmallowPlugin(schema_name_resolver=_name)
    spec = APISpec(
        "syncsvc",
        "1",
        "3.1.0",
        plugins=[described],
        info={"description": "Datensätze, Klärungen, Abgleiche und Tabellen eines Projekts."},
        servers=[{"url": "/api/v1"}],
        security=[{"token": []}],
    )
    assert described.converter is not None, "there is one as soon as the plugin has its document"
    described.converter.add_attribute_function(_field_names)  # type: ignore[no-untyped-call]  # apispec's
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for operation in OPERATIONS:
        path = _PLACE.sub(r"{\1}", operation.path)
        spec.path(path, operations={operation.method.lower(): _described(operation)})
    return spec.to_dict()


def _field_names(_converter: object, field: fields.Field[Any], **_: object) -> dict[str, Any]:
    """What the plugin has no word for: which keys values have."""
    return {"propertyNames": {"pattern": schemas.FIELD}} if isinstance(field, schemas.Values) else {}


def _described(operation: Operation) -> dict[str, Any]:
    scope = MACHINES[f"api.{operation.name}"]
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": f"{operation.description} Recht: `{scope}`.".strip(),
        "tags": [operation.path.split("/")[1].partition(":")[0]],
        "parameters": [
            *(
                {"in": "path", "name": name, "required": True, "schema": _PLACES[name]}
                for name in _PLACE.findall(operation.path)
            ),
            *(
                {"in": "header", "name": name, "required": needed, "schema": _HEADERS[name]}
                for name, needed in operation.asks.items()
            ),
            *([{"in": "query", "schema": operation.query}] if operation.query else []),
        ],
        "responses": {
            **{str(status): _answer(operation, schema) for status, schema in operation.answers.items()},
            **{str(status): _refusal(status) for status in sorted(_refusals(operation))},
        },
    }
    if operation.body is not None:
        content = {kind: {"schema": operation.body} for kind in operation.media_types}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _answer(operation: Operation, schema: Schema | None) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "Gut" if schema else "Unverändert"}
    if schema is not None:
        answer["content"] = {"application/json": {"schema": schema}}
    if operation.sends:
        answer["headers"] = {
            name: {"description": text, "required": True, "schema": _HEADERS[name]}
            for name, text in operation.sends.items()
        }
    return answer


def _refusals(operation: Operation) -> set[int]:
    return {*_EVERYWHERE, *operation.refuses, *(_WITH_BODY if operation.body else ())}


def _refusal(status: int) -> dict[str, Any]:
    headers = {name: {"required": True, "schema": schema} for name, schema in _ERROR_HEADERS.get(status, {}).items()}
    content = {problems.MEDIA_TYPE: {"schema": schemas.ProblemDocument()}}
    return {"description": problems.TITLES[status]._args[0], "headers": headers, "content": content}


def _name(schema: Schema | type[Schema] | str) -> str:
    return schema if isinstance(schema, str) else (schema if isinstance(schema, type) else type(schema)).__name__
