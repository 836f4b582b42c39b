"""A phone with Telegram on it, in a terminal."""

import asyncio
from collections.abc import AsyncIterator, Callable

from tests.fakes.by_hand import how_to
from tests.fakes.telegram import TOKEN, FakeTelegram, Person, Shown

PORT = 8081
SETTINGS = "TELEGRAM_API_URL={url} TELEGRAM_BOT_TOKEN={token} make run"


async def play(lines: AsyncIterator[str], write: Callable[[str], None], port: int = PORT) -> None:
    """Until the lines end; then what the platform refused."""
    async with FakeTelegram().running(port) as telegram:
        person = telegram.person(1001)
        write(how_to(SETTINGS.format(url=telegram.url, token=TOKEN)))
        showing = asyncio.create_task(show(telegram, person, write))
        async for line in lines:
            typed(person, line)
        showing.cancel()
        for fault in telegram.faults:
            write(f"refused: {fault}")


def typed(person: Person, line: str) -> None:
    """Words, or the number of a button of the newest message that has any."""
    buttons = next((shown.buttons for shown in reversed(person.sees) if shown.buttons), [])
    if line.isdecimal() and 1 <= int(line) <= len(buttons):
        person.taps(buttons[int(line) - 1])
    else:
        person.says(line)


async def show(telegram: FakeTelegram, person: Person, write: Callable[[str], None]) -> None:
    """Writes whatever is new, and what an edit has made of a message."""
    written: dict[int, str] = {}
    seen = -1
    while True:
        for shown in person.sees:
            text = as_text(shown)
            if written.get(shown.id) != text:
                written[shown.id] = text
                write(text)
        seen = len(telegram.ledger)
        await telegram.until(lambda seen=seen: len(telegram.ledger) > seen, seconds=10**6)  # type: ignore[misc]


def as_text(shown: Shown) -> str:
    """A message with its buttons numbered."""
    buttons = "\n".join(f"   [{n}] {label}" for n, label in enumerate(shown.buttons, 1))
    sign = "✎" if shown.edited else "◀"
    return "\n".join(part for part in (f"{sign} {shown.text}", buttons) if part)
