"""What of one question may be published, so that no number of people below the limit shows or can be worked out.

Three laws. The tests try every small table and reason as somebody would who knows these laws too: a number that is left
out may be as many as the limit, or it is none below the limit.

1. Where people give one answer each, a number shows from the limit on. One below it is left out, nought like nine: by
   itself it may be any of them. The sum would tell what is left out together, so it is what is suppressed second: it
   shows where nothing is left out, or where each number left out may still be any below the limit.
2. Where they give several, nothing adds up, and the number of people shows from the limit on. An answer shows where as
   many as the limit gave it and as many did not. One left out may be any of the highest numbers there can be.
3. By language there is all or nothing, and only beside the sum, for two languages or more: the people of each where all
   are enough, and the answers of each where every single number may show.
"""

from collections.abc import Mapping

from bot.engine.fixed import fixed

LIMIT = 10

SUM = None  # in place of an answer or a language: all of them. Nothing is called that, whatever authors write
Cell = tuple[str | None, str | None]  # answer, language


@fixed(frozen=True, slots=True)
class Count:
    """How many people gave which answer in which language, and how many there are in each.

    ``answers`` are all that could be given, or None where nobody knows any more.
    """

    people: Mapping[tuple[str, str], int]
    everybody: Mapping[str, int]
    answers: tuple[str, ...] | None
    several: bool = False

    @property
    def total(self) -> int:
        return sum(self.everybody.values())

    def numbers(self) -> dict[str, int]:
        """How many gave each answer, in whatever language."""
        answers = sorted({answer for answer, _ in self.people}) if self.answers is None else self.answers
        return {answer: sum(self.given(answer, language) for language in self.everybody) for answer in answers}

    def given(self, answer: str, language: str) -> int:
        return self.people.get((answer, language), 0)


def published(count: Count, limit: int = LIMIT) -> dict[Cell, int | None]:
    """Each number that may show, and None for each that is left out; nothing where none may show.

    An answer is listed whether anybody gave it or not, where all that could be given are known; else where it shows.
    """
    numbers = count.numbers()
    shown = {answer for answer, number in numbers.items() if _shows(number, count.total, count.several, limit)}
    left_out = [number for answer, number in numbers.items() if answer not in shown]
    with_sum = _sum_shows(count, left_out, limit)
    if not shown and not with_sum:
        return {}
    listed = numbers if count.answers is not None else shown
    lines: dict[Cell, int | None] = {(answer, SUM): numbers[answer] if answer in shown else None for answer in listed}
    lines[SUM, SUM] = count.total if with_sum else None
    return lines | (_by_language(count, whole=not left_out, limit=limit) if with_sum else {})


def _shows(number: int, of: int, several: bool, limit: int) -> bool:
    return number >= limit and (not several or of - number >= limit)


def _sum_shows(count: Count, left_out: list[int], limit: int) -> bool:
    if count.several:
        return count.total >= limit
    if count.answers is None:
        return False
    # Of three or more with such a sum, each may be nought or the highest below the limit, as the others make up for it.
    return not left_out or (limit <= sum(left_out) <= (limit - 1) * (len(left_out) - 1))


def _by_language(count: Count, *, whole: bool, limit: int) -> dict[Cell, int | None]:
    """The people of each language, and with them their answers where nothing of the ``whole`` is left out."""
    if len(count.everybody) < 2 or min(count.everybody.values()) < limit:
        return {}
    lines: dict[Cell, int | None] = {(SUM, language): people for language, people in count.everybody.items()}
    cells: dict[Cell, int | None] = {
        (answer, language): count.given(answer, language) for answer in count.numbers() for language in count.everybody
    }
    may_show = all(
        _shows(count.given(answer, language), people, count.several, limit)
        for answer in count.numbers()
        for language, people in count.everybody.items()
    )
    return lines | cells if whole and may_show else lines
