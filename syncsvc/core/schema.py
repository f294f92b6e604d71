"""Marshmallow schemas: one for mapping files, and one per mapping for the rows it reads.

Problems are values: whoever reads a mapping gets all of them at once, each with its place and a German sentence.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping as MappingType
from typing import Any, TypeAlias

from marshmallow import Schema, ValidationError, fields, missing, post_load, validate, validates_schema
from marshmallow.experimental.context import Context as SchemaContext

from syncsvc.core.binding import fold_header
from syncsvc.core.fields import Context, Reading, field_for
from syncsvc.core.fields.registry import CATALOGUE, STAFF, TYPES
from syncsvc.core.following import FOLLOWERS
from syncsvc.core.mapping import NOTE_FIELD, REFERENCE_FIELD, Choice, Column, Guards, Mapping
from syncsvc.core.model import Cell, Side
from syncsvc.core.strict import MISSING, NOT_TEXT, PLAIN_KEY, Problem, Strict, problems, text, unknown

CUSTOM = "custom."
KNOWN = {**CATALOGUE, **STAFF}
VOCABULARIES = frozenset(known.vocabulary for known in CATALOGUE.values() if known.vocabulary)
OWN_FIELDS = frozenset({REFERENCE_FIELD, NOTE_FIELD})
_CUSTOM_NAME = re.compile(r"custom\.[a-z][a-z0-9_]*")
_SHARE = re.compile(r"([0-9]+(?:[.,][0-9]+)?) ?%")
_SPAN = re.compile(r"([0-9]+) ?(s|min|h)")
_SECONDS = {"s": 1, "min": 60, "h": 3600}


def mapping_from(data: object) -> Mapping | list[Problem]:
    """The mapping that plain data (a YAML file's content) describes, or what is wrong with it.

    Mistakes that only show between columns (a header used twice) are reported once each column is right by itself.
    """
    try:
        loaded = MappingSchema().load(data)  # type: ignore[arg-type]  # anything but a mapping is one of the problems
    except ValidationError as error:
        return problems(error.messages)
    assert isinstance(loaded, Mapping)
    return loaded


def mapping_to(mapping: Mapping) -> dict[str, Any]:
    """The mapping as plain data, without what goes without saying; ``mapping_from`` reads the same mapping from it."""
    usual = Mapping("", "", ())
    data: dict[str, Any] = {"key": mapping.key, "title": mapping.title, "privacy_level": mapping.privacy_level}
    if mapping.new_rows != usual.new_rows:
        data["new_rows"] = mapping.new_rows
    if mapping.full_read_every != usual.full_read_every:
        data["full_read_every"] = mapping.full_read_every
    if mapping.matching:
        data["matching"] = True
    data["columns"] = [_column_to(column) for column in mapping.columns]
    if mapping.guards != usual.guards:
        names = ("missing_rows", "missing_rows_minimum", "changed_column", "changed_column_minimum")
        data["guards"] = {
            name: getattr(mapping.guards, name)
            for name in names
            if getattr(mapping.guards, name) != getattr(usual.guards, name)
        }
    return data


def _column_to(column: Column) -> dict[str, Any]:
    known = KNOWN.get(column.field)
    data: dict[str, Any] = {"header": column.header}
    if column.aliases:
        data["aliases"] = list(column.aliases)
    data["field"] = column.field
    if known is None or column.type != known.type:
        data["type"] = column.type
    data["owner"] = str(column.owner)
    if column.choices:
        data["choices"] = [{"key": choice.key, "label": choice.label} for choice in column.choices]
    elif column.vocabulary and (known is None or column.vocabulary != known.vocabulary or "type" in data):
        data["choices"] = column.vocabulary
    if column.level != (known.level if known else 1):
        data["level"] = column.level
    for name in ("required", "max_length", "tidy"):
        if value := getattr(column, name):
            data[name] = value
    return data


def _whole(low: int, high: int | None = None) -> fields.Integer:
    span = f"von {low} bis {high}" if high else f"ab {low}"
    message = f"Ganze Zahl {span} erwartet."
    check = validate.Range(low, high, error=message)
    return fields.Integer(strict=True, validate=check, error_messages={**MISSING, "invalid": message})


def _flag() -> fields.Boolean:
    messages = {**MISSING, "invalid": "true oder false erwartet."}
    return fields.Boolean(truthy={True}, falsy={False}, error_messages=messages)


class _Share(fields.Field[float]):
    """A share as ``10%``, ``10 %`` or ``0.1``."""

    def _deserialize(self, value: object, attr: str | None, data: object, **_: object) -> float:
        if isinstance(value, str) and (found := _SHARE.fullmatch(value.strip())):
            value = round(float(found[1].replace(",", ".")) / 100, 6)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
            raise ValidationError("Anteil erwartet, z. B. 10%.")
        return float(value)


class _Span(fields.Field[int]):
    """A span of time in seconds, or as ``30 min``, ``45 s``, ``2 h``."""

    def _deserialize(self, value: object, attr: str | None, data: object, **_: object) -> int:
        if isinstance(value, str) and (found := _SPAN.fullmatch(value.strip())):
            value = int(found[1]) * _SECONDS[found[2]]
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValidationError("Dauer erwartet, z. B. 30 min.")
        return value


class _ChoiceSchema(Strict):
    key = text(required=True)
    label = text(required=True)

    @post_load
    def _make(self, data: dict[str, str], **_: object) -> Choice:
        return Choice(**data)


class _Choices(fields.Field[Any]):
    """A list of choices, or a vocabulary's name."""

    def _deserialize(self, value: object, attr: str | None, data: object, **_: object) -> tuple[Choice, ...] | str:
        if isinstance(value, str):
            if value not in VOCABULARIES:
                raise ValidationError(unknown("Liste", value, VOCABULARIES))
            return value
        if not isinstance(value, list) or not value:
            raise ValidationError("Liste von Auswahlen (key, label) oder Name einer Liste erwartet.")
        choices: list[Choice] = _ChoiceSchema(many=True).load(value)
        keys = [choice.key for choice in choices]
        labels = [choice.label.casefold() for choice in choices]
        if len(set(keys)) < len(keys) or len(set(labels)) < len(labels):
            raise ValidationError("Eine Auswahl steht zweimal da.")
        return tuple(choices)


class _ColumnSchema(Strict):
    header = text(required=True)
    aliases = fields.List(text(), error_messages={"invalid": "Liste von Überschriften erwartet."})
    field = text(required=True)
    type = text(among=TYPES)
    owner = text(among=[str(side) for side in Side])
    required = _flag()
    choices = _Choices(error_messages=MISSING)
    max_length = _whole(1)
    level = _whole(1, 3)
    tidy = _flag()

    @validates_schema
    def _fits_its_field(self, data: dict[str, Any], **_: object) -> None:
        name = data["field"]
        known = KNOWN.get(name)
        if known is None:
            if not name.startswith(CUSTOM):
                raise ValidationError(f"{unknown('Feld', name, KNOWN)} Eigene Felder heißen custom.…", "field")
            if not _CUSTOM_NAME.fullmatch(name):
                raise ValidationError("Nach custom. nur Kleinbuchstaben, Ziffern und _.", "field")
            for needed in ("type", "owner"):
                if needed not in data:
                    raise ValidationError("Diese Angabe fehlt; bei eigenen Feldern ist sie nötig.", needed)
        elif data.get("level", known.level) < known.level:
            raise ValidationError(f"Dieses Feld braucht Datenschutzstufe {known.level} oder höher.", "level")

    @validates_schema
    def _consistent(self, data: dict[str, Any], **_: object) -> None:
        known = KNOWN.get(data["field"])
        kind = data.get("type") or (known.type if known else "")
        owner = data.get("owner") or (known.owner if known else "")
        own = data["field"] in OWN_FIELDS
        if (owner == Side.SERVICE) != own and data["field"] not in FOLLOWERS:
            raise ValidationError(
                "Diese Spalte gehört dem Dienst: owner: service."
                if own
                else "Diese Spalte kann dem Dienst nicht gehören.",
                "owner",
            )
        if data["field"] in STAFF and kind != STAFF[data["field"]].type:
            raise ValidationError(f"Dieses Feld hat immer den Typ {STAFF[data['field']].type}.", "type")
        if data["field"] == REFERENCE_FIELD and kind != "reference":
            raise ValidationError("Die TN-Nr. hat immer den Typ reference.", "type")
        if kind == "choice" and "choices" not in data and not (known and known.vocabulary):
            raise ValidationError("Zu einer Auswahl gehört choices.", "choices")
        if kind != "choice" and "choices" in data:
            raise ValidationError("choices gehört zum Typ choice.", "choices")
        if kind != "text" and "max_length" in data:
            raise ValidationError("max_length gehört zum Typ text.", "max_length")

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Column:
        known = KNOWN.get(data["field"])
        choices = data.get("choices", ())
        usual = known.vocabulary if known and data.get("type", known.type) == known.type and not choices else ""
        return Column(
            header=data["header"],
            field=data["field"],
            type=data.get("type") or (known.type if known else ""),
            owner=Side(data.get("owner") or (known.owner if known else "")),
            aliases=tuple(data.get("aliases", ())),
            required=data.get("required", False),
            choices=() if isinstance(choices, str) else choices,
            vocabulary=choices if isinstance(choices, str) else usual,
            max_length=data.get("max_length"),
            level=data.get("level") or (known.level if known else 1),
            tidy=data.get("tidy", False),
        )


class _GuardsSchema(Strict):
    missing_rows = _Share(error_messages=MISSING)
    missing_rows_minimum = _whole(1)
    changed_column = _Share(error_messages=MISSING)
    changed_column_minimum = _whole(1)

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Guards:
        return Guards(**data)


class MappingSchema(Strict):
    """What a mapping file holds; loads as a ``Mapping``."""

    key = fields.String(required=True, validate=PLAIN_KEY, error_messages=NOT_TEXT)
    title = text(required=True)
    privacy_level = _whole(1, 3)
    new_rows = text(among=("accept", "ask"))
    full_read_every = _Span(error_messages=MISSING)
    matching = _flag()
    columns = fields.List(
        fields.Nested(_ColumnSchema, error_messages=MISSING),
        required=True,
        error_messages={**MISSING, "invalid": "Liste von Spalten erwartet."},
    )
    guards = fields.Nested(_GuardsSchema, error_messages=MISSING)

    @validates_schema
    def _columns_differ(self, data: dict[str, Any], **_: object) -> None:
        columns: list[Column] = data["columns"]
        if all(column.field != REFERENCE_FIELD for column in columns):
            raise ValidationError(f"Es fehlt die Spalte der TN-Nr. (field: {REFERENCE_FIELD}).", "columns")
        staff = [column.field in STAFF for column in columns if column.field not in OWN_FIELDS]
        if any(staff) and not all(staff):
            raise ValidationError("Eine Liste von Ansprechpersonen hat keine anderen Felder als staff.…", "columns")
        names: dict[str, set[int]] = defaultdict(set)
        owners: dict[str, set[int]] = defaultdict(set)
        for position, column in enumerate(columns):
            owners[column.field].add(position)
            for name in (column.header, *column.aliases):
                names[fold_header(name)].add(position)
        errors: dict[int, dict[str, list[str]]] = defaultdict(dict)
        for positions in owners.values():
            for position in sorted(positions)[1:]:
                errors[position]["field"] = [f"Feld „{columns[position].field}“ hat schon eine Spalte."]
        for positions in names.values():
            for position in sorted(positions)[1:]:
                errors[position]["header"] = ["Diese Überschrift steht schon bei einer anderen Spalte."]
        if errors:
            raise ValidationError({"columns": dict(errors)})

    @post_load
    def _make(self, data: dict[str, Any], **_: object) -> Mapping:
        return Mapping(**{**data, "columns": tuple(data["columns"])})


_RowContext: TypeAlias = SchemaContext[Context]


class _CellField(fields.Field[Reading]):
    """One column of a row: its cell becomes a reading, never an error."""

    def __init__(self, column: Column) -> None:
        super().__init__(data_key=column.field)
        self._column_field = field_for(column)

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **_: Any) -> Any:
        # Overridden whole: None is a blank cell here, where Marshmallow would take it for a missing one.
        if value is missing:
            return missing
        return self._column_field.parse(value, _RowContext.get())


def row_schema(mapping: Mapping) -> type[Schema]:
    """A schema class that turns a row of cells by field into readings by field. See ``read_row``."""

    def by_field(self: Schema, data: dict[str, Reading], **_: object) -> dict[str, Reading]:
        # Marshmallow would read a dot in an attribute (custom.note) as nesting, hence the numbered attributes.
        return {str(self.fields[name].data_key): reading for name, reading in data.items()}

    columns = {f"column_{number}": _CellField(column) for number, column in enumerate(mapping.columns)}
    return type("RowSchema", (Schema,), {**columns, "by_field": post_load(by_field)})


def read_row(schema: Schema, cells: MappingType[str, Cell], context: Context) -> dict[str, Reading]:
    """What the cells of one row mean, by field; a field without a cell has no reading. Bad cells are readings too.

    Raises ``ValidationError`` for a field the mapping does not have.
    """
    with _RowContext(context):
        readings: dict[str, Reading] = schema.load(cells)
    return readings
