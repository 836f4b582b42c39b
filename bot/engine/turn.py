"""What a turn brings: meaning to say, things to remember. Words and channels come later."""

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING

from bot.engine.fixed import fixed
from bot.engine.occasion import Occasion

if TYPE_CHECKING:
    from bot.engine.learner import Learner


@fixed(frozen=True, slots=True)
class Phrase:
    """The bot's own words by key of ``i18n/bot.yaml``; ``values`` fill its placeholders, ``n`` picks the plural."""

    key: str
    values: Mapping[str, "Value"] = field(default_factory=dict, hash=False)


@fixed(frozen=True, slots=True)
class Words:
    """A text of the lessons by key, ``course/lesson/field`` (``tour/what-sse-is/cards.people.text``)."""

    key: str


@fixed(frozen=True, slots=True)
class Verbatim:
    """Text that is the same in every language: a language's own name, a link, a learner's own data."""

    text: str


@fixed(frozen=True, slots=True)
class Why:
    """The reason of a right answer, told to somebody who missed it: without the "Yes." it begins with."""

    line: "Text"


@fixed(frozen=True, slots=True)
class When:
    """A moment on the clocks of a zone, as people say it: ``Saturday 28 November, 07:00``; or its ``clock`` alone."""

    at: datetime
    zone: str
    clock: bool = False


@fixed(frozen=True, slots=True)
class City:
    """The place a time zone is named after, as people call it: ``Mexico City``."""

    zone: str


Text = Phrase | Words | Verbatim | Why | When | City
Value = str | int | Text


class Layout(Enum):
    """How choices want to be shown; a channel may have to do with less."""

    BUTTONS = "buttons"  # each label on its button
    LETTERS = "letters"  # labels in the text as A, B, C; the letter on the button
    LIST = "list"  # more than three, or with details: rows
    SCALE = "scale"  # 0 to 10 in a row; where there is no room, typed
    OPEN = "open"  # words wanted; the choices are only ways out


@fixed(frozen=True, slots=True)
class Choice:
    """One thing to tap. ``data`` comes back as ``Tapped.data``; ``minor`` marks ways out (Source, Skip)."""

    data: str
    label: Text
    detail: Text | None = None
    minor: bool = False


@fixed(frozen=True, slots=True)
class Say:
    """One message.

    ``lead`` answers what the learner just did and may be edited onto the tapped message where a channel
    can; ``body`` is what comes next. ``extra`` are choices for channels with room for more than three
    buttons, ``instead`` is the line that tells the same where there is none.
    """

    body: tuple[Text, ...]
    lead: tuple[Text, ...] = ()
    choices: tuple[Choice, ...] = ()
    layout: Layout = Layout.BUTTONS
    picture: str | None = None
    extra: tuple[Choice, ...] = ()
    instead: Text | None = None


@fixed(frozen=True, slots=True)
class Answered:
    """An answer worth keeping: made only for learners who share their answers.

    ``asked`` and ``chosen`` are the texts of the question and of the options chosen, so that the row explains
    itself when the lesson has changed; ``text`` are the learner's own words; ``seconds`` from question to answer.
    """

    at: datetime
    course: str
    lesson: str
    version: str
    phase: str
    question: str
    kind: str
    form: str
    attempt: int
    pre_assigned: bool | None
    exposures: int
    answer_ids: tuple[str, ...]
    text: str | None
    correct: bool | None
    seconds: int | None
    language: str
    asked: Text
    chosen: tuple[Text, ...] = ()


@fixed(frozen=True, slots=True)
class Consented:
    """A decision about keeping: which text was read, when, on which channel, what was allowed."""

    at: datetime
    text_version: str
    keep: str
    channel: str


@fixed(frozen=True, slots=True)
class Joined:
    """Somebody arrived over a campaign's link: an anonymous counter goes up by one."""

    campaign: str


@fixed(frozen=True, slots=True)
class AnswersForgotten:
    """The learner withdrew consent: rows of answers go, the place stays."""


@fixed(frozen=True, slots=True)
class Erased:
    """The learner asked to be deleted: everything with their key goes."""


@fixed(frozen=True, slots=True)
class Stopped:
    """The learner wants nothing that comes unasked: not under another address of theirs either."""


@fixed(frozen=True, slots=True)
class DataAsked:
    """The learner asked for their data: the shell adds everything that is stored about them."""


@fixed(frozen=True, slots=True)
class Noted:
    """Something was due, and this was decided about it."""

    occasion: Occasion


@fixed(frozen=True, slots=True)
class Undone:
    """A decision did not hold: what was noted of that day and kind is taken back, and decided again."""

    kind: str
    day: date


@fixed(frozen=True, slots=True)
class Invited:
    """An approved template is to ask the learner in: of this kind, naming this hour of theirs."""

    kind: str
    hour: str


@fixed(frozen=True, slots=True)
class WhyAsked:
    """The learner asked why something came, came late or did not come: the shell adds what is on record."""


Record = (
    Answered
    | Consented
    | Joined
    | AnswersForgotten
    | Erased
    | Stopped
    | DataAsked
    | Noted
    | Undone
    | Invited
    | WhyAsked
)


@fixed(frozen=True, slots=True)
class Turn:
    """What one event changes: the learner as they are now, what to say, what to remember."""

    learner: "Learner"
    says: tuple[Say, ...] = ()
    records: tuple[Record, ...] = ()
