"""A lesson's drawing as a value: which one, and how much there is in it."""

from bot.engine.fixed import fixed


@fixed(frozen=True, slots=True)
class Picture:
    """``picture:`` of a lesson without its description, which is a text like others."""

    draw: str
    goal: int | None = None
    count: int | None = None
    lit: int | None = None
    values: tuple[int, ...] = ()
    marks: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
