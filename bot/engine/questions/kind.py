"""What every kind of question promises."""

from collections.abc import Sequence
from typing import Protocol

from bot.engine.course import Form, Option
from bot.engine.fixed import fixed
from bot.engine.reading import Distance
from bot.engine.turn import Layout


@fixed(frozen=True, slots=True)
class Answer:
    """What was answered: the ids of the options chosen, or the learner's own words."""

    ids: tuple[str, ...] = ()
    text: str | None = None


class Kind(Protocol):
    """A kind of question: how it is laid out, and how a typed answer is read.

    ``shuffled``: the options come in the learner's own order. ``many``: several may be chosen.
    ``numbered``: a typed number is a value, not a position.
    """

    layout: Layout
    shuffled: bool
    many: bool

    def options(self, form: Form) -> tuple[Option, ...]:
        """The options to show, in their canonical order."""
        ...

    def read(self, typed: str, options: Sequence[Option], labels: Sequence[str], distance: Distance) -> Answer | None:
        """The answer that was typed, among the options as shown; None when it is unclear."""
        ...
