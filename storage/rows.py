"""What goes into the store and comes out of it, as values."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from bot.engine.events import Address, Event
from bot.engine.fixed import fixed
from bot.engine.learner import Learner
from bot.engine.occasion import Occasion
from bot.engine.turn import Answered, Record

Body = Mapping[str, object]  # what orjson can write

INTERACTIVE = 0  # somebody waits for it
SCHEDULED = 5  # it comes unasked
LATEST = "latest"  # in the body of what comes unasked: until when it may go out
REPLY = "reply"  # the kind of a part that answers somebody; any other comes unasked, however urgent it has become


@fixed(frozen=True, slots=True)
class Arrival:
    """An event seen for the first time, with the address it came from and, if known, the learner there.

    ``alias_id`` is the row of the same person's other address, where the platform tells one.
    """

    event: Event
    address_id: int
    learner_id: str | None
    alias_id: int | None = None


@fixed(frozen=True, slots=True)
class Kept:
    """An answer as a row that explains itself: with the English of question and options, and who answered."""

    answered: Answered
    question_text: str
    answer_text: str
    channel: str
    role: str | None
    age_band: str | None
    country: str | None
    campaign: str | None


@fixed(frozen=True, slots=True)
class NewPart:
    """One platform call to be made; ``kind`` says what for (``reply``, ``lesson`` …).

    One that ``holds`` makes what follows in its chat wait until it has ended.
    """

    learner_id: str | None
    address_id: int
    channel: str
    body: Body
    priority: int
    due_at: datetime
    kind: str
    holds: bool = True


@fixed(frozen=True, slots=True)
class NewLine:
    """A line of the web talk, of either side."""

    side: Literal["bot", "learner"]
    at: datetime
    body: Body


@fixed(frozen=True, slots=True)
class Spending:
    """What a UTC day has cost in a country ("" where it is not known): messages and millionths of a US dollar.

    ``templates`` counts the people who were written to outside their session window.
    """

    country: str
    messages: int
    micros: int
    templates: int = 0

    def plus(self, other: "Spending") -> "Spending":
        """Both together, in this one's country."""
        return Spending(
            self.country,
            self.messages + other.messages,
            self.micros + other.micros,
            self.templates + other.templates,
        )


@fixed(frozen=True, slots=True)
class Reach:
    """An address of a learner and when it was last heard from."""

    address_id: int
    address: Address
    last_inbound: datetime


@fixed(frozen=True, slots=True)
class Brought:
    """An occasion with what became of the message it brought: ``state`` and ``outcome`` of its first part, if any."""

    learner_id: str
    occasion: Occasion
    decided_at: datetime
    state: str | None = None
    outcome: str | None = None
    ended_at: datetime | None = None


@fixed(frozen=True, slots=True)
class Lately:
    """A decision of the last days, as much as a forecast needs; ``created_at`` is when the learner came."""

    learner_id: str
    due_at: datetime
    decided_at: datetime
    way: str
    reason: str
    country: str | None
    micros: int
    created_at: datetime | None


@fixed(frozen=True, slots=True)
class Handled:
    """What one event came to: the learner as they are now, what to remember, what to send.

    ``new`` marks a learner who was not stored before. With an ``Erased`` record everything about the learner
    goes; the parts are still sent, as last words, and then their address goes too. ``spent`` is what the parts cost.
    ``called_off``: whatever waits to be sent to them unasked is not sent any more; ``gone``: nothing that waits is, as
    nobody is there. ``on_show``: the event is a tap on a button of what the bot showed last.
    """

    event: Event
    address_id: int
    learner: Learner | None
    new: bool = False
    records: tuple[Record | Kept, ...] = ()
    parts: tuple[NewPart, ...] = ()
    lines: tuple[NewLine, ...] = ()
    spent: Spending | None = None
    called_off: bool = False
    gone: bool = False
    on_show: bool = False


