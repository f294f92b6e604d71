"""The page for staff: what may be typed into which column. Written by ``python -m syncsvc.services.manual``.

It is made of the vocabularies and of the fields' own examples, read as a cell would be, so that it cannot go stale.
"""

from __future__ import annotations

import sys
from datetime import date

from syncsvc.core.fields import (
    Context,
    DirectoryContact,
    DirectoryOrganisation,
    Kind,
    Reading,
    VocabularyEntry,
    explain,
    field_for,
    proposed,
)
from syncsvc.core.fields.contract import Field
from syncsvc.core.fields.examples import EXAMPLES
from syncsvc.core.fields.registry import CATALOGUE, KnownField
from syncsvc.core.mapping import Column
from syncsvc.services import vocabularies

_TODAY = date(2025, 9, 15)
_INTRODUCTION = f"""# Was darf in welche Spalte?

Schreiben Sie, wie Sie es gewohnt sind. Was nur eine Bedeutung haben kann, wird übernommen; Ihre Schreibweise bleibt
stehen. Was zwei Bedeutungen haben kann, fragt die Spalte *Hinweis* nach. Was nicht lesbar ist, bleibt in der Zelle
stehen, und der Hinweis sagt, was fehlt; er verschwindet von selbst.

Überall gilt:

- Eine leere Zelle, `–` oder `k.A.` heißt: kein Wert.
- Bitte ausschreiben statt `dito`, `s.o.` oder `"`, und keine Formeln.
- Nicht in diese Tabelle gehören Angaben zur Gesundheit, Bewertungen von Menschen und Adressen von Frauenhäusern. Der
  Hinweis bittet dann, sie zu löschen, und wiederholt sie nicht. In Datensatz, Rückfragen und Verlauf kommt es nicht.
- Zwei Schreibweisen für dasselbe (`1.9.24` und `01.09.2024`) gelten nie als Änderung.

In den Beispielen ist heute der {_TODAY:%d.%m.%Y}, und die Zeile gehört zum Jobcenter Beispielstadt. Alle Personen sind
erfunden. Diese Seite wird aus den Wortlisten und Beispielen des Programms erzeugt (`make docs`).
"""


def manual() -> str:
    """The page as Markdown."""
    context = _example_context()
    sections = [_section(name, CATALOGUE[name], examples, context) for name, examples in EXAMPLES.items()]
    return "\n".join([_INTRODUCTION, *sections])


def _example_context() -> Context:
    domain = "jobcenter-beispielstadt.example"
    return Context(
        today=_TODAY,
        prefix="BSP",
        organisation="jc-beispielstadt",
        project_organisation="traeger",
        organisations=(
            DirectoryOrganisation(
                "jc-beispielstadt", "jobcentre", "Jobcenter Beispielstadt", (), "030 23125", (domain,)
            ),
            DirectoryOrganisation("aa-beispielstadt", "agency", "Agentur für Arbeit Beispielstadt"),
            DirectoryOrganisation("traeger", "provider", "Beispielträger"),
        ),
        contacts=(
            DirectoryContact("mueller", "jc-beispielstadt", "Müller", "Anna", "integration", "512", "030 23125-101"),
            DirectoryContact("schulz", "jc-beispielstadt", "Schulz", "Peter", "integration"),
            DirectoryContact("demir", "traeger", "Demir", "Leyla", "coach"),
            DirectoryContact("roth", "traeger", "Roth", "Sabine", "coach"),
        ),
        vocabularies=vocabularies.load(),
        values={"entry_date": "2024-09-01"},
    )


def _section(name: str, known: KnownField, examples: tuple[str, ...], context: Context) -> str:
    field = field_for(Column(known.label, name, known.type, known.owner, vocabulary=known.vocabulary))
    lines = [f"## {known.label}", "", "| Sie schreiben | Das heißt |", "|---|---|"]
    lines += [f"| `{text}` | {_told(field, field.parse(text, context), context)} |" for text in examples]
    if known.vocabulary and (words := _words(context.vocabularies[known.vocabulary].entries)):
        lines += ["", "Diese Wörter gelten:", "", *words]
    return "\n".join([*lines, ""])


def _told(field: Field, reading: Reading, context: Context) -> str:
    """A reading as staff see it: the value, or the sentence in their row."""
    if reading.accepted:
        return field.display(reading.value, context) or "kein Wert"
    proposal = proposed(field, reading, context)
    detail = field.display(proposal, context) if proposal is not None else ""
    word = "Rückfrage" if reading.kind is Kind.ASK else "nicht übernommen"
    return f"{word}: {explain(reading.code, '', detail=detail)}"


def _words(entries: tuple[VocabularyEntry, ...]) -> list[str]:
    """The entries that are values, one line each: the label, and what else means it."""
    values = [entry for entry in entries if not entry.details.keys() & {"ask", "reject"}]
    return [f"- **{entry.label}**" + (f": {', '.join(entry.aliases)}" if entry.aliases else "") for entry in values]


if __name__ == "__main__":
    sys.stdout.write(manual())
