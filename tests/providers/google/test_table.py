"""What Google alone has: tabs that are renamed and copied, protections, sharing, a version that lags, a quota."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import requests

from syncsvc.core.model import Covered, ErrorValue, Formula
from syncsvc.errors import TableError, TableForbidden, TableMoved, TableNotFound, TableReadOnly
from tests.fakes.google.drive import LINK
from tests.fakes.google.formulas import Formula as GoogleFormula
from tests.providers.conformance import patch
from tests.providers.google.conftest import ANNA, TAB, Google

HEADER = ["TN-Nr.", "Name", "Eintritt"]
KATYA = ["BSP-0001-A", "Probe, Katya", date(2026, 3, 1)]
AMINA = ["BSP-0002-8", "Muster, Amina", date(2026, 4, 15)]


def test_a_look_costs_one_metadata_request_and_a_run_two_reads_and_a_write(google: Google) -> None:
    """Counted as the platform's own log counts."""
    table = google.table(google.file(HEADER, KATYA, AMINA))
    table.version()
    assert google.server.counts() == {"meta": 1}

    google.server.forget()
    snapshot = table.read()
    table.write(patch(snapshot, (2, 2, "Neu"), (3, 3, date(2026, 5, 1)), appends=({1: "BSP-0003-6"},)))
    table.read()

    assert google.server.counts() == {"meta": 2, "read": 2, "write": 1}
    assert (table.requests.meta, table.requests.read, table.requests.write) == (3, 2, 1)


def test_tables_of_one_account_share_session_and_token(google: Google) -> None:
    for _ in range(3):
        google.table(google.file(HEADER, KATYA)).read()

    assert google.server.token_requests == 1


def test_threads_of_one_process_share_the_account(google: Google) -> None:
    files = [google.file(HEADER, KATYA) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(lambda file: google.table(file).read().rows[1].cells, files))

    assert rows == [tuple(KATYA)] * 8
    assert google.server.token_requests == 1


