"""Every table, once, for SQLite and PostgreSQL.

A table about a person has a ``learner_id`` that deletes its rows with the learner, or hangs on a table that has one;
``inbox`` alone lets go of the learner and keeps the bare delivery id, because a repeat must still be known.
``addresses`` alone says where somebody can be reached, as a keyed hash to look up and a sealed value to send to.

Partial indices name their states as literals: a database uses such an index only for a query that says the same.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
    true,
)

from storage.types import Serial, Utc

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

UNFINISHED = "state IN ('waiting', 'sending', 'unknown')"
CLAIMABLE = "state IN ('waiting', 'unknown')"
SENDING = "state = 'sending'"
DOUBTFUL = "state IN ('sending', 'unknown')"
KEPT = "state <> 'handled'"  # of a delivery: an operator may have to look at it, or has
UNFOLLOWED = "follows IS NOT NULL"


def _learner(*, nullable: bool = False, ondelete: str = "CASCADE") -> Column[str]:
    return Column("learner_id", String(40), ForeignKey("learners.id", ondelete=ondelete), nullable=nullable)


def _partial(name: str, *columns: str, where: str) -> Index:
    """An index over some of the rows."""
    return Index(name, *columns, sqlite_where=text(where))


def know_postgresql() -> None:
    """Gives partial indices their condition for PostgreSQL too: whoever names it loads that dialect (2 MiB, 15 ms)."""
    for index in (index for table in metadata.tables.values() for index in table.indexes):
        condition = index.dialect_options["sqlite"]["where"]
        if condition is not None:
            index.dialect_kwargs["postgresql_where"] = condition


def _serial() -> Column[int]:
    return Column("id", Serial, primary_key=True, autoincrement=True)


learners = Table(
    "learners",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("seed", BigInteger, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),
    Column("language", String(16), nullable=False),
    Column("language_sure", Boolean, nullable=False),
    Column("status", String(16), nullable=False),
    Column("keep", String(16), nullable=False),
    Column("age_band", String(16)),
    Column("role", String(40)),
    Column("country", String(2)),
    Column("zone", String(64)),
    Column("campaign", String(64)),
    Column("guest", Boolean, nullable=False),
    Column("due_at", Utc),  # when the clock must look at them next; empty: nothing comes by itself
    Column("state", Text, nullable=False),  # JSON: place, after, aside, offer, echo, done, memory, asked, daily …
    Index(None, "guest", "seen_at"),
    _partial("ix_learners_due_at", "due_at", "id", where="due_at IS NOT NULL"),
)

addresses = Table(
    "addresses",
    metadata,
    _serial(),
    Column("channel", String(16), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("sealed", Text, nullable=False),
    _learner(nullable=True),
    Column("created_at", Utc, nullable=False),
    Column("last_inbound_at", Utc, nullable=False),
    UniqueConstraint("hash", "channel"),
    Index(None, "learner_id"),
    Index(None, "last_inbound_at"),
    sqlite_autoincrement=True,
)

consents = Table(
    "consents",
    metadata,
    _serial(),
    _learner(),
    Column("at", Utc, nullable=False),
    Column("text_version", String(40), nullable=False),
    Column("keep", String(16), nullable=False),
    Column("channel", String(16), nullable=False),
    Index(None, "learner_id"),
)

answers = Table(
    "answers",
    metadata,
    _serial(),
    Column("response_id", String(36), nullable=False, unique=True),
    _learner(nullable=True),  # empty once the answer has outlived its tie to a person
    Column("answered_at", Utc, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("language", String(16), nullable=False),
    Column("role", String(40)),
    Column("age_band", String(16)),
    Column("country", String(2)),
    Column("campaign", String(64)),
    Column("course", String(64), nullable=False),
    Column("lesson", String(64), nullable=False),
    Column("content_version", String(64), nullable=False),
    Column("phase", String(16), nullable=False),
    Column("question_id", String(200), nullable=False),
    Column("question_kind", String(16), nullable=False),
    Column("question_text", Text, nullable=False),  # English, as it stood when it was asked
    Column("form", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("pre_assigned", Boolean),
    Column("exposures", Integer, nullable=False),
    Column("answer_id", Text, nullable=False),  # several joined by ";"
    Column("answer_text", Text, nullable=False),  # the options in English, joined by ";"
    Column("own_words", Text),  # what was typed to an open question, as typed
    Column("correct", Boolean),
    Column("seconds_to_answer", Integer),
    Index(None, "answered_at", "id"),
    Index(None, "learner_id"),
    sqlite_autoincrement=True,
)

inbox = Table(
    "inbox",
    metadata,
    Column("channel", String(16), nullable=False),
    Column("event_id", String(128), nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("state", String(16), nullable=False),  # handled, parked, unusable, retired
    _learner(nullable=True, ondelete="SET NULL"),  # only where the delivery is kept for an operator
    Column("reason", Text),
    Column("payload", Text),  # sealed
    PrimaryKeyConstraint("event_id", "channel"),
    _partial("ix_inbox_open", "state", "received_at", where=KEPT),
    _partial("ix_inbox_learner_id", "learner_id", where="learner_id IS NOT NULL"),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    _serial(),
    _learner(nullable=True),  # empty on the last words to somebody who had themselves deleted
    Column("address_id", Serial, ForeignKey("addresses.id", ondelete="CASCADE"), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("body", Text, nullable=False),  # JSON: one platform call
    Column("priority", Integer, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("state", String(16), nullable=False),  # waiting, sending, unknown | sent, failed, cancelled
    Column("attempts", Integer, nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("outcome", Text),
    Column("platform_id", String(128)),
    Column("epoch", Integer, nullable=False),  # of the lease under which it is being sent
    Column("holds", Boolean, nullable=False, server_default=true()),  # whether what follows in its chat waits for it
    Column("follows", String(16)),  # unsent, gone: what follows from its end, until somebody has seen to it
    Index(None, "address_id", "state", "priority", "id"),
    Index(None, "learner_id"),
    _partial("ix_outbox_claimable", "channel", "priority", "due_at", "id", where=CLAIMABLE),
    _partial("ix_outbox_sending", "channel", where=SENDING),
    _partial("ix_outbox_follows", "channel", where=UNFOLLOWED),
    sqlite_autoincrement=True,  # ids go into signed links and order a chat: never the same twice
)

platform_tells = Table(
    "platform_tells",
    metadata,
    _serial(),
    Column("outbox_id", Serial, ForeignKey("outbox.id", ondelete="CASCADE"), nullable=False),
    Column("platform_id", String(128), nullable=False),
    Column("status", String(32), nullable=False),
    Column("reason", Text),
    Column("at", Utc, nullable=False),
    UniqueConstraint("outbox_id", "platform_id", "status"),
)

# What was due to a learner on a day of theirs, and what was decided. The key is what keeps a second planner harmless.
occasions = Table(
    "occasions",
    metadata,
    _serial(),
    _learner(),
    Column("day", String(10), nullable=False),  # the learner's local date
    Column("kind", String(24), nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("decided_at", Utc, nullable=False),  # also the created_at of the parts it brought
    Column("way", String(24), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("country", String(2)),
    Column("micros", BigInteger, nullable=False),  # expected cost, millionths of a US dollar
    UniqueConstraint("learner_id", "day", "kind"),
    Index(None, "decided_at"),
)

# What a day has cost so far, by country, so that a budget can be kept: messages and millionths of a US dollar.
spending = Table(
    "spending",
    metadata,
    Column("day", String(10), primary_key=True),  # UTC
    Column("country", String(2), primary_key=True),  # "" where it is not known
    Column("messages", BigInteger, nullable=False),
    Column("micros", BigInteger, nullable=False),
    Column("templates", BigInteger, nullable=False),  # people written to outside their window
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("until", Utc, nullable=False),
)

chat_lines = Table(
    "chat_lines",
    metadata,
    _serial(),
    _learner(),
    Column("at", Utc, nullable=False),
    Column("side", String(8), nullable=False),  # bot, learner
    Column("body", Text, nullable=False),  # JSON
    Index(None, "learner_id", "id"),
    sqlite_autoincrement=True,  # ids are the page's cursor: never the same twice
)

campaigns = Table(
    "campaigns",
    metadata,
    Column("code", String(64), primary_key=True),
    Column("title", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("joins", Integer, nullable=False),
)

remembered = Table(
    "remembered",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("value", Text, nullable=False),
)

exports = Table(
    "exports",
    metadata,
    _serial(),
    Column("who", String(128), nullable=False),
    Column("at", Utc, nullable=False),
    Column("tier", String(16), nullable=False),
    Column("filters", Text, nullable=False),  # JSON
    Column("rows", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
)

# A name's value is the sum over its shards: each process adds to a shard of its own, so that their
# commits do not queue for one row.
counters = Table(
    "counters",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("value", BigInteger, nullable=False),
)

schema_info = Table(
    "schema_info",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("version", Integer, nullable=False),
    Column("compatible_from", Integer, nullable=False),  # the oldest code version that may work on it
)
