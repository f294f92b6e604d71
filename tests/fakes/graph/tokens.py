"""Entra ID: applications with secrets and certificates, and the endpoints that msal asks."""

from __future__ import annotations

import re
import secrets
import time
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives import hashes

from tests.fakes.google.clock import Clock
from tests.fakes.graph.certificates import Identity, application

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME = 3599
_REASONS = {
    7000215: (401, "invalid_client"),
    7000222: (401, "invalid_client"),
    700027: (401, "invalid_client"),
    700016: (400, "unauthorized_client"),
    700024: (401, "invalid_client"),
    90002: (400, "invalid_request"),
    1002012: (400, "invalid_scope"),
    500011: (400, "invalid_resource"),
    900144: (400, "invalid_request"),
    70003: (400, "unsupported_grant_type"),
    7000216: (401, "invalid_client"),
}
_TEXTS = """
7000215 Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the
        client secret ID, for a secret added to app '{app}'.
7000222 The provided client secret keys for app '{app}' are expired. Visit the Azure portal to create new keys for your
        app.
700027  The certificate with identifier used to sign the client assertion is not registered on application. [Reason -
        The key was not found.]
700016  Application with identifier '{app}' was not found in the directory '{tenant}'. This can happen if the
        application has not been installed by the administrator of the tenant.
700024  Client assertion is not within its valid time range.
90002   Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct
        cloud.
1002012 The provided value for scope {scope} is not valid. Client credential flows must have a scope value with
        /.default suffixed to the resource identifier (application ID URI).
500011  The resource principal named {scope} was not found in the tenant named {tenant}.
900144  The request body must contain the following parameter: '{scope}'.
70003   The app requested an unsupported grant type '{scope}'.
7000216 'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.
"""


@dataclass
class Application:
    """An app registration. ``roles`` are the application permissions an administrator consented to."""

    tenant: str
    client_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    name: str = "syncsvc"
    secret: str = field(default_factory=lambda: "8Q~" + secrets.token_urlsafe(30))
    secret_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    secret_expires: datetime | None = None
    certificates: list[Identity] = field(default_factory=lambda: [application(0)])
    roles: set[str] = field(default_factory=lambda: {"Files.ReadWrite.All", "Sites.ReadWrite.All"})
    opens_by_path: bool = True
    """Whether workbooks open when addressed by path, which fails for some callers."""
    opens_selected: bool = True
    """Whether ``Sites.Selected`` with a grant opens workbooks, which nobody has reported either way."""

    def has(self, *roles: str) -> bool:
        return bool(self.roles.intersection(roles))


@dataclass(frozen=True)
class _Token:
    application: Application
    audience: str
    expires: datetime


class _Rejected(Exception):
    def __init__(self, number: int, **words: str) -> None:
        super().__init__(number)
        self.number = number
        self.words = words


