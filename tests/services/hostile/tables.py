"""Tables that many stories begin with."""

from __future__ import annotations

from syncsvc.core.references import make_reference, usable

THREE = """
    | TN-Nr.     | Name             | Eintritt   | Ansprechperson JC | Notiz   | Hinweis |
    | BSP-0137-E | Kowalenko, Olena | 01.09.2024 | Müller, Anna      | ruft an |         |
    | BSP-0138-C | Alvarez, Ana     | 03.02.2025 |                   |         |         |
    | BSP-0139-A | Demir, Ada       | 17.06.2024 | Schulz, Peter     | montags |         |
"""


def references(count: int) -> list[str]:
    """The first references of the project."""
    return [make_reference("BSP", number) for number in range(1, 2 * count + 10) if usable("BSP", number)][:count]


def long_table(count: int, *, contact: str = "Müller, Anna") -> str:
    """A table of many women, all of them different."""
    lines = [
        f"| {ref} | {_name(n)} | {1 + n % 28:02d}.09.2024 | {contact} | Notiz {ref} | |"
        for n, ref in enumerate(references(count))
    ]
    return "\n".join(["| TN-Nr. | Name | Eintritt | Ansprechperson JC | Notiz | Hinweis |", *lines])


def _name(number: int) -> str:
    return f"Muster{chr(97 + number // 26)}{chr(97 + number % 26)}, Eva"
