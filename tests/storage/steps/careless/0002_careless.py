"""Removes a learner and forgets about the rows that refer to them."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("DELETE FROM learners")
    op.execute("UPDATE schema_info SET version = 2, compatible_from = 2")
