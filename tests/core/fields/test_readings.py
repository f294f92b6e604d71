"""What people type and what it means, one table per family of fields."""

# ruff: noqa: E501, DTZ001  # tables are read line by line; cells have no time zone

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, time

import pytest

from syncsvc.core.fields import Kind, Reading, proposed
from syncsvc.core.fields.registry import field_for
from syncsvc.core.mapping import Choice
from syncsvc.core.model import Cell, Formula, Logical
from tests.core.fields.situation import CONTEXT, column, field, rows, told

DAYS = """
    entry_date  ¦ 01.09.2024                  ¦ ok        ¦ 2024-09-01
    entry_date  ¦ 1.9.24                      ¦ normalise ¦ 2024-09-01
    entry_date  ¦ 1. 9. 2024                  ¦ normalise ¦ 2024-09-01
    entry_date  ¦ 1. September 2024           ¦ normalise ¦ 2024-09-01
    entry_date  ¦ 3. Mrz. 25                  ¦ normalise ¦ 2025-03-03
    entry_date  ¦ 2024-09-01                  ¦ normalise ¦ 2024-09-01
    entry_date  ¦ 2024-09-01 00:00:00         ¦ normalise ¦ 2024-09-01
    entry_date  ¦ So 01.09.2024               ¦ normalise ¦ 2024-09-01
    entry_date  ¦ ab 01.09.2024               ¦ normalise ¦ 2024-09-01
    entry_date  ¦ 45536                       ¦ normalise ¦ 2024-09-01
    # two digits: 00-69 are 20xx, 70-99 are 19xx
    entry_date  ¦ 1.9.69                      ¦ normalise ¦ 2069-09-01
    entry_date  ¦ 1.9.70                      ¦ normalise ¦ 1970-09-01
    # a year is only filled in where a word gives the direction and the day is within sixty days
    entry_date  ¦ seit 3.9.                   ¦ normalise ¦ 2025-09-03
    entry_date  ¦ ab 1.10.                    ¦ normalise ¦ 2025-10-01
    entry_date  ¦ seit 3.12.                  ¦ ask       ¦ year_missing|2024-12-03
    entry_date  ¦ 3.9.                        ¦ ask       ¦ year_missing|2025-09-03
    entry_date  ¦ 31.12.                      ¦ ask       ¦ year_missing|2025-12-31
    entry_date  ¦ Sept. 24                    ¦ ask       ¦ date_incomplete|2024-09-01
    entry_date  ¦ KW 36/2024                  ¦ ask       ¦ week_not_day|2024-09-02
    entry_date  ¦ Mo 01.09.2024               ¦ ask       ¦ weekday_differs|2024-09-01
    # month before day is never taken
    entry_date  ¦ 9/13/2024                   ¦ ask       ¦ foreign_date_order|2024-09-13
    entry_date  ¦ 03/04/2025                  ¦ ask       ¦ foreign_date_order|2025-04-03
    entry_date  ¦ 14/03/2025                  ¦ normalise ¦ 2025-03-14
    entry_date  ¦ 1.6.25 oder 1.7.25          ¦ ask       ¦ two_values|["2025-06-01", "2025-07-01"]
    entry_date  ¦ 29.02.2023                  ¦ reject    ¦ date_does_not_exist
    entry_date  ¦ 31.02.                      ¦ reject    ¦ date_does_not_exist
    entry_date  ¦ 1.13.2024                   ¦ reject    ¦ date_does_not_exist
    entry_date  ¦ 01.09.0024                  ¦ reject    ¦ date_implausible
    entry_date  ¦ Anfang September            ¦ reject    ¦ date_vague
    entry_date  ¦ demnächst                   ¦ reject    ¦ date_vague
    entry_date  ¦ bis auf Weiteres            ¦ reject    ¦ not_a_date
    entry_date  ¦ dito                        ¦ reject    ¦ relative_reference
    entry_date  ¦ #NV                         ¦ reject    ¦ formula_error
    exit_date   ¦ bis 31.12.25                ¦ normalise ¦ 2025-12-31
    exit_date   ¦ bis auf Weiteres            ¦ normalise ¦ null
    exit_date   ¦ 30.06.25 (verl. bis 31.12.25) ¦ ask     ¦ two_values|["2025-06-30", "2025-12-31"]
    exit_date   ¦ 31.08.2024                  ¦ reject    ¦ exit_before_entry
    birth_date  ¦ 14.03.1988                  ¦ ok        ¦ 1988-03-14
    birth_date  ¦ 14.03.30                    ¦ normalise ¦ 1930-03-14
    birth_date  ¦ 01.01.1990                  ¦ ok        ¦ {"date": "1990-01-01", "reliability": "year_only_possible"}
    birth_date  ¦ 1990                        ¦ ask       ¦ date_incomplete|{"year": 1990}
    birth_date  ¦ 14.03.2018                  ¦ reject    ¦ age_out_of_range
    status_report_month ¦ 08/2025             ¦ ok        ¦ 2025-08
    status_report_month ¦ 08/25               ¦ normalise ¦ 2025-08
    status_report_month ¦ Aug. 2025           ¦ normalise ¦ 2025-08
    status_report_month ¦ August              ¦ normalise ¦ 2025-08
    status_report_month ¦ Dezember            ¦ ask       ¦ year_missing|2024-12
    status_report_month ¦ 15.08.2025          ¦ ask       ¦ day_in_month_column|2025-08
    status_report_month ¦ erledigt            ¦ ask       ¦ month_missing|2025-08
    status_report_month ¦ 13/2025             ¦ reject    ¦ not_a_month
    next_case_talk ¦ 18.09.2025 10:00         ¦ ok        ¦ 2025-09-18T10:00
    next_case_talk ¦ Do 18.9. 10h             ¦ normalise ¦ 2025-09-18T10:00
    next_case_talk ¦ 18.09.2025, um 9.30 Uhr  ¦ normalise ¦ 2025-09-18T09:30
    next_case_talk ¦ Mi 18.9. 10 Uhr          ¦ ask       ¦ weekday_differs|2025-09-18T10:00
    next_case_talk ¦ 18.09.2025               ¦ ask       ¦ time_missing|2025-09-18
    next_case_talk ¦ 18.09.2025 25:00         ¦ reject    ¦ time_does_not_exist
    measure_period ¦ 01.06.2025 – 30.11.2025  ¦ ok        ¦ {"from": "2025-06-01", "to": "2025-11-30"}
    measure_period ¦ 1.6.-30.11.25            ¦ normalise ¦ {"from": "2025-06-01", "to": "2025-11-30"}
    measure_period ¦ 1.12.-31.3.25            ¦ normalise ¦ {"from": "2024-12-01", "to": "2025-03-31"}
    measure_period ¦ 01.06.2025 bis 30.11.2025 ¦ normalise ¦ {"from": "2025-06-01", "to": "2025-11-30"}
    measure_period ¦ ab 01.06.2025            ¦ ok        ¦ {"from": "2025-06-01", "to": null}
    measure_period ¦ 6 Mon. ab 1.6.25         ¦ ask       ¦ end_computed|{"from": "2025-06-01", "to": "2025-11-30"}
    measure_period ¦ 3 Wo. ab 1.9.25          ¦ ask       ¦ end_computed|{"from": "2025-09-01", "to": "2025-09-21"}
    measure_period ¦ 01.06.2025               ¦ ask       ¦ period_incomplete|{"from": "2025-06-01", "to": null}
    measure_period ¦ 30.11.2025 - 01.06.2025  ¦ reject    ¦ period_reversed
"""

