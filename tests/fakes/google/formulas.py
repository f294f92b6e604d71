"""Formulas, as far as tests need them: arithmetic, comparison, text, SUM, IF, HYPERLINK, references and errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.fakes.google import a1

REFERENCE = re.compile(r"(?:('(?:[^']|'')+'|[A-Za-z_]\w*)!)?(\$?)([A-Za-z]{1,3})(\$?)([1-9]\d*)(?![\w(])")
SHOWN = {
    "ERROR": "#ERROR!",
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
}
_SUMS = {"SUM", "SUMME"}
_CHOICES = {"IF", "WENN"}


@dataclass(frozen=True)
class Formula:
    """A formula as entered, with its ``=``."""

    text: str


@dataclass(frozen=True)
class Wrong:
    """What a formula comes to that cannot be computed; ``type`` is the API's ErrorValue type."""

    type: str

    @property
    def shown(self) -> str:
        return SHOWN[self.type]


Value = str | float | bool | Wrong | None
Look = Callable[[str | None, int, int], Value]
"""The value of a cell, by title (None: the formula's own sheet), row and column from 0."""


class _Failed(Exception):
    def __init__(self, type_: str) -> None:
        super().__init__(type_)
        self.wrong = Wrong(type_)


def evaluate(text: str, look: Look, *, comma_separates: bool) -> Value:
    """What ``=…`` comes to. In locales with a decimal comma only ``;`` separates arguments."""
    try:
        reader = _Reader(text[1:], look, comma_separates)
        value = reader.comparison()
        if reader.rest.strip():
            raise _Failed("ERROR")
    except _Failed as failed:
        return failed.wrong
    except RecursionError:
        return Wrong("REF")
    return 0.0 if value is None else value


@dataclass
class _Reader:
    rest: str
    look: Look
    comma: bool

    def take(self, pattern: str) -> re.Match[str] | None:
        self.rest = self.rest.lstrip()
        match = re.match(pattern, self.rest, re.IGNORECASE)
        if match:
            self.rest = self.rest[match.end() :]
        return match

    def comparison(self) -> Value:
        left = self.joined()
        while sign := self.take(r"<=|>=|<>|[=<>]"):
            right = self.joined()
            left = _compared(sign[0], left, right)
        return left

    def joined(self) -> Value:
        left = self.sum()
        while self.take("&"):
            left = _text(left) + _text(self.sum())
        return left

    def sum(self) -> Value:
        left = self.product()
        while sign := self.take(r"[+-]"):
            right = _number(self.product())
            left = _number(left) + (right if sign[0] == "+" else -right)
        return left

    def product(self) -> Value:
        left = self.signed()
        while sign := self.take(r"[*/]"):
            right = _number(self.signed())
            if sign[0] == "/" and right == 0:
                raise _Failed("DIVIDE_BY_ZERO")
            left = _number(left) * right if sign[0] == "*" else _number(left) / right
        return left

    def signed(self) -> Value:
        if sign := self.take(r"[+-]"):
            value = self.signed()
            return -_number(value) if sign[0] == "-" else value
        return self.atom()

    def atom(self) -> Value:
        if self.take(r"\("):
            value = self.comparison()
            self.expect(r"\)")
            return value
        if match := self.take(r'"((?:[^"]|"")*)"'):
            return match[1].replace('""', '"')
        if match := self.take("|".join(map(re.escape, SHOWN.values()))):
            raise _Failed(next(type_ for type_, shown in SHOWN.items() if shown == match[0].upper()))
        if match := self.take(REFERENCE.pattern):
            return _failing(self.look(_title(match), *_place(match)))
        if match := self.take(r"\d+(?:\.\d+)?(?:E[+-]?\d+)?" if self.comma else r"\d+(?:,\d+)?(?:E[+-]?\d+)?"):
            return float(match[0].replace(",", "."))
        if match := self.take(r"(TRUE|WAHR|FALSE|FALSCH)(?![\w(])"):
            return match[1].upper() in {"TRUE", "WAHR"}
        if match := self.take(r"(\w[\w.]*)\("):
            return self.function(match[1].upper())
        if self.take(r"\w+"):
            raise _Failed("NAME")
        raise _Failed("ERROR")

    def function(self, name: str) -> Value:
        if name in _SUMS:
            return sum(value for value in self.numbers())
        arguments = self.arguments()
        if name in _CHOICES and len(arguments) == 3:
            return arguments[1] if arguments[0] else arguments[2]
        if name == "HYPERLINK" and arguments:
            return arguments[-1]
        if name in {"NA", "NV"}:
            raise _Failed("N_A")
        raise _Failed("NAME")

    def arguments(self) -> list[Value]:
        values: list[Value] = []
        while not self.take(r"\)"):
            if values:
                self.expect("[;,]" if self.comma else ";")
            values.append(self.comparison())
        return values

    def numbers(self) -> Iterator[float]:
        """The numbers among the arguments of SUM; texts and blanks in ranges do not count."""
        first = True
        while not self.take(r"\)"):
            if not first:
                self.expect("[;,]" if self.comma else ";")
            first = False
            if match := self.take(rf"{REFERENCE.pattern}:\$?([A-Z]{{1,3}})\$?([1-9]\d*)"):
                (top, left), bottom, right = _place(match), int(match[7]) - 1, a1.number(match[6])
                for row in range(min(top, bottom), max(top, bottom) + 1):
                    for column in range(min(left, right), max(left, right) + 1):
                        value = _failing(self.look(_title(match), row, column))
                        if isinstance(value, float):
                            yield value
            else:
                yield _number(self.comparison())

    def expect(self, pattern: str) -> None:
        if not self.take(pattern):
            raise _Failed("ERROR")


