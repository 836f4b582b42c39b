"""``sse-bot simulate``: the whole house with invented people, before real ones come."""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands.frame import FOUND, refuse, remark, say

if TYPE_CHECKING:
    from bot.simulation.figures import Figures
    from bot.simulation.plan import Plan

WORTH_FORETELLING = 600_000  # days of people; of more, a forecast each midnight takes longer than the days themselves
LESSONS_LAST = 100  # days
START = date(2026, 3, 2)  # a Monday; clocks change in March in America and Europe


def simulate(
    learners: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many people.")] = 100,
    days: Annotated[int, typer.Option(min=1, max=800, help="How many days.")] = 7,
    seed: Annotated[int, typer.Option(help="The same seed gives the same figures.")] = 1,
    channel: Annotated[str, typer.Option(help="mix, telegram or whatsapp.")] = "mix",
    answering: Annotated[float, typer.Option(min=0, max=1, help="Of the days on which a lesson came.")] = 0.6,
    silence: Annotated[float, typer.Option(min=0, max=1, help="Fall silent for good, each day.")] = 0.01,
    pausing: Annotated[float, typer.Option(min=0, max=1, help="Take a break of a week, each day.")] = 0.002,
    stopping: Annotated[float, typer.Option(min=0, max=1, help="Write STOP, each day.")] = 0.002,
    changing: Annotated[float, typer.Option(min=0, max=1, help="Choose another hour or zone, each day.")] = 0.0,
    arriving: Annotated[int, typer.Option(min=1, help="Days over which they arrive.")] = 10,
    templates: Annotated[bool, typer.Option(help="WhatsApp's templates are approved.")] = True,
    budgets: Annotated[bool, typer.Option("--budgets", help="Hold to policies/messages.yaml's budgets.")] = False,
    plan_only: Annotated[
        bool, typer.Option("--plan-only", help="Planner and window alone: no store, no words.")
    ] = False,
    outages: Annotated[
        bool, typer.Option("--outages", help="With --plan-only: every 25 days it is down for minutes, hours or days.")
    ] = False,
    start: Annotated[
        str, typer.Option(metavar="DAY", help="The UTC day it begins, like 2011-03-01.")
    ] = f"{START:%Y-%m-%d}",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")] = False,
) -> None:
    """Play days with invented people through the real house.

    The real engine, planner, window, budgets and database over a moved clock; nothing leaves this machine.
    People arrive, choose an hour, answer or do not, fall silent, pause and stop as the options say, which
    are shares between 0 and 1. It prints what was brought and held, and why, how late, what it cost, and
    what tomorrow's forecast was worth. Budgets are lifted unless you ask for them.

    A promise that is broken is named, and the command leaves with 1: nobody served twice on a day, everything
    due in its local minute or held with a reason, nothing forgotten, nothing free-form outside WhatsApp's 24
    hours, books that add up. Who judges works out for themselves what each person waits for.

    With --plan-only over more than 100 days, lessons begin anew when all are done.

    \b
    sse-bot simulate --learners 500 --days 14
    sse-bot simulate --channel whatsapp --answering 0.3 --budgets
    sse-bot simulate --learners 100000 --days 30 --plan-only --json
    sse-bot simulate --learners 5000 --days 730 --start 2011-03-01 --silence 0.001 --outages --plan-only
    """
    from bot.simulation.people import CHANNELS, Habits
    from bot.simulation.plan import Plan

    if channel not in CHANNELS:
        raise refuse(f"--channel {channel}: choose one of {', '.join(CHANNELS)}.")
    if outages and not plan_only:
        raise refuse("--outages goes with --plan-only.")
    habits = Habits(
        channel, answering, silence, pausing, stopping, changing=changing, arriving=min(arriving, days)
    )  # fmt: skip
    plan = Plan(
        learners, days, seed, habits, templates=templates, start=_day(start), outages=outages,
        foretell=not plan_only or learners * days <= WORTH_FORETELLING, endless=plan_only and days > LESSONS_LAST,
    )  # fmt: skip
    _play(plan, plan_only=plan_only, budgets=budgets, as_json=as_json)


