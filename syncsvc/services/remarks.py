"""What the service says in the rows of a table beside what a run finds there itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from sqlalchemy.orm import Session

from syncsvc.core.fields import Context
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Record
from syncsvc.services.coaching import flags
from syncsvc.services.contacts import staffrows
from syncsvc.store.models import Table

Source: TypeAlias = Callable[
    [Session, Table, TableMapping, Mapping[str, Record], Context, Mapping[str, Record]], Mapping[str, Sequence[str]]
]
"""Says something in rows: German sentences by reference."""

SOURCES: Final[tuple[Source, ...]] = (flags.remarks, staffrows.doubts)
_NOTHING: Final[Mapping[str, Record]] = {}


def remarks(
    session: Session,
    table: Table,
    mapping: TableMapping,
    records: Mapping[str, Record],
    context: Context,
    changed: Mapping[str, Record] = _NOTHING,
) -> Mapping[str, tuple[str, ...]]:
    """German sentences by reference, in the order they are said; a row without any is not named.

    ``changed`` are the records a run is about to save, as they will be: what follows from them is said by this run.
    Whoever changes what is said here counts up the project's revision, so that its tables are looked at.
    """
    said: dict[str, list[str]] = defaultdict(list)
    for source in SOURCES:
        for ref, sentences in source(session, table, mapping, records, context, changed).items():
            said[ref] += sentences
    return {ref: tuple(sentences) for ref, sentences in said.items()}
