"""What was read and judged, as values: quick to keep, to take up again, and to bind."""

from collections.abc import Mapping

from bot.content import typed
from bot.content.catalogue import Catalogue, Strings
from bot.content.coverage import Coverage
from bot.content.picture import Picture
from bot.content.policies import Policies
from bot.content.shelf import Shelf, library
from bot.engine.course import Language, Library
from bot.engine.fixed import fixed


@fixed(frozen=True, slots=True)
class Loaded:
    """What is taught, the words for it, and what is drawn for each lesson, by its path."""

    library: Library
    catalogue: Catalogue
    pictures: Mapping[str, Picture]


@fixed(frozen=True, slots=True)
class Printed:
    """Everything read and judged, as plain values: quick to keep and to take up again."""

    shelf: Shelf
    languages: tuple[Language, ...]
    strings: Mapping[str, Mapping[str, Strings]]
    coverage: Mapping[str, Coverage]
    pictures: Mapping[str, Picture]
    policies: Policies


def bound(pages: Printed) -> Loaded:
    """The library and its words."""
    catalogue = Catalogue(pages.languages, pages.strings, pages.coverage)
    reader = typed.reader(pages.strings, list(pages.strings))
    return Loaded(library(pages.shelf, catalogue, reader, pages.policies), catalogue, pages.pictures)
