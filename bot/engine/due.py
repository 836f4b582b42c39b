"""What the clock owes a learner: when to look at them next, what is due then, and what bringing it changes.

Laws
- A local date is served at most once, and every date on which something was due gets one decision: it is brought,
  or held with a reason. Nothing is skipped in silence, also not after days of downtime.
- What comes more than three hours late waits for the next day, unless the learner is in the middle of a lesson that
  they began or went on with themselves: what the clock brought and nobody touched is none.
- Unanswered days do not pile up: after three a kind line, then once a week; after three weeks nothing.
- A follow-up takes the place of that day's lesson: one unasked message a day, also where no lesson is wished for.
- What never arrived has no consequence: it is not silence, and does not stand in front of the learner. But a wish that
  nothing could be brought for on three weeks of days falls asleep, whether we held it or a platform refused it.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from bot.engine import follow_up as follow_ups
from bot.engine import path, review, schedule
from bot.engine.beside import in_lesson
from bot.engine.course import Library
from bot.engine.events import LessonDue, Unsent
from bot.engine.fixed import fixed
from bot.engine.learner import FollowUp, Learner, Refusal, Status, Step
from bot.engine.move import Move
from bot.engine.occasion import FOLLOW_UP, INVITING_WAYS, LESSON, OPEN_WAYS, REVIEW, SLOWER, Occasion
from bot.engine.show import next_lesson
from bot.engine.subscription import HELD, UNANSWERED, Pace, Subscription
from bot.engine.turn import Choice, Invited, Noted, Phrase, Record, Say, Turn, Undone
from bot.engine.window import SERVICE

WEEK = timedelta(days=7)
SHORTLY = timedelta(hours=12)  # a follow-up that is due within these rides along with today's lesson
STALE = timedelta(days=14)  # a follow-up nobody could be asked for so long is not asked any more
MID_LESSON = timedelta(hours=24)  # a lesson begun longer ago is no longer "in the middle of a lesson"
HERE = timedelta(minutes=10)  # somebody who wrote so lately is here: nothing need be brought
DATE_LINE = timedelta(days=2)  # so far ahead may a date be that was served elsewhere: clocks go from UTC-12 to UTC+14
NO_DAY = timedelta(hours=12)  # the same hour never comes again so soon, whatever clocks do
NOON = time(12)
NO_FAILURE = frozenset({"here", "late", "quiet", "all_done"})  # days held that say nothing about who can be reached
BACKLOG = 60  # days of downtime that get a record each
ASTRAY = timedelta(days=366)  # no wish is due so far ahead: a machine's clock was wrong when it was planned
CLOSED = timedelta(days=30)  # a platform's word that its window is closed holds until they write, or so long

OWN_DAYS = Choice("d:own", Phrase("daily.own"))
END = Choice("d:off", Phrase("daily.off"))
TODAY = Choice("c:today", Phrase("daily.today"))


@fixed(frozen=True, slots=True)
class Look:
    """What a look at a learner finds: days that are lost, and what is due now, unless that is lost too."""

    missed: tuple[Occasion, ...] = ()
    live: Occasion | None = None


# --- when --------------------------------------------------------------------------------------------------------


def next_look(learner: Learner, after: datetime) -> datetime | None:
    """When the clock must look at the learner next; None while nothing may come unasked."""
    if not _comes(learner):
        return None
    if learner.daily is not None and learner.daily.whole:
        following = next_daily(learner.daily, after)
        return following.at if following else None
    return min(_asked_at(one, learner, after) for one in learner.follow_ups if not one.invited)


def _comes(learner: Learner) -> bool:
    """Whether anything comes unasked."""
    if not _reachable(learner):
        return False
    if learner.daily is not None and learner.daily.whole:
        return learner.daily.runs
    return any(not follow_up.invited for follow_up in learner.follow_ups)


def next_daily(daily: Subscription, after: datetime) -> schedule.Due | None:
    """The next day on which a lesson is wanted."""
    if not daily.runs:
        return None
    return _following(daily, _believed(daily, daily.zone, after), daily.paused_until, after)


def _following(daily: Subscription, served: date | None, paused_until: date | None, after: datetime) -> schedule.Due:
    """The next day of a wish, with that date served last."""
    if daily.pace is Pace.WEEKLY and served is not None:
        served += WEEK - timedelta(days=1)
    if paused_until is not None:
        served = max(served or date.min, paused_until - timedelta(days=1))
    return schedule.next_due(daily.hour, daily.days, daily.zone, after, served)


def _believed(daily: Subscription, zone: str, after: datetime) -> date | None:
    """The date that was served last; a machine's clock that ran ahead for a while must not silence it for as long."""
    if daily.served is None:
        return None
    today = schedule.local_day(after, zone)
    return today if daily.served > today + DATE_LINE else daily.served


