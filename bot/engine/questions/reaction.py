"""A one-tap reaction: three faces with words, always in the same order; the face alone may be typed."""

from bot.engine.course import Form, Option, Question
from bot.engine.questions.choice import SingleChoice
from bot.engine.turn import Phrase


class Reaction(SingleChoice):
    shuffled = False


FACES = tuple(Option(face, Phrase(f"reaction.{face}")) for face in ("liked", "so_so", "not_for_me"))

# Asked at the end of every lesson.
REACTION = Question("reaction", "reaction", (Form("a", Phrase("reaction.ask"), FACES),))
