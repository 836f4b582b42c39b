"""What ends an answer: its length, or where it tells none the end of its connection; anything else has lost it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from socket import SO_LINGER, SOL_SOCKET
from struct import pack

import pytest

from bot.channels.line import Lines, Lost

NO_LINGERING = pack("ii", 1, 0)  # the connection is reset instead of closed
OK = b"HTTP/1.1 200 OK\r\n"


@asynccontextmanager
async def server(answers: Callable[[asyncio.StreamWriter], None]) -> AsyncIterator[Lines]:
    """Lines to somebody who reads a request, answers it as the test says, and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        answers(writer)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    lines = Lines(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}")
    async with listening:
        yield lines
        lines.close()


@pytest.mark.parametrize(
    "told",
    [
        OK + b"\r\nall of it",
        OK + b"Connection: close\r\n\r\nall of it",
        b"HTTP/1.0 200 OK\r\n\r\nall of it",
        OK + b"Content-Length: 9\r\n\r\nall of it",
        OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\nall of it\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"\r\nall of it",
    ],
    ids=str,
)
async def test_an_answer_is_whole_at_its_end(told: bytes) -> None:
    async with server(lambda writer: writer.write(told)) as lines:
        status, body, *_ = await lines.ask(lines.request("GET", "/"), 5.0)
        assert (status, body) == (200, b"all of it")


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"HTTP/1.1 200",
        OK + b"X: y\r\n",
        OK + b"Content-Length: 10\r\n\r\nall of it",
        OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\nall of it\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
    ids=str,
)
async def test_an_answer_that_was_cut_off_is_lost(told: bytes) -> None:
    async with server(lambda writer: writer.write(told)) as lines:
        with pytest.raises(Lost):
            await lines.ask(lines.request("GET", "/"), 5.0)


async def test_an_answer_whose_connection_breaks_before_its_end_is_lost() -> None:
    def breaks(writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"\r\nall of it, perhaps")
        writer.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, NO_LINGERING)
        writer.transport.abort()

    async with server(breaks) as lines:
        with pytest.raises(Lost):
            await lines.ask(lines.request("GET", "/"), 5.0)
