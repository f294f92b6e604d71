"""Asking an OpenID provider who somebody is: code flow with PKCE, state and nonce, by Authlib.

One way for all providers: whatever is special about one stands in the settings (docs/anmeldung.md).
"""

from __future__ import annotations

import logging
from typing import Any, Final

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask, current_app, request, session
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

from syncsvc import logs
from syncsvc.core.openid import Claims, Provider

_LOG = logging.getLogger(__name__)

_EXTENSION: Final = "syncsvc.openid"

_SECONDS: Final = 10.0
"""How long one request to the provider may take."""

_SIGNATURES: Final = ("RS", "PS", "ES", "Ed")
"""Signed with the provider's own key. Never unsigned, and never with a secret that we know too."""


class Failed(Exception):
    """``why``: the provider is ``away``, the person ``declined`` there, or what came back was not ``valid``."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def register(app: Flask, provider: Provider | None) -> None:
    """Let people sign in at the provider; None: there is none."""
    if provider is None:
        return
    client = OAuth(app).register(
        "openid",
        client_id=provider.client_id,
        client_secret=provider.client_secret or None,
        server_metadata_url=provider.discovery,
        client_kwargs={
            "scope": "openid profile email", "code_challenge_method": "S256", "default_timeout": _SECONDS,
        },
    )  # fmt: skip
    app.extensions[_EXTENSION] = (provider, client)


def provider() -> Provider | None:
    """The provider people sign in at, if there is one."""
    found: tuple[Provider, Any] | None = current_app.extensions.get(_EXTENSION)
    return found[0] if found else None


def scheme() -> str:
    """How people reach these pages: the provider sends them back there, and to no other address it knows."""
    return "https" if current_app.config["SESSION_COOKIE_SECURE"] else request.scheme


def start(address: str) -> Response:
    """Send the browser to the provider, which sends it back to ``address``. Raises ``Failed``."""
    try:
        _, client = _known()
        _check(client)
        session.clear()  # what an earlier try left behind would fill the cookie
        sent: Response = client.authorize_redirect(address)
    except _TROUBLE as error:
        raise _failure(error) from error
    return sent


def finish() -> tuple[Provider, Claims]:
    """The claims about who came back; signature, issuer, audience, nonce and time are right. Raises ``Failed``."""
    try:
        found, client = _known()
        _check(client)
        token = client.authorize_access_token()
        claims: Claims = token["userinfo"]
        if not isinstance(claims["sub"], str) or claims["iss"] != found.issuer:
            raise ValueError("claims of nobody")
    except _TROUBLE as error:
        raise _failure(error) from error
    return found, claims


def _known() -> tuple[Provider, Any]:
    found: tuple[Provider, Any] | None = current_app.extensions.get(_EXTENSION)
    if found is None:
        raise Failed("valid")
    return found


def _check(client: Any) -> None:
    """Believe only what the issuer named in the settings says of itself."""
    said = client.load_server_metadata()
    expected = provider()
    if expected is None or said.get("issuer") != expected.issuer:
        client.server_metadata.pop("_loaded_at", None)  # ask again next time
        raise requests.ConnectionError("another issuer answers there")
    offered = said.get("id_token_signing_alg_values_supported") or ["RS256"]
    said["id_token_signing_alg_values_supported"] = [one for one in offered if one.startswith(_SIGNATURES)]


_TROUBLE = (AuthlibBaseError, JoseError, requests.RequestException, ValueError, LookupError, TypeError, RuntimeError)
"""All that comes of answers that are not as the standard wants them."""


def _failure(error: Exception) -> Failed:
    """What to tell the person; the log learns the kind, never what the provider wrote."""
    _LOG.warning("sign-in failed", extra={"page": request.endpoint, **logs.failure(error)})
    if isinstance(error, requests.RequestException):
        return Failed("away")
    if isinstance(error, OAuthError) and error.error == "access_denied":
        return Failed("declined")
    return Failed("valid")
