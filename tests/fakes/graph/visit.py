"""One request to one workbook: what it works on, what it got to see, and oddities a test may turn on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from tests.fakes.graph.book import Book, Values

MAX_CELLS = 5_000_000


@dataclass
class Quirks:
    """What is reported of Excel's API here and there; a test may turn it on."""

    null_above: int = MAX_CELLS
    """Cells from which on ``values`` and its like are null instead of an error."""
    filtered_writes_lost: bool = False
    """Writes into rows that a filter hides answer 200 and are not there (office-js issue 224)."""
    filtered_writes_misplaced: bool = False
    """Writes into such rows land in the next visible ones ("not appearing in the correct cells", same issue)."""
    filtered_appends_lost: bool = False
    """Rows appended to a filtered table answer 201 and are not there (office-js issue 591)."""
    nested_errors: bool = False
    """Errors come as workbook-error-handling.md writes them, three deep, instead of as users report them."""


@dataclass
class Visit:
    """One request to one workbook: the copy it works on, and what it got to see."""

    book: Book
    today: date
    quirks: Quirks
    context: str = ""
    shown: set[int] = field(default_factory=set)
    values: Values = field(init=False)

    def __post_init__(self) -> None:
        self.values = Values(self.book)

    def changed(self) -> None:
        """After a write formulas are computed anew, and tables get what Excel gives them."""
        self.book.settle()
        self.values = Values(self.book)
