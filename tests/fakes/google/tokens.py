"""Service accounts, their key files, and the token endpoint that checks what they sign."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.fakes.google.clock import Clock

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPES = "https://www.googleapis.com/auth/"
LIFETIME = 3599
_TIMEFRAME = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp "
    "values in the JWT claim."
)
_TOLERANCE = 300  # seconds a clock may be wrong


@cache
def make_key(number: int = 0) -> rsa.RSAPrivateKey:
    """A key, made once per process: making one takes a tenth of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Account:
    """A service account. Deleting its key makes every new token fail, as revoking one in the console does."""

    email: str
    project: str
    token_uri: str
    key: rsa.RSAPrivateKey = field(default_factory=make_key)
    key_id: str = field(default_factory=lambda: secrets.token_hex(20))
    revoked: bool = False

    def key_file(self, path: Path) -> Path:
        """Write the JSON key file that the console offers for download."""
        pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        content = {
            "type": "service_account",
            "project_id": self.project,
            "private_key_id": self.key_id,
            "private_key": pem.decode(),
            "client_email": self.email,
            "client_id": "100000000000000000000",
            "token_uri": self.token_uri,
            "universe_domain": "googleapis.com",
        }
        path.write_text(json.dumps(content), "utf-8")
        return path


@dataclass(frozen=True)
class _Token:
    account: Account
    scopes: frozenset[str]
    expires: datetime


class _Rejected(Exception):
    pass


class Tokens:
    """Issues opaque tokens for signed assertions, and knows which are still good."""

    def __init__(self, clock: Clock) -> None:
        self.accounts: dict[str, Account] = {}
        self._clock = clock
        self._issued: dict[str, _Token] = {}

    def endpoint(self, body: bytes, content_type: str) -> tuple[int, dict[str, Any]]:
        """Status and answer of ``POST /token``."""
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if not content_type.startswith("application/x-www-form-urlencoded") or form.get("grant_type") != GRANT:
            return 400, {"error": "unsupported_grant_type", "error_description": "Invalid grant_type: "}
        try:
            account, claims = self._verified(form.get("assertion", ""))
        except _Rejected as rejected:
            return 400, {"error": "invalid_grant", "error_description": str(rejected)}
        scopes = frozenset(str(claims.get("scope", "")).split())
        if not scopes or not all(scope.startswith(SCOPES) for scope in scopes):
            return 400, {
                "error": "invalid_scope",
                "error_description": "Invalid OAuth scope or ID token audience provided.",
            }
        token = self.issue(account, scopes)
        return 200, {"access_token": token, "expires_in": LIFETIME, "token_type": "Bearer"}

    def issue(self, account: Account, scopes: Iterable[str]) -> str:
        """A token as the endpoint gives it, for tests that do not care how one comes by it."""
        token = "ya29." + secrets.token_urlsafe(32)
        self._issued[token] = _Token(account, frozenset(scopes), self._clock.now() + timedelta(seconds=LIFETIME))
        return token

    def _verified(self, assertion: str) -> tuple[Account, dict[str, Any]]:
        try:
            head, payload, signature = assertion.split(".")
            header, claims = json.loads(_decoded(head)), json.loads(_decoded(payload))
            signed = _decoded(signature)
        except ValueError:
            raise _Rejected("Bad Request") from None
        account = self.accounts.get(claims.get("iss", ""))
        if account is None:
            raise _Rejected("Invalid grant: account not found")
        if header.get("alg") != "RS256" or header.get("kid", account.key_id) != account.key_id or account.revoked:
            raise _Rejected("Invalid JWT Signature.")
        try:
            public = account.key.public_key()
            public.verify(signed, f"{head}.{payload}".encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise _Rejected("Invalid JWT Signature.") from None
        if claims.get("aud") not in (account.token_uri, "https://oauth2.googleapis.com/token"):
            raise _Rejected("Invalid JWT: Failed audience check.")
        issued, expires, now = claims.get("iat", 0), claims.get("exp", 0), time.time()
        if not now - 3600 <= issued <= now + _TOLERANCE or not now < expires <= issued + 3600:
            raise _Rejected(_TIMEFRAME)
        return account, claims

    def holder(self, authorization: str) -> tuple[Account, frozenset[str]] | None:
        """Account and scopes of a bearer token; None when unknown or expired."""
        token = self._issued.get(authorization.removeprefix("Bearer "))
        if token is None or token.expires <= self._clock.now():
            return None
        return token.account, token.scopes

    def expire_all(self) -> None:
        """Make every token issued so far worthless."""
        self._issued.clear()


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
