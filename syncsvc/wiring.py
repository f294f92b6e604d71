"""The composition root: settings in, a ``Runtime`` out."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

from syncsvc.errors import ConfigurationError, KeyMissing
from syncsvc.notifiers.email import EmailNotifier
from syncsvc.ports.clock import SystemClock
from syncsvc.ports.notify import Notifier, NullNotifier
from syncsvc.ports.tables import Check
from syncsvc.providers.google.account import Account
from syncsvc.providers.registry import Registry
from syncsvc.providers.sharepoint import account as sharepoint
from syncsvc.services import vocabularies
from syncsvc.services.leases import process_name
from syncsvc.services.rests import rests_of
from syncsvc.services.runtime import Digests, Host, Runtime
from syncsvc.services.writers import Writers
from syncsvc.settings import Settings, given_variables
from syncsvc.store.database import Database, is_current, upgrade
from syncsvc.store.vault import Vault, load_or_create_keys

KEY_FILE = "encryption.key"
SESSION_KEY_FILE = "session.key"


def build(settings: Settings) -> Runtime:
    """Everything the use cases work with. The embedded database is made, or brought up to date, on the way.

    Raises ``ConfigurationError`` or a database error. On PostgreSQL nothing is opened yet: the first session raises
    ``DatabaseOutdated`` until ``syncsvc db upgrade`` was run.
    """
    database = open_database(settings)
    if settings.database_file and not is_current(database):
        upgrade(database)
    clock = SystemClock()
    return Runtime(
        database=database,
        tables=Registry(
            settings.data_dir,
            settings.copies,
            google=Account(settings.google.credentials_file, settings.google.api_root),
            application=sharepoint_account(settings, rests_of(database, clock)),
            writers=Writers(database, clock),
            folder=settings.workbook.folder,
        ),
        clock=clock,
        vocabularies=vocabularies.load(),
        holder=process_name(),
        retention=settings.retention,
        notifier=notifier(settings),
        digests=Digests(settings.mail.digests, settings.mail.digest_references),
        host=Host(settings.data_dir, given_variables()),
    )


def sharepoint_account(settings: Settings, rests: Callable[[str, float], None] = lambda *_: None) -> sharepoint.Account:
    """The application that opens workbooks on SharePoint; nothing is asked of Microsoft yet. ``rests``: as there."""
    given = settings.sharepoint
    return sharepoint.Account(
        sharepoint.Credential(given.tenant, given.client_id, given.client_secret, given.certificate_file),
        authority=given.authority,
        graph_root=given.graph_root,
        scope=given.scope,
        rests=rests,
    )


def check_sign_ins(settings: Settings) -> Iterator[Check]:
    """Whether the platforms let the service in whose sign-in works without a table; nothing for those not set up."""
    account = sharepoint_account(settings)
    if account.is_set:
        yield from account.check()


def notifier(settings: Settings) -> Notifier:
    """What brings notices to people: mail where a server is named, otherwise nothing."""
    mail = settings.mail
    if not mail.server:
        return NullNotifier()
    return EmailNotifier(
        site=settings.web.url.rstrip("/"),
        server=mail.server,
        port=mail.port,
        tls=mail.tls,
        user=mail.user,
        password=mail.password,
        sender=mail.sender,
        operator=mail.operator,
        offices=mail.offices,
    )


def open_database(settings: Settings) -> Database:
    """The database as it is, not brought up to date. Makes the data folder and, at the first start, the key file.

    Raises ``KeyMissing`` when there is a database but no key, ``ConfigurationError`` when the data folder cannot be
    made or PostgreSQL has no key.
    """
    make_data_dir(settings.data_dir)
    return Database(settings.database_url, Vault(settings.encryption_keys or _embedded_keys(settings)))


def secret_key(settings: Settings) -> str:
    """What signs the sessions of the web pages; with the embedded database a file keeps it.

    Raises ``ConfigurationError`` where PostgreSQL has none.
    """
    if settings.secret_key:
        return settings.secret_key
    if settings.database_file is None:
        raise ConfigurationError("Mit PostgreSQL muss SYNCSVC_SECRET_KEY gesetzt sein.")
    return b64encode(load_or_create_keys(settings.data_dir / SESSION_KEY_FILE)[0]).decode()


def make_data_dir(folder: Path) -> None:
    """Make the data folder, closed to other accounts: it holds copies of tables. Raises ``ConfigurationError``."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"Der Datenordner {folder} lässt sich nicht anlegen.",
            hint="Rechte prüfen oder mit SYNCSVC_DATA_DIR einen anderen wählen.",
        ) from error


def _embedded_keys(settings: Settings) -> tuple[bytes, ...]:
    if settings.database_file is None:
        raise ConfigurationError(
            "Mit PostgreSQL muss SYNCSVC_ENCRYPTION_KEYS gesetzt sein.",
            hint="Einen neuen Schlüssel macht: openssl rand -base64 32",
        )
    path = key_file(settings)
    # In this order: another process at its first start makes the key before the database.
    if settings.database_file.exists() and not path.exists():
        raise KeyMissing(f"Der Schlüssel der Datenbank fehlt: {path} ist nicht da.")
    return load_or_create_keys(path)


def key_file(settings: Settings) -> Path:
    """Where the embedded database has its keys."""
    return settings.data_dir / KEY_FILE


def known_vault(settings: Settings) -> Vault:
    """The vault of the keys that are there; none is made. Raises ``KeyMissing``."""
    if not settings.encryption_keys and not key_file(settings).exists():
        raise KeyMissing(
            f"Der Schlüssel der Datenbank fehlt: {key_file(settings)} ist nicht da.",
            hint="Die Schlüsseldatei, die zur Sicherung gehört, zuerst dorthin legen.",
        )
    return Vault(settings.encryption_keys or load_or_create_keys(key_file(settings)))


def check_key_file(settings: Settings) -> Check | None:
    """Whether only the service's account can read the keys; None where there is no such file."""
    path = key_file(settings)
    if settings.encryption_keys or os.name != "posix" or not path.exists():
        return None
    private = path.stat().st_mode & 0o077 == 0
    text = f"Die Schlüsseldatei {path} ist {'geschützt' if private else 'für andere Konten lesbar'}."
    return Check(ok=private, text=text, hint=f"chmod 600 {path}")
