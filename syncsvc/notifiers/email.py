"""Letters by mail, through one SMTP server."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, localtime

from syncsvc.errors import Actor, DeliveryUnknown, NotDelivered
from syncsvc.ports.notify import Letter
from syncsvc.ports.tables import Check

SECONDS = 20.0
"""How long to wait for each answer of the server."""

_FAILURES = (OSError, ValueError)
"""smtplib's own errors are the first kind; a password or an address that it cannot spell is the second."""


@dataclass(frozen=True, slots=True)
class EmailNotifier:
    """``tls``: starttls, implicit or none; ``user`` and ``password`` may be empty. ``operator`` and ``offices`` (by
    project key) are mailboxes.
    """

    site: str
    server: str
    port: int
    tls: str
    user: str
    password: str
    sender: str
    operator: str
    offices: Mapping[str, str]

    def recipient(self, audience: Actor, project: str | None) -> str:
        """A project's office for its tables and accesses; the operator for everything else, and without an office."""
        concerns_project = audience in (Actor.TABLE, Actor.ACCESS) and project is not None
        return self.offices.get(project, self.operator) if concerns_project and project else self.operator

    def send(self, letter: Letter) -> None:
        """See ``Notifier.send``."""
        try:
            server = self._connect()
        except _FAILURES as error:
            raise NotDelivered from error
        try:
            server.send_message(self._message(letter))
        except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionError) as error:
            raise DeliveryUnknown from error
        except _FAILURES as error:
            raise NotDelivered from error
        finally:
            with suppress(OSError):
                server.quit()

    def check(self) -> Check:
        """See ``Notifier.check``."""
        try:
            self._connect().quit()
        except smtplib.SMTPAuthenticationError:
            hint = "user und SYNCSVC_MAIL__PASSWORD prüfen; Mitteilungen warten so lange."
            text = f"Der Mailserver {self.server}:{self.port} lässt den Dienst nicht hinein."
            return Check(ok=False, text=text, hint=hint)
        except _FAILURES:
            hint = "Server, Port, tls und Anmeldung unter [mail] prüfen; Mitteilungen warten so lange."
            return Check(
                ok=False, text=f"Der Mailserver {self.server}:{self.port} antwortet nicht wie er soll.", hint=hint
            )
        return Check(ok=True, text=f"Der Mailserver {self.server}:{self.port} antwortet.")

    def _connect(self) -> smtplib.SMTP:
        """A connection that letters may be given to, after the login."""
        server = (
            smtplib.SMTP_SSL(self.server, self.port, timeout=SECONDS, context=ssl.create_default_context())
            if self.tls == "implicit"
            else smtplib.SMTP(self.server, self.port, timeout=SECONDS)
        )
        try:
            if self.tls == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = letter.recipient
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(localtime())
        message["Message-ID"] = f"<{letter.number}@{self.sender.partition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # no out-of-office reply, please
        message.set_content(letter.text)
        return message
