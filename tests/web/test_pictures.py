"""Pictures on the page: with the opening of a lesson, fetched once, never against the learner's wish."""

import re
from typing import Any

import pytest

from bot.cards.press import HEIGHT, WIDTH
from tests.web.served import Served

PICTURE = re.compile(r'<img class="picture" src="(/media/[0-9a-f]{32}\.png)" alt="([^"]+)"')
SAVING = {"Save-Data": "on"}


async def page(site: Served, **headers: str) -> str:
    async with site.browser(**headers) as browser:
        return (await browser.get("/chat")).text


async def test_the_opening_has_its_picture_with_words_for_those_who_do_not_see_it(site: Served) -> None:
    html = await page(site)
    ((source, alt),) = PICTURE.findall(html)
    assert alt.startswith("A balance.")
    assert f'width="{WIDTH}" height="{HEIGHT}" loading="lazy" decoding="async"' in html
    assert html.index(source) < html.index("Who has more votes?")


async def test_a_picture_is_handed_out_to_be_kept_for_ever(site: Served) -> None:
    ((source, _),) = PICTURE.findall(await page(site))
    async with site.browser() as browser:
        got, looked = await browser.get(source), await browser.head(source)
    assert got.content.startswith(b"\x89PNG")
    for answer in (got, looked):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["content-length"] == str(len(got.content))
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "name",
    ["", "secret.key", "../secret.key", "..%2fsecret.key", "%2e%2e/talks.sqlite3", "0" * 32 + ".png", "x" * 3000,
     "0" * 32 + ".png%00", "0" * 32 + ".PNG"],
)  # fmt: skip
async def test_nothing_else_is_reached_by_way_of_the_pictures(site: Served, name: str) -> None:
    site.album.folder.mkdir(exist_ok=True)
    (site.album.folder / "secret.key").write_text("secret")
    async with site.browser() as browser:
        answer = await browser.get(f"/media/{name}")
    assert answer.status_code == 404
    assert b"secret" not in answer.content


async def test_a_browser_that_saves_data_gets_words_only(site: Served) -> None:
    assert PICTURE.findall(await page(site, **SAVING)) == []


async def test_the_lines_of_the_talk_carry_the_picture_too(site: Served) -> None:
    async with site.browser() as browser:
        lines = (await site.start(browser)).json()["lines"]
        assert [bool(line["picture"]) for line in lines] == [True, False, False]
        opening = lines[0]["picture"]
        assert opening["src"] == f"/media/{site.album.name('tour/people-first', 'en')}"
        assert PICTURE.findall((await browser.get("/chat")).text) == [(opening["src"], opening["alt"])]


async def pictures(site: Served, browser: Any) -> int:
    return len(PICTURE.findall((await browser.get("/chat")).text))


async def test_light_mode_takes_all_pictures_off_the_page_and_brings_them_back(site: Served) -> None:
    async with site.browser() as browser:
        await site.start(browser)
        assert await pictures(site, browser) == 1
        answer = (await site.post(browser, text="light")).json()
        assert "no more pictures" in str(answer["lines"])
        assert await pictures(site, browser) == 0
        await site.post(browser, text="LIGHT")
        assert await pictures(site, browser) == 1


async def test_what_the_learner_has_said_beats_what_their_browser_asks(site: Served) -> None:
    async with site.browser(**SAVING) as browser:
        lines = (await site.start(browser)).json()["lines"]
        assert [line["picture"] for line in lines] == [None] * len(lines)
        assert await pictures(site, browser) == 0
        await site.post(browser, text="light")
        assert await pictures(site, browser) == 0
        await site.post(browser, text="light")
        assert await pictures(site, browser) == 1


async def test_a_picture_that_no_lesson_has_any_more_leaves_its_words(site: Served) -> None:
    async with site.browser() as browser:
        await site.start(browser)
        site.album._names.clear()
        html = (await browser.get("/chat")).text
    assert PICTURE.findall(html) == []
    assert "Who has more votes?" in html
