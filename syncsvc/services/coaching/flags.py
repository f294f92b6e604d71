"""Keep the flags in step with the records, say in the rows what is open, and take down what people decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from syncsvc.core.coaching import Grade, Weight
from syncsvc.core.fields import Context
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Record
from syncsvc.errors import InvalidAnswer
from syncsvc.services.attempts import bring_forward
from syncsvc.services.coaching.assignments import DATED
from syncsvc.services.coaching.matching import HOLDERS, Finding, Search
from syncsvc.services.runtime import ZONE, Runtime
from syncsvc.store import bases, coaching, matchkeys, projects, questions, records, tables
from syncsvc.store.coaching import Decision, Flag, NewFlag
from syncsvc.store.models import QuestionState, Table
from syncsvc.store.questions import NewQuestion

KIND: Final = "coaching"
"""The kind of a flag's question."""

OPEN, DISCUSSED, AGREED, ENDED, MISTAKE = "open", "discussed", "agreed_parallel", "ended", "mistake"
STATES: Final = (OPEN, DISCUSSED, AGREED, ENDED, MISTAKE)
UNDECIDED: Final = (OPEN, DISCUSSED)
REOPENED, GONE, BACK = "reopened", "gone", "back"
"""What the service notices itself: a period changed, the two overlap no more, they do again."""

HER, JOBCENTRE = "her", "jobcentre"
TOLD: Final = (Grade.CERTAIN, Grade.PROBABLE)
"""Grades that are asked about and told in rows; a possible match stays on the list of whoever coordinates."""


def follow(session: Session, project_id: int, refs: Sequence[str], *, today: date, now: datetime) -> None:
    """Bring match keys and flags of these records into agreement with what the records say.

    Call it in the transaction that saved them: their project's revision has counted up there. Other projects whose
    rows have to say something else count up here, and their tables are looked at by the next tick.
    """
    told = refresh(session, project_id, refs, today=today, now=now)
    for project in sorted(set(records.projects_of(session, sorted(told)).values()) - {project_id}):
        projects.bump(session, project)


def refresh(session: Session, project_id: int, refs: Sequence[str], *, today: date, now: datetime) -> set[str]:
    """As ``follow``, but no revision counts up; returns the references whose rows have to say something else."""
    if not refs:
        return set()
    search = Search(session, project_id, today)
    changed = search.concerned(records.some(session, refs))
    gained = matchkeys.replace(session, search.keys(changed))
    told = _reconcile(session, list(changed), search.findings(changed), now)
    # A key shared by too many is not looked at: when that begins or ends, it matters to all who share it.
    crossed: dict[int, list[str]] = defaultdict(list)
    holders = matchkeys.holders(session, [digest for digest, count in gained.items() if count])
    for digest in gained:
        count = len(holders.get(digest, ()))
        if (count > HOLDERS) != (count - gained[digest] > HOLDERS):
            others = [ref for ref in holders[digest] if ref not in changed]
            for ref, project in records.projects_of(session, others).items():
                crossed[project].append(ref)
    for project, theirs in crossed.items():
        found = Search(session, project, today).findings(records.some(session, theirs))
        told |= _reconcile(session, theirs, found, now)
    for table_id in {table for ids in bases.tables_of(session, sorted(told)).values() for table in ids}:
        bring_forward(tables.by_id(session, table_id), now)
    return told


def remarks(
    session: Session,
    table: Table,
    _mapping: TableMapping,
    records: Mapping[str, Record],
    context: Context,
    changed: Mapping[str, Record],
) -> Mapping[str, Sequence[str]]:
    """What the rows of a table say about flags that nobody has decided on, as they will be once ``changed`` is saved.

    Neutral on purpose: no provider is named.
    """
    said: dict[str, list[str]] = defaultdict(list)

    def say(refs: Iterable[str], grade: str, weight: str, first: str | None) -> None:
        for ref in dict.fromkeys(refs):
            if grade in TOLD and (ref in records or ref in changed):
                said[ref].append(sentence(weight, first))

    search = Search(session, table.project_id, context.today)
    anew = search.concerned(changed) if changed else {}
    for flag in coaching.standing(session, table.project_id, UNDECIDED):
        if not anew.keys() & set(flag.refs):
            say(flag.refs, flag.grade, flag.weight, flag.document["first"])
    if anew:
        stored = {_pair(flag): flag for flag in coaching.of_records(session, list(anew))}
        for finding in search.findings(anew, _entered_today(changed, records, context.today)):
            if _state_after(stored.get((finding.refs, finding.subject)), finding) in UNDECIDED:
                first = finding.collision.first
                say(finding.refs, finding.grade, finding.weight, first.isoformat() if first else None)
    return {ref: list(dict.fromkeys(sentences)) for ref, sentences in said.items()}


