"""What people may type into each column, by example: the page for staff shows how each is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "participant_ref": ("BSP-0137-E", "bsp 0137 e", "137", "BSP-0137-A"),
    "jobcenter": ("Jobcenter Beispielstadt", "JC Beispielstadt", "nicht gemeldet", "Arbeitsamt"),
    "coach": ("Demir, Leyla", "Demir L.", "Leyla / Sabine"),
    "contact_jc": (
        *("Müller, Anna", "Fr. Mueller", "Müller (Vertr. Schulz)", "N.N.", "Müller/Schulz"),
        *("Müller bis 30.9., dann Schulz", "Müller (Elternzeit)", "Hotline", "dito"),
    ),
    "contact_jc_role": ("Integrationsfachkraft", "IFK", "SB Leistung"),
    "contact_jc_phone": ("030 23125-101", "030/23125-101 DW", "DW 101", "n.V.", "3023125101", "nur per Mail"),
    "contact_jc_email": ("anna.mueller@jobcenter-beispielstadt.example", "team512@jobcenter-beispielstadt.example"),
    "entry_date": (
        *("01.09.2024", "1.9.24", "1. September 2024", "seit 3.9.", "3.9.", "Sept. 24", "KW 36/2024", "9/13/2024"),
        *("Anfang September", "30.02.2025"),
    ),
    "exit_date": ("31.12.2025", "bis 31.12.25", "bis auf Weiteres", "30.06.25 (verl. bis 31.12.25)"),
    "status_report_month": ("08/2025", "August", "erledigt"),
    "next_case_talk": ("18.09.2025 10:00", "Do 18.9. 10h", "n.V.", "18.09.2025"),
    "status": ("aktiv", "in Elternzeit", "ruht", "in Arbeit", "verzogen", "erscheint nicht"),
    "language_level": ("B1", "B1 (DTZ)", "ca. B1", "B1.2", "A2/B1", "gut"),
    "language_course": ("Integrationskurs", "IK", "Spezial-BSK A2", "Sprachkurs"),
    "measure": ("AVGS-Coaching", "16k", "MAG 2 Wo.", "BGS Pflegehelferin", "AVGS", "Schuldnerberatung"),
    "measure_period": ("01.06.2025 – 30.11.2025", "1.6.-30.11.25", "ab 1.6.25", "6 Mon. ab 1.6.25"),
    "participant_name": ("Kowalenko, Olena", "KOWALENKO, Olena", "Olena Kowalenko", "Zarmina"),
    "customer_no": ("123A456789", "KdNr. 123a456789", "nicht gemeldet", "123A45678O", "123456789"),
    "bg_no": ("98765//0001234", "98765BG0001234", "AZ 50.2-1234/24"),
    "birth_date": ("14.03.1988", "14/03/1988", "1990", "14.03.2018"),
    "postcode": ("09111", "D-09111", "09111 Chemnitz", "0911"),
    "residence_secured": ("ja", "AE §25 Abs. 2", "Duldung", "bis 04.03.2026"),
    "consent": ("ja, 12.03.2025", "widerrufen 1.9.25", "widerrufen", "liegt vor", "nur Kontaktdaten"),
    "travel_costs": ("ja", "x", "beantragt"),
    "job_turbo_phase": ("Phase 3", "JT3", "ja"),
    "weekly_hours": ("12,5", "12,5 Std.", "10-15"),
    "remark": ("Praktikum Bäckerei ab 22.9.", "+1 Kind seit Mai", "siehe Kommentar"),
}
