"""Every route asked by everybody: who is let in, and whose data stands in the answer.

A new route needs a line in ``EXPECTED``, or the test fails. The objects asked for are the first project's
(``bsp``) at its first job centre; each line says what becomes of everybody, in the order of ``PEOPLE``:

    +   let in           3   403, not allowed        4   404, not there for her
    >   to the login     1   401, asked for a token
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from syncsvc.core.access import Role
from syncsvc.core.model import Cell
from syncsvc.providers.memory import MemoryBook
from syncsvc.providers.registry import Registry
from syncsvc.services.contacts import handover
from syncsvc.services.programme import apply_files
from syncsvc.services.runtime import Runtime
from syncsvc.services.sync import sync_table
from syncsvc.store import admission, coaching, models
from syncsvc.store import users as user_store
from syncsvc.store.coaching import NewFlag
from syncsvc.store.database import Database
from syncsvc.web import create_app
from tests.example import Example, make_example
from tests.factories import make_vault
from tests.web.rightstable import DOCUMENT, document, make_app

PEOPLE: dict[str, dict[str, str]] = {
    "programme": {"role": "programme"},
    "project": {"role": "project", "project": "bsp"},
    "other project": {"role": "project", "project": "zwei"},
    "job centre": {"role": "jobcentre", "jobcentre": "jc-beispielstadt"},
    "other job centre": {"role": "jobcentre", "jobcentre": "jc-fern"},
    "auditor": {"role": "auditor"},
    "nobody": {},
    "stranger": {},
}

BOTH = {
    "both": ("other project", "job centre"),
    "project and auditor": ("other project", "auditor"),
    "job centre and auditor": ("job centre", "auditor"),
}
"""People with two roles, who see what each of them shows, and no more."""

OPEN, MACHINE, SWITCHED_OFF = "++++++++", "11111111", "33333333"
STRUCTURE, CELLS, RECORDS = "++++++3>", "+++++33>", "+++3333>"
AUDIT, ADMINISTER = "+3333+3>", "+333333>"
TABLE, ITS_CELLS, HERS = "++4+4+3>", "++4+433>", "++43333>"
"""Lists, which show each what is hers; what concerns the whole service; and what is asked of the first project's."""

