"""Somebody who watches the phones and the clock, and believes nothing that the house says about itself.

Kept here, by means of its own: when each person wrote last, which local days brought them something, which days
should have, what a clock on their wall shows. A promise that is broken is counted under its name.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.engine.learner import Learner, Status
from bot.engine.occasion import Occasion
from bot.engine.subscription import Pace
from storage.rows import OutboxRow

WINDOW = timedelta(hours=24)  # of free-form messages on WhatsApp, as Meta has it
MINUTE = 60.0  # seconds within which what is due must be decided
DAY = timedelta(days=1)


@dataclass(slots=True)
class Wish:
    """What somebody asked for, as they know it; ``last`` is the day up to which they have nothing to wait for."""

    hour: str
    days: tuple[int, ...]
    zone: str
    last: date
    waiting: bool = True  # for each of their days; not while weekly, asleep, paused without end or stopped


@dataclass
class Watch:
    """``down`` are spans in which the house was down: what is due then may come late, or not. Without ``phones``
    nothing arrives anywhere."""

    down: "tuple[tuple[datetime, datetime], ...]" = ()
    phones: bool = True
    broken: Counter[str] = field(default_factory=Counter)
    heard: dict[str, datetime] = field(default_factory=dict)  # address → their last word
    late: Counter[int] = field(default_factory=Counter)  # seconds from due to sent
    decisions: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)  # by kind
    _wishes: dict[str, Wish] = field(default_factory=dict)
    _days: dict[str, date] = field(default_factory=dict)  # learner → the last day something was decided for
    _parts: dict[int, int] = field(default_factory=dict)  # address → its last part
    _brought: dict[int, tuple[date, datetime]] = field(default_factory=dict)
    _due: dict[tuple[str, datetime], datetime] = field(default_factory=dict)

    # --- what people do -------------------------------------------------------------------------------------------

    def wrote(self, address: str, at: datetime) -> None:
        self.heard[address] = at

    def wishes(self, learner: Learner, at: datetime) -> None:
        """After a word of theirs: whether they wait for something from now on."""
        daily = learner.daily
        known = self._wishes.get(learner.id)
        if daily is None or not daily.whole or learner.guest:
            self._wishes.pop(learner.id, None)
            return
        asked = (daily.hour, daily.days, daily.zone)
        waiting = learner.status is Status.ACTIVE and daily.runs
        if known is not None and known.waiting and waiting and asked == (known.hour, known.days, known.zone):
            if daily.paused_until is not None:
                known.last = max(known.last, daily.paused_until - DAY)
            return
        local = at.astimezone(ZoneInfo(daily.zone))
        passed = f"{local:%H:%M}" >= daily.hour or self._days.get(learner.id) == local.date()
        last = local.date() if passed else local.date() - DAY
        if daily.paused_until is not None:
            last = max(last, daily.paused_until - DAY)
        self._wishes[learner.id] = Wish(*asked, last, waiting)

    # --- what the clock decides -----------------------------------------------------------------------------------

    def decided(self, learner: Learner, occasion: Occasion, at: datetime) -> None:
        """One day of somebody's: in its minute or held with a reason, once, and none left out before it."""
        self.decisions[occasion.kind, occasion.way, occasion.reason] += 1
        before = self._days.get(learner.id)
        if before is not None and occasion.day <= before:
            self.broken["doubles"] += 1
        self._days[learner.id] = max(occasion.day, before or occasion.day)
        if occasion.held and not occasion.reason:
            self.broken["held_without_reason"] += 1
        if not self._was_down(occasion.due, at) and (at - occasion.due).total_seconds() > MINUTE:
            self.broken["not_in_their_minute"] += 1
        if self.phones and not occasion.held:
            self._due[learner.id, at] = occasion.due
        self._in_its_minute(learner, occasion)
        self._none_before(learner, occasion)

    def _was_down(self, due: datetime, at: datetime) -> bool:
        return any(begin <= at and due <= end for begin, end in self.down)

    def _in_its_minute(self, learner: Learner, occasion: Occasion) -> None:
        daily = learner.daily
        if daily is None or not daily.whole:
            return
        clock = ZoneInfo(daily.zone)
        shown = f"{occasion.due.astimezone(clock):%H:%M}"
        if shown != daily.hour and not _never_shown(occasion, daily.hour, clock):
            self.broken["wrong_minute"] += 1

    def _none_before(self, learner: Learner, occasion: Occasion) -> None:
        """No day of theirs between the last one and this went by without a word on record."""
        wish = self._wishes.get(learner.id)
        if wish is None:
            return
        if wish.waiting:
            self.broken["missed_in_silence"] += self._chosen(wish, wish.last + DAY, occasion.day)
        wish.last = max(wish.last, occasion.day)
        pace = learner.daily.pace if learner.daily else Pace.ASLEEP
        wish.waiting = wish.waiting and pace is Pace.OWN

    def _chosen(self, wish: Wish, first: date, end: date) -> int:
        """How many days they chose from ``first`` to before ``end``; a date their zone never had is none."""
        days = (first + n * DAY for n in range((end - first).days))
        return sum(day.weekday() in wish.days and _was(day, wish.zone) for day in days)

    def at_the_end(self, at: datetime) -> None:
        """Whoever waits has had a word on record for every day up to now."""
        for wish in self._wishes.values():
            local = at.astimezone(ZoneInfo(wish.zone))
            end = local.date() + DAY if f"{local:%H:%M}" > wish.hour else local.date()
            if wish.waiting:
                self.broken["missed_in_silence"] += self._chosen(wish, wish.last + DAY, end)

    # --- what arrives ---------------------------------------------------------------------------------------------

    def arrived(self, part: OutboxRow, template: bool, at: datetime) -> None:
        """A message on a phone: at most once, free-form only within a day of that person's last word."""
        self.sent[part.kind] += 1
        if part.id <= self._parts.get(part.address_id, 0):
            self.broken["doubles"] += 1
        self._parts[part.address_id] = part.id
        if part.address.channel == "whatsapp" and not template:
            heard = self.heard.get(part.address.id)
            if heard is None or at - heard > WINDOW:
                self.broken["free_form_outside_window"] += 1
        if part.kind != "reply":
            self._unasked(part, at)

    def _unasked(self, part: OutboxRow, at: datetime) -> None:
        wish = self._wishes.get(str(part.learner_id))
        day = part.created_at.astimezone(ZoneInfo(wish.zone if wish else "UTC")).date()
        before = self._brought.get(part.address_id)
        if before is not None and before[0] == day and before[1] != part.created_at:
            self.broken["doubles"] += 1
        self._brought[part.address_id] = (day, part.created_at)
        due = self._due.pop((str(part.learner_id), part.created_at), None)
        if due is not None:
            self.late[round((at - due).total_seconds())] += 1


def _never_shown(occasion: Occasion, hour: str, clock: ZoneInfo) -> bool:
    """Clocks jumped over that hour on that day; then the first moment behind the gap is right."""
    wall = datetime.fromisoformat(f"{occasion.day}T{hour}").replace(tzinfo=clock)
    back = wall.astimezone(ZoneInfo("UTC")).astimezone(clock)
    return f"{back:%H:%M}" != hour and abs(occasion.due - wall) < timedelta(hours=25)


def _was(day: date, zone: str) -> bool:
    """Whether the zone ever had that date: noon of a date that was skipped comes back as another's."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone))
    return noon.astimezone(ZoneInfo("UTC")).astimezone(noon.tzinfo).date() == day
