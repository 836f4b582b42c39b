"""``sse-bot why``: why daily lessons came, came late or did not come."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.erase import placed
from bot.commands.frame import FOUND, in_house, remark, say

if TYPE_CHECKING:
    from bot.wiring import House
    from storage.rows import Brought, Spending

SHOWN = 14  # decisions of one learner: two weeks

Decisions = dict[tuple[str, str, str], int]


def why(
    address: Annotated[
        str | None, typer.Argument(help="CHANNEL:ADDRESS of one learner, or - to type it where nobody sees it.")
    ] = None,
    hours: Annotated[int, typer.Option("--hours", min=1, max=24 * 90, help="How far to look back.")] = 24,
) -> None:
    """Tell why lessons came, came late or did not come.

    Without an address: what was decided for everybody, how late it came, what was held and why, and what the day
    has cost so far. With one: the last two weeks of that learner, a sentence each.

    \b
    sse-bot why
    sse-bot why --hours 168
    sse-bot why telegram:123456789
    """
    if address is not None:
        channel, place = placed(address)
        raise typer.Exit(in_house(lambda house: _one(house, channel, place)))
    in_house(lambda house: _everybody(house, timedelta(hours=hours)))


async def _everybody(house: "House", back: timedelta) -> None:
    from bot.wiring.planning import spread

    since = house.clock() - back
    decisions = await house.store.decisions(since)
    if not decisions:
        remark("Nothing was due in that time.")
        return
    for line in _table(decisions):
        say(line)
    late = spread(await house.store.lateness(since))
    say(f"late    half within {late['p50']} s, 99 of 100 within {late['p99']} s, the worst {late['worst']} s")
    for line in _bill(house, await house.store.spent(house.purse.today())):
        say(line)


def _table(decisions: Decisions) -> Iterable[str]:
    """What was decided, most often first."""
    for (kind, way, reason), count in sorted(decisions.items(), key=lambda item: -item[1]):
        yield f"{count:7}  {kind:10} {way:20} {reason}"


def _bill(house: "House", spent: "list[Spending]") -> Iterable[str]:
    """What today has cost, by country, beside the budget."""
    day = house.purse.rules.day
    for one in spent:
        yield f"today   {one.country or '??'}  {one.messages} messages, {one.micros / 1e6:.2f} US dollars"
    messages, dollars = sum(one.messages for one in spent), sum(one.micros for one in spent) / 1e6
    yield f"today   all {messages} of {day.messages} messages, {dollars:.2f} of {day.micros / 1e6:.2f} US dollars"


async def _one(house: "House", channel: str, place: str) -> int:
    from bot.engine.events import Address

    learner_id = await house.store.learner_at(Address(channel, place))
    learner = await house.store.learner(learner_id) if learner_id else None
    if learner is None:
        remark("Nobody is known at that address.")
        return FOUND
    for one in reversed(await house.store.brought(learner.id, SHOWN)):
        say(_sentence(house, one))
    say(f"next    {learner.due:%Y-%m-%d %H:%M} UTC" if learner.due else "next    nothing comes by itself")
    return 0


def _sentence(house: "House", one: "Brought") -> str:
    """The sentence a learner would get, in English, with what the platform said."""
    from bot.engine.turn import Phrase, When
    from bot.engine.why import reason

    words = house.catalogue().label(
        Phrase(f"why.{reason(one, house.clock())}", {"when": When(one.occasion.due, "UTC")}), "en"
    )
    told = f" ({one.outcome})" if one.outcome else ""
    return f"{one.occasion.day}  {one.occasion.kind:10} {words}{told}"
