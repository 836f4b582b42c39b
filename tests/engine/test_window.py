"""May it be sent now, on which way, at what cost: a table of situations, and what holds in all of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.window import (
    MARKETING,
    SERVICE,
    UTILITY,
    Budget,
    ChannelRules,
    Decision,
    Prices,
    Reason,
    Route,
    Rules,
    Spent,
    Way,
    cost,
    decide,
    is_open,
    warned,
)
from tests.makers import NOON

HOUR = timedelta(hours=1)
WHATSAPP = ChannelRules(
    free_for=24 * HOUR,
    margin=timedelta(minutes=5),
    fee=5_000,
    fee_in=5_000,
    prices={"FR": Prices(30_000, 30_000, 85_900), "US": Prices(3_400, 3_400, 25_000)},
    elsewhere=Prices(7_700, 7_700, 60_400),
    default=Prices(55_000, 55_000, 159_700),
    marketing_never_in=frozenset({"US"}),
    templates_a_day=250,
)
RULES = Rules(
    channels={
        "telegram": ChannelRules(),
        "web": ChannelRules(notifies=False),
        "console": ChannelRules(notifies=False),
        "whatsapp": WHATSAPP,
    },
    day=Budget(100, 1_000_000),
    each_country=Budget(50, 500_000),
    countries={"SN": Budget(0, 0)},
)
ADVERTS = replace(RULES, channels={**RULES.channels, "whatsapp": replace(WHATSAPP, marketing=True)})
BOTH = frozenset({UTILITY, MARKETING})
UNSPENT = Spent()
LATER, EARLIER = NOON + HOUR, NOON - HOUR

TELEGRAM = Route(1, "telegram")
WEB = Route(2, "web")
FRESH = Route(3, "whatsapp", "FR", last_inbound=NOON - HOUR, templates=BOTH)
STALE = Route(4, "whatsapp", "FR", last_inbound=NOON - 30 * HOUR, templates=BOTH)
SILENT = Route(5, "whatsapp", "FR", templates=BOTH)


def linked(route: Route) -> Route:
    return replace(route, chosen=False, address_id=route.address_id + 10)


def refused(route: Route, category: str, until: datetime) -> Route:
    return replace(route, refused_until={**route.refused_until, category: until})


def decided(*routes: Route, rules: Rules = RULES, spent: Spent = UNSPENT, in_lesson: bool = False) -> Decision:
    return decide(NOON, routes, rules, lambda route: spent, in_lesson=in_lesson)


def held(reason: Reason) -> Decision:
    return Decision(Way.HOLD, reason.value)


def free(reason: Reason, route: Route, micros: int = 0) -> Decision:
    return Decision(Way.FREE, reason.value, route.address_id, micros)


def other(route: Route, micros: int = 0) -> Decision:
    return Decision(Way.OTHER, Reason.OTHER_CHANNEL_OPEN.value, route.address_id, micros)


def utility(route: Route) -> Decision:
    return Decision(Way.UTILITY, Reason.WINDOW_CLOSED_UTILITY.value, route.address_id, 35_000)


ONLY_MARKETING = replace(STALE, templates=frozenset({MARKETING}))
NO_TEMPLATE = replace(STALE, templates=frozenset())
HIDDEN, AMERICAN = replace(ONLY_MARKETING, country=None), replace(ONLY_MARKETING, country="US")
ADVERT = Decision(Way.MARKETING, Reason.WINDOW_CLOSED_MARKETING.value, STALE.address_id, 90_900)

SITUATIONS: dict[str, tuple[Sequence[Route], Decision]] = {
    "Telegram has no window": ([TELEGRAM], free(Reason.ALWAYS_OPEN, TELEGRAM)),
    "the page shows it when they come": ([WEB], free(Reason.ALWAYS_OPEN, WEB)),
    "they wrote an hour ago": ([FRESH], free(Reason.WINDOW_OPEN, FRESH, 35_000)),
    "they wrote long ago": ([STALE], utility(STALE)),
    "they never wrote": ([SILENT], utility(SILENT)),
    "shut, but their Telegram is free": ([STALE, linked(TELEGRAM)], other(linked(TELEGRAM))),
    "the chosen one is open": ([linked(TELEGRAM), FRESH], free(Reason.WINDOW_OPEN, FRESH, 35_000)),
    "a page rings nobody": ([STALE, linked(WEB)], utility(STALE)),
    "a template before their second number": ([STALE, linked(FRESH)], utility(STALE)),
    "their second number is open": ([NO_TEMPLATE, linked(FRESH)], other(linked(FRESH), 35_000)),
    "their second number takes a template": ([NO_TEMPLATE, linked(SILENT)], utility(linked(SILENT))),
    "no template in their language": ([NO_TEMPLATE], held(Reason.WINDOW_CLOSED_NO_TEMPLATE)),
    "adverts are off": ([ONLY_MARKETING], held(Reason.WINDOW_CLOSED_NO_TEMPLATE)),
    "the platform said not now": ([refused(STALE, UTILITY, LATER)], held(Reason.TEMPLATE_REFUSED)),
    "it said so yesterday": ([refused(STALE, UTILITY, EARLIER)], utility(STALE)),
    "refused here, their second number is free to go": (
        [refused(STALE, UTILITY, LATER), linked(SILENT)],
        utility(linked(SILENT)),
    ),
    "nowhere to send": ([], held(Reason.NO_ROUTE)),
    "only a page they did not choose": ([linked(WEB)], held(Reason.NO_ROUTE)),
    "a channel without rules": ([Route(9, "pigeon")], held(Reason.NO_ROUTE)),
    "a country with a budget of nothing": ([replace(FRESH, country="SN")], held(Reason.BUDGET_COUNTRY)),
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_each_situation_has_its_way(name: str) -> None:
    routes, decision = SITUATIONS[name]
    assert decided(*routes) == decision


@pytest.mark.parametrize(
    ("routes", "decision"),
    [
        ([ONLY_MARKETING], ADVERT),
        ([STALE], utility(STALE)),
        ([ONLY_MARKETING, linked(TELEGRAM)], other(linked(TELEGRAM))),
        ([AMERICAN], held(Reason.WINDOW_CLOSED_NO_TEMPLATE)),
        ([HIDDEN], held(Reason.WINDOW_CLOSED_NO_TEMPLATE)),
        ([refused(ONLY_MARKETING, MARKETING, LATER)], held(Reason.TEMPLATE_REFUSED)),
    ],
    ids=["last resort", "utility first", "Telegram first", "never to the United States", "country unknown", "refused"],
)
def test_where_adverts_are_allowed_they_are_the_last_resort(routes: Sequence[Route], decision: Decision) -> None:
    assert decided(*routes, rules=ADVERTS) == decision


@pytest.mark.parametrize(
    ("ago", "way"),
    [
        (timedelta(hours=23, minutes=54), Way.FREE),
        (timedelta(hours=23, minutes=55), Way.FREE),
        (timedelta(hours=23, minutes=55, seconds=1), Way.UTILITY),
        (timedelta(hours=24), Way.UTILITY),
    ],
)
def test_nothing_is_begun_in_the_last_minutes_of_a_window(ago: timedelta, way: Way) -> None:
    assert decided(replace(FRESH, last_inbound=NOON - ago)).way is way


def test_a_day_of_one_learner_on_whatsapp() -> None:
    """They learn at noon; the next noon is too late for free-form; the answer to the template opens it again."""
    route = replace(FRESH, last_inbound=NOON)
    ways = [decide(NOON + after, [route], RULES, lambda route: Spent()).way for after in (HOUR, 23 * HOUR, 24 * HOUR)]
    assert ways == [Way.FREE, Way.FREE, Way.UTILITY]
    again = replace(route, last_inbound=NOON + 24 * HOUR)
    assert decide(NOON + 25 * HOUR, [again], RULES, lambda route: Spent()).way is Way.FREE


@pytest.mark.parametrize(
    ("spent", "reason"),
    [
        (Spent(micros=965_001), Reason.BUDGET_MONEY),
        (Spent(messages=100), Reason.BUDGET_MESSAGES),
        (Spent(country_micros=465_001), Reason.BUDGET_COUNTRY),
        (Spent(country_messages=50), Reason.BUDGET_COUNTRY),
    ],
)
def test_a_used_up_budget_holds_what_costs_and_nobody_in_a_lesson(spent: Spent, reason: Reason) -> None:
    assert decided(FRESH, spent=spent) == Decision(Way.HOLD, reason.value)
    assert decided(STALE, spent=spent) == Decision(Way.HOLD, reason.value)
    assert decided(FRESH, spent=spent, in_lesson=True).way is Way.FREE
    assert decided(TELEGRAM, spent=spent).way is Way.FREE
    assert decided(FRESH, linked(TELEGRAM), spent=spent).way is Way.OTHER


def test_the_budget_is_spent_to_the_cent_and_no_further() -> None:
    assert decided(
        FRESH, spent=Spent(messages=99, micros=965_000, country_messages=49, country_micros=465_000)
    ).way is (Way.FREE)


def test_a_budget_is_looked_up_where_the_message_would_go() -> None:
    american = replace(linked(FRESH), country="US")
    used = {"FR": Spent(country_micros=500_000), "US": Spent()}
    decision = decide(NOON, [FRESH, american], RULES, lambda route: used[route.country or ""])
    assert decision == Decision(Way.OTHER, Reason.OTHER_CHANNEL_OPEN.value, 13, 8_400)


def test_the_platform_s_limit_of_people_holds_templates_only() -> None:
    full = Spent(templates=250)
    assert decided(STALE, spent=full) == Decision(Way.HOLD, Reason.TEMPLATE_LIMIT.value)
    assert decided(STALE, spent=full, in_lesson=True).way is Way.HOLD
    assert decided(FRESH, spent=full).way is Way.FREE


def test_a_lesson_is_reckoned_as_one_message_on_every_way() -> None:
    def micros(route: Route) -> int:
        return decide(NOON, [route], RULES, lambda route: Spent()).micros

    assert (micros(FRESH), micros(STALE), micros(TELEGRAM)) == (35_000, 35_000, 0)


def test_the_price_is_the_country_s_or_that_of_elsewhere_or_the_careful_one() -> None:
    prices = [cost(replace(FRESH, country=country), UTILITY, 1, RULES) for country in ("FR", "GN", None)]
    assert prices == [35_000, 12_700, 60_000]


@pytest.mark.parametrize(
    ("spent", "told"),
    [
        (Spent(), False),
        (Spent(micros=799_999, messages=79, country_messages=39, country_micros=399_999), False),
        (Spent(micros=800_000), True),
        (Spent(messages=80), True),
        (Spent(country_messages=40), True),
        (Spent(country_micros=400_000), True),
    ],
)
def test_somebody_is_told_at_four_fifths(spent: Spent, told: bool) -> None:
    assert warned(spent, RULES) is told


def test_a_country_that_nothing_goes_to_is_no_alarm() -> None:
    assert not warned(Spent(messages=10, micros=10), RULES, "SN")
    assert warned(Spent(country_messages=1), RULES, "SN")


# What holds for any routes and any rules.

moments = st.integers(-48 * 60, 60).map(lambda minutes: NOON + timedelta(minutes=minutes))
categories = st.sampled_from([UTILITY, MARKETING])
routes = st.builds(
    Route,
    address_id=st.integers(1, 9),
    channel=st.sampled_from(["telegram", "whatsapp", "web", "console", "unheard of"]),
    country=st.sampled_from(["FR", "US", "SN", "GN", None]),
    last_inbound=st.none() | moments,
    chosen=st.booleans(),
    templates=st.frozensets(categories),
    refused_until=st.dictionaries(categories, moments),
)
small = st.integers(0, 200_000)
prices = st.builds(Prices, small, small, small)
channels = st.builds(
    ChannelRules,
    free_for=st.none() | st.integers(0, 48).map(lambda hours: timedelta(hours=hours)),
    margin=st.integers(0, 60).map(lambda minutes: timedelta(minutes=minutes)),
    notifies=st.booleans(),
    fee=st.sampled_from([0, 5_000]),
    prices=st.dictionaries(st.sampled_from(["FR", "US"]), prices),
    elsewhere=prices,
    default=prices,
    marketing=st.booleans(),
    marketing_never_in=st.just(frozenset({"US"})),
    templates_a_day=st.none() | st.integers(0, 3),
)
budgets = st.builds(Budget, st.integers(0, 20), st.integers(0, 1_000_000))
all_rules = st.builds(
    Rules,
    channels=st.dictionaries(st.sampled_from(["telegram", "whatsapp", "web", "console"]), channels),
    day=budgets,
    each_country=budgets,
    countries=st.dictionaries(st.sampled_from(["FR", "US"]), budgets),
)
sums = st.builds(
    Spent,
    st.integers(0, 20),
    st.integers(0, 1_000_000),
    st.integers(0, 20),
    st.integers(0, 1_000_000),
    st.integers(0, 3),
)
PEOPLE = {
    "routes": st.lists(routes, max_size=4, unique_by=lambda route: route.address_id),
    "rules": all_rules,
    "spent": sums,
    "in_lesson": st.booleans(),
}
USED = {Way.FREE: SERVICE, Way.OTHER: SERVICE, Way.UTILITY: UTILITY, Way.MARKETING: MARKETING}


@given(**PEOPLE)
def test_whatever_the_rules(routes: list[Route], rules: Rules, spent: Spent, in_lesson: bool) -> None:
    decision = decide(NOON, routes, rules, lambda route: spent, in_lesson=in_lesson)

    assert decision.reason in set(Reason)
    assert (decision.way is Way.HOLD) == (decision.address_id is None)
    if decision.way is Way.HOLD:
        assert decision.micros == 0
        return

    (route,) = [route for route in routes if route.address_id == decision.address_id]
    category = USED[decision.way]
    if category == SERVICE:
        assert is_open(NOON, route, rules)
        assert is_open(NOON + rules.channels[route.channel].margin, route, _without_margin(rules))
        assert route.chosen == (decision.way is Way.FREE)
    else:
        assert not is_open(NOON, route, rules)
        assert category in route.templates
        assert route.refused_until.get(category, NOON) <= NOON
    if category == MARKETING:
        assert rules.channels[route.channel].marketing
        assert route.country not in ("US", None)

    assert decision.micros == cost(route, category, 1, rules)
    if decision.micros and not in_lesson:
        here = rules.country(route.country)
        assert spent.messages + 1 <= rules.day.messages
        assert spent.micros + decision.micros <= rules.day.micros
        assert spent.country_messages + 1 <= here.messages
        assert spent.country_micros + decision.micros <= here.micros


def _without_margin(rules: Rules) -> Rules:
    bare = {name: replace(channel, margin=timedelta(0)) for name, channel in rules.channels.items()}
    return replace(rules, channels=bare)


@given(**PEOPLE)
def test_what_is_open_and_free_is_never_held(routes: list[Route], rules: Rules, spent: Spent, in_lesson: bool) -> None:
    costless = [
        route
        for route in routes
        if route.channel in rules.channels
        and is_open(NOON, route, rules)
        and cost(route, SERVICE, 1, rules) == 0
        and (route.chosen or rules.channels[route.channel].notifies)
    ]
    decision = decide(NOON, routes, rules, lambda route: spent, in_lesson=in_lesson)
    assert not costless or decision.way in (Way.FREE, Way.OTHER)
