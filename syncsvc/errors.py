"""One tree of errors. A class's docstring is its message; each carries a hint and whether a retry helps.

Messages are German, because they reach the people of the programme. They never carry a value of a person:
names of tables, columns, files and settings only.
"""

from __future__ import annotations

from enum import StrEnum


class Actor(StrEnum):
    """Who has to act so that an error goes away."""

    TABLE = "table"
    """The people who keep the table."""
    ACCESS = "access"
    """Whoever grants the service access."""
    PLATFORM = "platform"
    """Nobody: the platform is busy or away, waiting helps."""
    OPERATOR = "operator"
    """Whoever runs the service."""


class SyncsvcError(Exception):
    """Es ist ein Fehler aufgetreten."""

    hint: str = ""
    retry: bool = False
    actor: Actor = Actor.OPERATOR

    def __init__(self, message: str = "", *, hint: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())
        if hint:
            self.hint = hint

    @property
    def message(self) -> str:
        return str(self.args[0])


class UsageError(SyncsvcError):
    """Der Aufruf passt so nicht."""


class ConfigurationError(SyncsvcError):
    """Eine Einstellung fehlt oder ist falsch."""


class AlreadyRunning(ConfigurationError):
    """Der Dienst läuft schon mit diesem Datenordner."""

    hint = "Den laufenden Dienst beenden oder mit SYNCSVC_DATA_DIR einen anderen Ordner wählen."


class KeyMissing(ConfigurationError):
    """Der Schlüssel, mit dem die Datenbank verschlüsselt ist, fehlt."""

    hint = "SYNCSVC_ENCRYPTION_KEYS setzen oder die Schlüsseldatei zurücklegen; ohne sie wird nichts geschrieben."


class SealBroken(SyncsvcError):
    """Ein verschlüsselter Eintrag der Datenbank ist beschädigt oder steht an der falschen Stelle."""

    hint = "Nichts weiter abgleichen und die letzte Sicherung der Datenbank zurückspielen."


class DatabaseBusy(SyncsvcError):
    """Die Datenbank ist gerade belegt."""

    hint = "Einen Augenblick warten und noch einmal versuchen."
    retry = True


class DatabaseUnreachable(SyncsvcError):
    """Die Datenbank ist nicht erreichbar oder nicht beschreibbar."""

    hint = "Adresse, Rechte und freien Platz der Datenbank prüfen."
    retry = True


class DatabaseFull(DatabaseUnreachable):
    """Auf dem Datenträger der Datenbank ist kein Platz mehr."""

    hint = "Platz schaffen; der Dienst macht dann von selbst weiter."


class DatabaseReadOnly(DatabaseUnreachable):
    """Die Datenbank ist schreibgeschützt."""

    hint = "Dem Dienst Schreibrecht geben; er macht dann von selbst weiter."


class DatabaseDamaged(SyncsvcError):
    """Die Datenbank ist beschädigt."""

    hint = "Den Dienst beenden und die letzte Sicherung zurückspielen."


class DatabaseOutdated(ConfigurationError):
    """Die Datenbank passt nicht zu dieser Fassung des Programms."""

    hint = "`syncsvc db upgrade` ausführen."


class NotFound(SyncsvcError):
    """Das gibt es nicht."""


class Forbidden(SyncsvcError):
    """Dafür reicht Ihr Zugang nicht."""

    hint = "Wer das Programm leitet, kann Ihnen mehr erlauben."


class TooBusy(SyncsvcError):
    """Gerade melden sich zu viele auf einmal an."""

    hint = "Bitte in ein paar Sekunden noch einmal versuchen."
    retry = True


class InvalidFile(UsageError):
    """Die Datei ist so nicht lesbar."""


class InvalidAnswer(UsageError):
    """Diese Antwort gehört nicht zu den Möglichkeiten der Klärung."""


class PlanMoved(SyncsvcError):
    """Seit der Vorschau hat sich etwas geändert."""

    hint = "Bitte die neue Vorschau ansehen und noch einmal bestätigen."
    retry = True


class LeaseLost(SyncsvcError):
    """Ein anderer Vorgang hat diese Tabelle übernommen."""

    retry = True


class TableBusy(SyncsvcError):
    """Die Tabelle wird gerade von einem anderen Vorgang abgeglichen."""

    hint = "Einen Augenblick warten und noch einmal versuchen."
    retry = True


class TableError(SyncsvcError):
    """Die Tabelle ist nicht erreichbar."""

    actor = Actor.TABLE


class TableLocked(TableError):
    """Die Datei ist gerade geöffnet; der Abgleich wartet, bis sie geschlossen ist."""

    retry = True


class TableReadOnly(TableError):
    """Die Datei ist schreibgeschützt."""

    hint = "Schreibrecht für den Dienst erteilen oder den Schreibschutz aufheben."
    retry = True
    actor = Actor.ACCESS


class TableMoved(TableError):
    """Die Tabelle hat sich zwischen Lesen und Schreiben geändert."""

    retry = True
    actor = Actor.PLATFORM


class TableChangedMeanwhile(TableError):
    """Während des Schreibens wurde die Tabelle umgestellt; der nächste Abgleich prüft, was angekommen ist."""

    retry = True


class WriteUncertain(TableError):
    """Ob die letzte Änderung in der Tabelle angekommen ist, steht noch nicht fest; der nächste Abgleich prüft es."""

    retry = True
    actor = Actor.PLATFORM


class WriteIgnored(TableError):
    """Ein Teil der Einträge ist in der Tabelle nicht angekommen; der Dienst versucht es von selbst weiter."""

    hint = "Wenn es so bleibt: den Filter aufheben und ausgeblendete Zeilen einblenden."
    retry = True


class TableNotFound(TableError):
    """Die Datei oder das Blatt der Tabelle ist nicht da."""

    hint = "Zurücklegen oder den Ort der Tabelle neu angeben; gelöscht wird nichts."
    retry = True


class TableTaken(TableError):
    """An diesem Blatt arbeitet schon eine andere Tabelle des Dienstes."""

    hint = "Eine der beiden aus dem Programm nehmen oder ihr ein anderes Blatt geben."
    actor = Actor.OPERATOR


class TableUnreadable(TableError):
    """Die Datei ist beschädigt oder keine lesbare Excel-Mappe."""

    hint = "Die Datei in Excel öffnen und neu als .xlsx speichern."


class TableForbidden(TableError):
    """Der Dienst darf die Tabelle nicht öffnen."""

    actor = Actor.ACCESS
    retry = True


class CredentialsRefused(TableForbidden):
    """Die Plattform nimmt den Zugang des Dienstes nicht an."""

    actor = Actor.OPERATOR


class PlatformRejected(TableError):
    """Die Plattform hat die Anfrage des Dienstes nicht angenommen."""

    actor = Actor.OPERATOR


class PlatformBusy(TableError):
    """Die Plattform ist gerade nicht erreichbar oder überlastet."""

    actor = Actor.PLATFORM
    retry = True

    def __init__(self, message: str = "", *, hint: str = "", retry_after: float | None = None) -> None:
        """``retry_after``: how many seconds the platform asked to be left alone; None where it did not say."""
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class PlatformThrottled(PlatformBusy):
    """Die Plattform bremst das Konto des Dienstes; der Abgleich geht danach von selbst weiter."""

    # All tables of the account have to wait, not only this one.


class NotDelivered(SyncsvcError):
    """Die Nachricht ließ sich nicht zustellen."""

    retry = True


class DeliveryUnknown(NotDelivered):
    """Die Verbindung zum Mailserver brach ab; die Nachricht kann angekommen sein."""
