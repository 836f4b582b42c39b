"""Platforms to try the channels on, without accounts: ``python -m tests.fakes [telegram|whatsapp]``.

You hold the phone: type to write to the bot, a number to press that button, ``/quit`` to end. Start the bot in
another terminal with the settings that are printed.
"""

import asyncio
import sys
from collections.abc import AsyncIterator

from tests.fakes import telegram_by_hand, twilio_by_hand

PHONES = {"telegram": telegram_by_hand.play, "whatsapp": twilio_by_hand.play}


async def typed_lines() -> AsyncIterator[str]:
    while (line := await asyncio.to_thread(sys.stdin.readline)) and line.strip() != "/quit":
        if line.strip():
            yield line.strip()


if __name__ == "__main__":
    wanted = sys.argv[1] if len(sys.argv) > 1 else "telegram"
    if wanted not in PHONES:
        sys.exit(f"{wanted} is none of {', '.join(PHONES)}")
    asyncio.run(PHONES[wanted](typed_lines(), lambda text: print(text, flush=True)))
