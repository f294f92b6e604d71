"""Signing in at Microsoft with msal as it is: what is wrong is said in a sentence, and secrets never."""

from __future__ import annotations

import threading
import traceback
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from syncsvc.errors import CredentialsRefused, PlatformBusy
from syncsvc.providers.http import Trouble
from syncsvc.providers.sharepoint.account import Account, Credential, roles_of
from tests.fakes.graph import certificates, faults
from tests.fakes.graph_server import TENANT, TENANT_NAME
from tests.providers.sharepoint.conftest import Graph


def refused(account: Account, *secrets: str) -> CredentialsRefused:
    with pytest.raises(CredentialsRefused) as raised:
        account.token()
    text = "".join(traceback.format_exception(raised.value)) + raised.value.hint
    assert "PRIVATE KEY" not in text
    assert "Trace ID" not in text
    assert not any(secret in text for secret in secrets)
    assert raised.value.hint
    return raised.value


def test_a_secret_opens_and_one_token_serves_all_threads(graph: Graph) -> None:
    tokens: set[str] = set()
    threads = [threading.Thread(target=lambda: tokens.add(graph.account.token())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(tokens) == 1
    assert graph.server.token_requests == 1


def test_a_certificate_opens(graph: Graph, tmp_path: Path) -> None:
    """The server takes only PS256 by the certificate's SHA-256 for this one, or RS256 by its SHA-1."""
    file = graph.app.certificates[0].file(tmp_path / "zugang.pem")

    assert roles_of(graph.sign_in(certificate=file).token()) == {"Files.ReadWrite.All", "Sites.ReadWrite.All"}


def test_the_certificate_may_stand_before_the_key_among_others(graph: Graph, tmp_path: Path) -> None:
    own, other = graph.app.certificates[0], certificates.application(7)
    file = tmp_path / "kette.pem"
    file.write_bytes(b"Bag Attributes\n" + other.certificate_pem + own.certificate_pem + own.key_pem)

    assert graph.sign_in(certificate=file).token()


def test_a_replaced_certificate_needs_no_restart(graph: Graph, tmp_path: Path) -> None:
    file = certificates.application(7).file(tmp_path / "zugang.pem")
    account = graph.sign_in(certificate=file)
    refused(account)
    graph.app.certificates[0].file(file)

    assert account.token()


def test_a_tenant_may_be_given_by_its_domain(graph: Graph) -> None:
    assert graph.sign_in(tenant=TENANT_NAME).token()


def test_a_refused_token_is_replaced(graph: Graph) -> None:
    """Once, however many threads had it refused."""
    first = graph.account.token()
    graph.account.renew(first)
    second = graph.account.token()
    graph.account.renew(first)

    assert second != first
    assert graph.account.token() == second


def test_the_scope_follows_from_the_root() -> None:
    """National clouds: the resource is the root's host (page "National cloud deployments")."""
    account = Account(Credential("t", "c", "s"), graph_root="https://microsoftgraph.chinacloudapi.cn/v1.0/")

    assert account.root == "https://microsoftgraph.chinacloudapi.cn/v1.0"
    assert account._scope == "https://microsoftgraph.chinacloudapi.cn/.default"


@pytest.mark.parametrize(
    ("given", "root"),
    [
        ("https://graph.microsoft.us", "https://graph.microsoft.us/v1.0"),
        ("https://graph.microsoft.us/", "https://graph.microsoft.us/v1.0"),
        ("https://graph.microsoft.us/v1.0/", "https://graph.microsoft.us/v1.0"),
        ("https://tor.traeger.example/graph", "https://tor.traeger.example/graph/v1.0"),
        ("https://graph.microsoft.us/beta", "https://graph.microsoft.us/beta"),
    ],
)
def test_a_root_may_lack_its_version(given: str, root: str) -> None:
    account = Account(Credential("t", "c", "s"), graph_root=given)

    assert account.root == root
    assert account._scope == f"https://{root.split('/')[2]}/.default"


@pytest.mark.parametrize("end", ["", "/", f"/{TENANT}", f"/{TENANT}/"])
def test_an_authority_may_have_the_tenant_with_it(graph: Graph, end: str) -> None:
    """As Microsoft's own pages write it."""
    credential = Credential(TENANT, graph.app.client_id, graph.app.secret)
    account = Account(credential, authority=graph.server.authority + end, graph_root=graph.server.graph_root)

    assert account.token()


def test_no_other_host_is_asked_about_the_authority(graph: Graph) -> None:
    """msal would ask login.microsoftonline.com about a host that it does not know."""
    assert graph.account.token()
    assert graph.server.service.troubles == []


@pytest.mark.parametrize(
    ("credential", "missing"),
    [
        (Credential(), "SYNCSVC_SHAREPOINT__TENANT, SYNCSVC_SHAREPOINT__CLIENT_ID"),
        (Credential(tenant="t"), "SYNCSVC_SHAREPOINT__CLIENT_ID"),
        (Credential("t", "c"), "SYNCSVC_SHAREPOINT__CLIENT_SECRET oder SYNCSVC_SHAREPOINT__CERTIFICATE_FILE"),
    ],
)
def test_what_is_not_set_is_named(credential: Credential, missing: str) -> None:
    assert f"Es fehlt: {missing}." in refused(Account(credential)).hint


def test_the_id_of_a_secret_is_no_secret(graph: Graph) -> None:
    error = refused(graph.sign_in(secret=graph.app.secret_id), graph.app.secret_id)

    assert error.message == "Microsoft nimmt den geheimen Clientschlüssel nicht an."
    assert "„Wert“" in error.hint


def test_an_expired_secret_is_named(graph: Graph) -> None:
    graph.app.secret_expires = graph.server.clock.now() - timedelta(days=1)

    assert refused(graph.account, graph.app.secret).message == "Der geheime Clientschlüssel ist abgelaufen."


def test_a_certificate_nobody_registered_is_named(graph: Graph, tmp_path: Path) -> None:
    account = graph.sign_in(certificate=certificates.application(7).file(tmp_path / "fremd.pem"))

    assert refused(account).message == "Microsoft kennt das Zertifikat der Anwendung nicht, oder es ist abgelaufen."


def test_an_unknown_application_is_named(graph: Graph) -> None:
    account = graph.sign_in(client_id="00000000-0000-0000-0000-000000000000")

    assert refused(account).message == "Diese Anwendung gibt es in diesem Mandanten nicht."


def test_an_unknown_tenant_is_named(graph: Graph) -> None:
    assert refused(graph.sign_in(tenant="nirgends.example")).message == "Diesen Mandanten gibt es nicht."


@pytest.mark.parametrize("word", ["invalid_client", "invalid_tenant"])
def test_a_refusal_without_a_number_is_none_that_passes(graph: Graph, word: str) -> None:
    """As OAuth has it (RFC 6749, 5.2); its text is not repeated."""
    answer = {"error": word, "error_description": "Secret 8Q~xyz of app is wrong."}
    graph.server.fault("token", faults.answer(401, answer))

    assert refused(graph.account, "8Q~xyz").message.endswith(f"nicht an ({word}).")


def test_a_scope_of_another_kind_is_named(graph: Graph) -> None:
    account = graph.sign_in(scope=f"{graph.server.authority}/Files.Read")

    assert "SYNCSVC_SHAREPOINT__SCOPE" in refused(account).hint


def test_a_root_of_another_cloud_is_named(graph: Graph) -> None:
    account = graph.sign_in(scope="https://graph.microsoft.us/.default")

    assert refused(account).message == "Microsoft Graph unter dieser Adresse gibt es in diesem Mandanten nicht."


def pem(tmp_path: Path, content: bytes) -> Path:
    file = tmp_path / "datei.pem"
    file.write_bytes(content)
    return file


OWN = certificates.application()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "privater Schlüssel und sein Zertifikat"),
        (OWN.key_pem, "privater Schlüssel und sein Zertifikat"),
        (OWN.certificate_pem, "privater Schlüssel und sein Zertifikat"),
        (OWN.key_pem + certificates.application(7).certificate_pem, "gehören nicht zusammen"),
        (OWN.key_pem.replace(b"a", b"b") + OWN.certificate_pem, "beschädigt"),
        (
            OWN.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.BestAvailableEncryption(b"geheim"),
            )
            + OWN.certificate_pem,
            "mit einem Kennwort verschlüsselt",
        ),
    ],
)
def test_a_file_that_is_no_certificate_is_explained(graph: Graph, tmp_path: Path, content: bytes, words: str) -> None:
    assert words in refused(graph.sign_in(certificate=pem(tmp_path, content))).message


