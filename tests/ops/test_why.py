"""``sse-bot why``: what was decided, how late it came, what it cost, and why; for all and for one learner."""

import asyncio
from datetime import UTC, datetime, timedelta

from bot.commands.frame import open_store
from bot.engine.occasion import Occasion
from bot.engine.turn import Noted
from bot.settings import load_settings
from tests.ops.conftest import Cli
from tests.storage.makers import GROWN, arrive, ended, sending

DAY = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)


async def _lived() -> None:
    async with open_store(load_settings()) as store:
        came = Occasion("lesson", DAY.date(), DAY, "free_form", "window_open", "telegram")
        held = Occasion("lesson", DAY.date(), DAY, "hold", "window_closed_no_template", "whatsapp")
        await arrive(store, "77", records=(Noted(came),), parts=["hello"], now=DAY, **GROWN)
        await arrive(store, "bob", records=(Noted(held),), now=DAY, **GROWN)
        await ended(store, *await sending(store, now=DAY), now=DAY)


def test_nothing_was_due(cli: Cli, begun: None) -> None:
    ran = cli("why")
    assert (ran.code, ran.out, ran.err.strip()) == (0, "", "Nothing was due in that time.")


def test_it_tells_what_was_decided_for_everybody(cli: Cli) -> None:
    asyncio.run(_lived())
    ran = cli("why")
    assert ran.code == 0
    assert "      1  lesson     free_form            window_open" in ran.out
    assert "      1  lesson     hold                 window_closed_no_template" in ran.out
    assert "late    half within" in ran.out
    assert "today   all 0 of 2500 messages, 0.00 of 25.00 US dollars" in ran.out


def test_it_tells_one_learner_s_days_in_sentences(cli: Cli) -> None:
    asyncio.run(_lived())
    ran = cli("why", "telegram:77")
    assert ran.code == 0
    assert "It came" in ran.out
    assert "next    nothing comes by itself" in ran.out


def test_nobody_at_that_address(cli: Cli, begun: None) -> None:
    ran = cli("why", "telegram:78")
    assert (ran.code, ran.out) == (1, "")
    assert "Nobody is known" in ran.err


def test_an_address_that_is_none_is_refused(cli: Cli) -> None:
    assert cli("why", "77").code == 2
