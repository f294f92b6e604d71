"""The ``syncsvc`` command itself: finds its commands late and turns every error into a sentence and an exit code."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

import click

from syncsvc.cli import failures
from syncsvc.cli.german import Group


class Root(Group):
    """``table`` names each command's module and summary, so that ``--help`` imports none of them.

    What a command returns is the exit code; None is 0.
    """

    def __init__(self, name: str, table: Mapping[str, tuple[str, str]], **settings: Any) -> None:
        super().__init__(name, **settings)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.table:
            return None
        command: click.Command = getattr(importlib.import_module(f"syncsvc.cli.{self.table[cmd_name][0]}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in self.table.items()])

    def main(self, *args: Any, **settings: Any) -> NoReturn:
        """Run a command line and leave with its exit code; see ``failures`` for the codes."""
        settings["standalone_mode"] = False
        try:
            code = super().main(*args, **settings)
        except Exception as error:  # noqa: BLE001  the outermost place: whatever happens becomes a sentence here
            code = failures.report(error)
        sys.exit(code or 0)
