"""Encryption of what is personal, and blind indexes to find it by exact content."""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from copy import copy
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import Session

from syncsvc.core.model import Json
from syncsvc.errors import ConfigurationError, Forbidden, KeyMissing, SealBroken

KEY_BYTES = 32
KEY_ID_BYTES = 4
"""Every sealed blob begins with the name of its key."""

_NONCE_BYTES = 12


class _Key(NamedTuple):
    cipher: AESGCM
    index_key: bytes
    match_key: bytes


class Vault:
    """Seals and opens JSON values with AES-256-GCM.

    ``keys`` are 32 bytes each. One of them is *in force*: it seals and makes the blind indexes. Every key opens what
    it sealed. In a vault just made the first key is in force; which one it is in a database, the database says
    (``store/database.py`` hands every session its vault), so the order of the keys decides nothing but which one
    ``syncsvc db rotate-keys`` puts in force next. Raises ``ConfigurationError`` for no key or one of another length.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ConfigurationError(f"Ein Schlüssel der Datenbank muss genau {KEY_BYTES} Byte lang sein.")
        self._keys = {
            _derive(key, "id", KEY_ID_BYTES): _Key(
                AESGCM(_derive(key, "seal", KEY_BYTES)),
                _derive(key, "index", KEY_BYTES),
                _derive(key, "match", KEY_BYTES),
            )
            for key in keys
        }
        self._in_force = next(iter(self._keys))

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The names of all keys as given, in hex: derived from the keys, they tell nothing about them."""
        return tuple(name.hex() for name in self._keys)

    @property
    def key_id(self) -> str:
        """The name of the key in force."""
        return self._in_force.hex()

    def using(self, key_id: str) -> Vault:
        """The same keys with this one in force. Raises ``KeyMissing`` when it is not among them."""
        name = bytes.fromhex(key_id)
        if name not in self._keys:
            raise KeyMissing
        vault = copy(self)
        vault._in_force = name
        return vault

    def seal(self, data: Json, aad: str) -> bytes:
        """The value, encrypted: key id (4 bytes), random nonce (12), ciphertext with tag.

        ``aad`` says where the blob belongs, as ``"table.column:row"`` with the row's natural key: a blob moved to
        another row or column does not open there.
        """
        plain = json.dumps(data, separators=(",", ":")).encode()  # ASCII with escapes: keeps lone surrogates exact
        return self._seal(plain, aad)

    def open(self, blob: bytes, aad: str) -> Json:
        """The value that ``seal`` was given with the same ``aad``.

        Raises ``KeyMissing`` when it was sealed with a key not in the list, ``SealBroken`` when the blob is damaged
        or belongs elsewhere.
        """
        value: Json = json.loads(self._open(blob, aad))
        return value

    def reseal(self, blob: bytes, aad: str, new_aad: str | None = None) -> bytes:
        """The same content, byte for byte, sealed with the key in force; at another place where ``new_aad`` is given.

        Raises as ``open`` does.
        """
        return self._seal(self._open(blob, aad), aad if new_aad is None else new_aad)

    def index(self, kind: str, text: str) -> bytes:
        """The blind index of a text: the same text of the same kind gives the same 32 bytes, nothing leads back.

        Made with a subkey of the key in force: when another key comes into force, all indexes have to be made again.
        """
        return hmac.digest(self._keys[self._in_force].index_key, f"{kind}\0{text}".encode(), "sha256")

    def match_key(self, kind: str, text: str) -> bytes:
        """The keyed digest, 16 bytes, of a text that joins several facts about a person.

        Made with another subkey than ``index``: what is stored to compare projects tells nothing about blind indexes.
        """
        return hmac.digest(self._keys[self._in_force].match_key, f"{kind}\0{text}".encode(), "sha256")[:16]

    def _seal(self, plain: bytes, aad: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return self._in_force + nonce + self._keys[self._in_force].cipher.encrypt(nonce, plain, aad.encode())

    def _open(self, blob: bytes, aad: str) -> bytes:
        key = self._keys.get(blob[:KEY_ID_BYTES])
        if key is None:
            raise KeyMissing
        nonce, sealed = blob[KEY_ID_BYTES : KEY_ID_BYTES + _NONCE_BYTES], blob[KEY_ID_BYTES + _NONCE_BYTES :]
        try:
            return key.cipher.decrypt(nonce, sealed, aad.encode())
        except (InvalidTag, ValueError) as error:  # ValueError: too short to be one of ours
            raise SealBroken from error


def vault_of(session: Session) -> Vault:
    """The vault of the database this session belongs to. Raises ``Forbidden`` where it serves somebody who may see
    nobody's data (``store/scope.py``)."""
    vault: Vault | None = session.info["vault"]
    if vault is None:
        raise Forbidden
    return vault


def load_or_create_keys(path: Path) -> tuple[bytes, ...]:
    """The keys in this file, one a line (base64), the newest first; without a file a new key, mode 0600.

    Several processes may call this at once and get the same keys; an existing file is never written to.
    Raises ``KeyMissing`` when the file cannot be read, or holds no key or something else.
    """
    try:
        if not path.exists():
            _create_key(path)
        keys = tuple(base64.b64decode(line, validate=True) for line in path.read_text(encoding="ascii").split())
    except OSError as error:
        raise KeyMissing(f"Die Schlüsseldatei {path.name} ist nicht lesbar.", hint="Rechte prüfen.") from error
    except ValueError as error:
        raise KeyMissing(f"Die Schlüsseldatei {path.name} ist beschädigt.") from error
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise KeyMissing(f"Die Schlüsseldatei {path.name} ist beschädigt.")
    return keys


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
