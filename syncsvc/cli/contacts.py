"""``syncsvc contacts``."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from syncsvc import settings, wiring
from syncsvc.cli import failures
from syncsvc.cli.german import Group
from syncsvc.cli.output import assignments, json_option, moment, write_columns, write_json
from syncsvc.core.digest import Rhythm
from syncsvc.services.contacts import digest, directory, lists
from syncsvc.services.contacts import handover as service
from syncsvc.services.contacts.entries import DETAIL_NAMES, KINDS
from syncsvc.services.contacts.happened import KIND_NAMES, happened
from syncsvc.services.contacts.timeline import role_label
from syncsvc.services.contacts.vacancies import list_vacancies
from syncsvc.services.runtime import Runtime

_STATES = {"left": "ausgeschieden", "absent": "abwesend", "unconfirmed": "nicht bestätigt", "present": "da"}
_ACTIONS = {"new": "neu", "update": "geändert", "same": "wie bisher", "error": "Fehler"}
_WHO = "Schlüssel, Mailadresse oder „Nachname, Vorname“"


@click.group(cls=Group, example='syncsvc contacts show "Müller, Anna"')
def contacts() -> None:
    """Ansprechpersonen zeigen, ändern, einlesen, ausgeben, übergeben."""


@contacts.command("list", example="syncsvc contacts list --organisation jc-beispielstadt --stale")
@click.option(
    "--organisation", default="", metavar="ORGANISATION", help="Nur diese Organisation (Schlüssel oder Name)."
)
@click.option("--role", default="", metavar="ROLLE", help="Nur diese Rolle, z. B. Fallmanagement.")
@click.option("--search", default="", metavar="TEXT", help="Teil von Name, Mail, Durchwahl, Team oder Organisation.")
@click.option("--stale", is_flag=True, help="Nur wer ausgeschieden oder seit über 35 Tagen nicht bestätigt ist.")
@json_option
def list_(organisation: str, role: str, search: str, stale: bool, as_json: bool) -> None:
    """Das Verzeichnis der Ansprechpersonen."""
    rt = wiring.build(settings.load())
    found = directory.list_contacts(rt, organisation=organisation, role=role, search=search, stale=stale)
    if as_json:
        write_json(found)
        return
    rows = [
        (
            one["key"],
            one["name"],
            one["organisation"],
            _words(rt, "role", one["role"]),
            one["phone"],
            _state(one),
            str(one["participants"]),
        )
        for one in found
    ]
    filtered = bool(organisation or role or search or stale)
    empty = "Niemand passt dazu." if filtered else "Das Verzeichnis ist noch leer: syncsvc contacts import liste.xlsx"
    write_columns(("Schlüssel", "Name", "Organisation", "Rolle", "Durchwahl", "Stand", "TN"), rows, empty=empty)


@contacts.command(example='syncsvc contacts show "Müller, Anna"')
@click.argument("who", metavar="PERSON")
@json_option
def show(who: str, as_json: bool) -> None:
    """Eine Person mit ihren Teilnehmerinnen und ihrer Geschichte zeigen."""
    rt = wiring.build(settings.load())
    found = directory.show_contact(rt, who)
    if as_json:
        write_json(found)
        return
    click.echo(f"{found['name']} · {found['organisation']} · {_state(found)} · Schlüssel {found['key']}")
    said = [(label, _words(rt, name, found[name])) for name, label in DETAIL_NAMES.items() if found[name]]
    write_columns(("Angabe", "Wert"), said, empty="")
    click.echo("\nZuständig für")
    held = [
        (one["ref"], role_label(one["role"]), _shown(one["from"]), _shown(one["to"]))
        for one in found["responsible_for"]
    ]
    write_columns(("TN-Nr.", "Rolle", "seit", "bis"), held, empty="Zurzeit für niemanden.")
    click.echo("\nGeschichte")
    history = [
        (moment(datetime.fromisoformat(one["when"])), DETAIL_NAMES.get(one["detail"], one["detail"]),
         *(_words(rt, one["detail"], one[when]) for when in ("old", "new")), f"{one['actor']} ({one['source']})")
        for one in found["history"]
    ]  # fmt: skip
    write_columns(("Wann", "Angabe", "vorher", "nachher", "durch"), history, empty="Noch keine Änderung.")


@contacts.command(
    example="syncsvc contacts add organisation=jc-beispielstadt family=Weiß given=Tom role=Fallmanagement"
)
@click.argument("details", nargs=-1, required=True, metavar="ANGABE=WERT...")
@json_option
def add(details: tuple[str, ...], as_json: bool) -> None:
    """Jemanden ins Verzeichnis aufnehmen; organisation und family sind nötig."""
    rt = wiring.build(settings.load())
    found = directory.add_contact(rt, assignments(details, "ANGABE=WERT", "family=Weiß"), actor=getpass.getuser())
    if as_json:
        write_json(found)
    else:
        click.echo(f"Aufgenommen: {found['name']} ({found['key']}).")


@contacts.command("set", example='syncsvc contacts set "Müller, Anna" phone="030 23125-140" team=512')
@click.argument("who", metavar="PERSON")
@click.argument("details", nargs=-1, required=True, metavar="ANGABE=WERT...")
@json_option
def set_(who: str, details: tuple[str, ...], as_json: bool) -> None:
    """Angaben zu einer Person ändern; „ANGABE=“ leert sie.

    PERSON ist ein Schlüssel, eine Mailadresse oder „Nachname, Vorname“. Die Tabellen folgen beim nächsten Abgleich.
    """
    _set(who, assignments(details, "ANGABE=WERT", "phone=030 23125-140"), as_json)


@contacts.command(example='syncsvc contacts absent "Müller, Anna" 01.10.2026 14.10.2026 --deputy "Schulz, Peter"')
@click.argument("who", metavar="PERSON")
@click.argument("first", metavar="VON")
@click.argument("last", metavar="BIS")
@click.option("--deputy", metavar="PERSON", help="Wer vertritt.")
@json_option
def absent(who: str, first: str, last: str, deputy: str | None, as_json: bool) -> None:
    """Eine Abwesenheit vom ersten bis zum letzten Tag eintragen; „-“ als BIS lässt das Ende offen."""
    details = {"absent_from": first, "absent_to": "" if last == "-" else last}
    _set(who, details if deputy is None else {**details, "deputy": deputy}, as_json)


@contacts.command(example='syncsvc contacts left "Müller, Anna" 30.09.2026')
@click.argument("who", metavar="PERSON")
@click.argument("day", required=False, metavar="LETZTER_TAG")
@json_option
def left(who: str, day: str | None, as_json: bool) -> None:
    """Jemand ist ausgeschieden: letzter Arbeitstag, ohne Angabe gestern."""
    rt = wiring.build(settings.load())
    result = directory.mark_left(rt, who, day, actor=getpass.getuser())
    if as_json:
        write_json(result)
        return
    click.echo(f"{result['name']}: letzter Tag {_shown(result['left_on'])}.")
    if result["participants"]:
        click.echo(
            f"Noch zuständig für {_women(result['participants'])}. Übergeben: "
            f"syncsvc contacts handover {result['key']} NACHFOLGERIN --preview"
        )


@contacts.command(example='syncsvc contacts confirm "Müller, Anna" c-1f2e3d4c5b')
@click.argument("whos", nargs=-1, required=True, metavar="PERSON...")
@json_option
def confirm(whos: tuple[str, ...], as_json: bool) -> None:
    """Sagen, dass die Angaben zu diesen Personen heute stimmen."""
    keys = directory.confirm(wiring.build(settings.load()), whos, actor=getpass.getuser())
    if as_json:
        write_json(keys)
    else:
        click.echo(f"Bestätigt: {len(keys)}.")


@contacts.command("import", example="syncsvc contacts import liste.xlsx --organisation jc-beispielstadt --preview")
@click.argument("file", type=click.Path(path_type=Path), metavar="DATEI")
@click.option("--organisation", default="", metavar="ORGANISATION", help="Die Organisation der Zeilen ohne eine.")
@click.option("--preview", is_flag=True, help="Nur zeigen, was geschähe.")
@json_option
def import_(file: Path, organisation: str, preview: bool, as_json: bool) -> int:
    """Eine Liste von Ansprechpersonen (CSV oder XLSX) einlesen.

    Wer schon im Verzeichnis steht, wird an Nr., Mailadresse oder Name und Organisation erkannt. Niemand wird durch
    Weglassen entfernt.
    """
    rt = wiring.build(settings.load())
    report = lists.import_contacts(rt, file, organisation=organisation, actor=getpass.getuser(), preview=preview)
    if as_json:
        rows = [
            {"number": r.number, "key": r.key, "name": r.name, "action": r.action, "messages": r.messages}
            for r in report.rows
        ]
        missing = [{"key": key, "name": name} for key, name in report.missing]
        write_json({"rows": rows, "counts": report.counts, "ignored": report.ignored, "missing": missing})
    else:
        _tell(report, preview)
    return failures.FAILED if report.counts["error"] else 0


@contacts.command(example="syncsvc contacts export --out verzeichnis.xlsx")
@click.option("--out", type=click.Path(path_type=Path), metavar="DATEI", help="Ziel, .csv oder .xlsx.")
@json_option
def export(out: Path | None, as_json: bool) -> None:
    """Das Verzeichnis ausgeben; ohne Ziel als CSV auf die Standardausgabe."""
    rt = wiring.build(settings.load())
    if as_json:
        write_json(directory.list_contacts(rt))
    elif out is None:
        click.echo(lists.export_contacts_csv(rt), nl=False)
    else:
        lists.export_contacts(rt, out)
        click.echo(f"Ausgegeben: {out}")


@contacts.command(example='syncsvc contacts handover "Müller, Anna" "Schulz, Peter" --day 01.10.2026 --preview')
@click.argument("old", metavar="VON")
@click.argument("new", metavar="AN")
@click.option("--day", metavar="TAG", help="Der erste Tag der neuen Person; ohne Angabe heute.")
@click.option("--table", metavar="TABELLE", help="Nur die Teilnehmerinnen dieser Tabelle.")
@click.option("--preview", is_flag=True, help="Nur zeigen, was geschähe.")
@json_option
def handover(old: str, new: str, day: str | None, table: str | None, preview: bool, as_json: bool) -> None:
    """Alle Teilnehmerinnen einer Person an eine andere übergeben, in allen Tabellen.

    Die Tabellen bekommen den neuen Namen beim nächsten Abgleich, samt Durchwahl, Mail und Vertretung.
    """
    rt = wiring.build(settings.load())
    done = service.hand_over(rt, old, new, day=day, table=table, actor=getpass.getuser(), preview=preview)
    if as_json:
        write_json(
            {
                "id": done.id, "from": done.old.key, "to": done.new.key, "day": done.day.isoformat(),
                "planned": done.planned, "rows": [asdict(row) for row in done.rows],
                "stays": [asdict(one) for one in done.stays],
            }
        )  # fmt: skip
        return
    rows = [(row.ref, row.project, ", ".join(row.tables) or "–") for row in done.rows]
    names = f"{directory.name_of(done.old)} → {directory.name_of(done.new)}, ab {done.day:%d.%m.%Y}"
    click.echo(f"{names}: {_women(len({row.ref for row in done.rows}))}")
    write_columns(("TN-Nr.", "Projekt", "Tabellen"), rows, empty="Niemand ist zu übergeben.")
    _tell_stays(done.stays)
    if preview:
        click.echo("Nur eine Vorschau: nichts wurde gespeichert.")
    elif done.planned and rows:
        click.echo(f"Vorgemerkt: bis dahin bleibt alles, wie es ist. Absagen: syncsvc contacts undo {done.id}")
    elif rows:
        click.echo(f"Übergeben. Die Tabellen folgen beim nächsten Abgleich. Zurück: syncsvc contacts undo {done.id}")


@contacts.command(example="syncsvc contacts undo 5f0c1a2b")
@click.argument("id_", metavar="ÜBERGABE")
@json_option
def undo(id_: str, as_json: bool) -> None:
    """Eine Übergabe zurücknehmen, oder eine vorgemerkte absagen; wer seitdem geändert wurde, bleibt."""
    done = service.undo_handover(wiring.build(settings.load()), id_, actor=getpass.getuser())
    if as_json:
        write_json({"refs": done.refs, "stays": [asdict(one) for one in done.stays]})
        return
    click.echo(f"Zurückgenommen für {_women(len(done.refs))}.")
    _tell_stays(done.stays)


@contacts.command(example="syncsvc contacts vacant --table bsp-beispielstadt")
@click.option("--table", metavar="TABELLE", help="Nur diese Tabelle.")
@json_option
def vacant(table: str | None, as_json: bool) -> None:
    """Teilnehmerinnen ohne gültige Ansprechperson beim Jobcenter."""
    found = list_vacancies(wiring.build(settings.load()), table=table)
    if as_json:
        write_json([asdict(one) for one in found])
        return
    rows = [(one.table, one.ref, one.name or "–", one.reason) for one in found]
    empty = "Alle Teilnehmerinnen haben eine gültige Ansprechperson."
    write_columns(("Tabelle", "TN-Nr.", "Ansprechperson", "Warum"), rows, empty=empty)


@contacts.command("events", example="syncsvc contacts events --last 20")
@click.option("--last", default=50, type=click.IntRange(min=1), metavar="ANZAHL", help="Wie viele; sonst 50.")
@json_option
def events(last: int, as_json: bool) -> None:
    """Was bei Ansprechpersonen geschehen ist, das Neueste zuerst: Übergaben, Vakanzen, Abwesenheiten …"""
    found = happened(wiring.build(settings.load()), limit=last)
    if as_json:
        write_json([{**asdict(one), "day": one.day.isoformat()} for one in found])
        return
    rows = [
        (f"{one.day:%d.%m.%Y}", KIND_NAMES[one.kind] + (" (zurückgenommen)" if one.undone else ""),
         role_label(one.role) or "–", one.old or "–", one.new or "–", str(len(one.refs)))
        for one in found
    ]  # fmt: skip
    write_columns(("Tag", "Was", "Rolle", "bisher", "jetzt", "TN"), rows, empty="Noch ist nichts geschehen.")


@contacts.command("digest", example='syncsvc contacts digest "Demir, Leyla" weekly\nsyncsvc contacts digest')
@click.argument("who", required=False, metavar="PERSON")
@click.argument("rhythm", required=False, type=click.Choice([*map(str, Rhythm)]), metavar="daily|weekly|off")
@json_option
def digest_(who: str | None, rhythm: str | None, as_json: bool) -> None:
    """Wer per Mail erfährt, was sich geändert hat: einstellen, oder zeigen, was jetzt verschickt würde.

    Coaches erfahren von neuen Ansprechpersonen ihrer Teilnehmerinnen, feste Ansprechpersonen von Vakanzen, Abgängen
    und Übergaben: nur wie viele es sind, und nur wenn etwas geschehen ist. Verschickt wird erst mit „digests = true“
    unter [mail].
    """
    rt = wiring.build(settings.load())
    if who is not None:
        if rhythm is None:
            raise click.UsageError("Wie oft? daily, weekly oder off.")
        click.echo(digest.subscribe(rt, who, Rhythm(rhythm)))
        return
    letters = digest.preview(rt)
    if as_json:
        write_json([asdict(letter) for letter in letters])
        return
    rows = [
        (letter.contact, letter.name, letter.rhythm, " ".join(part.text for part in letter.parts) or "nichts")
        for letter in letters
    ]
    write_columns(("Schlüssel", "Name", "Wie oft", "Würde jetzt erfahren"), rows, empty="Niemand wird benachrichtigt.")


def _tell_stays(stays: Iterable[service.Stays]) -> None:
    for one in stays:
        click.echo(f"Bleibt: {one.ref} – {one.reason}")


def _set(who: str, details: Mapping[str, str], as_json: bool) -> None:
    rt = wiring.build(settings.load())
    changed = directory.set_details(rt, who, details, actor=getpass.getuser())
    if as_json:
        write_json(changed)
        return
    for change in changed:
        old, new = (_words(rt, change["detail"], change[when]) for when in ("old", "new"))
        click.echo(f"{DETAIL_NAMES[change['detail']]}: {old} → {new}")
    click.echo("Die Tabellen folgen beim nächsten Abgleich." if changed else "Das stand schon so da.")


def _tell(report: lists.ContactReport, preview: bool) -> None:
    for row in report.rows:
        for message in row.messages:
            click.echo(f"Zeile {row.number}, {row.name or 'ohne Namen'}: {message}")
    if report.ignored:
        click.echo(f"Spalten, die hier nichts bedeuten: {', '.join(report.ignored)}")
    if report.missing:
        click.echo("Nicht in der Liste – ausgeschieden? Dann: syncsvc contacts left SCHLÜSSEL")
        for key, name in report.missing:
            click.echo(f"  {key}  {name}")
    click.echo(" · ".join(f"{_ACTIONS[name]}: {number}" for name, number in report.counts.items()))
    if preview:
        click.echo("Nur eine Vorschau: nichts wurde gespeichert.")


def _state(contact: Mapping[str, Any]) -> str:
    if contact["state"] == "absent":
        return f"abwesend bis {_shown(contact['absent_to'])}" if contact["absent_to"] else "abwesend"
    return _STATES[contact["state"]]


def _words(rt: Runtime, detail: str, value: str | None) -> str:
    """A detail as people read it: roles, deputies and kinds by their names."""
    if detail == "role":
        value = next((entry.label for entry in rt.vocabularies["roles"].entries if entry.key == value), value)
    elif detail == "kind":
        value = KINDS.get(value or "", value)
    elif detail == "deputy" and value:
        value = str(directory.show_contact(rt, value)["name"])
    return _shown(value)


def _women(count: int) -> str:
    return "eine Teilnehmerin" if count == 1 else f"{count} Teilnehmerinnen"


def _shown(value: str | None) -> str:
    """A day as people write it, any other text as it is, a dash for none."""
    if not value:
        return "–"
    try:
        return f"{date.fromisoformat(value):%d.%m.%Y}"
    except ValueError:
        return value
