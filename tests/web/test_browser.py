"""The chat in a real browser: a whole lesson, by finger and by keyboard, on a small phone and a desk."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.web.pages import (
    DESKTOP,
    NOW,
    PHONE,
    barriers,
    messages,
    next_message,
    page_of,
    take_lesson,
    talk,
    tap,
    wanted,
    write,
)
from tests.web.served import Served, listening, with_arabic

HOSTILE = (
    "<script>window.hacked=1</script>",
    "<img src=x onerror='window.hacked=1'>",
    '"><svg/onload=window.hacked=1>',
    "javascript:window.hacked=1",
    'https://example.org/"onmouseover="window.hacked=1',
    "*<b onclick=window.hacked=1>bold</b>*",
    "{{7*7}} ${window.hacked=1} </article></main>",
    "\u202e\u2066 reversed \u2069",
)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["320px", "desktop"])
async def test_a_whole_lesson_and_both_sides_survive_a_reload(chromium: Any, live: Served, size: Any) -> None:
    async with page_of(chromium, live, viewport=size) as page:
        taps = await take_lesson(page)
        assert await page.locator("#talk > .learner").count() == taps
        assert await messages(page) == taps + 1
        assert await page.locator("#talk > .bot:not(.old)").count() == 1
        await expect(page.locator("#ideas")).to_contain_text("1")
        before = await talk(page)
        await page.reload()
        assert await talk(page) == before
        await tap(page, page.locator(f'{NOW} [value="c:next-lesson"]'))


async def test_nothing_is_wider_than_a_small_phone_and_every_button_fits_a_thumb(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live, reduced_motion="reduce") as page:
        for _ in range(20):
            assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
            assert await small_buttons(page) == []
            button = await wanted(page)
            if button is None:
                break
            await tap(page, button)
        await write(page, "menu")
        assert await small_buttons(page) == []


async def small_buttons(page: Page) -> list[str]:
    """Whatever can be tapped and is smaller than 44 by 44."""
    found: list[str] = await page.evaluate(
        """() => [...document.querySelectorAll('button, summary, .bot a')]
            .map((node) => [node.getBoundingClientRect(), node.outerHTML])
            .filter(([box]) => box.height > 0 && (box.height < 43.9 || box.width < 43.9)).map(([, html]) => html)"""
    )
    return found


@pytest.mark.parametrize("words", ["menu", "lessons"])
async def test_a_choice_and_its_second_line_share_the_width(chromium: Any, live: Served, words: str) -> None:
    async with page_of(chromium, live, reduced_motion="reduce") as page:
        await tap(page, page.locator('[value="q:1-ravi"]'))
        await write(page, words)
        assert await page.locator(f"{NOW} .detail").count() >= 3
        assert await page.evaluate(
            f"""() => [...document.querySelectorAll('{NOW} .main')]
                .map((button) => [button.innerText, button.getBoundingClientRect().height])
                .filter(([, height]) => height > 110)"""
        ) == []  # fmt: skip


async def test_a_lesson_by_keyboard_alone(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live, viewport=DESKTOP) as page:
        await page.keyboard.press("Tab")
        await expect(page.locator(".skip")).to_be_focused()
        for _ in range(4):
            await page.keyboard.press("Tab")
            if await focused_tap(page):
                break
        while not str(await focused_tap(page)).startswith("q:1-"):
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await next_message(page, 1)
        for words in ("next", "next", "next", "1", "2"):
            await page.keyboard.press("Control+End")
            await page.locator("#words").focus()
            before = await messages(page)
            await page.keyboard.type(words)
            await page.keyboard.press("Enter")
            await next_message(page, before)
        assert await page.locator(f"{NOW} .letters .letter").count() == 3


async def focused_tap(page: Page) -> str:
    return str(await page.evaluate("document.activeElement.value ?? ''"))


async def test_a_tapped_button_keeps_the_focus_so_that_tab_leads_on(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live, viewport=DESKTOP) as page:
        first = page.locator('[value="q:1-ravi"]')
        await first.focus()
        await page.keyboard.press("Enter")
        await next_message(page, 1)
        await expect(first).to_be_focused()


async def test_the_language_list_opens_and_closes_by_keyboard(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live) as page:
        summary = page.locator("#tongues summary")
        await summary.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#tongues a").first).to_be_visible()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Escape")
        await expect(page.locator("#tongues a").first).to_be_hidden()
        await expect(summary).to_be_focused()


async def test_hostile_words_never_become_code(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live, "/chat?c=%3Cscript%3Ewindow.hacked%3D1%3C/script%3E#<img src=x>") as page:
        await tap(page, page.locator('[value="q:1-ravi"]'))
        for text in HOSTILE:
            await write(page, text)
        await page.reload()
        assert await page.evaluate("window.hacked === undefined")
        assert await page.locator("#talk script, #talk img:not(.picture), #talk svg, #talk b").count() == 0
        said = await page.locator("#talk > .learner .said").all_inner_texts()
        assert said[1:4] == [text.strip() for text in HOSTILE[:3]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_stands_in_anybody_s_way(chromium: Any, live: Served, scheme: Any) -> None:
    async with page_of(chromium, live, color_scheme=scheme) as page:
        assert await barriers(page) == []
        for _ in range(20):
            button = await wanted(page)
            if button is None:
                break
            await tap(page, button)
            if await page.locator(f"{NOW} .letters").count():
                assert await barriers(page) == []
        await write(page, "menu")
        await page.locator("#tongues summary").click()
        assert await barriers(page) == []


async def test_a_screen_reader_hears_the_letter_and_the_words_of_an_option(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live) as page:
        while not await page.locator(f"{NOW} .letters").count():
            button = await wanted(page)
            assert button is not None
            await tap(page, button)
        option = page.locator(f"{NOW} .letters .main").first
        label = await option.locator(".label").inner_text()
        await expect(page.get_by_role("log").get_by_role("button", name=f"A {label}")).to_be_visible()
        await expect(page.get_by_role("log")).to_have_attribute("aria-label", "Our talk")


async def test_without_a_connection_words_wait_and_go_out_once(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live, locale="es-ES") as page:
        await tap(page, page.locator('[value="q:1-ravi"]'))
        await page.context.set_offline(True)
        await page.locator("#words").fill("siguiente")
        await page.keyboard.press("Enter")
        await expect(page.locator("#note")).not_to_be_empty()
        await expect(page.locator("#waiting .said")).to_have_text("siguiente")
        before = await messages(page)
        await page.context.set_offline(False)
        await next_message(page, before)
        await expect(page.locator("#talk > .learner")).to_have_count(2)
        await expect(page.locator("#waiting .said")).to_have_count(0)


async def test_unsent_words_survive_a_reload(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live) as page:
        await tap(page, page.locator('[value="q:1-ravi"]'))
        await page.route("**/chat/say", lambda route: route.abort())
        await page.locator("#words").fill("next")
        await page.keyboard.press("Enter")
        await expect(page.locator("#note")).not_to_be_empty()
        await page.unroute("**/chat/say")
        before = await messages(page)
        await page.reload()
        await next_message(page, before)
        await expect(page.locator("#talk > .learner").last).to_contain_text("next")


async def test_a_page_whose_line_was_cut_catches_up_by_itself(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live) as page:
        await tap(page, page.locator('[value="q:1-ravi"]'))
        await expect(page.locator("#note")).to_be_empty()
        await cut(live)
        kept = (await page.context.cookies())[0]
        headers = {"Origin": live.settings.public_url, "Cookie": f"{kept['name']}={kept['value']}"}
        async with httpx.AsyncClient(base_url=live.settings.public_url, headers=headers) as elsewhere:
            assert (await live.post(elsewhere, text="next")).status_code == 200
        await expect(page.locator("#talk > .bot")).to_have_count(3)
        await expect(page.locator("#talk > .learner")).to_have_count(2)
        await expect(page.locator("#note")).to_be_empty()


async def cut(live: Served) -> None:
    """Every stream ends, as in a restart; whoever comes back is welcome again."""
    while not live.wakes.listening("learner-1"):  # noqa: ASYNC110  # only looking tells
        await asyncio.sleep(0)
    live.wakes.close()
    while live.wakes.listening("learner-1"):  # noqa: ASYNC110
        await asyncio.sleep(0)
    live.wakes.closed = False


async def test_two_windows_show_the_same_talk(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live) as page:
        await tap(page, page.locator('[value="q:1-ravi"]'))
        other = await page.context.new_page()
        await other.goto(live.settings.public_url + "/chat")
        assert await talk(other) == await talk(page)
        await write(page, "next")
        await expect(other.locator("#talk > .bot")).to_have_count(3)


async def test_the_words_around_the_talk_follow_a_switch_of_language(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live, viewport=DESKTOP) as page:
        await tap(page, page.locator('[value="q:1-ravi"]'))
        english = await page.locator("#words").get_attribute("placeholder")
        await page.locator("#tongues summary").click()
        await tap(page, page.locator("#tongues a[lang=fr]"))
        await expect(page.locator("html")).to_have_attribute("lang", "fr")
        await expect(page.locator("#tongue")).to_have_text("Français")
        await expect(page.locator("#tongues a[lang=fr]")).to_have_attribute("aria-current", "true")
        assert english
        assert await page.locator(f"{NOW}[lang=fr]").count() == 1


async def test_before_the_first_tap_a_language_is_only_another_page(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live, "/chat?c=poster") as page:
        await page.locator('.beside [value="g:fr"]').click()
        await page.wait_for_url("**lang=fr**")
        await expect(page.locator("html")).to_have_attribute("lang", "fr")
        assert "c=poster" in page.url
        assert await live.rows() == {}
        await tap(page, page.locator('[value="q:1-ravi"]'))
        assert await page.locator(f"{NOW}[lang=fr]").count() == 1


async def test_an_old_button_is_quiet_and_still_answers_kindly(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live) as page:
        await tap(page, page.locator('[value="q:1-ravi"]'))
        await tap(page, page.locator('.old [value="q:1-amina"]'))
        await expect(page.locator(f"{NOW} .lead")).to_be_visible()
        await expect(page.locator("#waiting .said")).to_have_count(0)


async def test_one_s_own_data_can_be_taken_home_and_the_way_on_stays(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live) as page:
        await tap(page, page.locator('[value="q:1-ravi"]'))
        await write(page, "mydata")
        async with page.expect_download() as download:
            await page.locator("a[download]").click()
        assert (await download.value).suggested_filename == "my-data.json"
        await expect(page.locator(f'{NOW} [value="c:on"]')).to_be_visible()
        before = await talk(page)
        await page.reload()
        assert await talk(page) == before


async def test_deleting_everything_leaves_the_last_words_and_a_new_beginning(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live) as page:
        await tap(page, page.locator('[value="q:1-ravi"]'))
        await write(page, "delete")
        await page.locator(f'{NOW} [value="c:erase"]').click()
        await expect(page.locator("#talk > .line")).to_have_count(1)
        assert await page.context.cookies() == []
        await page.locator("#words").fill("hi")
        await page.keyboard.press("Enter")
        await expect(page.locator("#talk > .learner")).to_have_count(1)
        await expect(page.locator(f"{NOW} [value^='q:1-']").first).to_be_visible()


async def test_right_to_left_turns_the_page_round(chromium: Any, tmp_path: Path) -> None:
    async with (
        listening(tmp_path, loaded=with_arabic(tmp_path)) as live,
        page_of(chromium, live, locale="ar-EG") as page,
    ):
        await tap(page, page.locator('[value="q:1-ravi"]'))
        await expect(page.locator("html")).to_have_attribute("dir", "rtl")
        send, bubble = page.locator("#say button"), page.locator(f"{NOW} .bubble").first
        send_box, bubble_box = await send.bounding_box(), await bubble.bounding_box()
        assert send_box is not None
        assert bubble_box is not None
        assert send_box["x"] < PHONE["width"] / 2
        assert PHONE["width"] - (bubble_box["x"] + bubble_box["width"]) < bubble_box["x"]
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert await barriers(page) == []


async def test_those_who_want_no_motion_get_none(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live, reduced_motion="reduce") as page:
        await tap(page, page.locator('[value="q:1-ravi"]'))
        assert await page.evaluate("document.getAnimations().length") == 0
        assert await page.evaluate("getComputedStyle(document.body, '::before').transitionDuration") == "0s"


async def test_what_the_server_will_not_take_comes_back_into_the_field(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live) as page:
        await tap(page, page.locator('[value="q:1-ravi"]'))
        await page.route("**/chat/say", lambda route: route.fulfill(status=400, json={"status": 400}))
        await page.locator("#words").fill("these words")
        await page.keyboard.press("Enter")
        await expect(page.locator("#words")).to_have_value("these words")
        await expect(page.locator("#note")).not_to_be_empty()
