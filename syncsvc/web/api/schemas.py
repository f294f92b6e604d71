"""The shapes of requests and answers. Requests are read by them; answers are described by them.

Their texts are short and say what is expected, because marshmallow's own are English and for engineers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

from syncsvc.core.model import Json, RecordState
from syncsvc.store.models import QuestionState, RunState

PAGE, PAGE_AT_MOST = 100, 500
BATCH_AT_MOST = 500
NUMBER_AT_MOST = 2_147_483_647
"""What the database's columns for numbers hold."""

REF = r"^[A-Z][A-Z0-9]*-[0-9]{4,12}-[A-Z0-9]$"
KEY = r"^[a-z0-9][a-z0-9_-]*$"
FIELD = r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)?$"
TAG = r"^[0-9]{1,15}-[0-9a-f]{12}$"
TEXT_AT_MOST = 32_767
"""Characters one cell of an .xlsx file holds."""

_MISSING = lazy_gettext("Diese Angabe fehlt.")
_TEXT = lazy_gettext("Erwartet wird ein Text.")
_FORM = lazy_gettext("Die Schreibweise passt nicht.")
_AMONG = lazy_gettext("Das steht nicht zur Wahl.")
_UNKNOWN = lazy_gettext("Diese Angabe gibt es hier nicht.")
_OBJECT = lazy_gettext("Erwartet wird ein Objekt.")
_LIST = lazy_gettext("Erwartet wird eine Liste mit 1 bis 500 Einträgen.")
_VALUE = lazy_gettext("Erwartet wird ein Text, eine Zahl, ein Objekt oder null.")
_NO_FIELDS = lazy_gettext("Erwartet wird mindestens ein Feld.")
_MOMENT = lazy_gettext("Erwartet wird ein Zeitpunkt mit Zeitzone, z. B. 2026-03-01T08:00:00Z.")
_PAGE = lazy_gettext("Erwartet wird eine ganze Zahl von 1 bis 500.")


class Request(Schema):
    """What is asked; unknown names are mistakes."""

    error_messages = {"unknown": _UNKNOWN, "type": _OBJECT}  # noqa: RUF012  # Schema has it so

    class Meta:
        unknown = RAISE


class Text(fields.String):
    """A text of a certain form. Only the one spelling: ``\\Z`` where ``$`` would let a line end pass."""

    def __init__(self, pattern: str, **rest: Any) -> None:
        check = validate.Regexp(re.compile(pattern.removesuffix("$") + r"\Z", re.ASCII), error=_FORM)
        messages = {"required": _MISSING, "null": _MISSING, "invalid": _TEXT}
        metadata = {"pattern": pattern, **rest.pop("metadata", {})}
        super().__init__(validate=check, error_messages=messages, metadata=metadata, **rest)


class Word(fields.String):
    """One of a few words."""

    def __init__(self, words: list[str], **rest: Any) -> None:
        messages = {"required": _MISSING, "null": _MISSING, "invalid": _TEXT}
        super().__init__(validate=validate.OneOf(words, error=_AMONG), error_messages=messages, **rest)


class Limit(fields.Integer):
    """How many to a page."""

    def __init__(self) -> None:
        super().__init__(
            load_default=PAGE, validate=validate.Range(1, PAGE_AT_MOST, error=_PAGE), error_messages={"invalid": _PAGE},
            metadata={"description": "Wie viele höchstens"},
        )  # fmt: skip

    def _deserialize(self, value: Any, *args: Any, **rest: Any) -> Any:
        if not re.fullmatch(r"[0-9]{1,4}", str(value), re.ASCII):  # int() also takes " 1_0 " and other digits
            raise ValidationError([_PAGE])
        return super()._deserialize(value, *args, **rest)


class Moment(fields.AwareDateTime):
    """A moment with its zone, ISO 8601."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(format="iso", error_messages={"invalid": _MOMENT, "invalid_awareness": _MOMENT}, **rest)

    def _deserialize(self, value: Any, *args: Any, **rest: Any) -> Any:
        if not re.match(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d", str(value), re.ASCII):
            raise ValidationError([_MOMENT])
        try:
            found: datetime = super()._deserialize(str(value).upper(), *args, **rest)
            found.astimezone(tz=None)
        except (OverflowError, ValueError) as error:
            raise ValidationError([_MOMENT]) from error
        return found


class Values(fields.Field[Mapping[str, Json]]):
    """Values by field: a text as one would type it, or a value as records have it; null empties a field."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Mapping[str, Json]:
        if not isinstance(value, dict):
            raise ValidationError([_OBJECT])
        if not value:
            raise ValidationError([_NO_FIELDS])
        mistakes: dict[Any, Any] = {}
        for name, one in value.items():
            if not re.fullmatch(FIELD.removesuffix("$") + r"\Z", name, re.ASCII):
                mistakes[name] = [_UNKNOWN]
            elif not _is_value(one):
                mistakes[name] = [_VALUE]
        if mistakes:
            raise ValidationError(mistakes)
        return value


