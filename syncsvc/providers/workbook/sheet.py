"""A sheet's XML cut into rows, so that a change leaves every byte of the other rows as it was."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from xml.parsers import expat

from lxml import etree

from syncsvc.errors import TableUnreadable
from syncsvc.providers.workbook.package import parse

_MARK = "--rows-stand-here--"


class SheetXml:
    """The sheet's rows, to be taken out and put back one by one, and its ``shell``: all that is not a row.

    Raises ``TableUnreadable`` when it is no sheet, or one whose rows are out of order.
    """

    def __init__(self, xml: bytes) -> None:
        if xml.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise TableUnreadable  # no known program writes a sheet in UTF-16; offsets would not fit the text
        scan = _Scan(xml)
        tag_end = xml.index(b">", scan.start) + 1
        self._head, self._rows_xml, self._tail = xml[:tag_end], xml[tag_end : scan.end], xml[scan.end :]
        if xml[tag_end - 2 : tag_end] == b"/>":
            name = xml[scan.start + 1 : tag_end - 2].strip()
            self._head = xml[: tag_end - 2] + b">"
            self._rows_xml, self._tail = b"", b"</" + name + b">" + xml[tag_end:]
        self._offsets = {number: offset - tag_end for number, offset in scan.rows}
        self._order = list(self._offsets)
        if self._order != sorted(self._order):
            raise TableUnreadable

    def shell(self) -> etree._Element:
        """The sheet without its rows, to read or to change; hand a changed one to ``changed``."""
        return parse(self._head + self._tail)

    def parsed(self, numbers: Iterable[int]) -> dict[int, etree._Element]:
        """These rows as elements, those that do not exist as new ones."""
        wanted = sorted(numbers)
        there = [number for number in wanted if number in self._offsets]
        xml = b"".join(self._rows_xml[slice(*self._span(number))] for number in there)
        root = parse(self._head + xml + self._tail)
        data = root.find("{*}sheetData")
        assert data is not None
        tag = etree.QName(etree.QName(root).namespace, "row")
        rows = dict(zip(there, data.iterchildren(tag), strict=True))
        for number in wanted:
            if number not in rows:
                rows[number] = etree.SubElement(data, tag, r=str(number))
        return rows

    def changed(self, rows: Mapping[int, etree._Element], shell: etree._Element | None = None) -> bytes:
        """The sheet with these rows replaced or inserted, and with a changed shell if one is given."""
        out = []
        done = 0
        for number in sorted(rows):
            start, end = self._span(number)
            out += [self._rows_xml[done:start], _bare(rows[number])]
            done = end
        head, tail = (self._head, self._tail) if shell is None else _split(shell)
        return head + b"".join(out) + self._rows_xml[done:] + tail

    def _span(self, number: int) -> tuple[int, int]:
        """Where the row stands among the rows; an empty span at its place for one that does not exist."""
        following = bisect_right(self._order, number)
        end = self._offsets[self._order[following]] if following < len(self._order) else len(self._rows_xml)
        return self._offsets.get(number, end), end


class _Scan:
    """One pass over the bytes for the places where ``sheetData`` and its rows begin and end."""

    def __init__(self, xml: bytes) -> None:
        self.start = self.end = 0
        self.rows: list[tuple[int, int]] = []
        self._depth = 0
        self._inside = False
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._open
        self._parser.EndElementHandler = self._close
        try:
            self._parser.Parse(xml, True)  # noqa: FBT003  # expat takes no keywords
        except expat.ExpatError:
            raise TableUnreadable from None
        if not self.end:
            raise TableUnreadable

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 2 and name.rpartition(":")[2] == "sheetData":
            self._inside, self.start = True, self._parser.CurrentByteIndex
        elif self._depth == 3 and self._inside:
            previous = self.rows[-1][0] if self.rows else 0
            self.rows.append((int(attributes.get("r", previous + 1)), self._parser.CurrentByteIndex))

    def _close(self, _name: str) -> None:
        if self._depth == 2 and self._inside:
            self._inside, self.end = False, self._parser.CurrentByteIndex
        self._depth -= 1


def _bare(row: etree._Element) -> bytes:
    """The row as bytes for a place where its namespaces are declared already, in any encoding that knows ASCII."""
    xml = etree.tostring(row, encoding="ASCII", xml_declaration=False)
    tag, closing, rest = xml.partition(b">")
    for prefix, uri in row.nsmap.items():
        declared = f' xmlns:{prefix}="{uri}"' if prefix else f' xmlns="{uri}"'
        tag = tag.replace(declared.encode(), b"", 1)
    return tag + closing + rest


def _split(shell: etree._Element) -> tuple[bytes, bytes]:
    data = shell.find("{*}sheetData")
    assert data is not None
    data.text = _MARK
    encoding = shell.getroottree().docinfo.encoding or "UTF-8"
    xml = etree.tostring(shell, encoding=encoding, xml_declaration=True, standalone=True)
    assert isinstance(xml, bytes)
    head, _, tail = xml.partition(_MARK.encode())
    return head, tail
