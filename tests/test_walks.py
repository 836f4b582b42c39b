"""Hundreds of walks through the real course, at random, on both databases: what is exported is what was answered."""

import asyncio
import csv
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from bot.channels.console import ConsoleChannel
from bot.channels.web import WebChannel
from bot.content.message_policy import read_rules
from bot.content.wording import Message
from bot.delivery.planner import Planner
from bot.engine.events import Address, Event, LessonDue
from bot.engine.learner import Step
from bot.engine.occasion import OPEN_WAYS
from bot.engine.turn import Answered, Phrase
from bot.evidence.export import export
from bot.evidence.options import ExportOptions, Tier
from bot.seal import Seal
from bot.service import Content, Service
from bot.wiring.house import POLICIES
from storage.engine import open_engine
from storage.learner_rows import learner_of
from storage.store import Store
from storage.tables import learners, metadata, occasions
from tests.databases import SECRET
from tests.makers import NOON, Talk, label, library
from tests.service.house import Clock, serving
from tests.walks.books import Row
from tests.walks.screen import Eyes
from tests.walks.walker import SECRETS_IN_WORDS, Walker

RULES = read_rules(POLICIES)
ROUNDS, PEOPLE, STEPS = 8, 50, 80  # for each database: 400 walks, half a minute on two free cores


async def walked(store: Store, content: Content, seeds: Sequence[int], out: Path) -> list[Walker]:
    """Everybody's walk, side by side, then the export and the books."""
    clock, eyes, dice = Clock(), Eyes(content), Random(seeds[0])
    walkers = [Walker(seed, number, eyes, clock) for number, seed in enumerate(seeds)]
    await store.add_campaign("poster", "Poster", clock())
    repeats = 0
    ids: set[str] = set()
    async with serving(store, content, clock) as service:
        bell, by_address = Bell(service, store, content, clock), {walker.address: walker for walker in walkers}
        for _ in range(STEPS):
            clock.move(seconds=dice.randint(1, 90))
            if (days := dice.choice([0] * 16 + [1, 2, 8])) > 0:
                await bell.passes(by_address, days=days, to_the_minute=days != 2)
            events = [walker.acts() for walker in walkers]
            again = [event for event in events if dice.random() < 0.03]
            outcomes = await asyncio.gather(*(service.handle(event) for event in [*events, *again]))
            for walker, outcome in zip(walkers, outcomes, strict=False):
                walker.sees(outcome)
                walker.learner_id = str(outcome.learner_id)
            assert all(not outcome.fresh and not outcome.messages for outcome in outcomes[len(events) :])
            repeats += len(again)
            ids |= {str(outcome.learner_id) for outcome in outcomes[: len(events)]}
    await same_as_given(store, content, walkers, ids, out)
    await promises_are_kept(store, walkers)
    await books_add_up(store, walkers, repeats)
    return walkers


class Bell:
    """What the planner brings to a page or a terminal, so that the walkers see it."""

    def __init__(self, service: Service, store: Store, content: Content, clock: Clock) -> None:
        self.rung: list[tuple[Address, Message]] = []
        service.channels = {"web": RingingPage(self.rung), "console": RingingTerminal(self.rung)}
        self.store, self.clock = store, clock
        self.planner = Planner(service, store, RULES, content=lambda: content, clock=clock)

    async def passes(self, walkers: Mapping[Address, Walker], *, days: int, to_the_minute: bool) -> None:
        """Time goes by; the planner sleeps till its end, or does at every moment what is due then.

        One that is late lets go of what was promised for more than two weeks before; nobody could tell here whether.
        """
        until = self.clock() + timedelta(days=days)
        promises = [min(walker.known.coming)[0] for walker in walkers.values() if walker.known.coming]
        to_the_minute = to_the_minute or any(until - at > timedelta(days=14) for at in promises)
        while to_the_minute and (due := await self.store.next_due()) is not None and due <= until:
            overdue = due < self.clock.now  # since the last time that the planner looked
            self.clock.now = max(self.clock.now, due)
            await self._rings(walkers, to_the_minute=not overdue)
        self.clock.now = until
        await self._rings(walkers, to_the_minute=False)

    async def _rings(self, walkers: Mapping[Address, Walker], to_the_minute: bool) -> None:
        while await self.planner.plan():
            pass
        for address, message in self.rung:
            walkers[address].is_brought(message, to_the_minute)
        self.rung.clear()


