"""When a table was last read whole: on a platform whose versions lag, one that did not move is believed for a while.

The old version goes on working while and after this runs.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tables", sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