EXPECTED: dict[str, str] = {
    "GET health.live": OPEN,
    "POST account.confirm": STRUCTURE,
    "GET account.notice": STRUCTURE,
    "POST account.set_password": STRUCTURE,
    "GET account.show": STRUCTURE,
    "POST api.add_record": MACHINE,
    "POST api.answer_question": MACHINE,
    "GET api.document": OPEN,
    "GET api.get_history": MACHINE,
    "GET api.get_question": MACHINE,
    "GET api.get_record": MACHINE,
    "GET api.get_run": MACHINE,
    "GET api.get_table": MACHINE,
    "GET api.list_fields": MACHINE,
    "GET api.list_questions": MACHINE,
    "GET api.list_records": MACHINE,
    "GET api.list_runs": MACHINE,
    "GET api.list_tables": MACHINE,
    "PATCH api.patch_record": MACHINE,
    "POST api.patch_records": MACHINE,
    "POST api.request_sync": MACHINE,
    "GET audit.show": AUDIT,
    "POST coaching.decide": RECORDS,
    "GET coaching.one": RECORDS,
    "GET coaching.show": RECORDS,
    "GET connect.access": "4443333>",
    "POST connect.add_office": "4333333>",
    "POST connect.begin": RECORDS,
    "POST connect.change_columns": "4443333>",
    "POST connect.change_timing": "4443333>",
    "POST connect.choose": "4443333>",
    "POST connect.choose_header": "4443333>",
    "POST connect.choose_mapping": "4443333>",
    "GET connect.columns": "4443333>",
    "GET connect.download": "4443333>",
    "POST connect.drop": RECORDS,
    "GET connect.dry_run": "4443333>",
    "GET connect.header": "4443333>",
    "POST connect.look": "4443333>",
    "GET connect.mapping": "4443333>",
    "POST connect.move": "4443333>",
    "GET connect.place": "4443333>",
    "POST connect.read_again": "4443333>",
    "GET connect.start": RECORDS,
    "POST connect.switch_on": "4443333>",
    "GET connect.tab": "4443333>",
    "POST connect.take_in": RECORDS,
    "GET connect.timing": "4443333>",
    "POST contacts.absent": HERS,
    "GET contacts.add": RECORDS,
    "POST contacts.add": HERS,
    "POST contacts.confirm": HERS,
    "GET contacts.edit": HERS,
    "POST contacts.edit": HERS,
    "POST contacts.hand_over": HERS,
    "POST contacts.left": HERS,
    "GET contacts.person": HERS,
    "GET contacts.show": RECORDS,
    "POST contacts.show": RECORDS,
    "POST contacts.subscribe": HERS,
    "POST contacts.take_back": HERS,
    "GET contacts.vacant": RECORDS,
    "GET diagnostics.download": ADMINISTER,
    "GET diagnostics.show": ADMINISTER,
    "GET health.ready": OPEN,
    "POST languages.switch": STRUCTURE,
    "GET login.ask": OPEN,
    "GET login.back": SWITCHED_OFF,
    "POST login.enter": SWITCHED_OFF,
    "GET login.hint": OPEN,
    "POST login.leave": ">>>>>>>>",
    "POST login.redeem": SWITCHED_OFF,
    "POST login.start": SWITCHED_OFF,
    "POST mappingedit.begin": "4443333>",
    "POST mappingedit.change": "4443333>",
    "GET mappingedit.detail": "4443333>",
    "POST mappingedit.discard": "4443333>",
    "GET mappingedit.edit": "4443333>",
    "GET mappingedit.effect": "4443333>",
    "POST mappingedit.look": "4443333>",
    "GET mappingedit.meanwhile": "4443333>",
    "POST mappingedit.merge": "4443333>",
    "POST mappingedit.save": "4443333>",
    "GET mappings.compare": STRUCTURE,
    "GET mappings.export": STRUCTURE,
    "GET mappings.one": STRUCTURE,
    "GET mappings.show": STRUCTURE,
    "GET metrics.show": OPEN,
    "POST monthly.confirm": HERS,
    "GET monthly.project": HERS,
    "GET monthly.show": RECORDS,
    "GET monthly.table": HERS,
    "POST overview.pause": ADMINISTER,
    "POST overview.read": RECORDS,
    "POST overview.resume": ADMINISTER,
    "GET overview.show": STRUCTURE,
    "POST participants.change": HERS,
    "GET participants.one": ITS_CELLS,
    "POST participants.search": CELLS,
    "GET participants.show": CELLS,
    "POST questions.answer": HERS,
    "POST questions.answer_together": RECORDS,
    "GET questions.one": ITS_CELLS,
    "GET questions.show": STRUCTURE,
    "POST questions.take_back": HERS,
    "GET runs.preview_undo": HERS,
    "GET runs.show": TABLE,
    "POST runs.undo": HERS,
    "POST tables.pause": HERS,
    "GET tables.preview": ITS_CELLS,
    "GET tables.progress": TABLE,
    "POST tables.release": HERS,
    "POST tables.request_sync": HERS,
    "POST tables.resume": HERS,
    "POST tables.run": HERS,
    "GET tables.show": TABLE,
    "POST tablesettings.change": HERS,
    "GET tablesettings.edit": HERS,
    "GET tablesettings.place": HERS,
    "POST tablesettings.look": HERS,
    "POST tablesettings.move": HERS,
    "POST tokens.add": HERS,
    "POST tokens.revoke": HERS,
    "GET tokens.show": RECORDS,
    "POST users.end_sessions": ADMINISTER,
    "POST users.grant": ADMINISTER,
    "GET users.invite": ADMINISTER,
    "POST users.invite": ADMINISTER,
    "POST users.link": ADMINISTER,
    "POST users.lock": ADMINISTER,
    "GET users.person": ADMINISTER,
    "POST users.revoke": ADMINISTER,
    "GET users.show": ADMINISTER,
    "POST users.unlock": ADMINISTER,
}

