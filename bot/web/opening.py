"""The first page: the puzzle that opens the first lesson, told without anybody being there yet.

It is what the engine says to somebody new, so the first tap lands on the very message that is on the page.
"""

from datetime import UTC, datetime
from functools import lru_cache

from bot.content.catalogue import Catalogue
from bot.content.wording import word
from bot.engine.advance import advance
from bot.engine.arrive import newcomer
from bot.engine.course import Library
from bot.engine.events import Address, Started
from bot.engine.languages import guess_language
from bot.web.lines import Shown, shown_message

NOBODY = Address("web", "")
ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)  # the first message is the same at any time


def opening(wished: tuple[str, ...], library: Library, catalogue: Catalogue) -> Shown:
    """The first message in the language a newcomer with these wishes would get, or the choice of one."""
    return _told(_Shelf(library, catalogue), guess_language(_arrival(wished), library))


def is_unsure(wished: tuple[str, ...], library: Library) -> bool:
    """Whether the first message is the choice of a language: then the page's own is no wish of anybody."""
    return guess_language(_arrival(wished), library) is None


def _arrival(wished: tuple[str, ...]) -> Started:
    return Started(id="opening", address=NOBODY, at=ANY_TIME, languages=wished)


class _Shelf:
    """Library and catalogue as one key: the same as long as they are the same objects."""

    def __init__(self, library: Library, catalogue: Catalogue) -> None:
        self.library, self.catalogue = library, catalogue

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Shelf) and self.library is other.library and self.catalogue is other.catalogue

    def __hash__(self) -> int:
        return hash((id(self.library), id(self.catalogue)))


@lru_cache(maxsize=32)
def _told(shelf: _Shelf, language: str | None) -> Shown:
    event = _arrival((language,) if language else ())
    turn = advance(newcomer("", 0, event, shelf.library), event, shelf.library, ANY_TIME)
    return shown_message(word(turn.says[0], turn.learner.language, shelf.catalogue))
