"""What went wrong, as a German sentence on stderr and an exit code.

0 fine, 1 something failed, 2 the call or the configuration is wrong, 3 a table is held.
"""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import click

import syncsvc
from syncsvc import logs
from syncsvc.errors import ConfigurationError, NotFound, SyncsvcError, UsageError

_LOG = logging.getLogger(__name__)

FAILED = 1
USAGE = 2
HELD = 3
_INTERRUPTED = 130

_PACKAGE = Path(syncsvc.__file__).parent


def report(error: Exception) -> int:
    """Say on stderr what happened, and return the exit code."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return USAGE
    if isinstance(error, click.Abort):
        click.echo("Abgebrochen.", err=True)
        return _INTERRUPTED
    message, hint, code = describe(error)
    click.echo(f"Fehler: {message}", err=True)
    if hint:
        click.echo(f"  {hint}", err=True)
    if not isinstance(error, SyncsvcError | click.ClickException):
        _LOG.error("command failed", extra=logs.failure(error))
    return code


def describe(error: Exception) -> tuple[str, str, int]:
    """The sentence, the next step and the exit code for an error.

    Of an error that is not ours only the type and the place are told: its text may carry a person's data.
    """
    if isinstance(error, SyncsvcError):
        usage = isinstance(error, UsageError | ConfigurationError | NotFound)
        return error.message, error.hint, USAGE if usage else FAILED
    if isinstance(error, click.UsageError):
        return _usage_sentence(error), f"Hilfe: {error.ctx.command_path} --help" if error.ctx else "", USAGE
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)] or frames
    place = f" in {'/'.join(Path(ours[-1].filename).parts[-2:])}, Zeile {ours[-1].lineno}" if ours else ""
    return f"Unerwarteter Fehler: {type(error).__name__}{place}.", "Bitte diese Zeile melden.", FAILED


def _usage_sentence(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption):
        return f"Die Option {error.option_name} gibt es nicht.{_suggestion(error.possibilities)}"
    if isinstance(error, click.exceptions.NoSuchCommand):
        return f"Den Befehl „{error.command_name}“ gibt es nicht.{_suggestion(error.possibilities)}"
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return f"Es fehlt: {error.param.make_metavar(error.ctx) if error.ctx else error.param.human_readable_name}."
    if isinstance(error, click.BadParameter) and error.param is not None:
        option = isinstance(error.param, click.Option)
        name = error.param.opts[0] if option else error.param.metavar or error.param.human_readable_name
        return f"Der Wert für {name} passt nicht.{_choices(error.param.type)}"
    if isinstance(error, click.BadOptionUsage):
        return f"Die Option {error.option_name} ist so nicht vollständig."
    return "Der Aufruf passt so nicht."


def _choices(type_: object) -> str:
    if not isinstance(type_, click.Choice):
        return ""
    return f" Möglich sind: {', '.join(map(str, type_.choices))}."


def _suggestion(possibilities: list[str] | None) -> str:
    return f" Meinten Sie „{possibilities[0]}“?" if possibilities else ""
