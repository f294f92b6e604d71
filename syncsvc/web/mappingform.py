"""A mapping as a plain form, and back: what ``templates/mapping/_columns.html`` shows and what comes in from it.

A form is a flat ``{name: text}``. Each column is a line ``c0-…``, ``c1-…`` with the parts ``header``, ``field`` (empty:
not synced; ``custom``: a field of the table's own), ``name`` (of such a field, without ``custom.``), ``type``,
``owner``, ``required``, ``aliases`` (one a line), ``level``, ``vocabulary``, ``choice0-key``, ``choice0-label`` …,
``max_length``, ``tidy``, ``place`` (its order, from 1), ``was`` (the field that the line was drawn for) and ``new``
(its header is typed, not found). Empty means what is usual for the field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext, lazy_gettext

from syncsvc.core.binding import fold_header
from syncsvc.core.fields.registry import CATALOGUE, STAFF
from syncsvc.core.following import FOLLOWERS
from syncsvc.core.mapping import OWN_FIELDS, Guards
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Side
from syncsvc.core.schema import CUSTOM, KNOWN, mapping_from, mapping_to
from syncsvc.core.strict import Problem
from syncsvc.core.suggest import own_field
from syncsvc.services.rehearsal import SampleColumn

OWN = "custom"
"""Stands in a line's ``field`` for a field of the table's own."""

BLANK_CHOICES = 3
"""Empty lines offered below a list of choices."""

LABELS = {
    "text": lazy_gettext("Text"),
    "choice": lazy_gettext("Auswahl"),
    "date": lazy_gettext("Datum"),
    "month": lazy_gettext("Monat"),
    "datetime": lazy_gettext("Datum und Uhrzeit"),
    "number": lazy_gettext("Zahl"),
    "yesno": lazy_gettext("Ja oder Nein"),
    "name": lazy_gettext("Name"),
    "phone": lazy_gettext("Telefonnummer"),
    "email": lazy_gettext("E-Mail-Adresse"),
    "contact": lazy_gettext("Ansprechperson"),
    "organisation": lazy_gettext("Organisation"),
    "measure": lazy_gettext("Maßnahme"),
    "period": lazy_gettext("Zeitraum"),
    "reference": lazy_gettext("TN-Nr."),
}
"""Types as people call them."""

LISTS = {
    "job_turbo_phases": lazy_gettext("Phasen des Job-Turbos"),
    "language_courses": lazy_gettext("Sprachkurse"),
    "language_levels": lazy_gettext("Sprachniveaus"),
    "measures": lazy_gettext("Maßnahmen"),
    "roles": lazy_gettext("Rollen"),
    "statuses": lazy_gettext("Status"),
}
"""Ready-made lists of choices."""

OWNERS = {
    "project": lazy_gettext("Projekt"),
    "jobcentre": lazy_gettext("Jobcenter"),
    "both": lazy_gettext("Beide"),
    "service": lazy_gettext("Abgleich (nur lesen)"),
}

LEVELS = {
    1: lazy_gettext("Stufe 1: TN-Nr., Kontakte, Termine"),
    2: lazy_gettext("Stufe 2: dazu Kurs, Maßnahme, Status"),
    3: lazy_gettext("Stufe 3: dazu Name, Kundennummer und was sonst persönlich ist"),
}
"""The privacy levels; fields are grouped by them."""

_IN_WORDS = {
    "header": lazy_gettext("Bitte die Überschrift eintragen, wie sie in der Tabelle steht, z. B. „Eintritt“."),
    "name": lazy_gettext("Nur Kleinbuchstaben, Ziffern und _, z. B. wochentag."),
    "owner": lazy_gettext("Diese Seite passt nicht zu diesem Feld."),
    "type": lazy_gettext("Diese Art passt nicht zu diesem Feld."),
    "choices": lazy_gettext("Bitte eintragen, was zur Auswahl steht, z. B. „vormittags“ und „nachmittags“."),
    "max_length": lazy_gettext("Bitte eine ganze Zahl ab 1 eintragen, z. B. 200."),
    "key": lazy_gettext("Nur Kleinbuchstaben, Ziffern, - und _, z. B. liste-sued."),
    "title": lazy_gettext("Bitte einen Namen eintragen, z. B. Teilnehmerinnenliste."),
    "missing_rows": lazy_gettext("Bitte einen Anteil über 0 bis 100 eintragen, z. B. 10."),
    "changed_column": lazy_gettext("Bitte einen Anteil über 0 bis 100 eintragen, z. B. 30."),
    "missing_rows_minimum": lazy_gettext("Bitte eine ganze Zahl ab 1 eintragen, z. B. 5."),
    "changed_column_minimum": lazy_gettext("Bitte eine ganze Zahl ab 1 eintragen, z. B. 10."),
    "full_read_every": lazy_gettext("Bitte eine Dauer eintragen, z. B. 30 min."),
}
"""What is expected, by the part of the form: what the schema says is meant for whoever writes a file."""

_GUARDS = ("missing_rows", "missing_rows_minimum", "changed_column", "changed_column_minimum")
_SHARES = ("missing_rows", "changed_column")
_LINE = re.compile(r"c([0-9]{1,4})-header")
_CHOICE = re.compile(r"choice([0-9]{1,4})-label")

Form = Mapping[str, str]
Problems = dict[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the form as it is drawn: ``parts`` by name, ``choices`` as (key, label) with blank ones to fill.

    ``sample`` is the column of the table it stands for, None where the table has none. ``name`` begins the names of
    the line's inputs. ``known`` is what goes without saying for its field.
    """

    name: str
    parts: Form
    choices: tuple[tuple[str, str], ...]
    sample: SampleColumn | None
    problems: Problems

    @property
    def field(self) -> str:
        """The field's whole name, ``""`` for a column that is not synced."""
        return _field(self.parts)

    @property
    def known(self) -> Any:
        """What goes without saying for the field; None for one of the table's own, or none at all."""
        return KNOWN.get(self.field)

    @property
    def owner(self) -> str:
        return self.parts.get("owner") or (str(self.known.owner) if self.known else "both")

    @property
    def owners(self) -> list[str]:
        """Who may own it."""
        if self.field in OWN_FIELDS:
            return ["service"]
        return ["project", "jobcentre", "both", *(["service"] if self.field in FOLLOWERS else [])]

    @property
    def type(self) -> str:
        return self.parts.get("type") or (self.known.type if self.known else "text")

    @property
    def fixed(self) -> bool:
        """Whether its type cannot be another."""
        return self.field in STAFF or self.field in OWN_FIELDS


