"""From levels to a chance, from a chance to a grade.

The chance comes from a few small decision trees, fitted on invented lists whose truth is known. Rules with names stand
above them: what they name is never certain, however much else agrees, because relatives and namesakes agree in it too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from syncsvc.core.coaching.levels import BirthLevel, Near, Place, WordLevel
from syncsvc.core.coaching.persons import Grade

CERTAIN, PROBABLE, POSSIBLE = 0.985, 0.8, 0.35
"""The least chance of each grade. Below the last a pair is not told: most such pairs are two women."""
RARE, RARER = -3.0, -5.0
"""Binary logarithms of the namesakes chance alone would bring to a programme of this size: enough where both the place
and the contact agree, and where only one of them does."""
GENERATION = 15
"""Years between a mother and her daughter, at least."""
_CHUNK = 1 << 13
"""Pairs scored at once: their columns stay in the processor's cache."""
_FIRST, _HOPELESS = 40, -5.0
"""After so many trees most pairs are so clearly two women that the others cannot change it."""


@dataclass(frozen=True)
class Tree:
    """A decision tree: node i asks whether ``feature[i] <= threshold[i]``; a negative child n is the leaf ``~n``."""

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    leaf: np.ndarray

    def values(self, table: np.ndarray) -> np.ndarray:
        """The leaf of every row."""
        node = np.zeros(len(table), dtype=np.int32)
        rows = np.arange(len(table))
        leaf = np.zeros(len(table))
        while len(rows):
            below = table[rows, self.feature[node]] <= self.threshold[node]
            node = np.where(below, self.left[node], self.right[node])
            done = node < 0
            leaf[rows[done]] = self.leaf[~node[done]]
            rows, node = rows[~done], node[~done]
        return leaf


@cache
def _trees() -> tuple[tuple[str, ...], tuple[Tree, ...]]:
    """The names of the columns the trees ask about, and the trees. Data of the package, as constant as its code."""
    data = json.loads((files("syncsvc.core.coaching") / "trees.json").read_text("utf-8"))
    kinds = (np.int32, np.float64, np.int32, np.int32, np.float64)
    trees = tuple(
        Tree(*(np.array(column, dtype=kind) for column, kind in zip(tree, kinds, strict=True)))
        for tree in data["trees"]
    )
    return tuple(data["columns"]), trees


def chances(columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """The chance, 0 to 1, that each pair is one woman; ``columns`` as ``comparison.features`` makes them."""
    names, trees = _trees()
    table = np.stack([columns[name] for name in names], axis=1).astype(np.float32)
    totals = np.zeros(len(table))
    for start in range(0, len(table), _CHUNK):
        part, total = table[start : start + _CHUNK], totals[start : start + _CHUNK]
        total += sum(tree.values(part) for tree in trees[:_FIRST])
        open_ = np.flatnonzero(total > _HOPELESS)
        total[open_] += sum(tree.values(part[open_]) for tree in trees[_FIRST:])
    chance: np.ndarray = 1 / (1 + np.exp(-totals))
    return chance


def reviewed(chance: np.ndarray, columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """The chance, but never too small to be told where a customer number agrees, and the birth date or given name.

    Whatever else differs then: it is one woman, or somebody mistyped a number, and both want a look.
    """
    birth = columns["birth"]
    person = (birth >= BirthLevel.PART) | (birth == BirthLevel.MISSING) | (columns["given"] >= WordLevel.TYPO)
    number = columns["number"] == Near.SAME
    found: np.ndarray = np.where(number & person, np.maximum(chance, POSSIBLE), chance)
    return found


def doubts(columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The rules above the trees, by name, each with the pairs it holds for: those are never certain."""
    given, number = columns["given"], columns["number"]
    shared = (number > 0) | (columns["phone"] == Near.SAME) | (columns["email"] == 1)
    place, contact = columns["postcode"] >= Place.TYPO, columns["contact"] > 0
    rare, rarer = columns["namesakes"] < RARE, columns["namesakes"] < RARER
    return {
        "twins": (given < WordLevel.SOUND) & (number != Near.SAME) & (columns["email"] != 1),
        "relatives": given < WordLevel.TYPO,
        "clash": (columns["given_clash"] > 0) & (number != Near.SAME),
        "namesakes": ~shared & ~((place & contact & rare) | ((place | contact) & rarer)),
        "default_day": (columns["birth"] <= BirthLevel.SAME_YEAR_ONLY) & ~shared & ~(place & contact),
        "no_birth": (columns["birth"] == BirthLevel.MISSING) & ~shared,
        "generations": (columns["age_gap"] >= GENERATION) & (columns["family"] >= WordLevel.SKELETON),
        "numbers": number == Near.DIFFERENT,
    }


def grades(chance: np.ndarray, columns: Mapping[str, np.ndarray]) -> list[Grade | None]:
    """The grade of every pair, None for two women."""
    doubted = np.logical_or.reduce(list(doubts(columns).values()))
    certain = (chance >= CERTAIN) & ~doubted
    picked = np.select([certain, chance >= PROBABLE, chance >= POSSIBLE], [0, 1, 2], 3)
    order = (Grade.CERTAIN, Grade.PROBABLE, Grade.POSSIBLE, None)
    return [order[one] for one in picked.tolist()]
