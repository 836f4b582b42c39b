"""Nobody may pass by looks: who always takes the longest or the shortest option is right no more than by chance."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.content.complaints import Complaint, Level
from bot.content.limits import length
from bot.content.rules.proof import Proof, Rule

# Chance is one in three. Of 40 questions it gives more than 0.45 once in twenty times; fewer tell nothing.
SUSPICIOUS = 0.45
ENOUGH_FORMS = 40


@dataclass(frozen=True, slots=True)
class Luck:
    """The share of questions that a guesser gets right, over so many forms."""

    forms: int
    longest: float
    shortest: float


def luck(proof: Proof, language: str) -> Luck:
    """How far the length of options leads, in one language; of equally long ones the guesser takes any."""
    longest = shortest = 0.0
    forms = _sizes(proof, language)
    for right, sizes in forms:
        longest += _share(right, max(sizes), sizes)
        shortest += _share(right, min(sizes), sizes)
    count = max(len(forms), 1)
    return Luck(len(forms), longest / count, shortest / count)


def _sizes(proof: Proof, language: str) -> list[tuple[int, list[int]]]:
    """For each form of each choice: the length of its right option, and of all of them."""
    found = []
    for _course, page, lesson in proof.lessons():
        for question in page.model.questions if language in lesson.languages else ():
            for form in question.forms:
                stem = f"{lesson.path}/questions.{question.id}.{form.id}.options"
                sizes = [length(proof.string(f"{stem}.{o.id}.label", language) or "") for o in form.options]
                rights = [size for size, option in zip(sizes, form.options, strict=True) if option.right]
                found += [(right, sizes) for right in rights]
    return found


def _share(right: int, extreme: int, sizes: list[int]) -> float:
    return 1 / sizes.count(extreme) if right == extreme else 0.0


def length_tells_nothing(proof: Proof) -> Iterator[Complaint]:
    for language in proof.tongues:
        found = luck(proof, language)
        if found.forms < ENOUGH_FORMS or not proof.manuscript.courses:
            continue
        for name, share in (("longest", found.longest), ("shortest", found.shortest)):
            if share > SUSPICIOUS:
                file = proof.manuscript.courses[0].page.document.file
                what = f"in {language} the {name} option is right in {share:.0%} of {found.forms} forms"
                yield Complaint(file, 1, what, "vary which option is how long", Level.WARNING)


RULES: tuple[Rule, ...] = (length_tells_nothing,)
