"""Programme files: organisations, projects, contacts, mappings and tables as plain data.

A file says only what it says: an object keeps what the file leaves out, and nothing is removed by leaving it out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from marshmallow import ValidationError, fields, validate, validates, validates_schema

from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Side
from syncsvc.core.schedules import LAENDER, is_quiet_hours, is_schedule, is_zone
from syncsvc.core.schema import MappingSchema
from syncsvc.core.strict import MISSING, NOT_TEXT, PLAIN_KEY, Problem, Strict, problems, text

KINDS = ("jobcentre", "agency", "provider")
_EDITORS = (str(Side.PROJECT), str(Side.JOBCENTRE))
_PREFIX = validate.Regexp(r"[A-Z][A-Z0-9]{0,9}\Z", error="Ein Kürzel aus Großbuchstaben und Ziffern, z. B. BSP.")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")

Entry: TypeAlias = Mapping[str, Any]
"""One object of a file: the keys it gives, with their values; a key that is left out is not there."""


@dataclass(frozen=True, slots=True)
class Programme:
    """What a programme file says. The position of an entry in its tuple is its position in the file's list."""

    organisations: tuple[Entry, ...] = ()
    projects: tuple[Entry, ...] = ()
    contacts: tuple[Entry, ...] = ()
    mappings: tuple[TableMapping, ...] = ()
    tables: tuple[Entry, ...] = ()


def programme_from(data: object) -> Programme | list[Problem]:
    """The programme that plain data (a YAML file's content) describes, or everything that is wrong with it."""
    try:
        loaded = ProgrammeSchema().load(data)  # type: ignore[arg-type]  # anything but a mapping is a problem
    except ValidationError as error:
        return problems(error.messages)
    mappings = loaded.pop("mappings", ())
    entries = {name: tuple(_without_nulls(entry) for entry in entries) for name, entries in loaded.items()}
    return Programme(mappings=tuple(mappings), **entries)


def _without_nulls(entry: Entry) -> Entry:
    """The entry with ``""`` for an emptied text; an emptied day stays None."""
    days = [name for name, field in ContactSchema().fields.items() if isinstance(field, Day)]
    return {name: "" if value is None and name not in days else value for name, value in entry.items()}


def _key(*, required: bool = True) -> fields.String:
    return fields.String(required=required, validate=PLAIN_KEY, error_messages=NOT_TEXT)


def _line() -> fields.String:
    """A text that may be empty."""
    return fields.String(allow_none=True, error_messages=NOT_TEXT)


class Day(fields.Field[date]):
    """A day that may be empty: a date of YAML, or text like 2026-10-01 or 01.10.2026."""

    def __init__(self) -> None:
        super().__init__(allow_none=True)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> date:
        if isinstance(value, date):
            return value.date() if isinstance(value, datetime) else value
        for form in ("%Y-%m-%d", "%d.%m.%Y"):
            with suppress(ValueError, TypeError):
                return datetime.strptime(value, form).date()  # noqa: DTZ007  # a day has no zone
        raise ValidationError("Ein Tag wird erwartet, z. B. 2026-10-01.")


def _list(inner: fields.Field[Any], what: str) -> fields.List[Any]:
    return fields.List(inner, error_messages={**MISSING, "invalid": f"Liste von {what} erwartet."})


class OrganisationSchema(Strict):
    key = _key()
    kind = text(required=True, among=KINDS)
    name = text(required=True)
    aliases = _list(text(), "Namen")
    trunk = _line()
    mail_domains = _list(text(), "Domänen")

    @validates("mail_domains")
    def _are_domains(self, value: list[str], **_: object) -> None:
        wrong = {
            position: ["Eine Domäne ohne @ erwartet, z. B. jobcenter.example."]
            for position, domain in enumerate(value)
            if not _DOMAIN.fullmatch(domain)
        }
        if wrong:
            raise ValidationError(wrong)


class ProjectSchema(Strict):
    key = _key()
    prefix = fields.String(required=True, validate=_PREFIX, error_messages=NOT_TEXT)
    name = text(required=True)
    organisation = _key(required=False)


class ContactSchema(Strict):
    organisation = _key()
    key = _key(required=False)
    family = text(required=True)
    given = _line()
    role = _line()
    team = _line()
    phone = _line()
    email = _line()
    kind = text(among=("person", "mailbox"))
    deputy = _line()
    absent_from = Day()
    absent_to = Day()
    left_on = Day()
    confirmed_on = Day()


class TableSchema(Strict):
    key = _key()
    project = _key(required=False)
    directory = _key(required=False)
    jobcentre = fields.String(allow_none=True, error_messages=NOT_TEXT)
    mapping = _key()
    edited_by = _list(text(among=_EDITORS), "Seiten")
    schedule = _line()
    zone = _line()
    quiet_hours = _line()
    land = _line()
    location = fields.Dict(
        keys=fields.String(),
        values=text(),
        required=True,
        error_messages={**MISSING, "invalid": "Angaben der Form „Schlüssel: Wert“ erwartet."},
    )

    @validates_schema(skip_on_field_errors=False)
    def _is_of_one_kind(self, data: dict[str, Any], **_: object) -> None:
        if "directory" not in data and "project" not in data:
            raise ValidationError(MISSING["required"], "project")
        for other in ("project", "jobcentre"):
            if "directory" in data and other in data:
                raise ValidationError("Eine Liste von Ansprechpersonen (directory) gehört zu keinem Projekt.", other)

    @validates("edited_by")
    def _somebody_edits(self, value: list[str], **_: object) -> None:
        if not value or len(set(value)) < len(value):
            raise ValidationError(f"Eine oder beide Seiten erwartet: {', '.join(_EDITORS)}.")

    @validates("schedule")
    def _is_schedule(self, value: str | None, **_: object) -> None:
        if value and not is_schedule(value):
            raise ValidationError("Fünf Angaben wie bei cron erwartet, z. B. */30 6-19 * * mon-fri.")

    @validates("zone")
    def _is_zone(self, value: str | None, **_: object) -> None:
        if value and not is_zone(value):
            raise ValidationError("Eine Zeitzone erwartet, z. B. Europe/Berlin.")

    @validates("quiet_hours")
    def _are_quiet_hours(self, value: str | None, **_: object) -> None:
        if value and not is_quiet_hours(value):
            raise ValidationError('Beginn und Ende als Uhrzeiten erwartet, z. B. "19:30-06:00".')

    @validates("land")
    def _is_land(self, value: str | None, **_: object) -> None:
        if value and value not in LAENDER:
            raise ValidationError(f"Das Kürzel eines Landes erwartet, eines von: {', '.join(LAENDER)}.")

    @validates("location")
    def _names_a_provider(self, value: dict[str, str], **_: object) -> None:
        if "provider" not in value:
            raise ValidationError({"provider": MISSING["required"]})


class ProgrammeSchema(Strict):
    organisations = _list(fields.Nested(OrganisationSchema), "Organisationen")
    projects = _list(fields.Nested(ProjectSchema), "Projekten")
    contacts = _list(fields.Nested(ContactSchema), "Ansprechpersonen")
    mappings = _list(fields.Nested(MappingSchema), "Zuordnungen")
    tables = _list(fields.Nested(TableSchema), "Tabellen")