def _asked_at(follow_up: FollowUp, learner: Learner, after: datetime) -> datetime:
    """When it may be asked by itself: not in the night, and not on a day on which something came already."""
    zone = learner.zone or "UTC"
    # Where the learner's clock is not known: who finished a course at that hour is likely to be up.
    at = schedule.out_of_quiet(follow_up.at, zone) if learner.zone else follow_up.at
    served = _believed(learner.daily, zone, after) if learner.daily else None
    if served is None or schedule.local_day(at, zone) > served:
        return at
    return schedule.next_due(schedule.local_hour(at, zone), schedule.EVERY_DAY, zone, at, served).at


def replanned(learner: Learner, now: datetime) -> Learner:
    """The learner with the next look set anew, after a wish changed."""
    return learner.but(due=next_look(learner, now))


def due_later(learner: Learner, now: datetime) -> Learner:
    """What was promised for later is looked at in time; what is overdue stays so."""
    if learner.due is not None and learner.due <= now:
        return learner
    return replanned(learner, now)


def calls_off(before: Learner, after: Learner) -> bool:
    """Whether a turn ends what comes unasked, so that what already waits to be sent must not go out either.

    That may have been the last that was due: nothing tells of it but the outbox.
    """
    if (_reachable(before) and not _reachable(after)) or (_subscribed(before) and not _subscribed(after)):
        return True
    if before.due is None:
        return False
    paused = after.daily is not None and after.daily.paused and after.daily != before.daily
    return after.due is None or paused


def _reachable(learner: Learner) -> bool:
    """Whether anything may come unasked at all."""
    return learner.status is Status.ACTIVE and not learner.guest


def _subscribed(learner: Learner) -> bool:
    return learner.daily is not None and learner.daily.whole


def heard_from(learner: Learner) -> Learner:
    """A word of the learner ends their silence. What is overdue stays due; weekly becomes their own days again."""
    if SERVICE in learner.refused:  # their word opens the window, whatever the platform said before
        learner = learner.but(refused={what: r for what, r in learner.refused.items() if what != SERVICE})
    daily = learner.daily
    if learner.due is not None and learner.due - learner.seen > ASTRAY:
        learner = replanned(learner, learner.seen)
    if daily is None or not (daily.silent or daily.held):
        return learner
    learner = learner.but(daily=daily.answered())
    if daily.pace is not Pace.WEEKLY or (learner.due is not None and learner.due <= learner.seen):
        return learner
    return replanned(learner, learner.seen)


# --- what --------------------------------------------------------------------------------------------------------


def look(learner: Learner, library: Library, now: datetime) -> Look:
    """What is due to the learner by now."""
    if learner.due is None or learner.due > now or not _comes(learner):
        return Look()
    if learner.daily is None or not learner.daily.whole:
        return _follow_up_alone(learner, library, now)
    days = _days(learner.daily, learner.due, now)
    last = days[-1]
    held = [Occasion(LESSON, due.day, due.at).hold("late") for due in days[:-1]]
    return Look(tuple(held), _weighed(learner, last, library, now))


def _days(daily: Subscription, due: datetime, now: datetime) -> list[schedule.Due]:
    """Every day from the one that is due up to now, oldest first; of a very long downtime the last ones."""
    first = next_daily(daily, due - timedelta(microseconds=1))
    # Where clocks skip the end of a date, the moment lies in the date after the one it is due on.
    days = [first if first and first.at == due else schedule.Due(due, schedule.local_day(due, daily.zone))]
    while now - days[-1].at > NO_DAY:
        following = _following(daily, days[-1].day, None, days[-1].at)
        if following.at > now:
            break
        days.append(following)
    return days[-BACKLOG:]


def _weighed(learner: Learner, due: schedule.Due, library: Library, now: datetime) -> Occasion:
    """The latest day's occasion, held where it may not or need not come."""
    occasion = Occasion(kind(learner, library, now), due.day, due.at)
    reason = _against(learner, occasion, library, now)
    return occasion.hold(reason) if reason else occasion


