"""Notices for one person: her mailbox, sealed. Notices for whoever looks after a table have none.

The old version goes on working while and after this runs; it would send such a notice to the office, and makes none.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notices", sa.Column("document", sa.LargeBinary(), nullable=True))