def fields_of(body: Mapping[str, Any], columns: Sequence[SampleColumn] = ()) -> dict[str, str]:
    """The form that shows a mapping (plain data as ``core/schema.mapping_to`` gives it; it need not be complete).

    ``columns`` of a table that the mapping does not read follow as lines without a field; a blank line ends the form.
    ``body_from(fields_of(body))`` is the same body.
    """
    form = {"key": str(body.get("key", "")), "title": str(body.get("title", ""))}
    form["privacy_level"] = str(body.get("privacy_level", 1))
    form["new_rows"] = str(body.get("new_rows", "accept"))
    form["full_read_every"] = _span(int(body.get("full_read_every", TableMapping("", "", ()).full_read_every)))
    if body.get("matching"):
        form["matching"] = "yes"
    guards = body.get("guards", {})
    for name in _GUARDS:
        value = guards.get(name, getattr(Guards(), name))
        form[name] = _percent(value) if name in _SHARES else str(value)
    lines = [_line_of(column) for column in body.get("columns", ())]
    read = {
        fold_header(name)
        for column in body.get("columns", ())
        for name in (column["header"], *column.get("aliases", ()))
    }
    lines += [{"header": c.header} for c in columns if c.field is None and fold_header(c.header) not in read]
    for number, parts in enumerate([*lines, {"header": "", "new": "yes"}]):
        form |= {f"c{number}-{part}": text for part, text in {**parts, "place": str(number + 1)}.items()}
    return form


