"""True or false: two options that keep their order, so that nobody has to look twice."""

from bot.engine.questions.choice import SingleChoice


class TrueFalse(SingleChoice):
    shuffled = False
