"""Whether a record may be compared with those of other projects: its tables' mappings and the woman both have a say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from syncsvc.core.model import Record, RecordState
from syncsvc.services.columns import house_of
from syncsvc.store import mappings, organisations, tables

SCOPE = "matching"
"""The group of a consent ("Abgleich") that covers the comparison."""


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a project's tables permit: ``houses`` are their job centres, ``permitting`` the tables that permit it."""

    houses: Mapping[int, str | None]
    permitting: frozenset[int]

    @classmethod
    def of_project(cls, session: Session, project_id: int) -> Permissions:
        """The permissions as the mappings in force give them."""
        found = tables.all_tables(session, project_id)
        bodies = {mapping: mappings.current(session, mapping).body for mapping in {table.mapping_id for table in found}}
        return cls(
            {table.id: organisations.key_of(session, table.jobcentre_id) for table in found},
            frozenset(table.id for table in found if bodies[table.mapping_id].get("matching") is True),
        )

    def permits(self, record: Record, standing: Collection[int]) -> bool:
        """Whether every table she is in permits it, and there is one, and she has not refused it.

        ``standing`` are the tables in which the record has a row; she belongs into those of her job centre too.
        """
        house = house_of(record.values)
        hers = {table for table in self.houses if table in standing or (house and self.houses[table] == house)}
        return record.state is RecordState.ACTIVE and bool(hers) and hers <= self.permitting and _consents(record)


def _consents(record: Record) -> bool:
    """What she said herself; nothing recorded leaves it to the mapping."""
    consent = record.values.get("consent")
    if not isinstance(consent, dict):
        return consent is None
    scopes = consent.get("scopes")
    return consent.get("consent") == "given" and (not isinstance(scopes, list) or SCOPE in scopes)