def body_from(form: Form) -> tuple[dict[str, Any], Problems]:
    """The mapping that a form describes, as plain data of a mapping file, and what is wrong with it in words.

    Problems go by the name of the input they belong to (``c3-header``; ``""``: the whole). With problems the body is
    what was typed, as far as it goes.
    """
    raw, names, problems = _raw(form)
    found = mapping_from(raw)
    if isinstance(found, TableMapping):
        return (raw if problems else mapping_to(found)), problems
    for problem in found:
        name, words = _in_words(problem, names, raw)
        problems.setdefault(name, words)
    return raw, problems


def readable(form: Form) -> TableMapping | None:
    """The mapping without the lines that have problems, to show the others by; None where too little is left."""
    raw, names, problems = _raw(form)
    found = mapping_from(raw)
    if not isinstance(found, TableMapping):
        problems |= {_in_words(problem, names, raw)[0]: "" for problem in found}
    bad = {name.partition("-")[0] for name in problems}
    columns = [column for name, column in zip(names, raw["columns"], strict=True) if name not in bad]
    usual = {"key": "vorschau", "title": "Vorschau", "privacy_level": raw["privacy_level"], "columns": columns}
    found = mapping_from(usual)
    return found if isinstance(found, TableMapping) else None


def drawn(form: Form, columns: Sequence[SampleColumn] = (), problems: Problems | None = None) -> dict[str, Any]:
    """What ``templates/mapping/_columns.html`` and ``_settings.html`` need."""
    return {
        "form": form,
        "lines": lines_of(form, columns, problems),
        "groups": options(staff=is_staff(form)),
        "problems": problems or {},
        "TYPES": LABELS,
        "LISTS": LISTS,
        "OWNERS": OWNERS,
        "LEVELS": LEVELS,
    }


def lines_of(form: Form, columns: Sequence[SampleColumn] = (), problems: Problems | None = None) -> list[Line]:
    """The lines of a form in their order, each with the table's column it stands for."""
    by_field = {column.field: column for column in columns if column.field}
    by_header = {fold_header(column.header): column for column in columns}
    lines = []
    for name, parts in _lines(form):
        sample = by_field.get(_field(parts)) or by_header.get(fold_header(parts.get("header", "")))
        mine = {at.partition("-")[2]: words for at, words in (problems or {}).items() if at.partition("-")[0] == name}
        lines.append(Line(name, parts, tuple(_choices_drawn(parts)), sample, mine))
    return lines


def options(*, staff: bool) -> dict[str, dict[str, str]]:
    """The fields to choose from, by the heading of their group."""
    if staff:
        own = {name: CATALOGUE[name].label for name in OWN_FIELDS}
        return {gettext("Ansprechpersonen"): {**own, **{name: known.label for name, known in STAFF.items()}}}
    groups = {
        str(title): {name: known.label for name, known in CATALOGUE.items() if known.level == level}
        for level, title in LEVELS.items()
    }
    return {**groups, gettext("Eigenes"): {OWN: gettext("Eigenes Feld dieser Tabelle")}}


def is_staff(form: Form) -> bool:
    """Whether the form is about a list of staff."""
    return any(_field(parts) in STAFF for _, parts in _lines(form))


# -- one line ----------------------------------------------------------------------------------------------------


def _line_of(column: Mapping[str, Any]) -> dict[str, str]:
    field = str(column["field"])
    own = field.startswith(CUSTOM)
    parts = {"header": str(column["header"]), "field": OWN if own else field, "was": field}
    if own:
        parts["name"] = field.removeprefix(CUSTOM)
    for name in ("type", "owner", "level", "max_length"):
        if name in column:
            parts[name] = str(column[name])
    for name in ("required", "tidy"):
        if column.get(name):
            parts[name] = "yes"
    if column.get("aliases"):
        parts["aliases"] = "\n".join(column["aliases"])
    choices = column.get("choices", ())
    if isinstance(choices, str):
        parts["vocabulary"] = choices
    else:
        for number, choice in enumerate(choices):
            parts |= {f"choice{number}-key": str(choice["key"]), f"choice{number}-label": str(choice["label"])}
    return parts