WORDS_AND_NUMBERS = """
    contact_jc_role ¦ Integrationsfachkraft  ¦ ok        ¦ integration
    contact_jc_role ¦ IFK                    ¦ normalise ¦ integration
    contact_jc_role ¦ bFM                    ¦ normalise ¦ case_management
    contact_jc_role ¦ SB Leistung            ¦ ask       ¦ role_not_case_contact|benefits
    contact_jc_role ¦ Hausmeister            ¦ reject    ¦ not_in_list
    status          ¦ AKTIV                  ¦ normalise ¦ active
    status          ¦ ruht                   ¦ normalise ¦ {"status": "paused", "reason": null}
    status          ¦ erscheint nicht        ¦ ask       ¦ absence_voluntary_programme
    status          ¦ krank                  ¦ reject    ¦ health_data
    language_level  ¦ B1                     ¦ ok        ¦ {"level": "B1"}
    # a level that is nearly reached, or doubted, is not that level alone
    language_level  ¦ B1+                    ¦ normalise ¦ {"level": "B1", "plus": true}
    language_level  ¦ B1?                    ¦ ask       ¦ uncertain|{"level": "B1"}
    language_course ¦ Alpha-Kurs             ¦ normalise ¦ integration_literacy
    language_course ¦ Sprachkurs             ¦ ask       ¦ course_type_missing
    job_turbo_phase ¦ JT3                    ¦ normalise ¦ 3
    travel_costs    ¦ ja                     ¦ ok        ¦ yes
    travel_costs    ¦ x                      ¦ normalise ¦ yes
    travel_costs    ¦ ✓                      ¦ normalise ¦ yes
    travel_costs    ¦ WAHR                   ¦ normalise ¦ yes
    travel_costs    ¦ FALSE                  ¦ normalise ¦ no
    travel_costs    ¦ beantragt              ¦ ask       ¦ pending_not_boolean
    travel_costs    ¦ vielleicht             ¦ reject    ¦ not_yes_no
    weekly_hours    ¦ 12,5                   ¦ ok        ¦ 12.5
    weekly_hours    ¦ 12,5 Std.              ¦ normalise ¦ 12.5
    weekly_hours    ¦ 10-15                  ¦ ask       ¦ number_range|[10, 15]
    weekly_hours    ¦ 250                    ¦ reject    ¦ hours_range
    # the other country's signs: taken where both signs stand, else asked
    custom.x        ¦ 1.234,56               ¦ normalise ¦ 1234.56
    custom.x        ¦ 1,234.56               ¦ normalise ¦ 1234.56
    custom.x        ¦ 1.5                    ¦ ask       ¦ number_ambiguous|1.5
    custom.x        ¦ 1.234                  ¦ ask       ¦ number_ambiguous|1.234
    custom.x        ¦ 1,234                  ¦ ask       ¦ number_ambiguous|1.234
    custom.x        ¦ 1234567890123456       ¦ reject    ¦ number_too_long
    custom.x        ¦ zwölf                  ¦ reject    ¦ not_a_number
    measure ¦ AVGS-Coaching       ¦ normalise ¦ {"measure": "sgb3_45_mat_single", "coaching": "hard"}
    measure ¦ MAG 2 Wo.           ¦ normalise ¦ {"measure": "sgb3_45_mag", "coaching": "none", "note": "2 Wo."}
    measure ¦ §16e                ¦ normalise ¦ {"measure": "sgb2_16e", "coaching": "soft"}
    measure ¦ 16k                 ¦ normalise ¦ {"measure": "sgb2_16k", "coaching": "hard"}
    measure ¦ BGS Pflegehelferin  ¦ normalise ¦ {"measure": "sgb3_81", "coaching": "none", "note": "Pflegehelferin"}
    measure ¦ AVGS                ¦ ask       ¦ voucher_kind_missing|["sgb3_45_mat_single", "sgb3_45_mpav", "sgb3_45_mag"]
    measure ¦ anderes ESF-Projekt ¦ ask       ¦ other_esf_project|{"measure": "esf_other", "coaching": "hard"}
    measure ¦ Schuldnerberatung   ¦ ask       ¦ confidential_counselling|{"measure": "sgb2_16a_2", "coaching": "none"}
    measure ¦ Suchtberatung       ¦ reject    ¦ health_data
    measure ¦ Töpfern             ¦ reject    ¦ not_in_list
"""

