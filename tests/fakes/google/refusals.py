"""What Google answers when it refuses: Sheets and token errors have one form, Drive's another."""

from __future__ import annotations

import json
from typing import Any

HTML_404 = (
    "<!DOCTYPE html>\n<html lang=en>\n<title>Error 404 (Not Found)!!1</title>\n"
    "<p><b>404.</b> <ins>That’s an error.</ins>\n<p>The requested URL was not found on this server.\n</html>\n"
)
HTML_502 = (
    "<!DOCTYPE html>\n<html lang=en>\n<title>Error 502 (Server Error)!!1</title>\n"
    "<p><b>502.</b> <ins>That’s an error.</ins>\n<p>The server encountered a temporary error. Please try again in 30 "
    "seconds.\n</html>\n"
)
NO_CREDENTIALS = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)
STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
PROTECTED = {
    "de": "Sie versuchen, eine geschützte Zelle oder ein geschütztes Objekt zu bearbeiten. Bitten Sie den Inhaber der "
    "Tabelle, den Schutz aufzuheben, falls Sie Änderungen vornehmen müssen.",
    "en": "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove "
    "protection if you need to edit.",
}


class Refused(Exception):
    """Google refuses a request with this status code and message; ``reason`` is what Drive adds to it."""

    def __init__(self, code: int, message: str, details: list[dict[str, Any]] | None = None, reason: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details or []
        self.reason = reason

    def at(self, place: str) -> Refused:
        """The same refusal, with the place inside a batch named as Google does."""
        return Refused(self.code, f"Invalid {place}: {self.message}", self.details, self.reason)

    def body(self, *, drive: bool) -> dict[str, Any]:
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if drive:
            domain = "usageLimits" if self.reason in USAGE_LIMITS else "global"
            error["errors"] = [{"message": self.message, "domain": domain, "reason": self.reason or "badRequest"}]
        if not drive or self.details:
            error["status"] = STATUS[self.code]
        if self.details:
            error["details"] = self.details
        return {"error": error}


USAGE_LIMITS = {"userRateLimitExceeded", "rateLimitExceeded", "dailyLimitExceeded", "accessNotConfigured"}


def encoded(content: dict[str, Any], *, pretty: bool = True) -> bytes:
    """JSON as Google writes it: with line breaks unless ``prettyPrint=false`` asks for a third of the size."""
    indent, separators = (2, (",", ": ")) if pretty else (None, (",", ":"))
    return json.dumps(content, ensure_ascii=False, indent=indent, separators=separators).encode() + b"\n"


def invalid(message: str) -> Refused:
    return Refused(400, message)


def unreadable(violations: list[tuple[str, str]]) -> Refused:
    """The body or the query does not fit its schema; ``violations`` are pairs of place and sentence."""
    details = [{"field": field, "description": text} if field else {"description": text} for field, text in violations]
    bad_request = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": details}
    return Refused(400, "\n".join(text for _, text in violations), [bad_request])


def bad_mask(mask: str, path: str) -> Refused:
    text = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    refused = unreadable([(mask, text)])
    return Refused(400, "Request contains an invalid argument.", refused.details, "invalidParameter")


def forbidden() -> Refused:
    """The account may not do this with the file: not shared, or shared for reading only."""
    return Refused(403, "The caller does not have permission", reason="insufficientFilePermissions")


def not_found(file_id: str, *, drive: bool) -> Refused:
    return Refused(
        404, f"File not found: {file_id}." if drive else "Requested entity was not found.", reason="notFound"
    )


def unauthenticated() -> Refused:
    return Refused(401, NO_CREDENTIALS, reason="authError")


def insufficient_scopes() -> Refused:
    info = error_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", {"service": "sheets.googleapis.com"})
    return Refused(403, "Request had insufficient authentication scopes.", [info], "insufficientPermissions")


def service_disabled(service: str, name: str) -> Refused:
    """The API was never enabled in the project of the service account."""
    message = (
        f"{name} has not been used in project 123456789012 before or it is disabled. Enable it by visiting "
        f"https://console.developers.google.com/apis/api/{service}/overview?project=123456789012 then retry. If you "
        "enabled this API recently, wait a few minutes for the action to propagate to our systems and retry."
    )
    info = error_info("SERVICE_DISABLED", {"service": service, "consumer": "projects/123456789012"})
    return Refused(403, message, [info], "accessNotConfigured")


def quota_exceeded(kind: str, limit: int) -> Refused:
    """The minute's reads or writes of this account are used up; ``kind`` is ``Read`` or ``Write``."""
    message = (
        f"Quota exceeded for quota metric '{kind} requests' and limit '{kind} requests per minute per user' of service "
        "'sheets.googleapis.com' for consumer 'project_number:123456789012'."
    )
    metadata = {
        "service": "sheets.googleapis.com",
        "consumer": "projects/123456789012",
        "quota_metric": f"sheets.googleapis.com/{kind.lower()}_requests",
        "quota_limit": f"{kind}RequestsPerMinutePerUser",
        "quota_limit_value": str(limit),
        "quota_location": "global",
    }
    help_ = {
        "@type": "type.googleapis.com/google.rpc.Help",
        "links": [
            {
                "description": "Request a higher quota limit.",
                "url": "https://cloud.google.com/docs/quotas/help/request_increase",
            }
        ],
    }
    return Refused(429, message, [error_info("RATE_LIMIT_EXCEEDED", metadata), help_], "rateLimitExceeded")


def error_info(reason: str, metadata: dict[str, str]) -> dict[str, Any]:
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": metadata,
    }


def protected(locale: str) -> Refused:
    """400, not 403, in the language of the spreadsheet."""
    return invalid(PROTECTED["de" if locale.startswith("de") else "en"])