def kind(learner: Learner, library: Library, now: datetime) -> str:
    """What comes next: a follow-up, the line that it comes less often now, a review, or the next lesson."""
    daily = learner.daily or Subscription()
    if _follow_up(learner, library, now + SHORTLY) is not None:
        return FOLLOW_UP
    if daily.pace is Pace.OWN and daily.silent >= UNANSWERED:
        return SLOWER
    if in_lesson(learner):
        return LESSON
    due = review.session(learner, library, now, only_due=True)
    enough = len(due) >= review.AT_MOST and daily.last != REVIEW
    return REVIEW if due and (enough or next_lesson(learner, library) is None) else LESSON


def _against(learner: Learner, occasion: Occasion, library: Library, now: datetime) -> str:
    """Why it does not come; empty when it may."""
    daily = learner.daily
    assert daily is not None, "only subscribers have days"
    late = schedule.is_late(occasion.due, now)
    if late and not in_the_middle(learner, now):
        return "late"
    if now - occasion.due > HERE and schedule.is_quiet(now, daily.zone) and not _chosen_night(daily):
        return "quiet"
    if daily.pace is Pace.WEEKLY and daily.silent >= 2 * UNANSWERED + 1:
        return "asleep"
    if daily.held >= HELD:
        return "asleep"
    if _answering(learner, now):
        return "here"
    if occasion.kind == LESSON and not in_lesson(learner) and next_lesson(learner, library) is None:
        return "all_done"
    return ""


def in_the_middle(learner: Learner, now: datetime) -> bool:
    """Whether the learner is in a lesson that they began, or went on with, within a day.

    What the clock put in front of them is theirs from their next word on.
    """
    since = learner.place.since
    touched = since is None or since <= learner.seen
    return touched and in_lesson(learner) and now - learner.seen < MID_LESSON


def latest(learner: Learner, occasion: Occasion, now: datetime) -> datetime:
    """Until when it may go out what is decided now: for three hours, and not into the night unless they chose that."""
    since = now if schedule.is_late(occasion.due, now) else occasion.due
    end = since + schedule.LATE
    daily, zone = learner.daily, _zone(learner)
    if not zone or (daily is not None and daily.whole and _chosen_night(daily)):
        return end
    return min(end, max(schedule.quiet_after(since, zone), since + HERE))


def _zone(learner: Learner) -> str:
    """Whose clocks count: those of the wish, else those that are known; empty where none are."""
    return (learner.daily.zone if learner.daily else "") or learner.zone or ""


def _answering(learner: Learner, now: datetime) -> bool:
    """Whether the learner is busy with us just now, and need not be brought anything."""
    return in_the_middle(learner, now) and now - learner.seen < HERE


def _chosen_night(daily: Subscription) -> bool:
    """Whether the learner themselves picked an hour in which nobody is disturbed."""
    hour = time.fromisoformat(daily.hour)
    return hour >= schedule.QUIET[0] or hour < schedule.QUIET[1]


def _follow_up(learner: Learner, library: Library, by: datetime) -> FollowUp | None:
    """The follow-up to ask by then, the one waiting longest; none that is stale, or whose course is gone."""
    waiting = sorted((f for f in learner.follow_ups if f.at <= by and not f.invited), key=lambda f: f.at)
    fresh = (f for f in waiting if by - f.at <= STALE + SHORTLY)
    return next((f for f in fresh if follow_ups.recalled(learner, f, library)), None)


def _follow_up_alone(learner: Learner, library: Library, now: datetime) -> Look:
    """A follow-up for somebody whom nothing else is brought."""
    first = _soonest(learner)
    at = _asked_at(first, learner, now) if first else None
    if first is None or at is None or at > now or (learner.zone and schedule.is_quiet(now, learner.zone)):
        return Look()  # after a downtime it may be night by now; it is looked at again
    occasion = Occasion(FOLLOW_UP, schedule.local_day(now, learner.zone or "UTC"), at)
    reason = _against_asking(learner, first, library, now)
    return Look(live=occasion.hold(reason) if reason else occasion)


def _soonest(learner: Learner) -> FollowUp | None:
    """The follow-up that waits for its day, and not for a tap."""
    return min((f for f in learner.follow_ups if not f.invited), key=lambda f: f.at, default=None)


def _against_asking(learner: Learner, follow_up: FollowUp, library: Library, now: datetime) -> str:
    """Why a follow-up is not asked now; empty when it may."""
    if now - follow_up.at > STALE:
        return "stale"
    if follow_ups.recalled(learner, follow_up, library) is None:
        return "gone"
    return "here" if _answering(learner, now) else ""


# --- done --------------------------------------------------------------------------------------------------------


