"""Field masks: ``a.b,c(d,e/f)``, checked against a schema, applied to answers, and carried out on what they update."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.fakes.google import refusals

Tree = dict[str, Any]
"""Names to the trees below them; an empty tree means everything."""

ALL: Tree = {}


def parse(mask: str, *, spaces: bool) -> Tree:
    """The tree of ``mask``. Drive forgives blanks behind a comma (``spaces``), Sheets does not."""
    if spaces:
        mask = re.sub(r"\s+", "", mask)
    tokens = re.findall(r"[A-Za-z0-9_*$]+|[.,/()]|.", mask)
    try:
        tree, rest = _items(tokens)
    except (IndexError, ValueError):
        raise refusals.bad_mask(mask, mask) from None
    if rest or not tree:
        raise refusals.bad_mask(mask, mask)
    return ALL if "*" in tree else tree


def _items(tokens: list[str]) -> tuple[Tree, list[str]]:
    tree: Tree = {}
    while True:
        tokens = _item(tokens, tree)
        if not tokens or tokens[0] != ",":
            return tree, tokens
        tokens = tokens[1:]


def _item(tokens: list[str], tree: Tree) -> list[str]:
    """Read one path into ``tree``: names joined by dots or slashes, perhaps with a group in brackets at its end."""
    name, tokens = tokens[0], tokens[1:]
    if not re.fullmatch(r"[A-Za-z0-9_$]+|\*", name):
        raise ValueError(name)
    known, below = name in tree, Tree()
    if tokens and tokens[0] in "./":
        tokens = _item(tokens[1:], below)
    elif tokens and tokens[0] == "(":
        below, tokens = _items(tokens[1:])
        if tokens[0] != ")":
            raise ValueError(tokens[0])
        tokens = tokens[1:]
    everything = not below or "*" in below or (known and not tree[name])
    tree[name] = Tree() if everything else _joined(tree.get(name, {}), below)
    return tokens


def _joined(one: Tree, other: Tree) -> Tree:
    result = dict(one)
    for name, below in other.items():
        result[name] = Tree() if name in one and not (one[name] and below) else _joined(one.get(name, {}), below)
    return result


def paths(tree: Tree) -> Iterator[tuple[str, ...]]:
    """Every path that ends in ``tree``."""
    for name, below in tree.items():
        if below:
            yield from ((name, *path) for path in paths(below))
        else:
            yield (name,)


def within(tree: Tree, name: str) -> Tree | None:
    """The tree below ``name``, or None where the mask leaves it out."""
    return ALL if not tree else tree.get(name)


def apply(answer: Any, tree: Tree) -> Any:
    """What a mask leaves of an answer; entries of lists stay, so that positions keep their meaning."""
    if not tree:
        return answer
    if isinstance(answer, list):
        return [apply(entry, tree) for entry in answer]
    if isinstance(answer, dict):
        return {name: apply(value, tree[name]) for name, value in answer.items() if name in tree}
    return answer


def write(target: dict[str, Any], source: dict[str, Any], tree: Tree) -> dict[str, Any]:
    """``target`` after an update: each masked field comes from ``source``, and is cleared where that lacks it."""
    if not tree:
        return dict(source)
    result = dict(target)
    for name, below in tree.items():
        part = write(result.get(name) or {}, source.get(name) or {}, below) if below else source.get(name)
        result[name] = part
        if part is None or part == {}:
            del result[name]
    return result