def _play(plan: "Plan", *, plan_only: bool, budgets: bool, as_json: bool) -> None:
    """Plays it and prints what was seen; leaves with 1 where a promise was broken."""
    from bot.logs import set_up_logs
    from bot.simulation.running import run_all
    from bot.wiring.rehearsing import ground

    set_up_logs("warning", "console")
    began = time.perf_counter()
    figures = run_all(plan, ground, told(plan.days), plan_only=plan_only, budgets=budgets)
    seconds = time.perf_counter() - began
    say(json.dumps(figures.told() | {"seconds": round(seconds, 1)}) if as_json else _page(figures, seconds))
    if not figures.promises_kept:
        _complain(figures)
        raise typer.Exit(FOUND)


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise refuse(f"--start {text}: write it like 2011-03-01.") from None


def told(days: int, clock: Callable[[], float] = time.monotonic) -> Callable[[int], None]:
    """Says on standard error how far it is, at most every two seconds; on a terminal in one line."""
    began = last = clock()
    terminal = sys.stderr.isatty()

    def progress(day: int) -> None:
        nonlocal last
        if clock() - last < 2:
            return
        last = clock()
        print(f"day {day} of {days}, {last - began:.0f} s", file=sys.stderr, end="\r" if terminal else "\n", flush=True)

    return progress


def _complain(figures: "Figures") -> None:
    from bot.simulation.figures import PROMISES

    for name, times in sorted((+figures.broken).items()):
        remark(f"BROKEN {times} times: {PROMISES.get(name, name)}")


def _page(figures: "Figures", seconds: float) -> str:
    found = figures.told()
    late = found["lateness_seconds"]
    books = " + ".join(f"{found[name]:,} {name}" for name in ("sent", "held", "failed", "cancelled"))
    lines = [
        f"{found['learners']:,} people, {found['lessons']:,} lessons, in {seconds:.0f} s",
        "",
        "What the clock brought, and what was held",
        *_rows(found["by_decision"]),
        "",
        f"late           half within {late['p50']} s, 99 of 100 within {late['p99']} s, the latest {late['max']} s",
        f"template days  {found['template_share']:.1%} of WhatsApp's lesson-days needed a paid template",
        f"messages       {found['messages_per_lesson']} a lesson",
        f"money          {found['cost']:,.2f} USD out, {found['cost_inbound']:,.2f} USD for messages in",
        f"opt-outs       {found['opt_outs']:,}",
        f"people wrote   {found['received']:,} received = {found['handled']:,} handled + {found['parked']:,} parked",
        f"messages due   {found['due']:,} = {books}",
    ]
    lines += [_foretold(name, one) for name, one in found["forecast"].items() if one["actual"]]
    if any(over := found["days_over_budget"].values()):
        messages, usd = over
        lines.append(f"budgets        passed on {usd} days (money), {messages} (messages): policies/messages.yaml")
    lines.append(_checked(found))
    if figures.promises_kept:
        lines += ["", "Every promise was kept."]
    return "\n".join(lines)


def _checked(found: dict[str, Any]) -> str:
    broken = found["promises_broken"]
    minutes = broken.get("wrong_minute", 0) + broken.get("not_in_their_minute", 0)
    missed, doubled = broken.get("missed_in_silence", 0), broken.get("doubles", 0)
    days = f"{found['decisions']:,} days in {found['zones']} zones"
    return f"checked        {days}: {minutes} outside their minute, {doubled} doubled, {missed} missed in silence"


def _rows(counted: dict[str, int]) -> list[str]:
    return [f"{count:10,}  {name}" for name, count in counted.items()]


def _foretold(name: str, one: dict[str, Any]) -> str:
    expected, came = f"{one['expected']:,.0f}", f"{one['actual']:,.0f}"
    off = "" if came == "0" else f" ({one['off_percent']:+} %)"  # a share of nothing says nothing
    return f"forecast       {name}: {expected} expected, {came} came{off}"
