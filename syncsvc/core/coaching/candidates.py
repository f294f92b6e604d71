"""Whom to compare with whom: entries that have a key in common."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

import numpy as np

from syncsvc.core.coaching.columns import Columns
from syncsvc.core.coaching.entries import Entry

CROWD = 400
"""A key more entries than this have in common says too little to be worth comparing them all."""


def keys(one: Entry) -> Iterator[str]:
    """The keys of an entry: numbers and addresses alone, everything else in combinations that are rare together."""
    for kind, value in (("n", one.number), ("t", one.phone), ("e", one.email)):
        if value:
            yield kind + value
    names = sorted({word.skeleton for word in (*one.given, *one.family, *one.born)})
    if len(names) == 1:
        yield f"w{names[0]}"
    for index, name in enumerate(names):
        for other in names[index + 1 :]:
            yield f"w{name}|{other}"
        if one.postcode:
            yield f"p{name}|{one.postcode}"
        if one.contact:
            yield f"c{name}|{one.agency}|{one.contact}"
        if one.birth and one.birth.year_only:
            yield f"y{name}|{one.birth.year}"
    if one.birth and not one.birth.year_only:
        yield f"b{one.birth.year}|{one.birth.month}|{one.birth.day}"


def candidate_pairs(entries: Sequence[Entry]) -> np.ndarray:
    """The pairs of positions with a key in common, each once, ``a < b``, as an array of two columns."""
    hashes, rows = array("q"), array("q")
    for row, one in enumerate(entries):
        for key in keys(one):
            hashes.append(hash(key))
            rows.append(row)
    return _pairs(np.frombuffer(hashes, dtype=np.int64), np.frombuffer(rows, dtype=np.int64), len(entries))


def _pairs(hashes: np.ndarray, rows: np.ndarray, count: int) -> np.ndarray:
    order = np.lexsort((rows, hashes))
    hashes, rows = hashes[order], rows[order]
    starts = np.flatnonzero(np.r_[True, hashes[1:] != hashes[:-1]])
    sizes = np.diff(np.r_[starts, len(hashes)])
    found = []
    for size in np.unique(sizes[(sizes > 1) & (sizes <= CROWD)]):
        groups = rows[starts[sizes == size][:, None] + np.arange(size)]
        left, right = np.triu_indices(int(size), 1)
        found.append(np.unique((groups[:, left] * count + groups[:, right]).ravel()))
    codes = np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)
    a, b = np.divmod(codes, max(count, 1))
    pairs: np.ndarray = np.stack((a, b), axis=1)[a != b]
    return pairs


def worth_comparing(columns: Columns, pairs: np.ndarray) -> np.ndarray:
    """The pairs without those that nothing but names join: other years of birth, and no number or address in common.

    Such namesakes and relatives are most of all candidates; of five thousand true pairs three look like them. Where
    one of the days is a default, the same postcode is enough.
    """
    a, b = pairs[:, 0], pairs[:, 1]
    one, other = columns.birth[a], columns.birth[b]
    known = (one[:, 0] > 0) & (other[:, 0] > 0)
    aged = known & (one[:, 0] != other[:, 0]) & (one[:, 1:] != other[:, 1:]).any(axis=1)
    same = [(column[a] == column[b]) & (column[a] >= 0) for column in (columns.number, columns.phone, columns.email)]
    default = (one[:, 1:] == 1).all(axis=1) | (other[:, 1:] == 1).all(axis=1)
    same.append(default & (columns.postcode[a] == columns.postcode[b]) & (columns.postcode[a] >= 0))
    worth: np.ndarray = pairs[~aged | np.logical_or.reduce(same)]
    return worth
