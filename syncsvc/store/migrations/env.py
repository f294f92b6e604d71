"""Alembic's entry: runs on the connection, and in the transaction, that ``store/database.py`` hands over."""

from __future__ import annotations

from alembic import context

from syncsvc.store import admission  # noqa: F401  # its tables join the same metadata
from syncsvc.store.models import Model

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Model.metadata,
    render_as_batch=True,  # SQLite changes a table by rebuilding it
)
context.run_migrations()