def happens(learner: Learner, event: LessonDue, library: Library, now: datetime) -> Move:
    """Brings it, asks the learner in to it, or holds it; the next look is set, and every day is noted."""
    occasion = event.occasion
    notes: tuple[Record, ...] = tuple(Noted(one) for one in (*event.missed, occasion))
    if occasion.way in OPEN_WAYS:
        learner = _reached(learner, occasion)
        move = brought(learner, occasion.kind, library, now)
        return replace(move, learner=onwards(move.learner, occasion), records=(*notes, *move.records))
    if occasion.way in INVITING_WAYS:
        invited = _invited(_reached(learner, occasion), occasion, library, now)
        hour = schedule.local_hour(occasion.due, _zone(learner) or "UTC")
        return Move(onwards(invited, occasion), records=(*notes, Invited(occasion.kind, hour)))
    return held(learner, occasion, event.missed, now)


def held(learner: Learner, occasion: Occasion, missed: tuple[Occasion, ...], now: datetime) -> Move:
    """Nothing comes; every day is noted, and the next look is set."""
    notes = tuple(Noted(one) for one in (*missed, occasion))
    return Move(onwards(_unreached(learner, occasion, now), occasion), records=notes)


def _reached(learner: Learner, occasion: Occasion) -> Learner:
    """Something is brought: the learner's silence counts from here."""
    daily = learner.daily
    if daily is None or not daily.whole:
        return learner
    pace = Pace.WEEKLY if occasion.kind == SLOWER else daily.pace
    return learner.but(daily=daily.but(silent=daily.silent + 1, pace=pace, last=occasion.kind))


def _unreached(learner: Learner, occasion: Occasion, now: datetime) -> Learner:
    """Nothing is brought: a day held, a wish put to sleep, or a follow-up let go or put off."""
    daily = learner.daily
    if daily is None or not daily.whole:
        first = _soonest(learner)
        if occasion.reason in ("stale", "gone") and first is not None:
            return learner.but(follow_ups=tuple(f for f in learner.follow_ups if f.at > first.at))
        return _asked_later(learner, occasion)
    pace = Pace.ASLEEP if occasion.reason == "asleep" else daily.pace
    held = daily.held + (occasion.reason not in NO_FAILURE)
    return learner.but(daily=daily.but(held=held, pace=pace))


def _asked_later(learner: Learner, occasion: Occasion) -> Learner:
    """A follow-up that could not go out is tried again the next day, for two weeks."""
    later = (
        replace(f, at=occasion.due + timedelta(days=1), held=f.held + 1) if f.at <= occasion.due else f
        for f in learner.follow_ups
    )
    return learner.but(follow_ups=tuple(f for f in later if f.held < STALE.days))


def stood(learner: Learner, occasion: Occasion) -> Learner:
    """The day was decided before: what else was due on it comes later."""
    daily = learner.daily
    return onwards(learner if daily is not None and daily.whole else _asked_later(learner, occasion), occasion)


def onwards(learner: Learner, occasion: Occasion) -> Learner:
    """The day is served, and the next look is after it."""
    daily = learner.daily
    if daily is not None and daily.whole:
        learner = learner.but(daily=daily.but(served=occasion.day, paused_until=None, paused=False))
        return learner.but(due=next_look(learner, occasion.due))
    if not occasion.held:  # also of who wishes for no lesson it is known on which day something came
        learner = learner.but(daily=(daily or Subscription(last=FOLLOW_UP)).but(served=occasion.day))
    noon = datetime.combine(occasion.day, NOON, UTC)  # what was due long ago is asked today
    return learner.but(due=next_look(learner, max(occasion.due, noon)))


def unsent(learner: Learner, event: Unsent, now: datetime) -> Turn:
    """What was decided could not be sent. The day is decided again, once; free-form no more until they write."""
    if event.closed:
        learner = learner.but(refused={**learner.refused, SERVICE: Refusal(now + CLOSED)})
    if event.kind == FOLLOW_UP:
        learner = _asked_anew(learner)
    learner = learner if event.final else _as_before(learner, event, now)
    daily = learner.daily
    if daily is None or not daily.runs:
        return Turn(due_later(learner, now))
    # What did not arrive cannot have been left unanswered, and nobody was told that it comes less often.
    pace = Pace.OWN if event.kind == SLOWER else daily.pace
    daily = daily.but(silent=max(0, daily.silent - 1), pace=pace)
    if event.final or daily.paused or daily.served != event.day or daily.again == event.day:
        return Turn(learner.but(daily=daily.but(held=daily.held + 1)))
    undone = daily.but(served=event.day - timedelta(days=1), again=event.day)
    due = schedule.at_local(event.day, daily.hour, daily.zone)
    return Turn(learner.but(daily=undone, due=due or now), (), (Undone(event.kind, event.day),))


