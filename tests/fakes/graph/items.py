"""Sites, drives and files as SharePoint knows them: names, tags that lag behind, locks, who may see what."""

from __future__ import annotations

import base64
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.fakes.google.clock import Clock
from tests.fakes.google.drive import State
from tests.fakes.graph import xlsx
from tests.fakes.graph.book import Book
from tests.fakes.graph.refusals import Refused

MIME_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def time_text(at: datetime) -> str:
    """Whole seconds, so two saves can share one."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Drive:
    """A document library."""

    name: str
    id: str = field(default_factory=lambda: "b!" + secrets.token_urlsafe(48))
    root: str = field(default_factory=lambda: _item_id())


@dataclass
class Site:
    """A site collection. ``grants`` are the roles that applications with ``Sites.Selected`` were given here."""

    host: str
    path: str
    name: str
    drives: list[Drive] = field(default_factory=lambda: [Drive("Dokumente")])
    grants: dict[str, str] = field(default_factory=dict)
    collection: str = field(default_factory=lambda: str(uuid.uuid4()))
    web: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def id(self) -> str:
        return f"{self.host},{self.collection},{self.web}"

    @property
    def url(self) -> str:
        return f"https://{self.host}/{self.path}".rstrip("/")

    def resource(self, root: str) -> dict[str, Any]:
        return {
            "@odata.context": f"{root}/$metadata#sites/$entity",
            "createdDateTime": "2026-01-07T08:00:00Z",
            "description": "",
            "id": self.id,
            "lastModifiedDateTime": "2026-11-20T12:00:00Z",
            "name": self.path.rpartition("/")[2],
            "webUrl": self.url,
            "displayName": self.name,
            "root": {},
            "siteCollection": {"hostname": self.host},
        }

    def drive_resource(self, drive: Drive) -> dict[str, Any]:
        return {
            "createdDateTime": "2026-01-07T08:00:00Z",
            "description": "",
            "id": drive.id,
            "lastModifiedDateTime": "2026-11-20T12:00:00Z",
            "name": drive.name,
            "webUrl": f"{self.url}/{drive.name}",
            "driveType": "documentLibrary",
            "owner": {"group": {"displayName": f"Mitglieder von {self.name}"}},
        }


@dataclass(frozen=True)
class Lock:
    """Somebody keeps the file to themselves in desktop Excel; ``reads`` says whether others can still read it."""

    who: str
    reads: bool = False


@dataclass
class File:
    """A workbook in a library, addressed by ``id`` through renames and moves."""

    document: Book
    site: Site
    drive: Drive
    folder: str
    name: str
    created: datetime
    owner: str
    id: str = field(default_factory=lambda: _item_id())
    guid: str = field(default_factory=lambda: str(uuid.uuid4()).upper())
    version: int = 1
    metadata: int = 1
    modified: datetime | None = None
    modified_by: str = ""
    deleted: bool = False
    lock: Lock | None = None
    checked_out: str = ""
    open_by: set[str] = field(default_factory=set)
    """People who have it open in a browser or co-author on the desktop: files cannot be replaced meanwhile."""
    refusal: Refused | None = None
    """With what every request to the workbook is refused, as for a file with a sensitivity label."""
    links: list[tuple[str, str]] = field(default_factory=list)
    """Sharing links: scope (anonymous, organization, users) and type (view, edit)."""
    states: list[State] = field(default_factory=list)
    """Earlier states, oldest first: what "version history" offers."""
    _bytes: tuple[Book, bytes] | None = None

    @property
    def path(self) -> str:
        return f"{self.folder}/{self.name}".strip("/")

    @property
    def url(self) -> str:
        return f"{self.site.url}/{self.drive.name}/{self.path}"

    @property
    def tabs(self) -> list[str]:
        return [tab.title for tab in self.document.tabs]

    def content(self) -> bytes:
        """The file as a download gives it: a real .xlsx."""
        if self._bytes is None or self._bytes[0] is not self.document:
            self._bytes = self.document, xlsx.save(self.document)
        return self._bytes[1]

    def resource(self, root: str, who: dict[str, Any], *, sized: bool) -> dict[str, Any]:
        """The driveItem with everything that can be selected; ``publication`` comes only when asked for."""
        modified = time_text(self.modified or self.created)
        publication: dict[str, Any] = {"level": "checkout" if self.checked_out else "published", "versionId": "1.0"}
        if self.checked_out:
            publication["checkedOutBy"] = {"user": user(self.checked_out)}
        return {
            "@odata.context": f"{root}/$metadata#drives('{self.drive.id}')/items/$entity",
            "@microsoft.graph.downloadUrl": f"{root}/download/{self.id}",
            "createdDateTime": time_text(self.created),
            "createdBy": {"user": user(self.owner)},
            "eTag": f'"{{{self.guid}}},{self.version + self.metadata}"',
            "id": self.id,
            "lastModifiedDateTime": modified,
            "lastModifiedBy": who,
            "name": self.name,
            "parentReference": {
                "driveType": "documentLibrary",
                "driveId": self.drive.id,
                "id": self.drive.root,
                "path": f"/drives/{self.drive.id}/root:" + (f"/{self.folder}" if self.folder else ""),
                "siteId": self.site.collection,
            },
            "webUrl": self.url,
            "cTag": f'"c:{{{self.guid}}},{self.version}"',
            "file": {"mimeType": MIME_TYPE, "hashes": {"quickXorHash": ""}},
            "fileSystemInfo": {"createdDateTime": time_text(self.created), "lastModifiedDateTime": modified},
            "shared": {"scope": "users"},  # whatever links there are (OneDrive/onedrive-api-docs #1222)
            "folder": None,
            "deleted": None,
            "size": len(self.content()) if sized else 0,
            "publication": publication,
        }

    def permissions(self) -> list[dict[str, Any]]:
        """Who may do what: the library's members, and sharing links."""
        members: dict[str, Any] = {
            "id": "members",
            "roles": ["write"],
            "grantedToV2": {"siteGroup": {"id": "5", "displayName": f"Mitglieder von {self.site.name}"}},
        }
        links = [
            {
                "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.id}{scope}{kind}")),
                "roles": ["write" if kind == "edit" else "read"],
                "link": {"scope": scope, "type": kind, "webUrl": f"{self.site.url}/:x:/s/{self.id}"},
            }
            for scope, kind in self.links
        ]
        return [members, *links]


