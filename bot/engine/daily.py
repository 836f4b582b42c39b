"""The talk about the daily lesson: which hour, which days, whose clock; a pause, a change, the end of it.

Nothing here is a place: the learner stays where they are in their lesson. What is still missing is asked for next,
and whatever is offered as a button may be typed as well.
"""

from datetime import date, datetime, timedelta

from bot.engine import at_once, between, schedule, zones
from bot.engine.beside import GO_ON, beside, under
from bot.engine.course import Library
from bot.engine.days import read_days
from bot.engine.due import END, next_daily, replanned
from bot.engine.hours import is_either_half, may_be_hour
from bot.engine.learner import Learner, Status
from bot.engine.move import Move
from bot.engine.reading import number
from bot.engine.show import question_here
from bot.engine.subscription import EVERY_DAY, WEEKDAYS, Pace, Subscription
from bot.engine.turn import Choice, City, Phrase, Text, When

HOURS = {"0700": "daily.morning", "1230": "daily.midday", "2000": "daily.evening"}
HOUR_BUTTONS = tuple(Choice(f"d:{hour}", Phrase(label)) for hour, label in HOURS.items())
DAYS = {"all": EVERY_DAY, "week": WEEKDAYS}
BREAK = 7  # days of a pause, unless the learner says how many
LONGEST_BREAK = 365
RESUME = Choice("d:on", Phrase("daily.resume"))


class Asks:
    """What was asked in this talk, as ``learner.aside`` keeps it."""

    KEEP = "daily:keep"
    OFFER = "daily:offer"
    HOUR = "daily:hour"
    DAYS = "daily:days"
    EACH_DAY = "daily:pick"
    ZONE = "daily:zone"
    CITY = "daily:city"
    CHANGES = "daily"


ASKS = frozenset({Asks.KEEP, Asks.OFFER, Asks.HOUR, Asks.DAYS, Asks.EACH_DAY, Asks.ZONE, Asks.CITY})
CANNOT_READ = {
    Asks.KEEP: "consent.needed",
    Asks.HOUR: "daily.no_time",
    Asks.DAYS: "daily.no_days",
    Asks.EACH_DAY: "daily.no_days",
    Asks.ZONE: "daily.no_time",
    Asks.CITY: "daily.no_city",
}


def daily(learner: Learner, library: Library, now: datetime) -> Move:
    """How things stand, or the first question on the way to a daily lesson."""
    if learner.guest:
        return _not_yet(learner, now)
    if learner.daily is None or not learner.daily.whole:
        return _next_step(_wish(learner), library, now)
    # Who asks for it while nothing comes wants it to come again.
    return _standing(learner) if learner.daily.runs and learner.due is not None else _confirmed(learner, now)


def _not_yet(learner: Learner, now: datetime, *lead: Text) -> Move:
    """Guests are forgotten each day, so nothing can be brought to them; those too young are not asked to change it."""
    if not learner.may_decide:
        return beside(learner, Phrase("daily.young"))
    keep = (Choice("c:keep-both", Phrase("consent.both")), Choice("c:keep-place", Phrase("consent.place")), GO_ON)
    asked = beside(learner, *lead, Phrase("daily.guest"), choices=keep, aside=Asks.KEEP)
    return between.age_first(learner, now) or asked


def offered(learner: Learner) -> Move:
    """The hours to choose from beside a good-bye; asked once, and no answer is a no."""
    return under(_offer(learner.but(asked={**learner.asked, "daily": len(learner.done)})), Phrase("enough.bye"))


def next_time(learner: Learner) -> tuple[Text, ...]:
    """When the next lesson comes by itself, or that none does. A break is one only where nothing else ends it."""
    wish = learner.daily
    if not learner.may_decide:
        return (Phrase("daily.nothing_young"),)
    if wish is None or not wish.whole:
        return (Phrase("why.no_daily"),)
    if learner.due is not None:
        return (Phrase("why.next", _when(learner)),)
    on_a_break = wish.paused and wish.paused_until is None and learner.status is Status.ACTIVE
    return (Phrase("pause.open" if on_a_break else "pause.nothing"),)


def _wish(learner: Learner, **changes: object) -> Learner:
    """The learner with their wish changed; it comes where it was asked for."""
    wish = (learner.daily or Subscription()).but(channel=learner.channel, **changes)
    return learner.but(daily=wish)


# --- asking ------------------------------------------------------------------------------------------------------


