"""Mappings: a revision for every change, none for the same again, and old ones stay readable."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncsvc.errors import NotFound
from syncsvc.store import mappings
from syncsvc.store.outcome import Outcome
from tests.factories import NOW

LATER = NOW + timedelta(days=1)


def add(session, body, now=NOW):
    return mappings.add_revision(session, "standard", title="Liste", body=body, source="standard.yaml", now=now)


def test_only_a_difference_makes_a_revision(database):
    with database.write() as session:
        assert add(session, {"columns": [1, 2], "privacy_level": 2}) is Outcome.CREATED
        assert add(session, {"privacy_level": 2, "columns": [1, 2]}) is Outcome.UNCHANGED
        assert add(session, {"columns": [2, 1], "privacy_level": 2}, LATER) is Outcome.CHANGED
    with database.read() as session:
        mapping = mappings.get(session, "standard")
        newest = mappings.current(session, mapping.id)
        assert (newest.number, newest.body["columns"], newest.created_at) == (2, [2, 1], LATER)
        assert mappings.revision(session, mapping.id, 1).body["columns"] == [1, 2]
        assert [revision.number for revision in mappings.revisions(session, mapping.id)] == [2, 1]


def test_going_back_is_a_revision_of_its_own(database):
    with database.write() as session:
        for columns in ([1], [2], [1]):
            add(session, {"columns": columns})
        assert mappings.current(session, mappings.get(session, "standard").id).number == 3


def test_what_is_not_there_is_named(database):
    with database.write() as session:
        add(session, {})
        with pytest.raises(NotFound, match="nirgends"):
            mappings.get(session, "nirgends")
        with pytest.raises(NotFound, match="7"):
            mappings.revision(session, mappings.get(session, "standard").id, 7)


def test_all_are_listed_by_key(database):
    with database.write() as session:
        for key in ("zweite", "erste"):
            mappings.add_revision(session, key, title=key, body={}, source="test", now=NOW)
        assert [mapping.key for mapping in mappings.all_mappings(session)] == ["erste", "zweite"]
