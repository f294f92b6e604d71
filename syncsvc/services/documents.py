"""YAML files, where in them a mistake stands, and plain data as such a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from syncsvc.core.strict import Path as Place
from syncsvc.core.strict import Problem
from syncsvc.errors import InvalidFile

_WIDE = 4096  # characters of a line: a column stays on one

_DEPTH = 40
"""Levels of lists and maps: far more than any of our files has, and fewer than would take the reader's time."""

_NO_YAML = "Das ist kein gültiges YAML: bitte Einrückung, Doppelpunkte, Klammern und Anführungszeichen prüfen."


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A mistake in a file: line and column count from 1, the message is a German sentence."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}, Zeile {self.line}, Spalte {self.column}: {self.message}"


class Document:
    """A YAML file's content, with the place of everything in it."""

    def __init__(self, path: Path, data: Any) -> None:
        self.path, self.data = path, data

    def problems(self, problems: Iterable[Problem]) -> list[FileProblem]:
        """The problems at their lines and columns, from top to bottom."""
        return sorted(map(self.problem, problems), key=lambda problem: (problem.line, problem.column))

    def problem(self, problem: Problem) -> FileProblem:
        """The problem at its line and column; where it is about something missing, those of what lacks it."""
        line, column = self._place(problem.path)
        return FileProblem(self.path.name, line + 1, column + 1, problem.message)

    def _place(self, path: Place) -> tuple[int, int]:
        node, place = self.data, (0, 0)
        for part in path:
            if isinstance(node, CommentedMap) and part in node:
                place = node.lc.key(part)
            elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
                place = node.lc.item(part)
            else:
                break
            node = node[part]
        return place


def read(path: Path) -> Document | FileProblem:
    """The file's content, or why it is no YAML. Raises ``InvalidFile`` when it cannot be opened."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidFile(f"Die Datei {path} lässt sich nicht öffnen.") from error
    return parse(path, content)


def parse(path: Path, content: bytes) -> Document | FileProblem:
    """What a file of this name and content says, or why it is no YAML."""
    yaml = YAML(typ="rt", pure=True)
    yaml.max_depth = _DEPTH
    try:
        return Document(path, yaml.load(content.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        before = content[: error.start]
        column = error.start - before.rfind(b"\n")
        return FileProblem(path.name, before.count(b"\n") + 1, column, "Die Datei ist nicht in UTF-8 gespeichert.")
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        message = "Dieser Schlüssel steht zweimal da." if isinstance(error, DuplicateKeyError) else _NO_YAML
        return FileProblem(path.name, mark.line + 1 if mark else 1, mark.column + 1 if mark else 1, message)
    except (ValueError, RecursionError):  # a day that is none, a number without end: the library says not where
        return FileProblem(path.name, 1, 1, _NO_YAML)


def written(data: dict[str, Any]) -> str:
    """Plain data as YAML that ``read`` takes. What stands in lists called ``columns`` has a line each."""
    yaml = YAML()
    yaml.width = _WIDE
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = StringIO()
    yaml.dump(_styled(data), text)
    return text.getvalue()


def _styled(data: Any, *, flow: bool = False) -> Any:
    if isinstance(data, dict):
        found = CommentedMap({name: _styled(value, flow=name == "columns") for name, value in data.items()})
        if flow:
            found.fa.set_flow_style()
        return found
    return [_styled(item, flow=flow) for item in data] if isinstance(data, list | tuple) else data
