"""Changes to a record in the project's name, and what the change log keeps of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from syncsvc.core.contacts import PEOPLE
from syncsvc.core.fields import field_for
from syncsvc.core.mapping import Column
from syncsvc.core.model import Json, Record, Side
from syncsvc.store.changes import Change, Where


def differing(columns: Mapping[str, Column], record: Record, values: Mapping[str, Json]) -> dict[str, Json]:
    """Those of the values, by field, that do not mean the same as the record's present ones."""
    changed = {}
    for name, value in values.items():
        field = field_for(columns[name])
        if field.key(value) != field.key(record.values.get(name)):
            changed[name] = value
    return changed


def edited(record: Record, changed: Mapping[str, Json]) -> Record:
    """The record with these values, set by the project; None empties a field."""
    values = {name: value for name, value in {**record.values, **changed}.items() if value is not None}
    return replace(record, values=values, by={name: side for name, side in record.by.items() if name not in changed})


def decided(columns: Mapping[str, Column], before: Record, after: Record) -> Record:
    """The edited record of somebody who stands in a table, with the contacts of before in the job centre's columns:

    there an edit of the project's is a proposal, and who is responsible does not change by it.
    """
    proposed = [name for name in PEOPLE if name in columns and columns[name].owner is Side.JOBCENTRE]
    values = {**after.values, **{name: before.values.get(name) for name in proposed}}
    return replace(after, values=values)


def log(record: Record, changed: Mapping[str, Json], *, source: str, actor: str, now: datetime) -> list[Change]:
    """The entries of the change log for ``edited``."""
    return [
        Change(now, record.ref, name, Where.RECORD, source, actor, record.values.get(name), value)
        for name, value in changed.items()
    ]
