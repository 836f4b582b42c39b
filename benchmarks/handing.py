"""Messages handed to Twilio: our client, and the library's ``create_async``, thirty-two at once."""

import asyncio
import sys
from collections.abc import Iterator

import uvloop

from benchmarks.bots import Bot
from benchmarks.fanout import Sending, sent
from benchmarks.processes import FIELD
from benchmarks.writers import SENDER, SID, TOKEN
from bot.channels.whatsapp.client import Account, Client

AT_ONCE = 32


def ours(many: int) -> Sending:
    return sent(
        Bot("ours", lambda ports, where: [sys.executable, "-m", "benchmarks.handing", str(ports.api), str(many)]), many
    )


def library(many: int) -> Sending:
    return sent(
        Bot(
            "twilio, create_async",
            lambda ports, where: [
                str(FIELD), "-m", "benchmarks.contenders.twilio_send", f"http://127.0.0.1:{ports.api}", str(many),
                SID, TOKEN, SENDER,
            ],
        ),
        many,
    )  # fmt: skip


async def hand_over(api: int, many: int) -> None:
    """All of them, then nothing more until it is ended: what it used is looked up first."""
    client = Client(Account(SID, TOKEN, SENDER, base=f"http://127.0.0.1:{api}"))

    async def one_after_another(left: Iterator[int]) -> None:
        for number in left:
            await client.create_message(f"whatsapp:+4479{number:08d}", {"Body": "What counts most here?"})

    left = iter(range(many))
    await asyncio.gather(*(one_after_another(left) for _ in range(AT_ONCE)))
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(hand_over(int(sys.argv[1]), int(sys.argv[2])))