def _next_step(learner: Learner, library: Library, now: datetime, *lead: Text) -> Move:
    """Asks for what is missing; with everything there, the lesson is planned."""
    wish = learner.daily or Subscription()
    if not wish.hour:
        return _ask_hour(learner, *lead)
    if not wish.days:
        return _ask_days(learner, *lead)
    if not wish.zone and not learner.zone:
        return _ask_zone(learner, library, now, *lead)
    zone = wish.zone or learner.zone
    return _confirmed(learner.but(daily=wish.but(zone=zone)), now)


def _offer(learner: Learner) -> Move:
    return beside(learner, Phrase("daily.offer"), choices=HOUR_BUTTONS, aside=Asks.OFFER)


def _ask_hour(learner: Learner, *lead: Text) -> Move:
    return beside(learner, *lead, Phrase("daily.ask_hour"), choices=HOUR_BUTTONS, aside=Asks.HOUR)


def _ask_days(learner: Learner, *lead: Text) -> Move:
    choices = tuple(Choice(f"d:{days}", Phrase(f"daily.days.{days}")) for days in (*DAYS, "pick"))
    return beside(learner, *lead, Phrase("daily.ask_days"), choices=choices, aside=Asks.DAYS)


def _pick_days(learner: Learner, *lead: Text) -> Move:
    """One row a day; a tap chooses it or lets go of it."""
    picked = learner.daily.days if learner.daily else ()
    names = [Phrase(f"daily.day.{day}") for day in EVERY_DAY]
    rows = [
        Choice(f"d:day-{day}", Phrase("button.picked", {"label": name}) if day in picked else name)
        for day, name in zip(EVERY_DAY, names, strict=True)
    ]
    done = (Choice("d:done", Phrase("button.done")),) if picked else ()
    return beside(learner, *lead, Phrase("daily.pick_days"), choices=(*rows, *done), aside=Asks.EACH_DAY)


def _ask_zone(learner: Learner, library: Library, now: datetime, *lead: Text) -> Move:
    """Whose clock: the clocks of the learner's country to tap, or the time it is for them now, typed."""
    likely = zones.choices(now, library.zones(learner.country)) if learner.country else ()
    choices = (*(_clock(zone, now) for zone in likely), GO_ON)
    return beside(learner, *lead, Phrase("daily.ask_zone"), choices=choices, aside=Asks.ZONE)


def _clock(zone: str, now: datetime) -> Choice:
    label = Phrase("daily.clock", {"time": When(now, zone, clock=True), "city": City(zone)})
    return Choice(f"z:{zone.replace('/', '--')}", label)


def _ask_city(learner: Learner, choices: tuple[Choice, ...], *lead: Text) -> Move:
    """Several clocks show the same time now, and will not in summer."""
    return beside(learner, *lead, Phrase("daily.which_zone"), choices=choices, aside=Asks.CITY)


# --- how it stands -----------------------------------------------------------------------------------------------


def _confirmed(learner: Learner, now: datetime) -> Move:
    """Planned: the next time in words, and how to change it. Who asks for it anew after STOP wants it again."""
    assert learner.daily is not None, "the wish was just made whole"
    learner = replanned(learner.but(daily=learner.daily.running(), status=Status.ACTIVE), now)
    return beside(learner, Phrase("daily.confirmed", _when(learner)), *_waits_here(learner))


def _when(learner: Learner) -> dict[str, Text]:
    """When the next lesson comes, on the learner's own clock."""
    wish = learner.daily
    assert wish is not None, "only subscribers have a next lesson"
    at = learner.due or learner.seen
    return {"when": When(at, wish.zone), "city": City(wish.zone)}


def _waits_here(learner: Learner) -> tuple[Text, ...]:
    """A page cannot ring."""
    return (Phrase("daily.waits_here"),) if learner.daily and learner.daily.channel == "web" else ()


def _standing(learner: Learner) -> Move:
    """When the next one comes, and everything that can be changed about it."""
    change = (
        Choice("d:change", Phrase("daily.change")),
        Choice("d:pick", Phrase("daily.change_days")),
        Choice("d:zone", Phrase("daily.change_zone")),
    )
    wish = learner.daily
    assert wish is not None, "only of a wish is there something to tell"
    pause_ = RESUME if wish.paused else Choice("c:pause", Phrase("command.pause.label"))
    body = (Phrase("daily.standing", _when(learner)), *_waits_here(learner))
    return beside(learner, *body, choices=(*change, pause_, END, GO_ON), aside=Asks.CHANGES)


def on_again(learner: Learner, now: datetime) -> tuple[Learner, tuple[Text, ...]]:
    """After START: what was paused, asleep or stopped comes again, and when."""
    wish = learner.daily
    if wish is None or not wish.whole or learner.guest:
        return replanned(learner, now), ()
    if wish.runs and not wish.paused and learner.due is not None:
        return learner, ()
    learner = replanned(learner.but(daily=wish.running()), now)
    return learner, (Phrase("daily.on_again", _when(learner)),)


