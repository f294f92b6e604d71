"""Commands whose help is German and shows an example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import click

_SECTIONS = {"Options": "Optionen", "Commands": "Befehle"}


_EXTRAS = {"[required]": "[nötig]", "[default: ": "[Vorgabe: "}


def _extras(text: str) -> str:
    for english, german in _EXTRAS.items():
        text = text.replace(english, german)
    return text


class _Formatter(click.HelpFormatter):
    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or "Aufruf: ")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl([(name, _extras(text)) for name, text in rows], col_max, col_spacing)

    @contextmanager
    def section(self, name: str) -> Iterator[None]:
        with super().section(_SECTIONS.get(name, name)):
            yield


class _Context(click.Context):
    formatter_class = _Formatter


class Command(click.Command):
    """A command; ``example`` is one call, or several on lines of their own, shown at the end of its help."""

    context_class = _Context

    def __init__(self, *args: Any, example: str, **settings: Any) -> None:
        settings.setdefault("options_metavar", "[OPTIONEN]")
        super().__init__(*args, **settings)
        self.example = example

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "Diese Hilfe zeigen."
        return option

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Beispiel"):
            for line in self.example.splitlines():
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")


class Group(Command, click.Group):
    """Several commands under one noun."""

    command_class = Command

    def __init__(self, *args: Any, **settings: Any) -> None:
        settings.setdefault("subcommand_metavar", "BEFEHL …")
        super().__init__(*args, **settings)
