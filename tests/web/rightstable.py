"""``docs/rechte.md``: who may do what, for data-protection officers, out of ``core/access.py`` and ``web/rights.py``.

``python -m tests.web.rightstable`` writes it anew.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from flask import Flask

from syncsvc.core.access import RIGHTS, Right, Role
from syncsvc.store.database import Database, upgrade
from syncsvc.web import create_app, rights
from tests.example import make_example
from tests.factories import make_vault

DOCUMENT = Path(__file__).parents[2] / "docs" / "rechte.md"

ROLES = {
    Role.PROGRAMME: "Programmleitung",
    Role.PROJECT: "Projektleitung",
    Role.JOBCENTRE: "Jobcenter (Lesen)",
    Role.AUDITOR: "Prüfung",
}
WORDS = {
    Right.STRUCTURE: "Aufbau sehen: Tabellen, Zuordnungen, Abgleiche und ihre Zahlen",
    Right.CELLS: "Zellen sehen: was in den Zeilen der Tabellen steht",
    Right.RECORDS: "Datensätze sehen: auch, was keine Tabelle zeigt; Verlauf, Doppelbetreuungen, wer hineinsah",
    Right.STAFF: "Verzeichnis der Ansprechpersonen sehen, mit Durchwahlen",
    Right.DECIDE: "Entscheiden: Klärungen beantworten, abgleichen, zurücknehmen, Datensätze und Kontakte ändern",
    Right.CONNECT: "Einrichten: Tabellen verbinden, Spalten zuordnen, Schlüssel für Software ausgeben",
    Right.AUDIT: "Protokoll sehen: Anmeldungen und Änderungen an der Einrichtung",
    Right.ADMINISTER: "Zugänge vergeben, und was den ganzen Dienst betrifft",
}
HEAD = """# Wer was sehen und tun darf

Für Datenschutzbeauftragte. Diese Seite entsteht aus dem Programm selbst (`syncsvc/core/access.py`,
`syncsvc/web/rights.py`); ein Test hält sie aktuell. Ein weiterer Test ruft jede Adresse mit jeder Rolle auf, mit
eigenen und fremden Objekten, und sucht in jeder Antwort nach Namen, Notizen, Durchwahlen und TN-Nrn., die dort nicht
stehen dürfen (`tests/web/test_rights.py`).

## Für wen eine Rolle gilt

- **Programmleitung**: für das ganze Programm.
- **Projektleitung**: für die Tabellen und Teilnehmerinnen des Projekts, für das sie vergeben ist. Von einer
  Doppelbetreuung mit einem anderen Projekt sieht sie nur, dass es sie gibt und wen sie anrufen kann.
- **Jobcenter (Lesen)**: für die Tabellen, die das Jobcenter mit einem Projekt teilt. Zu sehen ist, was in diesen
  Tabellen steht; was die Vertraulichkeitsstufe einer Tabelle nicht herausgibt, auch hier nicht. Listen des Personals
  gehören nicht dazu.
- **Prüfung**: für das ganze Programm, ein Projekt oder ein Jobcenter. Zu sehen ist der Aufbau, niemandes Daten: keine
  Werte, keine TN-Nrn., keine Namen aus dem Verzeichnis. Verschlüsselte Inhalte werden für diese Rolle nie geöffnet.

Mehrere Rollen einer Person erlauben zusammen, was jede für sich erlaubt, und nicht mehr.

Die Grenzen gelten in den Abfragen selbst: Was außerhalb der Reichweite liegt, findet die Seite nicht (404). Wer etwas
sieht, aber nicht tun darf, bekommt 403. Wessen Angaben eine Seite zeigt, steht mit Name und Zeit sechs Monate lang im
Zugriffsprotokoll; es steht bei der Teilnehmerin.

## Rollen und Rechte
"""


def make_app() -> Flask:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/syncsvc.db", make_vault())
        upgrade(database)
        app = create_app(make_example(database, Path(folder)).runtime, secret_key="not secret")
        database.dispose()
    return app


def document(app: Flask) -> str:
    """The whole page."""
    lines = [HEAD, _row("Recht", *ROLES.values()), _rule(5)]
    lines += [_row(WORDS[right], *_ticks(right)) for right in Right]
    lines += ["", "## Seiten", "", "GET zeigt etwas, POST ändert etwas.", ""]
    lines += [_row("Adresse", "", "Recht", *ROLES.values()), _rule(7)]
    lines += _pages(app, rights.RIGHTS)
    lines += [
        "",
        "## Software der Projekte",
        "",
        "Sie meldet sich mit einem Schlüssel an, der für ein Projekt gilt.",
        "",
    ]
    lines += [_row("Adresse", "", "Recht"), _rule(3)]
    lines += _pages(app, {name: asked.right for name, asked in rights.MACHINES.items()}, roles=False)
    lines += ["", "## Ohne Anmeldung", ""]
    public = sorted({rule.rule for rule in app.url_map.iter_rules() if rule.endpoint in _open()})
    return "\n".join([*lines, *(f"- `{one}`" for one in public)]) + "\n"


def _open() -> frozenset[str]:
    return frozenset(rights.PUBLIC | rights.WATCHED)


def _pages(app: Flask, asked: dict[str, Right], *, roles: bool = True) -> list[str]:
    found = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, sorted(one.methods or ()))):
        if rule.endpoint in asked:
            right = asked[rule.endpoint]
            methods = " ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
            name = WORDS[right].partition(":")[0].partition(",")[0]
            found.append(_row(f"`{rule.rule}`", methods, name, *(_ticks(right) if roles else [])))
    return found


def _ticks(right: Right) -> list[str]:
    return ["ja" if right in RIGHTS[role] else "–" for role in ROLES]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _rule(count: int) -> str:
    return "|---" * count + "|"


if __name__ == "__main__":
    DOCUMENT.write_text(document(make_app()), "utf-8")