def woken(learner: Learner) -> tuple[Learner, tuple[Phrase, ...]]:
    """Somebody is back whose lessons had gone to sleep: they are told once, and decide."""
    wish = learner.daily
    if wish is None or wish.pace is not Pace.ASLEEP:
        return learner, ()
    slept = wish.but(pace=Pace.OWN, paused=True, paused_until=None, silent=0, held=0)
    return learner.but(daily=slept), (Phrase("daily.asleep"),)


# --- pausing and ending ------------------------------------------------------------------------------------------


def pause(learner: Learner, library: Library, now: datetime) -> Move:
    """A week's break, with longer and shorter ones to tap."""
    return paused_for(learner, BREAK, now)


def paused_for(learner: Learner, days: int, now: datetime) -> Move:
    """A break of so many days; of none, until the learner comes back."""
    wish = learner.daily
    if wish is None or not wish.whole or learner.status is not Status.ACTIVE:
        return beside(learner, Phrase("pause.nothing" if learner.may_decide else "daily.nothing_young"))
    until = _until(wish.running(), days, now) if days else None
    learner = replanned(learner.but(daily=wish.running().but(paused=True, paused_until=until)), now)
    other = tuple(Choice(f"p:{n}", Phrase(f"pause.{n}")) for n in (3, 7, 14, 0) if n != days)
    body = Phrase("pause.done", _when(learner)) if days else Phrase("pause.open")
    return beside(learner, body, choices=(*other, RESUME, GO_ON), aside="pause")


def _until(wish: Subscription, days: int, now: datetime) -> date:
    """The first date after a break from today on; one that would leave out no lesson begins with the next."""
    until = schedule.local_day(now, wish.zone) + timedelta(days=days)
    following = next_daily(wish, now)
    assert following is not None, "a wish that runs has a next lesson"
    return until if following.day < until else following.day + timedelta(days=days)


def _off(learner: Learner, now: datetime) -> Move:
    """What was served stays known, so that no date is served twice should they ask for lessons again today."""
    before = learner.daily or Subscription()
    ended = Subscription(served=before.served, again=before.again, last=before.last)
    return beside(replanned(learner.but(daily=ended), now), Phrase("daily.off_done"))


# --- what is tapped and typed ------------------------------------------------------------------------------------


def pressed(learner: Learner, what: str, channel: str, library: Library, now: datetime) -> Move | None:
    """A button of this talk; None for one that never was."""
    if learner.guest:
        return _not_yet(learner, now)
    wish = learner.daily or Subscription()
    if what in HOURS:
        return _next_step(_wish(learner, hour=f"{what[:2]}:{what[2:]}"), library, now)
    if what in DAYS:
        return _next_step(_wish(learner, days=DAYS[what]), library, now)
    match what:
        case "change":
            return _ask_hour(learner)
        case "pick":
            return _pick_days(_wish(learner))
        case "done" if wish.days:
            return _next_step(learner, library, now)
        case "zone":
            return _ask_zone(learner, library, now)
        case "on" | "own" if wish.whole:
            return _confirmed(learner, now)
        case "off":
            return _off(learner, now)
    return _toggled(learner, what, now)


def _toggled(learner: Learner, what: str, now: datetime) -> Move | None:
    """A day chosen, or let go of; it counts at once where everything else is known, also without Done."""
    day = what.removeprefix("day-")
    if not what.startswith("day-") or day not in {str(day) for day in EVERY_DAY}:
        return None
    days = set(learner.daily.days if learner.daily else ()) ^ {int(day)}
    line = "multiple.on" if int(day) in days else "multiple.off"
    told = Phrase(line, {"label": Phrase(f"daily.day.{day}")})
    learner = _wish(learner, days=tuple(sorted(days)))
    return _pick_days(replanned(learner, now), told)


def zone_pressed(learner: Learner, what: str, channel: str, library: Library, now: datetime) -> Move | None:
    """A clock; None for one that is none."""
    zone = what.replace("--", "/")
    if not schedule.known_zone(zone):
        return None
    if learner.guest:
        return _not_yet(learner, now)
    return _next_step(_wish(learner.but(zone=zone), zone=zone), library, now)


def pause_pressed(learner: Learner, what: str, channel: str, library: Library, now: datetime) -> Move | None:
    """A length of a break, in days."""
    return paused_for(learner, int(what), now) if what.isdigit() and int(what) <= LONGEST_BREAK else None