def _as_before(learner: Learner, event: Unsent, now: datetime) -> Learner:
    """What was brought and never arrived does not stand in front of the learner; a follow-up is promised again."""
    place = learner.place
    if place.since is None or place.since <= learner.seen:
        return learner  # they have written since: whatever stands there, they were shown
    if schedule.local_day(place.since, _zone(learner) or "UTC") < event.day:
        return learner  # brought on a day before
    match place.step:
        case Step.WARM_UP | Step.HOOK | Step.BEFORE:
            return path.enter(learner, now, Step.NEXT).but(echo="")
        case Step.REVIEW:
            return path.never_shown(learner, now)
        case Step.RECALL:
            return path.never_shown(_promised_again(learner, now), now)
    return learner


def _promised_again(learner: Learner, now: datetime) -> Learner:
    """The follow-up that stands in front of the learner."""
    course, form = learner.place.queue
    days = next((days for days, name in follow_ups.FORMS.items() if name == form), None)
    again = () if days is None else (FollowUp(course, days, now),)
    return learner.but(follow_ups=(*again, *learner.follow_ups))


def _asked_anew(learner: Learner) -> Learner:
    """A follow-up that asked them in and did not arrive: the next day, and not for ever."""
    follow_ups = tuple(
        replace(f, at=f.at + timedelta(days=1), held=f.held + 1, invited=False) if f.invited else f
        for f in learner.follow_ups
    )
    return learner.but(follow_ups=tuple(f for f in follow_ups if f.held < STALE.days))


def _invited(learner: Learner, occasion: Occasion, library: Library, now: datetime) -> Learner:
    """Asked in by a template; a follow-up waits for the tap, and is not asked for again."""
    category = occasion.way.removesuffix("_template")
    learner = learner.but(invited=f"{occasion.kind} {category}")
    follow_up = _follow_up(learner, library, now + SHORTLY) if occasion.kind == FOLLOW_UP else None
    return learner.but(follow_ups=tuple(replace(f, invited=True) if f == follow_up else f for f in learner.follow_ups))


def _waiting(learner: Learner, library: Library, now: datetime) -> FollowUp | None:
    """The follow-up that the learner was asked in to, or the one that is due."""
    invited = (f for f in learner.follow_ups if f.invited and now - f.at <= STALE)
    return next(invited, None) or _follow_up(learner, library, now + SHORTLY)


def brought(learner: Learner, what: str, library: Library, now: datetime) -> Move:
    """What the learner sees when it is there."""
    hello = Phrase(f"daily.hello.{what}")
    follow_up = _waiting(learner, library, now)
    learner = learner.but(invited="")
    match what:
        case "slower":
            say = Say((Phrase("daily.slower"),), choices=(TODAY, OWN_DAYS, END))
            return Move(learner.but(aside="daily"), aside=say)
        case "follow_up" if follow_up is not None:
            learner = path.begin_follow_up(learner, follow_up, library, now)
            if learner.place.step is Step.RECALL:
                return Move(learner, (hello,))
        case "review":
            questions = review.session(learner, library, now)
            if questions:
                return Move(path.begin_review(learner, questions, library, now), (hello,))
    return _lesson(learner, library, now)


def _lesson(learner: Learner, library: Library, now: datetime) -> Move:
    """The lesson that was begun, or the next one."""
    if in_lesson(learner):
        return Move(learner.but(aside=None), (Phrase("daily.go_on"),))
    lesson = next_lesson(learner, library)
    if lesson is None:
        return Move(learner.but(aside=None))
    return Move(path.begin(learner, lesson, library, now), (Phrase("daily.hello.lesson"),))


def today(learner: Learner, library: Library, now: datetime) -> Move:
    """What the learner was asked in to, or would be brought next."""
    what, _, arrived = learner.invited.partition(" ")
    what = what or kind(learner, library, now)
    if arrived in learner.refused:  # this category of templates does reach them
        learner = learner.but(refused={c: r for c, r in learner.refused.items() if c != arrived})
    if any(f.invited for f in learner.follow_ups):
        what = FOLLOW_UP
    if what == SLOWER:
        what = LESSON
    if what == LESSON and not in_lesson(learner) and next_lesson(learner, library) is None:
        return Move(path.enter(learner.but(invited=""), now, Step.NEXT))
    return brought(learner, what, library, now)
