"""Records page by page, unchanged ones for nothing, and what else can be read."""

from __future__ import annotations

import json
from pathlib import Path

import sqlalchemy as sa

from syncsvc.services import records, runs
from syncsvc.services.sync import sync_table
from tests.example import Example
from tests.web.api.conftest import Api, refs


def test_a_record_has_the_shape_of_the_command_and_its_state(api: Api, synced: Example) -> None:
    ref = refs(api)["Roth"]

    found = api("GET", f"/records/{ref}").json

    shown = records.show_record(synced.runtime, ref)
    assert {name: found[name] for name in shown if name != "history"} == {
        name: value for name, value in shown.items() if name != "history"
    }
    assert found["fields"]["participant_name"] == {"family": "Roth", "given": "Sabine"}
    assert found["tables"] == ["bsp-beispielstadt"]
    assert api("GET", f"/records/{ref}/history").json["items"] == json.loads(json.dumps(shown["history"]))


def test_pages_show_everyone_once_while_nothing_changes(api: Api) -> None:
    seen, cursor = [], ""
    while True:
        page = api("GET", f"/records?limit=1{cursor}").json
        seen += [item["ref"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert sorted(seen) == sorted(refs(api).values())
    assert len(seen) == 4


def test_whoever_changes_while_pages_are_turned_is_not_missed(api: Api, synced: Example) -> None:
    people = refs(api)
    first = api("GET", "/records?limit=2").json
    changed = first["items"][0]["ref"]
    records.set_values(synced.runtime, changed, {"custom.note": "kommt freitags"}, actor="frau-berger")

    rest = api("GET", f"/records?cursor={first['next']}").json

    assert {item["ref"] for item in (*first["items"], *rest["items"])} == set(people.values())
    assert rest["items"][-1]["fields"]["custom.note"] == "kommt freitags"
    later = api("GET", f"/records?cursor={rest['latest']}").json
    assert (later["items"], later["latest"]) == ([], rest["latest"])
    records.set_values(synced.runtime, people["Roth"], {"custom.note": "neu"}, actor="frau-berger")
    news = api("GET", f"/records?cursor={later['latest']}").json["items"]
    assert [item["ref"] for item in news] == [people["Roth"]]


def test_filters(api: Api, synced: Example) -> None:
    people = refs(api)
    synced.clock.pass_by(hours=1)
    records.set_values(synced.runtime, people["Roth"], {"custom.note": "neu"}, actor="frau-berger")
    since = synced.clock.now().isoformat().replace("+00:00", "Z")

    def found(query: str) -> set[str]:
        return {item["ref"] for item in api("GET", f"/records?{query}").json["items"]}

    assert found(f"changed_since={since}") == {people["Roth"]}
    assert found("table=bsp-musterkreis") == {people["Weiß"], people["Bauer"]}
    assert found("state=void") == set()
    assert found("state=active") == set(people.values())
    for query in ("limit=0", "limit=501", "limit=x", "changed_since=gestern", "changed_since=2026-03-02T08:00:00",
                  "cursor=1", "limit=1&limit=2", "farbe=blau", "state=tot", "table=%00"):  # fmt: skip
        assert (query, api("GET", f"/records?{query}").status_code) == (query, 400)


def test_an_unchanged_record_is_not_sent_again(api: Api, synced: Example) -> None:
    ref = refs(api)["Roth"]
    tag = api("GET", f"/records/{ref}").headers["ETag"]

    again = api("GET", f"/records/{ref}", If_None_Match=tag)
    assert (again.status_code, again.get_data()) == (304, b"")
    records.set_values(synced.runtime, ref, {"custom.note": "neu"}, actor="frau-berger")
    assert api("GET", f"/records/{ref}", If_None_Match=tag).status_code == 200


def test_a_page_of_many_costs_as_many_statements_as_a_page_of_one(api: Api, synced: Example) -> None:
    statements: list[str] = []
    engine = synced.runtime.database.engine
    refs(api)
    sa.event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    for path in ("/records", "/runs", "/tables", "/questions?state=all"):
        counts = []
        for limit in (1, 4):
            statements.clear()
            assert api("GET", f"{path}{'&' if '?' in path else '?'}limit={limit}").status_code in (200, 400)
            counts.append(len(statements))
        assert counts[0] == counts[1], path


def test_fields_say_what_may_be_set(api: Api) -> None:
    fields = {item["field"]: item for item in api("GET", "/fields").json["items"]}

    assert fields["participant_ref"]["writable"] is False
    assert (fields["entry_date"]["label"], fields["entry_date"]["type"]) == ("Eintritt", "date")
    assert fields["contact_jc"]["proposal"] is True
    assert (fields["custom.note"]["shown"], fields["weekly_hours"]["shown"]) == (True, False)
    assert {"key": "active", "text": "aktiv"} in fields["status"]["choices"]


def test_tables_and_runs(api: Api, synced: Example) -> None:
    tables = api("GET", "/tables").json["items"]
    assert [table["key"] for table in tables] == ["bsp-beispielstadt", "bsp-musterkreis"]
    assert api("GET", "/tables/bsp-musterkreis").json == tables[1]

    newest = api("GET", "/runs?limit=1").json
    assert newest["items"] == json.loads(json.dumps([runs.get_run(synced.runtime, 2).as_json()]))
    older = api("GET", f"/runs?limit=1&cursor={newest['next']}").json
    assert ([run["id"] for run in older["items"]], older["next"]) == ([1], None)
    assert api("GET", "/runs/1").json == older["items"][0]
    assert api("GET", "/runs?state=failed").json["items"] == []


def test_asking_for_a_sync(api: Api, synced: Example) -> None:
    asked = api("POST", "/tables/bsp-musterkreis/sync")

    assert asked.status_code == 202
    assert asked.headers["Location"] == "/api/v1/tables/bsp-musterkreis"
    assert api("GET", "/tables/bsp-musterkreis").json["requested_at"] == asked.json["requested_at"]
    sync_table(synced.runtime, "bsp-musterkreis")
    assert api("GET", "/tables/bsp-musterkreis").json["requested_at"] is None


def test_a_question_is_read_and_answered(api: Api, neighbour: Api, synced: Example, tmp_path: Path) -> None:
    ref = refs(api)["Demir"]
    book = synced.books["beispielstadt"]
    row = next(row for row in book.rows if row[0] == ref)
    tag = api("GET", f"/records/{ref}").headers["ETag"]
    assert api("PATCH", f"/records/{ref}", {"fields": {"custom.note": "vom Projekt"}}, If_Match=tag).status_code == 200
    row[3] = "vom Jobcenter"
    sync_table(synced.runtime, "bsp-beispielstadt")

    (question,) = api("GET", "/questions").json["items"]
    assert (question["kind"], question["ref"], question["sheet"]) == ("conflict", ref, "vom Jobcenter")
    path = f"/questions/{question['id']}"
    assert api("GET", path).json == question
    assert neighbour("GET", path).status_code == 404
    assert neighbour("POST", f"{path}/answer", {"choice": question["choices"][0]["key"]}).status_code == 404
    wrong = api("POST", f"{path}/answer", {"choice": "vielleicht"})
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "#/choice")
    assert "vielleicht" not in wrong.get_data(as_text=True)

    keep = next(choice["key"] for choice in question["choices"] if "vom Jobcenter" in choice["text"])
    answered = api("POST", f"{path}/answer", {"choice": keep})

    assert (answered.status_code, answered.json["state"]) == (200, "answered")
    assert api("GET", f"/records/{ref}").json["fields"]["custom.note"] == "vom Jobcenter"
    assert api("POST", f"{path}/answer", {"choice": keep}).status_code == 409
    assert api("GET", "/questions").json["items"] == []
