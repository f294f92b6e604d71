"""What an OpenID provider's claims grant, and what a person is called."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from syncsvc.core.access import Role
from syncsvc.core.openid import Provider, Rule, granted, login_name

LEAD, BSP = Rule("leitung", Role.PROGRAMME), Rule("/projekte/bsp", Role.PROJECT, project="bsp")
KEYCLOAK = Provider(
    "https://login.example/realms/myturn", "x", "geheim", "Konto", "realm_access.roles", "", (LEAD, BSP)
)


@pytest.mark.parametrize(
    ("claim", "claims", "expected"),
    [
        ("realm_access.roles", {"realm_access": {"roles": ["leitung"]}}, (LEAD,)),
        ("realm_access.roles", {"realm_access": {"roles": ["x", "/projekte/bsp", "leitung"]}}, (LEAD, BSP)),
        ("groups", {"groups": ["/projekte/bsp"]}, (BSP,)),
        ("hd", {"hd": "leitung"}, (LEAD,)),
        ("https://traeger.example/rollen", {"https://traeger.example/rollen": ["leitung"]}, (LEAD,)),
        ("groups", {}, ()),
        ("groups", {"groups": None}, ()),
        ("groups", {"groups": "leitungen"}, ()),
        ("groups", {"groups": ["Leitung", " leitung", "leitung "]}, ()),
        ("groups", {"groups": [["leitung"], {"leitung": 1}, 7]}, ()),
        ("groups", {"groups": {"leitung": True}}, ()),
        ("realm_access.roles", {"realm_access": "roles"}, ()),
        ("realm_access.roles", {"realm_access": ["roles"]}, ()),
    ],
)
def test_a_value_grants_only_where_it_stands_letter_by_letter(
    claim: str, claims: dict[str, Any], expected: tuple[Rule, ...]
) -> None:
    assert granted(replace(KEYCLOAK, claim=claim), claims) == expected


@pytest.mark.parametrize(("verified", "counts"), [(True, True), (False, False), (None, False), ("true", False)])
def test_an_address_counts_only_when_the_provider_has_verified_it(verified: object, counts: bool) -> None:
    """At some providers people type in whatever address they like."""
    provider = replace(KEYCLOAK, claim="email", grants=(Rule("anna.mueller@traeger.example", Role.PROGRAMME),))
    claims = {"email": "anna.mueller@traeger.example", "email_verified": verified}

    assert bool(granted(provider, claims)) is counts


@pytest.mark.parametrize(
    ("login_claim", "claims", "name"),
    [
        ("", {"preferred_username": "leyla.demir", "email": "l@traeger.example"}, "leyla.demir"),
        ("", {"email": "l@traeger.example"}, "l@traeger.example"),
        ("name", {"name": "  Leyla\n Demir ", "preferred_username": "x"}, "Leyla Demir"),
        ("name", {"preferred_username": "x"}, ""),
        ("", {"preferred_username": "", "email": 7}, ""),
        ("", {"preferred_username": "a" * 300}, "a" * 100),
        ("", {"preferred_username": "Leyla\u202eDemir"}, "LeylaDemir"),
    ],
)
def test_a_person_is_called_what_the_claim_says_in_one_line(
    login_claim: str, claims: dict[str, Any], name: str
) -> None:
    assert login_name(replace(KEYCLOAK, login_claim=login_claim), claims) == name


def test_the_secret_is_not_shown_with_the_provider() -> None:
    assert "geheim" not in repr(KEYCLOAK)
