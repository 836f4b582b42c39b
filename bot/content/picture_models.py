"""What may stand under ``picture:`` in a lesson: which drawing, how much of what, and its description."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, Field, model_validator

from bot.content.picture import Picture
from bot.content.strict import STRICT, Region, Sentence, mistake

Drawing = Literal[
    "book", "bridge", "bubbles", "carry", "chest", "converge", "door", "forest", "gather", "home", "houses", "ladder",
    "loop", "map", "meet", "merge", "network", "outlines", "overlap", "path", "people", "pillars", "pot", "scales",
    "sea", "shield", "street", "tap", "trees", "umbrella", "votes",
]  # fmt: skip
Mark = Literal["ballot", "coin", "cross", "heart", "key", "shield", "shirt", "star", "sun", "tick"]

# What each drawing (bot/cards/drawings.typ) takes: a number from … to …, or so many entries of a list.
Room = tuple[int, int]
TAKES: Mapping[Drawing, Mapping[str, Room]] = {
    "book": {},
    "bridge": {"count": (5, 9)},
    "bubbles": {"marks": (2, 3)},
    "carry": {"count": (2, 3)},
    "chest": {"count": (1, 3)},
    "converge": {"count": (3, 17)},
    "door": {"count": (1, 3), "marks": (0, 1)},
    "forest": {"count": (3, 7)},
    "gather": {"count": (4, 8), "marks": (1, 1)},
    "home": {"marks": (1, 1)},
    "houses": {"count": (2, 3), "marks": (1, 1)},
    "ladder": {},
    "loop": {"marks": (1, 1)},
    "map": {"regions": (1, 6)},
    "meet": {},
    "merge": {"count": (3, 7)},
    "network": {"count": (3, 5)},
    "outlines": {},
    "overlap": {"count": (3, 3), "marks": (1, 1)},
    "path": {"count": (5, 17)},
    "people": {"count": (4, 10), "lit": (1, 10)},
    "pillars": {"marks": (3, 4)},
    "pot": {"count": (4, 12), "marks": (0, 1)},
    "scales": {},
    "sea": {"count": (1, 5)},
    "shield": {"marks": (1, 1)},
    "street": {"count": (3, 5)},
    "tap": {"count": (1, 3)},
    "trees": {"count": (2, 4)},
    "umbrella": {"count": (2, 3)},
    "votes": {"values": (2, 3)},
}


class PictureFile(BaseModel):
    """``picture:`` of a lesson.

    ``alt`` describes it to those who cannot see it. ``goal`` is the number of the SDG whose colour it has. The rest
    says how much there is in the drawing: a ``count``, how many of them stand out (``lit``), ``values`` of a chart,
    ``marks`` and ``regions``.
    """

    model_config = STRICT

    alt: Sentence
    draw: Drawing
    goal: int | None = Field(default=None, ge=1, le=17)
    count: int | None = None
    lit: int | None = None
    values: list[int] = []
    marks: list[Mark] = []
    regions: list[Region] = []

    @property
    def picture(self) -> Picture:
        return Picture(
            self.draw, self.goal, self.count, self.lit, tuple(self.values), tuple(self.marks), tuple(self.regions)
        )

    @model_validator(mode="after")
    def _takes(self) -> Self:
        takes = TAKES[self.draw]
        for name in ("count", "lit", "values", "marks", "regions"):
            given = getattr(self, name)
            if name not in takes:
                if given:
                    told = ", ".join(takes) or "nothing more"
                    raise mistake(f"`{name}` means nothing here", f"`draw: {self.draw}` takes {told}", name)
                continue
            least, most = takes[name]
            if not least <= (len(given) if isinstance(given, list) else given or 0) <= most:
                wanted = f"{least} to {most}" if least < most else str(least)
                raise mistake(f"`draw: {self.draw}` has no room for this `{name}`", f"give it {wanted}", name)
        return self
