"""Messages beside the path: the place stays, and the reply carries the way on."""

from dataclasses import replace

from bot.engine.learner import Learner
from bot.engine.move import Move
from bot.engine.path import OUTSIDE
from bot.engine.turn import Choice, Layout, Phrase, Say, Text

GO_ON = Choice("c:on", Phrase("button.go_on"))


def beside(learner: Learner, *body: Text, choices: tuple[Choice, ...] = (GO_ON,), aside: str = "info") -> Move:
    """A message beside the path: the place stays, the reply carries the way on."""
    layout = Layout.BUTTONS if len(choices) <= 3 else Layout.LIST
    return Move(learner.but(aside=aside), aside=Say(body, choices=choices, layout=layout))


def under(move: Move, *told: Text) -> Move:
    """The same message beside the path, with these words above it."""
    assert move.aside is not None, "only what stands beside the path"
    return replace(move, aside=replace(move.aside, body=(*told, *move.aside.body)))


def in_lesson(learner: Learner) -> bool:
    """Whether something stands in front of the learner that wants to be gone on with."""
    return learner.place.step not in OUTSIDE
