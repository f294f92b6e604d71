"""A write is an edit of the project's: read as its columns read, for the state it was made for, all or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncsvc.services import records, recordwrites
from syncsvc.services.programme import apply_files
from syncsvc.services.sync import sync_table
from syncsvc.store import records as store
from tests.example import MAPPING, Example
from tests.web.api.conftest import NAME, Api, refs

KEY = "6f1c2b9e-0000-4000-8000-000000000001"


@pytest.fixture
def demir(api: Api) -> str:
    return refs(api)["Demir"]


def tag(api: Api, ref: str) -> str:
    return api("GET", f"/records/{ref}").headers["ETag"]


def fields(api: Api, ref: str) -> dict[str, object]:
    found: dict[str, object] = api("GET", f"/records/{ref}").json["fields"]
    return found


def test_only_named_fields_change_and_null_empties(api: Api, demir: str) -> None:
    said = {"custom.note": "kommt freitags", "entry_date": None}

    written = api("PATCH", f"/records/{demir}", {"fields": said}, If_Match=tag(api, demir))

    assert written.status_code == 200
    assert {one["field"]: one["outcome"] for one in written.json["fields"]} == dict.fromkeys(said, "changed")
    after = fields(api, demir)
    assert after["custom.note"] == "kommt freitags"
    assert "entry_date" not in after
    assert after["participant_name"] == {"family": "Demir", "given": "Leyla"}
    assert written.headers["ETag"] == tag(api, demir)


def test_it_reaches_the_table_and_the_history_names_the_software(api: Api, demir: str, synced: Example) -> None:
    api("PATCH", f"/records/{demir}", {"fields": {"entry_date": "1.10.2024"}}, If_Match=tag(api, demir))
    sync_table(synced.runtime, "bsp-beispielstadt")

    row = next(row for row in synced.books["beispielstadt"].rows if row[0] == demir)
    assert str(row[2])[:10] in ("2024-10-01", "01.10.2024")
    last = [one for one in api("GET", f"/records/{demir}/history").json["items"] if one["side"] == "record"][-1]
    assert (last["source"], last["actor"], last["new"]) == ("api", "Fallakte (API)", "2024-10-01")


def test_what_was_read_can_be_written_back(api: Api, demir: str, synced: Example) -> None:
    """Values in normal form mean themselves, whatever a column would read in the same letters."""
    said = {
        "status": "active",
        "weekly_hours": 12.5,
        "participant_name": NAME,
        "measure_period": {"from": "2025-06-01", "to": "2025-11-30"},
        "consent": {"consent": "given", "date": "2025-03-12"},
        "status_report_month": "2025-08",
        "language_level": {"level": "B1", "evidence": "DTZ"},
        "travel_costs": "yes",
        "customer_no": "123A456789",
    }
    written = api("PATCH", f"/records/{demir}", {"fields": said}, If_Match=tag(api, demir))
    assert written.status_code == 200, written.get_data(as_text=True)

    after = fields(api, demir)
    assert {name: after[name] for name in said} == said
    again = api("PATCH", f"/records/{demir}", {"fields": after}, If_Match=tag(api, demir))
    assert {one["outcome"] for one in again.json["fields"]} == {"unchanged"}


def test_texts_are_read_as_somebody_would_type_them(api: Api, demir: str) -> None:
    said = {"entry_date": "1.9.24", "weekly_hours": "12,5 Std.", "participant_name": "Kowalenko, Olena"}

    api("PATCH", f"/records/{demir}", {"fields": said}, If_Match=tag(api, demir))

    after = fields(api, demir)
    assert (after["entry_date"], after["weekly_hours"], after["participant_name"]) == ("2024-09-01", 12.5, NAME)


def test_a_column_of_the_job_centre_gets_a_proposal(api: Api, demir: str, synced: Example, tmp_path: Path) -> None:
    column = "  - {header: Maßnahme bis, field: measure_to, owner: jobcentre}\n"
    (tmp_path / "mapping.yaml").write_text(MAPPING.replace("  - {header: Hinweis", column + "  - {header: Hinweis"))
    apply_files(synced.runtime, [tmp_path / "mapping.yaml"])

    written = api("PATCH", f"/records/{demir}", {"fields": {"measure_to": "2026-06-30"}}, If_Match=tag(api, demir))

    assert written.json["fields"] == [{"field": "measure_to", "outcome": "proposed"}]


def test_a_write_names_the_state_it_was_made_for(api: Api, demir: str, synced: Example) -> None:
    old = tag(api, demir)
    records.set_values(synced.runtime, demir, {"custom.note": "zuerst hier"}, actor="frau-berger")

    for header, status in (({}, 428), ({"If_Match": "*"}, 400), ({"If_Match": "1"}, 400), ({"If_Match": old}, 412)):
        refused = api("PATCH", f"/records/{demir}", {"fields": {"custom.note": "darüber"}}, **header)
        assert (header, refused.status_code) == (header, status)
    assert refused.headers["ETag"] == tag(api, demir)
    assert fields(api, demir)["custom.note"] == "zuerst hier"
    assert api("PATCH", f"/records/{demir}", {"fields": {"custom.note": "jetzt"}}, If_Match=tag(api, demir)).json


def test_all_mistakes_are_named_and_nothing_is_written(api: Api, demir: str) -> None:
    said = {"custom.note": "gut", "entry_date": "31.02.2025", "birth_dat": "1.1.1990", "participant_ref": "BSP-0001-9"}

    refused = api("PATCH", f"/records/{demir}", {"fields": said}, If_Match=tag(api, demir))

    assert refused.status_code == 422
    assert {(one["pointer"], one["code"]) for one in refused.json["errors"]} == {
        ("#/fields/entry_date", "date_does_not_exist"),
        ("#/fields/birth_dat", "unknown_field"),
        ("#/fields/participant_ref", "own_field"),
    }
    assert "31.02" not in refused.get_data(as_text=True)
    assert "custom.note" not in fields(api, demir)


def test_what_must_not_be_written_is_refused_and_not_repeated(
    api: Api, demir: str, caplog: pytest.LogCaptureFixture
) -> None:
    refused = api(
        "PATCH", f"/records/{demir}", {"fields": {"custom.note": "hat Depressionen"}}, If_Match=tag(api, demir)
    )

    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "health_data")
    assert "Depression" not in refused.get_data(as_text=True) + caplog.text
    assert "custom.note" not in fields(api, demir)


def test_errors_speak_the_language_asked_for(api: Api, demir: str) -> None:
    said = {"fields": {"entry_date": "31.02.2025"}}

    german = api("PATCH", f"/records/{demir}", said, If_Match=tag(api, demir))
    english = api("PATCH", f"/records/{demir}", said, If_Match=tag(api, demir), Accept_Language="en")

    assert (german.headers["Content-Language"], english.headers["Content-Language"]) == ("de", "en")
    assert german.json["errors"][0]["detail"] != english.json["errors"][0]["detail"]


def test_many_records_at_once_all_or_none(api: Api, synced: Example) -> None:
    people = refs(api)
    items = api("GET", "/records").json["items"]
    tags = {item["ref"]: item["etag"] for item in items}

    def batch(**said: object) -> list[dict[str, object]]:
        return [
            {"ref": people[name], "if_match": tags[people[name]], "fields": {"custom.note": note}}
            for name, note in said.items()
        ]

    bad = batch(Demir="eins", Roth="hat Depressionen", Bauer="drei")
    refused = api("POST", "/records:batch", {"records": bad})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "#/records/1/fields/custom.note")
    assert all("custom.note" not in fields(api, ref) for ref in people.values())

    twice = api("POST", "/records:batch", {"records": batch(Demir="eins") + batch(Demir="zwei")})
    assert (twice.status_code, twice.json["errors"][0]["pointer"]) == (422, "#/records/1/ref")
    missing = [*batch(Demir="eins"), {"ref": "BSP-0999-X", "if_match": "1-000000000000", "fields": {"status": None}}]
    assert api("POST", "/records:batch", {"records": missing}).json["errors"][0]["pointer"] == "#/records/1/ref"

    done = api("POST", "/records:batch", {"records": batch(Demir="eins", Roth="zwei", Bauer="drei")})
    assert done.status_code == 200
    assert [one["etag"] for one in done.json["records"]] == [
        api("GET", f"/records/{people[name]}").json["etag"] for name in ("Demir", "Roth", "Bauer")
    ]

    late = api("POST", "/records:batch", {"records": batch(Weiß="vier", Roth="fünf")})
    assert late.status_code == 412
    assert late.json["current"] == {people["Roth"]: api("GET", f"/records/{people['Roth']}").json["etag"]}
    assert "custom.note" not in fields(api, people["Weiß"])


def test_a_new_participant_gets_a_reference_and_a_lost_answer_doubles_nobody(api: Api, synced: Example) -> None:
    said = {"fields": {"participant_name": NAME, "birth_date": "1988-03-14", "jobcenter": "jc-beispielstadt"}}

    made = api("POST", "/records", said, Idempotency_Key=KEY)
    again = api("POST", "/records", said, Idempotency_Key=KEY)

    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json == again.json
    assert made.headers["Location"] == f"/api/v1/records/{made.json['ref']}"
    assert fields(api, made.json["ref"])["participant_name"] == NAME
    assert len(refs(api)) == 5
    sync_table(synced.runtime, "bsp-beispielstadt")
    assert [row[0] for row in synced.books["beispielstadt"].rows].count(made.json["ref"]) == 1


def test_the_same_key_for_another_woman_is_a_mistake_not_silence(api: Api) -> None:
    api("POST", "/records", {"fields": {"participant_name": NAME}}, Idempotency_Key=KEY)

    other = api("POST", "/records", {"fields": {"participant_name": "Yilmaz, Elif"}}, Idempotency_Key=KEY)

    assert (other.status_code, other.json["errors"][0]["header"]) == (422, "Idempotency-Key")
    assert "Yilmaz" not in refs(api)


def test_keys_are_each_projects_own_and_forgotten_after_a_week(api: Api, neighbour: Api, synced: Example) -> None:
    said = {"fields": {"participant_name": NAME}}
    first = api("POST", "/records", said, Idempotency_Key=KEY).json["ref"]
    assert neighbour("POST", "/records", said, Idempotency_Key=KEY).json["ref"].startswith("NBH-")

    synced.clock.moment += recordwrites.REMEMBERED
    assert api("POST", "/records", said, Idempotency_Key=KEY).json["ref"] == first
    synced.clock.pass_by(seconds=1)
    assert api("POST", "/records", said, Idempotency_Key=KEY).json["ref"] != first


@pytest.mark.parametrize("key", [None, "", "kurz", "x" * 65, "mit Leerzeichen darin"])
def test_a_new_participant_needs_a_key(api: Api, key: str | None) -> None:
    header = {} if key is None else {"Idempotency_Key": key}

    assert api("POST", "/records", {"fields": {"participant_name": NAME}}, **header).status_code == 400
    assert len(refs(api)) == 4


def test_a_woman_the_project_has_already_is_named_not_doubled(api: Api, neighbour: Api) -> None:
    said = {"participant_name": NAME, "birth_date": "1988-03-14", "customer_no": "123A456789"}
    ref = api("POST", "/records", {"fields": said}, Idempotency_Key=KEY).json["ref"]

    for twin in (
        {"customer_no": "KdNr. 123a456789"},
        {"participant_name": "Kowalenko, Olena", "birth_date": "14.03.88"},
    ):
        refused = api("POST", "/records", {"fields": twin}, Idempotency_Key=f"{KEY}-{len(twin)}")
        assert (twin, refused.status_code, refused.json.get("ref")) == (twin, 409, ref)
    namesake = {**said, "customer_no": "987B654321"}
    assert api("POST", "/records", {"fields": namesake}, Idempotency_Key=f"{KEY}-n").status_code == 201
    assert neighbour("POST", "/records", {"fields": said}, Idempotency_Key=KEY).status_code == 201, "no word of others"


def test_a_record_deleted_as_a_mistake_is_not_written(api: Api, demir: str, synced: Example) -> None:
    with synced.runtime.database.write() as session:
        gone = store.get(session, demir)
        project = store.project_of(session, demir)
        store.save(session, project, [type(gone)(demir, gone.values, state=store.RecordState.VOID)], synced.clock.now())

    assert (
        api("PATCH", f"/records/{demir}", {"fields": {"status": "ended"}}, If_Match=tag(api, demir)).status_code == 409
    )
    assert api("GET", f"/records/{demir}").json["state"] == "void"
