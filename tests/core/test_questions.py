"""What a question says where its values alone would not explain it."""

from __future__ import annotations

from syncsvc.core.questions import Asked, text_of


def test_a_formula_without_a_result_is_not_called_an_unreadable_blank() -> None:
    """The cell shows nothing to quote; a person needs to know what to do with the file."""
    asked = Asked("unreadable", "formula_not_computed", ref="BSP-0137-E", header="Notiz", record="montags")

    assert text_of(asked) == (
        "Zeile BSP-0137-E, Spalte Notiz: Die Formel ist noch nicht berechnet. "
        "Bitte die Datei in Excel öffnen und speichern."
    )
