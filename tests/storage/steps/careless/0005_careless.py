"""Removes a learner and forgets about the rows that refer to them."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("DELETE FROM learners")
    op.execute("UPDATE schema_info SET version = 5, compatible_from = 5")
