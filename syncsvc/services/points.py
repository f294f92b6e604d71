"""Keep the questions of a table in step with what a plan found open."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from syncsvc.core.actions import Plan, Point
from syncsvc.core.cells import encode
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
        wanted = {question.digest: question for question in map(_question, plan.points)}
        candidates = questions
    open_now = {question.digest: question for question in candidates}
    same = {
        digest
        for digest, question in wanted.items()
        if digest in open_now and _content(question) == _content(open_now[digest])
    }
    # What a person was shown is never exchanged beneath her answer: other content is another question.
    new = tuple(question for digest, question in wanted.items() if digest not in same)
    changed = {open_now[digest].id: wanted[digest] for digest in same if wanted[digest].row != open_now[digest].row}
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
    return question.code, dict(question.document)