class RingingPage(WebChannel):
    def __init__(self, rung: list[tuple[Address, Message]]) -> None:
        super().__init__()
        self.rung = rung

    def parts(self, message: Message, event: Event | None) -> list[dict[str, object]]:
        if isinstance(event, LessonDue):
            self.rung.append((event.address, message))
        return []


class RingingTerminal(ConsoleChannel):
    brings = True

    def __init__(self, rung: list[tuple[Address, Message]]) -> None:
        self.rung = rung

    parts = RingingPage.parts


async def promises_are_kept(store: Store, walkers: Sequence[Walker]) -> None:
    """What will be asked weeks later is what was promised, and nothing of people who became guests."""
    async with store.read() as look:
        rows = (await look.connection.execute(select(learners))).all()
    promised = {row.id: [(asked.course, asked.days) for asked in learner_of(row).follow_ups] for row in rows}
    for walker in walkers:
        assert promised.get(walker.learner_id, []) == [
            (course, days) for _, course, days in sorted(walker.known.coming)
        ]


async def same_as_given(store: Store, content: Content, walkers: Sequence[Walker], ids: set[str], out: Path) -> None:
    """The restricted export is the answers, cell by cell; the working group's is the same without what names people."""
    rows = await exported(store, content, out / "restricted", tier=Tier.RESTRICTED, why="a walk")
    given_rows = [row for walker in walkers for row in walker.known.rows]
    assert (flat(rows) - flat(given_rows), flat(given_rows) - flat(rows)) == (Counter(), Counter())
    assert people(rows) == Counter(tuple(sorted(map(cells, w.known.rows))) for w in walkers if w.known.rows)
    assert len({row["response_id"] for row in rows}) == len(rows)
    group = await exported(store, content, out / "group", tier=Tier.GROUP)
    assert flat(row for row in group if row["question_kind"] != "open") == flat(
        row for row in given_rows if row["question_kind"] != "open"
    )
    assert len(group) == len(rows)
    written = b"".join(file.read_bytes() for file in out.rglob("*") if file.is_file()).decode()
    assert "canary-address" not in written
    assert not any(id_ in written for id_ in ids)
    shown = (out / "group" / "feedback.csv").read_text("utf-8")
    assert not any(secret in shown for secret in SECRETS_IN_WORDS)


async def exported(store: Store, content: Content, out: Path, **how: object) -> list[Row]:
    options = ExportOptions(who="ada", **how)  # type: ignore[arg-type]
    home = "https://bot.example.org"
    result = await export(store, store.seal, content.library, content.catalogue, out, options, home=home, now=NOON)
    with result.files[-1].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert result.rows == len(rows)
    return rows


def cells(row: Row) -> tuple[tuple[str, str], ...]:
    """A row as one value, without the codes that every export draws anew."""
    return tuple(sorted((name, cell) for name, cell in row.items() if name not in ("response_id", "learner")))


def flat(rows: Iterable[Row]) -> Counter[tuple[tuple[str, str], ...]]:
    return Counter(map(cells, rows))


def people(rows: Iterable[Row]) -> Counter[tuple[tuple[tuple[str, str], ...], ...]]:
    """How many people gave just these answers."""
    by_code = defaultdict(list)
    for row in rows:
        by_code[row["learner"]].append(cells(row))
    return Counter(tuple(sorted(answers)) for answers in by_code.values())


async def books_add_up(store: Store, walkers: Sequence[Walker], repeats: int) -> None:
    books = await store.counters()
    events = sum(walker.events for walker in walkers)
    assert (books["received"], books["handled"]) == (events + repeats, events)
    assert books.get("duplicate", 0) == repeats
    assert not books.get("parked")
    assert not books.get("unusable")
    async with store.read() as look:
        came = select(func.count()).where(occasions.c.way.in_(OPEN_WAYS))
        assert (await look.connection.execute(came)).scalar_one() == sum(walker.known.brought for walker in walkers)
    assert [campaign.joins for campaign in await store.campaigns()] == [sum(walker.joined for walker in walkers)]


