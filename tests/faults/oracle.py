"""Looks afterwards whether every promise was kept: the database on one side, the ledger outside on the other."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import orjson
from sqlalchemy import select

from bot.engine.learner import Learner
from bot.seal import Seal
from storage.engine import open_engine
from storage.learner_rows import learner_of
from storage.store import Store
from storage.tables import addresses, answers, inbox, learners, outbox
from tests.databases import SECRET
from tests.faults.crowd import Crowd
from tests.faults.process import Bot, over_at_last

SHOWN = ("sendMessage", "editMessageText")
MET = ("pre", "quiz", "review", "recall")  # phases whose first tries count as having met a question


@dataclass
class Found:
    """``broken`` promises, and how often parts came once more than needed."""

    broken: list[str] = field(default_factory=list)
    repeats: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    def check(self, kept: bool, promise: str) -> None:
        if not kept:
            self.broken.append(promise)


async def settled(bot: Bot, crowd: Crowd, disruptions: int = 0) -> Found:
    """A last life in which everything that waits goes out, ended as a deployment ends it; then the judgement."""
    async with over_at_last(bot):
        if not bot.alive:
            bot.start()
        await bot.ready()
        await bot.quiet()
        await bot.stop()
    return await judged(bot.database_url, crowd, bot.kills + disruptions)


async def judged(database_url: str, crowd: Crowd, kills: int) -> Found:
    """Everything that was promised, looked at from outside."""
    store = Store(open_engine(database_url), Seal(SECRET))
    found = Found()
    try:
        async with store.read() as look:
            rows = {
                table.name: (await look.connection.execute(select(table))).all()
                for table in (addresses, answers, inbox, learners, outbox)
            }
        found.counts = await store.counters()
    finally:
        await store.close()
    _nobody_waits(found, crowd)
    _nothing_lost(found, crowd, rows["inbox"])
    _books(found, rows["inbox"], rows["outbox"])
    _scores(found, [learner_of(row) for row in rows["learners"]], rows["answers"])
    _messages(found, crowd, rows["addresses"], rows["outbox"], kills)
    return found


def _nobody_waits(found: Found, crowd: Crowd) -> None:
    found.check(not crowd.stuck, f"learners were left without an answer: {crowd.stuck}")


def _nothing_lost(found: Found, crowd: Crowd, rows: Sequence[Any]) -> None:
    there = {row.event_id: row.state for row in rows}
    missing = [update for update in crowd.accepted if f"telegram:{update}" not in there]
    found.check(not missing, f"{len(missing)} of {len(crowd.accepted)} accepted updates are lost")
    odd = Counter(state for state in there.values() if state != "handled")
    found.check(not odd, f"updates that were not handled: {dict(odd)}")


def _books(found: Found, came: Sequence[Any], parts: Sequence[Any]) -> None:
    books = Counter(found.counts)
    ends = books["handled"] + books["parked"] + books["unusable"] + books["duplicate"]
    found.check(books["received"] == ends, f"received is not what came of it: {dict(books)}")
    found.check(books["handled"] == len(came), f"{books['handled']} handled, {len(came)} in the inbox")
    waiting = sum(row.state in ("waiting", "sending", "unknown") for row in parts)
    done = books["sent"] + books["held"] + books["cancelled"] + books["failed"]
    found.check(books["due"] == done + waiting, f"due is not sent, held, cancelled, failed and {waiting} waiting")
    found.check(waiting == 0, f"{waiting} parts still wait")
    states = Counter(row.state for row in parts)
    found.check(states["sent"] == books["sent"], f"sent {books['sent']} by the books, {states['sent']} rows")


def _scores(found: Found, people: Sequence[Learner], rows: Sequence[Any]) -> None:
    """What each learner is remembered to have met, recomputed from the answers that were kept."""
    tries = Counter(
        (row.learner_id, row.lesson, row.question_id, row.phase, row.exposures, row.attempt) for row in rows
    )
    twice = [key for key, count in tries.items() if count > 1]
    found.check(not twice, f"answers were scored twice: {twice[:3]}")
    met = Counter((row.learner_id, row.question_id) for row in rows if row.phase in MET and row.attempt == 1)
    for learner in people:
        for question, memory in learner.memory.items():
            scored = met[learner.id, question]
            found.check(memory.exposures == scored, f"{question} was met {memory.exposures} times, scored {scored}")


def _messages(found: Found, crowd: Crowd, where: Sequence[Any], rows: Sequence[Any], kills: int) -> None:
    """Each chat saw what was marked as sent, in that order; nothing came more often than it had to."""
    seal = Seal(SECRET)
    ids = {row.hash: row.id for row in where}
    sent = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.id):
        if row.state == "sent":
            sent[row.address_id].append(_text(orjson.loads(row.body)))
    seen = defaultdict(list)
    for call in crowd.telegram.ledger:
        if call.method in SHOWN and call.done and call.chat is not None:
            seen[call.chat].append(_text(call.args))
    for chat, texts in seen.items():
        _in_order(found, chat, texts, sent[ids.get(seal.hash("telegram", str(chat)), 0)], kills)


def _in_order(found: Found, chat: int, seen: list[str], sent: list[str], kills: int) -> None:
    """A part may come again at once, after a kill; else the chat is what the outbox says, line by line."""
    one, other = [list(group) for _, group in groupby(seen)], [list(group) for _, group in groupby(sent)]
    same = [group[0] for group in one] == [group[0] for group in other]
    found.check(same, f"chat {chat} saw something else than was sent, or in another order")
    repeats = len(seen) - len(sent)
    found.check(0 <= repeats <= kills, f"chat {chat} got {repeats} parts again after {kills} kills")
    found.repeats += max(0, repeats)


def _text(body: Any) -> str:
    return str(body["text"])
