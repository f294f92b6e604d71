"""The questions only a person can decide: filters in the address, one answer for many, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.wrappers import Response

from syncsvc.core.access import Right
from syncsvc.core.model import Side
from syncsvc.errors import NotFound, SyncsvcError
from syncsvc.services import inbox, questions
from syncsvc.services.inbox import Inbox, Wanted
from syncsvc.services.questions import Handled
from syncsvc.web import errors, sessions, wording

pages = Blueprint("questions", __name__, url_prefix="/klaerungen")

FOLDED = 5
"""Rows of a group that are shown at once; the rest is folded."""

STATES = {
    "open": lazy_gettext("offen"),
    "answered": lazy_gettext("beantwortet"),
    "obsolete": lazy_gettext("von selbst erledigt"),
}

TURNS = {Side.PROJECT.value: lazy_gettext("Projekt"), Side.JOBCENTRE.value: lazy_gettext("Jobcenter")}
"""Who knows the answer: whose column it is."""

AGES = {"1": lazy_gettext("seit gestern"), "7": lazy_gettext("seit einer Woche"), "30": lazy_gettext("seit 30 Tagen")}
"""Asked at least so many days ago."""

SOURCES = {
    "web": lazy_gettext("hier eingetragen"),
    "project": lazy_gettext("vom Projekt eingetragen"),
    "api": lazy_gettext("aus der Software des Projekts"),
    "import": lazy_gettext("aus einer eingelesenen Liste"),
    "answer": lazy_gettext("durch eine Antwort"),
    "directory": lazy_gettext("aus dem Verzeichnis der Ansprechpersonen"),
    "handover": lazy_gettext("durch eine Übergabe"),
}
"""Where a record's value came from, if from no table."""

NAMES = {"stand": "state", "tabelle": "table", "projekt": "project", "art": "kind", "wer": "turn", "tn": "ref"}
"""The filters as an address names them; ``seit`` is the age in days, ``seite`` the page."""

_NOTICE = "question_notice"
"""Where the session keeps what an answer did until the next page has shown it: a sentence, and what can be undone."""


@pages.app_context_processor
def _words() -> dict[str, Any]:
    return {"QUESTION_STATES": STATES, "QUESTION_TURNS": TURNS, "QUESTION_SOURCES": SOURCES}


@pages.get("")
def show() -> str:
    """What waits for an answer, or was answered; for whoever sees nobody's data only how much that is."""
    if not sessions.viewer().may(Right.CELLS):
        return render_template("questions_counts.html", counts=inbox.counts(sessions.runtime()))
    return _list(_wanted(request.args))


@pages.get("/<int:question_id>")
def one(question_id: int) -> str:
    """One question, whatever became of it."""
    group = inbox.one(sessions.runtime(), sessions.viewer(), question_id)
    sessions.looked_at(*group.first.refs)
    return render_template(
        "question.html", group=group, notice=session.pop(_NOTICE, None), args={}, back={"nr": question_id}
    )


@pages.post("/<int:question_id>")
def answer(question_id: int) -> Response | tuple[str, int]:
    """Take down the person's choice and go back to the list it was made in."""

    def act() -> Handled:
        rt = sessions.entitled(question=question_id)
        message = questions.answer_question(rt, question_id, _choice(), actor=sessions.actor())
        return Handled((question_id,), (), message)

    return _done(act)


@pages.post("/zusammen")
def answer_together() -> Response | tuple[str, int]:
    """Give the chosen ones of a group the same answer."""
    ids = [int(number) for number in request.form.getlist("ids") if number.isdecimal()][: inbox.MEMBERS]

    def act() -> Handled:
        if not ids:
            return Handled((), (), gettext("Es war keine Zeile ausgewählt; nichts ist beantwortet."))
        rt = sessions.entitled(question=ids[0])  # the others have to be of the same table
        return questions.answer_together(rt, ids, _choice(), actor=sessions.actor())

    return _done(act)


@pages.post("/<int:question_id>/zuruecknehmen")
def take_back(question_id: int) -> Response | tuple[str, int]:
    """Take an answer back; with ``zusammen`` all that were given in one go with it."""

    def act() -> Handled:
        rt = sessions.entitled(question=question_id)
        if request.form.get("zusammen"):
            return questions.take_back_together(rt, question_id, actor=sessions.actor())
        message = questions.take_back(rt, question_id, actor=sessions.actor())
        return Handled((question_id,), (), message)

    return _done(act, undo=False)


