"""``syncsvc serve``, ``web`` and ``scheduler``: the processes."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from syncsvc import logs, settings, wiring
from syncsvc.cli.german import Command
from syncsvc.jobs.dispatch import other_leader
from syncsvc.jobs.exclusive import exclusive
from syncsvc.jobs.local import LocalScheduler
from syncsvc.services.runtime import Runtime
from syncsvc.settings import Settings
from syncsvc.web import create_app
from syncsvc.web import serve as answer

_port_option = click.option(
    "--port", type=click.IntRange(1, 65535), metavar="ZAHL", help="Anschluss statt des eingestellten."
)


@click.command(cls=Command, example="syncsvc serve --port 8001")
@_port_option
def serve(port: int | None) -> None:
    """Webseiten und regelmäßiger Abgleich in einem Prozess.

    Genau ein solcher Prozess je Datenordner. Ende mit Strg-C oder SIGTERM.
    """
    chosen = settings.load()
    run(wiring.build(chosen), chosen, port)


@click.command(cls=Command, example="syncsvc web --port 8001")
@_port_option
def web(port: int | None) -> None:
    """Nur die Webseiten; der Abgleich läuft in „syncsvc scheduler“ oder „syncsvc worker“."""
    chosen = settings.load()
    _speak(chosen)
    _answer(wiring.build(chosen), chosen, port)


@click.command(cls=Command, example="syncsvc scheduler")
def scheduler() -> None:
    """Nur der regelmäßige Abgleich, ohne Webseiten. Genau ein solcher Prozess je Datenordner."""
    chosen = settings.load()
    _speak(chosen)
    with _ticking(wiring.build(chosen), chosen):
        _wait_for_the_end()


def run(rt: Runtime, chosen: Settings, port: int | None = None) -> None:
    """Answer requests and sync what is due until SIGTERM or SIGINT. Raises ``AlreadyRunning``."""
    _speak(chosen)
    with _ticking(rt, chosen):
        _answer(rt, chosen, port)


def _speak(chosen: Settings) -> None:
    logs.configure(chosen.log.format, level=logging.INFO)


@contextmanager
def _ticking(rt: Runtime, chosen: Settings) -> Iterator[None]:
    with exclusive(chosen.data_dir):
        if leader := other_leader(rt):
            machine = leader.partition(":")[0]
            click.echo(
                f"Auf „{machine}“ läuft der Abgleich schon; dieser hier wartet und springt ein, wenn er verstummt."
            )
        ticking = LocalScheduler(rt)
        ticking.start()
        try:
            yield
        finally:
            if not ticking.stop():
                os._exit(0)  # a sync is still at work; cutting it off is safe, waiting for it could take minutes


def _answer(rt: Runtime, chosen: Settings, port: int | None) -> None:
    app = create_app(
        rt,
        secret_key=wiring.secret_key(chosen),
        https=chosen.web.url.startswith("https://"),
        metrics_token=chosen.metrics.token,
        provider=chosen.login.oidc,
    )
    host, port = chosen.web.host, port or chosen.web.port
    said = f"Die Webseiten antworten unter http://{host}:{port} – Ende mit Strg-C."
    answer(app, host=host, port=port, proxy=chosen.web.proxy, ready=lambda: click.echo(said))


def _wait_for_the_end() -> None:
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    click.echo("Der Abgleich läuft; Ende mit Strg-C.")
    while not ended.wait(1):  # in short waits: Windows delivers no signal to a long one
        pass
