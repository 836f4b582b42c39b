"""The first schema: people, what they said, what is on its way to them, and the books of the house."""

import sqlalchemy as sa
from alembic import op

from storage.types import Serial, Utc

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Each table after those it refers to."""
    campaigns()
    counters()
    exports()
    learners()
    leases()
    remembered()
    schema_info()
    addresses()
    answers()
    chat_lines()
    consents()
    inbox()
    outbox()
    platform_tells()
    op.execute("INSERT INTO schema_info (id, version, compatible_from) VALUES (1, 1, 1)")


def campaigns() -> None:
    op.create_table(
        "campaigns",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("joins", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_campaigns")),
    )


def counters() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "shard", name=op.f("pk_counters")),
    )


def exports() -> None:
    op.create_table(
        "exports",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("who", sa.String(length=128), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("filters", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )


def learners() -> None:
    op.create_table(
        "learners",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("language_sure", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("keep", sa.String(length=16), nullable=False),
        sa.Column("age_band", sa.String(length=16), nullable=True),
        sa.Column("role", sa.String(length=40), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=True),
        sa.Column("campaign", sa.String(length=64), nullable=True),
        sa.Column("guest", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learners")),
    )
    op.create_index(op.f("ix_learners_guest_seen_at"), "learners", ["guest", "seen_at"], unique=False)


def leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("until", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )


def remembered() -> None:
    op.create_table(
        "remembered",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "key", name=op.f("pk_remembered")),
    )


def schema_info() -> None:
    op.create_table(
        "schema_info",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("compatible_from", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schema_info")),
    )


def addresses() -> None:
    op.create_table(
        "addresses",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("learner_id", sa.String(length=40), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("last_inbound_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["learners.id"], name=op.f("fk_addresses_learner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
        sa.UniqueConstraint("hash", "channel", name=op.f("uq_addresses_hash_channel")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_addresses_last_inbound_at"), "addresses", ["last_inbound_at"], unique=False)
    op.create_index(op.f("ix_addresses_learner_id"), "addresses", ["learner_id"], unique=False)


def answers() -> None:
    op.create_table(
        "answers",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("response_id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=40), nullable=True),
        sa.Column("answered_at", Utc(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=True),
        sa.Column("age_band", sa.String(length=16), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("campaign", sa.String(length=64), nullable=True),
        sa.Column("course", sa.String(length=64), nullable=False),
        sa.Column("lesson", sa.String(length=64), nullable=False),
        sa.Column("content_version", sa.String(length=64), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=False),
        sa.Column("question_id", sa.String(length=200), nullable=False),
        sa.Column("question_kind", sa.String(length=16), nullable=False),
        sa.Column("question_text", sa.Text(), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("pre_assigned", sa.Boolean(), nullable=True),
        sa.Column("exposures", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Text(), nullable=False),
        sa.Column("answer_text", sa.Text(), nullable=False),
        sa.Column("own_words", sa.Text(), nullable=True),
        sa.Column("correct", sa.Boolean(), nullable=True),
        sa.Column("seconds_to_answer", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["learners.id"], name=op.f("fk_answers_learner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
        sa.UniqueConstraint("response_id", name=op.f("uq_answers_response_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_answers_answered_at_id"), "answers", ["answered_at", "id"], unique=False)
    op.create_index(op.f("ix_answers_learner_id"), "answers", ["learner_id"], unique=False)


def chat_lines() -> None:
    op.create_table(
        "chat_lines",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("learner_id", sa.String(length=40), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["learners.id"], name=op.f("fk_chat_lines_learner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_lines")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_chat_lines_learner_id_id"), "chat_lines", ["learner_id", "id"], unique=False)


def consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("learner_id", sa.String(length=40), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("text_version", sa.String(length=40), nullable=False),
        sa.Column("keep", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["learners.id"], name=op.f("fk_consents_learner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_learner_id"), "consents", ["learner_id"], unique=False)


def inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.String(length=128), nullable=False),
        sa.Column("received_at", Utc(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("learner_id", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_inbox_learner_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("event_id", "channel", name=op.f("pk_inbox")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_inbox_learner_id",
        "inbox",
        ["learner_id"],
        unique=False,
        sqlite_where=sa.text("learner_id IS NOT NULL"),
        postgresql_where=sa.text("learner_id IS NOT NULL"),
    )
    op.create_index(
        "ix_inbox_open",
        "inbox",
        ["state", "received_at"],
        unique=False,
        sqlite_where=sa.text("state <> 'handled'"),
        postgresql_where=sa.text("state <> 'handled'"),
    )


def outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("learner_id", sa.String(length=40), nullable=True),
        sa.Column("address_id", Serial, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", Utc(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("platform_id", sa.String(length=128), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["address_id"], ["addresses.id"], name=op.f("fk_outbox_address_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_outbox_learner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_outbox_address_id_state_priority_id"),
        "outbox",
        ["address_id", "state", "priority", "id"],
        unique=False,
    )
    op.create_index(
        "ix_outbox_claimable",
        "outbox",
        ["channel", "priority", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'unknown')"),
        postgresql_where=sa.text("state IN ('waiting', 'unknown')"),
    )
    op.create_index(op.f("ix_outbox_learner_id"), "outbox", ["learner_id"], unique=False)
    op.create_index(
        "ix_outbox_sending",
        "outbox",
        ["channel"],
        unique=False,
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )


def platform_tells() -> None:
    op.create_table(
        "platform_tells",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("outbox_id", Serial, nullable=False),
        sa.Column("platform_id", sa.String(length=128), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_platform_tells_outbox_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_tells")),
        sa.UniqueConstraint(
            "outbox_id", "platform_id", "status", name=op.f("uq_platform_tells_outbox_id_platform_id_status")
        ),
    )
