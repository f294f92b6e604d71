"""Finding the same woman: syncsvc against splink, recordlinkage and all pairs with rapidfuzz, on one list.

    python -m benchmarks.bench_coaching [LIST.csv TRUTH.csv | WOMEN]

Without a list one is invented (default 5,000 women). TRUTH.csv has the columns ID_A and ID_B. Each matcher runs in a
process of its own; what it reads is cleaned for all alike. F1 of the peers is that of their best threshold, found with
the truth at hand; ours is that of all pairs we tell. Peers that are not installed (group ``peers``) are left out.
Bars: best F1 of all; no slower than splink; under 300 MB.
"""

from __future__ import annotations

import csv
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.coaching_list import make_list, write_list
from benchmarks.measure import peak_memory, table

Scored = Iterable[tuple[str, str, float]]


def ours(path: Path) -> Scored:
    """From the file to the explained pairs."""
    from syncsvc.services.coaching.lists import check, read_list

    found = check(read_list(path, date(2026, 1, 1)))
    return [(pair.a, pair.b, pair.score) for pair in found.persons]


def cleaned(path: Path) -> Any:
    """The list as a frame for the peers: names in plain letters, ISO days, numbers without blanks."""
    import pandas as pd

    from syncsvc.core.coaching.entries import entry
    from syncsvc.services.coaching.lists import read_list

    people = read_list(path, date(2026, 1, 1)).people
    entries = [entry(person) for person in people]
    columns = {
        "unique_id": [person.id for person in people],
        "given": [" ".join(word.plain for word in one.given) for one in entries],
        "family": [" ".join(word.plain for word in one.family) for one in entries],
        "birth": [f"{b.year}-{b.month:02}-{b.day:02}" if (b := one.birth) else "" for one in entries],
        **{
            name: [getattr(one, name) for one in entries] for name in ("number", "postcode", "email", "phone", "agency")
        },
    }
    frame = pd.DataFrame(columns)
    return frame.mask(frame == "")


