"""Text as OOXML stores it (ST_Xstring, ECMA-376 part 1, 22.9.2.19): ``_x000D_`` stands for one UTF-16 unit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_LENGTH = 32_767
"""The longest text a cell can hold, in UTF-16 units."""

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_UNSAFE = re.compile("_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


def decode(text: str) -> str:
    """The text a person sees."""
    if "_x" not in text:
        return text
    decoded = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    return decoded.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def encode(text: str) -> str:
    """The text as XML can carry it: control characters and what only looks like an escape are escaped."""
    return _UNSAFE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def flatten(element: _Element) -> str:
    """The text of an ``si`` or ``is`` element: rich text runs joined, phonetic hints left out."""
    parts = []
    for child in element:
        name = str(child.tag).rpartition("}")[2]
        if name == "t":
            parts.append(child.text or "")
        elif name == "r":
            parts.extend(run.text or "" for run in child.iterchildren("{*}t"))
    return decode("".join(parts))
