"""Lists in which nobody is to be compared with anybody."""

from __future__ import annotations

import pytest

from syncsvc.core.coaching import Person, same_persons

OLENA = Person("a", "Olena", "Kowalenko", "1988-03-14")


@pytest.mark.parametrize(
    "people",
    [
        pytest.param([], id="nobody"),
        pytest.param([OLENA], id="one woman"),
        pytest.param([Person("a"), Person("b")], id="nothing known of either"),
        pytest.param([OLENA, Person("b", "Iryna", "Petrova", "1999-07-02")], id="nothing in common"),
    ],
)
def test_strangers_are_no_pair(people: list[Person]) -> None:
    """And no error."""
    assert same_persons(people) == []
