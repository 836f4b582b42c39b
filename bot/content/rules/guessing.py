"""Nobody may pass by looks: always taking the longest, shortest or most careful option is right by chance only.

So is going by words: taking what sounds most like the social and solidarity economy, or least like a wrong answer.
"""

import re
from collections.abc import Iterator, Sequence

from bot.content.complaints import Complaint, Level
from bot.content.limits import length
from bot.content.phrasing import listed
from bot.content.rules.proof import Proof, Rule
from bot.engine.fixed import fixed

# Chance is one in three. Of 40 questions it gives more than 0.45 once in twenty times; fewer tell nothing.
SUSPICIOUS = 0.45
ENOUGH_FORMS = 40

# Words that look like a right or a wrong answer, for each language in i18n/bot.yaml and its translations.
HEDGES = "check.hedges.words"  # careful: *may*, *often*
WARM = "check.warm.words"  # like the course itself: *vote*, *together*
COLD = "check.cold.words"  # like a mistake: *never*, *only*


@fixed(frozen=True, slots=True)
class Choice:
    """One form of a choice as it looks: the options' words, and which of them is right."""

    labels: tuple[str, ...]
    right: int


@fixed(frozen=True, slots=True)
class ByWords:
    """The luck of who goes by words: over all forms, and ``telling`` over those alone whose options differ in them."""

    overall: float
    forms: int
    telling: float


@fixed(frozen=True, slots=True)
class Luck:
    """The share of questions that a guesser gets right, over so many forms.

    ``hedged`` takes the most careful option, ``warm`` the one with most words of the course, ``least_cold`` the one
    with fewest words of a mistake.
    """

    forms: int
    longest: float
    shortest: float
    hedged: ByWords
    warm: ByWords
    least_cold: ByWords


def luck(proof: Proof, language: str) -> Luck:
    """How far the looks of options lead, in one language; of equal ones the guesser takes any."""
    choices = tuple(_choices(proof, language))
    sizes = [[length(label) for label in choice.labels] for choice in choices]
    return Luck(
        forms=len(choices),
        longest=_mean(choices, sizes),
        shortest=_mean(choices, [[-size for size in row] for row in sizes]),
        hedged=_by_words(choices, proof.string(HEDGES, language)),
        warm=_by_words(choices, proof.string(WARM, language)),
        least_cold=_by_words(choices, proof.string(COLD, language), sign=-1),
    )


def _by_words(choices: Sequence[Choice], words: str | None, sign: int = 1) -> ByWords:
    """The luck of always taking the option with most of these words; with ``sign`` -1 the one with fewest."""
    finder = any_of(words or "")
    counts = [[sign * len(finder.findall(label)) for label in choice.labels] for choice in choices]
    apart = [(choice, row) for choice, row in zip(choices, counts, strict=True) if len(set(row)) > 1]
    telling = _mean([choice for choice, _ in apart], [row for _, row in apart])
    return ByWords(_mean(choices, counts), len(apart), telling)


def any_of(words: str) -> re.Pattern[str]:
    """Finds the words of a list; where none are listed, nothing."""
    longest_first = sorted(map(re.escape, listed(words)), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(longest_first)})\b" if longest_first else r"(?!)", re.IGNORECASE)


def _choices(proof: Proof, language: str) -> Iterator[Choice]:
    for _course, page, lesson in proof.lessons():
        for question in page.model.questions if language in lesson.languages else ():
            for form in question.forms:
                stem = f"{lesson.path}/questions.{question.id}.{form.id}.options"
                labels = tuple(proof.string(f"{stem}.{option.id}.label", language) or "" for option in form.options)
                yield from (Choice(labels, place) for place, option in enumerate(form.options) if option.right)


def _mean(choices: Sequence[Choice], looks: Sequence[Sequence[int]]) -> float:
    """The luck of always taking the option that has the most of it."""
    shares = [_share(choice.right, row) for choice, row in zip(choices, looks, strict=True)]
    return sum(shares) / max(len(shares), 1)


def _share(right: int, row: Sequence[int]) -> float:
    return 1 / row.count(max(row)) if row[right] == max(row) else 0.0


def looks_tell_nothing(proof: Proof) -> Iterator[Complaint]:
    for course in proof.manuscript.courses[:1]:
        for language in proof.tongues:
            for which, forms, share, cure in _guessers(luck(proof, language)):
                if forms >= ENOUGH_FORMS and share > SUSPICIOUS:
                    what = f"in {language} the {which} is right in {share:.0%} of {forms} forms"
                    yield Complaint(course.page.document.file, 1, what, cure, Level.WARNING)


def _guessers(found: Luck) -> Iterator[tuple[str, int, float, str]]:
    """What each always takes, over how many forms, how often that is right, and the cure."""
    for which, share in (("longest option", found.longest), ("shortest option", found.shortest)):
        yield which, found.forms, share, "vary which option is how long"
    for which, words, cure in (
        ("most careful option", found.hedged, "let wrong options say *often* and *some* too"),
        ("option with most warm words", found.warm, f"let wrong options say them too, see {WARM}"),
        ("option with fewest cold words", found.least_cold, f"let right options say them too, see {COLD}"),
    ):
        yield which, words.forms, words.telling, cure


RULES: tuple[Rule, ...] = (looks_tell_nothing,)