def _compared(sign: str, left: Value, right: Value) -> bool:
    if sign in {"=", "<>"}:
        return (left == right) == (sign == "=")
    one, other = _number(left), _number(right)
    return {"<": one < other, ">": one > other, "<=": one <= other, ">=": one >= other}[sign]


def _title(match: re.Match[str]) -> str | None:
    return match[1].strip("'").replace("''", "'") if match[1] else None


def _place(match: re.Match[str]) -> tuple[int, int]:
    return int(match[5]) - 1, a1.number(match[3])


def _failing(value: Value) -> Value:
    if isinstance(value, Wrong):
        raise _Failed(value.type)
    return value


def _number(value: Value) -> float:
    if isinstance(value, str):
        raise _Failed("VALUE")
    return float(value or 0)  # type: ignore[arg-type]  # errors were raised where they were met


def _text(value: Value) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value or "")


def first_reference(text: str) -> tuple[str | None, int, int] | None:
    """Title, row and column of the first reference: a formula's number format is that of what it starts from."""
    match = REFERENCE.search(_without_strings(text))
    return (_title(match), *_place(match)) if match else None


def shifted(text: str, rows: int, columns: int) -> str:
    """The formula as copied so many rows down and columns right: references without ``$`` move along."""

    def moved(match: re.Match[str]) -> str:
        row, column = _place(match)
        row, column = (row if match[4] else row + rows), (column if match[2] else column + columns)
        return _rewritten(match, (row, column) if row >= 0 and column >= 0 else None)

    return _references(text, moved)


def follow(text: str, own: bool, title: str, place: Callable[[int, int], tuple[int, int] | None]) -> str:
    """The formula after rows or columns of the sheet ``title`` went elsewhere; ``own`` if it stands on that sheet.

    A range whose end is deleted becomes ``#REF!`` here, while Google shortens it.
    """

    def moved(match: re.Match[str]) -> str:
        name = _title(match)
        concerned = own if name is None else name == title
        return _rewritten(match, place(*_place(match))) if concerned else match[0]

    return _references(text, moved)


def _references(text: str, moved: Callable[[re.Match[str]], str]) -> str:
    """Rewrite the references outside of ``"…"``."""
    parts = re.split(r'("(?:[^"]|"")*")', text)
    return "".join(part if part.startswith('"') else REFERENCE.sub(moved, part) for part in parts)


def _without_strings(text: str) -> str:
    return re.sub(r'"(?:[^"]|"")*"', '""', text)


def _rewritten(match: re.Match[str], place: tuple[int, int] | None) -> str:
    sheet = f"{match[1]}!" if match[1] else ""
    if place is None:
        return f"{sheet}#REF!"
    return f"{sheet}{match[2]}{a1.letters(place[1])}{match[4]}{place[0] + 1}"
