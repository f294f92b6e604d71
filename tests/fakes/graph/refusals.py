"""What Graph says when it refuses: one exception, in the shape of the page "Error handling for Excel APIs"."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

HTML_502 = (
    "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h2>Our services aren't available right "
    "now</h2></body></html>"
)
SHAPE = "The number of rows or columns in the input array doesn't match the size or dimensions of the range."
ARGUMENT = "The argument is invalid or missing or has an incorrect format."


_TOP = {
    400: "invalidRequest",
    401: "unauthenticated",
    403: "accessDenied",
    404: "resourceNotFound",
    405: "methodNotAllowed",
    409: "conflict",
    413: "requestSizeExceeded",
    423: "conflict",
    429: "tooManyRequests",
}
"""The top-level codes of the page "Error codes for Excel APIs"."""


@dataclass
class Refused(Exception):
    """An answer with an error. ``detail`` is the second-level code, by which clients are to decide."""

    status: int
    code: str
    message: str
    detail: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def body(self, at: datetime, client_request_id: str = "", *, nested: bool = False) -> dict[str, Any]:
        """The error object, with the ids by which Microsoft's support finds the request.

        ``nested``: as the pages write it, with a top code for the status alone and Excel's own code innermost.
        """
        request_id = str(uuid.uuid4())
        inner: dict[str, Any] = {"code": self.detail, "message": self.message} if self.detail else {}
        top = self.code
        if nested and self.detail:
            top = _TOP[self.status]
            inner["innerError"] = {"code": self.code, "message": self.message}
        inner |= {
            "date": at.strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": request_id,
            "client-request-id": client_request_id or request_id,
        }
        return {"error": {"code": top, "message": self.message, "innerError": inner}}


def encoded(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def bad_request(message: str) -> Refused:
    """What OData makes of a request it cannot read."""
    return Refused(400, "BadRequest", message, "badRequestUncategorized")


def invalid_argument(message: str = ARGUMENT) -> Refused:
    return Refused(400, "InvalidArgument", message, "invalidArgument")


def unknown_segment(name: str) -> Refused:
    return bad_request(f"Resource not found for the segment '{name}'.")


def not_found(message: str = "The requested resource doesn't exist.") -> Refused:
    """Something inside a workbook."""
    return Refused(404, "ItemNotFound", message, "itemNotFound")


def item_not_found() -> Refused:
    """A file, folder, drive or site."""
    return Refused(404, "itemNotFound", "The resource could not be found.")


def method_not_allowed() -> Refused:
    return Refused(405, "methodNotAllowed", "The HTTP method specified in the request is not allowed on the resource.")


def unauthenticated(message: str = "Access token is empty.") -> Refused:
    challenge = {"WWW-Authenticate": 'Bearer realm="", authorization_uri="", client_id=""'}
    return Refused(401, "InvalidAuthenticationToken", message, headers=challenge)


def expired() -> Refused:
    return unauthenticated("Lifetime validation failed, the token is expired.")


def access_denied(message: str = "Access denied") -> Refused:
    """On a site or file."""
    return Refused(403, "accessDenied", message)


def locked_cells() -> Refused:
    message = "You cannot perform the requested operation. The cell or chart you're trying to change is protected."
    return Refused(403, "AccessDenied", message, "accessDenied")


def no_wac_token() -> Refused:
    return Refused(403, "AccessDenied", "Could not obtain a WAC access token.")


def open_unauthorized() -> Refused:
    message = "You do not have permissions to open this file in the browser."
    return Refused(401, "FileOpenUserUnauthorized", message, "unauthorizedUncategorized")


def open_access_denied() -> Refused:
    """A file with a sensitivity label."""
    message = "We're sorry. This workbook cannot be opened because it's protected by Information Rights Management."
    return Refused(403, "OpenWorkbookAccessDenied", message, "forbiddenUncategorized")


def editing(who: str) -> Refused:
    return Refused(409, "EditModeCannotAcquireLock", f"{who} is editing this workbook.", "accessConflict")


def edit_mode_denied() -> Refused:
    """What some applications get for every ``createSession``: the documents know no application permission for it."""
    message = "You do not have permissions to edit this workbook."
    return Refused(403, "EditModeAccessDenied", message, "forbiddenUncategorized")


def read_only_site() -> Refused:
    message = "The workbook cannot be edited: SiteReadOnly, Database Is Read Only."
    return Refused(409, "EditModeCannotAcquireLock", message, "accessConflict")


def resource_locked() -> Refused:
    message = "The resource you are attempting to access is locked"
    return Refused(423, "notAllowed", message, "resourceLocked")


def crowded() -> Refused:
    """Two requests to one workbook at once."""
    message = "Too many requests are trying to edit this workbook."
    return Refused(429, "EditModeCannotAcquireLockTooManyRequests", message, "tooManyRequestsUncategorized")


def no_session(detail: str = "invalidSessionReCreatable") -> Refused:
    """A session that ended, or with another detail one that must not be made again."""
    message = "The session specified in the request does not exist or is invalid due to a transient error."
    return Refused(404, "itemNotFound", message, detail)


def insert_delete_conflict() -> Refused:
    return Refused(409, "InsertDeleteConflict", "The operation would cut through a table.", "insertDeleteConflict")


def filtered_range_conflict() -> Refused:
    message = "The operation failed because it conflicts with a filtered range."
    return Refused(409, "FilteredRangeConflict", message, "filteredRangeConflict")


def answer_too_large() -> Refused:
    message = "The response payload size has exceeded the limit. Please refer to our documentation."
    return Refused(400, "ResponsePayloadSizeLimitExceeded", message, "responsePayloadSizeLimitExceeded")


def request_too_large() -> Refused:
    message = "The request payload size has exceeded the limit. Please refer to our documentation."
    return Refused(413, "RequestPayloadSizeLimitExceeded", message, "payloadTooLargeUncategorized")


def range_too_large() -> Refused:
    message = "The cell count in range has exceeded the maximum supported number."
    return Refused(400, "RangeExceedsLimit", message, "rangeExceedsLimit")


def decoded(body: bytes) -> dict[str, Any]:
    return dict(json.loads(body))
