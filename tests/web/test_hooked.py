"""What platforms post: the same answer the short way and the long one, and nothing mixed up on one connection."""

import asyncio
from contextlib import AbstractAsyncContextManager
from functools import partial

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.channels.hook import Hook, Posted, Reply
from bot.errors import Unavailable
from bot.web import hooked
from bot.web.headers import Headers
from bot.web.hooked import Hooked, by_path, lines
from tests.web.sockets import Connection, connected

WAIT = 5.0  # for the answer of a test that goes wrong
PATH = "/webhooks/one"


async def turns(count: int = 200) -> None:
    """Lets everybody go on: server and client share this loop."""
    for _ in range(count):
        await asyncio.sleep(0)


async def taken(posted: Posted) -> Reply:
    match await posted.body():
        case b"bug":
            raise LookupError("nobody planned this")
        case b"down":
            raise Unavailable("The database is away.", "Wait.")
        case b"slow":
            await turns()
            return Reply(body=b"slow")
        case body:
            told = b"|".join((body, posted.path, posted.query, posted.one(b"x-who")))
            return Reply(body=told, kind=b"text/plain")


async def page(request: Request) -> PlainTextResponse:
    return PlainTextResponse("a page")


def connection() -> AbstractAsyncContextManager[Connection]:
    hooks = [Hook(PATH, taken)]
    app = Starlette(routes=[Route("/", page), *hooks], middleware=[Middleware(Headers, secure=True)])
    made = partial(Hooked, hooks=by_path(hooks), added=lines(True))
    return connected(app, made, [(b"date", b"today")])


def post(body: bytes, *more: bytes, method: bytes = b"POST", target: bytes = b"/webhooks/one?a=1") -> bytes:
    head = [b"%b %b HTTP/1.1" % (method, target), b"Host: bot", b"X-Who: me", b"Content-Length: %d" % len(body), *more]
    return b"\r\n".join([*head, b"", body])


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[bytes, bytes], bytes]:
    async with asyncio.timeout(WAIT):
        head = await reader.readuntil(b"\r\n\r\n")
        status, *fields = head.split(b"\r\n")[:-2]
        headers = dict(field.split(b": ", 1) for field in fields)
        body = await reader.readexactly(int(headers.get(b"content-length", b"0")))
        return int(status.split()[1]), headers, body


async def in_pieces(writer: asyncio.StreamWriter, request: bytes) -> None:
    """Its body comes long after its head."""
    head, _, body = request.partition(b"\r\n\r\n")
    writer.write(head + b"\r\n\r\n")
    await writer.drain()
    await turns()
    writer.write(body)


