"""What an application may do: by its permissions, its grants, and what holds a file at the moment."""

from __future__ import annotations

from tests.fakes.graph import refusals
from tests.fakes.graph.addressing import Place
from tests.fakes.graph.items import File
from tests.fakes.graph.tokens import Application

_SITES_READ = ("Sites.Read.All", "Sites.ReadWrite.All", "Sites.Manage.All", "Sites.FullControl.All")
_SITES_WRITE = _SITES_READ[1:]
_WRITING = {"write", "owner", "fullcontrol"}


def check(app: Application, place: Place, *, writes: bool) -> None:
    """Sites, libraries and files. Permissions for files do not open sites."""
    grant = place.site.grants.get(app.client_id) if app.has("Sites.Selected") else None
    if grant and (not writes or grant in _WRITING):
        return
    if app.has(*(_SITES_WRITE if writes else _SITES_READ)):
        return
    files = ("Files.ReadWrite.All",) if writes else ("Files.Read.All", "Files.ReadWrite.All")
    if place.drive is None or not app.has(*files):
        raise refusals.access_denied()


def check_workbook(app: Application, place: Place, file: File, *, writes: bool) -> None:
    """Application permissions are documented as unsupported; these work all the same (contrib issue 8691)."""
    check(app, place, writes=writes)
    if file.refusal:
        raise file.refusal
    if place.by_path and not app.opens_by_path:
        raise refusals.no_wac_token()
    if app.has("Sites.Selected") and app.client_id in place.site.grants and app.opens_selected:
        return
    if not app.has(*_SITES_READ) or not app.has("Files.Read.All", "Files.ReadWrite.All", "Sites.FullControl.All"):
        raise refusals.no_wac_token()


def check_locks(file: File, *, writes: bool) -> None:
    """Who keeps the workbook from being edited, or from being opened at all."""
    if file.lock and (writes or not file.lock.reads):
        raise refusals.editing(file.lock.who)
    if writes and file.checked_out:
        raise refusals.resource_locked()
