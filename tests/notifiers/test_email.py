"""Letters arrive as they were written, and what went wrong says whether they may have arrived."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from syncsvc.errors import Actor, DeliveryUnknown, NotDelivered
from syncsvc.ports.notify import Letter
from tests.notifiers.mailserver import NOTIFIER, MailServer, mail_server, notifier_for

LETTER = Letter("b7", "buero@bsp.example", "Tabellenabgleich: 1 Mitteilung", "Bitte prüfen: „Müllerstraße“.\n")


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


def test_a_letter_arrives_with_its_umlauts_and_its_number(server: MailServer) -> None:
    notifier_for(server).send(LETTER)

    (mail,) = server.mails
    assert (mail["To"], mail["From"]) == ("buero@bsp.example", "tabellenabgleich@traeger.example")
    assert mail["Subject"] == "Tabellenabgleich: 1 Mitteilung"
    assert mail.get_content().replace("\r\n", "\n") == LETTER.text
    assert mail["Message-ID"] == "<b7@traeger.example>"
    assert mail["Auto-Submitted"] == "auto-generated", "no out-of-office reply comes back (RFC 3834)"


def test_a_server_that_is_away_means_it_did_not_leave() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: nobody else can answer there meanwhile
        with pytest.raises(NotDelivered) as caught:
            notifier_for(MailServer(taken.getsockname()[1])).send(LETTER)
    assert not isinstance(caught.value, DeliveryUnknown)


def test_a_refused_mailbox_means_it_did_not_leave(server: MailServer) -> None:
    server.refused = {"buero@bsp.example"}
    with pytest.raises(NotDelivered) as caught:
        notifier_for(server).send(LETTER)
    assert not isinstance(caught.value, DeliveryUnknown)
    assert "bsp.example" not in caught.value.message


def test_a_connection_that_breaks_before_the_answer_leaves_it_open(server: MailServer) -> None:
    server.hangs_up = True
    with pytest.raises(DeliveryUnknown):
        notifier_for(server).send(LETTER)
    assert len(server.mails) == 1, "it had arrived"


def test_starttls_with_a_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cert, key = certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    with mail_server(tls=context, password="geheim") as server:
        notifier = notifier_for(server, tls="starttls", user="syncsvc", password="geheim")
        with pytest.raises(NotDelivered):
            notifier.send(LETTER)  # nobody vouches for the certificate
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        assert notifier.check().ok
        for wrong in ("falsch", "Schlüssel"):  # what is not ASCII the library cannot even say to the server
            refused = notifier_for(server, tls="starttls", user="syncsvc", password=wrong)
            assert not refused.check().ok
            with pytest.raises(NotDelivered) as caught:
                refused.send(LETTER)
            assert not isinstance(caught.value, DeliveryUnknown)
        notifier.send(LETTER)

    assert server.secure == [True]


def test_the_check_says_whether_the_server_answers_and_sends_nothing(server: MailServer) -> None:
    assert notifier_for(server).check().ok
    assert not notifier_for(server, tls="starttls").check().ok, "this server speaks plainly only"
    assert server.mails == []


@pytest.mark.parametrize(
    ("audience", "project", "mailbox"),
    [
        (Actor.TABLE, "bsp", "buero@bsp.example"),
        (Actor.ACCESS, "bsp", "buero@bsp.example"),
        (Actor.TABLE, "abc", "betrieb@traeger.example"),
        (Actor.PLATFORM, "bsp", "betrieb@traeger.example"),
        (Actor.OPERATOR, "bsp", "betrieb@traeger.example"),
        (Actor.TABLE, None, "betrieb@traeger.example"),
    ],
)
def test_who_gets_it(audience: Actor, project: str | None, mailbox: str) -> None:
    """A project's office reads of its own tables only; what nobody else can mend is the operator's."""
    assert NOTIFIER.recipient(audience, project) == mailbox
