"""Runs: what was done when, and the counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue

from syncsvc.services import runs
from syncsvc.web import sessions
from syncsvc.web.api import schemas
from syncsvc.web.api.operations import operation


@operation("GET", "/runs", query=schemas.RunsQuery(), answers={200: schemas.RunPage()}, refuses=(404,))
def list_runs(query: Mapping[str, Any]) -> ResponseReturnValue:
    """Abgleiche auflisten

    Die neuesten zuerst.
    """
    limit = query["limit"]
    before = int(query["cursor"]) if "cursor" in query else None
    found = runs.list_runs(
        sessions.runtime(), table=query.get("table"), limit=limit + 1, before=before, state=query.get("state", "")
    )
    shown = found[:limit]
    more = str(shown[-1].id) if len(found) > limit else None
    return jsonify(items=[run.as_json() for run in shown], next=more)


@operation(
    "GET", f"/runs/<int(max={schemas.NUMBER_AT_MOST}):run_id>", answers={200: schemas.RunDocument()}, refuses=(404,)
)
def get_run(run_id: int) -> ResponseReturnValue:
    """Einen Abgleich lesen"""
    return jsonify(runs.get_run(sessions.runtime(), run_id).as_json())