FIRST, SECOND, FAR = "bsp-beispielstadt", "bsp-musterkreis", "zwei-fern"
SCENE = """
organisations:
  - {key: traeger, kind: provider, name: Beispielträger}
  - {key: jc-beispielstadt, kind: jobcentre, name: Jobcenter Beispielstadt}
  - {key: jc-musterkreis, kind: jobcentre, name: Jobcenter Musterkreis}
  - {key: jc-fern, kind: jobcentre, name: Jobcenter Fern}
projects:
  - {key: bsp, prefix: BSP, name: Beispielprojekt, organisation: traeger}
  - {key: zwei, prefix: ZWE, name: Zweites Projekt}
contacts:
  - {key: c-first, organisation: jc-beispielstadt, family: Firstner, given: Anna, phone: 030 23125-101}
  - {key: c-next, organisation: jc-beispielstadt, family: Nextner, given: Eva, phone: 030 23125-102}
  - {key: c-second, organisation: jc-musterkreis, family: Secondner, given: Ina, phone: 030 23125-103}
  - {key: c-far, organisation: jc-fern, family: Farner, given: Ute, phone: 030 23125-104}
tables:
  - {key: zwei-fern, project: zwei, jobcentre: jc-fern, mapping: standard, location: {provider: memory, name: fern}}
"""
MAPPING = """
key: standard
title: Teilnehmerinnenliste
privacy_level: 3
columns:
  - {header: TN-Nr., field: participant_ref, owner: service}
  - {header: Name, field: participant_name, owner: project, required: true}
  - {header: Ansprechperson JC, field: contact_jc, owner: jobcentre}
  - {header: Eintritt, field: entry_date, owner: project}
  - {header: Notiz, field: custom.note, type: text, owner: both}
  - {header: Hinweis, field: service_note, owner: service}
"""
HEADER = ["TN-Nr.", "Name", "Ansprechperson JC", "Eintritt", "Notiz", "Hinweis"]
BOOKS = {"beispielstadt": (FIRST, "First"), "musterkreis": (SECOND, "Second"), "fern": (FAR, "Far")}
REFS = {"First": "BSP-0001-9", "Second": "BSP-0002-7", "Far": "ZWE-0001-P"}
MAY_READ: dict[str, set[str]] = {
    "First": {"programme", "project", "job centre"},
    "Second": {"programme", "project"},
    "Far": {"programme", "other project", "other job centre"},
}
"""Whose data may stand in the answer to whom: names, notes, what was typed, references, contacts' names."""
DIALS = {
    "23125-101": {"programme", "project"},
    "23125-103": {"programme", "project"},
    "23125-104": {"programme", "other project"},
}
"""Direct dials, which no table here shows, are for the projects' own people."""
CANARIES = {
    canary: readers
    for word, readers in MAY_READ.items()
    for canary in (f"{word}frau", f"{word}notiz", f"{word}bald", f"{word}ner", REFS[word])
} | DIALS
ASKED_FOR = {canary for canary in CANARIES if canary.startswith("First")} | {REFS["First"], "23125-101"}
"""What the objects hold that everybody asks for: whoever may read it does find it somewhere."""


@dataclass
class Scene:
    """A database that every walk begins with, and what its objects are called."""

    folder: Path
    example: Example
    arguments: dict[str, object]


