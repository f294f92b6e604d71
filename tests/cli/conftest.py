"""The example project, made once, and a way to run commands on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from syncsvc.cli import cli


@dataclass(frozen=True)
class Shell:
    """Runs ``syncsvc`` in this process on one data folder."""

    folder: Path

    def __call__(self, *words: object, env: dict[str, str] | None = None) -> Result:
        variables = {"SYNCSVC_DATA_DIR": str(self.folder), **(env or {})}
        return CliRunner().invoke(cli, [str(word) for word in words], prog_name="syncsvc", env=variables)

    def json(self, *words: object) -> Any:
        return json.loads(self(*words, "--json").stdout)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Commands on an empty data folder."""
    return Shell(tmp_path / "data")


@pytest.fixture(scope="session")
def make_example(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Shell]:
    def make() -> Shell:
        example = Shell(tmp_path_factory.mktemp("example"))
        made = example("demo", "--dir", example.folder, "--no-serve")
        assert made.exit_code == 0, made.output
        return example

    return make


@pytest.fixture(scope="session")
def example(make_example: Callable[[], Shell]) -> Shell:
    """Commands on the example project, shared: tests may add to it, not count what is in it."""
    return make_example()


@pytest.fixture
def own_example(make_example: Callable[[], Shell]) -> Shell:
    """Commands on an example project of the test's own."""
    return make_example()
