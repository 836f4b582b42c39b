"""``policies/ages.yaml`` and ``policies/helplines.yaml``: what may stand in them, country by country."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field, StringConstraints, TypeAdapter

from bot.content.complaints import Complained, Complaint
from bot.content.mistakes import validated
from bot.content.models import File, Link, Sentence, Year
from bot.content.policies import Policies
from bot.content.yaml12 import Unreadable, read

M = TypeVar("M")

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Age = Annotated[int, Field(ge=1, le=21)]


class CountryAge(File):
    age: Age
    source: Sentence


class AgesFile(File):
    """``policies/ages.yaml``."""

    default: Age
    source: Sentence
    countries: dict[Country, CountryAge]


class HelplineFile(File):
    name: Sentence
    numbers: Sentence
    source: Link
    seen: Year


class HelplinesFile(File):
    """``policies/helplines.yaml``; without a country's line the bot says its general words."""

    default: None = None
    countries: dict[Country, HelplineFile]


AGES = TypeAdapter(AgesFile)
HELPLINES = TypeAdapter(HelplinesFile)


def read_policies(folder: Path | None) -> Policies:
    """The policies of a folder, both files; raises ``Complained`` when one is wrong or not there."""
    if folder is None:
        return Policies()
    complaints: list[Complaint] = []
    ages = _file(folder / "ages.yaml", AGES, AgesFile.model_fields, complaints)
    helplines = _file(folder / "helplines.yaml", HELPLINES, HelplineFile.model_fields, complaints)
    if ages is None or helplines is None:
        raise Complained(complaints)
    return Policies(
        ages.default,
        {country: entry.age for country, entry in ages.countries.items()},
        {country: f"{line.name}: {line.numbers}" for country, line in helplines.countries.items()},
    )


def _file(path: Path, adapter: TypeAdapter[M], known: Iterable[str], complaints: list[Complaint]) -> M | None:
    try:
        return validated(read(path, path.parent), adapter, known)
    except Unreadable as error:
        complaints.append(error.complaint)
    except Complained as error:
        complaints.extend(error.complaints)
    return None
