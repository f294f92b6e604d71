"""German words for grades, weights, and what became of a flag."""

from __future__ import annotations

GRADES = {"certain": "sicher", "probable": "wahrscheinlich", "possible": "möglich"}
"""How sure it is that it is one woman."""

WEIGHTS = {"clarify": "Klärungsbedarf", "hint": "Hinweis", "handover": "Übergabe?"}
"""What a collision asks of people."""

STATES = {
    "open": "offen",
    "discussed": "besprochen",
    "agreed_parallel": "abgestimmt, beide laufen",
    "ended": "geklärt, eine endet",
    "mistake": "Irrtum",
    "gone": "von selbst erledigt",
    "reopened": "wieder offen, ein Zeitraum hat sich geändert",
    "back": "besteht wieder",
}
"""States of a flag, and the other entries of its history."""

SPOKEN_WITH = {"her": "mit der Teilnehmerin", "jobcentre": "mit dem Jobcenter"}
