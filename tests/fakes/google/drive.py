"""Files as Drive knows them: sharing, versions that lag behind, the feed of changes."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.fakes.google import refusals
from tests.fakes.google.clock import Clock
from tests.fakes.google.grid import Spreadsheet

MIME_TYPE = "application/vnd.google-apps.spreadsheet"
LINK = "anyoneWithLink"
_EDITING = {"owner", "writer"}
_DEFAULT_FIELDS = ("kind", "id", "name", "mimeType")


@dataclass(frozen=True)
class State:
    """A document before somebody changed it; ``act`` is the number of that change in the journal."""

    document: Spreadsheet
    who: str
    act: int


@dataclass
class File:
    """A spreadsheet in somebody's Drive. ``roles`` go by address, and by ``anyoneWithLink``."""

    document: Spreadsheet
    owner: str
    created: datetime
    roles: dict[str, str] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)
    """Whom it was ever shared with: their feeds tell them of its changes, and of its loss."""
    trashed: bool = False
    deleted: bool = False
    writers_can_share: bool = True
    version: int = 1
    modified: datetime | None = None
    modified_by: str = ""
    states: list[State] = field(default_factory=list)
    """Earlier states, oldest first: what "version history" offers."""

    def share(self, grantee: str, role: str | None) -> None:
        """Give an account (or the link) a role; None takes its share away."""
        self.roles = {each: own for each, own in self.roles.items() if each != grantee}
        if role:
            self.roles[grantee] = role
            self.met.add(grantee)

    def role(self, email: str) -> str | None:
        """What this account may do: owner, writer, reader, or None."""
        if self.deleted:
            return None
        direct, link = self.roles.get(email), self.roles.get(LINK)
        return link if link == "writer" and direct not in _EDITING else direct or link

    def may_edit(self, email: str) -> bool:
        return self.role(email) in _EDITING


@dataclass
class _Pending:
    visible: datetime
    file: File
    who: str


class Changes:
    """What Drive has noticed so far. People's edits show up ``lag`` seconds late, several as one; the rest at once."""

    def __init__(self, clock: Clock) -> None:
        self.lag = 0.0
        self._clock = clock
        self._pending: list[_Pending] = []
        self._feed: list[File] = []

    def record(self, file: File, who: str, *, late: bool = False) -> None:
        """A file changed: its content typed by a person (``late``), or anything else."""
        lag = self.lag if late else 0.0
        if lag and any(each.file is file for each in self._pending if each.visible > self._clock.now()):
            return
        self._pending.append(_Pending(self._clock.now() + timedelta(seconds=lag), file, who))
        self.publish()

    def publish(self) -> None:
        """Let what is due by now show."""
        now = self._clock.now()
        for each in sorted((each for each in self._pending if each.visible <= now), key=lambda each: each.visible):
            self._feed.append(each.file)
            each.file.version += 1 + len(self._feed) % 3  # it rises, but not by one
            each.file.modified, each.file.modified_by = each.visible, each.who
        self._pending = [each for each in self._pending if each.visible > now]

    def token(self) -> str:
        self.publish()
        return str(len(self._feed) + 1)

    def since(self, token: str, email: str) -> list[tuple[int, File]]:
        """The files of this account that changed since the token, each once at its last change, with its number."""
        self.publish()
        if not token.isdigit() or not 1 <= int(token) <= len(self._feed) + 1:
            raise refusals.Refused(400, "Invalid Value", reason="invalid")
        later = {file.document.id: number for number, file in enumerate(self._feed, 1) if number >= int(token)}
        found = [(number, self._feed[number - 1]) for number in sorted(later.values())]
        return [(number, file) for number, file in found if email in file.met]


def shown(file: File, email: str) -> dict[str, Any]:
    """The File resource as this account sees it.

    The list of permissions is for those who may share; readers are not given its ids either, which is unclear.
    """
    editor = file.may_edit(email)
    result: dict[str, Any] = {
        "kind": "drive#file",
        "id": file.document.id,
        "name": file.document.title,
        "mimeType": MIME_TYPE,
        "version": str(file.version),
        "createdTime": _time(file.created),
        "modifiedTime": _time(file.modified or file.created),
        "trashed": file.trashed,
        "explicitlyTrashed": file.trashed,
        "starred": False,
        "shared": len(file.roles) > 1,
        "ownedByMe": email == file.owner,
        "owners": [_user(file.owner, email)],
        "writersCanShare": file.writers_can_share,
        "webViewLink": f"https://docs.google.com/spreadsheets/d/{file.document.id}/edit",
        "spaces": ["drive"],
        "capabilities": {
            "canEdit": editor and not file.trashed,
            "canModifyContent": editor and not file.trashed,
            "canComment": editor,
            "canShare": editor and file.writers_can_share,
            "canRename": editor,
            "canTrash": email == file.owner,
            "canDelete": email == file.owner,
        },
    }
    if file.modified_by:
        result["lastModifyingUser"] = _user(file.modified_by, email)
    if editor:
        result["permissionIds"] = [permission_id(each) for each in file.roles]
        if file.writers_can_share:
            result["permissions"] = [_permission(each, role) for each, role in file.roles.items()]
    return result


def default_fields(resource: dict[str, Any]) -> dict[str, Any]:
    return {name: resource[name] for name in _DEFAULT_FIELDS}


def change(file: File, email: str, at: datetime) -> dict[str, Any]:
    """One entry of the feed; a file this account lost access to is ``removed``."""
    removed = file.role(email) is None
    result = {
        "kind": "drive#change",
        "changeType": "file",
        "type": "file",
        "time": _time(file.modified or at),
        "fileId": file.document.id,
        "removed": removed,
    }
    return result if removed else result | {"file": shown(file, email)}


def permission_id(grantee: str) -> str:
    """A stable number for an account; links have a name."""
    return grantee if grantee == LINK else f"{zlib.crc32(grantee.encode()):020d}"


def _permission(grantee: str, role: str) -> dict[str, Any]:
    kind = "anyone" if grantee == LINK else "user"
    result = {"kind": "drive#permission", "id": permission_id(grantee), "type": kind, "role": role}
    if kind == "anyone":
        return result | {"allowFileDiscovery": False}
    return result | {"emailAddress": grantee, "displayName": grantee.partition("@")[0], "deleted": False}


def _user(email: str, me: str) -> dict[str, Any]:
    return {
        "kind": "drive#user",
        "displayName": email.partition("@")[0],
        "me": email == me,
        "permissionId": permission_id(email),
        "emailAddress": email,
    }


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"