def splink(path: Path) -> Scored:
    """The usual set-up of its tutorial: Jaro-Winkler with term frequencies, dates, exact numbers, EM."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    rules = [
        *(block_on("number"), block_on("phone"), block_on("email"), block_on("birth", "given")),
        *(block_on("birth", "family"), block_on("given", "family"), block_on("birth", "postcode")),
    ]
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=rules,
        comparisons=[
            cl.JaroWinklerAtThresholds("given", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("family", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("birth", [1, 2]).configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("number", [1]),
            cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
            cl.ExactMatch("phone"),
            cl.ExactMatch("email"),
            cl.ExactMatch("agency"),
        ],
    )
    backend = DuckDBAPI()
    linker = Linker(backend.register(cleaned(path)), settings)
    linker.training.estimate_probability_two_random_records_match([block_on("number"), block_on("phone")], recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("birth"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("given", "family"))
    found = linker.inference.predict(threshold_match_probability=0.01).as_pandas_dataframe()
    return zip(found["unique_id_l"], found["unique_id_r"], found["match_weight"], strict=True)


def recordlinkage(path: Path) -> Scored:
    """Pairs that share a number, an address or two of name, day and postcode; the sum of the likenesses."""
    import recordlinkage as rl

    frame = cleaned(path).set_index("unique_id")
    index = rl.Index()
    for key in ("number", "phone", "email", ["birth", "given"], ["birth", "family"], ["given", "family"]):
        index.block(key)
    pairs = index.index(frame)
    compare = rl.Compare()
    for name in ("given", "family", "birth", "number"):
        compare.string(name, name, method="jarowinkler" if name in ("given", "family") else "levenshtein")
    for name in ("postcode", "phone", "email", "agency"):
        compare.exact(name, name)
    totals = compare.compute(pairs, frame).sum(axis=1)
    return ((a, b, score) for (a, b), score in totals.items())


def rapidfuzz(path: Path) -> Iterator[tuple[str, str, float]]:
    """Every row with every other: name and birth date as one text, words sorted."""
    import numpy as np
    from rapidfuzz import fuzz, process

    frame = cleaned(path).fillna("")
    ids = frame["unique_id"].tolist()
    texts = [" ".join(sorted(text.split())) for text in frame["given"] + " " + frame["family"] + " " + frame["birth"]]
    for start in range(0, len(texts), 500):
        scores = process.cdist(
            texts[start : start + 500], texts[start:], scorer=fuzz.ratio, score_cutoff=80, dtype=np.uint8, workers=-1
        )
        for row, column in zip(*np.nonzero(scores), strict=True):
            if column > row:
                yield ids[start + row], ids[start + column], float(scores[row, column])


MATCHERS = {"syncsvc": ours, "splink": splink, "recordlinkage": recordlinkage, "rapidfuzz": rapidfuzz}


def best_f1(scored: Scored, same: set[tuple[str, str]], *, fixed: bool) -> float:
    """F1 of all pairs (``fixed``), or of the best threshold."""
    order = sorted(scored, key=lambda one: -one[2])
    hits, best, f1 = 0, 0.0, 0.0
    for count, (a, b, _) in enumerate(order, 1):
        hits += (min(a, b), max(a, b)) in same
        f1 = 2 * hits / (count + len(same))
        best = max(best, f1)
    return f1 if fixed else best


def measure(name: str, path: Path, truth: Path) -> dict[str, float]:
    """Run one matcher in this process."""
    with truth.open(encoding="utf-8", newline="") as file:
        same = {(min(row["ID_A"], row["ID_B"]), max(row["ID_A"], row["ID_B"])) for row in csv.DictReader(file)}
    started, cpu = time.perf_counter(), time.process_time()
    scored = list(MATCHERS[name](path))
    took, cpu = time.perf_counter() - started, time.process_time() - cpu
    memory = peak_memory()
    return {"f1": best_f1(scored, same, fixed=name == "syncsvc"), "seconds": took, "cpu": cpu, "memory": memory}


def febrl4() -> float | None:
    """F1 on FEBRL 4 of the package recordlinkage, the social security number as customer number; None without it."""
    if importlib.util.find_spec("recordlinkage") is None:
        return None
    from recordlinkage.datasets import load_febrl4

    from syncsvc.core.coaching import Person, same_persons

    *frames, links = load_febrl4(return_links=True)
    people = []
    for row in (row for frame in frames for row in frame.fillna("").reset_index().to_dict("records")):
        day = str(row["date_of_birth"])
        birth = f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 else ""
        name = (str(row["rec_id"]), str(row["given_name"]), str(row["surname"]))
        people.append(Person(*name, birth, str(row["soc_sec_id"]), str(row["postcode"])))
    same = {(min(pair), max(pair)) for pair in links}
    return best_f1(((pair.a, pair.b, pair.score) for pair in same_persons(people)), same, fixed=True)


def main(path: Path, truth: Path) -> None:
    rows = [("matcher", "F1", "seconds", "CPU s", "MB")]
    for name in MATCHERS:
        if name in ("splink", "recordlinkage") and importlib.util.find_spec(name) is None:
            print(f"{name} is not installed: pip install --group peers")
            continue
        command = [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "benchmarks.bench_coaching",
            "--one",
            name,
            str(path),
            str(truth),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{name} failed: {done.stderr.strip().splitlines()[-1]}")
            continue
        one = json.loads(done.stdout.splitlines()[-1])
        figures = (f"{one['f1']:.3f}", f"{one['seconds']:.1f}", f"{one['cpu']:.1f}", f"{one['memory']:.0f}")
        rows.append((name, *figures))
    table(f"The same woman, {path.name}", rows)
    if (score := febrl4()) is not None:
        print(f"\nFEBRL 4: F1 {score:.3f} (bar: .990)")


def _invented(women: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, truth = Path(folder) / f"{women} women, invented.csv", Path(folder) / "truth.csv"
        rows, same = make_list(women)
        write_list(path, rows)
        truth.write_text("ID_A,ID_B\n" + "".join(f"{a},{b}\n" for a, b in sorted(same)), encoding="utf-8")
        main(path, truth)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--one", name, path, truth]:
            print(json.dumps(measure(name, Path(path), Path(truth))))
        case [path, truth]:
            main(Path(path), Path(truth))
        case [women]:
            _invented(int(women))
        case _:
            _invented(5_000)
