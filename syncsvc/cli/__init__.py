"""The command line: one file per noun, loaded when its command is asked for."""

from __future__ import annotations

import io
import sys

from syncsvc import logs
from syncsvc.cli.root import Root

cli = Root(
    "syncsvc",
    {
        "demo": ("demo", "Ein Beispielprojekt einrichten und zeigen"),
        "serve": ("serve", "Webseiten und Abgleich in einem Prozess"),
        "web": ("serve", "Nur die Webseiten"),
        "scheduler": ("serve", "Nur den regelmäßigen Abgleich"),
        "worker": ("worker", "Fällige Tabellen abgleichen, in beliebig vielen Prozessen"),
        "apply": ("apply", "Projekte, Organisationen, Zuordnungen und Tabellen aus Dateien übernehmen"),
        "sync": ("sync", "Tabellen abgleichen oder zeigen, was geschähe"),
        "tables": ("tables", "Tabellen zeigen, prüfen, einrichten, freigeben"),
        "mappings": ("mappings", "Zuordnungen prüfen und ausgeben"),
        "records": ("records", "Datensätze zeigen, ändern, einlesen, ausgeben"),
        "contacts": ("contacts", "Ansprechpersonen zeigen, ändern, einlesen, übergeben"),
        "questions": ("questions", "Offene Klärungen zeigen und beantworten"),
        "runs": ("runs", "Vergangene Abgleiche zeigen und zurücknehmen"),
        "coaching": ("coaching", "Doppelte Begleitungen finden, auch in einer Liste"),
        "parse": ("parse", "Zeigen, wie der Dienst eine Zelle liest"),
        "db": ("db", "Datenbank aktualisieren und sichern"),
        "users": ("users", "Zugänge zu den Webseiten anlegen"),
        "tokens": ("tokens", "Schlüssel für die eigene Software der Projekte"),
        "doctor": ("doctor", "Prüfen, ob alles bereit ist"),
    },
    help="Hält geteilte Teilnehmerinnenlisten und die Datensätze eines Projekts auf demselben Stand.",
    example="syncsvc demo",
)


def main() -> None:
    """Run the command line and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not stream.isatty():
            stream.reconfigure(encoding="utf-8")  # JSON and CSV are UTF-8 on Windows too
    logs.configure()
    logs.catch_uncaught()
    cli.main(prog_name="syncsvc")
