"""Records: read many or one, set values, and bring new participants."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask import jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from syncsvc.errors import NotFound
from syncsvc.services import recordpages, recordwrites
from syncsvc.services.recordedits import ValuesRefused
from syncsvc.services.recordwrites import Edit, KeyReused, RecordsMoved, UnknownRecords, VoidRecords, Written
from syncsvc.web import sessions
from syncsvc.web.api import schemas
from syncsvc.web.api.operations import JSON, MERGE_PATCH, bearer, operation
from syncsvc.web.api.problems import UNKNOWN, Problem, field_errors, pointer

TAG = re.compile(rf'"({schemas.TAG.strip("^$")})"', re.ASCII)
REQUEST_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)

_VOID = lazy_gettext("Dieser Datensatz wurde als Irrtum gelöscht.")
_NEEDS_KEY = lazy_gettext("Erwartet werden 16 bis 64 Buchstaben, Ziffern, - oder _, für jede Teilnehmerin andere.")
_NEEDS_TAG = lazy_gettext('Erwartet wird der ETag des Datensatzes, z. B. "17-0a1b2c3d4e5f".')
_TWICE = lazy_gettext("Dieser Datensatz steht zweimal in der Anfrage.")
_OTHER_CONTENT = lazy_gettext("Unter diesem Idempotency-Key wurde schon eine andere Teilnehmerin angelegt.")


@operation("GET", "/records", query=schemas.RecordsQuery(), answers={200: schemas.RecordPage()}, refuses=(404,))
def list_records(query: Mapping[str, Any]) -> ResponseReturnValue:
    """Datensätze auflisten

    In der Reihenfolge ihrer letzten Änderung. `next` führt zur nächsten Seite. `latest` als `cursor` bringt später nur,
    was sich seitdem geändert hat; es verliert nichts, auch wenn sich beim Blättern etwas ändert.
    """
    after = tuple(map(int, query["cursor"].split("-"))) if "cursor" in query else recordpages.START
    page = recordpages.list_page(
        sessions.runtime(),
        bearer().project,
        limit=query["limit"],
        after=(after[0], after[1]),
        since=query.get("changed_since"),
        state=query.get("state"),
        table=query.get("table"),
    )
    sessions.looked_at(*(item["ref"] for item in page.items))
    latest = "-".join(map(str, page.latest))
    return jsonify(items=page.items, next=latest if page.more else None, latest=latest)


@operation(
    "GET", "/records/<ref>", answers={200: schemas.RecordDocument(), 304: None}, asks={"If-None-Match": False},
    sends={"ETag": "Der Stand des Datensatzes"}, refuses=(404,),
)  # fmt: skip
def get_record(ref: str) -> ResponseReturnValue:
    """Einen Datensatz lesen

    Mit `If-None-Match` kommt 304, solange sich nichts geändert hat.
    """
    found = recordpages.get_document(sessions.runtime(), _reference(ref))
    headers = {"ETag": f'"{found["etag"]}"'}
    if request.if_none_match.contains_weak(found["etag"]):
        return "", 304, headers
    sessions.looked_at(ref)
    return jsonify(found), 200, headers


@operation(
    "GET", "/records/<ref>/history", query=schemas.PageQuery(), answers={200: schemas.HistoryPage()}, refuses=(404,)
)
def get_history(ref: str, query: Mapping[str, Any]) -> ResponseReturnValue:
    """Die Geschichte eines Datensatzes lesen

    Die ältesten Änderungen zuerst. Auf der Seite `table` sind `old` und `new` Zellen, sonst Werte in Normalform.
    """
    offset = int(query.get("cursor", "0"))
    entries, more = recordpages.history_page(sessions.runtime(), _reference(ref), offset=offset, limit=query["limit"])
    sessions.looked_at(ref)
    return jsonify(items=entries, next=str(offset + len(entries)) if more else None)


@operation(
    "PATCH", "/records/<ref>", body=schemas.RecordPatch(), media_types=(MERGE_PATCH, JSON),
    answers={200: schemas.WrittenRecord()}, asks={"If-Match": True}, sends={"ETag": "Der neue Stand"},
    refuses=(404, 409, 412, 428),
)  # fmt: skip
def patch_record(ref: str, body: Mapping[str, Any]) -> ResponseReturnValue:
    """Werte eines Datensatzes setzen

    Nur die genannten Felder ändern sich, null leert eines; alles oder nichts. In einer Spalte des Jobcenters wird
    daraus ein Vorschlag (`proposed`). `If-Match` nennt den gelesenen Stand; hat er sich geändert, kommt 412.
    """
    edit = Edit(_reference(ref), _if_match(), body["values"])
    written = _write([edit], {ref: ("fields",)})[0]
    return jsonify(_told(written)), 200, {"ETag": f'"{written.tag}"'}


@operation("POST", "/records:batch", body=schemas.Batch(), answers={200: schemas.WrittenBatch()}, refuses=(409, 412))
def patch_records(body: Mapping[str, Any]) -> ResponseReturnValue:
    """Werte vieler Datensätze setzen

    Bis zu 500 auf einmal, alle oder keiner; jeder mit dem `etag`, für den seine Änderung gilt (`if_match`).
    """
    items = body["records"]
    places: dict[str | None, tuple[str | int, ...]] = {}
    for index, item in enumerate(items):
        places.setdefault(item["ref"], ("records", index, "fields"))
    twice = [index for index, item in enumerate(items) if places[item["ref"]][1] != index]
    if twice:
        raise Problem(422, "named-twice", errors=_refs_at(twice, _TWICE))
    written = _write([Edit(item["ref"], item["if_match"], item["values"]) for item in items], places)
    return jsonify(records=[_told(one) for one in written])


@operation(
    "POST", "/records", body=schemas.NewRecord(), answers={201: schemas.Made(), 200: schemas.Made()},
    asks={"Idempotency-Key": True}, sends={"ETag": "Der Stand des Datensatzes", "Location": "Seine Adresse"},
    refuses=(409,),
)  # fmt: skip
def add_record(body: Mapping[str, Any]) -> ResponseReturnValue:
    """Eine Teilnehmerin anlegen

    Die Antwort nennt ihre TN-Nr. Der `Idempotency-Key` ist für jede Teilnehmerin ein anderer; ging die Antwort
    verloren, bringt dieselbe Anfrage mit demselben Schlüssel sieben Tage lang dieselbe TN-Nr. (dann 200). Gibt es die
    Person im Projekt schon, kommt 409 mit ihrer TN-Nr.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not REQUEST_KEY.fullmatch(key):
        raise _bad_header("Idempotency-Key", _NEEDS_KEY)
    try:
        ref, tag, new = recordwrites.create(
            sessions.entitled(project=bearer().project),
            bearer().project,
            body["values"],
            request_key=key,
            actor=sessions.actor(),
        )
    except KeyReused:
        raise Problem(422, "key-reused", errors=[_header("Idempotency-Key", _OTHER_CONTENT)]) from None
    headers = {"ETag": f'"{tag}"', "Location": url_for("api.get_record", ref=ref)}
    return jsonify(ref=ref, etag=tag), 201 if new else 200, headers


