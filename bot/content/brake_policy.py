"""``policies/brakes.yaml``: when the bot stops answering, as values."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, TypeAdapter

from bot.content.complaints import Complained
from bot.content.mistakes import validated
from bot.content.models import File
from bot.content.policies import BrakePolicy
from bot.content.yaml12 import Unreadable, read

FILE = "brakes.yaml"

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Count = Annotated[int, Field(ge=1, le=100_000)]


class BrakesFile(File):
    """The file as it is written."""

    replies_an_hour: Count
    replies_a_day_not_understood: Count
    countries: list[Country]


BRAKES = TypeAdapter(BrakesFile)


def read_brakes(folder: Path) -> BrakePolicy:
    """The policy of a folder; raises ``ContentRefused`` with everything that is wrong in it."""
    path = folder / FILE
    try:
        document = read(path, folder)
    except Unreadable as unreadable:
        raise Complained([unreadable.complaint]) from unreadable
    file = validated(document, BRAKES, BrakesFile.model_fields)
    return BrakePolicy(file.replies_an_hour, file.replies_a_day_not_understood, frozenset(file.countries))