def typed(learner: Learner, text: str, library: Library, now: datetime) -> Move | None:
    """What was asked for: an hour, days, a time or a city. A number that is one of the buttons is that button."""
    if 1 <= (number(text) or 0) <= len(learner.offer):
        return None
    if learner.aside in (Asks.HOUR, Asks.OFFER, Asks.CHANGES):
        hour = zones.read_hour(text)
        return _next_step(_wish(learner, hour=hour), library, now) if hour else None
    if learner.aside in (Asks.DAYS, Asks.EACH_DAY):
        days = read_days(text, learner.language, library)
        return _next_step(_wish(learner, days=days), library, now) if days else None
    return _zone_typed(learner, text, library, now) if learner.aside in (Asks.ZONE, Asks.CITY) else None


def _zone_typed(learner: Learner, text: str, library: Library, now: datetime) -> Move | None:
    found = _zones_at(text, learner, library, now)
    if len(found) > 1:
        return _ask_city(learner, tuple(Choice(_clock(zone, now).data, City(zone)) for zone in found))
    zone = found[0] if found else library.zone_of_city(text, learner.language)
    return zone_pressed(learner, zone.replace("/", "--"), "", library, now) if zone else None


def _zones_at(text: str, learner: Learner, library: Library, now: datetime) -> tuple[str, ...]:
    """Whose clocks show it; in the evening many type 7:15 for a quarter past seven, so at home that is tried too."""
    hour = zones.read_hour(text)
    if hour is None:
        return ()
    home = library.zones(learner.country) if learner.country else ()
    later = f"{(int(hour[:2]) + 12) % 24:02}{hour[2:]}"
    return (
        zones.zones_at(hour, now, home, ())
        or (zones.zones_at(later, now, home, ()) if is_either_half(text) else ())
        or zones.zones_at(hour, now, home, library.zones(None))
    )


def asked_again(learner: Learner, library: Library, now: datetime) -> Move | None:
    """What was typed is no answer: a kind line, and the question again."""
    line = CANNOT_READ.get(learner.aside or "")
    return question(learner, library, now, Phrase(line)) if line else None


def question(learner: Learner, library: Library, now: datetime, *lead: Text) -> Move | None:
    """The question of this talk that waits for an answer, once more."""
    match learner.aside:
        case Asks.HOUR:
            return _ask_hour(learner, *lead)
        case Asks.DAYS:
            return _ask_days(learner, *lead)
        case Asks.EACH_DAY:
            return _pick_days(learner, *lead)
        case Asks.ZONE:
            return _ask_zone(learner, library, now, *lead)
        case Asks.CITY:
            return _ask_city(learner, learner.offer, *lead)
        case Asks.KEEP:
            return _not_yet(learner, now, *lead)
        case Asks.OFFER:
            return _offer(learner)
        case Asks.CHANGES if learner.daily is not None:
            return _standing(learner)
        case _:
            return None


def yes_or_no(learner: Learner, yes: bool) -> Move | None:
    """A plain yes or no to what may be answered so: shall lessons come, may anything be kept for them."""
    if learner.aside == Asks.OFFER:
        return _ask_hour(learner) if yes else beside(learner, Phrase("enough.bye"), choices=())
    # Yes, but to how much of it? That is asked again.
    return Move(learner.but(aside=None)) if learner.aside == Asks.KEEP and not yes else None


def in_one_message(learner: Learner, text: str, library: Library, now: datetime) -> Move | None:
    """``daily 18:30`` and ``pause 3``: a command and what it wants, at once."""
    meaning, rest = at_once.after_command(text, learner.language, library)
    if meaning == "daily":
        return _daily_at(learner, rest, library, now)
    days = at_once.read_break(rest, learner.language, library, BREAK) if meaning == "pause" else None
    # What is no such span is a week's break, with the others to choose from.
    return None if days is None else paused_for(learner, days if days <= LONGEST_BREAK else BREAK, now)


def _daily_at(learner: Learner, rest: str, library: Library, now: datetime) -> Move | None:
    """The lesson at that hour; what seems to be meant as an hour is asked for again, unless it may be an answer."""
    hour = zones.read_hour(rest)
    if hour is None and (learner.aside == "ask" or not may_be_hour(rest, digits=_is_asked(learner, library))):
        return None
    if learner.guest:
        return _not_yet(learner, now)
    if hour is None:
        return _ask_hour(learner, Phrase("daily.no_time"))
    return _next_step(_wish(learner, hour=hour), library, now)


def _is_asked(learner: Learner, library: Library) -> bool:
    """Whether words may be an answer to a question of the lesson."""
    return question_here(learner, library) is not None
