"""Twilio and its users in one process: a lean Messages API, and learners who answer ``1`` to what they are asked."""

import asyncio
import hmac
import json
import sys
import time
from base64 import b64encode
from dataclasses import dataclass
from itertools import count
from urllib.parse import parse_qs, urlencode

import uvloop

from benchmarks.phones import PATIENCE, Seen, reachable, report, tell
from benchmarks.wire import Pool, Serving, posting

SID = "AC" + "0" * 32
TOKEN = "a token of a loopback account, 32+ characters"
SENDER = "whatsapp:+14155238886"


@dataclass(frozen=True)
class Plan:
    """Who writes how."""

    api: int
    hook: int
    path: str
    learners: int = 500
    at_once: int = 32
    turns: int = 10
    warm: int = 32


class Writers:
    """Every user of the sender's number."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.seen = plan, Seen()
        self.waiting: dict[str, asyncio.Future[None]] = {}
        self.numbers = count(1)
        self.hook = Pool(plan.hook, posting(plan.path, "application/x-www-form-urlencoded"))
        self.url = f"http://127.0.0.1:{plan.hook}{plan.path}"

    def taken(self, path: bytes, kind: bytes, body: bytes) -> bytes:
        if not body:
            return b'{"messages":[],"next_page_uri":null}'
        self.seen.calls += 1
        self.seen.messages += 1
        to = parse_qs(body.decode())["To"][0]
        waiting = self.waiting.get(to)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)
        return b'{"sid":"SM%032d","status":"queued","body":"","to":"","error_code":null}' % next(self.numbers)

    async def crowd(self, people: range) -> None:
        left = iter(people)

        async def one_after_another() -> None:
            for number in left:
                await self.learn(f"whatsapp:+4479{number:08d}")

        await asyncio.gather(*(one_after_another() for _ in range(self.plan.at_once)))

    async def learn(self, who: str) -> None:
        for turn in range(self.plan.turns):
            await self.turn(who, "1" if turn else "hi")

    async def turn(self, who: str, body: str) -> None:
        seen = self.waiting[who] = asyncio.get_running_loop().create_future()
        fields = {
            "SmsMessageSid": (sid := f"SM{next(self.numbers):032x}"), "NumMedia": "0", "ProfileName": "A",
            "MessageType": "text", "SmsSid": sid, "WaId": who[10:], "SmsStatus": "received", "Body": body,
            "To": SENDER, "NumSegments": "1", "MessageSid": sid, "AccountSid": SID, "From": who,
            "ApiVersion": "2010-04-01",
        }  # fmt: skip
        began = time.perf_counter()
        self.seen.updates += 1
        status, _ = await self.hook.post(urlencode(fields).encode(), b"X-Twilio-Signature: %b\r\n" % self._sign(fields))
        self.seen.refused += status != 200
        try:
            async with asyncio.timeout(PATIENCE):
                await seen
        except TimeoutError:
            self.seen.lost += 1
        self.seen.times.append(time.perf_counter() - began)
        self.seen.turns += 1

    def _sign(self, fields: dict[str, str]) -> bytes:
        text = self.url + "".join(name + fields[name] for name in sorted(fields))
        return b64encode(hmac.digest(TOKEN.encode(), text.encode(), "sha1"))


async def main(plan: Plan) -> None:
    writers = Writers(plan)
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: Serving(writers.taken, status=b"201 Created"), "127.0.0.1", plan.api, backlog=1024)
    tell("listening")
    await reachable(plan.hook)
    await writers.crowd(range(plan.warm))
    writers.seen = Seen()
    tell("begin")
    began = time.perf_counter()
    await writers.crowd(range(plan.warm, plan.warm + plan.learners))
    seconds = time.perf_counter() - began
    tell("timed", seconds=seconds)
    report(writers.seen, seconds)


if __name__ == "__main__":
    uvloop.run(main(Plan(**json.loads(sys.argv[1]))))