PEOPLE = """
    participant_name ¦ Kowalenko, Olena     ¦ ok        ¦ {"family": "Kowalenko", "given": "Olena"}
    participant_name ¦ KOWALENKO, Olena     ¦ normalise ¦ {"family": "Kowalenko", "given": "Olena"}
    participant_name ¦ AL-HUSSEIN, FATIMA   ¦ normalise ¦ {"family": "Al-Hussein", "given": "Fatima"}
    participant_name ¦ Fr. Kowalenko, Olena ¦ normalise ¦ {"family": "Kowalenko", "given": "Olena"}
    participant_name ¦ Olena Kowalenko      ¦ ask       ¦ name_order|{"family": "Kowalenko", "given": "Olena"}
    participant_name ¦ Nguyễn Thi Mai       ¦ ask       ¦ name_order|{"family": "Nguyễn", "given": "Thi Mai"}
    participant_name ¦ Zarmina              ¦ ask       ¦ mononym|{"family": "Zarmina", "given": null}
    participant_name ¦ s.o.                 ¦ reject    ¦ relative_reference
    participant_name ¦ "                    ¦ reject    ¦ relative_reference
    participant_name ¦ Kowalenko, Olena 2   ¦ reject    ¦ not_a_name
    contact_jc ¦ Jäger, Ute                 ¦ ok        ¦ {"contact": "jaeger-ute"}
    contact_jc ¦ Ute Jäger                  ¦ normalise ¦ {"contact": "jaeger-ute"}
    contact_jc ¦ Frau Jaeger                ¦ normalise ¦ {"contact": "jaeger-ute"}
    contact_jc ¦ Jager                      ¦ normalise ¦ {"contact": "jaeger-ute"}
    contact_jc ¦ JÄGER, UTE                 ¦ normalise ¦ {"contact": "jaeger-ute"}
    contact_jc ¦ U. Jäger                   ¦ normalise ¦ {"contact": "jaeger-ute"}
    contact_jc ¦ Gross-Lehmann, E.          ¦ normalise ¦ {"contact": "gross-eva-maria"}
    contact_jc ¦ ute.jaeger@jc-nordstadt.example ¦ normalise ¦ {"contact": "jaeger-ute"}
    contact_jc ¦ Jäger, Ute (Vertr. Brandt) ¦ normalise ¦ {"contact": "jaeger-ute", "deputy": "brandt-jan"}
    contact_jc ¦ Jäger, i.V. Brandt         ¦ normalise ¦ {"contact": "jaeger-ute", "deputy": "brandt-jan"}
    contact_jc ¦ Jäger, Ute (IFK)           ¦ normalise ¦ {"contact": "jaeger-ute"}
    contact_jc ¦ N.N.                       ¦ normalise ¦ null
    # another given name is another person
    contact_jc ¦ Jäger, Petra               ¦ ask       ¦ contact_unknown|{"create": {"family": "Jäger", "given": "Petra", "organisation": "jc-nord"}}
    contact_jc ¦ Winter, Kai                ¦ ask       ¦ contact_ambiguous|["winter-kai", "winter-kai-2"]
    contact_jc ¦ Winter, Kai (winter-kai-2) ¦ ok        ¦ {"contact": "winter-kai-2"}
    contact_jc ¦ Heiß                       ¦ ask       ¦ contact_of_other_organisation|{"contact": "heise-olaf", "organisation": "jc-sued"}
    contact_jc ¦ Jäger/Brandt               ¦ ask       ¦ two_contacts|{"contact": "jaeger-ute", "second": "brandt-jan", "meaning": ["joint", "deputy", "handover"]}
    contact_jc ¦ Jäger bis 30.9., dann Brandt ¦ ask     ¦ handover_planned|{"contact": "jaeger-ute", "valid_to": "2025-09-30", "next": "brandt-jan", "valid_from": "2025-10-01"}
    contact_jc ¦ NEU: Brandt                ¦ ask       ¦ handover_undated|{"next": "brandt-jan", "valid_from": null}
    contact_jc ¦ wechselt gerade            ¦ ask       ¦ handover_undated|{"next": null}
    contact_jc ¦ Jäger (Elternzeit)         ¦ ask       ¦ contact_absent_no_deputy|{"contact": "jaeger-ute", "state": "absent"}
    contact_jc ¦ Jäger (nicht mehr da)      ¦ ask       ¦ contact_left|{"contact": "jaeger-ute", "state": "left"}
    contact_jc ¦ Buchstabe M-R              ¦ ask       ¦ contact_by_letter|{"letters": "M-R"}
    contact_jc ¦ Hotline                    ¦ ask       ¦ not_a_person
    contact_jc ¦ Jäger krank                ¦ reject    ¦ health_data
    # a name that looks like one of our words is still a name
    contact_jc ¦ Krankenhagen, Uta          ¦ ask       ¦ contact_unknown|{"create": {"family": "Krankenhagen", "given": "Uta", "organisation": "jc-nord"}}
    participant_name ¦ So                   ¦ ask       ¦ mononym|{"family": "So", "given": null}
    contact_jc ¦ =D12                       ¦ reject    ¦ formula_not_allowed
    coach      ¦ Arslan D.                  ¦ normalise ¦ arslan-derya
    coach      ¦ D.A.                       ¦ ask       ¦ initials|arslan-derya
    coach      ¦ Derya / Karin              ¦ ask       ¦ two_contacts|["arslan-derya", "voss-karin"]
    coach      ¦ Jäger, Ute                 ¦ ask       ¦ contact_of_other_organisation|{"contact": "jaeger-ute", "organisation": "jc-nord"}
    jobcenter  ¦ Jobcenter Nordstadt        ¦ ok        ¦ jc-nord
    jobcenter  ¦ JC Nordstadt               ¦ normalise ¦ jc-nord
    jobcenter  ¦ JC N-stadt                 ¦ normalise ¦ jc-nord
    jobcenter  ¦ Arbeitsagentur Nordstadt   ¦ normalise ¦ aa-nord
    jobcenter  ¦ kein JC                    ¦ normalise ¦ {"organisation": null, "reason": "not_registered"}
    jobcenter  ¦ Jobcenter                  ¦ ask       ¦ organisation_ambiguous|["jc-nord", "jc-sued"]
    jobcenter  ¦ Jobcenter Weststadt        ¦ ask       ¦ organisation_unknown
"""

