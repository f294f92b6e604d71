"""Questions of the project's tables, and answering one.

Double coachings are none of them: they concern another project too, and are decided on the pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from syncsvc.errors import NotFound
from syncsvc.services import questions
from syncsvc.services.questions import QuestionView
from syncsvc.web import sessions
from syncsvc.web.api import schemas
from syncsvc.web.api.operations import operation
from syncsvc.web.api.problems import Problem, pointer

_NOT_OPEN = lazy_gettext("Diese Klärung ist nicht mehr offen.")
_IN_TABLE = lazy_gettext("Diese Klärung wird in der Tabelle selbst erledigt.")
_NOT_OFFERED = lazy_gettext("Diese Antwort steht nicht zur Wahl.")


@operation("GET", "/questions", query=schemas.QuestionsQuery(), answers={200: schemas.QuestionPage()}, refuses=(404,))
def list_questions(query: Mapping[str, Any]) -> ResponseReturnValue:
    """Klärungen auflisten

    Die neuesten zuerst, ohne Angabe nur offene.
    """
    limit = query["limit"]
    before = int(query["cursor"]) if "cursor" in query else None
    state = None if query["state"] == "all" else query["state"]
    found = questions.page_of_tables(
        sessions.runtime(), table=query.get("table"), state=state, limit=limit + 1, before=before
    )
    shown = found[:limit]
    sessions.looked_at(*(ref for one in shown for ref in one.refs))
    return jsonify(items=[one.as_json() for one in shown], next=str(shown[-1].id) if len(found) > limit else None)


@operation(
    "GET", f"/questions/<int(max={schemas.NUMBER_AT_MOST}):question_id>", answers={200: schemas.QuestionDocument()},
    refuses=(404,),
)  # fmt: skip
def get_question(question_id: int) -> ResponseReturnValue:
    """Eine Klärung lesen"""
    found = _question(question_id)
    sessions.looked_at(*found.refs)
    return jsonify(found.as_json())


@operation(
    "POST", f"/questions/<int(max={schemas.NUMBER_AT_MOST}):question_id>/answer", body=schemas.ChosenAnswer(),
    answers={200: schemas.QuestionAnswered()}, refuses=(404, 409),
)  # fmt: skip
def answer_question(question_id: int, body: Mapping[str, Any]) -> ResponseReturnValue:
    """Eine Klärung beantworten

    409: Sie ist nicht mehr offen, oder es läuft gerade ein Abgleich der Tabelle; dann sagt `Retry-After`, wann es
    wieder geht.
    """
    found, choice = _question(question_id), body["choice"]
    if found.state != "open":
        raise Problem(409, "not-open", _NOT_OPEN)
    if not found.choices:
        raise Problem(409, "answered-in-table", _IN_TABLE)
    if choice not in {offered.key for offered in found.choices}:
        raise Problem(
            422, "not-offered", errors=[{"pointer": pointer("choice"), "code": "invalid", "detail": _NOT_OFFERED}]
        )
    runtime = sessions.entitled(question=question_id)
    message = questions.answer_question(runtime, question_id, choice, actor=sessions.actor())
    after = questions.get_question(runtime, question_id)
    return jsonify(id=question_id, state=after.state, choice=after.choice, message=message)


def _question(question_id: int) -> QuestionView:
    found = questions.get_question(sessions.runtime(), question_id)
    if found.table is None:
        raise NotFound
    return found
