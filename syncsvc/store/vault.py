"""Encryption of what is personal, and blind indexes to find it by exact content."""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import Session

from syncsvc.core.model import Json
from syncsvc.errors import ConfigurationError, KeyMissing, SealBroken

KEY_BYTES = 32
_ID_BYTES = 4
_NONCE_BYTES = 12


class Vault:
    """Seals and opens JSON values with AES-256-GCM.

    ``keys`` are 32 bytes each, newest first: the newest seals, every key opens what it sealed. A key is rotated by
    putting a new one in front; the old ones stay in the list until nothing sealed with them is left.
    Raises ``ConfigurationError`` for no key or a key of another length.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ConfigurationError(f"Ein Schlüssel der Datenbank muss genau {KEY_BYTES} Byte lang sein.")
        self._ciphers = {_derive(key, "id", _ID_BYTES): AESGCM(_derive(key, "seal", KEY_BYTES)) for key in keys}
        self._newest, self._cipher = next(iter(self._ciphers.items()))
        self._index_key = _derive(keys[-1], "index", KEY_BYTES)

    @property
    def key_id(self) -> str:
        """The name of the key that seals, in hex: derived from the key, tells nothing about it."""
        return self._newest.hex()

    def seal(self, data: Json, aad: str) -> bytes:
        """The value, encrypted: key id (4 bytes), random nonce (12), ciphertext with tag.

        ``aad`` says where the blob belongs, as ``"table.column:row"`` with the row's natural key: a blob moved to
        another row or column does not open there.
        """
        nonce = os.urandom(_NONCE_BYTES)
        plain = json.dumps(data, separators=(",", ":")).encode()  # ASCII with escapes: keeps lone surrogates exact
        return self._newest + nonce + self._cipher.encrypt(nonce, plain, aad.encode())

    def open(self, blob: bytes, aad: str) -> Json:
        """The value that ``seal`` was given with the same ``aad``.

        Raises ``KeyMissing`` when it was sealed with a key not in the list, ``SealBroken`` when the blob is damaged
        or belongs elsewhere.
        """
        cipher = self._ciphers.get(blob[:_ID_BYTES])
        if cipher is None:
            raise KeyMissing
        nonce, sealed = blob[_ID_BYTES : _ID_BYTES + _NONCE_BYTES], blob[_ID_BYTES + _NONCE_BYTES :]
        try:
            value: Json = json.loads(cipher.decrypt(nonce, sealed, aad.encode()))
        except (InvalidTag, ValueError) as error:  # ValueError: too short to be one of ours
            raise SealBroken from error
        return value

    def index(self, kind: str, text: str) -> bytes:
        """The blind index of a text: the same text of the same kind gives the same 32 bytes, nothing leads back.

        Made with a subkey of the oldest key (the last in the list), so it survives new keys put in front. When the
        oldest key is taken out of the list, all indexes have to be made again.
        """
        return hmac.digest(self._index_key, f"{kind}\0{text}".encode(), "sha256")


def vault_of(session: Session) -> Vault:
    """The vault of the database this session belongs to."""
    vault: Vault = session.info["vault"]
    return vault


def load_or_create_key(path: Path) -> bytes:
    """The key in this file (base64), for the embedded database; a new one, mode 0600, if there is no file.

    Several processes may call this at once and get the same key; an existing file is never written to.
    Raises ``KeyMissing`` when the file holds no key.
    """
    if not path.exists():
        _create_key(path)
    try:
        key = base64.b64decode(path.read_text(encoding="ascii").strip(), validate=True)
    except ValueError as error:
        raise KeyMissing(f"Die Schlüsseldatei {path.name} ist beschädigt.") from error
    if len(key) != KEY_BYTES:
        raise KeyMissing(f"Die Schlüsseldatei {path.name} ist beschädigt.")
    return key


def _create_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # complete or not there, and unlike a rename never over an existing key
        except FileExistsError:
            return
    finally:
        draft.unlink()


def _derive(key: bytes, purpose: str, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=f"syncsvc {purpose}".encode()).derive(key)
