"""Where people say that a workbook is: a path in a site, a pasted address, or ids."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlsplit

from syncsvc.errors import ConfigurationError

_WAYS = ({"site", "path"}, {"link"}, {"drive", "item"})
_TAB = {"worksheet", "worksheet_id", "table", "table_id"}
KEYS = {"site", "path", "link", "drive", "item", *_TAB}
"""Every part that a location may have."""

_HINT = (
    "Möglich sind site und path, link (die Adresse aus dem Browser oder aus „Freigeben“), oder drive und item; dazu "
    "worksheet oder table."
)
_SITE = re.compile(r"(?:https?://)?(?P<host>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?:,[0-9a-fA-F,-]+)?)(?::?/(?P<path>.*))?")
"""The host may be a site's whole id: host and two numbers."""

_PAGE = re.compile(r"(?:\A|/)(?:SitePages|_layouts)(?:/|\Z)|[?#]")
"""Where the address of a page in a site stops being the site's."""


def place(location: Mapping[str, str]) -> dict[str, str]:
    """The location in one spelling. Touches nothing. Raises ``ConfigurationError`` in a sentence.

    ``site`` becomes ``host:/sites/x`` (only ``host`` for the root site), ``path`` begins with a slash, ``link`` is an
    https address. An empty ``table_id`` says that the tab has no Excel table.
    """
    given = {key: value.strip() for key, value in location.items()}
    found = {key for key, value in given.items() if value}
    way = next((way for way in _WAYS if way <= found), None)
    if way is None:
        raise ConfigurationError("Im Ort der Tabelle fehlt, welche Mappe es ist.", hint=_HINT)
    if not found & _TAB:
        raise ConfigurationError("Im Ort der Tabelle fehlt: worksheet oder table.", hint=_HINT)
    if "site" in given:
        given["site"] = _site(given["site"])
    if "path" in given:
        given["path"] = _path(given["path"])
    if "link" in given:
        given["link"] = _link(given["link"])
    return {key: value for key, value in given.items() if value or key == "table_id"}


def share_token(link: str) -> str:
    """How Graph wants an address in ``/shares/{token}/driveItem``."""
    return "u!" + base64.urlsafe_b64encode(link.encode()).decode().rstrip("=")


def quoted_path(path: str) -> str:
    """A path in a library for an address: every part percent-encoded."""
    return quote(path.strip("/"), safe="/")


def _site(typed: str) -> str:
    found = _SITE.fullmatch(typed)
    path = unquote(_PAGE.split(found["path"] or "")[0]).strip("/") if found else ""
    if found is None or _climbs(path):
        raise ConfigurationError(
            "site nennt keine Site.",
            hint="Zum Beispiel contoso.sharepoint.com:/sites/myturn, oder deren Adresse im Browser.",
        )
    return f"{found['host'].lower()}:/{path}" if path else found["host"].lower()


def _path(typed: str) -> str:
    path = "/" + "/".join(part for part in typed.replace("\\", "/").split("/") if part)
    if not path.lower().endswith(".xlsx") or _climbs(path):
        raise ConfigurationError(
            "path nennt keine .xlsx-Datei.", hint="Andere Formate gehen über Microsoft Graph nicht."
        )
    return path


def _climbs(path: str) -> bool:
    """Whether it has steps up: they would end at another of Graph's addresses, asked for with the service's rights."""
    return not {".", ".."}.isdisjoint(path.split("/"))


def _link(typed: str) -> str:
    parts = urlsplit(typed)
    if parts.scheme != "https" or not parts.netloc:
        raise ConfigurationError(
            "link ist keine https-Adresse.", hint="Die Adresse aus dem Browser oder aus „Freigeben“ angeben."
        )
    return typed