def with_opinions_asked_sooner(content: Content) -> Content:
    """The real course; of its feedback questions one of each kind, early and often, so that short walks meet them all.

    The tour is short enough to be finished by many, so it is followed up here.
    """
    one_of_a_kind = {feedback.question.kind: feedback for feedback in reversed(content.library.feedback)}.values()
    sooner = tuple(replace(feedback, after=2, every=3) for feedback in one_of_a_kind)
    courses = tuple(replace(course, follow_up=True) for course in content.library.courses)
    return Content(replace(content.library, feedback=sooner, courses=courses), content.catalogue)


async def emptied(store: Store) -> None:
    async with store.engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name != "schema_info":
                await connection.execute(table.delete())


async def round_of_walks(url: str, content: Content, seeds: Sequence[int], out: Path) -> list[Walker]:
    store = Store(open_engine(url), Seal(SECRET))
    try:
        await emptied(store)
        return await walked(store, content, seeds, out)
    finally:
        await store.close()


@pytest.mark.timeout(600)
def test_what_is_exported_is_what_was_answered(database_url: str, content: Content, tmp_path: Path):
    """Cell by cell, no row more and none fewer, whichever way people went, and nothing that names them."""
    content = with_opinions_asked_sooner(content)
    seen: Counter[str] = Counter()
    for number in range(ROUNDS):  # seeds of our own: Hypothesis takes its own from constants of the code, which change
        seeds, out = Random(number).sample(range(1, 2**48), PEOPLE), tmp_path / f"round-{number}"
        for walker in asyncio.run(round_of_walks(database_url, content, seeds, out)):
            seen.update(row["phase"] for row in walker.known.rows)
            seen.update(row["question_kind"] for row in walker.known.rows)
            seen["erased"] += walker.erased
            seen["reviewed"] += walker.reviewed
            seen["brought"] += walker.known.brought
        shutil.rmtree(out)

    # The walks came everywhere: else their silence would prove nothing.
    kinds = {"choice", "rating5", "rating10", "multiple", "open", "reaction"}
    phases = {"pre", "quiz", "review", "recall", "reaction", "feedback", "follow_up"}
    assert {*phases, "erased", "reviewed", "brought", *kinds} <= {what for what, times in seen.items() if times}


def test_saying_the_age_after_privacy_on_a_card_leads_back_to_the_card():
    talk = Talk(library())
    talk.start()
    talk.picks("Yes!")
    talk.says("privacy")
    talk.picks("consent.both")
    talk.picks("age.young")
    assert talk.learner is not None
    assert talk.learner.shares_answers
    assert (talk.learner.place.step, talk.learner.place.item) == (Step.CARD, "first")
    assert "lesson.changed" not in talk.lead


def test_two_words_that_begin_like_start_are_an_answer_where_words_are_wanted():
    talk = Talk(library()).at_first_question()
    talk.says("feedback")
    talk.says("start earlier")
    assert talk.rows[-1].text == "start earlier"


def test_the_words_of_the_button_start_again_start_again():
    again = replace(
        library(),
        label=lambda text, language: "Start again" if text == Phrase("button.again") else label(text, language),
    )
    talk = Talk(again).at_first_question()
    talk.start()
    talk.says("Start again")
    assert talk.learner is not None
    assert talk.learner.place.step in (Step.HOOK, Step.BEFORE)


def test_a_campaign_is_a_start_even_where_words_are_wanted():
    talk = Talk(library()).at_first_question()
    talk.says("feedback")
    talk.says("START poster")
    assert talk.learner is not None
    assert talk.learner.campaign == "poster"
    assert not [row for row in talk.rows if isinstance(row, Answered)]


def test_a_question_missed_and_then_skipped_was_met_once():
    talk = Talk(library()).at_first_question()
    talk.picks("option bad")
    talk.says("skip")
    assert talk.learner is not None
    assert talk.learner.memory["one/alpha/key"].exposures == 1


def test_who_starts_twice_before_choosing_a_language_is_asked_for_it_again():
    talk = Talk(library(), languages=("tlh",))
    talk.start()
    talk.start()
    assert talk.learner is not None
    assert talk.learner.place.step is Step.LANGUAGE
    assert talk.body == ["language.ask"]
