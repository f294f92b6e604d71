"""Roles, tokens, drafts, rate limits, the logs of what people did and looked at, and why a table is paused.

The old version goes on working while and after this runs: new tables, and columns it need not know. Whoever was
let in so far leads the programme. ``users.role`` stays for the old version; this one reads memberships.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.alter_column("role", existing_type=sa.Text(), existing_nullable=False, server_default="none")
        users.add_column(sa.Column("subject", sa.Text(), nullable=True))
        users.add_column(sa.Column("language", sa.Text(), nullable=False, server_default=""))
        for name in ("signed_in_at", "confidential_at", "disabled_at"):
            users.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        users.create_unique_constraint("uq_users_subject", ["subject"])
    op.create_table(
        "memberships",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_memberships_user_id"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_memberships_project_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_memberships_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_memberships"),
        sa.UniqueConstraint(
            "user_id", "role", "project_id", "organisation_id",
            name="uq_memberships_user_id_role_project_id_organisation_id",
        ),
    )  # fmt: skip
    for column in ("user_id", "project_id", "organisation_id"):
        op.create_index(f"ix_memberships_{column}", "memberships", [column])
    op.execute("INSERT INTO memberships (user_id, role, source) SELECT id, 'programme', 'local' FROM users")
    with op.batch_alter_table("tables") as tables:
        tables.add_column(sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
        tables.add_column(sa.Column("paused_by", sa.Text(), nullable=True))
        tables.add_column(sa.Column("paused_reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("mapping_revisions", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("questions", sa.Column("topic", sa.Text(), nullable=True))
    for column in ("answered_at", "closed_at"):
        op.create_index(f"ix_questions_state_{column}", "questions", ["state", column])
    _create_logs()
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_api_tokens_project_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("digest", name="uq_api_tokens_digest"),
    )
    op.create_index("ix_api_tokens_project_id", "api_tokens", ["project_id"])
    op.create_table(
        "api_creations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_api_creations_project_id"),
        sa.ForeignKeyConstraint(["ref"], ["records.ref"], name="fk_api_creations_ref"),
        sa.PrimaryKeyConstraint("id", name="pk_api_creations"),
        sa.UniqueConstraint("project_id", "key", name="uq_api_creations_project_id_key"),
    )
    op.create_index("ix_api_creations_project_id", "api_creations", ["project_id"])
    op.create_index("ix_api_creations_created_at", "api_creations", ["created_at"])
    op.create_table(
        "drafts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_drafts_user_id"),
        sa.PrimaryKeyConstraint("key", name="pk_drafts"),
    )
    op.create_index("ix_drafts_user_id", "drafts", ["user_id"])
    op.create_index("ix_drafts_changed_at", "drafts", ["changed_at"])
    op.create_table(
        "allowances",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_allowances"),
    )
    op.create_index("ix_allowances_until", "allowances", ["until"])


def _create_logs() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_audit_project_id"),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_project_id", "audit", ["project_id"])
    op.create_table(
        "readings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_readings"),
    )
    op.create_index("ix_readings_at", "readings", ["at"])
    op.create_index("ix_readings_ref_at", "readings", ["ref", "at"])
    for table in ("audit", "readings"):
        if op.get_bind().dialect.name == "sqlite":
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_every_update()"
            )
