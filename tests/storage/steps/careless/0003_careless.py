"""Removes a learner and forgets about the rows that refer to them."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("DELETE FROM learners")
    op.execute("UPDATE schema_info SET version = 3, compatible_from = 3")
