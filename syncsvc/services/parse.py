"""How the service reads what staff type, cell by cell, outside of any table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from syncsvc.core.fields import (
    Context,
    DirectoryContact,
    DirectoryOrganisation,
    Kind,
    Reading,
    Vocabulary,
    field_for,
)
from syncsvc.core.fields.derived import Derived
from syncsvc.core.fields.headers import header_reading
from syncsvc.core.fields.registry import CATALOGUE, TYPES, KnownField
from syncsvc.core.fields.words import WordIndex
from syncsvc.core.labels import label_kind
from syncsvc.core.mapping import Column
from syncsvc.core.model import Json, Side
from syncsvc.core.programme import Programme, programme_from
from syncsvc.core.strict import unknown
from syncsvc.errors import InvalidFile, UsageError
from syncsvc.services import documents, vocabularies

HEADER, ROW = "__header__", "__row__"
"""Stand in a batch's field column for "which field has this header?" and "what is this row?", asked of its one cell."""

_words = Derived[Vocabulary, WordIndex](lambda vocabulary: WordIndex(vocabulary.entries))
_OWN_KEYS = ("today", "row")
_CONTACT_FIELDS = frozenset(name for name, known in CATALOGUE.items() if known.type == "contact" and name != "coach")


@dataclass(frozen=True, slots=True)
class ParsedCell:
    """One cell and what it means: ``kind`` ok, normalise, ask or reject.

    ``result`` is plain text, JSON for a structured value, ``null`` for a blank; for a rejected cell the code of the
    fault; for a question its code, and ``code|proposal`` where there is a proposal.
    """

    field: str
    raw: str
    kind: str
    result: str


def parse_cell(field: str, raw: str, context: Context) -> ParsedCell:
    """What this text means in a column of this field, a name of the catalogue or of a type.

    Raises ``UsageError`` for a field the service does not know.
    """
    if field in (HEADER, ROW):
        reading = header_reading(raw, context) if field == HEADER else _row_kind(raw, context)
    else:
        reading = field_for(_column(field)).parse(raw or None, context)
    return ParsedCell(field, raw, reading.kind.value, _result(reading))


def parse_file(path: Path, context: Context) -> list[ParsedCell]:
    """Every row of a CSV list with the columns ``field`` and ``raw``; other columns are ignored.

    A field the service does not know is a rejected row (``field_unknown``), so that one of them does not hide the
    others. Raises ``InvalidFile``.
    """
    try:
        reader = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
        rows = [(row["field"] or "", row["raw"] or "") for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidFile(f"Die Datei {path} ist nicht lesbar; CSV in UTF-8 erwartet.") from error
    except KeyError as error:
        raise InvalidFile(f"In der Datei {path} fehlt die Spalte „{error.args[0]}“.") from error
    return [_row(field, raw, context) for field, raw in rows]


def to_csv(cells: list[ParsedCell]) -> str:
    """The cells as CSV, one line each below ``field,raw,kind,result``."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("field", "raw", "kind", "result"))
    writer.writerows((cell.field, cell.raw, cell.kind, cell.result) for cell in cells)
    return text.getvalue()


def bare_context(today: date) -> Context:
    """A context that knows the packaged vocabularies and nobody."""
    return Context(today=today, vocabularies=vocabularies.load())


def read_context(path: Path, today: date) -> Context:
    """The context a YAML file describes: a programme file's organisations, projects and contacts, and beside them
    ``today`` and ``row`` (``organisation`` and values of the row's other fields).

    The first project is the row's. Raises ``InvalidFile`` naming what is wrong and where.
    """
    document = documents.read(path)
    if isinstance(document, documents.FileProblem):
        raise InvalidFile(str(document))
    data = document.data if isinstance(document.data, dict) else {}
    programme = programme_from({key: value for key, value in data.items() if key not in _OWN_KEYS})
    if isinstance(programme, list):
        raise InvalidFile("\n".join(str(document.problem(problem)) for problem in programme))
    given = data.get("today", today)
    row = data.get("row") or {}
    if not isinstance(given, date) or not isinstance(row, dict):
        raise InvalidFile(f"{path.name}: „today“ ist ein Datum JJJJ-MM-TT, „row“ sind Angaben „Feld: Wert“.")
    return _context(programme, given, {str(name): _plain(value) for name, value in row.items()})


def _context(programme: Programme, today: date, row: Mapping[str, Json]) -> Context:
    project: Mapping[str, Any] = programme.projects[0] if programme.projects else {}
    values = {
        name: {"contact": value} if name in _CONTACT_FIELDS else value
        for name, value in row.items()
        if name != "organisation"
    }
    house = row.get("organisation")
    return replace(
        bare_context(today),
        prefix=str(project.get("prefix", "")),
        organisation=str(house) if house else None,
        project_organisation=project.get("organisation"),
        organisations=tuple(DirectoryOrganisation(**_frozen_lists(entry)) for entry in programme.organisations),
        contacts=tuple(
            DirectoryContact(**{"key": f"{entry['family']}-{entry.get('given', '')}".casefold(), **entry})
            for entry in programme.contacts
        ),
        values=values,
    )


def _frozen_lists(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}


def _plain(value: Any) -> Json:
    """YAML's dates as records keep them."""
    return value.isoformat() if isinstance(value, date) else value


def _column(field: str) -> Column:
    known = CATALOGUE.get(field)
    if known is None and field.startswith("custom."):
        known = KnownField("text", field, 3, Side.BOTH)
    if known is None and field in TYPES:
        known = KnownField(field, field, 3, Side.BOTH)
    if known is None:
        raise UsageError(unknown("Das Feld", field, CATALOGUE))
    return Column(known.label, field, known.type, known.owner, vocabulary=known.vocabulary)


def _row(field: str, raw: str, context: Context) -> ParsedCell:
    try:
        return parse_cell(field, raw, context)
    except UsageError:
        return ParsedCell(field, raw, Kind.REJECT.value, "field_unknown")


def _row_kind(text: str, context: Context) -> Reading:
    """What a row with this one cell is, or what the named event of a run asks."""
    if event := _words(context.vocabularies["row_events"]).find(text):
        return Reading(Kind.ASK, code=event.key)
    kind = label_kind(text)
    return Reading(Kind.NORMALISE, kind) if kind else Reading(Kind.OK, "data_row")


def _result(reading: Reading) -> str:
    if reading.kind is Kind.REJECT:
        return reading.code
    if reading.kind is Kind.ASK:
        return reading.code if reading.value is None else f"{reading.code}|{_text(reading.value)}"
    return _text(reading.value)


def _text(value: Json) -> str:
    if isinstance(value, str):
        return value
    separators = (",", ":") if isinstance(value, list) else None
    return json.dumps(value, ensure_ascii=False, separators=separators)
