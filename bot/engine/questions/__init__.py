"""The kinds of question. A new kind is one file here, one line in the table, and its example conversation."""

from bot.engine.questions.choice import SingleChoice
from bot.engine.questions.kind import Answer, Kind
from bot.engine.questions.multiple import MultipleChoice
from bot.engine.questions.open import OpenText
from bot.engine.questions.rating5 import FivePoints
from bot.engine.questions.rating10 import ZeroToTen
from bot.engine.questions.reaction import Reaction
from bot.engine.questions.true_false import TrueFalse

KINDS: dict[str, Kind] = {
    "choice": SingleChoice(),
    "true_false": TrueFalse(),
    "multiple": MultipleChoice(),
    "rating5": FivePoints(),
    "rating10": ZeroToTen(),
    "reaction": Reaction(),
    "open": OpenText(),
}

__all__ = ["KINDS", "Answer", "Kind"]
