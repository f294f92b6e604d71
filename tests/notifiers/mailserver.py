"""A mail server on this machine that keeps what it is given, and refuses what a test tells it to."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from syncsvc.notifiers.email import EmailNotifier


@dataclass
class MailServer:
    """``refused`` mailboxes are unknown to it; ``hangs_up`` ends the connection right after a mail's last byte."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    secure: list[bool] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    hangs_up: bool = False

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, to: str, options: Any) -> str:
        if to in self.refused:
            return "550 No such mailbox"
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.secure.append(session.ssl is not None)
        if self.hangs_up:
            assert server.transport is not None
            server.transport.abort()
        return "250 Queued"


class _Controller(Controller):
    def _trigger_server(self) -> None:
        """The first connection, which starts everything: here the port is known that the system chose."""
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(*, tls: ssl.SSLContext | None = None, password: str = "") -> Iterator[MailServer]:
    """A running server on a free port; with ``tls`` it demands STARTTLS, with ``password`` a login with it."""
    kept = MailServer()

    def login(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and data.password == password.encode()
        return AuthResult(success=right, handled=False)  # let the server answer

    controller = _Controller(
        kept,
        hostname="127.0.0.1",
        port=0,
        tls_context=tls,
        require_starttls=tls is not None,
        authenticator=login,
        auth_required=bool(password),
        auth_require_tls=tls is not None,
    )
    controller.start()
    kept.port = controller.port
    yield kept
    controller.stop(no_assert=True)


NOTIFIER = EmailNotifier(
    site="https://sync.example",
    server="127.0.0.1",
    port=0,
    tls="none",
    user="",
    password="",
    sender="tabellenabgleich@traeger.example",
    operator="betrieb@traeger.example",
    offices={"bsp": "buero@bsp.example"},
)


def notifier_for(server: MailServer, **settings: Any) -> EmailNotifier:
    return replace(NOTIFIER, port=server.port, **settings)
