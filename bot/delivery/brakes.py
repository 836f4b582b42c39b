"""Brakes on unproductive loops and on bills: a turn is always taken and stored, only its reply may be held back.

``decide`` is pure. ``Brakes`` counts, in memory and under a hash salted for this process: no list of addresses
exists anywhere, and a restart lets go of every brake, which harms nobody.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import blake2b

from bot.content.policies import BrakePolicy
from bot.engine.events import Event
from bot.engine.fixed import fixed
from bot.engine.turn import Phrase, Turn

HOUR, DAY = 3600.0, 24 * 3600.0
LEARNERS = 100_000  # counted at once; the longest silent are forgotten first
COSTLY = frozenset({"whatsapp"})  # channels on which a reply costs money

ALWAYS = frozenset({"help.text", "stop.done", "delete.ask", "delete.done"})

# Leads that say: this told us nothing.
NOT_UNDERSTOOD = ("unclear.", "sent.", "old.unknown")


@fixed(frozen=True, slots=True)
class Counts:
    """Replies to one address: in the hour that began at ``hour``, and, since the day began at ``day`` or something
    was understood last, to what was not understood."""

    hour: float = 0.0
    replies: int = 0
    day: float = 0.0
    puzzled: int = 0


NONE = Counts()


@fixed(frozen=True, slots=True)
class Verdict:
    """Whether to reply; ``why`` names the brake that holds."""

    reply: bool
    why: str = ""


GO = Verdict(True)


def must_be_said(turn: Turn) -> bool:
    """Whether it is a word that no bill may hold back: help, the end of it all, and being forgotten."""
    return any(isinstance(text, Phrase) and text.key in ALWAYS for say in turn.says for text in say.body)


def understood(turn: Turn) -> bool:
    """Whether the learner's last word told us something."""
    leads = (text for say in turn.says for text in say.lead)
    return not any(isinstance(text, Phrase) and text.key.startswith(NOT_UNDERSTOOD) for text in leads)


def current(counts: Counts, clear: bool, now: float) -> Counts:
    """The counts as they stand before a reply: hours and days that are over are forgotten."""
    if now - counts.hour >= HOUR:
        counts = replace(counts, hour=now, replies=0)
    if now - counts.day >= DAY:
        counts = replace(counts, day=now, puzzled=0)
    return replace(counts, puzzled=0) if clear and counts.puzzled else counts


def decide(policy: BrakePolicy, counts: Counts, clear: bool, country: str | None = None) -> Verdict:
    """Whether one more reply is in order. ``clear``: we understood; ``country``: where a reply costs money."""
    if country is not None and policy.countries and country not in policy.countries:
        return Verdict(False, "country")
    if counts.replies >= policy.replies_an_hour:
        return Verdict(False, "replies an hour")
    if not clear and counts.puzzled >= policy.replies_a_day_not_understood:
        return Verdict(False, "not understood")
    return GO


class Brakes:
    """The counts of everybody who writes now. ``clock`` gives seconds and only goes forward."""

    def __init__(self, policy: BrakePolicy, clock: Callable[[], float]) -> None:
        self.policy, self.clock = policy, clock
        self._salt = secrets.token_bytes(16)
        self._counts: OrderedDict[bytes, Counts] = OrderedDict()

    def key(self, event: Event) -> bytes:
        """Under which the replies to an address are counted."""
        address = f"{event.address.channel}\0{event.address.id}".encode("utf-8", "surrogatepass")
        return blake2b(address, key=self._salt, digest_size=16).digest()

    def counts(self, key: bytes) -> Counts:
        return self._counts.get(key, NONE)

    def count(self, counts: Mapping[bytes, Counts]) -> None:
        """Takes these for what counts now."""
        for key, one in counts.items():
            self._counts.pop(key, None)
            self._counts[key] = one
        while len(self._counts) > LEARNERS:
            self._counts.popitem(last=False)


class Weighing:
    """The replies of one transaction: weighed with all before them, and counted once it is committed.

    A transaction that is tried again is weighed anew, so that nobody's reply counts twice.
    """

    def __init__(self, brakes: Brakes) -> None:
        self._brakes = brakes
        self._counts: dict[bytes, Counts] = {}

    def weigh(self, event: Event, turn: Turn, learning: bool = False) -> Verdict:
        """Whether this turn's reply goes out. ``learning`` is never held, and never counted."""
        clear = understood(turn)
        key = self._brakes.key(event)
        counts = current(self._counts.get(key) or self._brakes.counts(key), clear, self._brakes.clock())
        country = event.country if event.address.channel in COSTLY else None
        verdict = decide(self._brakes.policy, NONE if learning else counts, clear, country)
        if verdict.reply and not learning:
            counts = Counts(counts.hour, counts.replies + 1, counts.day, counts.puzzled + (not clear))
        self._counts[key] = counts
        return verdict

    def count(self) -> None:
        """They have gone out."""
        self._brakes.count(self._counts)