NUMBERS_AND_ADDRESSES = """
    contact_jc_phone ¦ 030 23125-201        ¦ ok        ¦ {"e164": "+493023125201", "display": "030 23125-201", "ext": "201"}
    contact_jc_phone ¦ 030/23125-345 DW     ¦ normalise ¦ {"e164": "+493023125345", "display": "030 23125-345", "ext": "345"}
    contact_jc_phone ¦ +49 (0)30 23125-201  ¦ normalise ¦ {"e164": "+493023125201", "display": "030 23125-201", "ext": "201"}
    contact_jc_phone ¦ DW 201               ¦ normalise ¦ {"e164": "+493023125201", "display": "030 23125-201", "ext": "201"}
    contact_jc_phone ¦ -201                 ¦ normalise ¦ {"e164": "+493023125201", "display": "030 23125-201", "ext": "201"}
    contact_jc_phone ¦ 040 66969-201        ¦ ok        ¦ {"e164": "+494066969201", "display": "040 66969-201", "ext": "201"}
    contact_jc_phone ¦ 0152/28817386        ¦ normalise ¦ {"e164": "+4915228817386", "display": "0152 28817386"}
    contact_jc_phone ¦ n.V.                 ¦ normalise ¦ null
    contact_jc_phone ¦ 3023125201           ¦ ask       ¦ leading_zero_lost|{"e164": "+493023125201", "display": "030 23125-201", "ext": "201"}
    contact_jc_phone ¦ 493023125201         ¦ ask       ¦ plus_lost|{"e164": "+493023125201", "display": "030 23125-201", "ext": "201"}
    contact_jc_phone ¦ 030 23125-201 o. 0152 28817386 ¦ ask ¦ two_values|["+493023125201", "+4915228817386"]
    contact_jc_phone ¦ nur per Mail         ¦ reject    ¦ not_a_phone
    contact_jc_email ¦ ute.jaeger@jc-nordstadt.example        ¦ ok        ¦ ute.jaeger@jc-nordstadt.example
    contact_jc_email ¦ mailto:Ute.Jaeger@jc-nordstadt.example ¦ normalise ¦ ute.jaeger@jc-nordstadt.example
    contact_jc_email ¦ ute.jaeger(at)jc-nordstadt.example;    ¦ normalise ¦ ute.jaeger@jc-nordstadt.example
    contact_jc_email ¦ ute.jäger@jc-nordstadt.example         ¦ ask       ¦ umlaut_in_local_part|ute.jaeger@jc-nordstadt.example
    contact_jc_email ¦ team12@jc-nordstadt.example            ¦ ask       ¦ shared_mailbox|team12@jc-nordstadt.example
    contact_jc_email ¦ ute.jaeger@freemail.example            ¦ reject    ¦ mail_domain_not_allowed
    contact_jc_email ¦ ute.jaeger @                           ¦ reject    ¦ mail_invalid
    participant_ref  ¦ BSP-0137-E           ¦ ok        ¦ BSP-0137-E
    participant_ref  ¦ bsp–0137–e           ¦ normalise ¦ BSP-0137-E
    participant_ref  ¦ 137                  ¦ ask       ¦ ref_incomplete|BSP-0137-E
    participant_ref  ¦ BSP-0137-A           ¦ reject    ¦ check_character_wrong
    participant_ref  ¦ Summe                ¦ reject    ¦ not_a_reference
"""


