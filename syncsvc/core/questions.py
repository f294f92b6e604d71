"""What a question says, and what can be answered: German sentences and choices, from values already made readable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from syncsvc.core.asked import (
    ACCEPT,
    DECLINE,
    ENDED,
    MISTAKE,
    NEW,
    PROPOSAL,
    RECORD,
    RELEASE,
    RESTORE,
    SAME,
    SHEET,
    YES,
    Asked,
    Choice,
    place,
    quoted,
    some,
)
from syncsvc.core.contact_questions import choices as contact_choices
from syncsvc.core.contact_questions import text as contact_text
from syncsvc.core.effects import effect_of
from syncsvc.core.fields.sentences import CELL_SENTENCES, ROW_SENTENCES, explain

THINNED = "Die Einzelheiten dieser Klärung sind nach Ablauf der Aufbewahrung entfernt."
UNRELEASABLE = frozenset({"header_missing", "reference_column", "exposed"})
"""Holds that only a change in the table ends."""


def text_of(asked: Asked) -> str:
    """The question as one or two German sentences."""
    return _TEXTS[asked.kind](asked)


def choices_of(asked: Asked) -> tuple[Choice, ...]:
    """The answers, the proposed or most usual one first; none where only a change in the table helps."""
    return tuple(
        replace(choice, effect=effect_of(asked.kind, asked.code, choice.key)) for choice in _CHOICES[asked.kind](asked)
    )


def text_together(asked: Asked, refs: tuple[str, ...]) -> str:
    """The text for several questions that one answer may settle (``core/topics.py``); ``asked`` is one of them."""
    many = replace(asked, refs=refs, record="") if asked.kind in ("unreadable", "column") else replace(asked, refs=refs)
    if asked.kind == "deletion":
        missing = f"{len(refs)} Zeilen fehlen in der {'Liste' if asked.staff else 'Tabelle'}"
        return f"{missing} ({some(refs)}). Gelöscht wurde nichts; die Datensätze sind unverändert."
    if asked.code == "required_emptied":
        return f"{place(many)}: Die Zellen wurden geleert, werden aber gebraucht."
    return text_of(many)


def text_in_rows(asked: Asked) -> str:
    """What the row itself says about it, for whoever sees the table and no record."""
    said = explain(asked.code, "") if asked.code in CELL_SENTENCES or asked.code in ROW_SENTENCES else ""
    return f"{place(asked)}: {said}" if said else place(asked)


def choices_together(asked: Asked, choices: Sequence[tuple[Choice, ...]]) -> tuple[Choice, ...]:
    """The answers that mean the same for all of these questions; ``choices`` are those of each of them."""
    found = []
    for choice in choices[0]:
        same = [one for own in choices for one in own if one.key == choice.key]
        if len({one.text for one in same}) == 1 and len(same) == len(choices):
            found.append(choice)
        elif len(same) == len(choices) and (asked.kind, choice.key) == ("unreadable", RECORD):
            found.append(replace(choice, text="In die Zellen schreiben, was in den Datensätzen steht"))
    return tuple(found)


def _sides(asked: Asked) -> str:
    return f"in der Tabelle steht {quoted(asked.sheet)}, im Datensatz {quoted(asked.record)}"


def _conflict_text(asked: Asked) -> str:
    if asked.code == "formula_blocks_value":
        return f"{place(asked)}: In der Zelle rechnet eine Formel, der Datensatz sagt {quoted(asked.record)}."
    if asked.code == "interrupted":
        return f"{place(asked)}: Ein Abgleich wurde unterbrochen; {_sides(asked)}. Was gilt?"
    if asked.code == "flip":
        return f"{place(asked)}: Der Wert wurde zweimal zurückgesetzt; {_sides(asked)}. Was gilt?"
    return f"{place(asked)}: Beide Seiten haben verschieden geändert; {_sides(asked)}. Was gilt?"


def _conflict_choices(asked: Asked) -> list[Choice]:
    choices = [Choice(SHEET, f"Der Wert der Tabelle gilt: {quoted(asked.sheet)}")]
    if not asked.fixed:
        choices.append(Choice(RECORD, f"Der Wert des Datensatzes gilt: {quoted(asked.record)}"))
    return choices


def _proposal_text(asked: Asked) -> str:
    if asked.code == "proposal_record":
        return (
            f"{place(asked)}: Das Projekt schlägt {quoted(asked.proposal)} vor, "
            f"in der Tabelle steht {quoted(asked.sheet)}. Soll der Vorschlag gelten?"
        )
    if asked.code == "proposal_kept":
        return (
            f"{place(asked)}: Beide Seiten haben geändert; es gilt der Wert der zuständigen Seite. "
            f"Die andere hatte {quoted(asked.proposal)} eingetragen. Soll das gelten?"
        )
    return (
        f"{place(asked)}: In der Tabelle wurde {quoted(asked.proposal)} eingetragen, "
        f"im Datensatz steht {quoted(asked.record)}. Soll der Vorschlag gelten?"
    )


def _proposal_choices(asked: Asked) -> list[Choice]:
    stays = asked.sheet if asked.code == "proposal_record" else asked.record
    accept = Choice(ACCEPT, f"Übernehmen: {quoted(asked.proposal)}")
    if asked.fixed and asked.code == "proposal_sheet":  # to decline is to write over the cell
        return [accept]
    keep = "Nicht übernehmen" if asked.code == "proposal_kept" else f"Ablehnen, es bleibt bei {quoted(stays)}"
    return [accept, Choice(DECLINE, keep)]


def _unreadable_text(asked: Asked) -> str:
    if asked.hidden:
        return f"{place(asked)}: Dort steht etwas, das nicht in die Tabelle gehört. Bitte dort entfernen."
    if asked.code == "required_emptied":
        known = quoted(asked.record)
        return f"{place(asked)}: Die Zelle wurde geleert, wird aber gebraucht. Im Datensatz steht {known}."
    if asked.code == "merged_cell":
        return f"{place(asked)}: Die Zelle ist mit anderen verbunden. Bitte die Verbindung aufheben."
    if asked.code == "formula_not_computed":
        return f"{place(asked)}: Die Formel ist noch nicht berechnet. Bitte die Datei in Excel öffnen und speichern."
    meant = f" Meinten Sie {quoted(asked.proposal)}?" if asked.has_proposal else ""
    return f"{place(asked)}: {quoted(asked.sheet)} ist so nicht zu verstehen.{meant}"


def _unreadable_choices(asked: Asked) -> list[Choice]:
    if asked.hidden or not asked.ref:
        return []
    choices = [Choice(PROPOSAL, f"Ja, {quoted(asked.proposal)}")] if asked.has_proposal else []
    if not asked.fixed:
        known = f"In die Zelle schreiben, was im Datensatz steht: {quoted(asked.record)}"
        choices.append(Choice(RECORD, known if asked.record else "Die Zelle leeren"))
    return choices


def _deletion_text(asked: Asked) -> str:
    if asked.staff:
        return f"Die Zeile {asked.ref} fehlt in der Liste. Im Verzeichnis steht die Person noch. Ist sie ausgeschieden?"
    return f"Die Zeile {asked.ref} fehlt in der Tabelle. Gelöscht wurde nichts; der Datensatz ist unverändert."


def _deletion_choices(asked: Asked) -> list[Choice]:
    if asked.staff:
        return [
            Choice(ENDED, "Ja, ausgeschieden: Die Zeile bleibt weg, das Verzeichnis vermerkt es"),
            Choice(RESTORE, "Nein, die Zeile wieder in die Liste schreiben"),
        ]
    return [
        Choice(RESTORE, "Die Zeile wieder in die Tabelle schreiben"),
        Choice(ENDED, "Die Teilnahme ist beendet: Die Zeile bleibt weg, der Status wird „beendet“"),
        Choice(MISTAKE, "Es war eine Fehleingabe: Der Datensatz wird stillgelegt"),
    ]


def _same(asked: Asked) -> str:
    return "Ist es dieselbe Person?" if asked.staff else "Ist es dieselbe Frau?"


def _doubled_text(asked: Asked) -> str:
    if asked.code == "row_copied":
        first = ", ".join(asked.candidates)
        return f"Die Zeile {first} wurde kopiert; die Kopie hat jetzt die {asked.number} {asked.ref}. {_same(asked)}"
    known = ", ".join(asked.candidates)
    return f"Die {asked.number} {known} steht in mehreren Zeilen, auch in Zeile {asked.row}. Wem gehört sie?"


def _doubled_choices(asked: Asked) -> list[Choice]:
    if asked.code == "row_copied":
        return [
            Choice(NEW, f"Nein, eine andere {'Person' if asked.staff else 'Frau'}: Beide Zeilen bleiben"),
            Choice(SAME, f"Ja, dieselbe: {asked.ref} wird stillgelegt, die kopierte Zeile kann gelöscht werden"),
        ]
    return _identity_choices(asked)


def _identity_text(asked: Asked) -> str:
    known = ", ".join(asked.candidates)
    if asked.code == "new_row":
        wanted = "Ist das eine neue Ansprechperson?" if asked.staff else "Soll daraus eine Teilnehmerin werden?"
        return f"Zeile {asked.row} ist neu. {wanted}"
    if asked.code == "person_known":
        return f"Zeile {asked.row} hat keine {asked.number}, gleicht aber {known}. {_same(asked)}"
    if asked.code == "reference_locked":
        return (
            f"Zeile {asked.row} ist neu, aber die Zelle der {asked.number} ist geschützt oder verbunden. "
            "Wer die Tabelle verwaltet, muss sie für den Dienst freigeben; bis dahin bleibt die Zeile liegen."
        )
    if asked.code == "reference_wiped":
        return f"In Zeile {asked.row} fehlt die {asked.number} oder ist nicht lesbar. Ist es {known}?"
    number = f"eine {asked.number}, die es hier nicht gibt: {quoted(asked.sheet)}"
    return f"In Zeile {asked.row} steht {number}. Wer ist gemeint?"


def _identity_choices(asked: Asked) -> list[Choice]:
    if asked.code == "reference_locked":
        return []
    choices = [Choice(ref, f"Diese Zeile ist {ref}") for ref in asked.candidates]
    somebody = "Ansprechperson" if asked.staff else "Teilnehmerin"
    return [*choices, Choice(NEW, f"Eine neue {somebody}: Sie bekommt eine eigene {asked.number}")]


def _column_text(asked: Asked) -> str:
    if asked.text:
        return asked.text
    told = f"; hinein gehört {quoted(asked.record)}" if asked.record else ""
    where = place(asked) if asked.row else f"Neue Zeile {asked.ref}{f', Spalte {asked.header}' if asked.header else ''}"
    return (
        f"{where}: Die Zelle ist geschützt oder verbunden{told}. "
        "Wer die Tabelle verwaltet, muss sie für den Dienst freigeben oder den Wert selbst eintragen."
    )


def _column_choices(asked: Asked) -> list[Choice]:
    if asked.code == "column_renamed":
        return [Choice(YES, f"Ja, „{asked.proposal}“ ist der neue Name dieser Spalte")]
    return []


def _held_text(asked: Asked) -> str:
    return f"Der Abgleich ist angehalten. {asked.text}"


def _held_choices(asked: Asked) -> list[Choice]:
    if asked.code in UNRELEASABLE:
        return []
    if asked.code == "table_empty":
        return [Choice(RESTORE, "Kopfzeile und alle Zeilen aus den Datensätzen neu schreiben")]
    return [Choice(RELEASE, "Freigeben: Der nächste Abgleich übernimmt, was in der Tabelle steht")]


def _coaching_text(asked: Asked) -> str:
    return asked.text


def _coaching_choices(_asked: Asked) -> list[Choice]:
    return [
        Choice("discussed_her", "Mit der Teilnehmerin besprochen"),
        Choice("discussed_jobcentre", "Mit dem Jobcenter besprochen"),
        Choice("agreed_parallel", "Abgestimmt: Beide laufen nebeneinander"),
        Choice("ended", "Geklärt: Eine der beiden endet"),
        Choice("mistake", "Irrtum: Es ist keine doppelte Begleitung"),
    ]


_TEXTS: dict[str, Callable[[Asked], str]] = {
    "conflict": _conflict_text,
    "proposal": _proposal_text,
    "unreadable": _unreadable_text,
    "deletion": _deletion_text,
    "doubled_row": _doubled_text,
    "identity": _identity_text,
    "column": _column_text,
    "held": _held_text,
    "contact": contact_text,
    "handover": contact_text,
    "coaching": _coaching_text,
}

_CHOICES: dict[str, Callable[[Asked], list[Choice]]] = {
    "conflict": _conflict_choices,
    "proposal": _proposal_choices,
    "unreadable": _unreadable_choices,
    "deletion": _deletion_choices,
    "doubled_row": _doubled_choices,
    "identity": _identity_choices,
    "column": _column_choices,
    "held": _held_choices,
    "contact": contact_choices,
    "handover": contact_choices,
    "coaching": _coaching_choices,
}
