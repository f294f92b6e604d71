"""What all schemas of files have in common: every mistake at once, each with its place and a German sentence."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

Path: TypeAlias = tuple[str | int, ...]

MISSING: Final[dict[str, Any]] = {"required": "Diese Angabe fehlt.", "null": "Diese Angabe fehlt."}
NOT_TEXT: Final[dict[str, Any]] = {**MISSING, "invalid": "Text erwartet; Ziffern in Anführungszeichen setzen."}
PLAIN_KEY: Final = validate.Regexp(r"[a-z0-9][a-z0-9_-]*\Z", error="Nur Kleinbuchstaben, Ziffern, - und _.")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file's content: where it stands (keys and list positions from 0) and a German sentence."""

    path: Path
    message: str


class Strict(Schema):
    """A schema that names unknown keys and the known key that was probably meant."""

    error_messages = {"type": "Angaben der Form „Schlüssel: Wert“ erwartet."}  # noqa: RUF012  # Schema has it so

    class Meta:
        unknown = "exclude"  # reported below, with a suggestion

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _known_keys(self, data: object, original: object, **_: object) -> None:
        keys = original if isinstance(original, dict) else {}
        mistaken = {key: [unknown("Schlüssel", str(key), self.fields)] for key in keys if key not in self.fields}
        if mistaken:
            raise ValidationError(mistaken)


def unknown(noun: str, name: str, known: Iterable[str]) -> str:
    """The sentence for a name that is not known, with the nearest one that is."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"{noun} „{name}“ gibt es nicht." + (f" Meinten Sie „{close[0]}“?" if close else "")


def text(*, required: bool = False, among: Iterable[str] = ()) -> fields.String:
    """A text that is not empty, of ``among`` if that is given."""
    options = list(among)
    checks: list[validate.Validator] = [validate.Length(min=1, error="Diese Angabe ist leer.")]
    if options:
        checks.append(validate.OneOf(options, error=f"Möglich sind: {', '.join(options)}."))
    return fields.String(required=required, validate=checks, error_messages=NOT_TEXT)


def problems(messages: object) -> list[Problem]:
    """Marshmallow's nested messages as a flat list, in the order of the file's content."""
    return sorted(_flat(messages), key=lambda problem: [str(part).zfill(4) for part in problem.path])


def _flat(messages: object, path: Path = ()) -> list[Problem]:
    if isinstance(messages, dict):
        return [
            problem
            for key, inner in messages.items()
            for problem in _flat(inner, path if key == "_schema" else (*path, key))
        ]
    return [Problem(path, str(message)) for message in (messages if isinstance(messages, list) else [messages])]