def _is_value(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        return len(value) <= TEXT_AT_MOST
    if isinstance(value, dict):
        return all(isinstance(part, str | None) or _is_number(part) for part in value.values())
    return value is None or _is_number(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def record_values() -> Values:
    """The field ``fields`` of a request, described for the document."""
    bounds = {"maxLength": TEXT_AT_MOST, "exclusiveMinimum": -(10**15), "exclusiveMaximum": 10**15}
    part = {"type": ["string", "number", "null"], **bounds}
    metadata = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {
            "type": ["string", "number", "object", "null"],
            **bounds,
            "additionalProperties": part,
        },
        "example": {"entry_date": "2026-03-01", "custom.note": "kommt freitags", "exit_date": None},
    }
    messages = {"required": _MISSING, "null": _MISSING}
    return Values(required=True, data_key="fields", error_messages=messages, metadata=metadata)


# -- what is asked ------------------------------------------------------------------------------------------------


class PageQuery(Request):
    limit = Limit()
    cursor = Text(r"^[0-9]{1,9}$", metadata={"description": "`next` der vorigen Seite"})


class RecordsQuery(Request):
    limit = Limit()
    cursor = Text(r"^[0-9]{1,9}-[0-9]{1,9}$", metadata={"description": "`next` oder `latest` einer Seite"})
    changed_since = Moment(metadata={"description": "Nur, was seit diesem Zeitpunkt geändert wurde"})
    state = Word([state.value for state in RecordState], metadata={"description": "Ohne Angabe: alle"})
    table = Text(KEY, metadata={"description": "Nur, wer in dieser Tabelle steht"})


class RunsQuery(PageQuery):
    table = Text(KEY)
    state = Word([state.value for state in RunState])


class QuestionsQuery(PageQuery):
    table = Text(KEY)
    state = Word(
        [*(state.value for state in QuestionState), "all"], load_default="open", metadata={"description": "Sonst: open"}
    )


class NewRecord(Request):
    values = record_values()


class RecordPatch(Request):
    values = record_values()


class BatchItem(Request):
    ref = Text(REF, required=True)
    if_match = Text(TAG, required=True, metadata={"description": "`etag` des Datensatzes, für den die Änderung gilt"})
    values = record_values()


class Batch(Request):
    records = fields.List(
        fields.Nested(BatchItem), required=True, validate=validate.Length(1, BATCH_AT_MOST, error=_LIST),
        error_messages={"required": _MISSING, "null": _MISSING, "invalid": _LIST},
    )  # fmt: skip


class ChosenAnswer(Request):
    choice = Text(r"^[A-Za-z0-9_.:-]{1,80}$", required=True, metadata={"description": "`key` einer der `choices`"})


# -- what is answered ---------------------------------------------------------------------------------------------


class Answer(Schema):
    """What is answered; more may be added, so nobody should count on there being nothing else."""

    class Meta:
        unknown = EXCLUDE


def _text(*, null: bool = False, **metadata: Any) -> fields.String:
    return fields.String(required=True, allow_none=null, metadata=metadata)


def _moment(*, null: bool = False) -> fields.String:
    return fields.String(required=True, allow_none=null, metadata={"format": "date-time"})


def _number(*, null: bool = False) -> fields.Integer:
    return fields.Integer(required=True, allow_none=null)


def _next() -> fields.String:
    return _text(null=True, description="`cursor` der nächsten Seite; null: es ist die letzte")


class Person(Answer):
    role = _text()
    side = _text()
    contact = _text()
    since = fields.String(required=True, allow_none=True, attribute="from", data_key="from")
    to = _text(null=True)


class RecordDocument(Answer):
    ref = _text(pattern=REF)
    project = _text()
    state = Word([state.value for state in RecordState], required=True)
    tables = fields.List(fields.String(), required=True)
    fields_ = fields.Dict(
        required=True, data_key="fields", metadata={"description": "Werte in Normalform, ohne leere; siehe /fields"}
    )
    contacts = fields.List(fields.Nested(Person), required=True)
    measures = fields.List(fields.Dict(), required=True)
    created = _moment()
    changed = _moment()
    etag = _text(pattern=TAG)


class RecordPage(Answer):
    items = fields.List(fields.Nested(RecordDocument), required=True)
    next = _next()
    latest = _text(description="Später als `cursor` angegeben: nur, was sich seitdem geändert hat")


class FieldOutcome(Answer):
    field = _text()
    outcome = Word(["changed", "proposed", "unchanged"], required=True)


class Made(Answer):
    ref = _text(pattern=REF)
    etag = _text(pattern=TAG)


class WrittenRecord(Made):
    fields_ = fields.List(fields.Nested(FieldOutcome), required=True, data_key="fields")


class WrittenBatch(Answer):
    records = fields.List(fields.Nested(WrittenRecord), required=True)


class HistoryEntry(Answer):
    when = _moment()
    field = _text()
    side = _text()
    old = fields.Raw(required=True, allow_none=True)
    new = fields.Raw(required=True, allow_none=True)
    source = _text()
    actor = _text()
    run = _number(null=True)


class HistoryPage(Answer):
    items = fields.List(fields.Nested(HistoryEntry), required=True)
    next = _next()


class OfferedChoice(Answer):
    key = _text()
    text = _text()


class FieldDescription(Answer):
    field = _text()
    label = _text()
    type = _text()
    owner = _text()
    level = _number()
    required = fields.Boolean(required=True)
    max_length = _number(null=True)
    writable = fields.Boolean(required=True)
    proposal = fields.Boolean(required=True, metadata={"description": "Eine Änderung wartet auf das Jobcenter"})
    shown = fields.Boolean(required=True, metadata={"description": "Steht in einer Tabelle des Projekts"})
    choices = fields.List(fields.Nested(OfferedChoice), required=True)


class FieldList(Answer):
    items = fields.List(fields.Nested(FieldDescription), required=True)


class TableDocument(Answer):
    key = _text()
    project = _text()
    jobcentre = _text(null=True)
    mapping = _text()
    state = _text()
    message = _text()
    enabled = fields.Boolean(required=True)
    since = _moment(null=True)
    last_agreed_at = _moment(null=True)
    checked_at = _moment(null=True)
    next_due_at = _moment(null=True)
    requested_at = _moment(null=True)
    failures = _number()
    fault = _text(null=True)
    open_questions = _number()


class TableList(Answer):
    items = fields.List(fields.Nested(TableDocument), required=True)


class SyncRequested(Answer):
    table = _text()
    requested_at = _moment()


class RunDocument(Answer):
    """Beside these the counts of the run, as ``syncsvc runs list --json`` has them."""

    id = _number()
    table = _text()
    kind = _text()
    started = _moment()
    seconds = fields.Float(required=True, allow_none=True)
    state = Word([state.value for state in RunState], required=True)
    message = _text()
    actor = _text()
    receipt = fields.Dict(required=True)
    undoes = _number(null=True)
    undone_by = _number(null=True)


class RunPage(Answer):
    items = fields.List(fields.Nested(RunDocument), required=True)
    next = _next()


class QuestionDocument(Answer):
    id = _number()
    kind = _text()
    code = _text()
    table = _text()
    ref = _text(null=True)
    row = _number(null=True)
    field = _text(null=True)
    sheet = fields.Raw(required=True, allow_none=True)
    record = fields.Raw(required=True, allow_none=True)
    base = fields.Raw(required=True, allow_none=True)
    proposal = fields.Raw(required=True, allow_none=True)
    choices = fields.List(fields.Nested(OfferedChoice), required=True)
    text = _text()
    opened = _moment()
    state = Word([state.value for state in QuestionState], required=True)
    choice = _text(null=True)
    rows = fields.List(fields.Dict(), required=True)


class QuestionPage(Answer):
    items = fields.List(fields.Nested(QuestionDocument), required=True)
    next = _next()


class QuestionAnswered(Answer):
    id = _number()
    state = _text()
    choice = _text(null=True)
    message = _text()


class ProblemDocument(Answer):
    """RFC 9457."""

    type = _text()
    title = _text()
    status = _number()
    detail = fields.String()
    ref = fields.String(metadata={"description": "409 known-already: die TN-Nr., die es schon gibt"})
    scope = fields.String(metadata={"description": "403: das Recht, das dem Schlüssel fehlt"})
    current = fields.Dict(metadata={"description": "412: je TN-Nr. der jetzige `etag`"})
    errors = fields.List(
        fields.Dict(), metadata={"description": "Je Fehler pointer, parameter oder header; code; detail"}
    )