@pytest.fixture(scope="module")
def scene(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Two projects, three job centres, a table with a woman each, an open question in each, a flag across projects."""
    folder = tmp_path_factory.mktemp("scene")
    shutil.copy(sqlite_template, folder / "syncsvc.db")
    database = Database(f"sqlite:///{folder / 'syncsvc.db'}", make_vault())
    example = make_example(database, folder)
    for name, text in (("columns", MAPPING), ("scene", SCENE)):
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    apply_files(example.runtime, [folder / "columns.yaml", folder / "scene.yaml"])
    for name, (key, word) in BOOKS.items():
        row: list[Cell] = [None, f"{word}frau, Eva", f"{word}ner", "01.09.2024", f"{word}notiz", None]
        example.books[name] = book = MemoryBook([list(HEADER), row])
        sync_table(example.runtime, key)
        assert book.get(2, 1) == REFS[word]
        book.set(2, 4, f"{word}bald")
        sync_table(example.runtime, key)
    for name, grants in {**PEOPLE, "frau-anders": {}}.items():
        let_in(example, name, grants)
    for name, roles in BOTH.items():
        let_in(example, name, *(PEOPLE[role] for role in roles))
    handed = handover.hand_over(example.runtime, "c-first", "c-next", actor="test")
    back = handover.hand_over(example.runtime, "c-next", "c-first", actor="test")
    assert handed.rows
    with database.write() as session:
        ids = {project.key: project.id for project in session.scalars(sa.select(models.Project))}
        side = {"measure": "no", "from": "2026-01-01", "to": None}
        document = {
            "subject": "x",
            "fingerprint": "x",
            "first": "2026-01-01",
            "last": None,
            "reasons": [],
            "doubts": [],
            "sides": [side, side],
        }
        new = NewFlag(
            refs=(REFS["First"], REFS["Far"]), projects=(ids["bsp"], ids["zwei"]), grade="certain", weight="hard",
            document=document,
        )  # fmt: skip
        [flag] = coaching.add(session, [new], state="open", now=example.clock.now())
        question = session.scalar(sa.select(models.Question.id).where(models.Question.ref == REFS["First"]))
        token = admission.ApiToken(
            project_id=ids["bsp"], name="Software", digest=b"x", scopes=[], created_at=example.clock.now(),
            created_by="test",
        )  # fmt: skip
        session.add(token)
        session.flush()
        run = session.scalar(sa.select(sa.func.max(models.Run.id)).where(models.Run.table_id == 1))
        session.execute(sa.update(admission.User).values(confidential_at=example.clock.now()))
    database.dispose()  # so that all of it stands in the file that is copied
    yield Scene(
        folder,
        example,
        {
            "key": FIRST, "ref": REFS["First"], "run_id": run, "question_id": question, "flag_id": flag.id,
            "contacts.key": "c-first", "contacts.id_": back.id, "monthly.project.key": "bsp", "secret": "x",
            "mappings.key": "standard", "tokens.token_id": token.id, "name": "frau-anders", "filename": "app.css",
        },
    )  # fmt: skip
    database.dispose()


def let_in(example: Example, name: str, *grants: dict[str, str]) -> None:
    with example.runtime.database.write() as session:
        user = user_store.add(session, name, now=example.clock.now())
        for grant in grants:
            of = session.scalar(sa.select(models.Project.id).where(models.Project.key == grant.get("project")))
            at = session.scalar(
                sa.select(models.Organisation.id).where(models.Organisation.key == grant.get("jobcentre"))
            )
            if "role" in grant:
                user_store.grant(session, user.id, Role(grant["role"]), project_id=of, organisation_id=at)


FORMS: dict[str, dict[str, str]] = {
    "tokens.add": {"project": "bsp"},
    "participants.search": {"suche": "frau"},
    "contacts.show": {"search": "ner"},
    "contacts.add": {"organisation": "jc-beispielstadt"},
    "contacts.hand_over": {"to": "c-next"},
}
"""What is typed into forms that name their object, or that look for somebody."""


def questions_asked(app: Flask) -> list[tuple[str, Rule]]:
    """Every route with every method, those that only read first."""
    found = [
        (method, rule) for rule in app.url_map.iter_rules() for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]
    return sorted(found, key=lambda one: (one[0] != "GET", one[1].endpoint, one[1].rule))


def address(rule: Rule, arguments: dict[str, object]) -> str:
    family = rule.endpoint.partition(".")[0]
    values = {}
    for name in rule.arguments:
        places = (f"{rule.endpoint}.{name}", f"{family}.{name}", name)
        values[name] = next((arguments[place] for place in places if place in arguments), "1")
    built = rule.build(values)
    assert built is not None, rule
    return built[1]


def outcome(response: TestResponse) -> str:
    if response.status_code in (301, 302, 303) and response.location.startswith("/anmelden"):
        return ">"
    return {401: "1", 403: "3", 404: "4", 500: "5", 503: "5"}.get(response.status_code, "+")


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_is_let_in_where_she_may_and_sees_what_she_may(scene: Scene, tmp_path: Path, who: str) -> None:
    """Reading first, then every form, empty: what is refused is refused before anything is read from it."""
    shutil.copy(scene.folder / "syncsvc.db", tmp_path / "syncsvc.db")
    database = Database(f"sqlite:///{tmp_path / 'syncsvc.db'}", make_vault())
    original, wrong, shown = scene.example.runtime, [], ""
    app = create_app(_with(original, database), secret_key="not secret")
    app.testing = True
    app.config["WTF_CSRF_ENABLED"] = False
    at = list(PEOPLE).index(who)
    client = app.test_client()
    try:
        for method, rule in questions_asked(app):
            name = f"{method} {rule.endpoint}"
            if who != "stranger":
                come_in(client, database, who, scene)
            response = client.open(address(rule, scene.arguments), method=method, data=FORMS.get(rule.endpoint))
            found = outcome(response)
            if name not in EXPECTED:
                wrong.append(f"{name}: no line; {who} gets {found}")
            elif EXPECTED[name][at] != found:
                wrong.append(f"{name}: {who} gets {found} ({response.status_code}), not {EXPECTED[name][at]}")
            known = (
                address(rule, scene.arguments) if found in "34" else ""
            )  # what she asked for herself may be repeated
            wrong += [f"{name} shows {who} {what}" for what in told(response, who) if what not in known]
            text = response.get_data(as_text=True)
            shown += text if found == "+" else ""
            if response.status_code == 200:
                wrong += [
                    f"{name}: not noted that {who} saw {ref}" for ref in unnoted(database, rule.endpoint, text, who)
                ]
            client.delete_cookie("syncsvc")
    finally:
        database.dispose()
    assert not wrong, "\n".join(wrong)
    assert {canary for canary in ASKED_FOR if who in CANARIES[canary]} == {one for one in ASKED_FOR if one in shown}


def unnoted(database: Database, page: str, text: str, who: str) -> list[str]:
    """The participants in this answer whom the access log does not name for it."""
    here = (admission.Reading.page == page, admission.Reading.actor == who)
    with database.read() as session:
        noted = set(session.scalars(sa.select(admission.Reading.ref).where(*here)))
    return [ref for ref in REFS.values() if ref in text and ref not in noted]


def told(response: TestResponse, *roles: str) -> list[str]:
    """What stands in this answer and is not for somebody in these roles."""
    text = response.get_data(as_text=True)
    return [canary for canary, readers in CANARIES.items() if canary in text and readers.isdisjoint(roles)]


@pytest.mark.parametrize("who", BOTH)
def test_two_roles_show_no_more_than_each_of_them(scene: Scene, tmp_path: Path, who: str) -> None:
    """A right that one role gives counts for whom that role reaches, not for whom the other one does."""
    shutil.copy(scene.folder / "syncsvc.db", tmp_path / "syncsvc.db")
    database = Database(f"sqlite:///{tmp_path / 'syncsvc.db'}", make_vault())
    app = create_app(_with(scene.example.runtime, database), secret_key="not secret")
    app.testing = True
    app.config["WTF_CSRF_ENABLED"] = False
    client, wrong = app.test_client(), []
    try:
        for method, rule in questions_asked(app):
            come_in(client, database, who, scene)
            place = address(rule, scene.arguments)
            response = client.open(place, method=method, data=FORMS.get(rule.endpoint))
            known = place if outcome(response) in "34" else ""
            wrong += [f"{method} {rule.endpoint}: {what}" for what in told(response, *BOTH[who]) if what not in known]
            client.delete_cookie("syncsvc")
    finally:
        database.dispose()
    assert not wrong, "\n".join(wrong)


def come_in(client: FlaskClient, database: Database, name: str, scene: Scene) -> None:
    """A session that began just now: some of the forms end all those there are."""
    with database.read() as session:
        user = user_store.get(session, name)
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie["user"], cookie["epoch"] = user.id, user.session_epoch
        cookie["since"] = scene.example.clock.now().timestamp()


def _with(runtime: Runtime, database: Database) -> Runtime:
    """The runtime over a copy of the database and of the tables."""
    assert isinstance(runtime.tables, Registry)
    providers = copy.copy(runtime.tables)
    providers.books = copy.deepcopy(runtime.tables.books)
    return replace(runtime, database=database, tables=providers)


def test_the_table_names_no_route_that_is_gone(scene: Scene) -> None:
    app = create_app(scene.example.runtime, secret_key="not secret")

    assert EXPECTED.keys() - {f"{method} {rule.endpoint}" for method, rule in questions_asked(app)} == set()


def test_the_document_for_data_protection_officers_is_current() -> None:
    """``python -m tests.web.rightstable`` writes it anew."""
    assert DOCUMENT.read_text("utf-8") == document(make_app())
