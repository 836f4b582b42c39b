"""Planner and window alone: engine values over a moved clock, without store and without words.

Quick enough for a hundred thousand learners, or for years. What people do is simpler than in the whole house: an
answer is one word that ends the lesson in front of them.
"""

import heapq
from bisect import bisect_right
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from random import Random

from bot.delivery.purse import Purse
from bot.engine import daily, due, window
from bot.engine.course import Library
from bot.engine.events import LessonDue
from bot.engine.learner import Keep, Learner, Place, Status, Step
from bot.engine.occasion import INVITING_WAYS, Occasion
from bot.engine.subscription import Subscription
from bot.simulation.figures import Figures
from bot.simulation.foretelling import Foreteller
from bot.simulation.people import Habits, Person
from bot.simulation.plan import Plan
from bot.simulation.watch import WINDOW, Watch
from storage.rows import Reach, Spending

DAY = 86400.0
PAUSE = 7  # days of a break
FATES = ("silence", "pausing", "stopping", "changing")


class Approved:
    """Templates of every kind and language, all of them utility."""

    def invitation(self, kind: str, language: str, time: str) -> dict[str, object]:
        return {}

    def invited_by(self, kind: str, language: str) -> str:
        return window.UTILITY


class Planned:
    """What is due or said while nothing runs (``Plan.down``) is seen to when it does again."""

    def __init__(
        self, plan: Plan, library: Library, rules: window.Rules, told: Callable[[int], None] = lambda day: None
    ) -> None:
        self.plan, self.library, self.rules, self.told = plan, library, rules, told
        self.now = plan.start
        self.watch, self.figures = Watch(plan.down, phones=False), Figures()
        self.down = sorted((self._offset(begin), self._offset(end)) for begin, end in plan.down)
        self.random = Random(f"{plan.seed}/{plan.first}")
        self.purse = Purse(rules, lambda: self.now)
        self.people: list[Person] = []
        self.learners: list[Learner | None] = []
        self.heard: list[datetime] = []
        self._order = count()
        self._acts: list[tuple[float, int, int, str]] = []
        self.templates = frozenset({window.UTILITY} if plan.templates else ())
        self.foreteller = Foreteller(rules, {"whatsapp": Approved()} if plan.templates else {})

    # --- time -----------------------------------------------------------------------------------------------------

    def live(self) -> Figures:
        """From the first day to the last."""
        self._people_come()
        end, today = self._offset(self.plan.end), -1
        while self._acts and self._acts[0][0] < end:
            at, _, number, act = heapq.heappop(self._acts)
            at = self._up(at)
            if at >= end:
                continue
            self.now = self.plan.start + timedelta(seconds=at)
            if int(at // DAY) != today:
                today = int(at // DAY)
                self.told(today)
                self._foretell(self.plan.start + timedelta(days=today))
            self._happens(number, act)
        self.watch.at_the_end(self.plan.end if not self._is_down(end) else self.now)
        return self._summed()

    def _offset(self, moment: datetime) -> float:
        return (moment - self.plan.start).total_seconds()

    def _up(self, at: float) -> float:
        """When it is seen to: at once, or when what is down is up again."""
        last = bisect_right(self.down, at, key=lambda span: span[0]) - 1
        return max(at, self.down[last][1]) if last >= 0 else at

    def _is_down(self, at: float) -> bool:
        return self._up(at) != at

    def _will(self, number: int, act: str, at: float) -> None:
        heapq.heappush(self._acts, (at, next(self._order), number, act))

    # --- people ---------------------------------------------------------------------------------------------------

    def _people_come(self) -> None:
        for number in range(self.plan.learners):
            person = Person(number, self.random, self.plan.habits)
            self.people.append(person)
            self.learners.append(None)
            self.heard.append(self.plan.start)
            self._will(number, "arrive", person.arrives_on(self.plan.habits) * 60)
        self.figures.counts["people"] = self.plan.learners

    def _happens(self, number: int, act: str) -> None:
        person, learner = self.people[number], self.learners[number]
        if act == "arrive":
            self._arrives(number, person)
            return
        assert learner is not None, "who is not here yet does nothing"
        if act == "due":
            if learner.due is not None and learner.due <= self.now:
                self._due(number, learner)
        elif not person.gone:
            self._does(number, person, learner, act)

    def _arrives(self, number: int, person: Person) -> None:
        """Through the first lesson, and the talk about their hour, in no time."""
        wish = Subscription(person.hour, tuple(person.days), person.zone, person.address.channel)
        learner = Learner(
            f"{self.plan.first + number}", number, person.language, self.now, self.now, keep=Keep.BOTH,
            age_band="16_24", country=person.country, zone=person.zone, place=Place(Step.NEXT),
            done=(self.library.courses[0].lessons[0].path,), channel=person.address.channel, daily=wish,
        )  # fmt: skip
        self._wrote(number, due.replanned(learner, self.now))
        for fate in FATES:
            self._draw(number, fate)

    def _draw(self, number: int, fate: str) -> None:
        a_day = getattr(self.plan.habits, fate)
        if a_day > 0:
            self._will(number, fate, self._offset(self.now) + self.random.expovariate(a_day) * DAY)

    def _wrote(self, number: int, learner: Learner) -> None:
        """After a word of theirs."""
        self.heard[number] = self.now
        self.figures.counts["words"] += 1
        self.watch.wishes(learner, self.now)
        self._stands(number, learner)

    def _stands(self, number: int, learner: Learner) -> None:
        before = self.learners[number]
        self.learners[number] = learner
        if learner.due is not None and (before is None or before.due != learner.due):
            self._will(number, "due", self._offset(learner.due))

    def _does(self, number: int, person: Person, learner: Learner, act: str) -> None:
        match act:
            case "silence":
                person.gone = True
            case "stopping":
                person.gone = True
                self.figures.counts["opt_outs"] += 1
                self._wrote(number, learner.but(status=Status.STOPPED, due=None, seen=self.now))
            case "pausing":
                move = daily.paused_for(self._here(learner), PAUSE, self.now)
                self._wrote(number, move.learner)
                self._draw(number, act)
            case "changing":
                self._wrote(number, self._changed(person, self._here(learner)))
                self._draw(number, act)
            case "answer":
                self._answers(number, learner)

    def _changed(self, person: Person, learner: Learner) -> Learner:
        """Another hour typed, or another clock tapped."""
        hour, zone = person.changes_to(self.random)
        if hour:
            move = daily.in_one_message(learner, f"daily {hour}", self.library, self.now)
        else:
            move = daily.zone_pressed(learner, zone.replace("/", "--"), "", self.library, self.now)
        assert move is not None, "both are understood"
        return move.learner

    def _here(self, learner: Learner) -> Learner:
        """Back with a word, as the engine takes it."""
        learner, _ = daily.woken(due.heard_from(learner.but(seen=self.now)))
        return learner

    def _answers(self, number: int, learner: Learner) -> None:
        """The lesson in front of them is done."""
        learner = self._here(learner)
        lesson = learner.place.lesson
        if lesson and lesson not in learner.done:
            before = learner.done[-1:] if self.plan.endless else learner.done
            learner = learner.but(done=(*before, lesson))
            self.figures.counts["lessons"] += 1
        # By themselves they open nothing, and what a template asked them in to is done with the same word.
        self._wrote(number, learner.but(place=Place(Step.NEXT), after=None, aside=None, invited=""))

    # --- the clock ------------------------------------------------------------------------------------------------

    def _due(self, number: int, learner: Learner) -> None:
        """Look, decide, bring or hold: what the planner does, on values."""
        look = due.look(learner, self.library, self.now)
        if look.live is None:
            self._stands(number, due.replanned(learner, self.now))
            return
        occasion = look.live if look.live.held else self._decided(number, learner, look.live)
        event = LessonDue(
            id="", address=self.people[number].address, at=self.now, occasion=occasion, missed=look.missed
        )
        if occasion.held:
            move = due.held(learner, occasion, look.missed, self.now)
        else:
            move = due.happens(learner, event, self.library, self.now)
        for one in (*look.missed, occasion):
            self.watch.decided(move.learner, one, self.now)
            if self.plan.foretell:
                self.foreteller.decided(move.learner, one, self.now)
        self._stands(number, move.learner)
        if not occasion.held:
            self._brought(number, occasion)

    def _decided(self, number: int, learner: Learner, live: Occasion) -> Occasion:
        channel = learner.channel
        route = window.Route(number, channel, learner.country, self.heard[number], True, self.templates)
        in_lesson = due.in_the_middle(learner, self.now)
        decision = window.decide(self.now, [route], self.rules, self.purse.at, in_lesson=in_lesson)
        return Occasion(
            live.kind, live.day, live.due, decision.way.value, decision.reason, channel, decision.micros,
            learner.country,
        )  # fmt: skip

    def _brought(self, number: int, occasion: Occasion) -> None:
        person, counts = self.people[number], self.figures.counts
        invites = occasion.way in INVITING_WAYS
        counts["messages"] += 1
        self.watch.late[round((self.now - occasion.due).total_seconds())] += 1
        if occasion.channel == "whatsapp":
            counts["whatsapp_days"] += 1
            counts["templates"] += invites
            if not invites and self.now - self.heard[number] > WINDOW:
                self.watch.broken["free_form_outside_window"] += 1
        if occasion.micros:
            self.purse.add(Spending(occasion.country or "", 1, occasion.micros, int(invites)))
            self.figures.micros[occasion.country or "unknown"] += occasion.micros
            self.figures.days[self.purse.today(), "micros"] += occasion.micros
            self.figures.days[self.purse.today(), "messages"] += 1
        minutes = person.answers_in()
        if minutes is not None:
            self._will(number, "answer", self._offset(self.now) + minutes * 60)

    def _foretell(self, midnight: datetime) -> None:
        """What the coming day will bring, from what is known now."""
        if not self.plan.foretell:
            return
        forecast = self.foreteller.begins(midnight)
        end = midnight + timedelta(days=1)
        ahead = ((one.due, number, one) for number, one in enumerate(self.learners) if one and one.due)
        for _, number, learner in sorted(one for one in ahead if one[0] < end):
            address = self.people[number].address
            forecast.take(learner, [Reach(number, address, self.heard[number])], self.library)
        self.foreteller.expects(forecast.done())

    def _summed(self) -> Figures:
        figures, decisions = self.figures, self.watch.decisions
        held = sum(n for (_, way, _), n in decisions.items() if way == window.Way.HOLD.value)
        words = figures.counts["words"]
        figures.books.update(received=words, handled=words, due=sum(decisions.values()), held=held)
        figures.books["sent"] = figures.counts["messages"]
        self.foreteller.ends()
        figures.forecasts = self.foreteller.sums
        figures.broken, figures.late, figures.decisions = self.watch.broken, self.watch.late, decisions
        figures.zones = self.watch.zones
        figures.check_books()
        return figures


def planned(plan: Plan, library: Library, rules: window.Rules, told: Callable[[int], None]) -> Figures:
    """The whole run; its figures."""
    return Planned(plan, library, rules, told).live()


__all__ = ["Habits", "Planned", "planned"]