@dataclass
class _Pending:
    visible: datetime
    file: File
    who: str


class Tags:
    """What items show of changes so far: every content change ``lag`` seconds late, several as one."""

    def __init__(self, clock: Clock) -> None:
        self.lag = 0.0
        self._clock = clock
        self._pending: list[_Pending] = []

    def record(self, file: File, who: str) -> None:
        """The content changed."""
        now = self._clock.now()
        if self.lag and any(each.file is file and each.visible > now for each in self._pending):
            return
        self._pending.append(_Pending(now + timedelta(seconds=self.lag), file, who))
        self.publish()

    def rename(self, file: File, who: str) -> None:
        """Name, place or rights changed: at once, and without touching the cTag."""
        file.metadata += 1
        file.modified, file.modified_by = self._clock.now(), who

    def publish(self) -> None:
        """Let what is due be seen."""
        now = self._clock.now()
        for each in self._pending:
            if each.visible <= now:
                each.file.version += 1
                each.file.modified, each.file.modified_by = each.visible, each.who
        self._pending = [each for each in self._pending if each.visible > now]


def user(address: str) -> dict[str, str]:
    """A person as identity sets name them."""
    name = address.partition("@")[0].replace(".", " ").title()
    return {"email": address, "id": str(uuid.uuid5(uuid.NAMESPACE_URL, address)), "displayName": name}


def shared_url(token: str) -> str | None:
    """The address in ``u!…``; None when it is none."""
    if not token.startswith("u!"):
        return None
    text = token[2:]
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        return None


def _item_id() -> str:
    return "01" + base64.b32encode(secrets.token_bytes(20)).decode()
