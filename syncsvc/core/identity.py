"""Which row is whose: the reference column, then witnesses; copies, wiped and mistyped references.

A row's identity is its reference. Where that is missing or unreadable, two agreeing witnesses restore it:
the platform's row metadata, all cells, most cells, the person's own data, the neighbours, a nearly right reference,
and that the reference was given to a row but never seen in the table: its write was refused, or the process died.
One witness alone, or two candidates, is a question. No second person is ever made silently.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from syncsvc.core.mapping import REFERENCE_FIELD
from syncsvc.core.model import Base, BaseRow, Cell, Unsettled

PERSON_FIELDS = ("participant_name", "customer_no", "birth_date")
"""Fields that speak of the person herself, not of her case."""

MOST_COMPARISONS = 100_000
"""Pairs of a row and a lost reference that are compared cell by cell, about a second."""


class RowView(NamedTuple):
    """A data row as identity sees it: position, the reference cell, and its mapped cells in the base's order.

    ``ref`` is the well-formed reference found in the row (None: blank or unreadable); ``typed`` the unreadable text.
    """

    number: int
    ref: str | None
    typed: str
    raw: tuple[Cell, ...]
    witness: str | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """A row whose reference was recovered."""

    row: RowView
    ref: str


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A row that may be one of ``candidates`` (best first); ``code`` says why it is not decided."""

    row: RowView
    candidates: tuple[str, ...]
    code: str


@dataclass(frozen=True, slots=True)
class Identities:
    """Every data row in exactly one place.

    ``known``: rows by reference. ``copies``: rows that repeat a reference another row keeps, with that reference.
    ``fresh``: rows without any sign of an earlier identity. ``missing``: references of the base no row carries.
    """

    known: Mapping[str, RowView]
    restored: tuple[Restored, ...] = ()
    copies: tuple[tuple[RowView, str], ...] = ()
    fresh: tuple[RowView, ...] = ()
    doubtful: tuple[Doubtful, ...] = ()
    missing: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Sorting:
    known: dict[str, RowView] = field(default_factory=dict)
    copies: list[tuple[RowView, str]] = field(default_factory=list)
    doubtful: list[Doubtful] = field(default_factory=list)


def identify(
    rows: Sequence[RowView],
    base: Base,
    *,
    ignore: frozenset[str],
    decided: Mapping[int, str | None],
    same: Callable[[str, Cell, Cell], bool] = lambda _field, left, right: left == right,
) -> Identities:
    """Sort the rows of a table by whose they are.

    ``ignore`` are fields that say nothing about identity (reference, note, held columns). ``decided`` maps row
    numbers to a person's answer: a reference, or None for "a new participant". ``same`` compares two cells of a field.
    """
    sorting = _Sorting()
    claims: dict[str, list[RowView]] = defaultdict(list)
    open_rows: list[RowView] = []
    fresh: list[RowView] = []
    restored: list[Restored] = []
    carried = {row.ref for row in rows if row.number not in decided}
    for row in rows:
        answer = decided.get(row.number, "")
        if answer is None:
            fresh.append(row)
        elif answer and answer == row.ref:
            sorting.known[answer] = row
        elif answer and answer not in carried:  # an answer that another row has overtaken no longer counts
            carried.add(answer)
            restored.append(Restored(row, answer))
        elif row.ref is not None:
            claims[row.ref].append(row)
        else:
            open_rows.append(row)
    compare = [(index, name) for index, name in enumerate(base.fields) if name not in ignore]
    for ref, claimants in claims.items():
        if ref in sorting.known:
            sorting.copies.extend((row, ref) for row in claimants)
        elif len(claimants) == 1:
            sorting.known[ref] = claimants[0]
        else:
            _keep_one(ref, claimants, base, compare, sorting)
    taken = {*claims, *sorting.known, *(item.ref for item in restored)}
    lost = {ref: known for ref, known in base.rows.items() if ref not in taken}
    if lost and (open_rows or sorting.copies):
        judge = _Judge(rows, base, lost, compare, same)
        open_rows = judge.sort(open_rows, restored, sorting.doubtful)
        sorting.copies = judge.reclaim(sorting.copies, restored)
    for row in open_rows:
        if row.typed:
            sorting.doubtful.append(Doubtful(row, (), "reference_unreadable"))
        else:
            fresh.append(row)
    found = taken | {item.ref for item in restored} | {ref for item in sorting.doubtful for ref in item.candidates}
    return Identities(
        sorting.known,
        tuple(restored),
        tuple(sorting.copies),
        tuple(fresh),
        tuple(sorting.doubtful),
        frozenset(ref for ref in base.rows if ref not in found),
    )


