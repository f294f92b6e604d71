"""The guide explains every sentence the provider may say."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import pytest

import syncsvc.providers.sharepoint
from syncsvc.providers.sharepoint import entra
from syncsvc.providers.sharepoint.errors import Rejected, TooLarge

PACKAGE = Path(syncsvc.providers.sharepoint.__file__).parent
GUIDE = " ".join((PACKAGE.parents[2] / "docs" / "sharepoint.md").read_text("utf-8").split())
SPEAKERS = {
    *("CredentialsRefused", "PlatformBusy", "PlatformThrottled", "PlatformRejected", "TableForbidden"),
    *("TableLocked", "TableNotFound", "TableReadOnly", "TableUnreadable", "_wrong"),
}


def sentences() -> Iterator[str]:
    """What our errors are raised with, up to the first name that is filled in."""
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SPEAKERS:
                texts = [part for argument in node.args[:1] for part in ast.walk(argument) if _is_text(part)]
                if texts:
                    yield str(texts[0].value).rstrip(" „(")
    yield from (message for message, _ in entra._MEANINGS.values())
    yield from (str(said.__doc__) for said in (Rejected, TooLarge))


def _is_text(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


FOUND = sorted(set(sentences()))


def test_there_are_sentences() -> None:
    assert len(FOUND) > 40


@pytest.mark.parametrize("text", FOUND)
def test_the_guide_explains_it(text: str) -> None:
    assert f"| {text}" in GUIDE
