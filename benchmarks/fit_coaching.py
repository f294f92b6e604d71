"""Fits the trees of ``core/coaching/trees.json`` on lists whose truth is known. Needs lightgbm, which is no dependency.

    python -m benchmarks.fit_coaching OUT.json LIST_FOLDER...

A folder holds ``teilnehmerinnen.csv`` and ``truth_personen.csv`` (ID_A, ID_B). Each list is taken whole, thinned (a
tenth of numbers, telephones and addresses) and with columns left out, because lists differ in what they have.
"""

from __future__ import annotations

import csv
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from syncsvc.core.coaching import Person, Statistics
from syncsvc.core.coaching.candidates import candidate_pairs, worth_comparing
from syncsvc.core.coaching.columns import Columns
from syncsvc.core.coaching.comparison import features
from syncsvc.core.coaching.entries import entry
from syncsvc.services.coaching.lists import read_list

THINNED = ("customer_no", "phone", "email")
LEFT_OUT: tuple[tuple[str, ...], ...] = (
    (),
    ("agency", "contact"),
    ("postcode",),
    ("birth",),
    ("contact",),
    THINNED,
    ("postcode", "agency", "contact"),
    ("phone", "email", "agency", "contact"),
    ("phone", "email", "postcode", "agency", "contact"),
)
RISING = frozenset(
    (
        *("given", "given_likeness", "given_covered", "given_first", "family", "family_likeness", "family_covered"),
        *("worse_name", "birth", "number", "phone", "email"),
    )
)
FALLING = frozenset(("given_count", "family_count", "namesakes", "birth_count", "given_clash", "family_clash"))


def examples(people: Sequence[Person], truth: set[tuple[str, str]]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """The columns' names, a row of levels per candidate pair, and whether the pair is one woman."""
    entries = [entry(person) for person in people]
    columns = Columns(entries, Statistics.counted(entries))
    pairs = worth_comparing(columns, candidate_pairs(entries))
    levels = features(columns, pairs)
    same = np.array([tuple(sorted((people[a].id, people[b].id))) in truth for a, b in pairs.tolist()])
    return list(levels), np.stack([column.astype(np.float32) for column in levels.values()], axis=1), same


def variants(people: Sequence[Person]) -> list[list[Person]]:
    """The list with columns left out, whole and thinned."""
    source = random.Random(1)
    thin = [replace(one, **{name: "" for name in THINNED if source.random() > 0.1}) for one in people]
    return [[replace(one, **dict.fromkeys(names, "")) for one in some] for some in (people, thin) for names in LEFT_OUT]


def fit(folders: Sequence[Path]) -> tuple[list[str], Any]:
    """The columns and the fitted model."""
    names: list[str] = []
    rows, answers = [], []
    for folder in folders:
        people = read_list(folder / "teilnehmerinnen.csv", date(2026, 1, 1)).people
        with (folder / "truth_personen.csv").open(encoding="utf-8", newline="") as file:
            truth = {(min(row["ID_A"], row["ID_B"]), max(row["ID_A"], row["ID_B"])) for row in csv.DictReader(file)}
        for variant in variants(people):
            names, table, same = examples(variant, truth)
            rows.append(table)
            answers.append(same)
    model = lightgbm.LGBMClassifier(
        n_estimators=150,
        num_leaves=12,
        learning_rate=0.1,
        min_child_samples=20,
        subsample=0.8,
        subsample_freq=1,
        colsample_bytree=0.6,
        reg_lambda=5,
        monotone_constraints=[(name in RISING) - (name in FALLING) for name in names],
        random_state=7,
        verbose=-1,
    )
    return names, model.fit(np.concatenate(rows), np.concatenate(answers))


def as_lists(node: dict[str, Any], tree: tuple[list[Any], ...]) -> int:
    """Append a node and all below it to the tree's columns; its number, ``~number`` of a leaf."""
    feature, threshold, left, right, leaf = tree
    if "split_feature" not in node:
        leaf.append(float(f"{node['leaf_value']:.5g}"))
        return ~(len(leaf) - 1)
    at = len(feature)
    feature.append(node["split_feature"])
    threshold.append(float(f"{node['threshold']:.6g}"))
    left.append(0)
    right.append(0)
    left[at] = as_lists(node["left_child"], tree)
    right[at] = as_lists(node["right_child"], tree)
    return at


def main(out: Path, folders: Sequence[Path]) -> None:
    names, model = fit(folders)
    trees = []
    for info in model.booster_.dump_model()["tree_info"]:
        tree: tuple[list[Any], ...] = ([], [], [], [], [])
        as_lists(info["tree_structure"], tree)
        trees.append(json.dumps(tree, separators=(",", ":")))
    source = json.dumps(f"benchmarks/fit_coaching.py on {', '.join(folder.name for folder in folders)}")
    head = f'{{"source": {source},\n"columns": {json.dumps(names)},\n"trees": [\n'
    out.write_text(head + ",\n".join(trees) + "\n]}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
