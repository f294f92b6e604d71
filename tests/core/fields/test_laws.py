"""What every field type promises, whatever stands in the cell."""

# ruff: noqa: DTZ001  # tables are read line by line; cells have no time zone

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from syncsvc.core.fields import Field, Kind, field_for
from syncsvc.core.fields.registry import TYPES
from syncsvc.core.fields.sensitive import sensitive_code
from syncsvc.core.fields.sentences import CELL_SENTENCES
from syncsvc.core.mapping import Choice, Column
from syncsvc.core.model import Cell, Covered, ErrorValue, Formula, Json, Logical, Side
from syncsvc.core.references import make_reference
from tests.core.fields.situation import CONTEXT, field

WITHOUT_DIRECTORY = replace(CONTEXT, contacts=(), organisations=())

FIELDS: dict[str, Field] = {
    "text": field("custom.x", "text"),
    "choice": field_for(
        Column(
            "Wahl",
            "custom.x",
            "choice",
            Side.BOTH,
            choices=(Choice("a", "Ja, gern"), Choice("b", "Nein"), Choice("c", "C+")),
        )
    ),
    "vocabulary": field("contact_jc_role"),
    "date": field("entry_date"),
    "end": field("exit_date"),
    "birth": field("birth_date"),
    "month": field("status_report_month"),
    "datetime": field("next_case_talk"),
    "number": field("custom.x", "number"),
    "hours": field("weekly_hours"),
    "yesno": field("travel_costs"),
    "name": field("participant_name"),
    "phone": field("contact_jc_phone"),
    "email": field("contact_jc_email"),
    "contact": field("contact_jc"),
    "anybody": field("custom.x", "contact"),
    "coach": field("coach"),
    "organisation": field("jobcenter"),
    "measure": field("measure"),
    "period": field("measure_period"),
    "reference": field("participant_ref"),
    "remark": field("remark"),
    "customer": field("customer_no"),
    "household": field("bg_no"),
    "postcode": field("postcode"),
    "consent": field("consent"),
    "residence": field("residence_secured"),
    "status": field("status"),
    "level": field("language_level"),
    "course": field("language_course"),
}

ANY_TEXT = st.text(max_size=40)
FRAGMENTS = st.sampled_from(
    [
        "1",
        "3",
        "9",
        "12",
        "24",
        "31",
        "99",
        "2024",
        "1990",
        "45536",
        ".",
        "..",
        "-",
        "–",
        "/",
        ":",
        ",",
        ";",
        "(",
        ")",
        "=",
        "+",
        "§",
        "@",
        "#",
        "'",
        '"',
        "Mo",
        "Fr.",
        "Frau",
        "Dr.",
        "September",
        "Sept.",
        "Mai",
        "KW",
        "ab",
        "seit",
        "bis",
        "dann",
        "Uhr",
        "h",
        "um",
        "Mon.",
        "Wo.",
        "Jäger",
        "Ute",
        "Jager",
        "Groß",
        "Lehmann",
        "Winter",
        "Brandt",
        "Derya",
        "D.A.",
        "NEU:",
        "Vertr.",
        "i.V.",
        "(Elternzeit)",
        "und",
        "JC",
        "Jobcenter",
        "Nordstadt",
        "kein",
        "AVGS",
        "MAG",
        "16k",
        "EGZ",
        "FbW",
        "BSP",
        "0137",
        "E",
        "030",
        "23125",
        "101",
        "DW",
        "+49",
        "0152",
        "28817386",
        "ja",
        "nein",
        "x",
        "12,5",
        "Std.",
        "1.234,5",
        "ute.jaeger",
        "jc-nordstadt.example",
        ".example",
        "(at)",
        "mailto:",
        "#NV",
        "dito",
        "N.N.",
        "n.V.",
        "\xa0",
        "\u200b",
        "ß",
    ]
)
TYPED_TEXT = st.lists(st.one_of(FRAGMENTS, st.sampled_from([" ", ""])), max_size=9).map("".join)
NUMBERS = st.one_of(
    st.floats(), st.integers(-10, 60000).map(float), st.sampled_from([45536.0, 45918.4166666667, 2024.0])
)
PLAIN_CELLS = st.one_of(ANY_TEXT, TYPED_TEXT, NUMBERS, st.dates(), st.datetimes(), st.times(), st.sampled_from(Logical))
CELLS: st.SearchStrategy[Cell] = st.one_of(
    PLAIN_CELLS,
    st.sampled_from([None, Covered(), ErrorValue("#NV"), Formula("=A1", None), Formula("=A1", ErrorValue("#REF!"))]),
    PLAIN_CELLS.map(lambda cell: Formula("=A1", cell)),
)

DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31)).map(date.isoformat)
LATE_DAYS = st.dates(date(2024, 9, 1), date(2099, 12, 31)).map(date.isoformat)
PEOPLE = st.sampled_from([person.key for person in CONTEXT.contacts if person.organisation == "jc-nord"])
MEASURES = [entry for entry in CONTEXT.vocabularies["measures"].entries if "coaching" in entry.details]
NOTES = (
    st.text(min_size=1, max_size=20)
    .map(lambda text: " ".join(unicodedata.normalize("NFC", text).split()))
    .filter(lambda text: text != "" and not sensitive_code(text, CONTEXT))  # no reading lets such a note into a record
)
VALUES: dict[str, st.SearchStrategy[Json]] = {
    "text": st.text(min_size=1, max_size=50),
    "choice": st.sampled_from(["a", "b", "c"]),
    "vocabulary": st.sampled_from(
        [e.key for e in CONTEXT.vocabularies["roles"].entries if e.details.get("means", e.key) == e.key]
    ),
    "date": DAYS,
    "end": LATE_DAYS,
    "birth": st.dates(date(1930, 1, 2), date(2009, 1, 1)).map(
        lambda day: (
            {"date": str(day), "reliability": "year_only_possible"} if (day.month, day.day) == (1, 1) else str(day)
        )
    ),
    "month": DAYS.map(lambda day: day[:7]),
    "datetime": st.datetimes(datetime(1900, 1, 1), datetime(2099, 12, 30)).map(lambda moment: moment.isoformat()[:16]),
    "number": st.one_of(st.integers(-(10**15) + 1, 10**15 - 1), st.floats(allow_nan=False, allow_infinity=False)),
    "hours": st.floats(0, 60),
    "yesno": st.sampled_from(["yes", "no"]),
    "name": st.fixed_dictionaries(
        {
            "family": st.sampled_from(["Al-Hussein", "de la Cruz", "Özdemir"]),
            "given": st.sampled_from(["Fatima Zahra", "Ngoc"]),
        }
    ),
    "phone": st.sampled_from(["030 23125-201", "040 66969-210", "0152 28817386", "+43 1 234567"]).map(
        lambda text: FIELDS["phone"].parse(text, CONTEXT).value
    ),
    "email": st.sampled_from(["ute.jaeger@jc-nordstadt.example", "j-b@mail.jc-nordstadt.example"]),
    "contact": st.one_of(
        st.fixed_dictionaries({"contact": PEOPLE}), st.fixed_dictionaries({"contact": PEOPLE, "deputy": PEOPLE})
    ),
    "anybody": st.sampled_from([person.key for person in CONTEXT.contacts]).map(lambda key: {"contact": key}),
    "coach": st.sampled_from(["arslan-derya", "voss-karin"]),
    "organisation": st.one_of(
        st.sampled_from([house.key for house in CONTEXT.organisations]),
        st.just({"organisation": None, "reason": "not_registered"}),
    ),
    "measure": st.builds(
        lambda entry, note: (
            {"measure": entry.key, "coaching": entry.details["coaching"]} | ({"note": note} if note else {})
        ),
        st.sampled_from(MEASURES),
        st.one_of(st.none(), NOTES),
    ),
    "period": st.one_of(
        st.tuples(DAYS, DAYS).map(lambda days: {"from": min(days), "to": max(days)}),
        DAYS.map(lambda day: {"from": day, "to": None}),
        DAYS.map(lambda day: {"from": None, "to": day}),
    ),
    "reference": st.integers(1, 99999).map(lambda number: make_reference("BSP", number)),
    "remark": st.sampled_from(["+1 Kind seit Mai", "Praktikum ab 22.9.", "@x", "-", "<b>"]),
    "customer": st.one_of(
        st.from_regex(r"[0-9]{3}[A-Z][0-9]{6}", fullmatch=True, alphabet=st.characters(codec="ascii")),
        st.sampled_from(["unknown", "pending", "not_registered"]).map(lambda r: {"customer_no": None, "reason": r}),
    ),
    "household": st.from_regex(r"[0-9]{5}//[0-9]{7}", fullmatch=True, alphabet=st.characters(codec="ascii")),
    "postcode": st.sampled_from(["09111", "01067", {"postcode": "09111", "city": "Chemnitz"}]),
    "consent": st.one_of(
        st.builds(
            lambda consent, day: {"consent": consent, "date": day.isoformat()},
            st.sampled_from(["given", "withdrawn", "refused"]),
            st.dates(date(1950, 1, 1), CONTEXT.today),
        ),
        st.just({"consent": "refused", "date": None}),
    ),
    "residence": st.sampled_from(
        [
            "yes",
            "no",
            {"secured": "yes", "title": "residence_permit", "basis": "§ 25 Abs. 2"},
            {"secured": "yes", "title": "residence_permit", "basis": "§ 24"},
            {"secured": "yes", "title": "settlement_permit"},
            {"secured": "yes", "title": "blue_card"},
        ]
    ),
    "status": st.sampled_from(
        [
            "waiting",
            "active",
            "ended",
            *({"status": "paused", "reason": reason} for reason in (None, "parental_leave", "maternity_leave")),
        ]
    ),
    "level": st.one_of(
        st.sampled_from(["A1", "B1", "C2", "native", "below_A1"]).map(lambda level: {"level": level}),
        st.sampled_from(
            [
                {"level": None, "course_stage": "B1.2", "last_safe_level": "A2"},
                {"level": "B1", "course_stage": "B1.2"},
                {"level": "B1", "evidence": "DTZ"},
                {"level": "B1", "estimated": True},
                {"level": "B1", "plus": True},
            ]
        ),
    ),
    "course": st.sampled_from(["integration_general", "vocational", {"course": "vocational_special", "target": "A2"}]),
}