def _entered_today(
    changed: Mapping[str, Record], before: Mapping[str, Record], today: date
) -> dict[tuple[str, str], datetime]:
    """What the change log will say once the records are saved."""
    moment = datetime.combine(today, datetime.min.time(), ZONE)
    return {
        (ref, name): moment
        for ref, record in changed.items()
        for name in DATED
        if record.values.get(name) != (before[ref].values.get(name) if ref in before else None)
    }


def sentence(weight: str, first: str | None) -> str:
    """What a row says of an undecided flag; ``first`` is the ISO day from which both run."""
    since = f" ab {date.fromisoformat(first):%d.%m.%Y}" if first else " zur selben Zeit"
    asked = "Übergabe? Zwei" if weight == Weight.HANDOVER else "Bitte abstimmen: zwei"
    return f"{asked} Begleitungen{since}."


def decide(
    rt: Runtime,
    flag_id: int,
    state: str,
    *,
    actor: str,
    spoken_with: str = "",
    projects_seen: Collection[int] | None = None,
) -> str:
    """Take down what people agreed; returns what happens now, in one German sentence.

    ``state`` is one of ``STATES``; ``open`` takes a decision back. ``spoken_with`` is ``her`` or ``jobcentre``, needed
    for ``discussed``. ``projects_seen``: only a flag that concerns one of these projects (None: any).
    Raises ``NotFound``, ``InvalidAnswer``.
    """
    with rt.database.write() as session:
        flag = coaching.get(session, flag_id, projects_seen)
        return _decide(session, flag, state, spoken_with, actor, rt.clock.now())


def decide_by_question(rt: Runtime, question_id: int, choice: str, *, actor: str) -> str:
    """The same, asked as a question: ``choice`` is a state, or ``discussed_her`` or ``discussed_jobcentre``."""
    state, _, spoken_with = choice.rpartition("_") if choice.startswith(f"{DISCUSSED}_") else (choice, "", "")
    with rt.database.write() as session:
        flag = coaching.get(session, coaching.of_question(session, question_id))
        return _decide(session, flag, state, spoken_with, actor, rt.clock.now())


def take_back(rt: Runtime, question_id: int, *, actor: str) -> str:
    """Take back the decision that answered this question: the flag is undecided as before, its question open again.

    Raises ``NotFound``, or ``InvalidAnswer`` when the flag was decided otherwise or changed since.
    """
    with rt.database.write() as session:
        question, now = questions.get(session, question_id), rt.clock.now()
        number: Any = question.document.get("flag")
        if question.state is not QuestionState.ANSWERED or number is None:
            raise InvalidAnswer("Diese Klärung ist nicht beantwortet.")
        flag = coaching.get(session, number)
        decisions = coaching.history(session, flag.id)
        if flag.question_id is not None or not flag.present or decisions[-1].event != question.choice:
            raise InvalidAnswer("Seit der Antwort hat sich etwas geändert.")
        before = next((one for one in reversed(decisions[:-1]) if one.event in STATES), None)
        state = before.event if before is not None and before.event in UNDECIDED else OPEN
        questions.reopen(session, question_id)
        coaching.change(session, flag, question_id=question_id)
        spoken_with = before.spoken_with if before is not None and state == DISCUSSED else ""
        _decide(session, replace(flag, question_id=question_id), state, spoken_with, actor, now)
    return "Zurückgenommen: Die doppelte Begleitung ist wieder zu klären."


def _decide(session: Session, flag: Flag, state: str, spoken_with: str, actor: str, now: datetime) -> str:
    if state not in STATES:
        raise InvalidAnswer(hint=f"Möglich sind: {', '.join(STATES)}.")
    if spoken_with not in ("", HER, JOBCENTRE):
        raise InvalidAnswer(f"„Besprochen mit“ kann nur {HER} oder {JOBCENTRE} sein.")
    if state == DISCUSSED and not spoken_with:
        raise InvalidAnswer(
            "Zu „besprochen“ gehört, mit wem.", hint=f"Mit der Teilnehmerin: {HER}; mit dem Jobcenter: {JOBCENTRE}."
        )
    if state == flag.state and state != DISCUSSED:
        raise InvalidAnswer("Das ist schon so vermerkt.")
    coaching.note(session, flag.id, Decision(now, actor, state, spoken_with))
    after = replace(flag, state=state)
    coaching.change(session, flag, state=state, since=now)
    _keep_question(session, after, now, choice=state, actor=actor)
    if _is_told(flag) != _is_told(after):
        for project in sorted(set(flag.projects)):
            projects.bump(session, project)
        for table_id in {table for ids in bases.tables_of(session, list(flag.refs)).values() for table in ids}:
            bring_forward(tables.by_id(session, table_id), now)
        if _is_told(flag):
            return "Gemerkt. Der nächste Abgleich nimmt den Hinweis aus den Tabellen."
        return "Gemerkt. Der nächste Abgleich schreibt den Hinweis wieder in die Tabellen."
    return "Gemerkt."