def _keep_one(
    ref: str, claimants: list[RowView], base: Base, compare: list[tuple[int, str]], sorting: _Sorting
) -> None:
    """Of several rows with one reference, the one that is most like the base keeps it; the others are copies.

    A tie goes to the row at the known position; rows that are alike in every cell are interchangeable.
    Where nothing tells them apart, all of them are doubtful.
    """
    known = base.rows.get(ref)
    position = base.positions.get(ref)
    ranked = sorted(claimants, key=lambda row: (-_likeness(row, known, compare), row.number != position, row.number))
    first, second = ranked[0], ranked[1]
    told_apart = (
        _likeness(first, known, compare) > _likeness(second, known, compare)
        or first.number == position
        or all(row.raw[index] == first.raw[index] for row in ranked for index, _ in compare)
    )
    if not told_apart or known is None:
        sorting.doubtful.extend(Doubtful(row, (ref,), "reference_doubled") for row in claimants)
        return
    sorting.known[ref] = first
    sorting.copies.extend((row, ref) for row in ranked[1:])


def _likeness(row: RowView, known: BaseRow | None, compare: list[tuple[int, str]]) -> int:
    return 0 if known is None else sum(1 for index, _ in compare if row.raw[index] == known.raw[index])


class _Judge:
    """Weighs the witnesses for rows without a readable reference against the base rows nobody carries."""

    def __init__(
        self,
        rows: Sequence[RowView],
        base: Base,
        lost: Mapping[str, BaseRow],
        compare: list[tuple[int, str]],
        same: Callable[[str, Cell, Cell], bool],
    ) -> None:
        self._lost, self._compare, self._same = dict(lost), compare, same
        self._neighbours = _neighbours(base)
        at = base.fields.index(REFERENCE_FIELD)
        self._never_seen = {ref for ref, known in lost.items() if isinstance(known.raw[at], Unsettled)}
        self._refs = {row.number: row.ref for row in rows}
        numbers = [None, *self._refs, None]
        self._around = dict(zip(self._refs, zip(numbers, numbers[2:], strict=False), strict=True))

    def sort(self, rows: list[RowView], restored: list[Restored], doubtful: list[Doubtful]) -> list[RowView]:
        """Put each row into ``restored`` or ``doubtful``; return those without any witness."""
        rows, rest = self._restore(rows, restored), []
        for row in rows:
            scores = self._rank(row) if self._can_compare(rows) else []
            if scores or not self._can_compare(rows):
                doubtful.append(Doubtful(row, tuple(ref for _, ref in scores), "reference_wiped"))
            else:
                rest.append(row)
        return rest

    def reclaim(self, copies: list[tuple[RowView, str]], restored: list[Restored]) -> list[tuple[RowView, str]]:
        """A row whose reference was overwritten with another woman's is no copy: give it its own back."""
        left = {row.number for row in self._restore([row for row, _ in copies], restored)}
        return [(row, ref) for row, ref in copies if row.number in left]

    def _restore(self, rows: list[RowView], restored: list[Restored]) -> list[RowView]:
        """Restore what two witnesses agree on, again and again: each one found is a witness for its neighbours.

        So the next run, which sees these references in the table, has nothing left to find. Returns the other rows.
        """
        winners = self._equals(rows)
        while winners:
            for row in rows:
                if row.number in winners:
                    ref = winners[row.number]
                    restored.append(Restored(row, ref))
                    self._refs[row.number] = ref
                    del self._lost[ref]
            rows = [row for row in rows if row.number not in winners]
            winners = self._winners(rows) if self._can_compare(rows) else {}
        return rows

    def _can_compare(self, rows: list[RowView]) -> bool:
        """Whether there are few enough rows to compare each with each; more is a guard's business."""
        return len(rows) * len(self._lost) <= MOST_COMPARISONS

    def _equals(self, rows: list[RowView]) -> dict[int, str]:
        """The winners; among very many rows only those that are equal in every cell to one lost row and no other."""
        if self._can_compare(rows):
            return self._winners(rows)
        refs: dict[tuple[object, ...], list[str]] = defaultdict(list)
        numbers: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for ref, known in self._lost.items():
            refs[tuple(known.raw[index] for index, _ in self._compare)].append(ref)
        for row in rows:
            numbers[tuple(row.raw[index] for index, _ in self._compare)].append(row.number)
        return {
            numbers[content][0]: found[0]
            for content, found in refs.items()
            if len(found) == len(numbers.get(content, ())) == 1
            and sum(cell is not None for cell in content) + (found[0] in self._never_seen) >= 2
        }

    def _winners(self, rows: list[RowView]) -> dict[int, str]:
        """Row numbers with the one lost reference that two witnesses give to this row and to no other."""
        claims: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            scores = self._rank(row)
            if scores and scores[0][0] >= 2 and (len(scores) == 1 or scores[0][0] > scores[1][0]):
                claims[scores[0][1]].append(row.number)
        return {numbers[0]: ref for ref, numbers in claims.items() if len(numbers) == 1}

    def _rank(self, row: RowView) -> list[tuple[int, str]]:
        scores = [(self._score(row, ref, known), ref) for ref, known in self._lost.items()]
        return sorted(((score, ref) for score, ref in scores if score > 0), key=lambda item: (-item[0], item[1]))

    def _beside(self, row: RowView) -> tuple[str | None, str | None]:
        """The references of the rows before and after as known by now; "" for a row without, None for no row."""
        before, after = self._around[row.number]
        return (
            None if before is None else self._refs[before] or "",
            None if after is None else self._refs[after] or "",
        )

    def _score(self, row: RowView, ref: str, known: BaseRow) -> int:
        """How many witnesses say that this row is ``ref``; an unlike person outweighs them all."""
        equal = person = unlike = filled = 0
        for index, name in self._compare:
            now, then = row.raw[index], known.raw[index]
            if isinstance(then, Unsettled) or (now is None and then is None):
                continue
            filled += 1
            alike = self._same(name, now, then)
            equal += alike
            if name in PERSON_FIELDS and now is not None and then is not None:
                person += alike
                unlike += not alike
        if unlike and not person:
            return 0
        score = 2 if row.witness == ref else 0
        score += 2 if filled >= 2 and equal == filled else int(equal >= 2 and 2 * equal > filled)
        score += int(person > 0) + int(_nearly(row.typed, ref))
        if not score and not equal:
            return 0
        in_place = self._beside(row) == self._neighbours[ref] != (None, None)
        return score + int(in_place) + int(ref in self._never_seen and row.ref is None and not row.typed)


def _neighbours(base: Base) -> dict[str, tuple[str | None, str | None]]:
    order = sorted(base.positions, key=base.positions.__getitem__)
    around = {
        ref: (order[index - 1] if index else None, order[index + 1] if index + 1 < len(order) else None)
        for index, ref in enumerate(order)
    }
    return defaultdict(lambda: (None, None), around)


def _nearly(typed: str, ref: str) -> bool:
    """A mistyped reference: its counter alone, or one character off."""
    if not typed:
        return False
    digits = "".join(char for char in typed if char.isdigit())
    counter = ref.split("-")[1] if "-" in ref else ref
    if typed.strip().isdigit():
        return digits.lstrip("0") == counter.lstrip("0")
    same_length = len(typed) == len(ref)
    return same_length and sum(1 for left, right in zip(typed.upper(), ref, strict=True) if left != right) == 1