each_field = pytest.mark.parametrize("name", FIELDS)


def test_every_type_is_held_to_the_laws() -> None:
    assert {made.type for made in FIELDS.values()} == set(TYPES)
    assert FIELDS.keys() == VALUES.keys()


@each_field
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_written_value_reads_back_as_itself(name: str, data: st.DataObject) -> None:
    """The laws' first sentence; blank counts as a value."""
    made, value = FIELDS[name], data.draw(st.one_of(st.none(), VALUES[name]))

    cell = made.format(value, CONTEXT)
    reading = made.parse(cell, CONTEXT)

    assert made.key(reading.value) == made.key(value)
    assert reading.accepted or name == "vocabulary"  # benefits staff are asked about each time


@each_field
@given(cell=CELLS)
@example(cell="16k – ?")
@example(cell="ab 45536")
@example(cell="0000")
@example(cell=datetime(2100, 1, 1))
@settings(max_examples=150, deadline=None)
def test_whatever_stands_in_a_cell_becomes_a_reading(name: str, cell: Cell) -> None:
    """Never an exception; what is taken survives being written; what is not has a code with a sentence."""
    made = FIELDS[name]
    for context in (CONTEXT, WITHOUT_DIRECTORY):
        reading = made.parse(cell, context)

        if reading.accepted:
            again = made.parse(made.format(reading.value, context), context)
            assert again.accepted
            assert made.key(again.value) == made.key(reading.value)
            assert again.code == reading.code == ""
        else:
            assert reading.code in CELL_SENTENCES
            assert reading.value is None or reading.kind is Kind.ASK
        assert not isinstance(reading.value, bool)
        assert isinstance(made.display(reading.value, context), str)
        hash(made.key(reading.value))


