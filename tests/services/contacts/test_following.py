"""Role, direct dial, mail and deputy beside a contact follow the directory; what people typed is not lost to it."""

from __future__ import annotations

from typing import Any

import pytest

from syncsvc.errors import InvalidAnswer
from syncsvc.services.contacts import directory
from syncsvc.services.runs import undo_run
from syncsvc.store import changes, contacts, projects
from tests.factories import make_organisation
from tests.services.bench import Bench, text_from

ANNA, PETER, ELIF = "030 23125-101", "030 23125-102", "030 23125-110"
ANNAS_MAIL, PETERS_MAIL = (f"{name}@jobcenter-beispielstadt.example" for name in ("anna.mueller", "peter.schulz"))

TABLE = """
    | TN-Nr. | Eintritt   | Ansprechperson JC | Rolle | Durchwahl | E-Mail JC | Vertretung | Hinweis |
    |        | 01.09.2024 | Müller, Anna      |       |           |           |            |         |
    |        | 02.09.2024 | Schulz, Peter     |       |           |           |            |         |
    |        | 03.09.2024 |                   |       |           |           |            |         |
"""
SYNCED = f"""
    | TN-Nr.     | Ansprechperson JC | Rolle                | Durchwahl | E-Mail JC     | Vertretung | Hinweis |
    | BSP-0001-9 | Müller, Anna      | Integrationsfachkraft| {ANNA}    | {ANNAS_MAIL}  |            |         |
    | BSP-0002-7 | Schulz, Peter     | Integrationsfachkraft| {PETER}   | {PETERS_MAIL} |            |         |
    | BSP-0003-5 |                   |                      |           |               |            |         |
"""
FIRST, SECOND, THIRD = "BSP-0001-9", "BSP-0002-7", "BSP-0003-5"


def say(bench: Bench, who: str, **details: Any) -> None:
    """Somebody changes an entry of the directory."""
    directory.set_details(bench.rt, who, details, actor="leitung")


def shown(bench: Bench, ref: str, header: str = "Durchwahl") -> str:
    """What a cell of her row shows."""
    return text_from(bench.book.rows[bench.row_of(ref) - 1][bench.column_of(header) - 1])


def test_a_new_row_is_filled_in_the_run_that_finds_it(bench: Bench) -> None:
    """The bench itself checks that a second run changes nothing."""
    bench.given(TABLE)
    bench.sync()
    bench.table_is(SYNCED)
    bench.nothing_is_asked()


def test_another_contact_brings_her_own_details_in_the_same_run(bench: Bench) -> None:
    bench.given(TABLE)
    bench.sync()
    bench.people_type(FIRST, "Ansprechperson JC", "Fr. Öztürk")
    bench.people_type(THIRD, "Ansprechperson JC", "Müller, Anna")
    bench.sync()
    assert shown(bench, THIRD) == ANNA
    assert shown(bench, FIRST) == ELIF
    bench.nothing_is_asked()


def test_a_vacancy_takes_the_details_along(bench: Bench) -> None:
    """A direct dial beside nobody is somebody's who is not responsible any more."""
    bench.given(TABLE)
    bench.sync()
    bench.people_type(FIRST, "Ansprechperson JC", "N.N.")
    bench.sync()
    assert [shown(bench, FIRST, header) for header in ("Rolle", "Durchwahl", "E-Mail JC")] == ["", "", ""]


def test_what_somebody_types_beside_a_new_contact_stays_hers(bench: Bench) -> None:
    """The job centre's own number, typed together with the name, is not written over."""
    bench.given(TABLE)
    bench.sync()
    bench.people_type(FIRST, "Ansprechperson JC", "Schulz, Peter")
    bench.people_type(FIRST, "Durchwahl", "030 23125-177")
    bench.sync()
    assert shown(bench, FIRST) == "030 23125-177"


def test_a_cell_emptied_together_with_the_name_is_filled_anew(bench: Bench) -> None:
    bench.given(TABLE)
    bench.sync()
    bench.people_type(FIRST, "Ansprechperson JC", "Schulz, Peter")
    bench.people_type(FIRST, "Durchwahl", "")
    bench.sync()
    assert shown(bench, FIRST) == PETER
    bench.nothing_is_asked()


def test_a_changed_entry_reaches_every_row_of_hers_and_no_other(bench: Bench) -> None:
    bench.given(TABLE)
    bench.sync()
    say(bench, "Müller, Anna", phone="030 23125-140", deputy="Schulz, Peter")
    assert bench.sync().cells_written == 2
    bench.table_is(
        f"""
        | TN-Nr.   | Durchwahl     | Vertretung    |
        | {FIRST}  | 030 23125-140 | Schulz, Peter |
        | {SECOND} | {PETER}       |               |
        | {THIRD}  |               |               |
        """
    )
    bench.nothing_is_asked()


def test_nobody_becomes_her_own_deputy_by_an_answer(bench: Bench) -> None:
    """As little as by the form of her entry; the entry stays as it was."""
    bench.given(TABLE)
    bench.sync()
    bench.people_type(FIRST, "Vertretung", "Müller, Anna")
    bench.sync()
    with pytest.raises(InvalidAnswer, match="Niemand vertritt sich selbst"):
        bench.answer(FIRST, "Vertretung", "yes")
    with bench.database.read() as session:
        assert [one.deputy for one in contacts.directory(session) if one.family == "Müller"] == [""]