class Tokens:
    """Issues tokens to applications of its tenants, and knows which are still good."""

    def __init__(self, clock: Clock) -> None:
        self.root = ""
        """Where the server answers; authority and audience both."""
        self.applications: dict[str, Application] = {}
        self.tenants: dict[str, str] = {}
        """Tenant ids by every name of the tenant, the id among them."""
        self.resources: set[str] = set()
        """Audiences beside Graph for which tokens are given too."""
        self.requests = 0
        self._clock = clock
        self._issued: dict[str, _Token] = {}
        self._used: set[str] = set()

    def discovery(self, tenant: str) -> tuple[int, dict[str, Any]]:
        """Status and answer of ``/{tenant}/v2.0/.well-known/openid-configuration``."""
        if tenant not in self.tenants:
            return self._refused(_Rejected(90002, tenant=tenant))
        base = f"{self.root}/{self.tenants[tenant]}"
        return 200, {
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": f"{base}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "msgraph_host": self.root.removeprefix("https://"),
        }

    def instance(self, authorization_endpoint: str) -> tuple[int, dict[str, Any]]:
        """Status and answer of ``/common/discovery/instance``: this authority is known to itself."""
        if not authorization_endpoint.startswith("https://127.0.0.1"):
            return 400, {"error": "invalid_instance", "error_description": "AADSTS50049: Unknown or invalid instance."}
        tenant = authorization_endpoint.split("/")[3]
        host = self.root.removeprefix("https://")
        return 200, {
            "tenant_discovery_endpoint": f"{self.root}/{tenant}/v2.0/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
        }

    def endpoint(self, tenant: str, body: bytes, content_type: str) -> tuple[int, dict[str, Any]]:
        """Status and answer of ``POST /{tenant}/oauth2/v2.0/token``."""
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        try:
            if not content_type.startswith("application/x-www-form-urlencoded"):
                raise _Rejected(900144, scope="grant_type")
            return 200, self._granted(tenant, form)
        except _Rejected as rejected:
            return self._refused(rejected, form.get("client_id", ""), tenant)

    def _granted(self, tenant: str, form: dict[str, str]) -> dict[str, Any]:
        for name in ("grant_type", "client_id", "scope"):
            if not form.get(name):
                raise _Rejected(900144, scope=name)
        if form["grant_type"] != "client_credentials":
            raise _Rejected(70003, scope=form["grant_type"])
        if tenant not in self.tenants:
            raise _Rejected(90002)
        app = self.applications.get(form["client_id"])
        if app is None or app.tenant != self.tenants[tenant]:
            raise _Rejected(700016)
        scopes = [each for each in form["scope"].split() if each not in {"openid", "profile", "offline_access"}]
        if len(scopes) != 1 or not scopes[0].endswith("/.default"):
            raise _Rejected(1002012, scope=form["scope"])
        audience = scopes[0].removesuffix("/.default")
        if audience.rstrip("/") not in {self.root, *self.resources}:
            raise _Rejected(500011, scope=audience)
        self._authenticated(app, tenant, form)
        return {
            "token_type": "Bearer",
            "expires_in": LIFETIME,
            "ext_expires_in": LIFETIME,
            "access_token": self.issue(app, audience.rstrip("/")),
        }

    def _authenticated(self, app: Application, tenant: str, form: dict[str, str]) -> None:
        if form.get("client_assertion"):
            if form.get("client_assertion_type") != ASSERTION:
                raise _Rejected(900144, scope="client_assertion_type")
            self._verified(app, tenant, form["client_assertion"])
        elif "client_secret" not in form:
            raise _Rejected(7000216)
        elif form["client_secret"] != app.secret:
            raise _Rejected(7000215)
        elif app.secret_expires and app.secret_expires <= self._clock.now():
            raise _Rejected(7000222)

    def _verified(self, app: Application, tenant: str, assertion: str) -> None:
        """Signed with a registered certificate, PS256 by its SHA-256 or RS256 by its SHA-1 thumbprint; for us; once."""
        try:
            header = jwt.get_unverified_header(assertion)
        except jwt.PyJWTError:
            raise _Rejected(700027) from None
        name, algorithm, hash_ = (
            ("x5t#S256", "PS256", hashes.SHA256()) if "x5t#S256" in header else ("x5t", "RS256", hashes.SHA1())
        )
        identity = next(
            (each for each in app.certificates if _thumbprint(each, hash_) == str(header.get(name)).rstrip("=")), None
        )
        if identity is None:
            raise _Rejected(700027)
        audiences = [f"{self.root}/{each}/oauth2/v2.0/token" for each in {tenant, self.tenants[tenant]}]
        try:
            claims = jwt.decode(
                assertion,
                identity.key.public_key(),
                algorithms=[algorithm],
                audience=audiences,
                issuer=app.client_id,
                options={"require": ["aud", "iss", "sub", "exp", "jti"]},
            )
        except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError):
            raise _Rejected(700024) from None
        except jwt.PyJWTError:
            raise _Rejected(700027) from None
        # msal uses one assertion for nine minutes, so the same jti may come again; Entra does not mind.
        if claims["sub"] != app.client_id or not claims["jti"]:
            raise _Rejected(700027)
        if claims["exp"] > time.time() + 86400:
            raise _Rejected(700024)

    def issue(self, app: Application, audience: str = "") -> str:
        """A token as the endpoint gives it, for tests that do not care how one comes by it."""
        audience = audience or self.root
        claims = {
            "aud": audience,
            "iss": f"{self.root}/{app.tenant}/",
            "app_displayname": app.name,
            "appid": app.client_id,
            "idtyp": "app",
            "tid": app.tenant,
            "exp": int(self._clock.now().timestamp()) + LIFETIME,
            "uti": secrets.token_urlsafe(16),
        }
        if app.roles:  # without any consent there is no such claim
            claims["roles"] = sorted(app.roles)
        token = jwt.encode(claims, "nobody but Graph can check this signature", algorithm="HS256")
        self._issued[token] = _Token(app, audience, self._clock.now() + timedelta(seconds=LIFETIME))
        return token

    def holder(self, authorization: str) -> Application | str:
        """The application a bearer token speaks for, or why it is refused."""
        kind, _, text = authorization.partition(" ")
        if kind != "Bearer" or not text:
            return "Access token is empty."
        token = self._issued.get(text)
        if token is None:
            return "CompactToken parsing failed with error code: 80049217"
        if token.audience != self.root:
            return "Access token validation failure. Invalid audience."
        if token.expires <= self._clock.now():
            return "Lifetime validation failed, the token is expired."
        return token.application

    def expire_all(self) -> None:
        """Make every token issued so far worthless."""
        past = self._clock.now()
        self._issued = {text: _Token(each.application, each.audience, past) for text, each in self._issued.items()}

    def _refused(self, rejected: _Rejected, app: str = "", tenant: str = "") -> tuple[int, dict[str, Any]]:
        status, error = _REASONS[rejected.number]
        text = _text(rejected.number)
        words = {"app": app, "tenant": tenant, "scope": ""} | rejected.words
        trace, correlation, at = str(uuid.uuid4()), str(uuid.uuid4()), self._clock.now().strftime("%Y-%m-%d %H:%M:%SZ")
        description = (
            f"AADSTS{rejected.number}: {text.format(**words)} "
            f"Trace ID: {trace} Correlation ID: {correlation} Timestamp: {at}"
        )
        return status, {
            "error": error,
            "error_description": description,
            "error_codes": [rejected.number],
            "timestamp": at,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"{self.root}/error?code={rejected.number}",
        }


def _thumbprint(identity: Identity, hash_: hashes.HashAlgorithm) -> str:
    return urlsafe_b64encode(identity.certificate.fingerprint(hash_)).decode().rstrip("=")


def _text(number: int) -> str:
    match = re.search(rf"^{number} +(.+(?:\n .+)*)", _TEXTS, re.MULTILINE)
    assert match is not None
    return " ".join(match[1].split())