@fixed(frozen=True, slots=True)
class Parked:
    """An event our code could not handle, put aside for the operator with what went wrong."""

    event: Event
    address_id: int | None
    error: str


@fixed(frozen=True, slots=True)
class Unusable:
    """An authentic delivery that tells us nothing we understand; ``payload`` is sealed when it is stored."""

    channel: str
    event_id: str
    reason: str
    payload: str


@fixed(frozen=True, slots=True)
class InboxRow:
    """A delivery kept for the operator; ``payload`` is unsealed."""

    channel: str
    event_id: str
    received_at: datetime
    state: str
    learner_id: str | None
    reason: str | None
    payload: str | None


@fixed(frozen=True, slots=True)
class Line:
    """A stored line of the web talk; ``id`` is the page's cursor."""

    id: int
    at: datetime
    side: str
    body: dict[str, Any]


@fixed(frozen=True, slots=True)
class OutboxRow:
    """One part to send now. ``state`` is what it was before the claim: ``unknown`` means it may have gone out."""

    id: int
    learner_id: str | None
    address: Address
    address_id: int
    channel: str
    body: dict[str, Any]
    priority: int
    due_at: datetime
    attempts: int
    state: str
    kind: str
    created_at: datetime


Follows = Literal["unsent", "gone"]
"""What follows from an end: what came unasked did not go out, or nobody is reached there any more."""


@fixed(frozen=True, slots=True)
class Mark:
    """How sending a part ended, or when it goes on.

    ``waiting`` and ``unknown`` need ``due_at``; ``counts`` says whether a try was used up. What ``follows`` stays on
    the row until somebody has seen to it.
    """

    id: int
    state: Literal["sent", "waiting", "unknown", "failed", "cancelled"]
    outcome: str = ""
    due_at: datetime | None = None
    platform_id: str | None = None
    counts: bool = True
    follows: Follows | None = None


def follows(kind: str, learner_id: str | None, *, gone: bool = False) -> Follows | None:
    """What follows from a part of this kind that will not go out."""
    if gone:
        return "gone" if learner_id is not None else None  # who had themselves deleted is known to nobody
    return "unsent" if kind != REPLY else None


@fixed(frozen=True, slots=True)
class Unfollowed:
    """A part from whose end something follows that nobody has seen to yet; ``reason`` is its outcome."""

    part: OutboxRow
    what: Follows
    reason: str


@fixed(frozen=True, slots=True)
class Claim:
    """What a sender asks for: at most ``most`` parts of its channel that are due at ``now``, under its lease's epoch.

    ``marks`` say how earlier parts ended: written down first, so that what waited behind them can be claimed.
    """

    channel: str
    now: datetime
    most: int
    lease: str
    epoch: int
    marks: Sequence[Mark] = ()


@fixed(frozen=True, slots=True)
class Tell:
    """What a platform reports about a part, at any time and in any order.

    ``means`` is our reading of ``status``: the part went out, it failed, or nothing changes. ``gone``: it failed
    because nobody is reached there any more.
    """

    outbox_id: int
    platform_id: str
    status: str
    means: Literal["sent", "failed", "nothing"]
    reason: str | None = None
    gone: bool = False


@fixed(frozen=True, slots=True)
class Campaign:
    code: str
    title: str
    created_at: datetime
    joins: int


@fixed(frozen=True, slots=True)
class Exported:
    """One row of the export ledger."""

    who: str
    at: datetime
    tier: str
    filters: Mapping[str, object]
    rows: int
    sha256: str


@fixed(frozen=True, slots=True)
class AnswerFilter:
    """Which answers: those at or after ``since`` and before ``until``, and matching what is named.

    ``shared`` leaves out whoever does not let their answers be used today.
    """

    since: datetime | None = None
    until: datetime | None = None
    course: str | None = None
    language: str | None = None
    campaign: str | None = None
    phase: str | None = None
    shared: bool = True