def test_a_missing_file_is_named(graph: Graph, tmp_path: Path) -> None:
    file = tmp_path / "weg.pem"

    assert refused(graph.sign_in(certificate=file)).message == f"Die Zertifikatsdatei {file} ist nicht lesbar."


def test_other_kinds_of_keys_are_named(graph: Graph, tmp_path: Path) -> None:
    """msal signs with RSA only."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "syncsvc")])
    now = graph.server.clock.now()
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    block = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    content = block + builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    assert "RSA" in refused(graph.sign_in(certificate=pem(tmp_path, content))).message


def test_a_busy_sign_in_is_not_asked_sooner_than_msal_asks(graph: Graph) -> None:
    """msal answers from memory for five seconds, or as long as the server said."""
    graph.server.fault("token", faults.throttle(2))
    with pytest.raises(Trouble) as first:
        graph.account.token()
    with pytest.raises(Trouble) as second:
        graph.account.token()

    assert graph.server.token_requests <= 1
    assert type(first.value.error) is PlatformBusy
    assert first.value.error.retry_after == pytest.approx(2.5, abs=0.3)
    assert second.value.error.retry_after == pytest.approx(2.4, abs=0.4)
    assert not first.value.uncertain


@pytest.mark.parametrize(
    "fault", [faults.error(503), faults.error(502), faults.html(200), faults.drop(processed=False), faults.html(403)]
)
def test_a_sign_in_out_of_reach_is_a_wait(graph: Graph, fault: faults.Fault) -> None:
    """Also behind a proxy that answers with pages of its own."""
    graph.server.fault("token", fault)
    with pytest.raises(Trouble) as raised:
        graph.account.token()

    assert raised.value.error.message == "Die Anmeldung bei Microsoft ist gerade nicht erreichbar."


def test_an_untrusted_authority_is_explained(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(PlatformBusy) as raised:
        graph.sign_in().token()

    assert "REQUESTS_CA_BUNDLE" in raised.value.hint


def test_the_usual_variables_name_whom_to_trust(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    """SSL_CERT_FILE as well, which requests itself does not look at."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(graph.server.ca_file))

    assert graph.sign_in().token()


def test_the_doctor_hears_what_the_sign_in_can_do(graph: Graph, tmp_path: Path) -> None:
    file = graph.app.certificates[0].file(tmp_path / "zugang.pem")
    found = list(graph.sign_in(certificate=file).check())

    assert [check.ok for check in found] == [True, True]
    assert "mit Files.ReadWrite.All, Sites.ReadWrite.All" in found[0].text


def test_the_doctor_hears_of_a_missing_consent(graph: Graph) -> None:
    graph.app.roles = set()
    (found,) = graph.account.check()

    assert (found.ok, found.text) == (False, "SharePoint: Der Anwendung fehlt die Zustimmung eines Administrators.")


def test_an_account_is_named_without_its_secret(graph: Graph) -> None:
    assert graph.account.name == f"sharepoint:{graph.app.client_id}@{TENANT}"
