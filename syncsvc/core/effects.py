"""What an answer does, in one short German line beside its button."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from syncsvc.core.asked import (
    ABSENT,
    ACCEPT,
    DECLINE,
    DEPUTY,
    ENDED,
    LEFT,
    MISTAKE,
    NEW,
    PLANNED,
    PROPOSAL,
    RECORD,
    RESTORE,
    SAME,
    SECOND,
    SHEET,
    VACANT,
    YES,
)

_RESET = "Der nächste Abgleich überschreibt die Zelle; der jetzige Inhalt bleibt im Verlauf."
_TAKEN = "Der Datensatz übernimmt es; die Zelle bleibt, wie sie ist."
_WRITTEN = "Der nächste Abgleich schreibt es in die Tabelle."
_NOTHING = "Es ändert sich nichts."
_NO_REMARK = "Der Hinweis verschwindet aus den Tabellen."

_OF_CODES: Final[Mapping[tuple[str, str], str]] = {
    ("proposal_record", ACCEPT): _WRITTEN,
    ("proposal_record", DECLINE): "Der Datensatz nimmt den Wert der Tabelle wieder an.",
    ("proposal_sheet", ACCEPT): _TAKEN,
    ("proposal_sheet", DECLINE): _RESET,
    ("proposal_kept", ACCEPT): f"Der Datensatz übernimmt es. {_WRITTEN}",
    ("proposal_kept", DECLINE): _NOTHING,
    ("entry_differs", YES): "Das Verzeichnis ändert sich, und mit ihm alle Zeilen dieser Person.",
}

_OF_KINDS: Final[Mapping[tuple[str, str], str]] = {
    ("conflict", SHEET): _TAKEN,
    ("conflict", RECORD): _RESET,
    ("unreadable", PROPOSAL): _TAKEN,
    ("unreadable", RECORD): _RESET,
    ("deletion", RESTORE): "Der nächste Abgleich hängt die Zeile unten an.",
    ("deletion", ENDED): "Der Datensatz bleibt mit seiner Geschichte erhalten.",
    ("deletion", MISTAKE): "Keine Tabelle zeigt den Datensatz mehr; seine Geschichte bleibt.",
    ("doubled_row", NEW): _NOTHING,
    ("doubled_row", SAME): "Keine Tabelle zeigt diesen Datensatz mehr; seine Geschichte bleibt.",
    ("identity", NEW): "Der nächste Abgleich legt einen Datensatz an und schreibt die Nummer in die Zeile.",
    ("identity", ""): "Der nächste Abgleich schreibt die Nummer in die Zeile.",
    ("column", YES): "Die Spalte wird ab dem nächsten Abgleich wieder abgeglichen.",
    ("contact", NEW): "Sie steht dann im Verzeichnis; der Datensatz übernimmt sie.",
    ("contact", RECORD): _RESET,
    ("contact", LEFT): "Das Verzeichnis ändert sich; die Zeilen bitten um eine neue Ansprechperson.",
    ("contact", ABSENT): "Das Verzeichnis ändert sich; die Zeilen nennen die Vertretung.",
    ("contact", ""): _TAKEN,
    ("handover", RECORD): _RESET,
    ("handover", PLANNED): "Bis dahin bleibt alles, wie es ist; dann trägt der Dienst sie ein.",
    ("handover", SECOND): _TAKEN,
    ("handover", DEPUTY): _TAKEN,
    ("handover", VACANT): "Der Datensatz nennt dann niemanden.",
    ("coaching", "discussed_her"): "Die Klärung bleibt offen.",
    ("coaching", "discussed_jobcentre"): "Die Klärung bleibt offen.",
    ("coaching", ""): _NO_REMARK,
}
"""By kind and answer; the answer ``""`` stands for all others of the kind."""


def effect_of(kind: str, code: str, choice: str) -> str:
    """The consequence of this answer in one sentence; empty where its own words say all of it."""
    if (code, choice) in _OF_CODES:
        return _OF_CODES[code, choice]
    return _OF_KINDS.get((kind, choice), _OF_KINDS.get((kind, ""), ""))
