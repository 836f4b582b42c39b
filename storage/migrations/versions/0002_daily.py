"""Daily lessons: when the clock looks at a learner next, what was due and decided, and what a day has cost."""

import sqlalchemy as sa
from alembic import op

from storage.types import Serial, Utc

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    learners()
    occasions()
    spending()
    # Code of version 1 would write learners back without what version 2 keeps of them.
    op.execute("UPDATE schema_info SET version = 2, compatible_from = 2")


def learners() -> None:
    op.add_column("learners", sa.Column("due_at", Utc(), nullable=True))
    op.create_index(
        "ix_learners_due_at",
        "learners",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )


def occasions() -> None:
    op.create_table(
        "occasions",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("learner_id", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("due_at", Utc(), nullable=False),
        sa.Column("decided_at", Utc(), nullable=False),
        sa.Column("way", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["learners.id"], name=op.f("fk_occasions_learner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occasions")),
        sa.UniqueConstraint("learner_id", "day", "kind", name=op.f("uq_occasions_learner_id_day_kind")),
    )
    op.create_index(op.f("ix_occasions_decided_at"), "occasions", ["decided_at"], unique=False)


def spending() -> None:
    op.create_table(
        "spending",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("templates", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "country", name=op.f("pk_spending")),
    )
