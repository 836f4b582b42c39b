"""``sse-bot simulate`` and ``sse-bot forecast`` as an operator meets them."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.commands.frame import open_store
from bot.commands.simulate import _foretold
from bot.engine.subscription import EVERY_DAY, Subscription
from bot.settings import load_settings
from bot.simulation.watch import Watch
from storage.tables import learners
from tests.ops.conftest import Cli
from tests.storage.makers import GROWN, arrive

KEYS = {
    "received", "handled", "parked", "due", "sent", "held", "failed", "doubles", "free_form_outside_window",
    "lateness_seconds", "messages_per_lesson", "cost",
}  # fmt: skip
FEW = ("--learners", "12", "--days", "3", "--seed", "5")


def test_simulate_prints_the_keys_that_programs_read(cli: Cli, bare_environment: Path) -> None:
    ran = cli("simulate", *FEW, "--json")
    told = json.loads(ran.out)
    assert ran.code == 0
    assert set(told) >= KEYS
    assert set(told["lateness_seconds"]) == {"p50", "p99", "max"}
    assert told["received"] == told["handled"] + told["parked"] > 0
    assert list(bare_environment.iterdir()) == []


def test_simulate_for_people_says_that_promises_were_kept(cli: Cli, bare_environment: Path) -> None:
    ran = cli("simulate", *FEW, "--plan-only", "--channel", "whatsapp")
    assert ran.code == 0
    assert "Every promise was kept." in ran.out
    assert "needed a paid template" in ran.out
    assert ": 0 outside their minute, 0 doubled, 0 missed in silence" in ran.out


def test_simulate_begins_on_any_day_and_nothing_runs_now_and_then(cli: Cli, bare_environment: Path) -> None:
    days = ("--days", "33", "--start", "2011-12-09", "--outages", "--changing", "0.1", "--pausing", "0.05")
    ran = cli("simulate", "--learners", "40", *days, "--plan-only", "--json")
    told = json.loads(ran.out)
    assert (ran.code, told["promises_broken"]) == (0, {})
    assert told["zones"] > 20


@pytest.mark.parametrize("wrong", [("--outages",), ("--start", "tomorrow")])
def test_simulate_refuses_what_it_cannot_play(cli: Cli, bare_environment: Path, wrong: tuple[str, ...]) -> None:
    ran = cli("simulate", *FEW, *wrong)
    assert (ran.code, ran.out) == (2, "")
    assert wrong[0] in ran.err


def test_a_broken_promise_is_named_and_the_command_leaves_with_1(
    cli: Cli, bare_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Watch, "at_the_end", lambda self, at: self.broken.update(missed_in_silence=2))
    ran = cli("simulate", *FEW, "--plan-only")
    assert ran.code == 1
    assert "BROKEN 2 times: a day on which something was due went by" in ran.err


def test_a_channel_that_is_none_is_refused(cli: Cli, bare_environment: Path) -> None:
    ran = cli("simulate", "--channel", "pigeon")
    assert (ran.code, ran.out) == (2, "")
    assert "mix, telegram, whatsapp" in ran.err


def test_what_came_to_nothing_has_no_percentage() -> None:
    assert _foretold("cost", {"expected": 0.2, "actual": 0.27, "off_percent": -25.94}).endswith("0 expected, 0 came")
    told = _foretold("deliveries", {"expected": 12.0, "actual": 10.0, "off_percent": 20.0})
    assert told.endswith("12 expected, 10 came (+20.0 %)")


def test_forecast_of_an_empty_house_is_nothing(cli: Cli, begun: None, bare_environment: Path) -> None:
    told = json.loads(cli("forecast", "--json").out)
    assert (told["learners"], told["deliveries"], told["cost"]) == (0, 0, 0)


def test_forecast_tells_of_a_learner_who_cannot_be_read_and_goes_on_with_the_others(
    cli: Cli, begun: None, bare_environment: Path
) -> None:
    async def some_are_due() -> None:
        async with open_store(load_settings()) as store:
            soon = datetime.now(UTC) + timedelta(hours=1)
            wish = Subscription(f"{soon:%H:%M}", EVERY_DAY, "UTC", "telegram")
            for who in ("ada", "bob", "eve"):
                await arrive(
                    store, who, now=soon - timedelta(hours=2), daily=wish, due=soon, channel="telegram", **GROWN
                )
            async with store.transaction() as tx:
                await tx.connection.execute(update(learners).where(learners.c.id == "learner-bob").values(state="{"))

    asyncio.run(some_are_due())
    told = json.loads(cli("forecast", "--json").out)
    assert (told["learners"], told["unreadable"]) == (2, 1)
    assert "left out  1 whose rows cannot be read" in cli("forecast").out


def test_forecast_warns_when_whatsapp_has_no_approved_template(
    cli: Cli, begun: None, bare_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "0" * 32)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "0" * 32)
    monkeypatch.setenv("TWILIO_WHATSAPP_SENDER", "whatsapp:+14155238886")
    monkeypatch.setenv("TWILIO_API_URL", "http://127.0.0.1:1")
    ran = cli("forecast")
    assert ran.code == 0
    assert "no template is approved" in ran.err


@pytest.mark.parametrize("day", ["tomorrow", "2020-01-01"])
def test_forecast_refuses_a_day_that_is_none_or_over(cli: Cli, bare_environment: Path, day: str) -> None:
    assert cli("forecast", "--day", day).code == 2
