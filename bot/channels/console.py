"""The terminal as a channel: the same engine, words instead of buttons.

Everything that can be tapped elsewhere is listed with its number; a tap is typed as the number, the letter or the
words.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from bot.content.markup import runs
from bot.content.wording import Message
from bot.engine.events import Address, Event, Said, Started
from bot.engine.turn import Layout

BOLD, DIM, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


class ConsoleChannel:
    """Nothing is sent: the terminal prints what the service hands back."""

    name = "console"
    brings = False
    keeps_talk = False
    attaches = False

    def own_data(self, learner_id: str) -> str:
        return ""

    def parts(self, message: Message, event: Event | None) -> list[dict[str, object]]:
        return []

    def holds(self, body: Mapping[str, object]) -> bool:
        return True


def text_of(message: Message) -> str:
    """A message as plain lines: reply, body, and what may be chosen."""
    blocks = [message.lead, message.body, _choices(message)]
    return "\n\n".join(block for block in blocks if block)


def _choices(message: Message) -> str:
    if message.layout is Layout.SCALE:
        return "0 … 10"
    # Lettered options stand in the body already; what leads out of the question is listed with its word.
    left = [option for option in message.options if not option.letter]
    first = len(message.options) - len(left) + 1
    return "\n".join(f"[{n}] {option.label}" for n, option in enumerate(left, first))


def coloured(text: str) -> str:
    """``*bold*`` as the terminal shows it; list rows dimmed."""
    lines = []
    for line in text.splitlines():
        shown = "".join(f"{BOLD}{part}{PLAIN}" if bold else part for part, bold in runs(line))
        lines.append(f"{DIM}{shown}{PLAIN}" if line.startswith("[") else shown)
    return "\n".join(lines)


class Recorder(Protocol):
    """Whoever keeps the talk, which begins in a language."""

    language: str

    def me(self, words: str) -> None: ...

    def bot(self, text: str) -> None: ...


async def chat(
    handle: Callable[[Event], Any],
    lines: AsyncIterator[str],
    write: Callable[[str], None],
    *,
    clock: Callable[[], datetime],
    recorder: Recorder,
    name: str = "me",
) -> None:
    """A talk in the terminal until the input ends.

    ``handle`` is the service's; ``name`` tells learners of one database apart.
    """
    address = Address("console", name)
    count = 0

    async def tell(event: Event) -> None:
        outcome = await handle(event)
        for message in outcome.messages:
            recorder.bot(text_of(message))
            write(text_of(message))

    first = f"{address.id}-{clock().timestamp()}"
    await tell(Started(id=first, address=address, at=clock(), languages=(recorder.language,)))
    async for line in lines:
        if not line.strip():
            continue
        count += 1
        recorder.me(line.strip())
        await tell(Said(id=f"{first}-{count}", address=address, at=clock(), text=line))


async def typed_lines(prompt: str = "> ") -> AsyncIterator[str]:
    """What is typed at the terminal, line by line, without holding up the loop."""
    while True:
        try:
            yield await asyncio.to_thread(input, prompt)
        except (EOFError, KeyboardInterrupt):
            return
