"""Somebody who watches the phones and the clock, and believes nothing that the house says about itself.

Kept here, by means of its own: when each person wrote last, which local days brought them something, which days
should have (``wish``). A promise that is broken is counted under its name.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.engine.learner import Learner, Status
from bot.engine.occasion import Occasion
from bot.simulation.wish import DAY, MINUTE, Wish, moment, passed, was
from storage.rows import OutboxRow

WINDOW = timedelta(hours=24)  # of free-form messages on WhatsApp, as Meta has it


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
    zones: set[str] = field(default_factory=set)
    _wishes: dict[str, Wish] = field(default_factory=dict)
    _days: dict[str, date] = field(default_factory=dict)  # learner → the last day something was decided for
    _parts: dict[int, int] = field(default_factory=dict)  # address → its last part
    _brought: dict[int, tuple[date, datetime]] = field(default_factory=dict)
    _due: dict[tuple[str, datetime], datetime] = field(default_factory=dict)

    # --- what people do -------------------------------------------------------------------------------------------

    def wrote(self, address: str, at: datetime) -> None:
        self.heard[address] = at

    def wishes(self, learner: Learner, at: datetime) -> None:
        """After a word of theirs: what they wait for from now on, as they were told."""
        daily = learner.daily
        known = self._wishes.get(learner.id)
        if daily is None or not daily.whole or learner.guest:
            self._wishes.pop(learner.id, None)
            return
        self.zones.add(daily.zone)
        waiting = learner.status is Status.ACTIVE and daily.runs
        if known is not None and known.waiting and waiting and known.asked == (daily.hour, daily.days, daily.zone):
            known.wrote(at)
        else:
            last = max(passed(at, daily.hour, daily.zone), self._days.get(learner.id, date.min))
            known = Wish(daily.hour, daily.days, daily.zone, last, at, waiting)
            self._wishes[learner.id] = known
        if daily.paused_until is not None:
            known.last = max(known.last, daily.paused_until - DAY)

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
        if at - occasion.due > MINUTE and not self._was_down(occasion.due, at):
            self.broken["not_in_their_minute"] += 1
        if self.phones and not occasion.held:
            self._due[learner.id, at] = occasion.due
        if (wish := self._wishes.get(learner.id)) is not None:
            self._as_wished(wish, occasion, at)

    def _was_down(self, due: datetime, at: datetime) -> bool:
        """Whether nothing ran when it was due, and it was seen to as soon as something did."""
        return any(begin <= due <= end and at - end <= MINUTE for begin, end in self.down)

    def _as_wished(self, wish: Wish, occasion: Occasion, at: datetime) -> None:
        """A day that was waited for, at the hour on the wall, for a reason; and no day before it left out."""
        if not was(occasion.day, wish.zone) or abs(moment(occasion.day, wish.hour, wish.zone) - occasion.due) > MINUTE:
            self.broken["wrong_minute"] += 1
        while wish.waiting and (expected := wish.following()) < occasion.day:
            self.broken["missed_in_silence"] += 1
            wish.last = expected
        if not wish.waiting or wish.following() != occasion.day:
            self.broken["not_asked_for"] += 1
        elif occasion.held and not wish.is_so(occasion, at):
            self.broken["held_without_cause"] += 1
        elif not occasion.held and not wish.may_come(occasion, at):
            self.broken["brought_against_rules"] += 1
        wish.happened(occasion)

    def at_the_end(self, at: datetime) -> None:
        """Whoever waits has had a word on record for every day up to now."""
        for wish in self._wishes.values():
            while wish.waiting and moment(expected := wish.following(), wish.hour, wish.zone) < at:
                self.broken["missed_in_silence"] += 1
                wish.last = expected

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
