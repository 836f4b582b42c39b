"""Nobody may pass by looks: always taking the longest, shortest or most careful option is right by chance only."""

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

HEDGES = "check.hedges.words"  # the careful words of a language, in i18n/bot.yaml and its translations


@fixed(frozen=True, slots=True)
class Choice:
    """One form of a choice as it looks: the options' words, and which of them is right."""

    labels: tuple[str, ...]
    right: int


@fixed(frozen=True, slots=True)
class Luck:
    """The share of questions that a guesser gets right, over so many forms.

    ``hedged`` is the luck of who takes the most careful option, ``telling`` that over the forms alone in which one
    option is more careful than another, of which there are ``hedges``.
    """

    forms: int
    longest: float
    shortest: float
    hedged: float
    hedges: int
    telling: float


def luck(proof: Proof, language: str) -> Luck:
    """How far the looks of options lead, in one language; of equal ones the guesser takes any."""
    choices = tuple(_choices(proof, language))
    sizes = [[length(label) for label in choice.labels] for choice in choices]
    careful = careful_words(proof.string(HEDGES, language) or "")
    hedges = [[len(careful.findall(label)) for label in choice.labels] for choice in choices]
    telling = [(choice, counts) for choice, counts in zip(choices, hedges, strict=True) if len(set(counts)) > 1]
    return Luck(
        forms=len(choices),
        longest=_mean(choices, sizes),
        shortest=_mean(choices, [[-size for size in row] for row in sizes]),
        hedged=_mean(choices, hedges),
        hedges=len(telling),
        telling=_mean([choice for choice, _ in telling], [counts for _, counts in telling]),
    )


def careful_words(words: str) -> re.Pattern[str]:
    """Finds the careful words of a list; where none are listed, nothing."""
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
    for language in proof.tongues:
        found = luck(proof, language)
        if not proof.manuscript.courses:
            continue
        for name, forms, share, cure in (
            ("longest", found.forms, found.longest, "vary which option is how long"),
            ("shortest", found.forms, found.shortest, "vary which option is how long"),
            ("most careful", found.hedges, found.telling, "let wrong options say *often* and *some* too"),
        ):
            if forms >= ENOUGH_FORMS and share > SUSPICIOUS:
                file = proof.manuscript.courses[0].page.document.file
                what = f"in {language} the {name} option is right in {share:.0%} of {forms} forms"
                yield Complaint(file, 1, what, cure, Level.WARNING)


RULES: tuple[Rule, ...] = (looks_tell_nothing,)