@pytest.mark.parametrize(
    ("name", "text", "kind", "meaning"), rows(DAYS + WORDS_AND_NUMBERS + PEOPLE + NUMBERS_AND_ADDRESSES)
)
def test_typed_text(name: str, text: str, kind: str, meaning: str) -> None:
    """The tables above: column, what stands in the cell, how it is taken, what it means."""
    assert told(field(name, "number").parse(text, CONTEXT)) == (kind, meaning)


@pytest.mark.parametrize(
    ("name", "cell", "kind", "meaning"),
    [
        ("entry_date", date(2024, 9, 1), "ok", "2024-09-01"),
        ("entry_date", datetime(2024, 9, 1), "normalise", "2024-09-01"),
        ("entry_date", datetime(2024, 9, 1, 10), "ask", "time_in_date_column|2024-09-01"),
        ("entry_date", 45536.0, "normalise", "2024-09-01"),
        ("entry_date", 2024.0, "ask", 'date_incomplete|{"year": 2024}'),
        ("entry_date", 7.0, "reject", "not_a_date"),
        ("entry_date", Logical.TRUE, "reject", "not_a_date"),
        ("birth_date", 32216.0, "normalise", "1988-03-14"),
        ("status_report_month", date(2025, 8, 1), "normalise", "2025-08"),
        ("status_report_month", date(2025, 8, 15), "ask", "day_in_month_column|2025-08"),
        ("next_case_talk", datetime(2025, 9, 18, 9, 59, 59), "ok", "2025-09-18T10:00"),
        ("next_case_talk", date(2025, 9, 18), "ask", "time_missing|2025-09-18"),
        ("travel_costs", Logical.TRUE, "normalise", "yes"),
        ("travel_costs", 1.0, "reject", "not_yes_no"),
        ("weekly_hours", 12.5, "ok", "12.5"),
        ("weekly_hours", 12.0, "ok", "12"),
        ("weekly_hours", date(2025, 5, 1), "ask", "date_in_number_column"),
        ("job_turbo_phase", 3.0, "ok", "3"),
        # a number where text belongs is damage, never data
        ("remark", 1067.0, "ask", "number_in_text_column|1067"),
        ("remark", 1230000.0, "ask", "number_in_text_column|1230000"),
        ("remark", date(2025, 5, 1), "ask", "date_in_text_column|01.05.2025"),
        ("remark", time(10, 0), "ask", "date_in_text_column|10:00"),
        ("remark", Logical.FALSE, "ask", "logical_in_text_column|FALSCH"),
        ("remark", Formula("=A1", "aus Formel"), "ok", "aus Formel"),
        ("participant_ref", 137.0, "ask", "ref_incomplete|BSP-0137-E"),
        # restored as a proposal only where a rule of length leaves one reading
        ("postcode", 1067.0, "ask", "number_in_text_column|01067"),
        ("postcode", 10.0, "reject", "postcode_length"),
        ("customer_no", 1230000.0, "ask", "number_in_text_column|123E000004"),
        ("customer_no", 1000000.0, "reject", "customer_no_letter_missing"),
        ("customer_no", 123456789.0, "reject", "customer_no_letter_missing"),
        ("bg_no", 987650001234.0, "reject", "number_in_text_column"),
        (
            "contact_jc_phone",
            101.0,
            "ask",
            'number_in_text_column|{"e164": "+493023125101", "display": "030 23125-101", "ext": "101"}',
        ),
        ("residence_secured", Logical.TRUE, "normalise", "yes"),
        ("consent", date(2025, 3, 12), "ask", 'consent_unclear|{"consent": "given", "date": "2025-03-12"}'),
        ("exit_date", 45292.0, "reject", "exit_before_entry"),
        ("exit_date", Formula("=HEUTE()", date(2025, 12, 31)), "ok", "2025-12-31"),
        (
            "contact_jc_phone",
            3023125201.0,
            "ask",
            'number_in_text_column|{"e164": "+493023125201", "display": "030 23125-201", "ext": "201"}',
        ),
    ],
)
def test_typed_cells(name: str, cell: Cell, kind: str, meaning: str) -> None:
    """The same column, when the spreadsheet made a date, a number or a truth value of it."""
    assert told(field(name).parse(cell, CONTEXT)) == (kind, meaning)


