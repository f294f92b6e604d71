"""What a question says where its values alone would not explain it."""

from __future__ import annotations

import pytest

from syncsvc.core.questions import Asked, choices_of, choices_together, text_in_rows, text_of, text_together


def test_a_formula_without_a_result_is_not_called_an_unreadable_blank() -> None:
    """The cell shows nothing to quote; a person needs to know what to do with the file."""
    asked = Asked("unreadable", "formula_not_computed", ref="BSP-0137-E", header="Notiz", record="montags")

    assert text_of(asked) == (
        "Zeile BSP-0137-E, Spalte Notiz: Die Formel ist noch nicht berechnet. "
        "Bitte die Datei in Excel öffnen und speichern."
    )


def test_many_rows_that_are_gone_are_told_in_one_sentence() -> None:
    asked = Asked("deletion", "row_gone", ref="BSP-0137-E")

    assert text_together(asked, ("BSP-0137-E", "BSP-0138-C", "BSP-0139-A", "BSP-0142-K")) == (
        "4 Zeilen fehlen in der Tabelle (BSP-0137-E, BSP-0138-C, BSP-0139-A, …). "
        "Gelöscht wurde nichts; die Datensätze sind unverändert."
    )


def test_an_answer_for_many_quotes_no_single_record() -> None:
    """Each cell gets what its own record says, so the shared answer names none of them."""
    rows = [
        Asked("unreadable", "date_unclear", ref="BSP-0137-E", header="Eintritt", sheet="bald", record="01.09.2024"),
        Asked("unreadable", "date_unclear", ref="BSP-0138-C", header="Eintritt", sheet="bald", record="02.09.2024"),
    ]

    [choice] = choices_together(rows[0], [choices_of(row) for row in rows])

    assert (choice.key, choice.text) == ("record", "In die Zellen schreiben, was in den Datensätzen steht")
    assert "2024" not in text_together(rows[0], ("BSP-0137-E", "BSP-0138-C"))


def test_answers_that_mean_different_things_are_not_offered_for_many() -> None:
    rows = [Asked("conflict", "conflict", header="Notiz", sheet=said, record="freitags") for said in ("mo", "di")]

    found = choices_together(rows[0], [choices_of(row) for row in rows])

    assert [choice.key for choice in found] == ["record"]


@pytest.mark.parametrize("kind", ["conflict", "proposal", "unreadable", "deletion", "doubled_row", "identity"])
def test_every_answer_says_what_it_does(kind: str) -> None:
    code = {"proposal": "proposal_sheet", "doubled_row": "row_copied", "identity": "reference_wiped"}.get(kind, kind)
    asked = Asked(kind, code, ref="BSP-0137-E", row=3, record="a", sheet="b", proposal="c", has_proposal=True,
                  candidates=("BSP-0138-C",))  # fmt: skip

    choices = choices_of(asked)

    assert len(choices) > 1
    assert all(choice.effect.endswith(".") for choice in choices)


def test_the_row_is_quoted_to_whoever_sees_no_record() -> None:
    asked = Asked("conflict", "conflict", ref="BSP-0137-E", header="Notiz", sheet="montags", record="freitags")

    assert "freitags" not in text_in_rows(asked)
    assert text_in_rows(asked).startswith("Zeile BSP-0137-E, Spalte Notiz: ")
