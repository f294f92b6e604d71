"""Which field reads which column, and which fields the service knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from syncsvc.core.fields.consent import ConsentField
from syncsvc.core.fields.contacts import CoachField, ContactField
from syncsvc.core.fields.contract import Field
from syncsvc.core.fields.dates import BirthDateField, DateField, DateTimeField, EndDateField, MonthField, PeriodField
from syncsvc.core.fields.identifiers import CustomerNumberField, HouseholdNumberField, PostcodeField, ReferenceField
from syncsvc.core.fields.language import CourseField, LevelField
from syncsvc.core.fields.mails import EmailField
from syncsvc.core.fields.measures import MeasureField
from syncsvc.core.fields.names import NameField
from syncsvc.core.fields.organisations import OrganisationField
from syncsvc.core.fields.phones import PhoneField
from syncsvc.core.fields.residence import ResidenceField
from syncsvc.core.fields.statuses import StatusField
from syncsvc.core.fields.text import ChoiceField, NumberField, RemarkField, TextField, YesNoField
from syncsvc.core.mapping import Column
from syncsvc.core.model import Side

TYPES: Final[Mapping[str, Callable[[Column], Field]]] = {
    "text": TextField,
    "choice": ChoiceField,
    "date": DateField,
    "month": MonthField,
    "datetime": DateTimeField,
    "number": NumberField,
    "yesno": YesNoField,
    "name": NameField,
    "phone": PhoneField,
    "email": EmailField,
    "contact": ContactField,
    "organisation": OrganisationField,
    "measure": MeasureField,
    "period": PeriodField,
    "reference": ReferenceField,
}

_RULES_OF_THEIR_OWN: Final[Mapping[tuple[str, str], Callable[[Column], Field]]] = {
    ("date", "birth_date"): BirthDateField,
    ("date", "exit_date"): EndDateField,
    ("date", "measure_to"): EndDateField,
    ("contact", "coach"): CoachField,
    ("text", "customer_no"): CustomerNumberField,
    ("text", "bg_no"): HouseholdNumberField,
    ("text", "postcode"): PostcodeField,
    ("text", "consent"): ConsentField,
    ("text", "remark"): RemarkField,
    ("text", "exit_reason"): RemarkField,
    ("yesno", "residence_secured"): ResidenceField,
}
_VOCABULARIES_OF_THEIR_OWN: Final[Mapping[str, Callable[[Column], Field]]] = {
    "statuses": StatusField,
    "language_levels": LevelField,
    "language_courses": CourseField,
}


@lru_cache(maxsize=4096)
def field_for(column: Column) -> Field:
    """The field that reads and writes this column. Raises KeyError for a type that is not in ``TYPES``."""
    if column.type == "choice" and column.vocabulary in _VOCABULARIES_OF_THEIR_OWN and not column.choices:
        return _VOCABULARIES_OF_THEIR_OWN[column.vocabulary](column)
    return (_RULES_OF_THEIR_OWN.get((column.type, column.field)) or TYPES[column.type])(column)


@dataclass(frozen=True, slots=True)
class KnownField:
    """A field the service knows: its usual type, German label, privacy level, owner and vocabulary."""

    type: str
    label: str
    level: int
    owner: Side
    vocabulary: str = ""


_PROJECT, _JOBCENTRE, _BOTH, _SERVICE = Side.PROJECT, Side.JOBCENTRE, Side.BOTH, Side.SERVICE

CATALOGUE: Final[Mapping[str, KnownField]] = {
    # Level 1: the reference, contacts and dates.
    "participant_ref": KnownField("reference", "TN-Nr.", 1, _SERVICE),
    "jobcenter": KnownField("organisation", "Jobcenter", 1, _PROJECT),
    "coach": KnownField("contact", "Coach", 1, _PROJECT),
    "coach_phone": KnownField("phone", "Telefon Coach", 1, _PROJECT),
    "coach_email": KnownField("email", "E-Mail Coach", 1, _PROJECT),
    "contact_jc": KnownField("contact", "Ansprechperson JC", 1, _JOBCENTRE),
    "contact_jc_role": KnownField("choice", "Rolle", 1, _JOBCENTRE, "roles"),
    "contact_jc_phone": KnownField("phone", "Durchwahl", 1, _JOBCENTRE),
    "contact_jc_email": KnownField("email", "E-Mail JC", 1, _JOBCENTRE),
    "contact_jc_deputy": KnownField("contact", "Vertretung", 1, _JOBCENTRE),
    "entry_date": KnownField("date", "Eintritt", 1, _PROJECT),
    "exit_date": KnownField("date", "Austritt", 1, _PROJECT),
    "status_report_month": KnownField("month", "Statusmeldung", 1, _PROJECT),
    "next_case_talk": KnownField("datetime", "Nächstes Gespräch", 1, _BOTH),
    "confirmed_jc": KnownField("month", "Stand bestätigt (JC)", 1, _JOBCENTRE),
    "confirmed_project": KnownField("month", "Stand bestätigt (Projekt)", 1, _PROJECT),
    "service_note": KnownField("text", "Hinweis", 1, _SERVICE),
    # Level 2: what she does. The dates of a measure say that there is one.
    "status": KnownField("choice", "Status", 2, _PROJECT, "statuses"),
    "language_level": KnownField("choice", "Sprachstand", 2, _PROJECT, "language_levels"),
    "language_course": KnownField("choice", "Sprachkurs", 2, _BOTH, "language_courses"),
    "measure": KnownField("measure", "Maßnahme JC", 2, _JOBCENTRE, "measures"),
    "measure_period": KnownField("period", "von – bis", 2, _JOBCENTRE),
    "measure_from": KnownField("date", "Maßnahme von", 2, _JOBCENTRE),
    "measure_to": KnownField("date", "Maßnahme bis", 2, _JOBCENTRE),
    # Level 3: who she is, and whatever is kept back from shared tables unless a mapping has a purpose for it.
    # A remark is here because nobody can tell what it will hold.
    "participant_name": KnownField("name", "Name", 3, _PROJECT),
    "customer_no": KnownField("text", "Kundennummer", 3, _BOTH),
    "bg_no": KnownField("text", "BG-Nummer", 3, _BOTH),
    "birth_date": KnownField("date", "Geburtsdatum", 3, _PROJECT),
    "postcode": KnownField("text", "PLZ", 3, _PROJECT),
    "residence_secured": KnownField("yesno", "Aufenthalt gesichert", 3, _PROJECT),
    "consent": KnownField("text", "Einwilligung", 3, _PROJECT),
    "exit_reason": KnownField("text", "Austrittsgrund", 3, _PROJECT),
    "travel_costs": KnownField("yesno", "Fahrtkosten", 3, _PROJECT),
    "job_turbo_phase": KnownField("choice", "Job-Turbo-Phase", 3, _PROJECT, "job_turbo_phases"),
    "weekly_hours": KnownField("number", "Wochenstunden", 3, _PROJECT),
    "remark": KnownField("text", "Bemerkung", 3, _BOTH),
}

STAFF: Final[Mapping[str, KnownField]] = {
    "staff.family": KnownField("text", "Name", 1, _BOTH),
    "staff.given": KnownField("text", "Vorname", 1, _BOTH),
    "staff.role": KnownField("choice", "Funktion", 1, _BOTH, "roles"),
    "staff.team": KnownField("text", "Team", 1, _BOTH),
    "staff.phone": KnownField("phone", "Durchwahl", 1, _BOTH),
    "staff.email": KnownField("email", "E-Mail", 1, _BOTH),
    "staff.deputy": KnownField("text", "Vertretung", 1, _BOTH),
    "staff.absent_from": KnownField("date", "abwesend von", 1, _BOTH),
    "staff.absent_to": KnownField("date", "abwesend bis", 1, _BOTH),
    "staff.left_on": KnownField("date", "ausgeschieden am", 1, _BOTH),
    "staff.confirmed": KnownField("month", "Stand bestätigt", 1, _BOTH),
}
"""The fields of a list of staff. They are no participant's, so no list of participants is offered them."""
