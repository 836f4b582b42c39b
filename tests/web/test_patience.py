"""Connections that only cost: cut off, while everybody else is served."""

import asyncio
from contextlib import AbstractAsyncContextManager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.web import patience
from bot.web.patience import Patient
from tests.web.sockets import Connection, connected

LINE = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
WAIT = 5.0  # for the answer of a test that goes wrong


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


def connection() -> AbstractAsyncContextManager[Connection]:
    return connected(Starlette(routes=[Route("/", hello)]), Patient)


async def rest(reader: asyncio.StreamReader) -> bytes:
    """What still comes until the connection ends."""
    try:
        return await asyncio.wait_for(reader.read(), WAIT)
    except ConnectionResetError:
        return b""


@pytest.mark.parametrize("begun", [b"", b"GE", LINE], ids=["silent", "two letters", "half a head"])
async def test_a_head_that_never_ends_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
    monkeypatch.setattr(patience, "SLOWEST", 0.01)
    async with connection() as (reader, writer):
        writer.write(begun)
        assert await rest(reader) == b""


async def test_a_second_request_has_no_more_patience_than_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "SLOWEST", 0.5)
    async with connection() as (reader, writer):
        writer.write(LINE + b"\r\n" + LINE)
        answer = await rest(reader)
    assert answer.count(b"HTTP/1.1 200") == 1


async def test_headers_without_end_are_cut_off_before_they_fill_the_memory() -> None:
    sent = 0
    async with connection() as (reader, writer):
        writer.write(LINE + b"X: ")
        try:
            while sent < 64 * 1024 * 1024:
                writer.write(b"a" * 65536)
                await writer.drain()
                sent += 65536
        except ConnectionError:
            pass
        assert b"200" not in await rest(reader)
    assert sent < 64 * 1024 * 1024


async def test_a_head_that_is_too_long_is_refused_even_if_it_comes_at_once() -> None:
    async with connection() as (reader, writer):
        writer.write(LINE + b"".join(b"X-%d: %s\r\n" % (n, b"a" * 100) for n in range(400)) + b"\r\n")
        assert b"200" not in await rest(reader)


async def test_an_ordinary_request_is_served_and_the_line_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connection() as (reader, writer):
        for _ in range(3):
            writer.write(LINE + b"X: " + b"a" * 8000 + b"\r\n\r\n")
            assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200")
