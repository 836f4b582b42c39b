"""One move of a learner, before it is shown."""

from bot.engine.fixed import fixed
from bot.engine.learner import Learner
from bot.engine.turn import Record, Say, Text


@fixed(frozen=True, slots=True)
class Move:
    """The learner after it, the reply to what they just did, the rows to keep.

    ``aside`` is a message beside the path (a list, help); without it the place is shown.
    """

    learner: Learner
    lead: tuple[Text, ...] = ()
    records: tuple[Record, ...] = ()
    aside: Say | None = None
