"""Builders of things tests need; every argument not given is an ordinary value."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from syncsvc.core.fields.contract import DirectoryContact, DirectoryOrganisation
from syncsvc.core.model import Json, Record
from syncsvc.store import mappings, organisations, projects, runs, tables
from syncsvc.store.vault import Vault

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""A Monday morning."""

KEY = b"k" * 32


def make_vault(*keys: bytes) -> Vault:
    return Vault(keys or (KEY,))


def make_organisation(
    session: Session, key: str = "jc-beispielstadt", *, kind: str = "jobcentre", name: str = "Jobcenter Beispielstadt"
) -> int:
    """Store an organisation and return its id."""
    organisations.upsert(session, DirectoryOrganisation(key=key, kind=kind, name=name))
    return organisations.get(session, key).id


def make_contact(key: str = "c-1", **details: str) -> DirectoryContact:
    """Anna Müller of Jobcenter Beispielstadt."""
    anna = {
        "organisation": "jc-beispielstadt",
        "family": "Müller",
        "given": "Anna",
        "role": "integration",
        "phone": "030 23125-101",
        "email": "anna.mueller@jobcenter-beispielstadt.example",
    }
    return DirectoryContact(key=key, **(anna | details))


def make_project(session: Session, key: str = "bsp", *, prefix: str = "BSP") -> int:
    """Store a project and return its id."""
    projects.upsert(session, key, prefix=prefix, name="Beispielprojekt")
    return projects.get(session, key).id


def make_mapping(session: Session, key: str = "standard", *, now: datetime = NOW) -> int:
    """Store a mapping of three columns and return its id."""
    columns = [
        {"header": "TN-Nr.", "field": "participant_ref", "owner": "service"},
        {"header": "Eintritt", "field": "entry_date", "owner": "project"},
        {"header": "Hinweis", "field": "service_note", "owner": "service"},
    ]
    body = {"key": key, "title": "Teilnehmerinnenliste", "columns": columns}
    mappings.add_revision(session, key, title="Teilnehmerinnenliste", body=body, source="test", now=now)
    return mappings.get(session, key).id


def make_table(session: Session, key: str = "bsp-beispielstadt", *, project_id: int | None = None) -> int:
    """Store a table, with its project and mapping if they are not there yet, and return its id."""
    tables.upsert(
        session,
        key,
        project_id=make_project(session) if project_id is None else project_id,
        jobcentre_id=make_organisation(session),
        mapping_id=make_mapping(session),
        location={"provider": "memory", "name": key},
    )
    return tables.get(session, key).id


def make_run(session: Session, table_id: int, *, kind: str = "sync", now: datetime = NOW) -> int:
    """Open a run of a table and return its id."""
    return runs.start(session, table_id, kind=kind, actor="schedule", now=now).id


def make_record(ref: str = "BSP-0137-E", **values: Json) -> Record:
    return Record(ref=ref, values=values or {"entry_date": "2024-09-01"})
