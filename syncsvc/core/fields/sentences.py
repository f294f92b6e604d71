"""What a row says to the people who keep the table: one short sentence per doubt or fault.

German in the tables, English in the UI's English.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LIMIT = 140
VALUE_LIMIT = 30

CELL_SENTENCES: Final[Mapping[str, tuple[str, str, str]]] = {
    # Doubts and faults of one cell: the German sentence, its example, the English sentence.
    # Any field
    "formula_error": (
        "die Formel zeigt einen Fehler – bitte Formel prüfen oder Wert eintippen",
        "",
        "the formula shows an error – please check it or type the value",
    ),
    "formula_not_computed": (
        "Formel noch nicht berechnet – bitte Datei in Excel öffnen und speichern",
        "",
        "formula not computed yet – please open the file in Excel and save it",
    ),
    "formula_not_allowed": (
        "hier bitte keine Formel, sondern den Wert eintippen",
        "",
        "please type the value, not a formula",
    ),
    "merged_cell": ("Zelle ist verbunden – bitte Verbindung aufheben", "", "cell is merged – please unmerge it"),
    "relative_reference": (
        "bitte ausschreiben statt auf eine andere Zeile zu verweisen",
        "",
        "please write it out instead of pointing at another row",
    ),
    "unreadable": ("Eintrag ist so nicht lesbar – bitte prüfen", "", "cannot be read – please check"),
    "too_long": ("Text ist zu lang – bitte kürzen", "", "text is too long – please shorten it"),
    "number_in_text_column": (
        "hier steht eine Zahl – bitte prüfen und als Text eintippen, davor ein '",
        "'01067",
        "this is a number – please check and type it as text, with a ' in front",
    ),
    "date_in_text_column": (
        "hier steht ein Datum – bitte prüfen und als Text eintippen, davor ein '",
        "'1.5",
        "this is a date – please check and type it as text, with a ' in front",
    ),
    "logical_in_text_column": (
        "hier steht WAHR oder FALSCH – bitte als Text eintippen",
        "",
        "this says TRUE or FALSE – please type it as text",
    ),
    "not_in_list": (
        "steht nicht in der Liste – bitte einen Wert der Liste wählen",
        "",
        "not in the list – please choose one of the list",
    ),
    "two_values": ("zwei Angaben in einer Zelle – bitte nur eine", "", "two entries in one cell – please keep one"),
    "health_data": (
        "Angaben zur Gesundheit gehören nicht in diese Tabelle – bitte löschen",
        "",
        "health does not belong in this table – please delete it",
    ),
    "empty_unclear": (
        "was ist gemeint? Bitte einen Wert eintragen oder die Zelle leeren",
        "",
        "what is meant? Please type a value or empty the cell",
    ),
    "uncertain": ("Fragezeichen – bitte bestätigen oder ändern", "", "question mark – please confirm or change"),
    "highly_sensitive": (
        "so etwas gehört nicht in diese Tabelle – bitte löschen",
        "",
        "this does not belong in this table – please delete it",
    ),
    "letter_o_for_zero": ("Buchstabe O statt Null?", "", "letter O instead of zero?"),
    "letter_l_for_one": ("Buchstabe l statt Eins?", "", "letter l instead of one?"),
    "letter_i_for_one": ("Buchstabe I statt Eins?", "", "letter I instead of one?"),
    "comment_not_synced": (
        "Kommentare kommen nicht an – bitte den Text in die Zelle schreiben",
        "",
        "comments do not travel – please type the text into the cell",
    ),
    # Texts and numbers
    "not_yes_no": ("bitte ja oder nein", "", "please yes (ja) or no (nein)"),
    "pending_not_boolean": (
        "steht es schon fest? Bitte ja oder nein",
        "",
        "is it decided? Please yes (ja) or no (nein)",
    ),
    "not_a_number": ("bitte eine Zahl", "12,5", "please a number"),
    "number_too_long": ("Zahl ist zu lang, höchstens 15 Ziffern", "", "number is too long, at most 15 digits"),
    "number_ambiguous": (
        "Zahl ist nicht eindeutig – bitte mit Komma und ohne Punkt",
        "12,5",
        "number is ambiguous – please with a comma and without a point",
    ),
    "number_range": ("bitte eine Zahl statt von – bis", "12", "please one number instead of a range"),
    "date_in_number_column": ("hier steht ein Datum – bitte eine Zahl", "12,5", "this is a date – please a number"),
    "hours_range": ("bitte Stunden je Woche, 0 bis 60", "12,5", "please hours per week, 0 to 60"),
    "partly_not_boolean": ("bitte ja oder nein", "", "please yes (ja) or no (nein)"),
    "number_estimated": ("ungefähre Zahl – bitte genau", "12,5", "rough number – please be exact"),
    "hours_missing": ("bitte die Stunden je Woche", "20", "please the hours per week"),
    # Days and months
    "not_a_date": ("bitte ein Datum TT.MM.JJJJ", "01.09.2024", "please a date DD.MM.YYYY"),
    "date_does_not_exist": ("Datum gibt es nicht – bitte TT.MM.JJJJ", "01.09.2024", "no such date – please DD.MM.YYYY"),
    "date_implausible": (
        "Jahr kann nicht stimmen – bitte TT.MM.JJJJ",
        "01.09.2024",
        "year cannot be right – please DD.MM.YYYY",
    ),
    "date_vague": ("bitte ein genaues Datum TT.MM.JJJJ", "01.09.2024", "please an exact date DD.MM.YYYY"),
    "date_incomplete": (
        "Datum ist unvollständig – bitte TT.MM.JJJJ",
        "01.09.2024",
        "date is incomplete – please DD.MM.YYYY",
    ),
    "year_missing": ("Jahr fehlt – bitte TT.MM.JJJJ", "01.09.2024", "year is missing – please DD.MM.YYYY"),
    "week_not_day": ("bitte einen Tag statt der Woche", "02.09.2024", "please a day instead of a week"),
    "foreign_date_order": (
        "Tag und Monat sind nicht eindeutig – bitte TT.MM.JJJJ",
        "13.09.2024",
        "day and month are ambiguous – please DD.MM.YYYY",
    ),
    "weekday_differs": ("Wochentag und Datum passen nicht zusammen", "", "weekday and date do not fit"),
    "time_in_date_column": ("bitte nur das Datum ohne Uhrzeit", "01.09.2024", "please only the date, without a time"),
    "time_missing": ("Uhrzeit fehlt", "18.09.2025 10:00", "time is missing"),
    "time_does_not_exist": ("Uhrzeit gibt es nicht", "18.09.2025 10:00", "no such time"),
    "age_out_of_range": (
        "Geburtsdatum kann nicht stimmen – bitte prüfen",
        "",
        "birth date cannot be right – please check",
    ),
    "exit_before_entry": (
        "liegt vor dem Eintritt – bitte eines von beiden ändern",
        "",
        "lies before the entry – please change one of them",
    ),
    "not_a_month": ("bitte einen Monat MM/JJJJ", "08/2025", "please a month MM/YYYY"),
    "month_missing": ("bitte den Monat nennen", "08/2025", "please name the month"),
    "day_in_month_column": ("bitte nur den Monat MM/JJJJ", "08/2025", "please only the month MM/YYYY"),
    "not_a_period": ("bitte einen Zeitraum", "01.06.2025 – 30.11.2025", "please a period"),
    "period_incomplete": ("Beginn oder Ende fehlt", "01.06.2025 – 30.11.2025", "start or end is missing"),
    "period_reversed": ("Ende liegt vor dem Beginn – bitte prüfen", "", "ends before it starts – please check"),
    "end_computed": (
        "Ende ist berechnet – bitte bestätigen oder eintragen",
        "01.06.2025 – 30.11.2025",
        "end is computed – please confirm or type it",
    ),
    "date_estimated": (
        "ungefähres Datum – bitte genau TT.MM.JJJJ",
        "01.09.2024",
        "rough date – please an exact one, DD.MM.YYYY",
    ),
    "date_in_future": ("Tag liegt in der Zukunft – bitte prüfen", "", "day lies in the future – please check"),
    "text_beside_date": ("bitte nur das Datum TT.MM.JJJJ", "01.09.2024", "please only the date DD.MM.YYYY"),
    "time_range": ("bitte nur die Uhrzeit des Beginns", "18.09.2025 10:00", "please only the time it starts"),
    # People, houses, telephone and mail
    "not_a_name": ("bitte Nachname, Vorname", "Muster, Maria", "please family name, given name"),
    "name_order": (
        "was ist der Nachname? Bitte Nachname, Vorname",
        "Muster, Maria",
        "which is the family name? Please family name, given name",
    ),
    "mononym": (
        "nur ein Name – bitte Nachname, Vorname, sonst bestätigen",
        "",
        "only one name – please family name, given name, or confirm",
    ),
    "not_a_person": ("bitte eine Person statt einer Stelle", "Muster, Maria", "please a person instead of a desk"),
    "not_a_person_name": ("bitte den Namen einer Person", "Muster, Maria", "please a person's name"),
    "contact_unknown": (
        "Person steht nicht im Verzeichnis – das Projekt klärt",
        "",
        "not in the directory – the project will see to it",
    ),
    "contact_ambiguous": (
        "mehrere heißen so – bitte Vor- und Nachname",
        "Muster, Maria",
        "several have this name – please given and family name",
    ),
    "contact_unclear": (
        "nicht eindeutig lesbar – bitte Nachname, Vorname",
        "Muster, Maria",
        "not clear – please family name, given name",
    ),
    "contact_of_other_organisation": (
        "diese Person arbeitet laut Verzeichnis woanders – bitte prüfen",
        "",
        "works elsewhere by the directory – please check",
    ),
    "contact_by_letter": (
        "bitte die Person statt der Buchstaben",
        "Muster, Maria",
        "please the person instead of the letters",
    ),
    "contact_absent_no_deputy": (
        "wer vertritt? Bitte ergänzen",
        "Muster, Maria (Vertr. Beispiel, Eva)",
        "who stands in? Please add",
    ),
    "contact_left": (
        "wer ist jetzt zuständig? Bitte eintragen",
        "Muster, Maria",
        "who is responsible now? Please type it",
    ),
    "two_contacts": (
        "zwei Personen – bitte eine, die zweite als Vertretung",
        "Muster (Vertr. Beispiel)",
        "two people – please one, the second as deputy",
    ),
    "handover_planned": (
        "Wechsel erkannt – das Projekt bestätigt ihn",
        "",
        "hand-over noticed – the project confirms it",
    ),
    "handover_undated": (
        "wer ist ab wann zuständig? Bitte eintragen",
        "",
        "who is responsible, from when on? Please type it",
    ),
    "first_name_only": ("bitte auch den Nachnamen", "Muster, Maria", "please the family name too"),
    "initials": ("bitte den ganzen Namen", "Muster, Maria", "please the whole name"),
    "organisation_unknown": (
        "steht nicht im Verzeichnis – bitte Namen prüfen",
        "Jobcenter Musterstadt",
        "not in the directory – please check the name",
    ),
    "organisation_ambiguous": (
        "welche Stelle? Bitte mit Ort",
        "Jobcenter Musterstadt",
        "which office? Please with its town",
    ),
    "not_a_phone": ("bitte eine Telefonnummer", "030 23125-101", "please a telephone number"),
    "leading_zero_lost": ("die 0 am Anfang fehlt", "030 23125-101", "the 0 in front is missing"),
    "plus_lost": ("+ oder 0 am Anfang fehlt", "030 23125-101", "+ or 0 in front is missing"),
    "trunk_unknown": (
        "bitte die ganze Nummer, nicht nur die Durchwahl",
        "030 23125-101",
        "please the whole number, not only the extension",
    ),
    "mail_invalid": ("bitte eine E-Mail-Adresse", "maria@jobcenter.example", "please a mail address"),
    "mail_domain_not_allowed": (
        "bitte die dienstliche Adresse",
        "maria@jobcenter.example",
        "please the office address",
    ),
    "umlaut_in_local_part": ("Umlaut in der Adresse – bitte prüfen", "", "umlaut in the address – please check"),
    "shared_mailbox": (
        "Sammelpostfach – bitte bestätigen oder die eigene Adresse eintragen",
        "",
        "shared mailbox – please confirm or type a personal address",
    ),
    "name_uncertain": (
        "Name unsicher – bitte Nachname, Vorname",
        "Muster, Maria",
        "unsure name – please family name, given name",
    ),
    "script_not_latin": (
        "bitte in lateinischer Schrift, Nachname, Vorname",
        "Muster, Maria",
        "please in Latin letters, family name, given name",
    ),
    "contact_uncertain": (
        "unsicher – wer ist zuständig? Bitte eintragen",
        "Muster, Maria",
        "unsure – who is responsible? Please type it",
    ),
    "contact_similar": (
        "Name steht so nicht im Verzeichnis – Tippfehler?",
        "",
        "not in the directory like this – a slip?",
    ),
    "team_only": ("bitte die Person statt des Teams", "Muster, Maria", "please the person instead of the team"),
    "deputy_only": (
        "wer ist zuständig? Nur die Vertretung ist genannt",
        "Muster (Vertr. Beispiel)",
        "who is responsible? Only the deputy is named",
    ),
    "phone_of_other_organisation": (
        "Nummer gehört laut Verzeichnis woandershin – bitte prüfen",
        "",
        "belongs elsewhere by the directory – please check",
    ),
    "area_code_missing": ("Vorwahl fehlt", "030 23125-101", "area code is missing"),
    "switchboard": (
        "Zentrale – bitte bestätigen oder die Durchwahl eintragen",
        "",
        "switchboard – please confirm or type the direct dial",
    ),
    "service_number": (
        "Servicenummer – bitte die Durchwahl",
        "030 23125-101",
        "service number – please the direct dial",
    ),
    "fax_number": ("Faxnummer – bitte die Telefonnummer", "030 23125-101", "fax number – please the telephone number"),
    "text_beside_phone": ("bitte nur die Telefonnummer", "030 23125-101", "please only the telephone number"),
    "mail_name_differs": (
        "Adresse gehört nicht zur Ansprechperson – bitte prüfen",
        "",
        "not the contact person's address – please check",
    ),
    # Words of vocabularies
    "role_not_case_contact": (
        "zuständig für Leistungen, nicht für die Begleitung – trotzdem eintragen?",
        "",
        "in charge of benefits, not of the case – keep it?",
    ),
    "moved_away": (
        "endet die Teilnahme? Bitte aktiv oder beendet",
        "",
        "does the participation end? Please active (aktiv) or ended (beendet)",
    ),
    "ended_or_accompanied": (
        "begleitet ihr weiter? Bitte aktiv oder beendet",
        "",
        "do you go on? Please active (aktiv) or ended (beendet)",
    ),
    "absence_voluntary_programme": (
        "Teilnahme ist freiwillig – bitte aktiv, pausiert oder beendet",
        "",
        "taking part is voluntary – please active, paused or ended",
    ),
    "negative_label": (
        "Bewertungen gehören nicht in diese Tabelle – bitte löschen",
        "",
        "judgements do not belong in this table – please delete it",
    ),
    "course_type_missing": ("welcher Kurs?", "Integrationskurs", "which course?"),
    "phase_missing": ("welche Phase?", "Phase 2", "which phase?"),
    "voucher_kind_missing": ("welche Art von AVGS?", "AVGS-Coaching", "which kind of AVGS?"),
    "measure_kind_missing": ("welche Maßnahme genau?", "AVGS-Coaching", "which measure exactly?"),
    "other_esf_project": (
        "gehört sie zu einem anderen ESF-Projekt? Das Projekt klärt",
        "",
        "is it another ESF project's? The project will see to it",
    ),
    "confidential_counselling": (
        "vertrauliche Beratung – soll das hier wirklich stehen?",
        "",
        "confidential counselling – should it really stand here?",
    ),
    "role_unclear": ("welche Rolle genau?", "Integrationsfachkraft", "which role exactly?"),
    "no_assignment": (
        "ist keine Maßnahme – bitte löschen oder genauer",
        "AVGS-Coaching",
        "is no measure – please delete it or be more exact",
    ),
    "level_not_gers": ("bitte eine Stufe A1 bis C2", "B1", "please a level A1 to C2"),
    "level_range": ("welche Stufe ist erreicht?", "A2", "which level is attained?"),
    "course_not_level": (
        "Kurs ist keine erreichte Stufe – bitte die letzte Stufe",
        "A2",
        "a course is no attained level – please the last level",
    ),
    "consent_date_missing": ("seit wann? Bitte mit Datum", "ja, 12.03.2025", "since when? Please with a date"),
    "withdrawn_undated": (
        "Widerruf gilt sofort – ab welchem Tag?",
        "widerrufen, 01.09.2025",
        "withdrawal counts at once – from which day on?",
    ),
    "consent_scope": (
        "eingeschränkt – das Projekt trägt ein, was gilt",
        "",
        "limited – the project records what it covers",
    ),
    "consent_pending": (
        "Einwilligung noch offen – bitte eintragen, sobald sie da ist",
        "ja, 12.03.2025",
        "consent still open – please type it once it is there",
    ),
    "consent_form": ("bitte schriftlich, mit Datum", "ja, 12.03.2025", "please in writing, with a date"),
    "consent_unclear": ("was gilt ab diesem Tag?", "ja, 12.03.2025", "what counts from this day on?"),
    "consent_unreadable": (
        "bitte ja oder widerrufen, mit Datum",
        "ja, 12.03.2025",
        "please ja or widerrufen, with a date",
    ),
    "no_residence_title": (
        "ist kein Aufenthaltstitel – bitte ja oder nein",
        "",
        "is no title of residence – please yes (ja) or no (nein)",
    ),
    "not_target_group": (
        "gehört sie zur Zielgruppe? Das Projekt klärt",
        "",
        "is she in the target group? The project will see to it",
    ),
    "date_instead_of_title": (
        "nur ein Datum – bitte ja, nein oder der Titel",
        "AE § 25 Abs. 2",
        "only a date – please yes, no or the title",
    ),
    "visa_kind_missing": ("welches Visum? Bitte ja oder nein", "", "which visa? Please yes (ja) or no (nein)"),
    "residence_unclear": (
        "welcher Titel? Bitte ja, nein oder der Titel",
        "AE § 25 Abs. 2",
        "which title? Please yes, no or the title",
    ),
    # References
    "not_a_reference": ("bitte eine TN-Nr.", "BSP-0137-E", "please a TN-Nr."),
    "ref_incomplete": ("bitte die ganze TN-Nr.", "BSP-0137-E", "please the whole TN-Nr."),
    "check_character_wrong": (
        "TN-Nr. hat einen Tippfehler – bitte prüfen",
        "BSP-0137-E",
        "slip in the TN-Nr. – please check",
    ),
    "customer_no_too_short": ("Kundennummer ist zu kurz", "123A456789", "customer number is too short"),
    "customer_no_too_long": ("Kundennummer ist zu lang", "123A456789", "customer number is too long"),
    "customer_no_letter_missing": (
        "in der Kundennummer fehlt der Buchstabe",
        "123A456789",
        "the letter is missing in the customer number",
    ),
    "customer_no_pattern": ("bitte eine Kundennummer", "123A456789", "please a customer number"),
    "bg_no_pattern": ("bitte eine BG-Nummer", "98765//0001234", "please a BG number"),
    "bg_no_short": ("BG-Nummer ist zu kurz", "98765//0001234", "BG number is too short"),
    "local_file_no": ("Aktenzeichen statt BG-Nummer – so lassen?", "", "file number instead of a BG number – keep it?"),
    "postcode_missing": ("bitte eine Postleitzahl", "09111", "please a postcode"),
    "postcode_length": ("Postleitzahl hat fünf Ziffern", "09111", "a postcode has five digits"),
    "postcode_short": ("Postleitzahl hat fünf Ziffern", "09111", "a postcode has five digits"),
    "postcode_invalid": ("diese Postleitzahl gibt es nicht", "09111", "no such postcode"),
}

ROW_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    # What the sync says of a row or of the two sides, German and English; ``detail`` is the value it speaks of.
    "required_emptied": (
        "wird gebraucht – bitte wieder ausfüllen",
        "is needed – please fill it in again",
    ),
    "required_missing": (
        "bitte ausfüllen, dann wird die Zeile übernommen",
        "please fill it in, then the row is taken over",
    ),
    "row_incomplete": (
        "Zeile ist noch nicht vollständig und wartet – bitte weiter ausfüllen",
        "row is not complete yet and waits – please go on",
    ),
    "row_copied": (
        "Zeile ist eine Kopie und bekommt eine eigene TN-Nr. – doppelt? Dann bitte löschen",
        "row is a copy and gets a TN-Nr. of its own – doubled? Then please delete it",
    ),
    "row_void": (
        "Zeile ist im Projekt als Irrtum gelöscht und wird nicht mehr abgeglichen",
        "row was deleted as a mistake and is not synced any more",
    ),
    "new_row": ("neue Zeile – das Projekt bestätigt sie noch", "new row – the project will confirm it"),
    "person_known": (
        "diese Person gibt es vielleicht schon – das Projekt klärt",
        "the project may know this person already – the project will see to it",
    ),
    "reference_unreadable": ("TN-Nr. ist nicht lesbar – bitte prüfen", "TN-Nr. cannot be read – please check"),
    "reference_unknown": (
        "diese TN-Nr. gibt es nicht – bitte prüfen",
        "the project has no such TN-Nr. – please check",
    ),
    "reference_taken": (
        "diese TN-Nr. gehört zu einer anderen Person – bitte prüfen",
        "this TN-Nr. is another person's – please check",
    ),
    "reference_doubled": (
        "diese TN-Nr. steht zweimal in der Tabelle – bitte eine Zeile löschen",
        "this TN-Nr. stands twice in the table – please delete one row",
    ),
    "reference_wiped": (
        "TN-Nr. wurde geändert oder gelöscht – das Projekt klärt",
        "TN-Nr. was changed or deleted – the project will see to it",
    ),
    "formula_blocks_value": (
        "hier steht eine Formel, der neue Wert vom Projekt kann nicht hinein",
        "a formula stands here, the project's new value cannot go in",
    ),
    "reference_locked": (
        "neue Zeile, aber die Zelle der TN-Nr. ist geschützt – bitte für den Dienst freigeben",
        "new row, but its reference cell is protected – please let the service write there",
    ),
    "protected_cell": (
        "Zelle ist geschützt oder verbunden, der neue Wert kann nicht hinein",
        "cell is protected or merged, the new value cannot go in",
    ),
    "conflict": (
        "hier und beim Projekt verschieden geändert – das Projekt klärt",
        "changed differently here and by the project – the project will see to it",
    ),
    "interrupted": (
        "der letzte Abgleich brach hier ab – das Projekt klärt, welcher Wert gilt",
        "the last run stopped here – the project decides which value counts",
    ),
    "flip": (
        "wurde zweimal zurückgesetzt – wir ändern hier nichts mehr, das Projekt klärt",
        "was put back twice – we leave it alone, the project will see to it",
    ),
    "contact_flip": (
        "hier stand eben noch jemand anderes – das Projekt klärt, wer zuständig ist",
        "somebody else stood here a moment ago – the project will see to it",
    ),
    "entry_differs": (
        "im Verzeichnis steht etwas anderes – das Projekt bestätigt die Änderung",
        "the directory says something else – the project confirms the change",
    ),
    "column_held": (
        "wird gerade nicht abgeglichen – das Projekt klärt",
        "is not synced at the moment – the project will see to it",
    ),
    "proposal_sheet": (
        "Änderung wartet auf die Antwort der zuständigen Seite",
        "change waits for the answer of the side in charge",
    ),
    "proposal_record": ("das Projekt schlägt einen anderen Wert vor", "the project proposes another value"),
    "proposal_kept": (
        "der Wert der zuständigen Seite gilt, Ihrer ist als Vorschlag aufgehoben",
        "the value of the side in charge counts, yours is kept as a proposal",
    ),
}


_WORDS: Final = {  # column, example, question
    "de": ("Spalte {header}: ", ", z. B. ", "Meinten Sie {detail}?"),
    "en": ("Column {header}: ", ", e.g. ", "Did you mean {detail}?"),
}


def explain(code: str, column_header: str, *, example: str = "", detail: str = "", language: str = "de") -> str:
    """One sentence of at most 140 characters: the column, what is wrong or expected, and an example.

    ``example`` replaces the sentence's own; ``detail`` is a value in words: of a doubt about a cell the proposal
    ("Meinten Sie …?"), of everything else what the sentence speaks of. ``language`` is de or en. An unknown code reads
    as "nicht lesbar". Long headers, examples and details are cut, never the sentence. Without a header the sentence
    speaks of the row.
    """
    english = language == "en"
    place, such_as, question = _WORDS[language]
    detail = _cut(detail, VALUE_LIMIT)
    if code in ROW_SENTENCES:
        sentence = ROW_SENTENCES[code][english] + (f": {detail}" if detail else "") + "."
    else:
        german, usual, other = CELL_SENTENCES.get(code, CELL_SENTENCES["unreadable"])
        plain = other if english else german
        if detail:
            sentence = f"{plain.rstrip('.?')}. {question.format(detail=detail)}"
        else:
            shown = _cut(example, VALUE_LIMIT) or usual
            sentence = plain + (f"{such_as}{shown}" if shown else "")
            sentence += "" if sentence.endswith(("?", ".")) else "."
    if not column_header:
        return sentence[0].upper() + sentence[1:]
    room = LIMIT - len(place.format(header="")) - len(sentence)
    return place.format(header=_cut(column_header, room)) + sentence


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
