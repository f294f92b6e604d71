"""From a path to the site, library or file it names, in the ways Graph knows: by id, by path, by sharing link."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from tests.fakes.graph import refusals
from tests.fakes.graph.items import Drive, File, Site, shared_url

_SITE_BY_PATH = re.compile(r"sites/([^/:]+):/([^:]*?)(?:$|:(?:/(.*))?$)")
_ITEM = re.compile(r"items/([^/:]+)(?:/(.*))?$")
_BY_PATH = re.compile(r"root:/([^:]+)(?:$|:(?:/(.*))?$)")


@dataclass(frozen=True)
class Place:
    """What a path names, the folder it may be, and what follows it. ``by_path``: the file was told by its path."""

    site: Site
    drive: Drive | None = None
    file: File | None = None
    folder: str | None = None
    rest: str = ""
    by_path: bool = False


class Library:
    """All sites and files of a tenant."""

    def __init__(self) -> None:
        self.sites: list[Site] = []
        self.files: dict[str, File] = {}

    def place(self, path: str) -> Place:
        """``sites/…``, ``drives/…`` or ``shares/…``; the path is still percent-encoded."""
        if match := _SITE_BY_PATH.match(path):
            site = self._site_at(match[1], unquote(match[2]).strip("/"))
            return self._in_site(site, match[3] or "")
        head, _, rest = path.partition("/")
        if head == "sites":
            site_id, _, below = rest.partition("/")
            return self._in_site(self._site(unquote(site_id)), below)
        if head == "drives":
            drive_id, _, below = rest.partition("/")
            site, drive = self._drive(unquote(drive_id))
            return self._in_drive(site, drive, below)
        if head == "shares":
            return self._shared(rest)
        raise refusals.unknown_segment(head)

    def file(self, drive: Drive, path: str) -> File | None:
        """The file of this path in a library; case does not matter."""
        for each in self.files.values():
            if each.drive is drive and not each.deleted and each.path.casefold() == path.casefold():
                return each
        return None

    def _site_at(self, host: str, path: str) -> Site:
        for each in self.sites:
            if each.host.casefold() == host.casefold() and each.path.casefold() == path.casefold():
                return each
        raise refusals.item_not_found()

    def _site(self, site_id: str) -> Site:
        if site_id == "root" and self.sites:
            return self._site_at(self.sites[0].host, "")
        for each in self.sites:
            if site_id in (each.id, each.collection):
                return each
        return self._site_at(site_id, "")

    def _drive(self, drive_id: str) -> tuple[Site, Drive]:
        for site in self.sites:
            for drive in site.drives:
                if drive.id == drive_id:
                    return site, drive
        raise refusals.item_not_found()

    def _in_site(self, site: Site, rest: str) -> Place:
        head, _, below = rest.partition("/")
        if head == "drive":
            return self._in_drive(site, site.drives[0], below)
        if head == "drives" and below:
            drive_id, _, below = below.partition("/")
            owner, drive = self._drive(unquote(drive_id))
            if owner is not site:
                raise refusals.item_not_found()
            return self._in_drive(site, drive, below)
        return Place(site, rest=rest)

    def _in_drive(self, site: Site, drive: Drive, rest: str) -> Place:
        if match := _BY_PATH.match(rest):
            path = unquote(match[1]).strip("/")
            file = self.file(drive, path)
            if file is None and not self._folder(drive, path):
                raise refusals.item_not_found()
            folder = None if file else path
            return Place(site, drive, file, folder, match[2] or "", by_path=True)
        if rest == "root" or rest.startswith("root/"):
            return Place(site, drive, folder="", rest=rest[5:])
        if match := _ITEM.match(rest):
            if match[1] == drive.root:
                return Place(site, drive, folder="", rest=match[2] or "")
            file = self.files.get(unquote(match[1]))
            if file is None or file.deleted or file.drive is not drive:
                raise refusals.item_not_found()
            return Place(site, drive, file, rest=match[2] or "")
        return Place(site, drive, rest=rest)

    def _folder(self, drive: Drive, path: str) -> bool:
        start = f"{path}/".casefold()
        return any(
            each.drive is drive and not each.deleted and each.path.casefold().startswith(start)
            for each in self.files.values()
        )

    def _shared(self, rest: str) -> Place:
        token, _, below = rest.partition("/")
        head, _, below = below.partition("/")
        url = shared_url(unquote(token))
        if url is None or head != "driveItem":
            raise refusals.Refused(400, "invalidRequest", "The sharing token isn't valid.")
        wanted = unquote(url.partition("?")[0]).casefold()
        for file in self.files.values():
            if not file.deleted and wanted in (file.url.casefold(), f"{file.site.url}/:x:/s/{file.id}".casefold()):
                return Place(file.site, file.drive, file, rest=below)
        raise refusals.item_not_found()