def _lines(form: Form) -> Iterator[tuple[str, dict[str, str]]]:
    """Name and parts of each line, in their order; where that is no number, in the form's."""
    numbers = sorted(int(found[1]) for name in form if (found := _LINE.fullmatch(name)))
    lines = [
        (f"c{number}", {name.partition("-")[2]: text for name, text in form.items() if name.startswith(f"c{number}-")})
        for number in numbers
    ]
    return iter(sorted(lines, key=lambda line: _place(line[1]) or len(lines) + 1))


def _place(parts: Form) -> float | None:
    text = parts.get("place", "").strip()
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) else None


def _field(parts: Form) -> str:
    field = parts.get("field", "")
    return f"{CUSTOM}{parts.get('name', '').strip()}" if field == OWN else field


def _raw(form: Form) -> tuple[dict[str, Any], list[str], Problems]:
    """The body as it was typed, the lines that its columns come from, and what cannot even be written down."""
    problems: Problems = {}
    raw: dict[str, Any] = {name: form.get(name, "").strip() for name in ("key", "title")}
    raw["privacy_level"] = _whole(form.get("privacy_level", ""))
    raw["new_rows"] = form.get("new_rows") or "accept"
    raw["full_read_every"] = form.get("full_read_every", "").strip()
    raw["matching"] = bool(form.get("matching"))
    raw["guards"] = {
        name: _share(form.get(name, "")) if name in _SHARES else _whole(form.get(name, "")) for name in _GUARDS
    }
    names, columns = [], []
    taken = {_field(parts) for _, parts in _lines(form)}
    for name, parts in _lines(form):
        if not parts.get("field"):
            continue
        column = _column(parts, taken)
        taken.add(column["field"])
        names.append(name)
        columns.append(column)
        if _place(parts) is None and parts.get("place"):
            problems[f"{name}-place"] = gettext("Bitte eine ganze Zahl ab 1 eintragen, z. B. 3.")
        if column.get("choices") and parts.get("vocabulary") and isinstance(column["choices"], list):
            problems[f"{name}-choices"] = gettext(
                "Bitte entweder eine fertige Liste wählen oder eine eigene eintragen."
            )
    raw["columns"] = columns
    return raw, names, problems


def _column(parts: Form, taken: set[str]) -> dict[str, Any]:
    header, field = " ".join(parts.get("header", "").split()), _field(parts)
    if field == CUSTOM:  # a new field of the table's own: it is called like its column
        field = own_field(header, taken)
    known, was = KNOWN.get(field), parts.get("was", "")
    other = bool(was) and was != field and not (was.startswith(CUSTOM) and field.startswith(CUSTOM))
    column: dict[str, Any] = {"header": header, "field": field}
    aliases = [" ".join(line.split()) for line in parts.get("aliases", "").splitlines()]
    if aliases := [alias for alias in aliases if alias]:
        column["aliases"] = aliases
    column["owner"] = _owner(field, parts.get("owner", ""), was if other else "")
    # What was said about the former field does not fit the one that was chosen instead.
    said = {} if other else parts
    kind = said.get("type") or (known.type if known else "text")
    if field not in STAFF and field not in OWN_FIELDS:
        column["type"] = kind
    if said.get("level"):
        column["level"] = _whole(said["level"])
    if parts.get("required"):
        column["required"] = True
    if kind == "choice":
        if choices := _choices(said):
            column["choices"] = choices
        elif vocabulary := said.get("vocabulary"):
            column["choices"] = vocabulary
    if kind == "text" and said.get("max_length", "").strip():
        column["max_length"] = _whole(said["max_length"])
    if parts.get("tidy"):
        column["tidy"] = True
    return column


