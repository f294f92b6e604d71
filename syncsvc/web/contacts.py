"""The directory's pages: who is there, one person, and who has nobody.

Names never stand in an address: people have keys made at random, and what is searched for is posted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from syncsvc.core.access import Right
from syncsvc.core.digest import Rhythm
from syncsvc.errors import SyncsvcError, UsageError
from syncsvc.services import entitlement, tables
from syncsvc.services.contacts import digest, directory, handover, timeline, vacancies
from syncsvc.services.display import organisation_names
from syncsvc.web import sessions

pages = Blueprint("contacts", __name__)

SOURCE = "web"

SHOWN = 200
"""People on one page; who is not among them is found by the search."""

DETAILS = ("organisation", "family", "given", "role", "team", "phone", "email")
"""What the form for a person asks."""


@pages.route("/ansprechpersonen", methods=["GET", "POST"])
def show() -> str:
    """The directory, or what a search found in it. What was typed is posted, so that no address has a name in it."""
    wanted = {name: request.form.get(name, "").strip() for name in ("search", "organisation", "role")}
    stale = bool(request.form.get("stale"))
    runtime = sessions.runtime()
    found = directory.list_contacts(runtime, **wanted, stale=stale)
    filtered = stale or any(wanted.values())
    return render_template(
        "contacts.html", contacts=found, shown=SHOWN, wanted=wanted, stale=stale, filtered=filtered, **_words()
    )


@pages.get("/ansprechpersonen/ohne")
def vacant() -> str:
    """The participants of one table (``?tabelle=``) or of all without a valid contact."""
    runtime = sessions.runtime()
    table = request.args.get("tabelle") or None
    views = {view.key: view for view in tables.list_tables(runtime)}
    found = vacancies.list_vacancies(runtime, table=table)
    sessions.looked_at(*(one.ref for one in found))
    return render_template("vacancies.html", vacancies=found, tables=views, table=table)


@pages.route("/ansprechpersonen/neu", methods=["GET", "POST"])
def add() -> str | Response | tuple[str, int]:
    """Somebody new."""
    title, action = gettext("Neue Ansprechperson"), url_for("contacts.add")
    if request.method == "GET":
        return _form(title, {}, action)
    typed = {name: request.form.get(name, "") for name in DETAILS}
    if not typed["organisation"]:
        return _form(title, typed, action, gettext("Bitte wählen Sie, wo sie arbeitet.")), 400
    entitled = sessions.entitled(organisation=typed["organisation"])
    try:
        made = directory.add_contact(
            entitled, {name: text for name, text in typed.items() if text.strip()}, actor=sessions.actor(),
            source=SOURCE,
        )  # fmt: skip
    except UsageError as error:
        return _form(title, typed, action, error.message), 400
    flash(gettext("Die Ansprechperson steht jetzt im Verzeichnis."))
    return redirect(url_for("contacts.person", key=made["key"]), 303)


@pages.get("/ansprechpersonen/<key>")
def person(key: str) -> str:
    """One person: how to reach her, whom she is responsible for, and what can be said of her."""
    runtime = sessions.runtime()
    contact = directory.show_contact(runtime, key)
    sessions.looked_at(*(one["ref"] for one in contact["responsible_for"]))
    begun = min((entry["when"] for entry in contact["history"]), default="")
    others = [
        one
        for one in directory.list_contacts(runtime, organisation=contact["organisation"])
        if one["key"] != contact["key"] and one["state"] != "left"
    ]
    return render_template(
        "contact.html", contact=contact, others=others, names={one["key"]: one["name"] for one in others},
        rhythm=digest.rhythm_of(runtime, contact["key"]), digests=runtime.digests.on, today=runtime.today(),
        role_label=timeline.role_label, begun=begun, **_words(),
    )  # fmt: skip


@pages.route("/ansprechpersonen/<key>/angaben", methods=["GET", "POST"])
def edit(key: str) -> str | Response | tuple[str, int]:
    """Change what is known of a person."""
    title, action = gettext("Angaben ändern"), url_for("contacts.edit", key=key)
    known = directory.show_contact(sessions.runtime(), key)
    if request.method == "GET":
        return _form(title, known, action)
    typed = {name: request.form.get(name, "") for name in DETAILS}
    moved = typed["organisation"] if typed["organisation"] != known["organisation"] else ""
    entitled = sessions.entitled(contact=key, organisation=moved or None)
    try:
        changed = directory.set_details(entitled, key, typed, actor=sessions.actor(), source=SOURCE)
    except UsageError as error:
        return _form(title, typed, action, error.message), 400
    flash(
        gettext("Die Angaben sind geändert; die Tabellen folgen.")
        if changed
        else gettext("Es hat sich nichts geändert.")
    )
    return redirect(url_for("contacts.person", key=key), 303)


@pages.post("/ansprechpersonen/<key>/abwesend")
def absent(key: str) -> Response:
    """From when to when a person is away, and who stands in; empty: she is back."""
    said = {name: request.form.get(name, "").strip() for name in ("absent_from", "absent_to", "deputy")}
    back = not said["absent_from"]
    return _change(
        key, said, gettext("Die Abwesenheit ist gelöscht.") if back else gettext("Die Abwesenheit ist eingetragen.")
    )


@pages.post("/ansprechpersonen/<key>/ausgeschieden")
def left(key: str) -> Response:
    """A person's last day at work; empty: she has not left."""
    day = request.form.get("left_on", "").strip()
    told = gettext("Der letzte Arbeitstag ist eingetragen. Die Teilnehmerinnen lassen sich hier übergeben.")
    return _change(key, {"left_on": day}, told if day else gettext("Der letzte Arbeitstag ist gelöscht."))