@pytest.mark.parametrize(("body", "status"), [(b"hello", 200), (b"bug", 500), (b"down", 503), (b"", 200)])
async def test_the_short_way_and_the_long_one_answer_alike(
    body: bytes, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connection() as (reader, writer):
        writer.write(post(body))
        short = await answer(reader)
        monkeypatch.setattr(hooked, "SOON", 0.0)
        await in_pieces(writer, post(body))
        long = await answer(reader)
    assert short[0] == status
    assert short == long
    assert b"strict-transport-security" in short[1]
    assert short[1][b"date"] == b"today"


async def test_a_hook_hears_its_path_its_query_and_its_headers() -> None:
    async with connection() as (reader, writer):
        writer.write(post(b"hello"))
        assert (await answer(reader))[2] == b"hello|/webhooks/one|a=1|me"


async def test_a_body_in_pieces_is_waited_for() -> None:
    async with connection() as (reader, writer):
        await in_pieces(writer, post(b"hello"))
        assert (await answer(reader))[2].startswith(b"hello|")


async def test_a_long_body_takes_the_way_of_the_pages_and_arrives_whole() -> None:
    body = bytes(range(256)) * 300
    async with connection() as (reader, writer):
        writer.write(post(body))
        assert (await answer(reader))[2].startswith(body)


async def test_what_comes_behind_an_answer_still_owed_waits_for_it() -> None:
    async with connection() as (reader, writer):
        writer.write(post(b"slow") + post(b"second") + post(b"", method=b"GET", target=b"/") + post(b"third"))
        bodies = [(await answer(reader))[2].split(b"|")[0] for _ in range(4)]
    assert bodies == [b"slow", b"second", b"a page", b"third"]


@pytest.mark.parametrize("method", [b"GET", b"PUT", b"DELETE"])
async def test_other_methods_are_refused_by_the_pages(method: bytes) -> None:
    async with connection() as (reader, writer):
        writer.write(post(b"", method=method))
        assert (await answer(reader))[0] == 405


UPGRADES = {
    "h2c": [b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"],
    "websocket": [b"Upgrade: websocket", b"Connection: keep-alive, Upgrade", b"Sec-WebSocket-Key: YQ=="],
    "anything": [b"Connection: upgrade", b"Upgrade: one/2, two", b"Upgrade: three"],
}


@pytest.mark.parametrize("wish", UPGRADES.values(), ids=UPGRADES)
async def test_who_asks_for_another_protocol_is_answered_in_this_one(
    wish: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    asked = post(b"hello", *wish)
    async with connection() as (reader, writer):
        writer.write(asked + post(b"second") + asked + post(b"", *wish, method=b"GET", target=b"/"))
        bodies = [(await answer(reader))[2] for _ in range(4)]
        for request in (asked, post(b"hello" * 50_000, *wish), post(b"hello", *wish, b"Expect: 100-continue")):
            await in_pieces(writer, request)
            if b"100-continue" in request:
                await reader.readuntil(b"\r\n\r\n")
            bodies.append((await answer(reader))[2])
    whole = b"|/webhooks/one|a=1|me"
    assert bodies[:4] == [b"hello" + whole, b"second" + whole, b"hello" + whole, b"a page"]
    assert bodies[4:] == [b"hello" + whole, b"hello" * 50_000 + whole, b"hello" + whole]
    assert not caplog.records  # anybody may ask: it is nothing to tell an operator


async def test_a_head_that_comes_letter_by_letter_may_ask_for_another_protocol_too() -> None:
    async with connection() as (reader, writer):
        for letter in post(b"hello", *UPGRADES["h2c"], b"Connection: close"):
            writer.write(bytes([letter]))
            await turns(2)
        status, headers, body = await answer(reader)
        assert (status, headers[b"connection"], body.split(b"|")[0]) == (200, b"close", b"hello")
        assert await asyncio.wait_for(reader.read(), WAIT) == b""


async def test_who_asks_for_a_tunnel_is_refused_and_cut_off() -> None:
    async with connection() as (reader, writer):
        writer.write(b"CONNECT bot:443 HTTP/1.1\r\nHost: bot\r\n\r\n")
        assert (await answer(reader))[0] == 400
        assert await asyncio.wait_for(reader.read(), WAIT) == b""


async def test_who_wants_the_connection_closed_gets_an_answer_and_an_end() -> None:
    async with connection() as (reader, writer):
        writer.write(post(b"hello", b"Connection: close"))
        _, headers, body = await answer(reader)
        assert headers[b"connection"] == b"close"
        assert body.startswith(b"hello")
        assert await asyncio.wait_for(reader.read(), WAIT) == b""


async def test_who_asks_first_whether_to_go_on_is_told_so() -> None:
    async with connection() as (reader, writer):
        head, _, body = post(b"hello", b"Expect: 100-continue").partition(b"\r\n\r\n")
        writer.write(head + b"\r\n\r\n")
        assert b"100 Continue" in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), WAIT)
        writer.write(body)
        assert (await answer(reader))[2].startswith(b"hello|")


async def test_who_hangs_up_in_mid_request_or_before_the_answer_harms_nobody() -> None:
    for request in (post(b"hello")[:-2], post(b"slow")):
        async with connection() as (_, writer):
            writer.write(request)
            await writer.drain()
            writer.close()
        await turns()
    async with connection() as (reader, writer):
        writer.write(post(b"hello"))
        assert (await answer(reader))[0] == 200