def _owner(field: str, said: str, former: str) -> str:
    """Whose the column is: as said, unless that was only what is usual for another field chosen before."""
    known = KNOWN.get(field)
    usual = str(known.owner) if known else str(Side.BOTH)
    if field in OWN_FIELDS:
        return str(Side.SERVICE)
    before = KNOWN.get(former)
    if former and said == (str(before.owner) if before else str(Side.BOTH)):
        return usual
    return said or usual


def _choices(parts: Form) -> list[dict[str, str]]:
    """The choices that were typed. A new one gets a key made of its label; a renamed one keeps its own."""
    found: list[dict[str, str]] = []
    typed = [
        (parts.get(f"choice{number}-key", ""), parts[f"choice{number}-label"].strip()) for number in _numbers(parts)
    ]
    keys = {key for key, label in typed if label}
    for key, label in typed:
        if label:
            key = key or _free(label, keys)
            keys.add(key)
            found.append({"key": key, "label": label})
    return found


def _choices_drawn(parts: Form) -> Iterator[tuple[str, str]]:
    for number in _numbers(parts):
        if label := parts[f"choice{number}-label"]:
            yield parts.get(f"choice{number}-key", ""), label
    yield from [("", "")] * BLANK_CHOICES


def _numbers(parts: Form) -> list[int]:
    return sorted(int(found[1]) for name in parts if (found := _CHOICE.fullmatch(name)))


def _free(label: str, taken: set[str]) -> str:
    word = fold_header(label) or "auswahl"
    return next(key for key in (word, *(f"{word}_{number}" for number in range(2, len(taken) + 3))) if key not in taken)


# -- numbers and words -------------------------------------------------------------------------------------------


def _whole(text: str) -> int | str:
    """The number typed, or the text, which the schema then refuses."""
    text = text.strip()
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else text


def _share(text: str) -> float | str:
    """A share from a percentage, exactly."""
    try:
        share = Decimal(text.strip().rstrip("%").strip().replace(",", ".")) / 100
    except InvalidOperation:
        return text
    return float(share) if share.is_finite() else text


def _percent(share: float) -> str:
    text = f"{Decimal(repr(share)) * 100:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


def _span(seconds: int) -> str:
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds % length == 0:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _in_words(problem: Problem, names: Sequence[str], raw: Mapping[str, Any]) -> tuple[str, str]:
    """The input a problem of the schema belongs to, and what it means in words."""
    words: str
    match problem.path:
        case ("columns", int(index), str(part), *_):
            return f"{names[index]}-{part}", _about_column(part, problem.message, raw["columns"][index])
        case ("columns", *_) if any(column["field"] in STAFF for column in raw["columns"]):
            words = gettext("Eine Liste von Ansprechpersonen hat nur Felder für Ansprechpersonen.")
        case ("columns", *_):
            words = gettext(
                "Es fehlt die Spalte mit der TN-Nr.: Ohne sie weiß niemand, wessen Zeile es ist. "
                "Bitte bei einer Spalte das Feld „TN-Nr.“ wählen."
            )
        case ("guards", str(part), *_) | (str(part), *_) if part in _IN_WORDS:
            return part, str(_IN_WORDS[part])
        case _:
            words = problem.message
    return "", words


def _about_column(part: str, message: str, column: Mapping[str, Any]) -> str:
    words = str(_IN_WORDS.get(part, message))
    known = KNOWN.get(column["field"])
    if part == "header" and column["header"]:
        words = gettext("Diese Überschrift steht schon bei einer anderen Spalte.")
    elif part == "field" and known is not None:
        words = gettext("Das Feld „%(field)s“ hat schon eine Spalte.", field=known.label)
    elif part == "field":
        doubled = "schon eine Spalte" in message
        words = gettext("Dieses eigene Feld hat schon eine Spalte.") if doubled else str(_IN_WORDS["name"])
    elif part == "level":
        words = gettext("Für dieses Feld ist mindestens Stufe %(level)s nötig.", level=known.level if known else 1)
    elif part == "choices" and column.get("choices"):
        words = gettext("Eine Auswahl steht zweimal da.")
    return words
