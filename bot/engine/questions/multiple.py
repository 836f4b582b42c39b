"""Multiple choice: tap one after the other, or type the letters (``A C``, ``1, 3``, ``ac``)."""

import re
from collections.abc import Sequence

from bot.engine.course import Form, Option
from bot.engine.questions.kind import Answer
from bot.engine.reading import LETTERS, Distance, choose, is_signed, normalise
from bot.engine.turn import Layout


class MultipleChoice:
    layout = Layout.LIST
    shuffled = False
    many = True

    def options(self, form: Form) -> tuple[Option, ...]:
        return form.options

    def read(self, typed: str, options: Sequence[Option], labels: Sequence[str], distance: Distance) -> Answer | None:
        whole = choose(typed, labels, distance)
        positions = [whole] if whole is not None or is_signed(typed) else _several(typed, labels, distance)
        if not positions or None in positions:
            return None
        chosen = {options[position].id for position in positions if position is not None}
        return Answer(tuple(option.id for option in options if option.id in chosen))


def _several(typed: str, labels: Sequence[str], distance: Distance) -> list[int | None]:
    letters = normalise(typed).replace(" ", "").upper()
    if 1 < len(letters) <= len(labels) and set(letters) <= set(LETTERS[: len(labels)]):
        return [LETTERS.index(letter) for letter in letters]
    words = [word for word in re.split(r"[,;/+&\n]|\s+", typed) if normalise(word)]
    if all(len(normalise(word)) <= 2 for word in words):
        return [choose(word, labels, distance) for word in words]
    return [choose(part, labels, distance) for part in re.split(r"[,;/+&\n]", typed) if normalise(part)]