@pytest.mark.parametrize(
    "text", ["=1+1", '=HYPERLINK("http://x.example";"Klick")', "+49 30", "-", "@x", "\t=1", "<b>", "a\nb"]
)
def test_text_goes_both_ways_as_it_is(text: str) -> None:
    """Literal text that looks like a formula, a number or markup is neither changed on reading nor on writing."""
    made = field("custom.x", "text")

    assert made.parse(text, CONTEXT) == Reading(Kind.OK, text)
    assert made.format(text, CONTEXT) == text


@pytest.mark.parametrize("text", ["", " ", "\t", "\n", "\u00a0", "\u200b", " \u00ad "])
def test_invisible_text_is_blank(text: str) -> None:
    assert field("remark").parse(text, CONTEXT).value is None
    assert field("entry_date").parse(text, CONTEXT).value is None


def test_text_outside_blanks_are_no_content() -> None:
    assert field("remark").parse("  Termin\u00a0ok\n", CONTEXT) == Reading(Kind.NORMALISE, "Termin ok")


@pytest.mark.parametrize(("one", "other"), [("Ja", "ja"), ("A B", "AB"), ("1", "01"), ("a\nb", "a b")])
def test_other_text_is_another_text(one: str, other: str) -> None:
    """Only invisible differences are folded away; case, blanks between words and line breaks are edits."""
    made = field("remark")

    assert made.key(one) != made.key(other)


