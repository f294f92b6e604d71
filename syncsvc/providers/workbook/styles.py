"""The cell styles of a workbook: what kind of value a style shows, and styles that differ in one thing."""

from __future__ import annotations

import copy

from lxml import etree

from syncsvc.providers.formats import GENERAL, TEXT_FORMAT, Shows, shows

_FIRST_CUSTOM_FORMAT = 164
_BUILT_IN_DATES = {*range(14, 18), 22, *range(27, 37), *range(50, 59)}
_BUILT_IN_TIMES = {18, 19, 20, 21}
_BUILT_IN_TEXT = 49


class Styles:
    """The styles of ``styles.xml``, by the index that cells name in their attribute ``s``. None: a workbook without."""

    def __init__(self, root: etree._Element | None) -> None:
        self._root = etree.Element("styleSheet") if root is None else root
        self._cell_formats = self._root.find("{*}cellXfs")
        codes = {
            int(e.get("numFmtId", "0")): e.get("formatCode", "") for e in self._root.iterfind("{*}numFmts/{*}numFmt")
        }
        self._ids = {code: number for number, code in codes.items()} | {GENERAL: 0, TEXT_FORMAT: _BUILT_IN_TEXT}
        self._codes = codes
        self._known: dict[tuple[int, str | None, bool], int] = {}
        self.changed = False
        self._shows = [self._shown_by(xf) for xf in self._formats()]

    def shows(self, index: int) -> Shows:
        return self._shows[index] if index < len(self._shows) else Shows.NUMBER

    def like(self, index: int, *, number_format: str | None = None, quoted: bool) -> int:
        """The style equal to ``index`` but for its number format (None: as it is) and its text mark (quotePrefix).

        An existing style is used where there is one, otherwise one is appended; no style is changed.
        """
        wish = (index, number_format, quoted)
        if wish not in self._known:
            self._known[wish] = self._like(*wish)
        return self._known[wish]

    def xml(self) -> bytes:
        return etree.tostring(self._root, encoding="UTF-8", xml_declaration=True, standalone=True)

    def _like(self, index: int, number_format: str | None, quoted: bool) -> int:  # noqa: FBT001  # only ``like`` calls it
        formats = self._formats()
        if self._cell_formats is None or not formats:
            return index
        wanted = copy.deepcopy(formats[index if index < len(formats) else 0])
        wanted.tail = None
        if quoted != (wanted.get("quotePrefix") in ("1", "true")):
            wanted.set("quotePrefix", "1" if quoted else "0")
        if number_format is not None:
            wanted.set("numFmtId", str(self._format_id(number_format)))
            wanted.set("applyNumberFormat", "1")
        key = _key(wanted)
        for number, existing in enumerate(formats):
            if _key(existing) == key:
                return number
        self._cell_formats.append(wanted)
        self._cell_formats.set("count", str(len(formats) + 1))
        self._shows.append(self._shown_by(wanted))
        self.changed = True
        return len(formats)

    def _formats(self) -> list[etree._Element]:
        return [] if self._cell_formats is None else list(self._cell_formats.iterchildren("{*}xf"))

    def _shown_by(self, xf: etree._Element) -> Shows:
        number = int(xf.get("numFmtId", "0"))
        if number in self._codes:
            return shows(self._codes[number])
        if number in _BUILT_IN_DATES:
            return Shows.DATE
        if number in _BUILT_IN_TIMES:
            return Shows.TIME
        return Shows.TEXT if number == _BUILT_IN_TEXT else Shows.NUMBER

    def _format_id(self, code: str) -> int:
        if code not in self._ids:
            number = max([_FIRST_CUSTOM_FORMAT - 1, *self._codes]) + 1
            formats = self._root.find("{*}numFmts")
            namespace = etree.QName(self._root).namespace
            if formats is None:
                formats = etree.Element(etree.QName(namespace, "numFmts"))
                self._root.insert(0, formats)
            etree.SubElement(formats, etree.QName(namespace, "numFmt"), numFmtId=str(number), formatCode=code)
            formats.set("count", str(len(formats)))
            self._codes[number] = code
            self._ids[code] = number
        return self._ids[code]


def _key(xf: etree._Element) -> bytes:
    bare = copy.deepcopy(xf)
    bare.tail = None
    return etree.tostring(bare, method="c14n")
