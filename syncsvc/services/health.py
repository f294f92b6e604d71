"""Whether the service can work, in a sentence that tells a stranger nothing."""

from __future__ import annotations

import shutil
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from syncsvc.errors import ConfigurationError, DatabaseOutdated, KeyMissing, SyncsvcError
from syncsvc.ports.tables import Check
from syncsvc.services.runtime import ZONE, Runtime
from syncsvc.store import figures, heartbeats, pauses, tables
from syncsvc.store.database import is_current
from syncsvc.store.figures import Figures, Spent

TICK_LIMIT = timedelta(minutes=5)
"""Ticks come every few seconds; after so long without one somebody has to look."""

TIDY_LIMIT = timedelta(days=2)
"""Tidying ends once a day; one that never gets to its end lets the database and the copies grow."""

BACKUP_LIMIT = timedelta(hours=26)
"""A daily backup, with two hours to spare (docs/betrieb.md). Copies made by other means are not known here."""

LOW_DISK = 500 * 2**20
"""Free bytes below which somebody should make room."""

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


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account on a platform: how many tables it opens, until when it rests (None: it does not) after how many
    throttlings in a row, and the requests its runs made. Looks at unchanged tables, one request each, count nowhere.
    """

    name: str
    tables: int
    rests_until: datetime | None
    strikes: int
    last_hour: int
    last_day: int


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


def checks(rt: Runtime, *, mail: bool = True, found: Figures | None = None) -> list[Check]:
    """What an operator should know beside single tables: tick, tidying, backups, disk, clock, resting accounts,
    notices, and with ``mail`` whether the mail server answers, which may take a minute. ``found``: what
    ``figures_of`` says, if somebody has asked already.

    Raises a database error.
    """
    with rt.database.read() as session:
        now = rt.clock.now()
        found = found or figures.collect(session, now)
        clock = figures.server_clock(session)
        tick, tidied = heartbeats.last(session, heartbeats.TICK), heartbeats.last(session, heartbeats.TIDY)
    checks = [_tick(look(rt), tick.holder.partition(":")[0] if tick else "")]
    if found.backup_at is not None:
        checks.append(_backup(now - found.backup_at))
    if rt.host.data_dir is not None:
        checks.append(_disk(rt.host.data_dir))
    if tidied is not None and now - tidied.at > TIDY_LIMIT:
        text = f"Das tägliche Aufräumen ist seit {(now - tidied.at).days} Tagen nicht gelungen."
        checks.append(Check(ok=False, text=text, hint="„syncsvc db tidy“ ausführen; der Befehl sagt, woran es liegt."))
    if clock is not None:
        checks.append(_clock(abs(now - clock)))
    checks += [_resting(account, until) for account, until in sorted(found.pauses.items())]
    if mail:
        checks.append(rt.notifier.check())
    if found.failing_notices:
        text = f"Mitteilungen, die sich nicht zustellen lassen: {found.failing_notices}."
        checks.append(Check(ok=False, text=text, hint="Mailserver und Adressen unter [mail] prüfen."))
    return checks


def figures_of(rt: Runtime) -> Figures:
    """The service in numbers. Raises a database error."""
    with rt.database.read() as session:
        return figures.collect(session, rt.clock.now())


def accounts(rt: Runtime, found: Figures) -> list[AccountView]:
    """The accounts that tables are opened with, by name; ``found`` is ``figures_of``. Raises a database error."""
    with rt.database.read() as session:
        known = tables.all_tables(session)
        strikes = {account: pauses.get(session, account) for account in found.pauses}
    used: defaultdict[str, list[int]] = defaultdict(list)
    for table in known:
        with suppress(ConfigurationError):  # its sync says what is wrong
            if account := rt.tables.open(tables.whereabouts(table)).credential:
                used[account].append(table.id)
    views = []
    for account, ids in sorted(used.items()):
        spent = sum((found.spent.get(one, Spent()) for one in ids), Spent())
        pause = strikes.get(account)
        until, count = found.pauses.get(account), pause.strikes if pause else 0
        views.append(AccountView(account, len(ids), until, count, spent.hour, spent.day))
    return views


def _tick(health: Health, machine: str) -> Check:
    hint = "„syncsvc serve“, „scheduler“ oder „worker“ starten."
    if not health.ready:
        return Check(ok=False, text=health.reason, hint=hint)
    if health.tick_age is None:
        return Check(ok=True, text="Der regelmäßige Abgleich lief noch nie.")
    seconds = round(health.tick_age.total_seconds())
    return Check(ok=True, text=f"Der regelmäßige Abgleich läuft auf „{machine}“, zuletzt vor {seconds} s.")


def _backup(age: timedelta) -> Check:
    said = f"vor {age.days} Tagen" if age.days > 1 else "gestern" if age.days else "heute"
    text = f"Die Datenbank wurde zuletzt {said} gesichert."
    return Check(ok=age <= BACKUP_LIMIT, text=text, hint="„syncsvc db backup“ regelmäßig ausführen lassen.")


def _disk(data_dir: Path) -> Check:
    free = shutil.disk_usage(data_dir).free
    room = f"{free // 2**30} GB" if free >= 2**30 else f"{free // 2**20} MB"
    text = f"Auf der Platte des Datenordners sind {room} frei."
    return Check(ok=free >= LOW_DISK, text=text, hint="Platz schaffen, bevor nichts mehr geschrieben werden kann.")


def _clock(offset: timedelta) -> Check:
    text = f"Die Uhr dieser Maschine weicht von der des Datenbankservers um {offset.total_seconds():.0f} Sekunden ab."
    return Check(ok=offset <= CLOCK_LIMIT, text=text, hint="Die Zeit beider Maschinen über NTP stellen.")


def _resting(account: str, until: datetime) -> Check:
    text = f"Das Konto {account} ruht bis {until.astimezone(ZONE):%d.%m.%Y %H:%M} Uhr, weil die Plattform es bremst."
    return Check(ok=False, text=text, hint="Abwarten; der Abgleich geht danach von selbst weiter.")
