"""Participant references: made, read, and safe against a slip of the finger."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from syncsvc.core.references import Reference, check_character, completed, make_reference, read_reference, usable

COUNTERS = st.integers(1, 99_999)


@pytest.mark.parametrize(
    ("number", "reference"), [(137, "BSP-0137-E"), (138, "BSP-0138-C"), (139, "BSP-0139-A"), (141, "BSP-0141-M")]
)
def test_known_references(number: int, reference: str) -> None:
    """The domain's examples, whose check characters were confirmed with another implementation of ISO 7064."""
    assert make_reference("BSP", number) == reference
    assert usable("BSP", number)


def test_check_characters_of_the_standards_kind() -> None:
    """Mod 37,36 as the Global Release Identifier uses it: its published example ends in M."""
    assert check_character("A12425GABC1234002") == "M"


def test_misleading_check_characters_are_skipped() -> None:
    assert make_reference("BSP", 140) == "BSP-0140-O"
    assert not usable("BSP", 140)
    assert not any(make_reference("BSP", n)[-1] in "01IO" for n in range(1, 500) if usable("BSP", n))


def test_long_counters_keep_all_their_digits() -> None:
    assert make_reference("BSP", 12345).startswith("BSP-12345-")
    assert read_reference(make_reference("BSP", 12345), "BSP") == Reference("BSP", 12345)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("BSP-0137-E", Reference("BSP", 137)),
        (" bsp-0137-e\u00a0", Reference("BSP", 137)),
        ("BSP\u20130137\u2013E", Reference("BSP", 137)),
        ("BSP - 0137 - E", Reference("BSP", 137)),
        ("XYZ-0001-" + check_character("XYZ0001"), Reference("XYZ", 1)),
        ("BSP-0137-A", "check_character_wrong"),
        ("BSP-0173-E", "check_character_wrong"),
        ("137", "ref_incomplete"),
        ("BSP-0137", "ref_incomplete"),
        ("140", "not_a_reference"),
        ("Summe: 23 TN", "not_a_reference"),
        ("", "not_a_reference"),
    ],
)
def test_reading(text: str, found: Reference | str) -> None:
    """Blanks, case and dashes do not matter, the check character does."""
    assert read_reference(text, "BSP") == found


def test_a_bare_counter_can_be_completed() -> None:
    assert completed("137", "BSP") == Reference("BSP", 137)
    assert completed("137", "") is None
    assert completed("XYZ-137", "BSP") is None


@given(number=COUNTERS, place=st.integers(0, 3), digit=st.sampled_from("0123456789"))
def test_one_wrong_digit_is_noticed(number: int, place: int, digit: str) -> None:
    reference = make_reference("BSP", number)
    mistyped = f"{reference[: 4 + place]}{digit}{reference[5 + place :]}"
    assume(mistyped != reference)

    assert read_reference(mistyped, "BSP") == "check_character_wrong"


def test_nearly_all_swapped_digits_are_noticed() -> None:
    """ISO 7064: the hybrid systems find all single slips and nearly all swaps of neighbours."""
    swaps = missed = 0
    for number in (n for n in range(1, 10_000) if usable("BSP", n)):
        reference = make_reference("BSP", number)
        for place in range(4, 7):
            left, right = reference[place : place + 2]
            if left != right:
                swaps += 1
                swapped = f"{reference[:place]}{right}{left}{reference[place + 2 :]}"
                missed += read_reference(swapped, "BSP") != "check_character_wrong"

    assert swaps > 20_000
    assert missed / swaps < 0.01
