"""Settle the writes of a run that did not finish: they landed, they did not, or nobody can tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from syncsvc.core.cells import decode
from syncsvc.core.mapping import NOTE_FIELD, REFERENCE_FIELD
from syncsvc.core.model import Cell, Flip, Json
from syncsvc.errors import WriteUncertain
from syncsvc.ports.tables import Landed, Table
from syncsvc.services.execution import WHOLE_ROW
from syncsvc.services.ledger import Ledger
from syncsvc.store.intents import Intent

LAG = timedelta(minutes=5)
"""After which a write shows in the version of any platform: reports speak of one minute (graph-excel.md §9)."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What became of unfinished writes.

    ``settled`` tokens are done with. ``contested`` are cells of which nobody can tell, ``suspects`` by field what we
    meant to put there: in another row it may be ours, gone astray. ``done`` are intents that need no second look.
    ``landed`` are the writes that reached the table without being logged, ``unsure`` those of the contested cells.
    """

    settled: tuple[str, ...] = ()
    contested: frozenset[tuple[str, str]] = frozenset()
    suspects: Mapping[str, frozenset[Cell]] = field(default_factory=dict)
    done: tuple[tuple[str, str], ...] = ()
    landed: tuple[Intent, ...] = ()
    unsure: tuple[Intent, ...] = ()


def recover(table: Table, version: str, intents: tuple[Intent, ...], ledger: Ledger, now: datetime) -> Recovery:
    """Move ``ledger`` by what landed. ``version`` is the snapshot's: one that did not move proves that nothing landed,
    where it lags after a while. Raises ``WriteUncertain`` until then.
    """
    by_token: dict[str, list[Intent]] = defaultdict(list)
    for intent in intents:
        by_token[intent.token].append(intent)
    settled: list[str] = []
    doubtful: list[Intent] = []
    arrived: list[Intent] = []
    for token, items in by_token.items():
        landed = table.landed(token)
        if landed is Landed.UNKNOWN and items[0].version != version:
            doubtful += items
            continue
        if landed is Landed.UNKNOWN and table.lags and items[0].created and now - items[0].created < LAG:
            raise WriteUncertain
        if landed is Landed.YES:
            arrived += items
            for item in items:
                _land(ledger, item)
        settled.append(token)
    own = (WHOLE_ROW, REFERENCE_FIELD, NOTE_FIELD)
    for item in doubtful:
        if item.field == WHOLE_ROW:
            _land(ledger, item)  # if it is not in the table now, a person is asked whether she wants it back
    cells = [item for item in doubtful if item.field not in own]
    suspects: dict[str, set[Cell]] = defaultdict(set)
    for item in cells:
        suspects[item.field].add(decode(item.document["new"]))
    return Recovery(
        tuple(settled),
        frozenset((item.ref, item.field) for item in cells),
        {name: frozenset(found - {None}) for name, found in suspects.items()},
        tuple((item.ref, item.field) for item in doubtful if item.field in own),
        (*arrived, *(item for item in doubtful if item.field in own)),
        tuple(cells),
    )


def _land(ledger: Ledger, intent: Intent) -> None:
    document: dict[str, Any] = dict(intent.document)
    if intent.field == WHOLE_ROW:
        ledger.forget(intent.ref)
        for name, cell in document["cells"].items():
            ledger.move(intent.ref, name, decode(cell), document["values"].get(name))
        return
    new: Cell = decode(document["new"])
    if intent.field in (REFERENCE_FIELD, NOTE_FIELD):
        ledger.move(intent.ref, intent.field, new, None)
        return
    value: Json = document["value"]
    row = ledger.row(intent.ref)
    known = row.flips.get(intent.field) if row else None
    before: Json = document["before"]
    flip = Flip(before, known.count if known and known.old == before else 0)
    ledger.move(intent.ref, intent.field, new, value, flip)
