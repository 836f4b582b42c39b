"""Brakes hold loops and bills, never learning."""

from pathlib import Path

import pytest

from bot.content.brake_policy import FILE, read_brakes
from bot.content.policies import BrakePolicy
from bot.delivery.brakes import DAY, HOUR, Brakes, Counts, Verdict, Weighing, current, decide, understood
from bot.engine.events import Address, Event, Said
from bot.engine.turn import Phrase, Say, Text, Turn, Verbatim
from bot.errors import ContentRefused
from tests.makers import NOON, Talk, library

POLICIES = Path(__file__).resolve().parents[2] / "policies"
POLICY = BrakePolicy(replies_an_hour=10, replies_a_day_not_understood=3)


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def said(who: str = "1", channel: str = "telegram", country: str | None = None) -> Event:
    return Said(id="e", address=Address(channel, who), at=NOON, text="?", country=country)


def turn(*lead: Text) -> Turn:
    return Turn(Talk(library()).start().learner, (Say((Verbatim("body"),), lead=lead),))


def weigh(brakes: Brakes, event: Event, turn: Turn) -> Verdict:
    """A reply that is weighed in a transaction of its own, which is committed."""
    alone = Weighing(brakes)
    verdict = alone.weigh(event, turn)
    alone.count()
    return verdict


CLEAR, PUZZLED = turn(), turn(Phrase("unclear.pick.1"))


def test_the_figures_are_those_of_the_file() -> None:
    policy = read_brakes(POLICIES)
    assert policy == BrakePolicy(120, 15, frozenset())


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("replies_an_hour: 0\nreplies_a_day_not_understood: 1\ncountries: []\n", "brakes.yaml:1"),
        ("replies_an_hour: 5\nreplies_a_day_not_understood: 1\ncountries: [fr]\n", "brakes.yaml:3"),
        ("replies_an_hour: [\n", "not valid YAML"),
        ("replies_an_hour: 5\n", "is missing"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / FILE).write_text(text, "utf-8")
    with pytest.raises(ContentRefused, match=complaint):
        read_brakes(tmp_path)


@pytest.mark.parametrize("key", ["unclear.pick.2", "unclear.card.1", "sent.voice", "old.unknown"])
def test_what_told_us_nothing_is_known_by_its_reply(key: str) -> None:
    assert not understood(turn(Phrase(key)))
    assert understood(turn(Phrase("answer.right_was"), Verbatim("unclear.x")))


def test_a_learner_at_full_speed_meets_no_brake() -> None:
    brakes, clock = Brakes(read_brakes(POLICIES), Clock()), Clock()
    brakes.clock = clock
    for _ in range(60):
        clock.seconds += 30
        assert weigh(brakes, said(), CLEAR).reply


def test_a_loop_is_held_until_the_hour_is_over() -> None:
    clock = Clock()
    brakes = Brakes(POLICY, clock)
    verdicts = [weigh(brakes, said(), CLEAR) for _ in range(12)]
    assert [verdict.reply for verdict in verdicts] == [True] * 10 + [False] * 2
    assert verdicts[-1].why == "replies an hour"
    clock.seconds = HOUR
    assert weigh(brakes, said(), CLEAR).reply


def test_a_machine_that_says_nothing_we_know_is_held_for_the_day() -> None:
    clock = Clock()
    brakes = Brakes(POLICY, clock)
    assert [weigh(brakes, said(), PUZZLED).reply for _ in range(5)] == [True] * 3 + [False] * 2
    clock.seconds = HOUR * 2
    assert weigh(brakes, said(), PUZZLED).why == "not understood"
    clock.seconds = DAY
    assert weigh(brakes, said(), PUZZLED).reply


def test_one_word_we_know_lets_go() -> None:
    brakes = Brakes(POLICY, Clock())
    for _ in range(5):
        weigh(brakes, said(), PUZZLED)
    assert weigh(brakes, said(), CLEAR).reply
    assert weigh(brakes, said(), PUZZLED).reply


def test_one_learners_brake_is_no_other_learners() -> None:
    brakes = Brakes(POLICY, Clock())
    for _ in range(11):
        weigh(brakes, said("1"), CLEAR)
    assert not weigh(brakes, said("1"), CLEAR).reply
    assert weigh(brakes, said("2"), CLEAR).reply
    assert weigh(brakes, said("1", "whatsapp"), CLEAR).reply


def test_of_one_transaction_each_reply_weighs_with_those_before_it_and_counts_once_it_is_committed() -> None:
    brakes = Brakes(POLICY, Clock())
    for _ in range(3):
        tried = Weighing(brakes)
        assert [tried.weigh(said(), CLEAR).reply for _ in range(11)] == [True] * 10 + [False]
    tried.count()
    assert not weigh(brakes, said(), CLEAR).reply


def test_what_is_held_back_does_not_count() -> None:
    before = Counts(replies=10)
    assert decide(POLICY, before, clear=True).why == "replies an hour"
    assert current(before, clear=True, now=HOUR - 1) == before


def test_countries_are_held_only_where_a_reply_costs_money() -> None:
    brakes = Brakes(BrakePolicy(countries=frozenset({"SN"})), Clock())
    assert weigh(brakes, said(channel="whatsapp", country="FR"), CLEAR).why == "country"
    assert weigh(brakes, said(channel="whatsapp", country="SN"), CLEAR).reply
    assert weigh(brakes, said(channel="telegram", country="FR"), CLEAR).reply


def test_no_address_stands_in_memory() -> None:
    brakes = Brakes(POLICY, Clock())
    weigh(brakes, said("123456789"), CLEAR)
    assert "123456789" not in repr(brakes._counts)
