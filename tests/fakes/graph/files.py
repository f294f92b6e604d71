"""What Graph tells of sites, libraries and files, and their contents as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.graph import access, refusals, xlsx
from tests.fakes.graph.addressing import Place
from tests.fakes.graph.faults import Answer
from tests.fakes.graph.incoming import Incoming
from tests.fakes.graph.items import File, user
from tests.fakes.graph.odata import Query
from tests.fakes.graph.tokens import Application

if TYPE_CHECKING:
    from tests.fakes.graph.service import Service

Json = dict[str, Any]
_EXTRA = ("publication",)


def metadata(service: Service, place: Place, query: Query) -> Json:
    """The answer to a GET of anything that is no workbook."""
    root = f"{service.base}/v1.0"
    if place.file is not None:
        return _file(service, place, place.file, query)
    if place.folder is not None and place.drive is not None:
        return _folder(service, place, query)
    if place.drive is not None and not place.rest:
        return query.shown(place.site.drive_resource(place.drive), type_="drive")
    if place.drive is None and place.rest == "drives":
        drives = [query.shown(place.site.drive_resource(each), type_="drive") for each in place.site.drives]
        return {"@odata.context": f"{root}/$metadata#drives", "value": drives}
    if place.drive is None and not place.rest:
        return query.shown(place.site.resource(root), type_="site")
    raise refusals.unknown_segment(place.rest)


def _file(service: Service, place: Place, file: File, query: Query) -> Json:
    root = f"{service.base}/v1.0"
    if place.rest == "permissions":
        return {"@odata.context": f"{root}/$metadata#permissions", "value": file.permissions()}
    if place.rest:
        raise refusals.unknown_segment(place.rest)
    shown = query.shown(_item(service, file, query), extra=_EXTRA, type_="driveItem")
    return {name: value for name, value in shown.items() if value is not None}  # a facet that is not there is left out


def _item(service: Service, file: File, query: Query) -> Json:
    who = file.modified_by or file.owner
    app = service.tokens.applications.get(who)
    by: Json = {"user": user(who)}
    if app:
        by = {"application": {"id": app.client_id, "displayName": app.name}, "user": {"displayName": "SharePoint App"}}
    sized = query.select is None or "size" in query.select
    return file.resource(f"{service.base}/v1.0", by, sized=sized)


def _folder(service: Service, place: Place, query: Query) -> Json:
    drive, folder = place.drive, place.folder or ""
    assert drive is not None
    files = [
        each for each in service.library.files.values()
        if each.drive is drive and not each.deleted and each.folder.casefold() == folder.casefold()
    ]  # fmt: skip  # one line less
    if place.rest == "children":
        shown = [query.shown(_item(service, each, query), extra=_EXTRA, type_="driveItem") for each in files]
        return {"@odata.context": f"{service.base}/v1.0/$metadata#driveItems", "value": shown}
    if place.rest:
        raise refusals.unknown_segment(place.rest)
    item = {
        "id": drive.root if not folder else f"01FOLDER{folder}",
        "name": folder.rpartition("/")[2] or "root",
        "webUrl": f"{place.site.url}/{drive.name}/{folder}".rstrip("/"),
        "folder": {"childCount": len(files)},
        "parentReference": {"driveType": "documentLibrary", "driveId": drive.id},
    }
    return query.shown(item, type_="driveItem")


def content(service: Service, incoming: Incoming, app: Application, place: Place) -> Answer:
    """GET leads to an address that needs no token; PUT replaces the file unless somebody has it open."""
    file = place.file
    if file is None:
        raise refusals.item_not_found()
    access.check(app, place, writes=incoming.verb != "GET")
    if incoming.verb == "GET":
        return Answer(302, b"", headers={"Location": f"{service.base}/v1.0/download/{file.id}"})
    if incoming.verb != "PUT":
        raise refusals.method_not_allowed()
    if file.lock or file.open_by or file.checked_out or service.sessions.of(file):
        raise refusals.resource_locked()
    item = _item(service, file, Query(("size",)))
    if incoming.headers.get("if-match", item["eTag"]) not in (item["eTag"], item["cTag"], "*"):
        raise refusals.Refused(412, "notAllowed", "ETag does not match current item's value", "resourceModified")
    try:
        book = xlsx.load(incoming.body, file.document.id, file.document.title)
    except ValueError:
        raise NotImplementedError("uploads of other things than workbooks") from None
    with service.changing(file, app.client_id, human=False) as document:
        for name in ("sheets", "tables", "defined"):
            setattr(document, name, getattr(book, name))
    return Answer(200, refusals.encoded(_item(service, file, Query(("id",)))))


def download(service: Service, file_id: str) -> Answer:
    """The bytes of a file at its pre-authenticated address."""
    with service.lock:
        file = service.library.files.get(file_id)
        if file is None or file.deleted:
            return Answer(404, b"")
        return Answer(200, file.content(), "application/octet-stream")