def test_all_requests_go_where_the_setting_says(google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    """Newer google-auth asks a host of its own in the background; nothing but the two APIs and tokens is asked."""
    hosts = set[str]()
    send = requests.Session.send

    def watched(self: requests.Session, request: requests.PreparedRequest, **kwargs: object) -> requests.Response:
        hosts.add(str(request.url).split("/")[2])
        return send(self, request, **kwargs)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(requests.Session, "send", watched)
    table = google.table(google.file(HEADER, KATYA))
    table.write(patch(table.read(), (2, 2, "Neu")))

    assert hosts == {google.server.url.removeprefix("http://")}


# Tabs


@pytest.mark.parametrize("title", ["Liste März", "A1", "'Liste'", "R1C1", "Anna's Liste", "Blatt, 2: (neu)"])
def test_any_title_of_a_tab_is_found(google: Google, title: str) -> None:
    file = google.file(HEADER, KATYA)
    google.server.person(ANNA, file).rename_tab(title)

    assert google.table(file, worksheet=title).read().rows[1].cells == tuple(KATYA)


def test_a_renamed_tab_is_found_by_its_id(google: Google) -> None:
    file = google.file(HEADER, KATYA)
    identity = google.table(file).read().identity
    google.server.person(ANNA, file).rename_tab("Frauen 2026")
    snapshot = google.table(file, **identity).read()

    assert snapshot.rows[1].cells == tuple(KATYA)
    assert snapshot.identity == {**identity, "title": "Frauen 2026"}


def test_a_tab_that_took_the_old_title_is_not_ours(google: Google) -> None:
    file = google.file(HEADER, KATYA)
    identity = google.table(file).read().identity
    anna = google.server.person(ANNA, file)
    anna.rename_tab("Archiv")
    anna.add_tab(TAB)

    assert google.table(file, **identity).read().rows[1].cells == tuple(KATYA)


def test_a_tab_that_is_gone_is_not_replaced_by_its_namesake(google: Google) -> None:
    file = google.file(HEADER, KATYA)
    identity = google.table(file).read().identity
    anna = google.server.person(ANNA, file)
    anna.duplicate_tab("Kopie")
    anna.delete_tab()
    google.server.person(ANNA, file).rename_tab(TAB)

    with pytest.raises(TableNotFound, match=f"Blatt „{TAB}“"):
        google.table(file, **identity).read()


def test_an_address_that_names_a_tab_is_enough(google: Google) -> None:
    file = google.file(HEADER, KATYA)

    assert google.table(file, worksheet="", sheet_id="0").read().rows[1].cells == tuple(KATYA)


def test_a_tab_renamed_between_read_and_write_gets_the_write(google: Google) -> None:
    file = google.file(HEADER, KATYA)
    anna = google.server.person(ANNA, file)
    table = google.table(file)
    snapshot = table.read()
    google.server.before("write", lambda: anna.rename_tab("Frauen 2026"))
    table.write(patch(snapshot, (2, 2, "Neu")))

    assert table.read().rows[1].cells[1] == "Neu"


# Cells


def test_formulas_errors_and_merges_are_no_values(google: Google) -> None:
    file = google.file(HEADER, [GoogleFormula("=1+1"), GoogleFormula("=1/0"), "x"], ["a", "b", "c"])
    google.server.person(ANNA, file).merge("A3:B3")
    rows = google.table(file).read().rows

    assert rows[1].cells == (Formula("=1+1", 2.0), Formula("=1/0", ErrorValue("#DIV/0!")), "x")
    assert rows[2].cells == ("a", Covered(), "c")


@pytest.mark.parametrize("cell", [(2, 1), (3, 2)])
def test_neither_a_formula_nor_a_merged_cell_is_written_over(google: Google, cell: tuple[int, int]) -> None:
    file = google.file(HEADER, [GoogleFormula("=1+1")], ["a", "b"])
    anna = google.server.person(ANNA, file)
    anna.merge("A3:B3")
    before = anna.rows()
    table = google.table(file)
    with pytest.raises(TableError):
        table.write(patch(table.read(), (2, 2, "gut"), (*cell, "schlecht")))

    assert anna.rows() == before


def test_rows_hidden_by_hand_or_filter_are_read(google: Google) -> None:
    file = google.file(HEADER, KATYA, AMINA)
    anna = google.server.person(ANNA, file)
    anna.hide_row(2)
    anna.filter("A1:C3", B=["Muster, Amina"])

    assert [row.cells[0] for row in google.table(file).read().rows] == ["TN-Nr.", "BSP-0001-A", "BSP-0002-8"]


def test_the_format_of_a_cell_stays_when_text_is_written(google: Google) -> None:
    file = google.file(HEADER, KATYA)
    anna = google.server.person(ANNA, file)
    anna.format("B2", "NUMBER", "0.00")
    before = anna.cell("B2").format
    table = google.table(file)
    table.write(patch(table.read(), (2, 2, "01067")))

    assert anna.cell("B2").format == before
    assert anna.shown("B2") == "01067"


# The end of the table


def test_a_row_typed_at_the_end_meanwhile_is_pushed_down(google: Google) -> None:
    """The likeliest race: people and the service both add below the last row."""
    file = google.file(HEADER, KATYA)
    anna = google.server.person(ANNA, file)
    table = google.table(file)
    snapshot = table.read()
    google.server.before("write", lambda: anna.type("B3", "Neu, Frau"))
    table.write(patch(snapshot, appends=({1: "BSP-0003-6", 2: "Beispiel, Olena"},)))

    assert anna.rows()[2:] == [["BSP-0003-6", "Beispiel, Olena"], [None, "Neu, Frau"]]
    assert google.server.overwritten_by_service() == []


@pytest.mark.parametrize("rows", [2, 3, 1000])
def test_the_grid_grows_as_needed(google: Google, rows: int) -> None:
    file = google.file(HEADER, KATYA, size=(rows, 3))
    table = google.table(file)
    table.write(patch(table.read(), (1, 5, "Neu"), appends=({1: "BSP-0003-6"}, {1: "BSP-0004-4", 5: "x"})))

    assert google.server.person(ANNA, file).rows() == [
        [*HEADER, None, "Neu"],
        KATYA,
        ["BSP-0003-6"],
        ["BSP-0004-4", None, None, None, "x"],
    ]


def test_new_rows_look_like_the_rows_above_not_like_the_header(google: Google) -> None:
    file = google.file(HEADER, KATYA)
    anna = google.server.person(ANNA, file)
    anna.format("B2", "TEXT")
    anna.offer("B2", "Probe, Katya", "Muster, Amina")
    table = google.table(file)
    table.write(patch(table.read(), appends=({1: "BSP-0003-6", 3: date(2026, 6, 1)},)))

    assert anna.cell("B3").format == anna.cell("B2").format
    assert anna.cell("B3").validation == anna.cell("B2").validation
    assert anna.shown("C3") == "01.06.2026"


def test_new_rows_come_below_a_merge_that_begins_in_the_last_one(google: Google) -> None:
    """Inserted into it, their cells would be covered: a reference nobody can read makes a doubled row."""
    file = google.file(HEADER, KATYA)
    google.server.person(ANNA, file).merge("A2:A4")
    table = google.table(file)
    table.write(patch(table.read(), appends=({1: "BSP-0002-8", 2: "Muster, Amina"},)))

    assert table.read().rows[4].cells == ("BSP-0002-8", "Muster, Amina", None)


def test_rows_below_a_protection_are_written_into_empty_ones(google: Google) -> None:
    """Through a protected column no row can be inserted; the other cells of the new row are written all the same."""
    file = google.file([*HEADER, "intern"], KATYA)
    anna = google.server.person(ANNA, file)
    anna.protect("D:D")
    table = google.table(file)
    table.write(patch(table.read(), (2, 2, "Neu"), appends=({1: "BSP-0003-6"},)))

    assert anna.rows()[1:] == [["BSP-0001-A", "Neu", KATYA[2]], ["BSP-0003-6"]]


# Protection and sharing


def test_protected_cells_are_known_from_the_read(google: Google) -> None:
    file = google.file(HEADER, KATYA, AMINA)
    anna = google.server.person(ANNA, file)
    anna.protect("B1:B2")
    anna.protect("A:A", warning_only=True)
    anna.protect("C:C", google.address)

    assert google.table(file).read().locked == {(1, 2), (2, 2)}


def test_a_protected_tab_is_locked_down_to_the_next_row(google: Google) -> None:
    file = google.file(["TN-Nr.", "Name"], ["BSP-0001-A", "x"])
    google.server.person(ANNA, file).protect("")

    assert google.table(file).read().locked == {(row, column) for row in (1, 2, 3) for column in (1, 2)}


def test_a_protected_cell_is_never_sent(google: Google) -> None:
    file = google.file(HEADER, KATYA)
    google.server.person(ANNA, file).protect("B:B")
    table = google.table(file)
    with pytest.raises(TableReadOnly):
        table.write(patch(table.read(), (2, 1, "x"), (2, 2, "y")))

    assert google.server.counts()["write"] == 0


def test_a_cell_protected_meanwhile_moves_the_table(google: Google) -> None:
    """The whole batch is refused, whatever the wording; the next look sees the protection."""
    file = google.file(HEADER, KATYA)
    anna = google.server.person(ANNA, file)
    table = google.table(file)
    snapshot = table.read()
    google.server.before("write", lambda: anna.protect("B:B"))
    with pytest.raises(TableMoved):
        table.write(patch(snapshot, (2, 1, "x"), (2, 2, "y")))

    assert (2, 2) in table.read().locked
    assert anna.rows()[1] == KATYA


def test_a_table_for_reading_only_is_not_written(google: Google) -> None:
    file = google.file(HEADER, KATYA, role="reader")
    table = google.table(file)
    snapshot = table.read()
    with pytest.raises(TableReadOnly, match="nur lesen") as raised:
        table.write(patch(snapshot, (2, 2, "Neu")))

    assert google.address in raised.value.hint
    assert google.server.counts()["write"] == 0


def test_a_share_withdrawn_before_the_write_leaves_everything(google: Google) -> None:
    file = google.file(HEADER, KATYA)
    anna = google.server.person(ANNA, file)
    table = google.table(file)
    snapshot = table.read()
    anna.withdraw(google.address)
    for act in (table.version, table.read, lambda: table.write(patch(snapshot, (2, 2, "Neu")))):
        with pytest.raises(TableForbidden, match="nicht mit dem Dienst geteilt") as raised:
            act()
        assert google.address in raised.value.hint

    assert anna.rows()[1] == KATYA


def test_a_table_for_anyone_with_the_link_is_exposed(google: Google) -> None:
    file = google.file(HEADER, KATYA)
    anna = google.server.person(ANNA, file)
    assert not google.table(file).read().exposed
    anna.share_with_anyone()
    assert google.table(file).read().exposed
    file.writers_can_share = False  # then the list of permissions is withheld, their ids are not
    assert google.table(file).read().exposed
    anna.withdraw()
    assert not google.table(file).read().exposed


def test_a_link_for_anyone_is_noticed_by_a_look_although_the_number_did_not_move(google: Google) -> None:
    """Else the table counts as unchanged, and stands open to anyone until the next whole read."""
    file = google.file(HEADER, KATYA)
    seen = google.table(file).read().version
    file.share(LINK, "reader")

    assert google.table(file).version() != seen
    file.share(LINK, None)
    assert google.table(file).version() == seen


def test_the_last_editor_is_named_unless_it_was_the_service(google: Google) -> None:
    file = google.file(HEADER, KATYA)
    table = google.table(file)
    google.server.person(ANNA, file).type("B2", "x")
    snapshot = table.read()
    assert snapshot.editor == "anna.probe"
    assert snapshot.locale == "de_DE"

    table.write(patch(snapshot, (2, 2, "y")))
    assert table.read().editor == ""


# Versions


def test_a_version_never_hides_a_later_edit(google: Google) -> None:
    """Drive lags; what is typed while a read is under way shows in a later version."""
    file = google.file(HEADER, KATYA)
    anna = google.server.person(ANNA, file)
    table = google.table(file)
    google.server.after("read", lambda: anna.type("B2", "später"))
    snapshot = table.read()

    assert snapshot.rows[1].cells[1] == "Probe, Katya"
    assert table.version() != snapshot.version


def test_drive_may_lag(google: Google) -> None:
    google.server.lag(180)
    file = google.file(HEADER, KATYA)
    table = google.table(file)
    before = table.version()
    google.server.person(ANNA, file).type("B2", "neu")

    assert table.lags
    assert table.version() == before
    google.server.clock.advance(181)
    assert table.version() != before


def test_a_trashed_file_is_gone_and_says_where(google: Google) -> None:
    file = google.file(HEADER, KATYA)
    google.server.person(ANNA, file).trash()

    with pytest.raises(TableNotFound, match="Papierkorb"):
        google.table(file).version()
