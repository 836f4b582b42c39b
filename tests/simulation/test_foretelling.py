"""Tomorrow for real learners: what is certain, what depends on them, and what the budgets leave of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from bot.content.message_policy import read_rules
from bot.engine.events import Address, Said
from bot.engine.learner import Keep, Learner, Place, Step
from bot.engine.occasion import Occasion
from bot.engine.subscription import EVERY_DAY, Subscription
from bot.engine.turn import Noted
from bot.engine.window import Budget
from bot.service import Content
from bot.simulation.foretelling import Forecast, Outlook
from bot.simulation.plan import lifted
from bot.simulation.planned import Approved
from bot.simulation.seen import FEW, Seen
from bot.wiring.house import POLICIES
from storage.rows import Arrival, Handled, Lately, Reach
from storage.store import Store
from storage.tables import learners

RULES = lifted(read_rules(POLICIES))
MIDNIGHT = datetime(2026, 11, 25, tzinfo=UTC)
SEVEN = MIDNIGHT + timedelta(hours=7)
LONG_AGO = MIDNIGHT - timedelta(days=20)


def due_at_seven(name: str = "ana", **changes: object) -> Learner:
    wish = Subscription("07:00", EVERY_DAY, "UTC", "whatsapp", served=date(2026, 11, 24))
    learner = Learner(
        name, 1, "en", MIDNIGHT - timedelta(days=9), MIDNIGHT - timedelta(hours=30), keep=Keep.BOTH, age_band="16_24",
        country="KE", zone="UTC", place=Place(Step.NEXT), done=("tour/people-first",), channel="whatsapp",
        daily=wish, due=SEVEN,
    )  # fmt: skip
    return learner.but(**changes)


def outlook(
    content: Content, *heard: float, seen: Seen | None = None, templates: bool = True, **rules: object
) -> Outlook:
    """Of learners who wrote so many hours before midnight."""
    inviting = {"whatsapp": Approved()} if templates else {}
    forecast = Forecast(replace(RULES, **rules), inviting, lambda channel: True, seen or Seen(), MIDNIGHT)
    for number, hours in enumerate(heard):
        reach = Reach(number, Address("whatsapp", ""), MIDNIGHT - timedelta(hours=hours))
        forecast.take(due_at_seven(f"learner-{number}"), [reach], content.library)
    return forecast.done()


def weighed(open_days: int, of: int) -> Seen:
    """Decisions of yesterday about others, each a day after an open one."""
    seen = Seen()
    for number in range(of):
        reason = "window_open" if number < open_days else "window_closed_utility"
        for back, why in ((2, "window_open"), (1, reason)):
            at = SEVEN - timedelta(days=back)
            seen.note(Lately(f"other-{number}", at, at, "free_form", why, "KE", 1, None))
    for number in range(9):
        at = SEVEN - timedelta(days=1)
        seen.note(Lately(f"learner-{number}", at, at, "free_form", "window_open", "KE", 1, None))
    return seen


def test_whoever_wrote_within_the_day_before_their_hour_is_certain(content: Content) -> None:
    found = outlook(content, 3.0)
    assert (found.deliveries, found.templates, found.unsure) == (1, 0, 0)


def test_whoever_has_not_is_weighed_by_how_the_last_days_went(content: Content) -> None:
    found = outlook(content, 20.0, 20.0, seen=weighed(FEW, 4 * FEW))
    assert found.unsure == 2
    assert found.deliveries == pytest.approx(2)
    assert found.templates == pytest.approx(1.5)


def test_who_has_written_already_is_part_of_that_share(content: Content) -> None:
    found = outlook(content, 3.0, 20.0, seen=weighed(3 * FEW, 4 * FEW))
    assert found.templates == pytest.approx(0.5)


def after_days(reason: str, of: int, days: float = 1, before: str = "window_open") -> Seen:
    """Decisions about others, each so many days after one of another kind; the nine of today had that kind too."""
    seen = Seen()
    yesterday = SEVEN - timedelta(days=1)
    for number in range(of):
        for at, why in ((yesterday - timedelta(days=days), before), (yesterday, reason)):
            seen.note(Lately(f"other-{number}", at, at, "free_form", why, "KE", 1, LONG_AGO))
    for number in range(9):
        at = SEVEN - timedelta(days=days)
        seen.note(Lately(f"learner-{number}", at, at, "free_form", before, "KE", 1, LONG_AGO))
    return seen


def test_after_days_without_a_lesson_nobody_is_expected_to_have_written(content: Content) -> None:
    seen = after_days("window_closed_utility", 4 * FEW, days=3)
    for number in range(4 * FEW):
        at = SEVEN - timedelta(days=1)
        seen.note(Lately(f"daily-{number}", at, at, "free_form", "window_open", "KE", 1, at))
    assert outlook(content, 90.0, seen=seen).templates == pytest.approx(1)


def test_whoever_came_days_ago_and_was_brought_nothing_yet_is_not_expected_to_write(content: Content) -> None:
    seen = Seen()
    for number in range(4 * FEW):  # they came yesterday, and found their windows open
        at = SEVEN - timedelta(hours=12)
        seen.note(Lately(f"new-{number}", at, at, "free_form", "window_open", "KE", 1, at - timedelta(hours=9)))
    assert outlook(content, 30.0, seen=seen).templates == pytest.approx(1)


def test_some_will_be_in_a_lesson_in_that_minute_and_get_nothing(content: Content) -> None:
    seen = weighed(0, 3 * FEW)
    for number in range(FEW):
        for back, why in ((2, "window_open"), (1, "here")):
            at = SEVEN - timedelta(days=back)
            seen.note(Lately(f"late-{number}", at, at, "hold", why, "KE", 0, None))
    found = outlook(content, 20.0, 20.0, seen=seen)
    assert found.deliveries == pytest.approx(1.5)
    assert found.templates == pytest.approx(1.5)
    assert found.by(lambda one: one.reason, lambda one: one.held)["here"] == pytest.approx(0.5)


def test_where_there_is_no_window_some_are_in_a_lesson_too(content: Content) -> None:
    seen = after_days("always_open", 3 * FEW, before="always_open")
    for number in range(FEW):
        for back, why in ((2, "always_open"), (1, "here")):
            at = SEVEN - timedelta(days=back)
            seen.note(Lately(f"late-{number}", at, at, "hold", why, "KE", 0, LONG_AGO))
    forecast = Forecast(RULES, {}, lambda channel: True, seen, MIDNIGHT)
    for number in range(4):
        learner = due_at_seven(f"learner-{number}")
        assert learner.daily is not None
        learner = learner.but(channel="telegram", daily=learner.daily.but(channel="telegram"))
        reach = Reach(number, Address("telegram", ""), MIDNIGHT - timedelta(hours=30))
        forecast.take(learner, [reach], content.library)
    found = forecast.done()
    assert found.deliveries == pytest.approx(3)
    assert found.unsure == 0


def test_few_cases_of_their_own_are_weighed_with_their_kin(content: Content) -> None:
    """One of four of those whose window was shut once writes; of those it was shut thrice nobody is known."""
    seen = after_days("window_closed_utility", 3 * FEW, before="window_closed_utility")
    for number in range(FEW):
        for back, why in ((2, "window_closed_utility"), (1, "window_open")):
            at = SEVEN - timedelta(days=back)
            seen.note(Lately(f"awake-{number}", at, at, "free_form", why, "KE", 1, None))
    for back in (3, 2, 1):
        at = SEVEN - timedelta(days=back)
        seen.note(Lately("learner-1", at, at, "utility_template", "window_closed_utility", "KE", 1, None))
    assert outlook(content, 20.0, 20.0, seen=seen).templates == pytest.approx(1.5, abs=0.01)


def test_a_day_further_on_is_a_day_after_the_one_between(content: Content) -> None:
    """Two days before, whoever is due each day will have had a lesson the day before, and may answer it."""
    forecast = Forecast(RULES, {"whatsapp": Approved()}, lambda c: True, weighed(2 * FEW, 4 * FEW), MIDNIGHT)
    learner = due_at_seven("learner-0", due=SEVEN - timedelta(days=1))
    reach = Reach(0, Address("whatsapp", ""), MIDNIGHT - timedelta(hours=20))
    forecast.take(learner, [reach], content.library, projected=True)
    assert forecast.done().templates == pytest.approx(0.5)


def test_without_templates_the_same_people_are_held_and_it_says_why(content: Content) -> None:
    found = outlook(content, 20.0, seen=weighed(FEW, 4 * FEW), templates=False)
    held = found.by(lambda one: one.reason, lambda one: one.held)
    assert held == {"window_closed_no_template": pytest.approx(0.75)}


def test_budgets_end_what_costs_in_the_order_of_the_hours(content: Content) -> None:
    found = outlook(content, 3.0, 3.0, 3.0, day=Budget(2, 10**9))
    assert found.deliveries == 2
    assert found.by(lambda one: one.reason, lambda one: one.held) == {"budget_messages": 1}


def test_newcomers_are_expected_as_yesterday_saw_them(content: Content) -> None:
    seen = Seen()
    noon = MIDNIGHT - timedelta(hours=12)
    for number in range(7):
        seen.note(Lately(f"new-{number}", noon, noon, "free_form", "window_open", "KE", 9_000, noon))
    assert outlook(content, seen=seen).deliveries == 7


async def test_the_store_gives_everybody_due_in_order_readable_or_not_and_no_address(
    store: Store, content: Content
) -> None:
    people = [due_at_seven(f"learner-{n}", due=SEVEN + timedelta(minutes=n % 3)) for n in range(7)]
    async with store.transaction() as tx:
        events = [Said(id=one.id, address=Address("whatsapp", one.id), at=MIDNIGHT, text="hi") for one in people]
        arrivals: list[Arrival] = await tx.accept(events, MIDNIGHT)
        rows = [Handled(a.event, a.address_id, one, True) for a, one in zip(arrivals, people, strict=True)]
        await tx.save(rows, MIDNIGHT)
        damaged = update(learners).where(learners.c.id == "learner-3")
        await tx.connection.execute(damaged.values(status="unheard of"))
    found = [pair async for chunk in store.ahead(SEVEN + timedelta(minutes=2), chunk=2) for pair in chunk]
    assert [learner and learner.id for learner, _ in found] == [
        "learner-0", None, "learner-6", "learner-1", "learner-4",
    ]  # fmt: skip
    assert {reach.address.id for _, reaches in found for reach in reaches} == {""}
    assert all(reaches for _, reaches in found)


async def test_the_store_tells_what_was_decided_lately_in_order(store: Store) -> None:
    ana = due_at_seven()
    days = [Occasion("lesson", date(2026, 11, day), SEVEN, "free_form", "window_open") for day in (21, 22, 23, 24)]
    async with store.transaction() as tx:
        event = Said(id="1", address=Address("whatsapp", "ana"), at=MIDNIGHT, text="hi")
        (arrival,) = await tx.accept([event], MIDNIGHT)
        await tx.save([Handled(event, arrival.address_id, ana, True)], MIDNIGHT)
    for number, one in enumerate(days):
        async with store.transaction() as tx:
            row = Handled(event, arrival.address_id, ana, False, (Noted(one),))
            await tx.save([row], MIDNIGHT - timedelta(days=4 - number))
    found = [one async for one in store.lately(MIDNIGHT - timedelta(days=3), chunk=2)]
    assert [one.decided_at.day for one in found] == [22, 23, 24]
    assert {(one.learner_id, one.reason, one.created_at) for one in found} == {("ana", "window_open", ana.created)}
