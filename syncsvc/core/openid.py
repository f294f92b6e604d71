"""Who an OpenID provider says somebody is, and what that lets her do here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from marshmallow import ValidationError, fields, validate, validates_schema

from syncsvc.core.access import Role, misfit
from syncsvc.core.strict import Strict

Claims = Mapping[str, Any]

NAMES: Final = ("preferred_username", "email")
"""Claims that name a person, the first one there is, where the operator chose none."""

LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """Whoever has ``value`` in the provider's claim gets the role, for the project or the job centre with this key."""

    value: str
    role: Role
    project: str = ""
    jobcentre: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID provider. ``name`` stands on the button; ``claim`` is where its roles or groups stand (``a.b``).

    A ``client_secret`` that is empty makes a public client, whom PKCE alone protects.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str
    claim: str
    login_claim: str
    grants: tuple[Rule, ...]

    @property
    def discovery(self) -> str:
        """Where the provider says where everything is (OpenID Connect Discovery 1.0, section 4)."""
        return self.issuer.rstrip("/") + "/.well-known/openid-configuration"


def granted(provider: Provider, claims: Claims) -> tuple[Rule, ...]:
    """The rules whose value these claims hold, letter by letter: there are no patterns.

    An address of mail counts only if the provider says that it has verified it: elsewhere people choose theirs.
    """
    if provider.claim == "email" and claims.get("email_verified") is not True:
        return ()
    found = _at(claims, provider.claim)
    values = {found} if isinstance(found, str) else {one for one in _items(found) if isinstance(one, str)}
    return tuple(rule for rule in provider.grants if rule.value in values)


def login_name(provider: Provider, claims: Claims) -> str:
    """What to call this person, in one line; empty if the claims name her by nothing. It proves nothing."""
    places = (provider.login_claim,) if provider.login_claim else NAMES
    for place in places:
        if isinstance(found := _at(claims, place), str) and (name := " ".join(found.split())):
            return "".join(sign for sign in name if sign.isprintable())[:LONGEST_NAME]
    return ""


def _at(claims: Claims, path: str) -> Any:
    """What stands at ``realm_access.roles``, or under a name with dots such as an address."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _items(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


_SECURE = validate.Regexp(
    r"https://[^/\s]+|http://(127\.0\.0\.1|localhost)(?![^:/])",
    error="Adresse erwartet, die mit https:// beginnt.",
)


def _text(default: str = "", *checks: validate.Validator) -> fields.String:
    return fields.String(load_default=default, validate=checks, error_messages={"invalid": "Text erwartet."})


class RuleSchema(Strict):
    """One ``[[login.oidc.grants]]``."""

    value = fields.String(required=True, validate=validate.Length(min=1, error="Diese Angabe ist leer."))
    role = fields.Enum(
        Role, by_value=True, required=True, error_messages={"unknown": f"Möglich sind: {', '.join(Role)}."}
    )
    project = _text()
    jobcentre = _text()

    @validates_schema
    def _fits(self, data: dict[str, Any], **_: Any) -> None:
        if mistake := misfit(data["role"], project=bool(data["project"]), jobcentre=bool(data["jobcentre"])):
            raise ValidationError({"role": [mistake]})


class ProviderSchema(Strict):
    """``[login.oidc]``."""

    issuer = _text("", _SECURE)
    client_id = _text()
    client_secret = _text()
    name = _text("Anmeldedienst")
    claim = _text("roles")
    login_claim = _text()
    grants = fields.List(
        fields.Nested(RuleSchema), load_default=list, error_messages={"invalid": "Liste von Angaben erwartet."}
    )

    @validates_schema
    def _complete(self, data: dict[str, Any], **_: Any) -> None:
        if data["issuer"] and not data["client_id"]:
            raise ValidationError({"client_id": ["Wer sich über einen Dienst anmeldet, braucht diese Angabe."]})


def provider_from(data: Mapping[str, Any]) -> Provider | None:
    """The provider of what ``ProviderSchema`` loaded; None while no issuer is named."""
    if not data["issuer"]:
        return None
    return Provider(**{**data, "grants": tuple(Rule(**rule) for rule in data["grants"])})
