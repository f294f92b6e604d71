"""``tables check`` says what is wrong with a workbook, ``tables setup`` formats what nobody has formatted yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from syncsvc.core.layout import Layout, LayoutColumn, Shape
from syncsvc.core.model import Side
from syncsvc.errors import LeaseLost
from tests.fakes.graph import faults
from tests.fakes.graph.people import Person
from tests.fakes.graph.refusals import Refused
from tests.providers.sharepoint.conftest import Graph
from tests.providers.sharepoint.scene import ANNA, TAB, open_table

HEADER = ["TN-Nr.", "Eintritt", "Notiz"]
KATYA: list[object] = ["BSP-0001-A", None, "ruft an"]

LAYOUT = Layout(
    1,
    (
        LayoutColumn(1, "TN-Nr.", "participant_ref", Shape.TEXT, (), Side.SERVICE, 120),
        LayoutColumn(2, "Eintritt", "entry_date", Shape.DAY, (), None, 100),
        LayoutColumn(3, "Notiz", "custom.note", Shape.TEXT, (), None, 200),
    ),
)

WRONG: dict[str, tuple[Callable[[Graph, Person], object], str, str]] = {
    "deleted": (lambda graph, anna: anna.delete_file(), "gibt es", "Papierkorb"),
    "tab renamed before the first look": (lambda graph, anna: anna.rename_tab("x"), f"Blatt „{TAB}“", "x"),
    "protected": (lambda graph, anna: anna.protect("A2:B9"), "Blatt ist geschützt", "Blattschutz"),
    "checked out": (lambda graph, anna: anna.check_out(), "ausgecheckt", "einchecken"),
    "opened alone": (lambda graph, anna: anna.open_exclusively(), "gesperrt", "schließen"),
    "read only": (
        lambda graph, anna: (
            graph.app.roles.clear(),
            graph.app.roles.add("Sites.Selected"),
            graph.server.grant(graph.app, "read"),
        ),
        "nichts ändern",
        "Sites.Selected",
    ),
    "throttled": (lambda graph, anna: graph.server.fault("read", faults.throttle(600), times=None), "bremst", ""),
}


@pytest.mark.parametrize(("break_it", "words", "step"), WRONG.values(), ids=WRONG.keys())
def test_a_check_says_what_is_wrong_and_what_to_do(
    graph: Graph, break_it: Callable[[Graph, Person], object], words: str, step: str
) -> None:
    file = graph.server.workbook([HEADER, KATYA], tab=TAB)
    break_it(graph, graph.server.person(ANNA, file))
    wrong = [check for check in open_table(graph, file).check() if not check.ok]

    assert any(words in check.text and check.text.endswith(".") and step in check.hint for check in wrong)


@pytest.mark.parametrize("table", ["", "Liste"])
def test_a_check_of_a_good_table_writes_nothing(graph: Graph, table: str) -> None:
    file = graph.server.workbook([HEADER, KATYA], tab=TAB, table=table)
    found = open_table(graph, file).check()

    assert all(check.ok for check in found)
    assert any("zum Schreiben" in check.text for check in found)
    assert graph.server.written() == []


@pytest.mark.parametrize("status", [400, 403])
def test_a_check_gets_by_without_sessions(graph: Graph, status: int) -> None:
    """Microsoft documents that applications get none; reading and writing go without."""
    graph.server.sessions.refused = Refused(status, "unsupported", "Not for applications.")
    file = graph.server.workbook([HEADER, KATYA], tab=TAB)

    assert all(check.ok for check in open_table(graph, file).check())


def test_a_check_tells_of_an_excel_table_that_came_or_went(graph: Graph) -> None:
    """New rows would go elsewhere than people expect."""
    file = graph.server.workbook([HEADER, KATYA], tab=TAB)
    anna = graph.server.person(ANNA, file)
    ids = open_table(graph, file).read().identity
    anna.make_table("A1:C2", "Liste")
    assert any("„Liste“" in each.text and not each.ok for each in open_table(graph, file, **ids).check())

    ids = open_table(graph, file).read().identity
    anna.convert_to_range("Liste")
    assert any("nicht mehr" in each.text and not each.ok for each in open_table(graph, file, **ids).check())


def test_a_check_tells_that_rows_are_hidden(graph: Graph) -> None:
    file = graph.server.workbook([HEADER, KATYA], tab=TAB)
    graph.server.person(ANNA, file).hide_row(2)

    assert any("gefiltert" in check.text for check in open_table(graph, file).check())


def test_setting_up_formats_what_nobody_has_formatted(graph: Graph) -> None:
    """So that nothing typed in a text column turns into a number or a day any more."""
    file = graph.server.workbook([HEADER, KATYA], tab=TAB)
    anna = graph.server.person(ANNA, file)
    done = open_table(graph, file).prepare(LAYOUT)
    anna.type("C3", "1.2")
    anna.type("A3", "01067")
    anna.type("B3", "01.02.2026")

    assert anna.rows() == [HEADER, KATYA, ["01067", date(2026, 2, 1), "1.2"]]
    assert anna.cell("B3").format["numberFormat"] == "dd.mm.yyyy"
    assert "numberFormat" not in anna.cell("C1").format
    assert any("TN-Nr., Eintritt, Notiz" in line for line in done)
    assert any("fixieren" in line and "Auswahllisten" in line for line in done)


def test_setting_up_twice_does_nothing_the_second_time(graph: Graph) -> None:
    file = graph.server.workbook([HEADER, KATYA], tab=TAB)
    open_table(graph, file).prepare(LAYOUT)
    graph.server.forget()
    done = open_table(graph, file).prepare(LAYOUT)

    assert done[0] == "Es war schon alles eingerichtet."
    assert graph.server.counts()["write"] == 0


def test_setting_up_leaves_what_people_made(graph: Graph) -> None:
    """A format of theirs, or a value that would look different."""
    file = graph.server.workbook([HEADER, ["BSP-0001-A", 46054.0, "ruft an"]], tab=TAB)
    anna = graph.server.person(ANNA, file)
    anna.format("C2", "0.00")
    done = open_table(graph, file).prepare(LAYOUT)

    assert "numberFormat" not in anna.cell("B2").format
    assert anna.cell("C2").format["numberFormat"] == "0.00"
    assert any("Eintritt, Notiz" in line and "bleiben" in line for line in done)


def test_setting_up_goes_out_only_by_permission(graph: Graph) -> None:
    def permit() -> None:
        raise LeaseLost

    file = graph.server.workbook([HEADER, KATYA], tab=TAB)
    with pytest.raises(LeaseLost):
        open_table(graph, file).prepare(LAYOUT, permit)

    assert graph.server.counts()["write"] == 0
