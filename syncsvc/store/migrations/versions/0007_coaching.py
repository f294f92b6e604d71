"""Double coachings: keyed match keys, flags, and what people decided about them.

The old version goes on working while and after this runs: only new tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coaching_keys",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["ref"], ["records.ref"], name="fk_coaching_keys_ref"),
        sa.PrimaryKeyConstraint("ref", "digest", name="pk_coaching_keys"),
    )
    op.create_index("ix_coaching_keys_digest", "coaching_keys", ["digest"])
    op.create_table(
        "coaching_flags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref_a", sa.Text(), nullable=False),
        sa.Column("ref_b", sa.Text(), nullable=False),
        sa.Column("project_a", sa.Integer(), nullable=False),
        sa.Column("project_b", sa.Integer(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("weight", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["ref_a"], ["records.ref"], name="fk_coaching_flags_ref_a"),
        sa.ForeignKeyConstraint(["ref_b"], ["records.ref"], name="fk_coaching_flags_ref_b"),
        sa.ForeignKeyConstraint(["project_a"], ["projects.id"], name="fk_coaching_flags_project_a"),
        sa.ForeignKeyConstraint(["project_b"], ["projects.id"], name="fk_coaching_flags_project_b"),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name="fk_coaching_flags_question_id"),
        sa.PrimaryKeyConstraint("id", name="pk_coaching_flags"),
    )
    for columns in (["ref_a"], ["ref_b"], ["project_a"], ["project_b"], ["question_id"], ["present", "state"]):
        op.create_index(f"ix_coaching_flags_{'_'.join(columns)}", "coaching_flags", columns)
    op.create_table(
        "coaching_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("flag_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("spoken_with", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["flag_id"], ["coaching_flags.id"], name="fk_coaching_decisions_flag_id"),
        sa.PrimaryKeyConstraint("id", name="pk_coaching_decisions"),
    )
    op.create_index("ix_coaching_decisions_flag_id", "coaching_decisions", ["flag_id"])
    _refuse_updates()


def _refuse_updates() -> None:
    """The history of a flag is append-only, also for whoever reaches the database past this program."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER coaching_decisions_append_only BEFORE UPDATE ON coaching_decisions "
            "BEGIN SELECT RAISE(ABORT, 'coaching_decisions is append-only'); END"
        )
    else:
        op.execute(
            "CREATE FUNCTION refuse_every_update() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
        op.execute(
            "CREATE TRIGGER coaching_decisions_append_only BEFORE UPDATE ON coaching_decisions "
            "FOR EACH ROW EXECUTE FUNCTION refuse_every_update()"
        )
