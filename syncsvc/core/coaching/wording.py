"""German words for grades, weights, and what became of a flag."""

from __future__ import annotations

GRADES = {"certain": "sicher", "probable": "wahrscheinlich", "possible": "möglich"}
"""How sure it is that it is one woman."""

WEIGHTS = {"clarify": "Klärungsbedarf", "hint": "Hinweis", "handover": "Übergabe?"}
"""What a collision asks of people."""

DECISIONS = {
    "open": "offen",
    "discussed": "besprochen",
    "agreed_parallel": "abgestimmt, beide laufen",
    "ended": "geklärt, eine endet",
    "mistake": "Irrtum",
}
"""The states of a flag that people decide on."""

STATES = {
    **DECISIONS,
    "gone": "von selbst erledigt",
    "reopened": "wieder offen, ein Zeitraum hat sich geändert",
    "back": "besteht wieder",
}
"""These, and what else a flag's history says."""

SPOKEN_WITH = {"her": "mit der Teilnehmerin", "jobcentre": "mit dem Jobcenter"}
