"""A lesson played in the terminal: typed words and numbers, the same engine as everywhere."""

from collections.abc import AsyncIterator, Callable

from bot.channels.console import text_of
from bot.engine.events import Said
from bot.engine.turn import Erased
from bot.preview.walk import AUTHOR, Walk

Write = Callable[[str], None]


async def play(walk: Walk, lines: AsyncIterator[str], write: Write) -> bool:
    """Until the lesson is finished or the input ends; tells whether it was finished."""
    write(text_of(walk.message))
    async for line in lines:
        if not line.strip():
            continue
        turn = walk.happens(Said(id="typed", address=AUTHOR, at=walk.clock(), text=line))
        write(text_of(walk.message))
        if walk.done or any(isinstance(record, Erased) for record in turn.records):
            break
    return walk.done
