"""The stream: every line from the cursor on, as soon as it is stored; nothing twice, nothing lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest

from bot.web import stream
from bot.web.brakes import Seats
from tests.web.served import Served

Told = tuple[str, Any, str | None]


class Listener:
    """Reads server-sent events as a browser does."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer, self._lines = answer, answer.aiter_lines()

    async def next(self) -> Told:
        name, value, mark = "", None, None
        async with asyncio.timeout(5):
            async for line in self._lines:
                key, _, rest = line.partition(": ")
                if key == "event":
                    name = rest
                elif key == "id":
                    mark = rest
                elif key == "data":
                    value = orjson.loads(rest)
                elif not line and name:
                    return name, value, mark
        raise EOFError

    async def until(self, wanted: str) -> Told:
        while True:
            told = await self.next()
            if told[0] == wanted:
                return told


@asynccontextmanager
async def visitor(live: Served) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    """Somebody who has tapped once, over a real connection."""
    headers = {"Origin": live.settings.public_url, "Accept-Language": "en"}
    async with httpx.AsyncClient(base_url=live.settings.public_url, headers=headers) as browser:
        yield browser, (await live.start(browser)).json()["talk"]


@asynccontextmanager
async def listen(
    browser: httpx.AsyncClient, mark: str, after: int = 0, headers: dict[str, str] | None = None
) -> AsyncIterator[Listener]:
    params: dict[str, str | int] = {"talk": mark, "after": after}
    async with browser.stream("GET", "/chat/events", params=params, headers=headers) as answer:
        assert answer.status_code == 200
        yield Listener(answer)


async def test_the_stream_brings_the_words_around_then_every_line(live: Served) -> None:
    async with visitor(live) as (browser, mark), listen(browser, mark) as page:
        name, words, _ = await page.next()
        assert (name, words["code"], words["words"]["send"]) == ("language", "en", "Send")
        assert (await page.next())[0] == "ideas"
        lines = [await page.next() for _ in range(3)]
    assert [value["side"] for _, value, _ in lines] == ["bot", "learner", "bot"]
    assert [mark for _, _, mark in lines] == [str(value["id"]) for _, value, _ in lines]


async def test_a_browser_that_comes_back_gets_only_what_it_missed(live: Served) -> None:
    async with visitor(live) as (browser, mark):
        async with listen(browser, mark) as page:
            seen = [await page.until("line") for _ in range(3)]
        await live.post(browser, text="next")
        async with listen(browser, mark, headers={"Last-Event-ID": str(seen[-1][2])}) as page:
            missed = (await page.until("line"))[1]
    assert missed["side"] == "learner"
    assert missed["id"] > seen[-1][1]["id"]


async def test_a_line_arrives_as_soon_as_it_is_stored(live: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "SOON", 3600.0)
    monkeypatch.setattr(stream, "SELDOM", 3600.0)
    async with visitor(live) as (browser, mark), listen(browser, mark, after=3) as page:
        await page.until("ideas")
        posted = await live.post(browser, text="next")
        assert (await page.until("line"))[1]["side"] == "learner"
    # The answer brings them too: a stream may be open and yet bring nothing, and the page drops repeats.
    assert [line["side"] for line in posted.json()["lines"][-2:]] == ["learner", "bot"]


async def test_a_line_stored_by_another_process_is_found_by_looking(
    live: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "SOON", 0.02)
    monkeypatch.setattr(live.wakes, "wake", lambda learner_id: None)
    async with visitor(live) as (browser, mark), listen(browser, mark, after=3) as page:
        await page.until("ideas")
        await live.post(browser, text="next")
        assert (await page.until("line"))[1]["side"] == "learner"


async def test_the_words_around_follow_a_switch_of_language(live: Served) -> None:
    async with visitor(live) as (browser, mark), listen(browser, mark, after=3) as page:
        await page.until("language")
        await live.post(browser, data="g:es")
        _, words, _ = await page.until("language")
        assert words["code"] == "es"
        assert (await page.until("line"))[0] == "line"


async def test_every_open_page_of_a_talk_gets_the_lines(live: Served) -> None:
    async with (
        visitor(live) as (browser, mark),
        listen(browser, mark, after=3) as first,
        listen(browser, mark, after=3) as second,
    ):
        await live.post(browser, text="next")
        assert (await first.until("line"))[1] == (await second.until("line"))[1]


async def test_a_page_is_told_when_everything_was_deleted_elsewhere(live: Served) -> None:
    async with visitor(live) as (browser, mark), listen(browser, mark, after=3) as page:
        await live.post(browser, text="delete")
        await live.post(browser, data="c:erase")
        assert (await page.until("gone"))[0] == "gone"


async def test_a_page_of_another_talk_and_a_stranger_hear_nothing_of_this_one(live: Served) -> None:
    async with visitor(live) as (browser, mark), visitor(live) as (other, _):
        for who, whose in ((other, mark), (browser, "0" * 16)):
            async with listen(who, whose) as page:
                assert (await page.next())[0] == "gone"
        browser.cookies.clear()
        async with listen(browser, mark) as page:
            assert (await page.next())[0] == "gone"


@pytest.mark.parametrize("after", ["-1", "x", "1e3", "9" * 30, "1;2", "٣"])
async def test_an_odd_cursor_is_refused(site: Served, after: str) -> None:
    async with site.browser() as browser:
        assert (await browser.get("/chat/events", params={"after": after})).status_code == 400


async def test_one_browser_cannot_take_every_seat(live: Served) -> None:
    async with visitor(live) as (browser, mark):
        streams = [listen(browser, mark) for _ in range(8)]
        for one in streams:
            await one.__aenter__()
        refused = await browser.get("/chat/events", params={"talk": mark, "after": 0})
        assert refused.status_code == 503
        assert refused.headers["retry-after"]
        for one in streams:
            await one.__aexit__(None, None, None)


def test_a_seat_is_free_again_when_its_page_goes() -> None:
    seats = Seats(total=2, each=1)
    with seats.seat("a"):
        assert not seats.free("a")
        with seats.seat("b"):
            assert not seats.free("c")
        assert seats.free("c")
    assert seats.free("a")
    assert not seats.taken


async def test_a_server_that_stops_ends_every_stream(live: Served) -> None:
    async with visitor(live) as (browser, mark), listen(browser, mark, after=3) as page:
        await page.until("ideas")
        live.wakes.close()
        with pytest.raises(EOFError):
            await page.next()
        answer = await browser.get("/chat/events", params={"talk": mark, "after": 0})
    assert answer.status_code == 503


async def test_a_silent_stream_says_that_it_lives(live: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PING", 0.0)
    monkeypatch.setattr(stream, "SOON", 0.01)
    async with visitor(live) as (browser, mark), listen(browser, mark, after=3) as page:
        assert await page.until("ping") == ("ping", None, None)
