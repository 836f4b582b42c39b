"""What is wrong with a content file, told so that its author can mend it: the place, what is wrong, the cure."""

from collections.abc import Callable, Iterable
from enum import Enum
from typing import TypeVar

from bot.engine.fixed import fixed
from bot.errors import ContentRefused

A = TypeVar("A")
B = TypeVar("B")


class Level(Enum):
    ERROR = "error"  # the content is not published like this
    WARNING = "warning"  # it works, and somebody should look


@fixed(frozen=True, slots=True)
class Complaint:
    """One thing to mend. ``file`` is relative to the project, ``line`` counts from 1."""

    file: str
    line: int
    what: str
    cure: str
    level: Level = Level.ERROR

    def __str__(self) -> str:
        return f"{self.file}:{self.line}  {self.what} → {self.cure}"

    @property
    def place(self) -> tuple[str, int, str]:
        return (self.file, self.line, self.what)


def in_order(complaints: Iterable[Complaint]) -> tuple[Complaint, ...]:
    """Each complaint once, file by file and from top to bottom."""
    return tuple(sorted(set(complaints), key=lambda complaint: complaint.place))


def errors(complaints: Iterable[Complaint]) -> tuple[Complaint, ...]:
    return tuple(complaint for complaint in complaints if complaint.level is Level.ERROR)


class Complained(ContentRefused):
    """Content that was refused, with every complaint about it."""

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        self.complaints = in_order(complaints)
        super().__init__("\n".join(str(complaint) for complaint in self.complaints))


def told(read: Callable[[], object]) -> tuple[Complaint, ...]:
    """What a reader complains of."""
    try:
        read()
    except Complained as refused:
        return refused.complaints
    return ()


def both(one: Callable[[], A], other: Callable[[], B]) -> tuple[A, B]:
    """What two readers give; where one is refused, the complaints of the other are told with its own."""
    try:
        first = one()
    except Complained as refused:
        raise Complained((*refused.complaints, *told(other))) from refused
    return first, other()
