"""The twilio library handing messages over: ``create_async`` on one session, thirty-two at once."""

import asyncio
import sys
from collections.abc import Iterator

from twilio.rest import Client

from benchmarks.contenders.twilio_tutorial import Loopback

AT_ONCE = 32


async def main(api: str, many: int, sid: str, token: str, sender: str) -> None:
    client = Client(sid, token, http_client=Loopback(api))

    async def one_after_another(left: Iterator[int]) -> None:
        for number in left:
            to = f"whatsapp:+4479{number:08d}"
            await client.messages.create_async(from_=sender, to=to, body="What counts most here?")

    left = iter(range(many))
    await asyncio.gather(*(one_after_another(left) for _ in range(AT_ONCE)))
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]))