def test_text_has_a_length() -> None:
    short = field_for(replace(column("custom.x", "text"), max_length=5))

    assert short.parse("12345", CONTEXT).accepted
    assert short.parse("123456", CONTEXT).code == "too_long"
    assert field("remark").parse("x" * 32_768, CONTEXT).code == "too_long"


def test_a_columns_own_choices() -> None:
    """Key, label and the label's letters are read; signs that tell two labels apart are kept."""
    choices = (Choice("more", "> 10 Std."), Choice("less", "< 10 Std."), Choice("none", "keine"))
    made = field_for(replace(column("custom.x", "choice"), choices=choices))

    assert told(made.parse("> 10 Std.", CONTEXT)) == ("ok", "more")
    assert told(made.parse("<10 std", CONTEXT)) == ("normalise", "less")
    assert told(made.parse("NONE", CONTEXT)) == ("normalise", "none")
    assert made.parse("10 Std.", CONTEXT).code == "not_in_list"


def test_contacts_without_any_directory_are_names() -> None:
    """A new project has nobody to compare with; its column must sync all the same."""
    alone = replace(CONTEXT, contacts=())
    made = field("contact_jc")

    assert told(made.parse("Jäger,  Ute", alone)) == ("normalise", '{"name": "Jäger, Ute"}')
    assert made.format({"name": "Jäger, Ute"}, alone) == "Jäger, Ute"


