"""A learner as the engine knows them: a random id, a place, a memory. No name, no number."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import Enum

from bot.engine.changing import Changing
from bot.engine.fixed import fixed
from bot.engine.subscription import Subscription
from bot.engine.turn import Choice


class Keep(Enum):
    """What the learner lets us keep past the day."""

    UNDECIDED = "undecided"  # not asked yet: a guest
    BOTH = "both"  # place, and answers without the name
    PLACE = "place"  # only the place
    NOTHING = "nothing"  # just play: a guest


class Status(Enum):
    ACTIVE = "active"
    STOPPED = "stopped"  # wrote STOP: nothing unasked is sent
    LEFT = "left"  # the platform says they blocked us


class Step(Enum):
    """What stands in front of the learner."""

    LANGUAGE = "language"
    WARM_UP = "warm_up"
    HOOK = "hook"
    BEFORE = "before"
    REPLY = "reply"
    CARD = "card"
    CONSENT = "consent"
    AGE = "age"
    QUESTION = "question"
    REACTION = "reaction"
    FEEDBACK = "feedback"
    ROLE = "role"
    REVIEW = "review"
    RECALL = "recall"
    USED = "used"
    NEXT = "next"
    REST = "rest"


@fixed(frozen=True, slots=True)
class Place:
    """Where the learner is.

    ``lesson`` is ``course/lesson``; ``item`` the card's or question's id; ``form`` the form shown;
    ``misses`` wrong tries at it; ``picked`` options chosen so far in a multiple choice; ``guess`` the
    option of the hook or pre-question; ``serial`` numbers what was shown, so that old buttons are known;
    ``since`` is when it was shown; ``version`` the lesson's content version when it began; ``queue`` what a step
    beside the lessons still needs: the other questions of a review, or the course and form of a follow-up.
    """

    step: Step = Step.REST
    serial: int = 0
    lesson: str = ""
    item: str = ""
    form: str = ""
    misses: int = 0
    picked: tuple[str, ...] = ()
    guess: str = ""
    since: datetime | None = None
    version: str = ""
    queue: tuple[str, ...] = ()


@fixed(frozen=True, slots=True)
class Memory:
    """What is known of one idea (by question id): when it is due again, and how often it was met.

    ``due`` is None before the lesson has asked it and after its last review. ``right`` is the last first try,
    None while it was never answered. ``drawn`` tells whether the draw gave a guess before the lesson; None
    where nothing was drawn.
    """

    due: datetime | None = None
    stage: int = 0
    exposures: int = 0
    right: bool | None = None
    last_form: str = ""
    drawn: bool | None = None


@fixed(frozen=True, slots=True)
class Refusal:
    """A kind of message that a platform does not deliver to this learner before ``until``; ``times`` in a row."""

    until: datetime
    times: int = 1


@fixed(frozen=True, slots=True)
class FollowUp:
    """A promise to ask, so many days after a course, what is left of it.

    ``at`` is when; ``held`` on how many days it could not be asked; ``invited``: a template has asked them in to it.
    """

    course: str
    days: int
    at: datetime
    held: int = 0
    invited: bool = False


@fixed(frozen=True)
class Learner(Changing):
    """A person learning. ``seed`` draws forms and the order of options, the same each time.

    ``guest`` learners (consent not given, or too young to give it) are gone 24 hours after their last
    message. ``after`` is where what came in between (consent, age, a review) leads back to. ``aside`` is
    what was asked for beside the path (a list, help, delete?); ``offer`` is what the last message offered,
    so that a typed number finds its choice; ``echo`` is a mark of that message, so that it never comes twice alike.
    ``done`` are finished lessons in order; ``asked`` tells after how many lessons each extra question came last.
    ``light`` learners want no pictures; None while they have not said, so that a browser may say it for them.
    ``channel`` is where they wrote last. ``daily`` is the wish to have lessons brought, ``due`` the moment the clock
    must look at them next (None: nothing comes by itself), ``invited`` what a template has asked them in to.
    ``refused`` tells, for a kind of template, until when a platform takes none for them, and how often it said so.
    ``follow_ups`` are what was promised to be asked later, soonest first.
    """

    id: str
    seed: int
    language: str
    created: datetime
    seen: datetime
    language_sure: bool = False
    status: Status = Status.ACTIVE
    keep: Keep = Keep.UNDECIDED
    age_band: str | None = None
    role: str | None = None
    country: str | None = None
    zone: str | None = None
    campaign: str | None = None
    place: Place = field(default_factory=Place)
    after: Place | None = None
    aside: str | None = None
    offer: tuple[Choice, ...] = ()
    echo: str = ""
    done: tuple[str, ...] = ()
    memory: Mapping[str, Memory] = field(default_factory=dict, hash=False)
    asked: Mapping[str, int] = field(default_factory=dict, hash=False)
    light: bool | None = None
    channel: str = ""
    daily: Subscription | None = None
    due: datetime | None = None
    invited: str = ""
    refused: Mapping[str, "Refusal"] = field(default_factory=dict, hash=False)
    follow_ups: tuple[FollowUp, ...] = ()

    @property
    def grown(self) -> bool:
        """Old enough, by their own word, to decide about their data."""
        return self.age_band is not None and not self.age_band.startswith(("under", "unknown"))

    @property
    def may_decide(self) -> bool:
        """Whether they may be asked about their data: not known to be too young, and not silent about their age."""
        return self.age_band is None or self.grown

    @property
    def guest(self) -> bool:
        return self.keep in (Keep.UNDECIDED, Keep.NOTHING) or not self.grown

    @property
    def shares_answers(self) -> bool:
        return self.keep is Keep.BOTH and self.grown
