"""msal 1.39 as it comes, signing in at the local Entra ID; and what tokens open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msal
import pytest
import requests
from cryptography.hazmat.primitives import hashes
from msal.exceptions import MsalServiceError

from tests.fakes.graph import certificates, faults
from tests.fakes.graph.client import TAB, Excel
from tests.fakes.graph.refusals import open_access_denied, open_unauthorized
from tests.fakes.graph.tokens import Application
from tests.fakes.graph_server import HOST, TENANT, TENANT_NAME, GraphServer


def sign_in(server: GraphServer, app: Application, credential: Any, **options: Any) -> dict[str, Any]:
    """What msal answers; by default as for a known application of the tenant."""
    tenant = options.pop("tenant", TENANT)
    scope = options.pop("scope", server.scope)
    with requests.Session() as session:
        session.trust_env, session.verify = False, str(server.ca_file)
        client = msal.ConfidentialClientApplication(
            options.pop("client_id", app.client_id),
            authority=f"{server.authority}/{tenant}",
            client_credential=credential,
            http_client=session,
            instance_discovery=options.pop("instance_discovery", False),
        )
        return dict(client.acquire_token_for_client([scope]))


def certificate(number: int = 0) -> dict[str, str]:
    identity = certificates.application(number)
    return {"private_key": identity.key_pem.decode(), "public_certificate": identity.certificate_pem.decode()}


def thumbprint() -> dict[str, str]:
    identity = certificates.application(0)
    sha1 = identity.certificate.fingerprint(hashes.SHA1()).hex()
    return {"private_key": identity.key_pem.decode(), "thumbprint": sha1}


def test_secret_and_both_kinds_of_certificate_sign_in(graph: GraphServer) -> None:
    """msal signs PS256 with x5t#S256 for a certificate, RS256 with x5t for a bare thumbprint."""
    app = graph.application()
    for credential in (app.secret, certificate(), thumbprint()):
        answer = sign_in(graph, app, credential)
        assert answer.get("token_type") == "Bearer", answer


def test_the_tenant_goes_by_name_too_and_instance_discovery_is_answered(graph: GraphServer) -> None:
    """msal asks a discovery address of one's own if it is given one."""
    app = graph.application()
    discovery = f"{graph.authority}/common/discovery/instance"

    assert "access_token" in sign_in(graph, app, app.secret, tenant=TENANT_NAME, instance_discovery=discovery)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"credential": "wrong"}, 7000215),
        ({"credential": certificate(1)}, 700027),
        ({"client_id": "00000000-0000-0000-0000-000000000000"}, 700016),
        ({"scope": "https://graph.microsoft.com/Files.ReadWrite.All"}, 1002012),
        ({"scope": "https://elsewhere.example/.default"}, 500011),
    ],
)
def test_refusals_carry_their_number(graph: GraphServer, given: dict[str, Any], code: int) -> None:
    """Learn "Microsoft Entra authentication and authorization error codes"."""
    app = graph.application()
    answer = sign_in(graph, app, **({"credential": app.secret} | given))

    assert answer["error_codes"] == [code]
    assert answer["error_description"].startswith(f"AADSTS{code}: ")


def test_an_expired_secret_and_an_unknown_tenant_have_words_of_their_own(graph: GraphServer) -> None:
    """7000222; an unknown tenant already fails when msal looks for its endpoints."""
    app = graph.application()
    app.secret_expires = graph.clock.now() - timedelta(days=1)

    assert sign_in(graph, app, app.secret)["error_codes"] == [7000222]
    with pytest.raises(ValueError, match="tenant name or GUID"):
        sign_in(graph, app, app.secret, tenant="nirgends.example")


def test_signing_in_has_faults_too(graph: GraphServer) -> None:
    """Entra ID answers 503 at times, at the discovery or at the token."""
    app = graph.application()
    for kind in ("discovery", "token"):
        graph.fault(kind, faults.error(503))
        with pytest.raises(MsalServiceError, match="503"):
            sign_in(graph, app, app.secret)

    assert "access_token" in sign_in(graph, app, app.secret)


def test_tokens_expire_and_are_for_one_audience(graph: GraphServer, excel: Excel) -> None:
    """Resources for another audience and old tokens are refused with InvalidAuthenticationToken."""
    graph.tokens.resources.add("https://vault.example")
    other = graph.tokens.issue(excel.app, "https://vault.example")
    response = excel.graph("GET", excel.item, headers={"Authorization": f"Bearer {other}"})
    assert (response.status_code, response.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")

    graph.clock.advance(3600)
    assert excel.refused("GET", "/worksheets")[:2] == (401, "InvalidAuthenticationToken")


@pytest.mark.parametrize(
    ("roles", "site", "item", "workbook"),
    [
        (["Files.ReadWrite.All", "Sites.ReadWrite.All"], 200, 200, 200),  # contrib issue 8691
        (["Files.ReadWrite.All"], 403, 200, 403),
        (["Sites.Selected"], 403, 403, 403),  # permissions-selected-overview.md: consent alone grants nothing
        (["User.Read.All"], 403, 403, 403),
    ],
)
def test_permissions_open_what_they_should(
    graph: GraphServer, roles: list[str], site: int, item: int, workbook: int
) -> None:
    """Api/site-getbypath.md, api/driveitem-get.md; the workbook as reports have it."""
    with (client := Excel(graph, graph.application(*roles), graph.workbook())).session:
        assert client.graph("GET", f"/sites/{HOST}:/sites/myturn").status_code == site
        assert client.graph("GET", client.item).status_code == item
        assert client.call("GET", "/worksheets").status_code == workbook


@pytest.mark.parametrize(("role", "reads", "writes"), [("write", 200, 200), ("read", 200, 403)])
def test_a_grant_opens_one_site(graph: GraphServer, role: str, reads: int, writes: int) -> None:
    """Permissions-selected-overview.md: roles read and write."""
    app = graph.application("Sites.Selected")
    graph.grant(app, role)
    with (client := Excel(graph, app, graph.workbook([["x"]]))).session:
        assert client.call("GET", f"{TAB}/usedRange").status_code == reads
        assert client.call("PATCH", f"{TAB}/range(address='A1')", json={"values": "y"}).status_code == writes
        assert client.graph("GET", f"/sites/{HOST}").status_code == 403

        app.opens_selected = False
        assert client.refused("GET", f"{TAB}/usedRange")[:2] == (403, "AccessDenied")


def test_files_may_refuse_to_be_opened(excel: Excel) -> None:
    """Docs issues 20649 (401 FileOpenUserUnauthorized) and 19404 (403 OpenWorkbookAccessDenied)."""
    excel.file.refusal = open_unauthorized()
    assert excel.refused("GET", "/worksheets")[:2] == (401, "FileOpenUserUnauthorized")

    excel.file.refusal = open_access_denied()
    assert excel.refused("GET", "/worksheets")[:2] == (403, "OpenWorkbookAccessDenied")
