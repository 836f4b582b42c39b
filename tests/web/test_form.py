"""The page without its script: a form that comes back as the page anew, with everything a learner needs."""

import re
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import expect

from bot.errors import Unavailable
from tests.web.pages import NOW, page_of
from tests.web.served import Served

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def hidden(page: str) -> dict[str, str]:
    """What the page's form would send besides what is tapped or typed."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)"(?: value="([^"]*)")?>', page))


async def opened(browser: httpx.AsyncClient, path: str = "/chat") -> str:
    return (await browser.get(path)).text


async def sent(browser: httpx.AsyncClient, page: str, path: str = "/chat", **said: str) -> httpx.Response:
    """The form of this page, and the page that its browser shows then."""
    return await browser.post(path, data=hidden(page) | said, follow_redirects=True)


def told(answer: httpx.Response) -> str:
    """The word above the field."""
    return re.findall(r'<p id="note"[^>]*>([^<]*)</p>', answer.text)[0]


def field(answer: httpx.Response) -> str:
    return re.findall(r"<textarea[^>]*>([^<]*)</textarea>", answer.text)[0]


# ── As a learner sees it ──────────────────────────────────────────────────────────────────────────────────
async def test_the_first_minutes_need_no_script(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live, java_script_enabled=False) as page:
        await page.locator('[value="q:1-ravi"]').click()
        await expect(page.locator("#talk > .learner")).to_have_count(1)
        assert urlsplit(page.url).fragment == "now"
        await page.locator(f'{NOW} [value="n:2"]').click()
        await page.locator("#words").fill("next")
        await page.locator("#send").click()
        await expect(page.locator("#talk > .learner")).to_have_count(3)
        await page.locator("#tongues summary").click()
        await page.locator("#tongues button[lang=fr]").click()
        await expect(page.locator("html")).to_have_attribute("lang", "fr")
        await expect(page.locator(NOW)).to_have_attribute("lang", "fr")


async def test_a_tap_before_the_script_has_come_is_not_lost(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live) as page:
        await page.route("**/static/chat*.js", lambda route: route.abort())
        await page.goto(live.settings.public_url + "/chat")
        await page.unroute("**/static/chat*.js")
        await page.locator('[value="q:1-ravi"]').click()
        await expect(page.locator("#talk > .learner")).to_have_count(1)
        await page.locator(f'{NOW} [value="n:2"]').click()  # by the script, which is here now
        await expect(page.locator("#talk > .learner")).to_have_count(2)
        assert urlsplit(page.url).fragment == "now"
        assert await page.evaluate("performance.getEntriesByType('navigation').length") == 1


# ── What comes of it ──────────────────────────────────────────────────────────────────────────────────────
async def test_the_campaign_and_the_language_of_the_link_count(site: Served) -> None:
    async with site.browser() as browser:
        link = "/chat?c=poster&lang=fr"
        answer = await sent(browser, await opened(browser, link), link, data="q:1-ravi")
    assert '<html lang="fr"' in answer.text
    learner = await site.store.learner("learner-1")
    assert learner is not None
    assert (learner.campaign, learner.language) == ("poster", "fr")


async def test_the_same_form_twice_is_one_answer(site: Served) -> None:
    async with site.browser() as browser:
        page = await opened(browser)
        first = await sent(browser, page, data="q:1-ravi")
        again = await sent(browser, page, data="q:1-ravi")  # the page of before: its talk was not yet begun
        assert again.text.count('class="line learner') == first.text.count('class="line learner') == 1
        twice = [await sent(browser, first.text, text="next") for _ in range(2)]
        assert [answer.text.count('class="line learner') for answer in twice] == [2, 2]


async def test_words_beside_a_tap_stay_in_the_field(site: Served) -> None:
    async with site.browser() as browser:
        page = (await sent(browser, await opened(browser), data="q:1-ravi")).text
        answer = await sent(browser, page, data="c:menu", text="half a thou")
    assert answer.text.count("<article") > page.count("<article")
    assert field(answer) == "half a thou"


async def test_nothing_typed_is_nothing_said(site: Served) -> None:
    async with site.browser() as browser:
        answer = await sent(browser, await opened(browser), text="  \r\n ")
    assert answer.status_code == 200
    assert await site.rows() == {}


async def test_too_many_words_come_back_to_be_made_shorter(site: Served) -> None:
    async with site.browser() as browser:
        page = (await sent(browser, await opened(browser), data="q:1-ravi")).text
        answer = await sent(browser, page, text="é" * 2001)
        assert answer.status_code == 413
        assert "2,000" in told(answer)
        assert field(answer) == "é" * 2001
        assert (await sent(browser, page, text="é" * 70_000)).status_code == 413
        assert (await sent(browser, page, text="é" * 2000)).text.count('class="line learner') == 2


async def test_whoever_is_too_quick_is_asked_to_try_again(site: Served) -> None:
    async with site.browser() as browser:
        page = (await sent(browser, await opened(browser), data="q:1-ravi")).text
        answers = [await sent(browser, page, text=f"hello {n}") for n in range(80)]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert "once more" in told(refused)
    assert field(refused).startswith("hello ")
    assert int(refused.headers["retry-after"]) >= 1


async def test_a_database_that_cannot_write_loses_no_words(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async with site.browser() as browser:
        page = (await sent(browser, await opened(browser), data="q:1-ravi")).text

        async def full(event: object) -> None:
            raise Unavailable("disk full")

        monkeypatch.setattr(site.service, "handle", full)
        answer = await sent(browser, page, text="my long answer")
    assert (answer.status_code, field(answer)) == (503, "my long answer")
    assert "once more" in told(answer)


async def test_what_is_deleted_is_gone_and_the_last_words_are_read(site: Served) -> None:
    async with site.browser() as browser:
        page = (await sent(browser, await opened(browser), data="q:1-ravi")).text
        page = (await sent(browser, page, text="delete")).text
        last = await sent(browser, page, data="c:erase")
        assert last.text.count("<article") == 1
        assert hidden(last.text)["talk"] == ""
        assert not browser.cookies
        assert set(await site.rows()) == {"counters", "inbox"}  # of the inbox ids alone
        begun = await sent(browser, last.text, data="c:start", text="half a thou")
        assert hidden(begun.text)["talk"]


async def test_where_no_cookie_is_kept_the_page_says_so(site: Served) -> None:
    async with site.browser() as browser:
        page = await opened(browser)
        begun = await browser.post("/chat", data=hidden(page) | {"data": "q:1-ravi"})
        browser.cookies.clear()
        assert "cookie" in told(await browser.get(begun.headers["location"]))
        site.clock.wait(minutes=5)
        assert told(await browser.get(begun.headers["location"])) == ""
    for odd in ("", "x", "-1", "9" * 400, "١٢", "1" * 10):
        async with site.browser() as browser:
            assert told(await browser.get("/chat", params={"said": odd})) == ""


# ── Whose page it is ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Referer": "https://elsewhere.example/chat"},
        {"Referer": "http://[/"},
        {"Referer": ""},
        {},
    ],
)
async def test_a_form_on_another_page_begins_nothing_and_takes_no_talk_away(
    site: Served, headers: dict[str, str]
) -> None:
    async with site.browser() as browser:
        page = await opened(browser)
        del browser.headers["Origin"]
        answer = await browser.post("/chat", data=hidden(page) | {"data": "q:1-ravi"}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert await site.rows() == {}


async def test_an_old_browser_names_the_page_instead_of_an_origin(site: Served) -> None:
    async with site.browser() as browser:
        page = await opened(browser)
        del browser.headers["Origin"]
        browser.headers["Referer"] = f"{site.settings.public_url}/chat?c=poster"
        answer = await sent(browser, page, data="q:1-ravi")
    assert answer.text.count('class="line learner') == 1


async def test_a_form_of_another_talk_shows_what_is_so_now(site: Served) -> None:
    async with site.browser() as browser, site.browser() as other:
        mine = (await sent(browser, await opened(browser), data="q:1-ravi")).text
        theirs = (await sent(other, await opened(other), data="q:1-amina")).text
        answer = await sent(other, mine, text="into whose talk?")
        assert field(answer) == "into whose talk?"
        assert hidden(answer.text)["talk"] == hidden(theirs)["talk"] != hidden(mine)["talk"]
        assert answer.text.count('class="line learner') == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"page=0123456789abcdef&data=q%3A1-ravi&data=q%3A1-amina", 400),
        (b"page=0123456789abcdef&data=DROP%20TABLE", 400),
        (b"page=short&data=q%3A1-ravi", 400),
        (b"page=0123456789abcdef&text=%FF%FE", 400),
        (b"page=0123456789abcdef&text=\xff", 400),
        (b"&".join(b"f%d=x" % n for n in range(40)), 400),
        (b"text=" + b"a" * 70_000, 413),
    ],
)
async def test_an_odd_form_is_refused_and_leaves_no_trace(site: Served, body: bytes, status: int) -> None:
    async with site.browser() as browser:
        answer = await browser.post("/chat", content=body, headers=FORM)
        assert answer.status_code == status
        assert told(answer)
        for kind in ("multipart/form-data; boundary=x", "text/plain", "application/json"):
            assert (await browser.post("/chat", content=b"x", headers={"Content-Type": kind})).status_code == 415
    assert await site.rows() == {}
