"""What a row takes over from the directory when its contact, or what the directory says of her, changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from syncsvc.core.fields import Context, DirectoryContact, DirectoryOrganisation
from syncsvc.core.following import Following
from syncsvc.core.mapping import Column
from syncsvc.core.model import Json, Side

HOUSE = "jc-beispielstadt"
COLUMNS = {
    name: Column(name, name, kind, Side.JOBCENTRE, vocabulary="")
    for name, kind in (
        ("contact_jc", "contact"),
        ("contact_jc_phone", "phone"),
        ("contact_jc_email", "email"),
        ("contact_jc_deputy", "contact"),
        ("coach", "contact"),
        ("coach_phone", "phone"),
    )
}
ANNA = DirectoryContact("anna", HOUSE, "Müller", "Anna", phone="030 23125-101", email="team@jc.example", deputy="tom")
TOM = DirectoryContact("tom", HOUSE, "Weiß", "Tom", phone="030 23125-102")
BARE = DirectoryContact("bare", HOUSE, "Roth", "Sabine")
AWAY = DirectoryContact("away", "jc-musterkreis", "Brandt", "Heike", phone="030 23125-201")
LEYLA = DirectoryContact("leyla", "traeger", "Demir", "Leyla", phone="030 23125-301")
CONTEXT = Context(
    date(2026, 3, 2),
    organisation=HOUSE,
    project_organisation="traeger",
    organisations=(DirectoryOrganisation(HOUSE, "jobcentre", "Jobcenter Beispielstadt", (), "030 23125"),),
    contacts=(ANNA, TOM, BARE, AWAY, LEYLA),
)


def phone(extension: str) -> Json:
    return {"e164": f"+4930 23125{extension}".replace(" ", ""), "display": f"030 23125-{extension}", "ext": extension}


def of(*contacts: DirectoryContact) -> Following:
    return Following(COLUMNS, replace(CONTEXT, contacts=contacts))


def who(key: str | None) -> Json:
    return {"contact": key} if key else None


@pytest.mark.parametrize(
    ("before", "after", "held", "number"),
    [
        # a contact where there was none: a blank is filled, what people typed gives way to her number
        (None, "anna", None, phone("101")),
        (None, "anna", phone("177"), phone("101")),
        # another contact: the old one's number goes, even for nothing; a typed one only for a known one
        ("anna", "tom", phone("101"), phone("102")),
        ("anna", "bare", phone("101"), None),
        ("anna", "bare", phone("177"), "stays"),
        ("anna", None, phone("101"), None),
        ("anna", None, phone("177"), "stays"),
        # nobody new: nothing moves, whatever stands there
        ("anna", "anna", phone("177"), "stays"),
        ("anna", "anna", None, "stays"),
        # what is right already is no change, however it is spelled
        (None, "anna", {"e164": "+493023125101", "display": "(030) 23125/101"}, "stays"),
        # never the number of another house's staff
        (None, "away", None, "stays"),
        ("anna", "away", phone("101"), None),
        # a name as free text is nobody of the directory
        ("anna", "gone", phone("101"), None),
    ],
)
def test_another_contact(before: str | None, after: str | None, held: Json, number: Json) -> None:
    values: dict[str, Json] = {} if held is None else {"contact_jc_phone": held}
    taken = of(*CONTEXT.contacts).changes("contact_jc", who(before), who(after), values, HOUSE)
    assert taken.get("contact_jc_phone", "stays") == number


@pytest.mark.parametrize(
    ("old", "new", "held", "number"),
    [
        ("030 23125-101", "030 23125-140", phone("101"), phone("140")),
        ("030 23125-101", "030 23125-140", phone("177"), phone("140")),
        ("030 23125-101", "", phone("101"), None),
        ("030 23125-101", "", phone("177"), "stays"),
        ("", "030 23125-140", None, phone("140")),
        ("030 23125-101", "030/23125 101", phone("177"), "stays"),
    ],
)
def test_another_number_of_the_same_contact(old: str, new: str, held: Json, number: Json) -> None:
    earlier, later = (of(replace(ANNA, phone=text), TOM) for text in (old, new))
    values: dict[str, Json] = {} if held is None else {"contact_jc_phone": held}
    taken = later.changes("contact_jc", who("anna"), who("anna"), values, HOUSE, earlier=earlier)
    assert taken.get("contact_jc_phone", "stays") == number


def test_while_a_contact_is_only_proposed_nothing_that_people_typed_gives_way() -> None:
    earlier, later = of(ANNA, TOM), of(replace(ANNA, phone="030 23125-140"), TOM)
    values = {"contact_jc_phone": phone("102")}
    same = who("anna")
    assert later.changes("contact_jc", same, same, values, HOUSE, earlier=earlier, typed_too=False) == {}


def test_a_team_mailbox_and_a_deputy_are_told_as_the_directory_has_them() -> None:
    said = of(*CONTEXT.contacts).says("contact_jc", who("anna"), HOUSE)
    assert (said["contact_jc_email"], said["contact_jc_deputy"]) == ("team@jc.example", {"contact": "tom"})


def test_a_switchboard_is_no_direct_dial() -> None:
    assert of(replace(ANNA, phone="030 23125-0")).says("contact_jc", who("anna"), HOUSE)["contact_jc_phone"] is None


def test_the_coach_is_told_of_in_her_own_project_only() -> None:
    following = of(*CONTEXT.contacts)
    assert following.says("coach", "leyla", HOUSE) == {"coach_phone": phone("301")}
    assert following.says("coach", "tom", HOUSE) == {"coach_phone": None}


def test_only_leads_with_a_column_that_follows_are_looked_at() -> None:
    columns = {name: COLUMNS[name] for name in ("contact_jc", "coach", "coach_phone")}
    assert Following(columns, CONTEXT).leads == ("coach",)
