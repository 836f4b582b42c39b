"""What a page posts: stored once, answered after it is stored, refused without a trace."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from bot.engine.events import Event
from bot.errors import Unavailable
from tests.web.served import Served, served

JSON = {"Content-Type": "application/json"}


async def talk(site: Served, browser: httpx.AsyncClient) -> list[tuple[str, str]]:
    """Both sides as kept: who, and the first words."""
    learner = await site.store.learner_at(cookie_address(browser))
    assert learner is not None
    lines = await site.store.chat_lines(learner)
    return [(line.side, str(line.body.get("text") or line.body.get("body"))[:20]) for line in lines]


def cookie_address(browser: httpx.AsyncClient) -> Any:
    from bot.web.cookie import address

    return address(browser.cookies["talk"])


async def test_the_first_tap_keeps_both_sides_once_and_in_order(site: Served) -> None:
    async with site.browser() as browser:
        answer = await site.start(browser)
        assert answer.status_code == 200
        assert [side for side, _ in await talk(site, browser)] == ["bot", "learner", "bot"]
        assert (await talk(site, browser))[1] == ("learner", "Ravi")


async def test_the_first_words_may_be_typed(site: Served) -> None:
    async with site.browser() as browser:
        await site.post(browser, text="both the same", start={})
        assert (await talk(site, browser))[1] == ("learner", "both the same")
        assert len(await talk(site, browser)) == 3


async def test_a_greeting_under_the_opening_begins_the_talk_in_its_own_language(site: Served) -> None:
    async with site.browser() as browser:
        answer = await site.post(browser, text="Hola!", start={}, language="en")
        lines = answer.json()["lines"]
    assert [line["side"] for line in lines] == ["learner", "bot"]
    assert lines[1]["lang"] == "es"


@pytest.mark.parametrize(
    ("first", "language"), [("¡Buenos días!", "es"), ("EMPEZAR", "es"), ("français", "fr"), ("ayuda", "es")]
)
async def test_other_first_words_tell_the_language_too(site: Served, first: str, language: str) -> None:
    async with site.browser() as browser:
        answer = await site.post(browser, text=first, start={}, language="en")
        lines = answer.json()["lines"]
    assert [line["side"] for line in lines] == ["learner", "bot"]
    assert lines[1]["lang"] == language


async def campaign_of(site: Served, browser: httpx.AsyncClient) -> str | None:
    learner = str(await site.store.learner_at(cookie_address(browser)))
    async with site.store.read() as reading:
        return (await reading.learners([learner]))[learner].campaign


async def test_a_greeting_typed_on_a_partner_s_link_counts_for_the_partner(site: Served) -> None:
    async with site.browser() as browser:
        answer = await site.post(browser, text="Hola!", start={"campaign": "poster"}, language="en")
        assert await campaign_of(site, browser) == "poster"
    lines = answer.json()["lines"]
    assert [line["side"] for line in lines] == ["bot", "learner", "bot"]
    assert {line["lang"] for line in lines if line["side"] == "bot"} == {"es"}


async def test_a_greeting_on_a_link_of_nobody_is_still_only_a_greeting(site: Served) -> None:
    async with site.browser() as browser:
        answer = await site.post(browser, text="Hola!", start={"campaign": "nowhere"}, language="en")
        assert await campaign_of(site, browser) is None
    assert [line["side"] for line in answer.json()["lines"]] == ["learner", "bot"]


async def test_the_answer_brings_the_new_lines_where_no_stream_does(site: Served) -> None:
    async with site.browser() as browser:
        lines = (await site.start(browser)).json()["lines"]
        assert [line["side"] for line in lines] == ["bot", "learner", "bot"]
        more = (await site.post(browser, text="next", after=lines[-1]["id"])).json()["lines"]
    assert [line["side"] for line in more] == ["learner", "bot"]
    assert more[0]["id"] > lines[-1]["id"]


async def test_the_same_post_twenty_times_at_once_has_one_effect(site: Served) -> None:
    async with site.browser() as browser:
        await site.start(browser)
        before = len(await talk(site, browser))
        posts = [browser.post("/chat/say", json={"id": "a-post-sent-again", "text": "next"}) for _ in range(20)]
        answers = await asyncio.gather(*posts)
        assert {answer.status_code for answer in answers} == {200}
        assert len(await talk(site, browser)) == before + 2


async def test_a_first_post_whose_answer_was_lost_finds_its_talk_again(site: Served) -> None:
    first = {"id": "the-very-first-post", "data": "q:1-ravi", "start": {}}
    async with site.browser() as lost, site.browser() as again:
        await lost.post("/chat/say", json=first)
        await again.post("/chat/say", json=first)
        assert again.cookies["talk"] == lost.cookies["talk"]
        assert len(await talk(site, again)) == 3
    assert (await site.rows())["learners"] == 1


async def test_copies_of_a_first_post_at_once_begin_one_talk(site: Served) -> None:
    first = {"id": "the-very-first-post", "data": "q:1-ravi", "start": {}}
    async with AsyncExitStack() as open_:
        browsers = [await open_.enter_async_context(site.browser()) for _ in range(8)]
        answers = await asyncio.gather(*(browser.post("/chat/say", json=first) for browser in browsers))
        assert {answer.status_code for answer in answers} == {200}
        assert len({browser.cookies["talk"] for browser in browsers}) == 1
        assert len({answer.json()["talk"] for answer in answers}) == 1
        assert [side for side, _ in await talk(site, browsers[0])] == ["bot", "learner", "bot"]
    assert (await site.rows())["learners"] == 1


async def test_copies_of_a_post_with_the_cookie_of_a_talk_that_is_gone_begin_one_talk(site: Served) -> None:
    async with site.browser() as browser:
        await site.start(browser)
        site.clock.wait(hours=25)
        await site.store.purge_guests(site.clock())
        posts = [browser.post("/chat/say", json={"id": "a-post-after-a-day", "text": "hello"}) for _ in range(8)]
        assert {answer.status_code for answer in await asyncio.gather(*posts)} == {200}
    assert (await site.rows())["learners"] == 1


async def test_a_copy_begins_the_talk_where_the_first_could_not(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    handle, refusals = site.service.handle, iter([Unavailable("The database is away.", "Wait.")])

    async def at_first_down(event: Event) -> Any:
        for trouble in refusals:
            raise trouble
        return await handle(event)

    monkeypatch.setattr(site.service, "handle", at_first_down)
    first = {"id": "the-very-first-post", "data": "q:1-ravi", "start": {}}
    async with site.browser() as one, site.browser() as other:
        answers = await asyncio.gather(*(browser.post("/chat/say", json=first) for browser in (one, other)))
    assert sorted(answer.status_code for answer in answers) == [200, 503]
    assert (await site.rows())["learners"] == 1


async def test_different_first_posts_at_once_begin_a_talk_each(site: Served) -> None:
    async with AsyncExitStack() as open_:
        browsers = [await open_.enter_async_context(site.browser()) for _ in range(8)]
        await asyncio.gather(*(site.start(browser) for browser in browsers))
        assert len({browser.cookies["talk"] for browser in browsers}) == 8
    assert (await site.rows())["learners"] == 8


async def test_a_tap_on_a_first_page_left_open_does_not_start_anew(site: Served) -> None:
    async with site.browser() as browser:
        await site.start(browser)
        await site.start(browser, data="q:1-amina")
        assert (await site.rows())["learners"] == 1
        assert len(await talk(site, browser)) == 4


async def test_a_campaign_counts_only_when_it_is_known(site: Served) -> None:
    for campaign in ("poster", "nowhere", "<b>", 7, None):
        async with site.browser() as browser:
            assert (await site.start(browser, campaign=campaign)).status_code == 200
            learner = await site.store.learner_at(cookie_address(browser))
            async with site.store.read() as reading:
                known = (await reading.learners([str(learner)]))[str(learner)]
        assert known.campaign == ("poster" if campaign == "poster" else None)


async def test_the_zone_of_the_browser_is_kept_when_there_is_such_a_zone(site: Served) -> None:
    for zone, kept in (("America/Lima", "America/Lima"), ("Mars/Olympus", None), (["x"], None)):
        async with site.browser() as browser:
            await site.post(browser, data="q:1-ravi", start={}, zone=zone)
            learner = str(await site.store.learner_at(cookie_address(browser)))
            async with site.store.read() as reading:
                assert (await reading.learners([learner]))[learner].zone == kept


async def test_the_talk_begins_in_the_language_of_the_page(site: Served) -> None:
    async with site.browser() as browser:
        answer = await site.post(browser, data="q:1-ravi", start={}, language="fr")
    assert {line["lang"] for line in answer.json()["lines"] if line["side"] == "bot"} == {"fr"}


async def test_the_cookie_is_for_this_host_only_and_hidden_from_scripts(site: Served) -> None:
    async with site.browser() as browser:
        cookie = (await site.start(browser)).headers["set-cookie"].lower()
    assert cookie.startswith("talk=")
    for part in ("httponly", "samesite=lax", "path=/", "max-age=2592000"):
        assert part in cookie
    assert "domain" not in cookie


async def test_behind_https_the_cookie_is_bound_to_it(tmp_path: Any) -> None:
    async with served(tmp_path, public_url="https://learn.example.org") as site, site.browser() as browser:
        answer = await site.start(browser)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-talk=")
    assert "Secure" in cookie
    assert answer.headers["strict-transport-security"]


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "", "http://127.0.0.1:9999", "http://127.0.0.1:8000.evil.example", "file://"],
)
async def test_other_pages_cannot_post(site: Served, origin: str) -> None:
    async with site.browser(Origin=origin) as browser:
        assert (await site.start(browser)).status_code == 403
    assert await site.rows() == {}


async def test_a_post_without_origin_or_with_two_is_refused(site: Served) -> None:
    async with site.browser() as browser:
        del browser.headers["Origin"]
        assert (await site.start(browser)).status_code == 403
        twice = [("Origin", site.settings.public_url), ("Origin", "https://evil.example")]
        assert (await browser.post("/chat/say", json={}, headers=twice)).status_code == 403


async def test_on_this_machine_any_of_its_names_and_ports_is_our_own(site: Served) -> None:
    async with site.browser(Origin="http://localhost:8123", Host="localhost:8123") as browser:
        assert (await site.start(browser)).status_code == 200
    async with site.browser(Origin="http://evil.example:8000", Host="evil.example:8000") as browser:
        assert (await site.start(browser)).status_code == 403


ID = "0123456789abcdef"
ODD: list[tuple[bytes, int]] = [
    (b"", 400),
    (b"{", 400),
    (b"[]", 400),
    (b"null", 400),
    (b'"text"', 400),
    (b"[" * 4000, 400),
    (b'{"id": "0123456789abcdef"}', 400),
    (b'{"id": "0123456789abcdef", "text": "a", "data": "q:1"}', 400),
    (b'{"id": "0123456789abcdef", "text": 7}', 400),
    (b'{"id": "0123456789abcdef", "text": ["a"]}', 400),
    (b'{"id": "0123456789abcdef", "text": "   "}', 400),
    (b'{"id": "0123456789abcdef", "text": "\\u0000\\u0007"}', 400),
    (b'{"id": "0123456789abcdef", "text": "\\ud800"}', 400),
    (b'{"id": "0123456789abcdef", "text": NaN}', 400),
    (b'{"id": "0123456789abcdef", "text": "a", "after": -1}', 400),
    (b'{"id": "0123456789abcdef", "text": "a", "after": true}', 400),
    (b'{"id": "0123456789abcdef", "text": "a", "after": 99999999999999999999}', 400),
    (b'{"id": "0123456789abcdef", "text": "a", "start": []}', 400),
    (b'{"id": "0123456789abcdef", "text": "a", "language": "EN; drop"}', 400),
    (b'{"id": "short", "text": "a"}', 400),
    (b'{"id": "0123456789abcdef/../x", "text": "a"}', 400),
    (b'{"text": "a"}', 400),
    (b'{"id": "0123456789abcdef", "data": "learners/17"}', 400),
    (b'{"id": "0123456789abcdef", "data": "q:1-a\\n"}', 400),
    (b'{"id": "0123456789abcdef", "data": "' + b"q" * 90 + b'"}', 400),
    (b"\xff\xfe{\x00}\x00", 400),
    (b'{"id": "0123456789abcdef", "text": "' + b"a" * 9000 + b'"}', 413),
    (b"9" * 5000, 400),
]


@pytest.mark.parametrize(("body", "status"), ODD)
async def test_what_is_odd_is_refused_and_leaves_nothing(site: Served, body: bytes, status: int) -> None:
    async with site.browser() as browser:
        answer = await browser.post("/chat/say", content=body, headers=JSON)
    assert answer.status_code == status
    assert answer.json() == {"status": status}
    assert await site.rows() == {}


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
async def test_only_plain_json_is_read(site: Served, headers: dict[str, str]) -> None:
    async with site.browser() as browser:
        answer = await browser.post("/chat/say", content=b'{"id": "0123456789abcdef", "text": "a"}', headers=headers)
    assert answer.status_code == 415


async def test_a_body_without_end_is_cut_off(site: Served) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while sent < 64 * 1024 * 1024:
            sent += 4096
            yield b"a" * 4096

    async with site.browser() as browser:
        answer = await browser.post("/chat/say", content=endless(), headers=JSON)
    assert answer.status_code == 413
    assert sent <= 4 * 4096


async def test_a_browser_that_hangs_up_while_it_posts_is_no_mishap_of_ours(site: Served) -> None:
    pieces = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])
    headers = [(b"origin", b"http://127.0.0.1:8000"), (b"content-type", b"application/json")]
    told: list[Any] = []

    async def receive() -> Any:
        return next(pieces)

    async def send(message: Any) -> None:
        told.append(message)

    scope = {"type": "http", "method": "POST", "path": "/chat/say", "query_string": b"", "headers": headers}
    await site.app(scope, receive, send)
    assert told[0]["status"] == 400


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/chat/say"), ("PUT", "/chat/say"), ("PUT", "/chat"), ("DELETE", "/chat/mydata")]
)
async def test_other_methods_are_refused(site: Served, method: str, path: str) -> None:
    async with site.browser() as browser:
        assert (await browser.request(method, path)).status_code == 405


async def test_control_characters_are_taken_out_and_words_stay(site: Served) -> None:
    async with site.browser() as browser:
        await site.start(browser)
        await site.post(browser, text=" \x00un \x1b[31mdía\x07 عيد\u202e ")
        assert (await talk(site, browser))[-2] == ("learner", "un [31mdía عيد\u202e")


async def test_one_talk_may_write_fast_but_not_without_end(site: Served) -> None:
    async with site.browser() as browser:
        await site.start(browser)
        codes = [(await site.post(browser, text="next")).status_code for _ in range(21)]
        assert codes == [200] * 20 + [429]
        refused = await site.post(browser, text="next")
        assert int(refused.headers["retry-after"]) >= 1
        site.clock.wait(seconds=1)
        assert (await site.post(browser, text="next")).status_code == 200


async def begin(site: Served, peer: str, **headers: str) -> int:
    async with site.browser((peer, 40_000), **headers) as browser:
        return (await site.start(browser)).status_code


async def test_a_school_may_come_all_at_once_but_a_flood_may_not(site: Served) -> None:
    assert [await begin(site, "198.51.100.7") for _ in range(301)] == [200] * 300 + [429]
    assert await begin(site, "198.51.100.8") == 200
    site.clock.wait(seconds=1)
    assert await begin(site, "198.51.100.7") == 200


async def test_deleting_everything_ends_with_last_words_and_without_a_cookie(site: Served) -> None:
    async with site.browser() as browser:
        await site.start(browser)
        await site.post(browser, text="delete")
        answer = await site.post(browser, data="c:erase")
        assert answer.json()["erased"] is True
        assert answer.json()["lines"][0]["side"] == "bot"
        assert "talk" not in browser.cookies
    left = await site.rows()
    assert not {"learners", "chat_lines", "answers", "consents"} & left.keys()


async def test_a_guest_who_is_gone_after_a_day_starts_afresh_and_kindly(site: Served) -> None:
    async with site.browser() as browser:
        await site.start(browser)
        site.clock.wait(hours=25)
        await site.store.purge_guests(site.clock())
        assert 'data-mark=""' in (await browser.get("/chat")).text
        answer = await site.post(browser, text="hello again", after=3)
        assert answer.status_code == 200
        assert [side for side, _ in await talk(site, browser)] == ["learner", "bot"]


async def test_the_data_at_home_is_everything_and_only_one_s_own(site: Served) -> None:
    async with site.browser() as browser, site.browser() as other:
        await site.start(browser)
        await site.post(browser, text="a word only I wrote")
        await site.start(other)
        mine = await browser.get("/chat/mydata")
        assert mine.headers["content-disposition"].startswith("attachment")
        assert "a word only I wrote" in mine.text
        assert browser.cookies["talk"] not in mine.text
        assert "a word only I wrote" not in (await other.get("/chat/mydata")).text
    async with site.browser() as stranger:
        assert (await stranger.get("/chat/mydata")).status_code == 404


async def test_a_database_that_is_down_asks_to_come_again(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async def down(event: object) -> None:
        raise Unavailable("The database cannot be reached.")

    monkeypatch.setattr(site.service, "handle", down)
    async with site.browser() as browser:
        answer = await site.start(browser)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert answer.json() == {"status": 503}


async def test_a_bug_shows_no_trace(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(event: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(site.service, "handle", broken)
    async with site.browser() as browser:
        answer = await site.start(browser)
    assert answer.status_code == 500
    assert answer.json() == {"status": 500}
    assert answer.headers["x-content-type-options"] == "nosniff"
