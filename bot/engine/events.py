"""What can happen to a learner. Events are past (they did it) or due (the clock did it).

A channel makes them from a platform's payload; the engine is the only one that reads them.
"""

from datetime import date, datetime

from bot.engine.fixed import fixed
from bot.engine.occasion import Occasion


@fixed(frozen=True, slots=True)
class Address:
    """Where a learner can be reached: a channel's name and the channel's own id for them.

    ``id`` is a phone (``whatsapp:+34…``), a BSUID, a chat id or a web cookie: personal data, so it is
    sealed before it is stored and never stands in a log.
    """

    channel: str
    id: str

    def __repr__(self) -> str:
        return f"Address({self.channel!r}, …)"


@fixed(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, with what the platform lets us guess about the sender.

    ``id`` is unique for each delivery of the channel and is what repeats are recognised by.
    ``languages`` are guesses, best first (``("es-MX", "en")``); ``country`` is ISO 3166 alpha-2;
    ``zone`` an IANA time zone; ``alias`` another address of the same person, where the platform tells one.
    """

    id: str
    address: Address
    at: datetime
    languages: tuple[str, ...] = ()
    country: str | None = None
    zone: str | None = None
    alias: Address | None = None

    @property
    def heard(self) -> datetime | None:
        """When the person behind it was last heard from: a platform may let us answer for some time after that.

        None where nobody said anything: the platform tells something about them.
        """
        return self.at


@fixed(frozen=True, slots=True, kw_only=True)
class Said(Event):
    """The learner typed something (also a slash command, also the words of a start link)."""

    text: str


@fixed(frozen=True, slots=True, kw_only=True)
class Tapped(Event):
    """The learner pressed a button; ``data`` is the choice's data, exactly as we sent it.

    ``message`` is the platform's id of the message that carried the button, where the platform tells.
    """

    data: str
    message: str | None = None


@fixed(frozen=True, slots=True, kw_only=True)
class Started(Event):
    """The learner arrived by a start link or the channel's start button; ``campaign`` may be unknown to us."""

    campaign: str | None = None


@fixed(frozen=True, slots=True, kw_only=True)
class SentOther(Event):
    """Something that is no text: ``kind`` is voice, photo, sticker, location, contact, file or other."""

    kind: str


@fixed(frozen=True, slots=True, kw_only=True)
class Overtaken(Event):
    """The learner typed something that we read only after later words of theirs: it answers nothing any more."""

    text: str


@fixed(frozen=True, slots=True, kw_only=True)
class Left(Event):
    """The platform says that this learner blocked us or is gone."""

    @property
    def heard(self) -> None:
        return None


@fixed(frozen=True, slots=True, kw_only=True)
class Refused(Event):
    """The platform does not deliver a kind of message (``category``) to this learner before ``until``."""

    category: str
    until: datetime

    @property
    def heard(self) -> None:
        return None


@fixed(frozen=True, slots=True, kw_only=True)
class Unsent(Event):
    """What was to be brought on a ``day`` (``kind``) did not go out after all: it is decided again.

    ``closed``: the platform says that its window is closed, whatever we had thought. ``final``: it is no use trying
    again, but what never arrived cannot have been left unanswered.
    """

    kind: str
    day: date
    closed: bool = False
    final: bool = False

    @property
    def heard(self) -> None:
        return None


@fixed(frozen=True, slots=True, kw_only=True)
class LessonDue(Event):
    """The clock: something is due to a learner, and it is known whether and how it may be sent.

    ``missed`` are days before it on which nothing could come. ``last_heard`` is the last word from ``address``.
    """

    occasion: Occasion
    missed: tuple[Occasion, ...] = ()
    last_heard: datetime | None = None

    @property
    def heard(self) -> datetime | None:
        return self.last_heard
