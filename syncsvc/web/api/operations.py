"""What an operation of the API is: said once, for the server and for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeAlias

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue
from marshmallow import Schema
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import HTTPException

from syncsvc.errors import SyncsvcError
from syncsvc.services import entitlement, tokens
from syncsvc.services.tokens import Bearer
from syncsvc.web import sessions
from syncsvc.web.api import bodies, problems
from syncsvc.web.api.problems import Problem
from syncsvc.web.rights import MACHINES

api = Blueprint("api", __name__, url_prefix="/api/v1")

JSON, MERGE_PATCH = "application/json", "application/merge-patch+json"

View: TypeAlias = Callable[..., ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Operation:
    """``answers``: by status the schema of the answer, None for one without a body. ``sends``: headers of a good
    answer. ``refuses``: the statuses of errors beside those that every operation has. ``asks``: headers of the request,
    whether they are needed.
    """

    name: str
    method: str
    path: str
    summary: str
    description: str
    query: Schema | None
    body: Schema | None
    media_types: tuple[str, ...]
    answers: Mapping[int, Schema | None]
    sends: Mapping[str, str]
    asks: Mapping[str, bool] = field(default_factory=dict)
    refuses: tuple[int, ...] = ()


OPERATIONS: list[Operation] = []
"""Filled by ``operation`` while the package is read; ``document.py`` describes them."""


def operation(
    method: str, path: str, *, answers: Mapping[int, Schema | None], query: Schema | None = None,
    body: Schema | None = None, media_types: tuple[str, ...] = (JSON,), sends: Mapping[str, str] | None = None,
    asks: Mapping[str, bool] | None = None, refuses: tuple[int, ...] = (),
) -> Callable[[View], View]:  # fmt: skip
    """Serve the view there, with its parameters read by ``query`` and its body by ``body``: it is handed ``query=`` and
    ``body=`` if there are such schemas. Its docstring describes it, the first line is the summary."""

    def register(view: View) -> View:
        summary, _, rest = (view.__doc__ or "").partition("\n")
        OPERATIONS.append(
            Operation(
                view.__name__,
                method,
                path,
                summary.strip(),
                " ".join(rest.split()),
                query,
                body,
                media_types,
                answers,
                sends or {},
                asks or {},
                refuses,
            )
        )

        @wraps(view)
        def call(**place: Any) -> ResponseReturnValue:
            if query is not None:
                place["query"] = bodies.load_query(query)
            elif request.args:
                bodies.load_query(Schema())
            if body is not None:
                place["body"] = bodies.load_body(body, media_types)
            return view(**place)

        # Without a rule for OPTIONS of Flask's own: it would ask for a token to say what the document says.
        api.add_url_rule(path, view.__name__, call, methods=[method], provide_automatic_options=False)
        return view

    return register


def bearer() -> Bearer:
    """Who shows the token of this request."""
    found: Bearer = g.bearer
    return found


@api.before_request
def _admit() -> None:
    """Let in whoever shows a valid token with the scope this operation asks for; a browser's session counts nothing."""
    scope = MACHINES.get(str(request.endpoint))
    if scope is None:
        return  # the document, which is for everybody
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        raise _unknown()
    found = tokens.recognise(sessions.whole(), given.token)
    if found is None:
        raise _unknown(error="invalid_token")
    if scope not in found.scopes:
        challenge = _challenge(error="insufficient_scope", scope=scope)
        raise Problem(403, "insufficient-scope", headers=challenge, scope=scope)
    if seconds := tokens.seconds_to_wait(sessions.whole(), found):
        raise Problem(429, "too-many-requests", headers={"Retry-After": str(seconds)})
    g.bearer, g.viewer = found, found.viewer
    g.seen = entitlement.seen_by(sessions.whole(), found.viewer)


def _unknown(**said: str) -> Problem:
    return Problem(401, "no-token" if not said else "invalid-token", headers=_challenge(**said))


def _challenge(**said: str) -> dict[str, str]:
    return {"WWW-Authenticate": str(WWWAuthenticate("bearer", {"realm": "syncsvc", **said}))}


for _kind in (Problem, HTTPException, SyncsvcError, Exception):
    api.register_error_handler(_kind, problems.answer)
