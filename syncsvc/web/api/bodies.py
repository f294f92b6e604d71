"""What a request carries, read strictly: JSON with one meaning only, of plain texts, and nothing nobody asked for."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask import request
from flask_babel import lazy_gettext
from marshmallow import Schema, ValidationError

from syncsvc.core.strict import Path
from syncsvc.web.api.problems import KEY, Problem, pointer

LIMIT = 2 * 1024 * 1024
"""Bytes of any request, a page's as well: 500 records with all their fields, or a programme file, and room."""

DEPTH = 16
DIGITS = 15
"""Of a number: what a floating point number keeps exactly."""

_NOT_JSON = lazy_gettext("Das ist kein lesbares JSON in UTF-8.")
_DOUBLED = lazy_gettext("Ein Schlüssel steht zweimal in demselben Objekt.")
_TOO_DEEP = lazy_gettext("Das JSON ist zu tief verschachtelt.")
_NUMBER = lazy_gettext("Eine Zahl ist zu groß oder zu lang.")
_CHARACTERS = lazy_gettext("Der Text enthält Zeichen, die in keiner Tabelle stehen können.")
_TWICE = lazy_gettext("Diese Angabe steht zweimal in der Adresse.")
_NO_PARAMETER = lazy_gettext("Diese Angabe gibt es hier nicht.")


_BROKEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Control characters and halves of pairs: XML, and with it a workbook, cannot hold them."""


class _Unreadable(ValueError):
    """The body cannot be read; the argument says why."""


def read_json(media_types: tuple[str, ...]) -> Any:
    """The body as data. Raises ``Problem``."""
    if request.mimetype not in media_types or request.headers.get("Content-Encoding", "identity") != "identity":
        raise Problem(415, "media-type", headers={"Accept-Patch" if request.method == "PATCH" else "Accept-Post":
                                                  ", ".join(media_types)})  # fmt: skip
    body = request.get_data(cache=False)
    try:
        data = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_refuse_number,
            parse_int=_integer,
            parse_float=_float,
        )
        broken = [path for path, text in _texts(data) if _BROKEN.search(text)]
    except _Unreadable as error:
        raise Problem(400, "not-json", error.args[0]) from None
    except RecursionError:
        raise Problem(400, "not-json", _TOO_DEEP) from None
    except ValueError:  # without its cause, which quotes the body
        raise Problem(400, "not-json", _NOT_JSON) from None
    if broken:
        places = sorted({pointer(*path) for path in broken})
        raise Problem(
            422,
            "characters",
            errors=[{"pointer": place, "code": "characters", "detail": _CHARACTERS} for place in places],
        )
    return data


def load_body(schema: Schema, media_types: tuple[str, ...]) -> Any:
    """The body as the schema reads it. Raises ``Problem``: 422 with a pointer to each mistake."""
    data = read_json(media_types)
    try:
        return schema.load(data)
    except ValidationError as error:
        mistakes = [
            {"pointer": pointer(*path), "code": "invalid", "detail": text} for path, text in _flat(error.messages)
        ]
    raise Problem(422, "invalid", errors=mistakes)


def load_query(schema: Schema) -> Any:
    """The address's parameters as the schema reads them. Raises ``Problem``: 400 naming each mistaken one."""
    twice = [name for name, values in request.args.lists() if len(values) > 1]
    given = request.args.to_dict()
    found = [(name, _TWICE) for name in twice]
    found += [(name, _NO_PARAMETER) for name in given if name not in schema.fields]
    try:
        loaded = schema.load({name: text for name, text in given.items() if name in schema.fields})
    except ValidationError as error:
        found += [(str(path[0]), text) for path, text in _flat(error.messages)]
    if found:
        raise Problem(
            400,
            "bad-parameter",
            errors=[
                {"parameter": name if KEY.fullmatch(name) else "?", "code": "invalid", "detail": text}
                for name, text in found
            ],
        )
    return loaded


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Unreadable(_DOUBLED)
    return found


def _refuse_number(_: str) -> None:
    raise _Unreadable(_NUMBER)


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > DIGITS:
        raise _Unreadable(_NUMBER)
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number) or abs(number) >= 10**DIGITS:
        raise _Unreadable(_NUMBER)
    return number


def _texts(data: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """All texts of the document, its keys among them, each with its place."""
    if len(path) > DEPTH:
        raise _Unreadable(_TOO_DEEP)
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield path, key
            yield from _texts(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _texts(value, (*path, index))


def _flat(messages: Any, path: Path = ()) -> Iterator[tuple[Path, object]]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from _flat(inner, path if key == "_schema" else (*path, key))
    else:
        for text in messages if isinstance(messages, list) else [messages]:
            yield path, text
