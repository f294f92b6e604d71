"""Rows that are nobody's data: totals, section titles, footers."""

from __future__ import annotations

import re
from typing import Final

from syncsvc.core.folding import tidy

TOTAL, SECTION, FOOTER = "skip_total_row", "skip_section_row", "skip_footer_row"

_KINDS: Final = (
    (TOTAL, re.compile(
        r"(?:Σ|(?:gesamt|zwischen|end)?summe|gesamt(?:zahl|anzahl)?|insgesamt|anzahl|total|durchschnitt|mittelwert|übertrag)\b.*"
        r"|[0-9]+ (?:TN|Teilnehmerinnen|Frauen|Personen)(?: gesamt| insgesamt)?",
        re.IGNORECASE,
    )),
    (SECTION, re.compile(
        r"[-=–—_*#~+>]{2,}.*|(?:gruppe|abschnitt|block|kurs|standort) [^,]*:|.*[-=–—_*]{3,}", re.IGNORECASE
    )),
    (FOOTER, re.compile(
        r"(?:stand|legende|quelle|erstellt|letzte aktualisierung|aktualisiert|bearbeitet|vertraulich|hinweis|seite)\b"
        r" ?(?:am|von|:|[0-9]).*",
        re.IGNORECASE,
    )),
)  # fmt: skip


def label_kind(text: str) -> str:
    """What the only filled cell of a row says of the row: TOTAL, SECTION, FOOTER, or ``""`` for data."""
    line = tidy(text)
    return next((kind for kind, pattern in _KINDS if pattern.fullmatch(line)), "")
