"""Platforms to try the channels on, without accounts: ``python -m tests.fakes``.

Telegram: type to write to the bot, a number to press that button, ``/quit`` to end. Start the bot beside it with the
settings that are printed.
"""

import asyncio
import sys

from tests.fakes.telegram import TOKEN, FakeTelegram, Person, Shown

PORT = 8081
SETTINGS = "TELEGRAM_API_URL={url} TELEGRAM_BOT_TOKEN={token} make run"


def shown_as_text(shown: Shown) -> str:
    """A message with its buttons numbered, as this terminal shows it."""
    buttons = "\n".join(f"   [{n}] {label}" for n, label in enumerate(shown.buttons, 1))
    sign = "✎" if shown.edited else "◀"
    return "\n".join(part for part in (f"{sign} {shown.text}", buttons) if part)


def typed(person: Person, line: str) -> None:
    """Words, or the number of a button of the newest message that has any."""
    buttons = next((shown.buttons for shown in reversed(person.sees) if shown.buttons), [])
    if line.isdecimal() and 1 <= int(line) <= len(buttons):
        person.taps(buttons[int(line) - 1])
    else:
        person.says(line)


async def show(telegram: FakeTelegram, person: Person) -> None:
    """Prints whatever is new, and what an edit has made of a message."""
    printed: dict[int, str] = {}
    while True:
        for shown in person.sees:
            text = shown_as_text(shown)
            if printed.get(shown.id) != text:
                printed[shown.id] = text
                print(text, flush=True)
        seen = len(telegram.ledger)
        await telegram.until(lambda seen=seen: len(telegram.ledger) > seen, seconds=10**6)  # type: ignore[misc]


async def main() -> None:
    async with FakeTelegram().running(PORT) as telegram:
        person = telegram.person(1001)
        print(SETTINGS.format(url=telegram.url, token=TOKEN), "\n", flush=True)
        showing = asyncio.create_task(show(telegram, person))
        while (line := await asyncio.to_thread(sys.stdin.readline)) and line.strip() != "/quit":
            if line.strip():
                typed(person, line.strip())
        showing.cancel()
        for fault in telegram.faults:
            print("refused:", fault)


if __name__ == "__main__":
    asyncio.run(main())
