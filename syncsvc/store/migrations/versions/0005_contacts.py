"""Who was responsible for whom and when, what happened to it, who confirmed a table, and who is told by mail.

The old version goes on working while and after this runs: it does not know these tables, and reads in a contact's
sealed document only what it knows.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "responsibilities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("contact_key", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ref"], ["records.ref"], name="fk_responsibilities_ref"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_responsibilities_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_responsibilities"),
    )
    op.create_index("ix_responsibilities_ref_role", "responsibilities", ["ref", "role"])
    op.create_index("ix_responsibilities_contact_key", "responsibilities", ["contact_key"])
    op.create_index("ix_responsibilities_run_id", "responsibilities", ["run_id"])
    op.create_table(
        "contact_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("table_id", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("from_key", sa.Text(), nullable=True),
        sa.Column("to_key", sa.Text(), nullable=True),
        sa.Column("refs", sa.Text(), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["table_id"], ["tables.id"], name="fk_contact_events_table_id"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_contact_events_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_contact_events"),
    )
    op.create_index("ix_contact_events_table_id_day", "contact_events", ["table_id", "day"])
    op.create_index("ix_contact_events_run_id", "contact_events", ["run_id"])
    op.create_index("ix_contact_events_group_key", "contact_events", ["group_key"])
    op.create_table(
        "confirmations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["table_id"], ["tables.id"], name="fk_confirmations_table_id"),
        sa.PrimaryKeyConstraint("id", name="pk_confirmations"),
        sa.UniqueConstraint("table_id", "side", "month", name="uq_confirmations_table_id_side_month"),
    )
    op.create_table(
        "subscriptions",
        sa.Column("contact_key", sa.Text(), nullable=False),
        sa.Column("rhythm", sa.Text(), nullable=False),
        sa.Column("last_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("contact_key", name="pk_subscriptions"),
    )
