"""What unattended operation keeps: schedules in local time, requests, failures, pauses, signs of life, notices.

The old version goes on working while and after this runs: new columns have defaults of their own, nothing moves.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in batch mode: SQLite adds a column in place, and rebuilding the table would lock out who serves meanwhile.
    for column in (
        sa.Column("zone", sa.Text(), nullable=False, server_default="Europe/Berlin"),
        sa.Column("quiet_hours", sa.Text(), nullable=False, server_default=""),
        sa.Column("land", sa.Text(), nullable=False, server_default=""),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requested_by", sa.Text(), nullable=True),
    ):
        op.add_column("tables", column)
    op.create_table(
        "pauses",
        sa.Column("credential", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("credential", name="pk_pauses"),
    )
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_heartbeats"),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("table_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["table_id"], ["tables.id"], name="fk_notices_table_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
    )
    op.create_index("ix_notices_table_id", "notices", ["table_id"])
    op.create_index("ix_notices_sent_at_due_at", "notices", ["sent_at", "due_at"])
    # Whether an old run may go is asked of every table that names runs.
    op.create_index("ix_questions_opened_by", "questions", ["opened_by"])
    op.create_index("ix_questions_closed_by", "questions", ["closed_by"])
    _let_changes_be_resealed()


def _let_changes_be_resealed() -> None:
    """The change log stays append-only, but its documents may be sealed with another key.

    Only ``document`` may change, only to a blob of another key, and only in a transaction that has put the row
    ``resealing`` into ``meta`` (store/rotation.py takes it out again, so no other transaction ever sees it).
    """
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER changes_append_only")
        op.execute(
            "CREATE TRIGGER changes_append_only BEFORE UPDATE ON changes "
            "WHEN NOT (NEW.id IS OLD.id AND NEW.at IS OLD.at AND NEW.run_id IS OLD.run_id "
            "AND NEW.table_id IS OLD.table_id AND NEW.ref IS OLD.ref AND NEW.field IS OLD.field "
            "AND NEW.side IS OLD.side AND NEW.source IS OLD.source AND NEW.actor IS OLD.actor "
            "AND substr(NEW.document, 1, 4) <> substr(OLD.document, 1, 4) "
            "AND EXISTS (SELECT 1 FROM meta WHERE name = 'resealing')) "
            "BEGIN SELECT RAISE(ABORT, 'changes is append-only'); END"
        )
    else:  # the function alone: exchanging the trigger would wait for everybody who reads the log
        op.execute(
            "CREATE OR REPLACE FUNCTION refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF to_jsonb(NEW) - 'document' = to_jsonb(OLD) - 'document' "
            "AND substr(NEW.document, 1, 4) <> substr(OLD.document, 1, 4) "
            "AND EXISTS (SELECT 1 FROM meta WHERE name = 'resealing') THEN RETURN NEW; END IF; "
            "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
