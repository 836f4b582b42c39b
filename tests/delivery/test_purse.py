"""What today has cost, and whether one more message is within the budgets."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.content.message_policy import read_rules
from bot.delivery.purse import Purse
from bot.engine.window import Budget, Rules
from bot.wiring.house import POLICIES
from storage.rows import Spending
from tests.service.house import Clock

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
RULES: Rules = replace(
    read_rules(POLICIES), day=Budget(10, 10_000_000), each_country=Budget(5, 10_000_000), countries={}, warn_at=80
)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def purse(clock: Clock) -> Purse:
    return Purse(RULES, clock)


def test_messages_count_until_a_countrys_budget_is_used_up(purse: Purse):
    for _ in range(5):
        assert purse.has_for("whatsapp", "ES")
        purse.add(Spending("ES", 1, 25_000))
    assert not purse.has_for("whatsapp", "ES")
    assert purse.has_for("whatsapp", "FR")


def test_the_budget_of_all_together_counts_too(purse: Purse):
    for country in ("ES", "FR"):
        purse.add(Spending(country, 5, 25_000))
    assert not purse.has_for("whatsapp", "SN")


def test_what_costs_nothing_is_never_held(purse: Purse):
    purse.add(Spending("ES", 1_000, 10**9))
    assert purse.has_for("telegram", "ES")
    assert purse.has_for("web", None)


def test_money_counts_to_the_last_micro_dollar(purse: Purse):
    price = 25_000  # Spain: 0.02 of Meta's and 0.005 of Twilio's
    purse.add(Spending("ES", 1, 10_000_000 - price))
    assert purse.has_for("whatsapp", "ES")
    purse.add(Spending("ES", 1, 1))
    assert not purse.has_for("whatsapp", "ES")


def test_a_new_day_begins_with_a_full_purse(purse: Purse, clock: Clock):
    purse.add(Spending("ES", 5, 1))
    clock.move(days=1)
    assert purse.has_for("whatsapp", "ES")
    purse.add(Spending("ES", 1, 1))
    assert purse.spent("ES").messages == 1


def test_a_look_at_the_database_replaces_what_was_known(purse: Purse):
    purse.add(Spending("ES", 1, 1))
    purse.take_up([Spending("ES", 3, 3), Spending("FR", 1, 1)])
    assert (purse.spent("ES").messages, purse.spent("ES").country_messages) == (4, 3)


def test_somebody_is_warned_at_four_fifths(purse: Purse):
    purse.add(Spending("ES", 3, 1))
    assert purse.warnings() == []
    purse.add(Spending("ES", 1, 1))
    assert purse.warnings() == ["ES"]


def test_turns_that_cost_nothing_add_nothing(purse: Purse):
    purse.add(None)
    assert purse.spent(None).messages == 0


def test_the_day_is_utc_s(clock: Clock):
    clock.now = NOON + timedelta(hours=11, minutes=59)
    assert Purse(RULES, clock).today() == "2026-11-24"
