"""Examples from everywhere, and by women and young people too."""

from collections import Counter
from collections.abc import Iterator
from typing import get_args

from bot.content.complaints import Complaint, Level
from bot.content.manuscript import CoursePages
from bot.content.models import Region
from bot.content.rules.proof import Proof, Rule

REGIONS: tuple[str, ...] = tuple(region for region in get_args(Region) if region != "world")
WHOLE_COURSE = 10  # lessons; a shorter course cannot go round the world
EVERYWHERE = 4  # times each region over all courses
WOMEN_OR_YOUTH = 1 / 3  # of the lessons


def regions(course: CoursePages) -> Counter[str]:
    """How many lessons of a course have an example from each region."""
    return Counter(region for page in course.lessons for region in {example.region for example in page.model.examples})


def women_or_youth(course: CoursePages) -> float:
    """The share of lessons with an initiative of women or of young people."""
    shows = [any(example.women or example.youth for example in page.model.examples) for page in course.lessons]
    return sum(shows) / len(shows)


def examples_go_round(proof: Proof) -> Iterator[Complaint]:
    """Each region in every whole course, women or young people in a third of its lessons."""
    if proof.manuscript.unread:
        return  # an example may stand in a lesson that cannot be read
    whole = [course for course in proof.manuscript.courses if len(course.lessons) >= WHOLE_COURSE]
    for course in whole:
        counted = regions(course)
        absent = [region for region in REGIONS if not counted[region]]
        if absent:
            cure = "find a sourced example there and list it under `examples:`"
            yield Complaint(course.page.document.file, 1, f"no example from {', '.join(absent)}", cure)
        share = women_or_youth(course)
        if share < WOMEN_OR_YOUTH:
            what = f"women or young people in {share:.0%} of the lessons"
            yield Complaint(course.page.document.file, 1, what, "at least a third; see `women:` and `youth:`")
    if len(whole) > 1:
        yield from _everywhere(proof, sum((regions(course) for course in proof.manuscript.courses), Counter()))


def _everywhere(proof: Proof, counted: Counter[str]) -> Iterator[Complaint]:
    rare = [f"{region} ({counted[region]})" for region in REGIONS if counted[region] < EVERYWHERE]
    if rare:
        file = proof.manuscript.courses[0].page.document.file
        cure = f"each region at least {EVERYWHERE} times over all courses"
        yield Complaint(file, 1, f"few examples from {', '.join(rare)}", cure, Level.WARNING)


RULES: tuple[Rule, ...] = (examples_go_round,)
