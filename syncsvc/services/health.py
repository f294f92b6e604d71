"""Whether the service can work, in a sentence that tells a stranger nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from syncsvc.errors import DatabaseOutdated, KeyMissing, SyncsvcError
from syncsvc.ports.tables import Check
from syncsvc.services.runtime import ZONE, Runtime
from syncsvc.store import figures, heartbeats
from syncsvc.store.database import is_current

TICK_LIMIT = timedelta(minutes=5)
"""Ticks come every few seconds; after so long without one somebody has to look."""

TIDY_LIMIT = timedelta(days=2)
"""Tidying ends once a day; one that never gets to its end lets the database and the copies grow."""

CLOCK_LIMIT = timedelta(seconds=30)
"""How far this machine's clock may be from the database server's."""

AWAY = "Die Datenbank ist nicht erreichbar."
OUTDATED = "Die Datenbank passt nicht zu dieser Fassung des Programms."
LOCKED = "Der Schlüssel der Datenbank fehlt."


@dataclass(frozen=True, slots=True)
class Health:
    """``reason`` is a German sentence, empty if all is well; ``tick_age`` None as long as nothing ever ticked."""

    reason: str
    tick_age: timedelta | None = None

    @property
    def ready(self) -> bool:
        return not self.reason


def look(rt: Runtime) -> Health:
    """Database, its schema and keys, and the tick's age. Raises nothing of ours.

    A service that never ticked is ready: pages can be served before the first scheduler or worker starts. Once there
    was a tick, one older than ``TICK_LIMIT`` means that no table is synced, which nobody would notice otherwise.
    """
    try:
        if not is_current(rt.database):
            return Health(OUTDATED)
        with rt.database.read() as session:
            tick = heartbeats.last(session, heartbeats.TICK)
    except DatabaseOutdated:
        return Health(OUTDATED)
    except KeyMissing:
        return Health(LOCKED)
    except SyncsvcError:
        return Health(AWAY)
    if tick is None:
        return Health("")
    age = max(rt.clock.now() - tick.at, timedelta(0))
    if age <= TICK_LIMIT:
        return Health("", age)
    return Health(f"Der regelmäßige Abgleich hat sich seit {age // timedelta(minutes=1)} Minuten nicht gemeldet.", age)


def checks(rt: Runtime) -> list[Check]:
    """What an operator should know beside single tables: tick, tidying, clock, resting accounts, notices, mail.

    Raises a database error.
    """
    with rt.database.read() as session:
        now = rt.clock.now()
        found = figures.collect(session, now)
        clock = figures.server_clock(session)
        tick, tidied = heartbeats.last(session, heartbeats.TICK), heartbeats.last(session, heartbeats.TIDY)
    checks = [_tick(look(rt), tick.holder.partition(":")[0] if tick else "")]
    if tidied is not None and now - tidied.at > TIDY_LIMIT:
        text = f"Das tägliche Aufräumen ist seit {(now - tidied.at).days} Tagen nicht gelungen."
        checks.append(Check(ok=False, text=text, hint="„syncsvc db tidy“ ausführen; der Befehl sagt, woran es liegt."))
    if clock is not None:
        checks.append(_clock(abs(now - clock)))
    checks += [_resting(account, until) for account, until in sorted(found.pauses.items())]
    checks.append(rt.notifier.check())
    if found.failing_notices:
        text = f"Mitteilungen, die sich nicht zustellen lassen: {found.failing_notices}."
        checks.append(Check(ok=False, text=text, hint="Mailserver und Adressen unter [mail] prüfen."))
    return checks


def _tick(health: Health, machine: str) -> Check:
    hint = "„syncsvc serve“, „scheduler“ oder „worker“ starten."
    if not health.ready:
        return Check(ok=False, text=health.reason, hint=hint)
    if health.tick_age is None:
        return Check(ok=True, text="Der regelmäßige Abgleich lief noch nie.")
    seconds = round(health.tick_age.total_seconds())
    return Check(ok=True, text=f"Der regelmäßige Abgleich läuft auf „{machine}“, zuletzt vor {seconds} Sekunden.")


def _clock(offset: timedelta) -> Check:
    text = f"Die Uhr dieser Maschine weicht von der des Datenbankservers um {offset.total_seconds():.0f} Sekunden ab."
    return Check(ok=offset <= CLOCK_LIMIT, text=text, hint="Die Zeit beider Maschinen über NTP stellen.")


def _resting(account: str, until: datetime) -> Check:
    text = f"Das Konto {account} ruht bis {until.astimezone(ZONE):%d.%m.%Y %H:%M} Uhr, weil die Plattform es bremst."
    return Check(ok=False, text=text, hint="Abwarten; der Abgleich geht danach von selbst weiter.")
