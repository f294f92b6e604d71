"""The file with the application's private key and certificate."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from syncsvc.errors import CredentialsRefused
from syncsvc.providers.sharepoint.entra import GUIDE

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.+?-----END \1-----", re.DOTALL)


def load_certificate(file: Path) -> dict[str, str]:
    """Key and certificate as msal takes them: it signs with the key (PS256) and names the certificate by its SHA-256.

    Raises ``CredentialsRefused`` that says what is wrong with the file, never what is in it.
    """
    try:
        blocks = [(found[1].decode(), found[0]) for found in _BLOCK.finditer(file.read_bytes())]
    except OSError:
        raise _wrong(f"Die Zertifikatsdatei {file} ist nicht lesbar.", "Pfad und Leserecht prüfen.") from None
    keys = [block for label, block in blocks if label.endswith("PRIVATE KEY")]
    certificates = [block for label, block in blocks if label == "CERTIFICATE"]
    if len(keys) != 1 or not certificates:
        raise _wrong(f"In der Datei {file} müssen ein privater Schlüssel und sein Zertifikat stehen (PEM).")
    try:
        key = load_pem_private_key(keys[0], None)
        known = {block: x509.load_pem_x509_certificate(block) for block in certificates}
    except TypeError:
        raise _wrong(
            f"Der Schlüssel in {file} ist mit einem Kennwort verschlüsselt; er muss ohne eines sein."
        ) from None
    except ValueError:
        raise _wrong(f"Schlüssel oder Zertifikat in {file} sind beschädigt.") from None
    if not isinstance(key, RSAPrivateKey):
        raise _wrong(f"Der Schlüssel in {file} muss ein RSA-Schlüssel sein.")
    public = key.public_key()
    own = next((block for block, certificate in known.items() if certificate.public_key() == public), None)
    if own is None:
        raise _wrong(f"Schlüssel und Zertifikat in {file} gehören nicht zusammen.")
    end = known[own].not_valid_after_utc
    if end < datetime.now(UTC):
        raise _wrong(
            f"Das Zertifikat in {file} ist am {end:%d.%m.%Y} abgelaufen.",
            "Ein neues erzeugen und in der App-Registrierung hochladen.",
        )
    return {"private_key": keys[0].decode(), "public_certificate": own.decode()}


def valid_until(file: Path) -> datetime:
    """The last moment of the certificate that ``load_certificate`` finds."""
    certificate = load_certificate(file)["public_certificate"]
    return x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc


def _wrong(message: str, step: str = "") -> CredentialsRefused:
    return CredentialsRefused(message, hint=f"{step} {GUIDE}".strip())
