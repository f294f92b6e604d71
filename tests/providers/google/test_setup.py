"""``tables check`` says what is wrong with a Google table, ``tables setup`` adds what nobody has set up yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from syncsvc.core.layout import Layout, LayoutColumn, Shape
from syncsvc.core.model import Side
from syncsvc.errors import TableReadOnly
from tests.fakes.google import faults, refusals
from tests.fakes.google.people import Person
from tests.providers.conformance import patch
from tests.providers.google.conftest import ANNA, TAB, Google

HEADER = ["TN-Nr.", "Status", "Eintritt", "Rolle", "Notiz", "Hinweis"]

LAYOUT = Layout(
    1,
    (
        LayoutColumn(1, "TN-Nr.", "participant_ref", Shape.TEXT, (), Side.SERVICE, 120),
        LayoutColumn(2, "Status", "status", Shape.TEXT, ("aktiv", "beendet"), None, 160),
        LayoutColumn(3, "Eintritt", "entry_date", Shape.DAY, (), None, 100),
        LayoutColumn(4, "Rolle", "contact_jc_role", Shape.TEXT, ("Integrationsfachkraft",), Side.JOBCENTRE, 160),
        LayoutColumn(5, "Notiz", "custom.note", Shape.TEXT, (), None, 200),
        LayoutColumn(6, "Hinweis", "service_note", Shape.TEXT, (), Side.SERVICE, 360),
    ),
)

WRONG: dict[str, tuple[Callable[[Google, Person], object], str, str]] = {
    "not shared": (lambda google, anna: anna.withdraw(google.address), "nicht mit dem Dienst geteilt", "Freigeben"),
    "reader only": (lambda google, anna: anna.share(google.address, "reader"), "nur lesen", "Bearbeiter"),
    "deleted": (lambda google, anna: anna.delete_file(), "gibt es nicht", "Adresse"),
    "trashed": (lambda google, anna: anna.trash(), "Papierkorb", "wiederherstellen"),
    "tab renamed before the first look": (lambda google, anna: anna.rename_tab("x"), f"Blatt „{TAB}“", "Programmdatei"),
    "protected": (lambda google, anna: anna.protect("B2:C9"), "Der Bereich B2:C9 ist geschützt", "Bearbeiter"),
    "protected column": (lambda google, anna: anna.protect("B:B"), "Der Bereich B:B ist geschützt", "Bearbeiter"),
    "protected tab": (lambda google, anna: anna.protect(""), "Das ganze Blatt ist geschützt", "Bearbeiter"),
    "not enabled": (
        lambda google, anna: google.server.fault(
            "meta", faults.refuse(refusals.service_disabled("drive.googleapis.com", "Google Drive API"), drive=True)
        ),
        "nicht aktiviert",
        "Cloud-Konsole",
    ),
    "revoked": (
        lambda google, anna: setattr(google.server.tokens.accounts[google.address], "revoked", True),
        "nimmt den Schlüssel",
        "neuen Schlüssel",
    ),
    "throttled": (
        lambda google, anna: google.server.fault("read", faults.throttle(retry_after=600), times=None),
        "bremst",
        "",
    ),
}


@pytest.mark.parametrize(("break_it", "words", "step"), WRONG.values(), ids=WRONG.keys())
def test_a_check_says_what_is_wrong_and_what_to_do(
    google: Google, break_it: Callable[[Google, Person], object], words: str, step: str
) -> None:
    file = google.file(HEADER, size=(40, 8))
    break_it(google, google.server.person(ANNA, file))
    wrong = [check for check in google.table(file).check() if not check.ok]

    assert any(words in check.text and check.text.endswith(".") and step in check.hint for check in wrong)


def test_a_check_of_a_good_table_writes_nothing(google: Google) -> None:
    table = google.table(google.file(HEADER))

    assert all(check.ok for check in table.check())
    assert google.server.counts() == {"meta": 1, "read": 1}


def test_setting_up_makes_a_tab_easy_to_fill(google: Google) -> None:
    file = google.file(HEADER, size=(40, 8))
    anna = google.server.person(ANNA, file)
    done = google.table(file).prepare(LAYOUT)
    sheet = file.document.sheets[0]

    assert done
    assert all(sentence.endswith(".") for sentence in done)
    assert sheet.frozen_rows == 1
    assert [column.size for column in sheet.columns[:6]] == [120, 160, 100, 160, 200, 360]
    rule = anna.cell("B40").validation
    assert rule is not None
    assert [value["userEnteredValue"] for value in rule["condition"]["values"]] == ["aktiv", "beendet"]
    assert not rule.get("strict")
    assert anna.cell("B1").validation is None
    assert anna.cell("C40").format["numberFormat"] == {"type": "DATE", "pattern": "dd.mm.yyyy"}
    assert anna.cell("E2").format["numberFormat"]["type"] == "TEXT"
    assert [(p.box.left, p.warning_only) for p in sheet.protections] == [(0, True), (3, True), (5, True)]
    assert anna.rows() == [HEADER]


def test_what_is_typed_into_a_tab_that_was_set_up_stays_as_it_was_typed(google: Google) -> None:
    """That is what the formats are for: no telephone number becomes a sum, no note a date."""
    file = google.file(HEADER, size=(40, 8))
    anna = google.server.person(ANNA, file)
    table = google.table(file)
    table.prepare(LAYOUT)
    for cell, text in {"A2": "0042", "C2": "1.3.2026", "E2": "1.2.", "F2": "+49 30"}.items():
        anna.type(cell, text)

    assert table.read().rows[1].cells == ("0042", None, date(2026, 3, 1), None, "1.2.", "+49 30")


def test_columns_are_tied_to_their_fields(google: Google) -> None:
    file = google.file(HEADER, size=(40, 8))
    anna = google.server.person(ANNA, file)
    table = google.table(file)
    table.prepare(LAYOUT)
    anna.type("B1", "Stand")
    anna.move_column("B", "F")

    assert table.read().column_anchors == {
        1: "participant_ref", 2: "entry_date", 3: "contact_jc_role", 4: "custom.note", 5: "status", 6: "service_note",
    }  # fmt: skip


def test_setting_up_twice_changes_nothing(google: Google) -> None:
    file = google.file(HEADER, size=(40, 8))
    google.table(file).prepare(LAYOUT)
    before = file.document
    google.server.forget()

    assert google.table(file).prepare(LAYOUT) == ["Es war schon alles eingerichtet."]
    assert google.server.counts()["write"] == 0
    assert file.document is before


def test_a_tab_of_nothing_but_a_header_gets_a_row(google: Google) -> None:
    file = google.file(HEADER, size=(1, 6))
    google.table(file).prepare(LAYOUT)

    assert google.server.person(ANNA, file).cell("B2").validation is not None
    assert google.table(file).prepare(LAYOUT) == ["Es war schon alles eingerichtet."]


def test_rows_added_later_are_kept_by_the_same_side(google: Google) -> None:
    file = google.file(HEADER, size=(2, 6))
    table = google.table(file)
    table.prepare(LAYOUT)
    table.write(patch(table.read(), appends=({1: "BSP-0001-A"}, {1: "BSP-0002-8"})))

    assert {protection.box.bottom for protection in file.document.sheets[0].protections} == {None}


def test_a_table_for_reading_only_is_not_set_up(google: Google) -> None:
    file = google.file(HEADER)
    google.server.person(ANNA, file).share(google.address, "reader")
    table = google.table(file)
    table.read()
    with pytest.raises(TableReadOnly):
        table.prepare(LAYOUT)

    assert google.server.counts()["write"] == 0


def test_what_people_set_up_stays(google: Google) -> None:
    file = google.file(HEADER, ["BSP-0001-A", "aktiv", date(2026, 3, 1), None, 12.0], size=(40, 8))
    anna = google.server.person(ANNA, file)
    anna.offer("B2", "läuft", "fertig")
    anna.protect("F:F", google.address)
    anna.format("A2:A9", "NUMBER", "0")
    file.document.sheets[0].frozen_rows = 3
    done = google.table(file).prepare(LAYOUT)
    sheet = file.document.sheets[0]

    assert anna.cell("B3").validation is None
    assert [value["userEnteredValue"] for value in anna.cell("B2").validation["condition"]["values"]] == [  # type: ignore[index]
        "läuft",
        "fertig",
    ]
    assert sheet.frozen_rows == 3
    assert anna.cell("A10").format == {}
    assert anna.cell("E2").format == {}, "a number would become text"
    assert [p.warning_only for p in sheet.protections if p.box.left == 5] == [False]
    assert "Auswahllisten bleiben, wie sie sind: Status." in done
    assert anna.rows()[1] == ["BSP-0001-A", "aktiv", date(2026, 3, 1), None, 12.0]


def test_a_lost_answer_sets_nothing_up_twice(google: Google) -> None:
    file = google.file(HEADER, size=(40, 8))
    google.server.fault("write", faults.drop(processed=True))
    google.table(file).prepare(LAYOUT)

    assert len(file.document.sheets[0].protections) == 3
