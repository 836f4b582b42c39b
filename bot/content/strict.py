"""What every content file is made of: no unknown keys, no guessing of types, mistakes that name their cure."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import ConfigDict, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError

from bot.engine.fixed import fixed

Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Region = Literal[
    "africa",
    "arab-states",
    "asia-pacific",
    "europe-central-asia",
    "latin-america-caribbean",
    "north-america",
    "world",
]
STRICT = ConfigDict(extra="forbid", strict=True, frozen=True)


SHAPE_ONLY = {"shape only": True}  # validation's context where our own checks have had their say already
STAND_IN = "\u2026"  # stands for a text that was not there, in a lesson that is only checked


@fixed(frozen=True, slots=True)
class Mistake:
    """What is wrong with a part, and its cure, as the author will be told; ``at`` leads from the part to the place."""

    what: str
    cure: str
    at: tuple[str | int, ...] = ()


def mistake(what: str, cure: str, *at: str | int) -> PydanticCustomError:
    """One mistake, to be raised."""
    return mistakes([Mistake(what, cure, at)])


def mistakes(found: Sequence[Mistake]) -> PydanticCustomError:
    """Everything that is wrong with a part, to be raised at once: pydantic takes one error of each check."""
    return PydanticCustomError("content", "{what}", {"what": found[0].what, "mistakes": tuple(found)})


def refuse(found: Iterable[Mistake], info: ValidationInfo) -> None:
    """Raises what was found, if anything was."""
    all_found = [] if info.context == SHAPE_ONLY else list(found)
    if all_found:
        raise mistakes(all_found)
