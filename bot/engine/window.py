"""May I send this now, on which way, and what will it cost? Asked before rows are written; one answer a learner-day.

Laws
- Free-form only while the channel's window is open, and still open after the margin that a queue may take.
- A template only where it is approved and the platform has not said "not now"; marketing only where the rules allow it.
- Whatever costs is weighed against the budgets first; whatever is free is never held. At 100 % only people who are in
  a lesson are served.
- A hold is an answer with its reason, never a row that waits in front of a chat.

In order of preference: the address chosen for lessons, free-form; another of the learner's own that costs nothing; a
utility template at the chosen one; another own address, free-form or by template; a marketing template; nothing.

Money is whole micro-US-dollars. Prices and budgets are data: ``policies/messages.yaml``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from enum import Enum, StrEnum

from bot.engine.fixed import fixed

# What a message is charged as, by the names the platform's rate card has.
SERVICE, UTILITY, MARKETING = "service", "utility", "marketing"


class Way(Enum):
    FREE = "free_form"
    UTILITY = "utility_template"
    MARKETING = "marketing_template"
    OTHER = "other_channel"  # free-form, at another address of the same learner
    HOLD = "hold"


class Reason(StrEnum):
    """Why a decision was what it was; the first five say why it goes out, the others why it is held."""

    ALWAYS_OPEN = "always_open"  # the chosen channel has no window
    WINDOW_OPEN = "window_open"  # the learner wrote there lately enough
    OTHER_CHANNEL_OPEN = "other_channel_open"  # the chosen one is shut or held, another own address is open
    WINDOW_CLOSED_UTILITY = "window_closed_utility"  # shut, and a utility template may go
    WINDOW_CLOSED_MARKETING = "window_closed_marketing"  # shut, only a marketing template may go, and the rules let it
    WINDOW_CLOSED_NO_TEMPLATE = "window_closed_no_template"  # shut, and nothing approved fits
    TEMPLATE_REFUSED = "template_refused"  # one would fit, but the platform said not to try for now
    TEMPLATE_LIMIT = "template_limit"  # the platform lets us write to no more people unasked today
    BUDGET_MESSAGES = "budget_messages"  # the day's number of costly messages is used up
    BUDGET_MONEY = "budget_money"  # the day's money is used up
    BUDGET_COUNTRY = "budget_country"  # messages or money of the day for this country are used up
    NO_ROUTE = "no_route"  # there is no address we could send to


# Of several obstacles the one that is told: first what an operator can change today.
MOST_TELLING = (
    Reason.BUDGET_MONEY,
    Reason.BUDGET_MESSAGES,
    Reason.BUDGET_COUNTRY,
    Reason.TEMPLATE_LIMIT,
    Reason.TEMPLATE_REFUSED,
    Reason.WINDOW_CLOSED_NO_TEMPLATE,
    Reason.NO_ROUTE,
)


@fixed(frozen=True, slots=True)
class Route:
    """One address a learner can be reached at.

    ``country`` is where a message there is charged for. ``chosen`` marks the address the learner asked for the lessons
    at; the others are linked ones. ``templates`` are the categories approved for this kind of message in the learner's
    language (or one it falls back to). ``refused_until`` tells by category until when the platform said not to try; a
    far date for never.
    """

    address_id: int
    channel: str
    country: str | None = None
    last_inbound: datetime | None = None
    chosen: bool = True
    templates: frozenset[str] = frozenset()
    refused_until: Mapping[str, datetime] = field(default_factory=dict, hash=False)


@fixed(frozen=True, slots=True)
class Spent:
    """Today so far: costly messages and micro-dollars, in all and in the route's country.

    ``templates`` counts the people written to outside their window, which the platform limits.
    """

    messages: int = 0
    micros: int = 0
    country_messages: int = 0
    country_micros: int = 0
    templates: int = 0


@fixed(frozen=True, slots=True)
class Decision:
    """The way, its ``Reason``, the address, and the expected cost in micro-US-dollars."""

    way: Way
    reason: str
    address_id: int | None = None
    micros: int = 0


@fixed(frozen=True, slots=True)
class Prices:
    """What the platform takes for one message of each category, in micro-US-dollars."""

    service: int = 0
    utility: int = 0
    marketing: int = 0

    def of(self, category: str) -> int:
        return {SERVICE: self.service, UTILITY: self.utility, MARKETING: self.marketing}[category]


@fixed(frozen=True, slots=True)
class ChannelRules:
    """What a channel allows and takes.

    ``free_for`` is how long after the learner's last message free-form is allowed, None means always; nothing is
    decided free-form in the last ``margin`` of it. ``fee`` is taken for each message out, ``fee_in`` for each one in,
    beside the prices: ``prices`` by country, ``elsewhere`` for a country without its own, ``default`` where the country
    is not known. ``notifies`` tells whether a message there reaches somebody who is not looking.
    """

    free_for: timedelta | None = None
    margin: timedelta = timedelta(0)
    notifies: bool = True
    fee: int = 0
    fee_in: int = 0
    prices: Mapping[str, Prices] = field(default_factory=dict, hash=False)
    elsewhere: Prices = Prices()
    default: Prices = Prices()
    marketing: bool = False
    marketing_never_in: frozenset[str] = frozenset()
    templates_a_day: int | None = None

    def prices_in(self, country: str | None) -> Prices:
        return self.default if country is None else self.prices.get(country, self.elsewhere)


@fixed(frozen=True, slots=True)
class Budget:
    """Of one day; what costs nothing does not count."""

    messages: int
    micros: int


@fixed(frozen=True, slots=True)
class Rules:
    """``policies/messages.yaml`` as a value. A channel that is not in it is never used: nobody knows what it costs."""

    channels: Mapping[str, ChannelRules] = field(hash=False)
    day: Budget
    each_country: Budget
    countries: Mapping[str, Budget] = field(default_factory=dict, hash=False)
    warn_at: int = 80  # percent of a budget

    def country(self, code: str | None) -> Budget:
        """The budget of a country; those we know nothing of share one."""
        return self.countries.get(code or "", self.each_country)


def cost(route: Route, category: str, parts: int, rules: Rules) -> int:
    """What ``parts`` messages of a category cost at an address, in micro-US-dollars."""
    channel = rules.channels[route.channel]
    return parts * (channel.fee + channel.prices_in(route.country).of(category))


def is_open(now: datetime, route: Route, rules: Rules) -> bool:
    """Whether free-form may go out at ``now`` and still a margin later."""
    channel = rules.channels[route.channel]
    if channel.free_for is None:
        return True
    return route.last_inbound is not None and now + channel.margin <= route.last_inbound + channel.free_for


def warned(spent: Spent, rules: Rules, country: str | None = None) -> bool:
    """Whether a budget is used so far that somebody should know."""
    day, here = rules.day, rules.country(country)
    pairs = (
        (spent.messages, day.messages),
        (spent.micros, day.micros),
        (spent.country_messages, here.messages),
        (spent.country_micros, here.micros),
    )
    return any(used > 0 and used * 100 >= budget * rules.warn_at for used, budget in pairs)


def within(route: Route, rules: Rules, spent: Spent) -> bool:
    """Whether one more free-form message there is within the budgets; what costs nothing always is."""
    if route.channel not in rules.channels:
        return True
    offer = _Offer(Way.FREE, Reason.WINDOW_OPEN, route, SERVICE)
    return _wall(offer, cost(route, SERVICE, 1, rules), rules, lambda _: spent, False) is None


def decide(
    now: datetime,
    routes: Sequence[Route],
    rules: Rules,
    spent: Callable[[Route], Spent],
    *,
    in_lesson: bool = False,
) -> Decision:
    """The best way to reach a learner now, or a hold with its reason; reckoned as one message, which it always is.

    ``in_lesson``: they are in the middle of one, so no budget stops them.
    """
    obstacles: list[Reason] = [Reason.NO_ROUTE]
    for step in _steps(now, [route for route in routes if route.channel in rules.channels], rules):
        if isinstance(step, Reason):
            obstacles.append(step)
            continue
        micros = cost(step.route, step.category, 1, rules)
        wall = _wall(step, micros, rules, spent, in_lesson)
        if wall is None:
            return Decision(step.way, step.reason.value, step.route.address_id, micros)
        obstacles.append(wall)
    return Decision(Way.HOLD, min(obstacles, key=MOST_TELLING.index).value)


@fixed(frozen=True, slots=True)
class _Offer:
    way: Way
    reason: Reason
    route: Route
    category: str


_Step = _Offer | Reason


def _steps(now: datetime, routes: Sequence[Route], rules: Rules) -> Iterator[_Step]:
    """Every way there is, the best first; between them the obstacles that were met."""
    chosen = [route for route in routes if route.chosen]
    # A page nobody looks at is no substitute for a message that makes itself heard.
    linked = [route for route in routes if not route.chosen and rules.channels[route.channel].notifies]
    shut = [route for route in chosen if not is_open(now, route, rules)]
    linked_shut = [route for route in linked if not is_open(now, route, rules)]
    linked_open = [route for route in linked if is_open(now, route, rules)]

    yield from (_free(route, rules) for route in chosen if is_open(now, route, rules))
    yield from (_other(route) for route in linked_open if not cost(route, SERVICE, 1, rules))
    yield from (_template(now, route, Way.UTILITY) for route in shut)
    yield from (_other(route) for route in linked_open if cost(route, SERVICE, 1, rules))
    yield from (_template(now, route, Way.UTILITY) for route in linked_shut)
    for route in [*shut, *linked_shut]:
        if _marketing_allowed(route, rules):
            yield _template(now, route, Way.MARKETING)


def _free(route: Route, rules: Rules) -> _Offer:
    always = rules.channels[route.channel].free_for is None
    return _Offer(Way.FREE, Reason.ALWAYS_OPEN if always else Reason.WINDOW_OPEN, route, SERVICE)


def _other(route: Route) -> _Offer:
    return _Offer(Way.OTHER, Reason.OTHER_CHANNEL_OPEN, route, SERVICE)


TEMPLATES = {
    Way.UTILITY: (UTILITY, Reason.WINDOW_CLOSED_UTILITY),
    Way.MARKETING: (MARKETING, Reason.WINDOW_CLOSED_MARKETING),
}


def _template(now: datetime, route: Route, way: Way) -> _Step:
    category, reason = TEMPLATES[way]
    if category not in route.templates:
        return Reason.WINDOW_CLOSED_NO_TEMPLATE
    if category in route.refused_until and now < route.refused_until[category]:
        return Reason.TEMPLATE_REFUSED
    return _Offer(way, reason, route, category)


def _marketing_allowed(route: Route, rules: Rules) -> bool:
    """Where the country is not known it might be one where marketing never arrives."""
    channel = rules.channels[route.channel]
    return channel.marketing and route.country is not None and route.country not in channel.marketing_never_in


def _wall(offer: _Offer, micros: int, rules: Rules, spent: Callable[[Route], Spent], in_lesson: bool) -> Reason | None:
    """The budget or limit that an offer would break; None if it may go."""
    limit = rules.channels[offer.route.channel].templates_a_day
    if offer.category != SERVICE and limit is not None and spent(offer.route).templates >= limit:
        return Reason.TEMPLATE_LIMIT
    if in_lesson or micros == 0:
        return None
    used, here = spent(offer.route), rules.country(offer.route.country)
    if used.micros + micros > rules.day.micros:
        return Reason.BUDGET_MONEY
    if used.messages + 1 > rules.day.messages:
        return Reason.BUDGET_MESSAGES
    if used.country_micros + micros > here.micros or used.country_messages + 1 > here.messages:
        return Reason.BUDGET_COUNTRY
    return None
