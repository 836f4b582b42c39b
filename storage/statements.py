"""The statements of a turn, built once: compiled once, and then found by identity.

``INSERT … ON CONFLICT`` and lists as a parameter have a class of their own in each dialect, so these are built for the
dialect that is used, from one description.
"""

from collections.abc import Sequence
from functools import cache, partial
from typing import Any

from sqlalchemy import CompoundSelect, Select, Table, bindparam, delete, func, literal, select, text, union_all, update
from sqlalchemy.dialects import sqlite

from bot.engine.learner import Status
from storage.listed import listed
from storage.ready import Ready
from storage.rows import REPLY
from storage.tables import (
    CLAIMABLE,
    SENDING,
    addresses,
    answers,
    campaigns,
    chat_lines,
    consents,
    counters,
    inbox,
    learners,
    outbox,
    platform_tells,
    remembered,
)


def insert_into(table: Table, dialect: str) -> Any:
    """The dialect's own INSERT, which knows ON CONFLICT; only the dialect that is used is imported."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


class Statements:
    """Those whose text differs between the databases."""

    def __init__(self, dialect: str) -> None:
        self.inbox = Ready(
            _from_list(dialect, inbox, DELIVERY).on_conflict_do_nothing().returning(inbox.c.channel, inbox.c.event_id)
        )
        arriving = _from_list(dialect, addresses, ADDRESS)
        later = partial(func.max if dialect == "sqlite" else func.greatest, addresses.c.last_inbound_at)
        self.addresses = Ready(
            arriving.on_conflict_do_update(
                index_elements=["hash", "channel"], set_={"last_inbound_at": later(arriving.excluded.last_inbound_at)}
            ).returning(addresses.c.hash, addresses.c.id, addresses.c.learner_id)
        )
        named = listed(dialect, [addresses.c[name].type for name in NAME]).subquery("named").c
        # A turn locks the address, then the learner; a planner has the learner when its parts refer to the address.
        # With key_share a reference waits for nobody.
        self.known = Ready(
            select(addresses.c.hash, addresses.c.id, addresses.c.learner_id)
            .where(addresses.c.hash == named[0], addresses.c.channel == named[1])
            .order_by(addresses.c.hash)
            .with_for_update(of=addresses, key_share=True)
        )
        self.heard = Ready(
            update(addresses)
            .where(addresses.c.id == bindparam("key"))
            .values(last_inbound_at=later(bindparam("at", type_=addresses.c.last_inbound_at.type)))
        )
        wanted = learners.c.id.in_(listed(dialect, [learners.c.id.type]))
        by_id = select(learners).where(wanted).order_by(learners.c.id)
        self.learners = Ready(by_id)
        self.learners_locked = Ready(by_id.with_for_update(of=learners))
        self.in_flight = Ready(
            select(*(outbox.c[name] for name in IN_FLIGHT))
            .where(outbox.c.id.in_(listed(dialect, [outbox.c.id.type])))
            .order_by(outbox.c.id)
            .with_for_update()
        )
        counting = insert_into(counters, dialect)
        self.counters = Ready(
            counting.on_conflict_do_update(
                index_elements=["name", "shard"], set_={"value": counters.c.value + counting.excluded.value}
            ),
            ["name", "shard", "value"],
        )
        remembering = insert_into(remembered, dialect)
        self.remembered = remembering.on_conflict_do_update(
            index_elements=["channel", "key"], set_={"value": remembering.excluded.value}
        )
        self.tells = insert_into(platform_tells, dialect).on_conflict_do_nothing()
        self.campaign = insert_into(campaigns, dialect).on_conflict_do_nothing().returning(campaigns.c.code)


IN_FLIGHT = ("id", "state", "address_id", "learner_id", "kind", "outcome", "platform_id")
DELIVERY = ("channel", "event_id", "received_at", "state", "reason", "payload")
NAME = ("hash", "channel")
ADDRESS = ("channel", "hash", "sealed", "created_at", "last_inbound_at")


def _from_list(dialect: str, table: Table, names: Sequence[str]) -> Any:
    rows = listed(dialect, [table.c[name].type for name in names])
    return insert_into(table, dialect).from_select(names, rows)


@cache
def statements_of(dialect: str) -> Statements:
    return Statements(dialect)


INSERT_LEARNER = Ready(learners.insert(), [column.name for column in learners.c])
_unchanging = {"id", "seed", "created_at"}
UPDATE_LEARNER = Ready(
    update(learners)
    .where(learners.c.id == bindparam("key"))
    .values({column.name: bindparam(column.name) for column in learners.c if column.name not in _unchanging})
)
LINK_ADDRESS = Ready(
    update(addresses).where(addresses.c.id == bindparam("key")).values(learner_id=bindparam("learner"))
)
INSERT_ANSWER = Ready(answers.insert(), [column.name for column in answers.c if column.name != "id"])
INSERT_CONSENT = Ready(consents.insert(), ["learner_id", "at", "text_version", "keep", "channel"])
INSERT_PART = Ready(
    outbox.insert(),
    [
        "learner_id",
        "address_id",
        "channel",
        "body",
        "priority",
        "kind",
        "state",
        "attempts",
        "due_at",
        "created_at",
        "epoch",
        "holds",
    ],
)
INSERT_LINE = Ready(chat_lines.insert(), ["learner_id", "at", "side", "body"])
FORGET_ANSWERS = delete(answers).where(answers.c.learner_id.in_(bindparam("ids", expanding=True)))
CALL_OFF = (
    update(outbox)
    .where(
        outbox.c.learner_id.in_(bindparam("ids", expanding=True)),
        outbox.c.kind != REPLY,
        text(CLAIMABLE),
    )
    .values(state="cancelled", outcome="the learner called it off", ended_at=bindparam("now"))
    .returning(outbox.c.id)
)
STOP = (
    update(learners)
    .where(learners.c.id.in_(bindparam("ids", expanding=True)))
    .values(status=Status.STOPPED.value, due_at=None)
)
COUNT_JOIN = Ready(
    update(campaigns).where(campaigns.c.code == bindparam("key")).values(joins=campaigns.c.joins + bindparam("more"))
)

PARK = Ready(
    update(inbox)
    .where(inbox.c.event_id == bindparam("event"), inbox.c.channel == bindparam("of_channel"))
    .values(
        state=bindparam("state"),
        reason=bindparam("reason"),
        payload=bindparam("payload"),
        learner_id=select(addresses.c.learner_id).where(addresses.c.id == bindparam("address")).scalar_subquery(),
    )
)
COUNTERS = select(counters.c.name, func.sum(counters.c.value)).group_by(counters.c.name)


def _unended(*shown: Any) -> list[Select[Any]]:
    """Of the parts that have not ended, a select for each partial index that holds some.

    They are grouped as those indices are: else SQLite walks a larger one, and all that went out in a week.
    """
    return [
        select(*shown).select_from(outbox).where(text(states)).group_by(outbox.c.channel, outbox.c.state)
        for states in (CLAIMABLE, SENDING)
    ]


STANDING = union_all(
    *_unended(outbox.c.channel, outbox.c.state, func.count().label("parts"), func.min(outbox.c.due_at).label("oldest"))
)
# In one statement, so that both databases show counters and rows of the same moment.
BOOKS: CompoundSelect[Any] = union_all(COUNTERS, *_unended(literal("waiting"), func.count()))
