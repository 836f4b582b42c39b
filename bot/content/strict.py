"""What every content file is made of: no unknown keys, no guessing of types, mistakes that name their cure."""

from typing import Annotated, Literal

from pydantic import ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

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


def mistake(what: str, cure: str, *at: str | int) -> PydanticCustomError:
    """A mistake with its cure, as it will be told to the author; ``at`` leads from the model to the place."""
    return PydanticCustomError("content", "{what}", {"what": what, "cure": cure, "at": at})