def _choice() -> str:
    return request.form.get("choice", "")


def _done(act: Callable[[], Handled], *, undo: bool = True) -> Response | tuple[str, int]:
    """Do it and go back, saying what became of it; where nothing could be done, say why and show the list anew."""
    try:
        handled = act()
    except NotFound:
        raise
    except SyncsvcError as error:
        notice = {"kind": "warning", "text": error.message, "hint": errors.hint(error)}
        if request.form.get("nr"):
            session[_NOTICE] = notice
            return _back()
        return _list(_wanted(request.form), notice), errors.status(error)
    session[_NOTICE] = _told(handled, undo=undo)
    return _back()


def _told(handled: Handled, *, undo: bool) -> dict[str, Any]:
    """What became of it, in a few sentences, and what can be undone."""
    done, refused = len(handled.done), handled.refused
    told: dict[str, Any] = {
        "kind": "warning" if refused else "info",
        "text": handled.message,
        "count": done,
        "hint": "",
    }
    if done and undo:
        told["undo"] = handled.done[0]
    if refused:
        told["refused"] = len(refused)
        told["reasons"] = sorted({reason for _, reason in refused})
    return told


def _back() -> Response:
    """To the list or the question where the button was pressed."""
    number = request.form.get("nr", type=int)
    if number is not None:
        return redirect(url_for("questions.one", question_id=number), 303)
    return redirect(url_for("questions.show", **_args(_wanted(request.form), request.form.get("seite", type=int))), 303)


def _list(wanted: Wanted, notice: dict[str, Any] | None = None) -> str:
    page = request.values.get("seite", 1, type=int)
    found = inbox.read(sessions.runtime(), sessions.viewer(), wanted, page=max(1, page))
    sessions.looked_at(*found.refs)
    return render_template(
        "questions.html",
        inbox=found,
        wanted=wanted,
        args=_args(wanted),
        notice=notice or session.pop(_NOTICE, None),
        options=_options(found),
        folded=FOLDED,
    )


def _wanted(values: Any) -> Wanted:
    """The filters of an address or a form; what does not exist filters nothing."""
    typed = {name: values.get(key, "").strip() for key, name in NAMES.items()}
    states = {"beantwortet": "answered", "erledigt": "obsolete"}
    typed["state"] = states.get(typed["state"], "open")
    typed["kind"] = typed["kind"] if typed["kind"] in wording.KINDS else ""
    typed["turn"] = typed["turn"] if typed["turn"] in TURNS else ""
    typed["ref"] = typed["ref"].upper()
    age = values.get("seit", "")
    return Wanted(**typed, days=int(age) if age in AGES else 0)


def _args(wanted: Wanted, page: int | None = None) -> dict[str, Any]:
    """The filters as an address has them, without those that filter nothing."""
    states = {"answered": "beantwortet", "obsolete": "erledigt"}
    args: dict[str, Any] = {key: getattr(wanted, name) for key, name in NAMES.items() if getattr(wanted, name)}
    args.pop("stand", None)
    if wanted.state in states:
        args["stand"] = states[wanted.state]
    if wanted.days:
        args["seit"] = wanted.days
    if page and page > 1:
        args["seite"] = page
    return args


def _options(found: Inbox) -> dict[str, dict[str, str]]:
    """What each filter offers."""
    return {
        "tables": {one.key: f"{one.jobcentre or one.project_name} ({one.key})" for one in found.tables},
        "projects": dict(sorted({(one.project, one.project_name) for one in found.tables}, key=lambda one: one[1])),
        "kinds": {key: f"{word} ({wording.number(found.kinds[key])})" if key in found.kinds else str(word)
                  for key, word in wording.KINDS.items()},
        "ages": {key: str(word) for key, word in AGES.items()},
    }  # fmt: skip


@pages.app_template_filter()
def answered_many(count: int) -> str:
    """How many were answered at once: ``14 Klärungen beantwortet.``"""
    return str(ngettext("%(num)s Klärung beantwortet.", "%(num)s Klärungen beantwortet.", count))
