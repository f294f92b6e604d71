"""Two states of a mapping: what differs, field by field, and how two people's changes go together.

Bodies are plain data as ``core/schema.mapping_to`` gives it: what goes without saying is not in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Body: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One part that is not the same: ``field`` is the column's, ``""`` for the mapping as a whole.

    ``part`` is the key in the file (``owner``, ``guards.missing_rows``), ``""`` for a whole column: then ``old`` None
    means that it is new, ``new`` None that it is gone. None as a part's value is what goes without saying.
    ``header`` is the column's as it is now, or was.
    """

    field: str
    header: str
    part: str
    old: Any
    new: Any


def differences(old: Body, new: Body) -> list[Difference]:
    """What differs, the mapping as a whole first, then column by column in the new order, what is gone at the end."""
    found = [Difference("", "", part, one, other) for part, one, other in _parts(_whole(old), _whole(new))]
    before, after = _columns(old), _columns(new)
    for field in [*after, *(field for field in before if field not in after)]:
        was, now = before.get(field), after.get(field)
        header = str((now or was or {})["header"])
        if was is None or now is None:
            found.append(Difference(field, header, "", was, now))
        else:
            found += [Difference(field, header, part, one, other) for part, one, other in _parts(was, now)]
    kept = [field for field in before if field in after]
    if kept != [field for field in after if field in before]:
        found.append(Difference("", "", "order", kept, [field for field in after if field in before]))
    return found


def merged(base: Body, mine: Body, theirs: Body) -> tuple[dict[str, Any], list[Difference]]:
    """Both people's changes to ``base``; where they changed the same part differently, mine, and the clash is told.

    A clash is the difference from theirs to mine.
    """
    clashes: list[Difference] = []

    def whose(field: str, header: str, parts: tuple[Body, Body, Body]) -> dict[str, Any]:
        one, two, three = parts
        taken = {}
        for part in dict.fromkeys((*two, *three, *one)):
            was, my, their = (side.get(part) for side in (one, two, three))
            if my not in (was, their) and their != was:
                clashes.append(Difference(field, header, part, their, my))
            if (value := their if my == was else my) is not None:
                taken[part] = value
        return taken

    body = _nested(whose("", "", (_whole(base), _whole(mine), _whole(theirs))))
    was, my, their = _columns(base), _columns(mine), _columns(theirs)
    columns = []
    for field in [*my, *(field for field in their if field not in my)]:
        one, two, three = was.get(field), my.get(field), their.get(field)
        header = str((two or three or {})["header"])
        if one is not None and (two is None or three is None):  # somebody took it out
            if two != one and three != one:
                clashes.append(Difference(field, header, "", three, two))
            if two is not None and two != one:
                columns.append(dict(two))
        else:
            columns.append(whose(field, header, (one or {}, two or three or {}, three or two or {})))
    return {**body, "columns": columns}, clashes


def _columns(body: Body) -> dict[str, Body]:
    return {column["field"]: column for column in body["columns"]}


def _whole(body: Body) -> dict[str, Any]:
    """The parts of the mapping beside its columns, flat."""
    flat = {name: value for name, value in body.items() if name not in ("columns", "guards")}
    return {**flat, **{f"guards.{name}": value for name, value in body.get("guards", {}).items()}}


def _nested(flat: Body) -> dict[str, Any]:
    body = {name: value for name, value in flat.items() if not name.startswith("guards.")}
    guards = {name.removeprefix("guards."): value for name, value in flat.items() if name.startswith("guards.")}
    return {**body, "guards": guards} if guards else body


def _parts(old: Body, new: Body) -> list[tuple[str, Any, Any]]:
    names = dict.fromkeys((*new, *old))
    return [(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]
