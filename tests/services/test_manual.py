"""The page for staff is what the program makes of its own words and examples."""

from __future__ import annotations

from pathlib import Path

from syncsvc.core.fields.examples import EXAMPLES
from syncsvc.core.fields.registry import CATALOGUE
from syncsvc.services.manual import manual

PAGE = Path(__file__).parents[2] / "docs" / "eingaben.md"


def test_the_page_is_current() -> None:
    """If not: make docs."""
    assert PAGE.read_text("utf-8") == manual()


def test_every_field_people_type_into_has_examples() -> None:
    """But for those that are read like another one."""
    alike = {
        "service_note",
        "coach_email",
        "coach_phone",
        "contact_jc_deputy",
        "confirmed_jc",
        "confirmed_project",
        "measure_from",
        "measure_to",
        "exit_reason",
    }

    assert CATALOGUE.keys() - EXAMPLES.keys() == alike
