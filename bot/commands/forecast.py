"""``sse-bot forecast``: what the next day will bring to real learners, what of it is held, and what it costs."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands.frame import begin, in_house, refuse, remark, say

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.simulation.foretelling import Outlook
    from bot.wiring import House


def forecast(
    day: Annotated[
        str | None, typer.Option(metavar="DAY", help="A UTC day like 2026-11-28; else 24 hours from now.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")] = False,
) -> None:
    """Say what tomorrow's lessons will come to.

    For everybody who is due: how it will go out or why it will be held, at which hours, and the money by
    country beside the budgets. Whether people write until then is taken from how the last days went. Nothing
    is written and nothing is sent.

    \b
    sse-bot forecast
    sse-bot forecast --day 2026-11-28 --json
    """
    start = _day(day) if day is not None else None
    settings = begin(quiet=True)
    found = in_house(lambda house: _forecast(house, settings, start))
    if as_json:
        say(json.dumps(found))
    else:
        _show(found)
    if found["warning"]:
        remark(found["warning"])


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise refuse(f"--day {text}: write it like 2026-11-28.") from None


async def _forecast(house: "House", settings: "Settings", start: datetime | None) -> dict[str, Any]:
    from bot.simulation.seen import DAY
    from bot.wiring.foretelling import looked_ahead, remembered_templates

    begins = start or house.clock()
    if begins + DAY <= house.clock():
        raise refuse(f"--day {begins:%Y-%m-%d} is over.")
    outlook, seen, talk = await looked_ahead(house, settings, begins)
    templates = await remembered_templates(house)
    approved = any(one.approved for one in templates.invitations.standings())
    rules = house.purse.rules
    found = _told(outlook)
    micros = sum(one.micros for one in talk.values())
    return found | {
        "from": begins.isoformat(),
        "until": (begins + DAY).isoformat(),
        "replies_cost": round(micros / 1_000_000, 4),
        "budget": {"messages": rules.day.messages, "usd": rules.day.micros / 1_000_000},
        "cases_seen": sum(sum(counted.values()) for counted in seen.pairs.values()),
        "warning": "" if approved or not settings.whatsapp else NO_TEMPLATE,
    }


NO_TEMPLATE = (
    "WhatsApp is on and no template is approved: whoever has not written for 24 hours gets nothing. "
    "Run: sse-bot templates sync"
)


def _told(outlook: "Outlook") -> dict[str, Any]:
    """The outlook as plain data."""
    usd = {country: value / 1_000_000 for country, value in outlook.by(lambda o: o.country, lambda o: o.micros).items()}
    brought = outlook.by(lambda one: one.country, lambda one: not one.held)
    hours = outlook.by(lambda one: f"{one.hour:02}:00", lambda one: not one.held)
    decisions = outlook.by(lambda one: f"{one.way}: {one.reason}", lambda _: 1)
    return {
        "learners": outlook.learners,
        "unsure": outlook.unsure,
        "unreadable": outlook.unreadable,
        "newcomers": round(outlook.newcomers, 1),
        "deliveries": round(outlook.deliveries, 1),
        "templates": round(outlook.templates, 1),
        "held": {n: round(v, 1) for n, v in outlook.by(lambda o: o.reason if o.held else "", lambda o: o.held).items()},
        "by_decision": {name: round(count, 1) for name, count in decisions.items()},
        "by_hour": {hour: round(count, 1) for hour, count in hours.items()},
        "by_country": {
            country or "unknown": {"deliveries": round(count, 1), "usd": round(usd.get(country, 0.0), 4)}
            for country, count in brought.items()
        },
        "cost": round(outlook.dollars, 4),
    }


def _show(found: dict[str, Any]) -> None:
    say(f"{found['from'][:16]} to {found['until'][:16]} UTC: {found['learners']:,} learners are due")
    say()
    for name, count in sorted(found["by_decision"].items(), key=lambda pair: -pair[1]):
        say(f"{count:10,.0f}  {name}")
    say()
    if found["by_hour"]:
        peak = max(found["by_hour"], key=found["by_hour"].__getitem__)
        say(f"peak      {found['by_hour'][peak]:,.0f} in the hour from {peak} UTC")
    budget = found["budget"]
    say(f"money     {found['cost']:,.2f} USD, and some {found['replies_cost']:,.2f} for replies as the last days went")
    say(f"budget    {budget['usd']:,.2f} USD and {budget['messages']:,} messages a day")
    dearest = sorted(found["by_country"].items(), key=lambda pair: -pair[1]["usd"])[:10]
    for country, one in dearest:
        say(f"          {country:8} {one['deliveries']:8,.0f} deliveries {one['usd']:9,.2f} USD")
    if found["unreadable"]:
        say(f"left out  {found['unreadable']:,} whose rows cannot be read; the planner's log names them")
    if found["unsure"]:
        say()
        say(_unsure(found))


def _unsure(found: dict[str, Any]) -> str:
    people = f"{found['unsure']:,} of them can be reached for less if they write before their hour"
    if not found["cases_seen"]:
        return f"{people}. Nothing is known yet of how often they do: half is assumed."
    return f"{people}; how many will is taken from {found['cases_seen']:,} decisions of the last days."
