"""The project's shared tables: how they are, and asking for a run."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import jsonify, url_for
from flask.typing import ResponseReturnValue

from syncsvc.errors import NotFound
from syncsvc.services import schedules, tables
from syncsvc.services.tables import TableView
from syncsvc.web import sessions
from syncsvc.web.api import schemas
from syncsvc.web.api.operations import operation


@operation("GET", "/tables", answers={200: schemas.TableList()})
def list_tables() -> ResponseReturnValue:
    """Die Tabellen des Projekts auflisten"""
    return jsonify(items=[_document(table) for table in tables.list_tables(sessions.runtime())])


@operation("GET", "/tables/<key>", answers={200: schemas.TableDocument()}, refuses=(404,))
def get_table(key: str) -> ResponseReturnValue:
    """Eine Tabelle lesen

    `state` ist new, ok, held oder failed; `message` sagt auf Deutsch, woran es liegt, `fault`, wer etwas tun muss.
    """
    return jsonify(_document(tables.get_table(sessions.runtime(), _key(key))))


@operation(
    "POST", "/tables/<key>/sync", answers={202: schemas.SyncRequested()},
    sends={"Location": "Wo steht, wie es weitergeht"}, refuses=(404, 409),
)  # fmt: skip
def request_sync(key: str) -> ResponseReturnValue:
    """Einen Abgleich anfordern

    Er beginnt in wenigen Sekunden. Fertig ist er, wenn `requested_at` der Tabelle wieder null ist. 409: Die Tabelle ist
    pausiert.
    """
    runtime = sessions.entitled(table=_key(key))
    schedules.request_sync(runtime, key, sessions.actor())
    requested = tables.get_table(runtime, key).requested_at or runtime.clock.now()  # None: it has run already
    where = {"Location": url_for("api.get_table", key=key)}
    return jsonify(table=key, requested_at=requested.isoformat()), 202, where


def _document(table: TableView) -> dict[str, Any]:
    said = asdict(table)
    return {name: _plain(said[name]) for name in schemas.TableDocument().fields}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _key(key: str) -> str:
    if not re.fullmatch(schemas.KEY.strip("^$"), key, re.ASCII):
        raise NotFound
    return key