def _reconcile(session: Session, refs: Sequence[str], found: Iterable[Finding], now: datetime) -> set[str]:
    """Make the flags of these records say what was found; the references whose rows have to say something else."""
    stored = {_pair(flag): flag for flag in coaching.of_records(session, refs)}
    moved: set[str] = set()
    new: list[Finding] = []
    for finding in found:
        before = stored.pop((finding.refs, finding.subject), None)
        if before is None:
            new.append(finding)
        elif _told_as(before) != _told_as(_brought_up(session, before, finding, now)):
            moved |= set(before.refs)
    raised = coaching.add(session, [_new(finding) for finding in new], state=OPEN, now=now)
    _ask(session, [flag for flag in raised if _is_told(flag)], now)
    moved |= {ref for flag in raised if _is_told(flag) for ref in flag.refs}
    for flag in stored.values():
        if flag.present:
            coaching.change(session, flag, present=False, since=now)
            coaching.note(session, flag.id, Decision(now, "", GONE))
            _keep_question(session, replace(flag, present=False), now)
            moved |= set(flag.refs) if _is_told(flag) else set()
    return moved


def _new(finding: Finding) -> NewFlag:
    return NewFlag(
        refs=finding.refs,
        projects=finding.projects,
        grade=str(finding.grade),
        weight=str(finding.weight),
        document=finding.document(),
    )


def _brought_up(session: Session, before: Flag, finding: Finding, now: datetime) -> Flag:
    """The flag, made to say what was found now."""
    document, state = finding.document(), _state_after(before, finding)
    grade, weight = str(finding.grade), str(finding.weight)
    after = replace(before, grade=grade, weight=weight, state=state, present=True, document=document)
    if after == before:
        return before
    event = REOPENED if state != before.state else "" if before.present else BACK
    if event:
        coaching.note(session, before.id, Decision(now, "", event))
    coaching.change(
        session,
        before,
        grade=grade,
        weight=weight,
        state=state,
        present=True,
        document=document,
        since=now if event else before.since,
    )
    return _keep_question(session, after, now)


def _state_after(before: Flag | None, finding: Finding) -> str:
    """A decision holds until a period changes, a mistake for good."""
    if before is None:
        return OPEN
    if before.state in (AGREED, ENDED) and before.document["fingerprint"] != finding.fingerprint:
        return OPEN
    return before.state


def _keep_question(session: Session, flag: Flag, now: datetime, *, choice: str = "", actor: str = "") -> Flag:
    """Exactly the flags that wait for people have an open question."""
    if _is_told(flag) and flag.question_id is None:
        return _ask(session, [flag], now)[0]
    if not _is_told(flag) and flag.question_id is not None:
        if choice:
            questions.answer(session, flag.question_id, choice, by=actor, now=now)
        questions.close(session, [flag.question_id], run_id=None, now=now)
        coaching.change(session, flag, question_id=None)
        return replace(flag, question_id=None)
    return flag


def _ask(session: Session, unasked: Sequence[Flag], now: datetime) -> list[Flag]:
    """Open a question for each of these flags; the flags with it."""
    new = [
        NewQuestion(
            kind=KIND, digest=f"{KIND} {flag.id}", document={"text": _question(flag), "flag": flag.id}, code=flag.weight
        )
        for flag in unasked
    ]
    numbers = questions.open_many(session, None, new, run_id=None, now=now)
    asked = [replace(flag, question_id=number) for flag, number in zip(unasked, numbers, strict=True)]
    coaching.set_questions(session, {flag.id: flag.question_id for flag in asked})
    return asked


def _question(flag: Flag) -> str:
    """The flag in one sentence, for whoever coordinates; between projects nobody is named."""
    said = sentence(flag.weight, flag.document["first"])
    a, b = flag.refs
    if flag.projects[0] != flag.projects[1]:
        return f"Dieselbe Frau in zwei Projekten? {said} Näheres: Doppelbetreuung {flag.id}."
    if a != b:
        return f"{a} und {b}: dieselbe Frau bei zwei Trägern? {said} Näheres: Doppelbetreuung {flag.id}."
    return f"{a}: {said} Eine ist die Maßnahme des Jobcenters. Näheres: Doppelbetreuung {flag.id}."


def _is_told(flag: Flag) -> bool:
    return flag.present and flag.state in UNDECIDED and flag.grade in TOLD


def _told_as(flag: Flag) -> str:
    return sentence(flag.weight, flag.document["first"]) if _is_told(flag) else ""


def _pair(flag: Flag) -> tuple[tuple[str, str], Any]:
    return flag.refs, flag.document["subject"]