@each_field
def test_unknown_cells_are_neither_blank_nor_text(name: str) -> None:
    made = FIELDS[name]

    assert made.parse(None, CONTEXT).kind is Kind.OK
    assert made.parse(None, CONTEXT).value is None
    assert made.parse(ErrorValue("#NV"), CONTEXT).code == "formula_error"
    assert made.parse(Covered(), CONTEXT).code == "merged_cell"
    assert made.parse(Formula("=A1", None), CONTEXT).code == "formula_not_computed"
    assert made.parse(Formula("=A1", ErrorValue("#REF!")), CONTEXT).code == "formula_error"


@each_field
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_formula_reads_as_what_it_shows(name: str, data: st.DataObject) -> None:
    made, cell = FIELDS[name], data.draw(PLAIN_CELLS)

    assert made.parse(Formula("=X1", cell), CONTEXT) == made.parse(cell, CONTEXT)


SPELLINGS = {
    "text": "Straße 5, Büro",
    "choice": "Ja, gern",
    "vocabulary": "Beauftragte für Chancengleichheit",
    "date": "1. März 2025",
    "end": "31.12.2025",
    "birth": "14.03.1988",
    "month": "März 2025",
    "datetime": "Do 18.9.2025 10 Uhr",
    "number": "12,5",
    "hours": "12,5 Std.",
    "yesno": "ja",
    "name": "Özdemir, Ayşe",
    "phone": "030 23125-201",
    "email": "ute.jaeger@jc-nordstadt.example",
    "contact": "Jäger, Ute (Vertr. Brandt, Jan)",
    "anybody": "Groß-Lehmann, Eva Maria",
    "coach": "Voß, Karin",
    "organisation": "Jobcenter Südkreis",
    "measure": "Maßnahme beim Arbeitgeber – Küche",
    "period": "01.06.2025 – 30.11.2025",
    "reference": "BSP-0137-E",
    "remark": "Straße 5, Büro",
    "customer": "123A456789",
    "household": "98765//0001234",
    "postcode": "09111 Chemnitz",
    "consent": "ja, 12.03.2025",
    "residence": "AE § 25 Abs. 2",
    "status": "in Elternzeit",
    "level": "B1 (DTZ)",
    "course": "Spezial-BSK A2",
}
KEEPS_CASE = {"text", "name", "measure", "remark", "postcode"}


@each_field
@pytest.mark.parametrize(
    "respell",
    [
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: text.replace(" ", "\u00a0"),
        lambda text: f"  {text}\t ",
        lambda text: text.replace(" ", "  "),
        lambda text: f"{text[:3]}\u200b{text[3:]}\u00ad",
        lambda text: text.replace("ß", "ss"),
        lambda text: text.upper(),
        lambda text: text.replace("-", "\u2013"),
    ],
    ids=["decomposed", "no-break blanks", "outer blanks", "double blanks", "invisible", "ss", "capitals", "dashes"],
)
def test_spelling_is_no_difference(name: str, respell, request: pytest.FixtureRequest) -> None:
    """The same value however a Mac, a web page or a person in a hurry spells it (case counts in free text)."""
    if name in KEEPS_CASE and "capitals" in request.node.name:
        return
    made, text = FIELDS[name], SPELLINGS[name]

    usual, other = made.parse(text, CONTEXT), made.parse(respell(text), CONTEXT)

    assert usual.accepted
    assert other.accepted
    assert made.key(other.value) == made.key(usual.value)


@each_field
def test_a_value_of_another_type_is_shown_as_it_is(name: str) -> None:
    """Two mappings may give one field different types: nothing breaks, the value stays visible."""
    for value in ("irgendwas", 7, {"family": "Özdemir", "given": "Ayşe"}, ["a"]):
        assert FIELDS[name].display(value, CONTEXT)
        assert FIELDS[name].format(value, CONTEXT)
        hash(FIELDS[name].key(value))