def _write(edits: list[Edit], places: Mapping[str | None, tuple[str | int, ...]]) -> list[Written]:
    many = len(next(iter(places.values()))) > 1
    runtime = sessions.entitled(project=bearer().project)
    try:
        return recordwrites.write(runtime, bearer().project, edits, actor=sessions.actor())
    except VoidRecords as error:
        raise Problem(409, "void", _VOID, errors=_places_of(error.refs, places, _VOID) if many else ()) from None
    except UnknownRecords as error:
        if not many:
            raise NotFound from None
        raise Problem(422, "not-found", errors=_places_of(error.refs, places, UNKNOWN)) from None
    except RecordsMoved as error:
        headers = {} if many else {"ETag": f'"{error.tags[edits[0].ref]}"'}
        raise Problem(412, "moved", headers=headers, current=error.tags) from None
    except ValuesRefused as error:
        raise Problem(422, "values-refused", errors=field_errors(error.faults, places)) from None


def _told(written: Written) -> dict[str, Any]:
    outcomes = [{"field": name, "outcome": outcome} for name, outcome in written.outcomes.items()]
    return {"ref": written.ref, "etag": written.tag, "fields": outcomes}


def _places_of(
    refs: Iterable[str], places: Mapping[str | None, tuple[str | int, ...]], detail: object
) -> list[dict[str, object]]:
    return _refs_at((places[ref][1] for ref in refs), detail)


def _refs_at(indexes: Iterable[str | int], detail: object) -> list[dict[str, object]]:
    return [{"pointer": pointer("records", index, "ref"), "code": "invalid", "detail": detail} for index in indexes]


def _reference(ref: str) -> str:
    """The reference of an address, in its one spelling. Raises ``NotFound``."""
    if not re.fullmatch(schemas.REF.strip("^$"), ref, re.ASCII):
        raise NotFound
    return ref


def _if_match() -> str:
    given = request.headers.get("If-Match")
    if given is None:
        raise Problem(428, "needs-if-match", _NEEDS_TAG)
    found = TAG.fullmatch(given.strip())
    if found is None:
        raise _bad_header("If-Match", _NEEDS_TAG)
    return found[1]


def _bad_header(name: str, detail: object) -> Problem:
    return Problem(400, "bad-header", errors=[_header(name, detail)])


def _header(name: str, detail: object) -> dict[str, object]:
    return {"header": name, "code": "invalid", "detail": detail}
