"""The whole house with invented people: promises hold, and a planted bug is seen by who watches the phones."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.whatsapp.channel import WhatsApp
from bot.engine import due
from bot.engine.learner import Learner
from bot.engine.occasion import Occasion
from bot.service import Content
from bot.simulation.figures import Figures
from bot.simulation.platform import Account
from storage.ready import Where
from storage.rows import OutboxRow
from storage.transaction import Transaction
from tests.simulation.makers import ROUGH, rehearse, standing

DAYS = {"mix": 8, "telegram": 8, "whatsapp": 20}


@pytest.mark.parametrize("channel", DAYS)
def test_people_come_learn_pause_and_go_and_every_promise_is_kept(content: Content, channel: str) -> None:
    figures = rehearse(standing(content), channel, days=DAYS[channel])
    told = figures.told()
    assert told["promises_broken"] == {}
    assert told["received"] == told["handled"] + told["parked"] > 500
    assert told["due"] == told["sent"] + told["held"] + told["failed"] + told["cancelled"]
    assert told["lessons"] > 100
    assert told["lateness_seconds"]["max"] <= 60
    assert 8 < told["messages_per_lesson"] < 25
    assert (told["template_share"] > 0) is (channel != "telegram")
    assert (told["cost"] > 0) is (channel != "telegram")


def test_the_same_seed_gives_the_same_figures_and_another_one_others(content: Content) -> None:
    few = {"learners": 15, "days": 4}
    first, again, other = (rehearse(standing(content), seed=seed, **few).told() for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_budgets_hold_what_costs_and_say_so(content: Content) -> None:
    ground = standing(content)
    poor = replace(ground.rules, day=replace(ground.rules.day, micros=300_000))
    figures = rehearse(replace(ground, rules=poor), "whatsapp", learners=40, days=5)
    assert figures.promises_kept
    assert figures.by_decision()["hold: budget_money"] > 0


def test_without_approved_templates_whoever_is_silent_is_not_written_to(content: Content) -> None:
    figures = rehearse(standing(content), "whatsapp", learners=40, days=6, templates=False)
    assert figures.promises_kept
    assert figures.by_decision()["hold: window_closed_no_template"] > 0
    assert figures.counts["templates"] == 0


def test_a_narrow_rate_makes_it_late_and_loses_nothing(content: Content) -> None:
    slow = (("telegram", 0.02), ("whatsapp", 0.02))
    figures = rehearse(standing(content), "telegram", learners=30, days=3, rates=slow)
    assert figures.promises_kept
    assert figures.lateness()["max"] > 60


def test_the_forecast_at_midnight_is_what_comes(content: Content) -> None:
    habits = replace(ROUGH, channel="whatsapp", silence=0, pausing=0, stopping=0, blocking=0, arriving=1)
    figures = rehearse(standing(content), habits=habits, learners=150, days=8)
    told = figures.forecasts.told()
    assert figures.forecasts.days == 7
    # Few people, and on the second day as many newcomers are expected as came on the first.
    assert abs(told["deliveries"]["off_percent"] or 99) < 6
    assert abs(told["templates"]["off_percent"] or 99) < 15


# --- planted bugs ------------------------------------------------------------------------------------------------


def few(content: Content, channel: str = "whatsapp", **changes: Any) -> Figures:
    return rehearse(standing(content, **changes), channel, learners=25, days=6)


def test_a_window_that_is_ignored_is_seen(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    ground = standing(content)
    always = replace(ground.rules.channels["whatsapp"], free_for=None)
    rules = replace(ground.rules, channels={**ground.rules.channels, "whatsapp": always})
    monkeypatch.setattr(WhatsApp, "_closed", lambda self, part: None)
    assert few(content, policy=rules).told()["free_form_outside_window"] == 0  # the rules that count are the others
    figures = rehearse(replace(ground, rules=rules), "whatsapp", learners=25, days=6)
    assert figures.told()["free_form_outside_window"] > 0


def test_the_channel_itself_cancels_what_a_wrong_window_lets_through(content: Content) -> None:
    ground = standing(content)
    always = replace(ground.rules.channels["whatsapp"], free_for=None)
    rules = replace(ground.rules, channels={**ground.rules.channels, "whatsapp": always})
    figures = rehearse(replace(ground, rules=rules), "whatsapp", learners=25, days=6)
    assert figures.told()["free_form_outside_window"] == 0
    assert figures.told()["cancelled"] > 0


def test_a_day_that_is_served_twice_is_seen(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgets(learner: Learner, occasion: Occasion) -> Learner:
        """The same day again an hour later, and nobody knows that it was served."""
        again = occasion.kind == "lesson" and occasion.due.hour < 20
        daily = learner.daily.but(last="again" if again else "") if learner.daily else None
        return learner.but(due=occasion.due + timedelta(hours=1 if again else 23), daily=daily)

    def another(learner: Learner, library: Any, now: Any) -> str:
        """Under another name: the database itself refuses the same twice."""
        return "review" if learner.daily and learner.daily.last == "again" else "lesson"

    async def knows_nothing(self: Transaction, pairs: Any) -> set[Any]:
        return set()

    monkeypatch.setattr(due, "onwards", forgets)
    monkeypatch.setattr(due, "kind", another)
    monkeypatch.setattr(Transaction, "decided", knows_nothing)
    assert few(content, "telegram").told()["doubles"] > 0


def test_a_part_that_goes_out_twice_is_seen(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    send = Account._one

    async def twice(self: Account, row: OutboxRow) -> None:
        await send(self, row)
        if row.id % 50 == 0:
            self.arrived(row, self.at)

    monkeypatch.setattr(Account, "_one", twice)
    told = few(content).told()
    assert told["doubles"] > 0
    assert told["promises_broken"]["books_and_phones_differ"] > 0


def test_a_day_left_out_in_silence_is_seen(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    onwards = due.onwards

    def skips(learner: Learner, occasion: Occasion) -> Learner:
        """Mondays bring nothing, whatever was wished for."""
        learner = onwards(learner, occasion)
        if learner.due is not None and learner.due.weekday() == 3:
            return learner.but(due=learner.due + timedelta(days=1))
        return learner

    monkeypatch.setattr(due, "onwards", skips)
    assert few(content, "telegram").told()["promises_broken"]["missed_in_silence"] > 0


def test_an_hour_that_is_not_theirs_is_seen(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    onwards = due.onwards

    def late(learner: Learner, occasion: Occasion) -> Learner:
        learner = onwards(learner, occasion)
        return learner.but(due=learner.due + timedelta(minutes=30)) if learner.due else learner

    monkeypatch.setattr(due, "onwards", late)
    assert few(content, "telegram").told()["promises_broken"]["wrong_minute"] > 0


def test_words_that_the_books_forget_are_seen(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    count = Transaction.write_books

    async def forgets(self: Transaction, where: Where) -> None:
        self._books["received"] -= self._books["received"] > 3
        await count(self, where)

    monkeypatch.setattr(Transaction, "write_books", forgets)
    broken = few(content).told()["promises_broken"]
    assert {"received_is_not_handled", "books_and_people_differ"} <= set(broken)
