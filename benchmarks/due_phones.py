"""Telegram and its users, some of whom tap while the lessons of thousands of others go out."""

import asyncio
import json
import sys
import time

import orjson
import uvloop

from benchmarks.phones import TEXT, Phones, Plan, reachable, tell
from benchmarks.wire import Serving


class DuePhones(Phones):
    """Messages to chats that tap nothing are counted."""

    others = 0

    def taken(self, path: bytes, kind: bytes, body: bytes) -> bytes:
        if path.endswith(b"/sendMessage"):
            chat = int(orjson.loads(body)["chat_id"])
            if chat not in self.learners:
                self.others += 1
                return TEXT % (1, chat)
        return super().taken(path, kind, body)


async def main(plan: Plan) -> None:
    phones = DuePhones(plan)
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: Serving(phones.taken, plan.delay), "127.0.0.1", plan.api, backlog=1024)
    tell("listening")
    await phones.hooked.wait()
    await reachable(plan.hook)
    while not phones.others:
        await asyncio.sleep(0.05)
    began, before = time.perf_counter(), phones.others
    await phones.steadily(list(range(plan.first, plan.first + plan.learners)))
    seconds = time.perf_counter() - began
    times = sorted(phones.seen.times)
    at = {"p50": 0.5, "p99": 0.99, "longest": 1.0}
    spread = {name: 1000 * times[min(len(times) - 1, int(share * len(times)))] for name, share in at.items()}
    others = phones.others - before
    tell("end", seconds=seconds, turns=phones.seen.turns, lost=phones.seen.lost, others=others, **spread)


if __name__ == "__main__":
    uvloop.run(main(Plan(**json.loads(sys.argv[1]))))
