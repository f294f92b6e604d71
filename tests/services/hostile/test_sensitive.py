"""Health, judgements and hiding places: refused, and repeated nowhere."""

from __future__ import annotations

import json

import pytest

from syncsvc.services import questions as service
from syncsvc.services.sync import preview_table
from syncsvc.store import changes, vault
from tests.services.bench import TABLE, Bench

CANARY = "Xanthippe7"
ONE = """
| TN-Nr.     | Name             | Eintritt   | Status | Stunden | Fahrtkosten | Ansprechperson JC | Durchwahl | Maßnahme JC | Notiz | Hinweis |
| BSP-0137-E | Kowalenko, Olena | 01.09.2024 | aktiv  | 20      | ja          | Müller, Anna      | 030 23125-101 |         | alt   |         |
"""  # noqa: E501  # one line is one row of the table


@pytest.fixture(name="stored")
def _stored(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that is sealed into the database from here on, in plain."""
    texts: list[str] = []
    seal = vault.Vault.seal

    def listen(self: vault.Vault, document: object, *args: object, **more: object) -> object:
        texts.append(json.dumps(document, default=str, ensure_ascii=False))
        return seal(self, document, *args, **more)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(vault.Vault, "seal", listen)
    return texts


@pytest.mark.parametrize(
    "text",
    [f"Depression {CANARY}", f"{CANARY} unzuverlässig", f"Anschrift Frauenhaus: {CANARY}weg 1"],
    ids=["health", "judgement", "shelter"],
)
@pytest.mark.parametrize(
    "header",
    ["Name", "Eintritt", "Status", "Stunden", "Fahrtkosten", "Ansprechperson JC", "Durchwahl", "Maßnahme JC", "Notiz"],
)
def test_sensitive_words_leave_no_trace(bench: Bench, stored: list[str], header: str, text: str) -> None:
    """Not in the note, a question, its choices, a preview, the database; the record keeps its value."""
    bench.given(ONE)
    bench.sync()
    known = bench.records()
    bench.people_type("BSP-0137-E", header, text)

    preview = preview_table(bench.rt, TABLE)
    bench.project_sets("BSP-0137-E", "Fahrtkosten", "nein")
    bench.sync_as_it_is()
    (question,) = [q for q in service.list_questions(bench.rt) if q.header == header]
    told = json.dumps([preview.actions, preview.message, question.as_json()], default=str, ensure_ascii=False)

    assert CANARY not in "".join((told, bench.note_of("BSP-0137-E"), *stored, *bench._world()))
    assert bench.note_of("BSP-0137-E").startswith(f"Spalte {header}: ")
    assert [c.key for c in question.choices] == []
    if header != "Fahrtkosten":
        assert bench.records()["BSP-0137-E"].values == {**known["BSP-0137-E"].values, "travel_costs": "no"}

    bench.people_type("BSP-0137-E", header, "")
    bench.sync_as_it_is()
    assert CANARY not in "".join((*stored, *bench._world()))
    assert [q for q in service.list_questions(bench.rt) if q.hidden] == []


def test_a_sensitive_note_in_our_own_column_is_not_kept(bench: Bench) -> None:
    """It is replaced by our note, and the history only says that something stood there."""
    bench.given(ONE)
    bench.sync()
    bench.people_type("BSP-0137-E", "Hinweis", f"Burnout {CANARY}")
    bench.sync_as_it_is()

    with bench.database.read() as session:
        log = changes.of_record(session, "BSP-0137-E")
    assert bench.note_of("BSP-0137-E") == ""
    assert CANARY not in str(log)
    assert "(nicht wiedergegeben)" in str(log)
