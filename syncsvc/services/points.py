"""Keep the questions of a table in step with what a plan found open."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from syncsvc.core.actions import Plan, Point
from syncsvc.core.cells import encode
from syncsvc.core.contacts import HANDOVER_ROWS
from syncsvc.core.model import Json, Record
from syncsvc.services.situations import STANDING
from syncsvc.store.questions import NewQuestion, Question


@dataclass(frozen=True, slots=True)
class Agenda:
    """What a run does to a table's questions. ``changed`` are the same in another row, ``obsolete`` nobody needs to
    answer, ``done`` were answered.
    """

    new: tuple[NewQuestion, ...]
    changed: dict[int, NewQuestion]
    obsolete: tuple[int, ...]
    done: tuple[int, ...]

    @property
    def opened(self) -> int:
        return len(self.new)

    @property
    def closed(self) -> int:
        return len(self.obsolete)


def agenda(
    plan: Plan, questions: tuple[Question, ...], answered: tuple[Question, ...], records: dict[str, Record]
) -> Agenda:
    """What to open, change and close so that exactly the plan's open points are asked about.

    ``records`` are as they will be after the run. A held run asks one question and leaves the others alone.
    """
    if plan.partial:
        return Agenda((), {}, (), ())
    if plan.holds:
        wanted = {question.digest: question for question in (held_question(plan),)}
        candidates = tuple(question for question in questions if question.kind == "held")
    else:
        wanted = {question.digest: question for question in _questions(plan.points)}
        candidates = questions
    open_now = {question.digest: question for question in candidates}
    same = {
        digest
        for digest, question in wanted.items()
        if digest in open_now and _content(question) == _content(open_now[digest])
    }
    # What a person was shown is never exchanged beneath her answer: other content is another question.
    new = tuple(question for digest, question in wanted.items() if digest not in same)
    changed = {
        open_now[digest].id: wanted[digest] for digest in same if _rows(wanted[digest]) != _rows(open_now[digest])
    }
    held = {point.field for point in plan.points if point.kind == "column" and point.ref is None}
    obsolete = tuple(
        question.id
        for digest, question in open_now.items()
        if digest not in same and (digest in wanted or not _stands(question, records, held))
    )
    done = () if plan.holds else tuple(q.id for q in answered if q.document.get("fingerprint") not in plan.waiting)
    return Agenda(new, changed, obsolete, done)


def held_question(plan: Plan) -> NewQuestion:
    """The one question of a held run."""
    document: dict[str, Json] = {
        "text": " ".join(hold.text for hold in plan.holds),
        "holds": [{"code": hold.code, "extent": hold.extent} for hold in plan.holds],
    }
    return NewQuestion(kind="held", digest=_digest("held"), document=document, code=plan.holds[0].code)


def _stands(question: Question, records: dict[str, Record], held: set[str | None]) -> bool:
    """Whether a question stays open although the plan does not show it. The columns ``held`` were not looked at."""
    if question.ref is not None and question.field in held:
        return True
    if question.code not in STANDING or question.ref not in records:
        return False
    if question.code == "proposal_kept" and question.field is not None:
        return records[question.ref].values.get(question.field) != question.document.get("proposal")
    return True


def _questions(points: Iterable[Point]) -> list[NewQuestion]:
    """One question for each point, and one for all about a contact that ask the same."""
    alone: list[Point] = []
    together: dict[tuple[str, ...], list[Point]] = defaultdict(list)
    for point in points:
        if point.meaning is None:
            alone.append(point)
        else:
            topic = json.dumps(point.meaning, sort_keys=True)
            together[point.kind, point.code, point.field or "", topic].append(point)
    asked = []
    for matter, rows in together.items():
        if matter[0] == "proposal" and len(rows) < HANDOVER_ROWS:
            alone += rows
        else:
            asked.append(_shared(matter, sorted(rows, key=lambda point: point.ref or "")))
    return [*map(_question, alone), *asked]


def _shared(topic: tuple[str, ...], points: Sequence[Point]) -> NewQuestion:
    """The one question of several rows, in the words of the first; the same proposal in many rows is a hand-over."""
    first = points[0]
    kind = "handover" if first.kind == "proposal" else first.kind
    rows: list[Json] = [
        {
            "ref": point.ref,
            "row": point.row,
            "raw": encode(point.raw),
            "sheet": point.sheet,
            "record": point.record,
            "base": point.base,
            "proposal": point.proposal,
            "beside": {name: encode(cell) for name, cell in point.beside},
        }
        for point in points
    ]
    document = {**_question(first).document, "meaning": first.meaning, "rows": rows}
    return NewQuestion(
        kind=kind,
        code=first.code,
        digest=_digest(*topic),
        document=document,
        ref=first.ref,
        row=first.row,
        field=first.field,
    )


def _question(point: Point) -> NewQuestion:
    document: dict[str, Json] = {
        "header": point.header,
        "sheet": point.sheet,
        "record": point.record,
        "base": point.base,
        "proposal": point.proposal,
        "candidates": list(point.candidates),
        "detail": point.detail,
    }
    if point.fingerprint:
        document["fingerprint"] = point.fingerprint
    if point.field is not None and not point.sensitive:
        document["raw"] = encode(point.raw)
    kept = "kept" if point.code == "proposal_kept" else None
    return NewQuestion(
        kind=point.kind,
        code=point.code,
        digest=_digest(point.kind, point.ref or point.fingerprint, point.field, kept),
        document=document,
        ref=point.ref,
        row=point.row,
        field=point.field,
    )


def _digest(*parts: Json) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def _content(question: NewQuestion) -> tuple[object, ...]:
    """What a question says, wherever its rows stand."""
    document = dict(question.document)
    rows: Any = document.get("rows")
    if rows:
        document["rows"] = [{**row, "row": None} for row in rows]
    return question.code, document


def _rows(question: NewQuestion) -> tuple[int | None, ...]:
    """Where its rows stand."""
    return (question.row, *(cell.row for cell in question.cells))
