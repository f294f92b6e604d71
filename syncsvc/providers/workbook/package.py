"""The package: the zip file of an Office document, its parts and the relations between them."""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from lxml import etree

from syncsvc.errors import TableUnreadable

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s4B4H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_ZIP64_EXTRA = 1
_MAX_PART = 1 << 30
"""No honest table has a part of a gigabyte; a forged one could fill the memory."""


@dataclass(frozen=True, slots=True)
class Relation:
    kind: str
    """The last word of the relation's type: ``worksheet``, ``table``, ``styles``."""
    target: str
    """The part's name in the package."""


class Package:
    """The parts of one file, given as its bytes.

    Raises ``TableUnreadable`` with a sentence for what is no readable package; with ``retry`` set where the file looks
    half written.
    """

    def __init__(self, data: bytes) -> None:
        _refuse_others(data)
        self._data = data
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
        except zipfile.BadZipFile:
            raise _incomplete() from None
        self._infos = {info.filename.replace("\\", "/"): info for info in self._zip.infolist()}
        if any(info.file_size > _MAX_PART for info in self._infos.values()):
            raise TableUnreadable("Die Datei ist entpackt zu groß für eine Tabelle.")

    def __contains__(self, part: str) -> bool:
        return part in self._infos

    def open(self, part: str) -> IO[bytes]:
        if part not in self._infos:
            raise TableUnreadable
        return self._zip.open(self._infos[part])

    def read(self, part: str) -> bytes:
        """The part's content; a damaged or missing one raises ``TableUnreadable``."""
        try:
            with self.open(part) as stream:
                return stream.read()
        except (zipfile.BadZipFile, zlib.error, EOFError):
            raise _incomplete() from None
        except (NotImplementedError, RuntimeError):
            raise TableUnreadable from None

    def xml(self, part: str) -> etree._Element:
        """The part as XML."""
        return parse(self.read(part))

    def relations(self, part: str) -> dict[str, Relation]:
        """The relations of a part by their id (``""``: of the package)."""
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        if rels not in self:
            return {}
        return {
            element.get("Id", ""): Relation(
                kind=element.get("Type", "").rpartition("/")[2],
                target=posixpath.normpath(posixpath.join("/", folder, element.get("Target", ""))).lstrip("/"),
            )
            for element in self.xml(rels)
            if element.get("TargetMode") != "External"
        }

    def replaced(self, parts: Mapping[str, bytes]) -> bytes:
        """The file with these existing parts replaced.

        Every other entry is copied as it is, compressed bytes, extra fields and order included; a replaced entry keeps
        its name, time stamp and place.
        """
        places = sorted(self._infos.items(), key=lambda item: item[1].header_offset)
        ends = [info.header_offset for _, info in places[1:]] + [self._zip.start_dir]
        out = bytearray(self._data[: places[0][1].header_offset])
        central = {}
        for (part, info), end in zip(places, ends, strict=True):
            entry = _Entry(info, parts.get(part))
            central[part] = entry.central(offset=len(out))
            out += entry.local() if part in parts else self._data[info.header_offset : end]
        start = len(out)
        out += b"".join(central[part] for part in self._infos)
        count, size, comment = len(places), len(out) - start, self._zip.comment
        return bytes(out + _END.pack(b"PK\5\6", 0, 0, count, count, size, start, len(comment)) + comment)


class _Entry:
    """The headers of one entry: as it was, or with new content, always without zip64 sizes."""

    def __init__(self, info: zipfile.ZipInfo, content: bytes | None = None) -> None:
        self._info = info
        self._name = info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437")
        self._extra = _without_zip64(info.extra)
        self._method, self._flags = info.compress_type, info.flag_bits
        self._crc, self._compressed, self._size = info.CRC, info.compress_size, info.file_size
        if content is not None:
            self._body = content
            if self._method != zipfile.ZIP_STORED:
                self._method = zipfile.ZIP_DEFLATED
                packer = zlib.compressobj(wbits=-15)
                self._body = packer.compress(content) + packer.flush()
            self._flags &= 0x800  # no data descriptor and no compression level behind the new content
            self._crc, self._compressed, self._size = zlib.crc32(content), len(self._body), len(content)

    def local(self) -> bytes:
        sizes = (self._crc, self._compressed, self._size, len(self._name), 0)
        return (
            _LOCAL.pack(b"PK\3\4", 20, self._flags, self._method, *_stamp(self._info), *sizes) + self._name + self._body
        )

    def central(self, offset: int) -> bytes:
        info = self._info
        header = _CENTRAL.pack(
            b"PK\1\2",
            info.create_version,
            info.create_system,
            info.extract_version,
            info.reserved,
            self._flags,
            self._method,
            *_stamp(info),
            self._crc,
            self._compressed,
            self._size,
            len(self._name),
            len(self._extra),
            len(info.comment),
            0,
            info.internal_attr,
            info.external_attr,
            offset,
        )
        return header + self._name + self._extra + info.comment


def parse(xml: bytes) -> etree._Element:
    """XML without entities and network; what is none raises ``TableUnreadable``."""
    try:
        return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        raise TableUnreadable from None


def _refuse_others(data: bytes) -> None:
    """Say what the file is when it is no zip file."""
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise TableUnreadable(
                "Die Datei ist mit einem Kennwort geschützt.",
                hint="In Excel unter Datei → Informationen das Kennwort zum Öffnen entfernen.",
            )
        raise TableUnreadable(
            "Die Datei ist eine alte Excel-Mappe (.xls).", hint="In Excel öffnen und als .xlsx speichern."
        )
    if not data.strip(b"\0"):
        raise _incomplete()
    if not data.startswith(b"PK"):
        raise TableUnreadable("Die Datei ist keine Excel-Mappe (.xlsx).")


def _incomplete() -> TableUnreadable:
    error = TableUnreadable(
        "Die Datei ist unvollständig oder beschädigt; vielleicht wird sie gerade gespeichert oder übertragen.",
        hint="Der Abgleich versucht es wieder. Bleibt es so: die Datei in Excel öffnen und neu als .xlsx speichern.",
    )
    error.retry = True
    return error


def _stamp(info: zipfile.ZipInfo) -> tuple[int, int]:
    year, month, day, hour, minute, second = info.date_time
    return hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day


def _without_zip64(extra: bytes) -> bytes:
    kept = b""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if kind != _ZIP64_EXTRA:
            kept += extra[: 4 + size]
        extra = extra[4 + size :]
    return kept
