"""Looks afterwards whether every promise was kept: the database on one side, the ledger outside on the other."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import select

from bot.doctor import Health, Patient, well
from bot.doctor.house import books
from bot.engine.learner import Learner
from bot.metrics.books import imbalances
from bot.seal import Seal
from bot.settings import Settings
from storage.engine import open_engine
from storage.learner_rows import learner_of
from storage.store import Store
from storage.tables import addresses, answers, inbox, learners, outbox
from tests.databases import SECRET
from tests.faults.crowd import Crowd
from tests.faults.process import ROOT, Bot, over_at_last
from tests.order import Part, in_order

SHOWN = ("sendMessage", "editMessageText")
MET = ("pre", "quiz", "review", "recall")  # phases whose first tries count as having met a question


@dataclass
class Found:
    """``broken`` promises; how many parts were under way when a process ended, and how many came again."""

    broken: list[str] = field(default_factory=list)
    doubts: int = 0
    repeats: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    def check(self, kept: bool, promise: str) -> None:
        if not kept:
            self.broken.append(promise)


async def settled(bot: Bot, crowd: Crowd, *others: Bot) -> Found:
    """A last life in which everything that waits goes out, ended as a deployment ends it; then the judgement."""
    async with over_at_last(bot):
        if not bot.alive:
            bot.start()
        await bot.ready()
        await bot.quiet()
        figures = await bot.figures()
        await bot.stop()
    found = await judged(bot.database_url, crowd, sum((other.doubts for other in others), bot.doubts))
    found.check(not any(figures.values()), f"/metrics says that the books do not add up: {figures}")
    return found


async def judged(database_url: str, crowd: Crowd, doubts: Counter[int]) -> Found:
    """Everything that was promised, looked at from outside."""
    store = Store(open_engine(database_url), Seal(SECRET))
    found = Found(doubts=doubts.total())
    try:
        async with store.read() as look:
            rows = {
                table.name: (await look.connection.execute(select(table))).all()
                for table in (addresses, answers, inbox, learners, outbox)
            }
        found.counts = await store.books()
        await _doctor(found, store)
    finally:
        await store.close()
    _nobody_waits(found, crowd)
    _nothing_lost(found, crowd, rows["inbox"])
    _books(found, rows["inbox"], rows["outbox"])
    _scores(found, [learner_of(row) for row in rows["learners"]], rows["answers"])
    _messages(found, crowd, rows["addresses"], rows["outbox"], doubts)
    return found


async def _doctor(found: Found, store: Store) -> None:
    patient = Patient(Settings(), ROOT, datetime.now(UTC), store, well("database", "open"))
    for finding in await books(patient):
        found.check(finding.health is Health.WELL, f"the doctor says: {finding.seen}")


def _nobody_waits(found: Found, crowd: Crowd) -> None:
    found.check(not crowd.stuck, f"learners were left without an answer: {crowd.stuck}")


def _nothing_lost(found: Found, crowd: Crowd, rows: Sequence[Any]) -> None:
    there = {row.event_id: row.state for row in rows}
    missing = [update for update in crowd.accepted if f"telegram:{update}" not in there]
    found.check(not missing, f"{len(missing)} of {len(crowd.accepted)} accepted updates are lost")
    odd = Counter(state for state in there.values() if state != "handled")
    found.check(not odd, f"updates that were not handled: {dict(odd)}")


def _books(found: Found, came: Sequence[Any], parts: Sequence[Any]) -> None:
    """The books add up, and say what the rows say."""
    told = Counter(found.counts)
    for line in imbalances(told):
        found.check(False, line)
    found.check(told["handled"] == len(came), f"{told['handled']} handled, {len(came)} in the inbox")
    found.check(told["waiting"] == 0, f"{told['waiting']} parts still wait")
    states = Counter(row.state for row in parts)
    found.check(states["sent"] == told["sent"], f"sent {told['sent']} by the books, {states['sent']} rows")


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


def _messages(found: Found, crowd: Crowd, where: Sequence[Any], rows: Sequence[Any], doubts: Counter[int]) -> None:
    """Each chat saw what was marked as sent, in that order; nothing came again but what was in doubt."""
    seal = Seal(SECRET)
    ids = {row.hash: row.id for row in where}
    sent = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.id):
        if row.state == "sent":
            sent[row.address_id].append(_part(orjson.loads(row.body)))
    seen = defaultdict(list)
    for call in crowd.telegram.ledger:
        if call.method in SHOWN and call.done and call.chat is not None:
            seen[call.chat].append(_part(call.args))
    for chat in crowd.telegram.people:
        address = ids.get(seal.hash("telegram", str(chat)), 0)
        _in_order(found, chat, seen[chat], sent[address], doubts[address])


def _in_order(found: Found, chat: int, seen: Sequence[Part], sent: Sequence[Part], doubts: int) -> None:
    """The chat is what the outbox says, line by line; only a part that was in doubt may come again at once."""
    found.check(in_order(seen, sent), f"chat {chat} saw something else than was sent, or in another order")
    repeats = len(seen) - len(sent)
    found.check(0 <= repeats <= doubts, f"chat {chat} got {repeats} parts again, {doubts} were in doubt")
    found.repeats += max(0, repeats)


def _part(body: Mapping[str, Any]) -> Part:
    return Part(str(body["text"]), body.get("message_id"))
