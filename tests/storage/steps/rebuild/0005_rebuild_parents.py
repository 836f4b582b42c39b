"""Rebuilds the tables that others refer to, as SQLite must for most changes of a table."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for parent in ("learners", "addresses", "outbox"):
        with op.batch_alter_table(parent, recreate="auto") as table:
            table.add_column(sa.Column("mood", sa.String(16), nullable=False, server_default="calm"))
        with op.batch_alter_table(parent, recreate="auto") as table:
            table.alter_column("mood", server_default=None)
    op.execute("UPDATE schema_info SET version = 5, compatible_from = 1")
