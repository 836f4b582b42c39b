"""What a library is made of, as values that can be kept, and the library made of them."""

from collections.abc import Callable, Mapping

from bot.content.catalogue import Catalogue
from bot.content.policies import Policies
from bot.content.search import searcher
from bot.content.zones import EVERYWHERE, zone_of_city, zones_of
from bot.engine.course import Course, Feedback, Library, Question, Source
from bot.engine.fixed import fixed


@fixed(frozen=True, slots=True)
class Shelf:
    """What a library is made of, as plain values that can be kept."""

    courses: tuple[Course, ...]
    feedback: tuple[Feedback, ...]
    sources: Mapping[str, Source]
    follow_up: Question | None


def library(
    shelf: Shelf, catalogue: Catalogue, typed: Callable[[str], Mapping[str, str]], policies: Policies
) -> Library:
    """The engine's library: what is on the shelf, with the means to read and to search."""
    return Library(
        courses=shelf.courses,
        feedback=shelf.feedback,
        languages=catalogue.languages,
        sources=shelf.sources,
        label=catalogue.label,
        typed=typed,
        distance=slips,
        age_limit=policies.age_limit,
        helpline=policies.helpline,
        zones=lambda country: zones_of(country) if country else EVERYWHERE,
        zone_of_city=zone_of_city,
        search=searcher(shelf.courses, catalogue),
        follow_up=shelf.follow_up,
    )


def slips(typed: str, meant: str) -> int:
    """How many typing errors lie between two words. The library is loaded when somebody types for the first time."""
    from rapidfuzz.distance import OSA

    return OSA.distance(typed, meant)
