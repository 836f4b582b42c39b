"""Parts that hold up what follows in their chat, as all did before, and edits, which do not."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("holds", sa.Boolean(), nullable=False, server_default=sa.true()))
    # Code of version 2 would let a tap on a new message settle the edit that is under way beside it.
    op.execute("UPDATE schema_info SET version = 3, compatible_from = 3")
