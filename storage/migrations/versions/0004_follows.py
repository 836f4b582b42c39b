"""What follows from how a part ended, until somebody has seen to it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("follows", sa.String(length=16), nullable=True))
    op.create_index(
        "ix_outbox_follows",
        "outbox",
        ["channel"],
        unique=False,
        sqlite_where=sa.text("follows IS NOT NULL"),
        postgresql_where=sa.text("follows IS NOT NULL"),
    )
    # Code of version 3 leaves the column empty and sees to what follows by itself, as it did.
    op.execute("UPDATE schema_info SET version = 4, compatible_from = 3")
