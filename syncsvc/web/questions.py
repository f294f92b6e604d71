"""The questions only a person can decide, with what each answer does."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from syncsvc.services import questions, tables
from syncsvc.services.display import display_of
from syncsvc.web import sessions

pages = Blueprint("questions", __name__, url_prefix="/klaerungen")

SHOWN = 25
"""Questions on one page: answering some of them makes room for the next."""


@pages.get("")
def show() -> str:
    """Open or answered questions, of one table (``?tabelle=``) or of all."""
    runtime = sessions.runtime()
    table = request.args.get("tabelle") or None
    state = "answered" if request.args.get("stand") == "beantwortet" else "open"
    found = questions.list_questions(runtime, table=table, state=state, limit=SHOWN)
    return render_template(
        "questions.html",
        questions=found,
        displays={key: display_of(runtime, key) for key in {question.table for question in found} if key},
        open=questions.count_open(runtime, table),
        tables=tables.list_tables(runtime),
        table=table,
        state=state,
    )


@pages.post("/<int:question_id>")
def answer(question_id: int) -> Response:
    """Take down the person's choice and go back to the list it was made in."""
    choice = request.form.get("choice", "")
    flash(
        questions.answer_question(sessions.entitled(question=question_id), question_id, choice, actor=sessions.actor())
    )
    return redirect(url_for("questions.show", tabelle=request.form.get("tabelle") or None), 303)
