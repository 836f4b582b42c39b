"""Somebody of nobody's going through one lesson: in memory, with consent and age behind them; nothing is kept."""

from collections.abc import Callable, Iterator
from datetime import datetime

from bot.content.prose import words
from bot.content.wording import Message, Option, word
from bot.engine import path
from bot.engine.advance import advance
from bot.engine.course import Lesson
from bot.engine.events import Address, Event, Tapped
from bot.engine.fixed import fixed
from bot.engine.learner import Keep, Learner, Step
from bot.engine.show import show
from bot.engine.turn import Turn
from bot.service import Content

AUTHOR = Address("preview", "author")
FACES = ("liked", "so_so", "not_for_me")


@fixed(frozen=True, slots=True)
class Stop:
    """One message of the way: what was pressed to get there, and what it says."""

    pressed: Option | None
    message: Message


class Walk:
    """A learner at the door of a lesson; ``message`` is what they see, ``seed`` draws their forms and their order."""

    def __init__(
        self, lesson: Lesson, language: str, content: Content, clock: Callable[[], datetime], seed: int = 1
    ) -> None:
        self.lesson, self.content, self.clock = lesson, content, clock
        self.learner = path.begin(_grown(language, seed, clock()), lesson, content.library, clock())
        say = show(self.learner, content.library)
        self.learner = self.learner.but(offer=say.choices)
        self.message = word(say, language, content.catalogue)

    @property
    def done(self) -> bool:
        return self.lesson.path in self.learner.done

    def happens(self, event: Event) -> Turn:
        """What an event brings."""
        turn = advance(self.learner, event, self.content.library, self.clock())
        self.learner = turn.learner
        for say in turn.says:
            self.message = word(say, self.learner.language, self.content.catalogue)
        return turn

    def presses(self, option: Option) -> None:
        self.happens(Tapped(id=option.data, address=AUTHOR, at=self.clock(), data=option.data))

    def straight_on(self) -> Option:
        """The button that leads on without a detour: the right answer, else the first one."""
        place, options = self.learner.place, self.message.options
        question = self.content.library.question(place.item) if place.step is Step.QUESTION else None
        form = question.form(place.form) if question else None
        right = {f"q:{place.serial}-{option.id}" for option in form.options if option.right} if form else set()
        return next((option for option in options if option.data in right), options[0])


def _grown(language: str, seed: int, now: datetime) -> Learner:
    """Old enough, remembered, and keeping their answers to themselves: nothing is asked beside the lesson."""
    learner = Learner("author", seed, language, created=now, seen=now, language_sure=True)
    return learner.but(keep=Keep.PLACE, age_band="25_plus")


def straight(walk: Walk) -> Iterator[Stop]:
    """The straight path, message by message, from the hook to "where next"."""
    yield Stop(None, walk.message)
    while not walk.done:
        pressed = walk.straight_on()
        walk.presses(pressed)
        yield Stop(pressed, walk.message)


def words_of(stop: Stop) -> int:
    """What is read: the reply, the body, and answers that stand on buttons (not Next, Source or the faces)."""
    options = (option for option in stop.message.options if option.data.startswith("q:") and not option.letter)
    answers = [option.label for option in options if not option.data.endswith(FACES)]
    return words(" ".join((stop.message.lead, stop.message.body, *answers)))


def words_of_all(stops: tuple[Stop, ...]) -> int:
    """The words of the straight path; what comes after the lesson (where next) is not read for it."""
    *way, last = stops
    return sum(words_of(stop) for stop in way) + words(last.message.lead)
