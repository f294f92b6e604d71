"""What is noted of administrative changes, for whom it is to be seen, and in which words."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from syncsvc.core.access import Reach
from syncsvc.errors import NotFound
from syncsvc.services import audit, schedules, users
from syncsvc.services.audit import PAGE, Wanted
from syncsvc.services.contacts import directory
from syncsvc.services.programme import apply_files
from syncsvc.services.tables import release_table
from syncsvc.store import audit as stored
from syncsvc.store import projects
from syncsvc.store.database import Database
from syncsvc.web.admission import ACTIONS
from tests.example import PROGRAMME, Example, hold, make_example

WHOLE = Reach(whole=True)


@pytest.fixture
def example(database: Database, tmp_path: Path) -> Example:
    return make_example(database, tmp_path)


def said(example: Example, **wanted: object) -> list[tuple[str, str, str]]:
    entries, _ = audit.list_entries(example.runtime, WHOLE, Wanted(**wanted))  # type: ignore[arg-type]  # each case names its own filter
    return [(one.actor, one.action, one.target) for one in entries]


def test_applying_notes_each_object_that_changed_and_nothing_the_second_time(example: Example, tmp_path: Path) -> None:
    first = {(action, target) for _, action, target in said(example)}
    assert first == {
        ("mapping.added", "standard"),
        ("organisation.added", "jc-beispielstadt"),
        ("organisation.added", "jc-musterkreis"),
        ("project.added", "bsp"),
        ("table.added", "bsp-beispielstadt"),
        ("table.added", "bsp-musterkreis"),
    }
    apply_files(example.runtime, [tmp_path / "mapping.yaml", tmp_path / "programme.yaml"], actor="frau-berger")
    assert len(said(example)) == 6

    (tmp_path / "other.yaml").write_text(PROGRAMME.replace("Beispielprojekt", "Anderer Name"), "utf-8")
    apply_files(example.runtime, [tmp_path / "other.yaml"], actor="frau-berger", dry_run=True)
    assert len(said(example)) == 6, "a dry run changes nothing"
    apply_files(example.runtime, [tmp_path / "other.yaml"], actor="frau-berger")

    entries, _ = audit.list_entries(example.runtime, WHOLE, Wanted())
    newest = entries[0]
    assert (newest.actor, newest.action, newest.target) == ("frau-berger", "project.changed", "bsp")
    assert newest.details == {"settings": "name"}


def test_pausing_releasing_and_the_directory_are_noted_with_who_did_it(example: Example) -> None:
    schedules.pause(example.runtime, "bsp-musterkreis", actor="frau-berger")
    hold(example)
    release_table(example.runtime, "bsp-beispielstadt", actor="frau-berger")
    details = {"organisation": "jc-beispielstadt", "family": "Müller", "given": "Anna"}
    made = directory.add_contact(example.runtime, details, actor="frau-berger", source="web")
    directory.set_details(example.runtime, made["key"], {"team": "512"}, actor="frau-berger", source="web")

    assert said(example)[:4] == [
        ("frau-berger", "contact.changed", "jc-beispielstadt"),
        ("frau-berger", "contact.added", "jc-beispielstadt"),
        ("frau-berger", "table.released", "bsp-beispielstadt"),
        ("frau-berger", "table.paused", "bsp-musterkreis"),
    ]
    entries, _ = audit.list_entries(example.runtime, WHOLE, Wanted())
    assert made["key"] not in str(entries), "a key can be a name, and auditors see nobody's"


def test_who_sees_one_project_sees_only_its_entries(example: Example) -> None:
    users.add_user(example.runtime, "Leitung")
    with example.runtime.database.read() as session:
        bsp = projects.get(session, "bsp").id

    entries, _ = audit.list_entries(example.runtime, Reach(projects=frozenset({bsp})), Wanted())

    assert {one.target for one in entries} == {"bsp", "bsp-beispielstadt", "bsp-musterkreis"}
    assert audit.list_entries(example.runtime, Reach(), Wanted()) == ([], False)
    with pytest.raises(NotFound):
        audit.list_entries(example.runtime, WHOLE, Wanted(project="gibt-es-nicht"))


def test_entries_are_found_by_kind_account_and_day(example: Example) -> None:
    lead = users.add_user(example.runtime, "Leitung")
    example.clock.pass_by(days=1)
    with example.runtime.database.write() as session:
        stored.note(session, "login.ok", "Leitung", actor="Leitung", now=example.clock.now())
    schedules.pause(example.runtime, "bsp-musterkreis", actor="Leitung")

    assert said(example, kind="anmeldungen") == [("Leitung", "login.ok", "Leitung")]
    assert ("Leitung", "login.ok", "Leitung") not in said(example, kind="aenderungen")
    assert [action for _, action, _ in said(example, user=lead.id)] == [
        "table.paused", "login.ok", "grant.given", "user.added",
    ]  # fmt: skip
    assert len(said(example, since=date(2026, 3, 3))) == 2
    assert len(said(example, until=date(2026, 3, 2))) == 8
    assert said(example, since=date(2026, 3, 3), until=date(2026, 3, 2)) == []


def test_many_entries_come_page_by_page_and_none_twice(example: Example) -> None:
    with example.runtime.database.write() as session:
        for number in range(2 * PAGE):
            stored.note(session, "login.ok", str(number), actor="x", now=example.clock.now())

    seen, before, pages = [], None, 0
    while True:
        entries, older = audit.list_entries(example.runtime, WHOLE, Wanted(before=before))
        seen += [one.id for one in entries]
        before, pages = entries[-1].id, pages + 1
        if not older:
            break

    assert pages == 3
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 2 * PAGE + 6


def test_whatever_is_noted_anywhere_has_words() -> None:
    """A new action needs a line in ``web/admission.py``."""
    sources = Path(audit.__file__).parents[1].rglob("*.py")
    noted = {
        action
        for path in sources
        for action in re.findall(r'note\(\s*(?:rt, )?session,\s*"([a-z]+\.[a-z_]+)"', path.read_text("utf-8"))
    }
    assert len(noted) > 15
    assert noted - set(ACTIONS) == set()
