"""A platform that only counts messages: it tells when the first and the last have arrived."""

import asyncio
import json
import sys
import time

import uvloop

from benchmarks.phones import ANSWERS, tell
from benchmarks.wire import Serving

SHOWN = b'{"ok":true,"result":{"message_id":1,"date":1780000000,"chat":{"id":1,"type":"private"},"text":"."}}'
QUEUED = b'{"sid":"SM00000000000000000000000000000001","status":"queued","body":"","to":"","error_code":null}'


class Counter:
    def __init__(self, expected: int) -> None:
        self.left, self.expected, self.began = expected, expected, 0.0
        self.done = asyncio.Event()

    def taken(self, path: bytes, kind: bytes, body: bytes) -> bytes:
        method = path.rpartition(b"/")[2].decode()
        if method == "Messages.json":
            return self._counted(QUEUED)
        if method != "sendMessage":
            return ANSWERS.get(method, b'{"ok":true,"result":true}')
        return self._counted(SHOWN)

    def _counted(self, answer: bytes) -> bytes:
        if self.left == self.expected:
            self.began = time.perf_counter()
            tell("first")
        self.left -= 1
        if not self.left:
            tell("last", seconds=time.perf_counter() - self.began)
        return answer


async def main(api: int, expected: int) -> None:
    counter = Counter(expected)
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: Serving(counter.taken), "127.0.0.1", api, backlog=1024)
    tell("listening")
    await counter.done.wait()


if __name__ == "__main__":
    uvloop.run(main(**json.loads(sys.argv[1])))
