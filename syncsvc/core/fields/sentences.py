"""What a row says to the people who keep the table: one short German sentence per doubt or fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LIMIT = 140
VALUE_LIMIT = 30

CELL_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    # Doubts and faults of one cell: the sentence and its example.
    # Any field
    "formula_error": ("die Formel zeigt einen Fehler – bitte Formel prüfen oder Wert eintippen", ""),
    "formula_not_computed": ("Formel noch nicht berechnet – bitte Datei in Excel öffnen und speichern", ""),
    "formula_not_allowed": ("hier bitte keine Formel, sondern den Wert eintippen", ""),
    "merged_cell": ("Zelle ist verbunden – bitte Verbindung aufheben", ""),
    "relative_reference": ("bitte ausschreiben statt auf eine andere Zeile zu verweisen", ""),
    "unreadable": ("Eintrag ist so nicht lesbar – bitte prüfen", ""),
    "too_long": ("Text ist zu lang – bitte kürzen", ""),
    "number_in_text_column": ("hier steht eine Zahl – bitte prüfen und als Text eintippen, davor ein '", "'01067"),
    "date_in_text_column": ("hier steht ein Datum – bitte prüfen und als Text eintippen, davor ein '", "'1.5"),
    "logical_in_text_column": ("hier steht WAHR oder FALSCH – bitte als Text eintippen", ""),
    "not_in_list": ("steht nicht in der Liste – bitte einen Wert der Liste wählen", ""),
    "two_values": ("zwei Angaben in einer Zelle – bitte nur eine", ""),
    "health_data": ("Angaben zur Gesundheit gehören nicht in diese Tabelle – bitte löschen", ""),
    # Texts and numbers
    "not_yes_no": ("bitte ja oder nein", ""),
    "pending_not_boolean": ("steht es schon fest? Bitte ja oder nein", ""),
    "not_a_number": ("bitte eine Zahl", "12,5"),
    "number_too_long": ("Zahl ist zu lang, höchstens 15 Ziffern", ""),
    "number_ambiguous": ("Zahl ist nicht eindeutig – bitte mit Komma und ohne Punkt", "12,5"),
    "number_range": ("bitte eine Zahl statt von – bis", "12"),
    "date_in_number_column": ("hier steht ein Datum – bitte eine Zahl", "12,5"),
    "hours_range": ("bitte Stunden je Woche, 0 bis 60", "12,5"),
    # Days and months
    "not_a_date": ("bitte ein Datum TT.MM.JJJJ", "01.09.2024"),
    "date_does_not_exist": ("Datum gibt es nicht – bitte TT.MM.JJJJ", "01.09.2024"),
    "date_implausible": ("Jahr kann nicht stimmen – bitte TT.MM.JJJJ", "01.09.2024"),
    "date_vague": ("bitte ein genaues Datum TT.MM.JJJJ", "01.09.2024"),
    "date_incomplete": ("Datum ist unvollständig – bitte TT.MM.JJJJ", "01.09.2024"),
    "year_missing": ("Jahr fehlt – bitte TT.MM.JJJJ", "01.09.2024"),
    "week_not_day": ("bitte einen Tag statt der Woche", "02.09.2024"),
    "foreign_date_order": ("Tag und Monat sind nicht eindeutig – bitte TT.MM.JJJJ", "13.09.2024"),
    "weekday_differs": ("Wochentag und Datum passen nicht zusammen", ""),
    "time_in_date_column": ("bitte nur das Datum ohne Uhrzeit", "01.09.2024"),
    "time_missing": ("Uhrzeit fehlt", "18.09.2025 10:00"),
    "time_does_not_exist": ("Uhrzeit gibt es nicht", "18.09.2025 10:00"),
    "age_out_of_range": ("Geburtsdatum kann nicht stimmen – bitte prüfen", ""),
    "exit_before_entry": ("liegt vor dem Eintritt – bitte eines von beiden ändern", ""),
    "not_a_month": ("bitte einen Monat MM/JJJJ", "08/2025"),
    "month_missing": ("bitte den Monat nennen", "08/2025"),
    "day_in_month_column": ("bitte nur den Monat MM/JJJJ", "08/2025"),
    "not_a_period": ("bitte einen Zeitraum", "01.06.2025 – 30.11.2025"),
    "period_incomplete": ("Beginn oder Ende fehlt", "01.06.2025 – 30.11.2025"),
    "period_reversed": ("Ende liegt vor dem Beginn – bitte prüfen", ""),
    "end_computed": ("Ende ist berechnet – bitte bestätigen oder eintragen", "01.06.2025 – 30.11.2025"),
    # People, houses, telephone and mail
    "not_a_name": ("bitte Nachname, Vorname", "Muster, Maria"),
    "name_order": ("was ist der Nachname? Bitte Nachname, Vorname", "Muster, Maria"),
    "mononym": ("nur ein Name – bitte Nachname, Vorname, sonst bestätigen", ""),
    "not_a_person": ("bitte eine Person statt einer Stelle", "Muster, Maria"),
    "not_a_person_name": ("bitte den Namen einer Person", "Muster, Maria"),
    "contact_unknown": ("Person steht nicht im Verzeichnis – das Projekt klärt", ""),
    "contact_ambiguous": ("mehrere heißen so – bitte Vor- und Nachname", "Muster, Maria"),
    "contact_unclear": ("nicht eindeutig lesbar – bitte Nachname, Vorname", "Muster, Maria"),
    "contact_of_other_organisation": ("diese Person arbeitet laut Verzeichnis woanders – bitte prüfen", ""),
    "contact_by_letter": ("bitte die Person statt der Buchstaben", "Muster, Maria"),
    "contact_absent_no_deputy": ("wer vertritt? Bitte ergänzen", "Muster, Maria (Vertr. Beispiel, Eva)"),
    "contact_left": ("wer ist jetzt zuständig? Bitte eintragen", "Muster, Maria"),
    "two_contacts": ("zwei Personen – bitte eine, die zweite als Vertretung", "Muster (Vertr. Beispiel)"),
    "handover_planned": ("Wechsel erkannt – das Projekt bestätigt ihn", ""),
    "handover_undated": ("wer ist ab wann zuständig? Bitte eintragen", ""),
    "first_name_only": ("bitte auch den Nachnamen", "Muster, Maria"),
    "initials": ("bitte den ganzen Namen", "Muster, Maria"),
    "organisation_unknown": ("steht nicht im Verzeichnis – bitte Namen prüfen", "Jobcenter Musterstadt"),
    "organisation_ambiguous": ("welche Stelle? Bitte mit Ort", "Jobcenter Musterstadt"),
    "not_a_phone": ("bitte eine Telefonnummer", "030 23125-101"),
    "leading_zero_lost": ("die 0 am Anfang fehlt", "030 23125-101"),
    "plus_lost": ("+ oder 0 am Anfang fehlt", "030 23125-101"),
    "trunk_unknown": ("bitte die ganze Nummer, nicht nur die Durchwahl", "030 23125-101"),
    "mail_invalid": ("bitte eine E-Mail-Adresse", "maria@jobcenter.example"),
    "mail_domain_not_allowed": ("bitte die dienstliche Adresse", "maria@jobcenter.example"),
    "umlaut_in_local_part": ("Umlaut in der Adresse – bitte prüfen", ""),
    "shared_mailbox": ("Sammelpostfach – bitte bestätigen oder die eigene Adresse eintragen", ""),
    # Words of vocabularies
    "role_not_case_contact": ("zuständig für Leistungen, nicht für die Begleitung – trotzdem eintragen?", ""),
    "moved_away": ("endet die Teilnahme? Bitte aktiv oder beendet", ""),
    "ended_or_accompanied": ("begleitet ihr weiter? Bitte aktiv oder beendet", ""),
    "absence_voluntary_programme": ("Teilnahme ist freiwillig – bitte aktiv, pausiert oder beendet", ""),
    "negative_label": ("Bewertungen gehören nicht in diese Tabelle – bitte löschen", ""),
    "course_type_missing": ("welcher Kurs?", "Integrationskurs"),
    "phase_missing": ("welche Phase?", "Phase 2"),
    "voucher_kind_missing": ("welche Art von AVGS?", "AVGS-Coaching"),
    "measure_kind_missing": ("welche Maßnahme genau?", "AVGS-Coaching"),
    "other_esf_project": ("gehört sie zu einem anderen ESF-Projekt? Das Projekt klärt", ""),
    "confidential_counselling": ("vertrauliche Beratung – soll das hier wirklich stehen?", ""),
    # References
    "not_a_reference": ("bitte eine TN-Nr.", "BSP-0137-E"),
    "ref_incomplete": ("bitte die ganze TN-Nr.", "BSP-0137-E"),
    "check_character_wrong": ("TN-Nr. hat einen Tippfehler – bitte prüfen", "BSP-0137-E"),
}

ROW_SENTENCES: Final[Mapping[str, str]] = {
    # What the sync says of a row or of the two sides; ``detail`` is the value it speaks of.
    "required_missing": "bitte ausfüllen, dann wird die Zeile übernommen",
    "row_incomplete": "Zeile ist noch nicht vollständig und wartet – bitte weiter ausfüllen",
    "row_copied": "Zeile ist eine Kopie und bekommt eine eigene TN-Nr. – doppelt? Dann bitte löschen",
    "row_void": "Zeile ist im Projekt als Irrtum gelöscht und wird nicht mehr abgeglichen",
    "new_row": "neue Zeile – das Projekt bestätigt sie noch",
    "person_known": "diese Person gibt es im Projekt vielleicht schon – das Projekt klärt",
    "reference_unreadable": "TN-Nr. ist nicht lesbar – bitte prüfen",
    "reference_unknown": "diese TN-Nr. gibt es im Projekt nicht – bitte prüfen",
    "reference_taken": "diese TN-Nr. gehört zu einer anderen Person – bitte prüfen",
    "reference_doubled": "diese TN-Nr. steht zweimal in der Tabelle – bitte eine Zeile löschen",
    "reference_wiped": "TN-Nr. wurde geändert oder gelöscht – das Projekt klärt",
    "formula_blocks_value": "hier steht eine Formel, der neue Wert vom Projekt kann nicht hinein",
    "protected_cell": "Zelle ist geschützt oder verbunden, der neue Wert kann nicht hinein",
    "conflict": "hier und beim Projekt verschieden geändert – das Projekt klärt",
    "interrupted": "der letzte Abgleich brach hier ab – das Projekt klärt, welcher Wert gilt",
    "flip": "wurde zweimal zurückgesetzt – wir ändern hier nichts mehr, das Projekt klärt",
    "column_held": "wird gerade nicht abgeglichen – das Projekt klärt",
    "proposal_sheet": "Änderung wartet auf die Antwort der zuständigen Seite",
    "proposal_record": "das Projekt schlägt einen anderen Wert vor",
    "proposal_kept": "der Wert der zuständigen Seite gilt, Ihrer ist als Vorschlag aufgehoben",
}


def explain(code: str, column_header: str, *, example: str = "", detail: str = "") -> str:
    """One German sentence of at most 140 characters: the column, what is wrong or expected, and an example.

    ``example`` replaces the sentence's own; ``detail`` is a value in words: of a doubt about a cell the proposal
    ("Meinten Sie …?"), of everything else what the sentence speaks of. An unknown code reads as "nicht lesbar". Long
    headers, examples and details are cut, never the sentence. Without a header the sentence speaks of the row.
    """
    detail = _cut(detail, VALUE_LIMIT)
    if code in ROW_SENTENCES:
        sentence = ROW_SENTENCES[code] + (f": {detail}" if detail else "") + "."
    else:
        sentence, usual = CELL_SENTENCES.get(code, CELL_SENTENCES["unreadable"])
        if shown := _cut(example, VALUE_LIMIT) or usual:
            sentence += f", z. B. {shown}"
        sentence += "" if sentence.endswith(("?", ".")) else "."
        if detail:
            sentence = f"{sentence.partition(', z. B. ')[0].rstrip('.?')}. Meinten Sie {detail}?"
    if not column_header:
        return sentence[0].upper() + sentence[1:]
    return f"Spalte {_cut(column_header, LIMIT - len('Spalte : ') - len(sentence))}: {sentence}"


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