def test_contacts_of_a_house_without_people_are_asked_about() -> None:
    elsewhere = replace(CONTEXT, organisation="aa-nord")

    reading = field("contact_jc").parse("Sommer, Ina", elsewhere)

    assert told(reading) == (
        "ask",
        'contact_unknown|{"create": {"family": "Sommer", "given": "Ina", "organisation": "aa-nord"}}',
    )


def test_what_must_not_be_repeated_is_marked() -> None:
    """Health words are refused without an echo anywhere."""
    for name, text in [("contact_jc", "Jäger krank"), ("measure", "Suchtberatung"), ("status", "krank")]:
        assert field(name).parse(text, CONTEXT).sensitive


@pytest.mark.parametrize(
    ("name", "value", "cell"),
    [
        ("entry_date", "2024-09-01", date(2024, 9, 1)),
        ("birth_date", {"date": "1990-01-01", "reliability": "year_only_possible"}, date(1990, 1, 1)),
        ("next_case_talk", "2025-09-18T10:00", datetime(2025, 9, 18, 10)),
        ("status_report_month", "2025-08", "08/2025"),
        ("measure_period", {"from": "2025-06-01", "to": "2025-11-30"}, "01.06.2025 – 30.11.2025"),
        ("weekly_hours", 12, 12.0),
        ("travel_costs", "yes", "ja"),
        ("participant_name", {"family": "Kowalenko", "given": "Olena"}, "Kowalenko, Olena"),
        ("contact_jc", {"contact": "jaeger-ute"}, "Jäger, Ute"),
        ("contact_jc", {"contact": "jaeger-ute", "deputy": "brandt-jan"}, "Jäger, Ute (Vertr. Brandt, Jan)"),
        ("coach", "arslan-derya", "Arslan, Derya"),
        ("jobcenter", "jc-nord", "Jobcenter Nordstadt"),
        ("contact_jc_phone", {"e164": "+493023125201", "display": "030 23125-201", "ext": "201"}, "030 23125-201"),
        (
            "measure",
            {"measure": "sgb3_45_mag", "coaching": "none", "note": "2 Wo."},
            "Maßnahme beim Arbeitgeber – 2 Wo.",
        ),
        ("status", "paused", "pausiert"),
        ("remark", None, None),
    ],
)
def test_written_cells(name: str, value, cell: Cell) -> None:
    """The canonical cell of each kind of value: days are real dates, numbers are numbers, the rest is text."""
    written = field(name).format(value, CONTEXT)

    assert (written, type(written)) == (cell, type(cell))


@pytest.mark.parametrize(
    ("name", "text", "value"),
    rows("""
    entry_date       ¦ 3.9.             ¦ 2025-09-03
    participant_ref  ¦ 137              ¦ BSP-0137-E
    participant_name ¦ Zarmina          ¦ {"family": "Zarmina", "given": null}
    measure          ¦ Schuldnerberatung ¦ {"measure": "sgb2_16a_2", "coaching": "none"}
    coach            ¦ D.A.             ¦ arslan-derya
    contact_jc_email ¦ team12@jc-nordstadt.example ¦ team12@jc-nordstadt.example
    # yes is no answer to these
    birth_date       ¦ 1990             ¦ null
    weekly_hours     ¦ 10-15            ¦ null
    measure          ¦ AVGS             ¦ null
    status           ¦ verzogen         ¦ null
    contact_jc       ¦ Jäger/Brandt     ¦ null
    contact_jc       ¦ Jäger, Petra     ¦ null
    contact_jc       ¦ Jäger (nicht mehr da) ¦ null
    contact_jc       ¦ NEU: Brandt      ¦ null
    contact_jc       ¦ Winter, Kai      ¦ null
    entry_date       ¦ 01.09.2024       ¦ null
    """),
)
def test_only_a_whole_value_can_be_accepted_with_yes(name: str, text: str, value: str) -> None:
    """A list of candidates or half a value must never become a record's value by a click."""
    made = field(name)
    taken = proposed(made, made.parse(text, CONTEXT), CONTEXT)

    assert (taken if isinstance(taken, str) else json.dumps(taken, ensure_ascii=False)) == value