def test_the_history_names_the_directory_and_who_decided(bench: Bench) -> None:
    bench.given(TABLE)
    bench.sync()
    say(bench, "Müller, Anna", phone="030 23125-140")
    with bench.database.read() as session:
        (change,) = [one for one in changes.of_record(session, FIRST) if one.source == "directory" and one.old]
    assert (change.field, change.actor) == ("contact_jc_phone", "leitung")


def test_an_emptied_entry_empties_what_it_had_said_and_nothing_else(bench: Bench) -> None:
    """A number that people typed differs from the entry's, so it is theirs."""
    bench.given(
        TABLE.replace(
            "|       |           |           |            |         |\n    |        | 02",
            "|  | 030 23125-177 | | | |\n    |        | 02",
        )
    )
    bench.sync()
    assert shown(bench, FIRST) == "030 23125-177"
    say(bench, "Müller, Anna", phone="")
    say(bench, "Schulz, Peter", phone="")
    bench.sync()
    bench.table_is(f"| TN-Nr. | Durchwahl |\n| {FIRST} | 030 23125-177 |\n| {SECOND} | |\n| {THIRD} | |")


def test_a_confirmation_writes_nothing(bench: Bench) -> None:
    bench.given(TABLE)
    bench.sync()
    directory.confirm(bench.rt, ["Müller, Anna"], actor="leitung")
    assert bench.sync().cells_written == 0


def test_in_a_column_of_the_service_the_directory_always_wins(bench: Bench) -> None:
    bench.given(TABLE, change={"Durchwahl": {"owner": "service"}})
    bench.sync()
    bench.people_type(FIRST, "Durchwahl", "030 23125-177")
    bench.sync()
    assert shown(bench, FIRST) == ANNA


@pytest.mark.parametrize(("level", "number"), [(1, ANNA), (3, "")])
def test_a_number_leaves_only_in_a_column_that_the_level_allows(bench: Bench, level: int, number: str) -> None:
    """Where the column's level is above the table's nothing is written, nor kept in the record."""
    bench.given(TABLE, change={"Durchwahl": {"level": level}}, privacy_level=1)
    bench.sync()
    assert shown(bench, FIRST) == number
    assert ("contact_jc_phone" in bench.records()[FIRST].values) is bool(number)


def test_a_formula_beside_a_contact_is_left_to_people(bench: Bench) -> None:
    """Staff who look numbers up in a sheet of their own are not asked about each of them."""
    bench.given(TABLE)
    bench.sync()
    bench.people_type(FIRST, "Durchwahl", "=SVERWEIS(A2;Liste;2) → 030 23125-101")
    bench.sync()
    bench.people_type(FIRST, "Ansprechperson JC", "Schulz, Peter")
    bench.sync()
    assert shown(bench, FIRST) == "=SVERWEIS(A2;Liste;2) → 030 23125-101"
    bench.nothing_is_asked()


def test_a_record_of_the_project_gets_the_details_with_its_row(bench: Bench) -> None:
    bench.given(TABLE, records="| TN-Nr. | Eintritt | Ansprechperson JC |\n| BSP-0137-E | 01.03.2025 | Müller, Anna |")
    bench.sync()
    assert shown(bench, "BSP-0137-E") == ANNA


def test_a_proposed_contact_brings_nothing_before_she_is_accepted(bench: Bench) -> None:
    """Beside the name of one person never the number of another, whoever changes an entry meanwhile."""
    bench.given(TABLE)
    bench.sync()
    bench.project_sets(FIRST, "Ansprechperson JC", "Schulz, Peter")
    say(bench, "Schulz, Peter", phone="030 23125-150")
    bench.sync()
    assert shown(bench, FIRST) == ANNA
    bench.answer(FIRST, "Ansprechperson JC", "accept")
    bench.sync()
    assert shown(bench, FIRST) == "030 23125-150"


def test_an_undone_run_takes_the_details_back(bench: Bench) -> None:
    bench.given(TABLE)
    bench.sync()
    bench.people_type(FIRST, "Ansprechperson JC", "Schulz, Peter")
    outcome = bench.sync()
    undo_run(bench.rt, outcome.run, actor="leitung")
    assert shown(bench, FIRST) == ANNA


def test_tables_are_only_looked_at_where_the_organisation_is_known(bench: Bench) -> None:
    """Changing somebody of another house does not stir this project."""
    bench.given(TABLE)
    bench.sync()
    with bench.database.write() as session:
        make_organisation(session, "jc-musterkreis")
        revision = projects.get(session, "bsp").revision
    directory.add_contact(bench.rt, {"organisation": "jc-musterkreis", "family": "Weiß"}, actor="leitung")
    with bench.database.read() as session:
        assert projects.get(session, "bsp").revision == revision


def test_a_column_mapped_later_is_filled_where_nobody_typed(bench: Bench) -> None:
    bench.given(TABLE)
    columns = list(bench.columns)
    bench.columns = [column for column in columns if column["header"] != "Durchwahl"]
    bench.map()
    bench.sync()
    bench.people_type(SECOND, "Durchwahl", "030 23125-177")
    bench.columns = columns
    bench.map()
    bench.sync("held")
    bench.approve()
    bench.sync()
    assert [shown(bench, ref) for ref in (FIRST, SECOND, THIRD)] == [ANNA, "030 23125-177", ""]
