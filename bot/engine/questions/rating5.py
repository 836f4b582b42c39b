"""A five-point rating: 1 to 5, where a typed number is its value."""

from bot.engine.course import Form, Option
from bot.engine.questions.choice import SingleChoice
from bot.engine.turn import Layout, Phrase


class FivePoints(SingleChoice):
    layout = Layout.LIST
    shuffled = False

    def options(self, form: Form) -> tuple[Option, ...]:
        return tuple(Option(str(value), Phrase(f"rating5.{value}")) for value in range(1, 6))
