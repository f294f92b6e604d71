"""``syncsvc worker``: one of any number of processes that work off what is due, on PostgreSQL."""

from __future__ import annotations

import logging
import os
import signal
import threading
from importlib.util import find_spec

import click

from syncsvc import logs, settings, wiring
from syncsvc.cli.german import Command
from syncsvc.errors import ConfigurationError, UsageError

SLOTS = 4
PATIENCE_SECONDS = 5.0
"""How long a sync may go on after SIGTERM before it is cut off."""


@click.command(cls=Command, example="syncsvc worker --slots 4")
@click.option(
    "--slots", type=click.IntRange(1, 64), default=SLOTS, metavar="ZAHL",
    help=f"Wie viele Tabellen dieser Prozess zugleich abgleicht (sonst {SLOTS}).",
)  # fmt: skip
def worker(slots: int) -> None:
    """Fällige Tabellen abgleichen, gemeinsam mit beliebig vielen anderen solchen Prozessen auf jeder Maschine.

    Nur mit PostgreSQL; mit der eingebauten Datenbank gleicht „syncsvc serve“ ab. Ende mit Strg-C oder SIGTERM.
    """
    chosen = settings.load()
    if chosen.database_file is not None:
        raise UsageError(
            "„syncsvc worker“ braucht PostgreSQL.",
            hint="Mit der eingebauten Datenbank gleicht „syncsvc serve“ oder „syncsvc scheduler“ ab.",
        )
    if find_spec("procrastinate") is None:
        raise ConfigurationError(
            "Für „syncsvc worker“ fehlt ein Paket.", hint="Nachholen mit: pip install 'syncsvc[cluster]'"
        )
    from syncsvc.jobs.cluster import Worker  # only here: the package is an extra

    logs.configure(chosen.log.format, level=logging.INFO)
    working = Worker(wiring.build(chosen), slots=slots)

    def end(*_: object) -> None:
        # Cutting a sync off is safe, the table's next run completes it; waiting for it could take minutes.
        deadline = threading.Timer(PATIENCE_SECONDS, os._exit, [0])
        deadline.daemon = True
        deadline.start()
        working.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    click.echo("Der Arbeitsprozess läuft; Ende mit Strg-C.")
    working.run()