@pages.post("/ansprechpersonen/<key>/bestaetigen")
def confirm(key: str) -> Response:
    """Say that what is known of a person is right as of today."""
    directory.confirm(sessions.entitled(contact=key), [key], actor=sessions.actor(), source=SOURCE)
    flash(gettext("Die Angaben sind bestätigt."))
    return redirect(url_for("contacts.person", key=key), 303)


@pages.post("/ansprechpersonen/<key>/benachrichtigung")
def subscribe(key: str) -> Response:
    """How often a person is told by mail what changed."""
    typed = request.form.get("rhythm", "")
    rhythm = Rhythm(typed) if typed in list(Rhythm) else Rhythm.OFF
    return _done(key, lambda: digest.subscribe(sessions.entitled(contact=key), key, rhythm))


@pages.post("/ansprechpersonen/<key>/uebergabe")
def hand_over(key: str) -> str | Response:
    """What handing over a person's participants would do; with ``ausfuehren`` it is done."""
    to, day = request.form.get("to", ""), request.form.get("day", "").strip()
    preview = not request.form.get("ausfuehren")
    runtime = sessions.entitled(contact=key)
    if to:
        sessions.entitled(contact=to)  # by its key, so that nobody beyond her reach is found by a name
    try:
        result = handover.hand_over(
            runtime, key, to, day=day or None, within=sessions.projects_of(Right.DECIDE),
            preview=preview, actor=sessions.actor(),
        )  # fmt: skip
    except SyncsvcError as error:
        flash(error.message)
        return redirect(url_for("contacts.person", key=key), 303)
    sessions.looked_at(*(row.ref for row in result.rows), *(one.ref for one in result.stays))
    return render_template("handover.html", handover=result, preview=preview)


@pages.post("/uebergaben/<id_>/zuruecknehmen")
def take_back(id_: str) -> Response:
    """Give those who were handed over their old contact again."""
    moved = handover.participants_of(sessions.whole(), id_)
    back = handover.undo_handover(sessions.entitled(refs=moved), id_, actor=sessions.actor())
    told = ngettext(
        "Die Übergabe ist zurückgenommen: %(num)s Teilnehmerin.",
        "Die Übergabe ist zurückgenommen: %(num)s Teilnehmerinnen.",
        len(back.refs),
    )
    kept = ngettext("%(num)s seitdem geänderte bleibt.", "%(num)s seitdem geänderte bleiben.", len(back.stays))
    flash(f"{told} {kept}" if back.stays else told)
    return redirect(url_for("contacts.show"), 303)


def _change(key: str, details: Mapping[str, str], told: str) -> Response:
    def act() -> str:
        changed = directory.set_details(
            sessions.entitled(contact=key), key, details, actor=sessions.actor(), source=SOURCE
        )
        return told if changed else gettext("Es hat sich nichts geändert.")

    return _done(key, act)


def _done(key: str, act: Callable[[], str]) -> Response:
    """Do it, say what came of it, and show the person again."""
    try:
        flash(act())
    except UsageError as error:
        flash(error.message)
    return redirect(url_for("contacts.person", key=key), 303)


def _form(title: str, values: Mapping[str, object], action: str, mistake: str = "") -> str:
    words = _words()
    with sessions.runtime().database.read() as session:
        within = entitlement.organisations_within(session, sessions.viewer().reach(Right.DECIDE))
    names = organisation_names(sessions.runtime()).items()
    words["organisations"] = {key: name for key, name in names if key in within or key == values.get("organisation")}
    return render_template("contact_form.html", title=title, values=values, action=action, mistake=mistake, **words)


def _words() -> dict[str, object]:
    """The words of directory pages: roles and organisations by key."""
    runtime = sessions.runtime()
    roles = runtime.vocabularies["roles"].entries
    return {
        "roles": {entry.key: entry.label for entry in roles if not entry.details.keys() & {"ask", "reject"}},
        "organisations": organisation_names(runtime),
    }
