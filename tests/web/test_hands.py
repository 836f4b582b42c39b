"""Hurried fingers, old browsers, tiny screens, no cookies: what people really hold in their hands."""

from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from bot.web import cookie
from tests.web.pages import NOW, messages, next_message, page_of, tap, wanted, write
from tests.web.served import Served

WITHOUT_EVENTS = "delete window.EventSource"
WITHOUT_COOKIES = "Object.defineProperty(Navigator.prototype, 'cookieEnabled', { get: () => false })"
BEFORE_SAFARI_16 = "delete HTMLFormElement.prototype.requestSubmit"


async def in_an_old_browser(page: Page, without: str) -> None:
    await page.add_init_script(without)
    await page.reload()


async def middle(button: Locator) -> tuple[float, float]:
    box = await button.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


# ── Two taps where one was meant ──────────────────────────────────────────────────────────────────────────
async def test_a_tap_on_a_message_nobody_can_have_read_does_nothing(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live, reduced_motion="reduce") as page:
        # The tap comes with the message itself: a test that looked first would be slower than a finger.
        await page.evaluate(
            """() => new MutationObserver(() => {
                const fresh = document.querySelector('.line.bot.unread .buttons button');
                if (!fresh || window.hit) return;
                fresh.scrollIntoView({ block: 'center' });
                const box = fresh.getBoundingClientRect();
                window.hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                window.hit.click();
            }).observe(document.getElementById('talk'), { childList: true, subtree: true, attributes: true })"""
        )
        await tap(page, page.locator('[value="q:1-ravi"]'))
        await page.wait_for_function("window.hit")
        assert await page.evaluate("window.hit.closest('button')") is None
        await expect(page.locator(f"{NOW}:not(.unread)")).to_be_visible()
        assert await page.locator("#talk > .learner").count() == 1
        await tap(page, page.locator(f'{NOW} [value="n:2"]'))


async def test_two_taps_on_one_place_are_one_answer(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live, reduced_motion="reduce") as page:
        await page.locator('[value="q:1-ravi"]').dblclick()
        await next_message(page, 1)
        await expect(page.locator(f"{NOW}:not(.unread)")).to_be_visible()
        assert await page.locator("#talk > .learner").count() == 1


async def test_keys_need_not_wait(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live, reduced_motion="reduce") as page:
        await tap(page, page.locator('[value="q:1-ravi"]'))
        await page.evaluate(f"""document.querySelector('{NOW} [value="n:2"]').focus()""")
        before = await messages(page)
        await page.keyboard.press("Enter")
        await next_message(page, before)


# ── Old browsers ──────────────────────────────────────────────────────────────────────────────────────────
async def test_enter_sends_where_a_form_cannot_be_asked_to(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live) as page:
        await in_an_old_browser(page, BEFORE_SAFARI_16)
        await write(page, "Ravi")
        await expect(page.locator("#talk > .learner")).to_have_count(1)


async def test_without_a_stream_the_answers_bring_the_talk(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live) as page:
        await in_an_old_browser(page, WITHOUT_EVENTS)
        await tap(page, page.locator('[value="q:1-ravi"]'))
        await write(page, "next")
        await expect(page.locator("#note")).to_be_empty()
        await page.reload()
        await write(page, "next")
        await expect(page.locator("#talk > .learner")).to_have_count(3)


# ── No cookies ────────────────────────────────────────────────────────────────────────────────────────────
async def test_a_browser_that_refuses_cookies_is_told_before_anybody_is_begun(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live) as page:
        await in_an_old_browser(page, WITHOUT_COOKIES)
        await expect(page.locator("#note")).to_contain_text("cookie")
        await page.locator('[value="q:1-ravi"]').click()
        await page.locator("#words").fill("hello?")
        await page.keyboard.press("Enter")
        await expect(page.locator("#words")).to_have_value("hello?")
        assert await live.rows() == {}


@pytest.mark.parametrize("without", ["", WITHOUT_EVENTS])
async def test_a_cookie_that_is_lost_on_the_way_begins_no_crowd(
    chromium: Any, live: Served, monkeypatch: pytest.MonkeyPatch, without: str
) -> None:
    monkeypatch.setattr(cookie, "hand_out", lambda *given: None)
    async with page_of(chromium, live) as page:
        await in_an_old_browser(page, without)
        await tap(page, page.locator('[value="q:1-ravi"]'))
        if without:  # only the second answer tells
            await page.locator(f'{NOW} [value="n:2"]').click()
        await expect(page.locator("#note")).to_contain_text("cookie")
        begun = (await live.rows())["learners"]
        await page.locator("#words").fill("next")
        await page.keyboard.press("Enter")
        await expect(page.locator("#words")).to_have_value("next")
        await expect(page.locator("#talk > .bot")).to_have_count(2)
        assert (await live.rows())["learners"] == begun


# ── The choice of a language ──────────────────────────────────────────────────────────────────────────────
async def test_a_number_typed_under_the_languages_is_that_language(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live, locale="sw-KE") as page:
        second = str(await page.locator(f"{NOW} .buttons button").nth(1).get_attribute("lang"))
        await write(page, "2")
        await expect(page.locator("html")).to_have_attribute("lang", second)
        assert await page.locator(f'{NOW}[lang={second}] [value^="q:"]').count() >= 2


async def test_unknown_words_under_the_languages_bring_the_choice_again(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live, locale="sw-KE") as page:
        await write(page, "hallo")
        await expect(page.locator(f'{NOW} [value="g:fr"]')).to_be_visible()
        await expect(page.locator("[value^='q:']")).to_have_count(0)


async def test_a_language_s_name_in_a_new_message_is_read_out_in_it(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live) as page:
        await tap(page, page.locator('[value="q:1-ravi"]'))
        await write(page, "language")
        await expect(page.locator(f'{NOW} [value="g:fr"]')).to_have_attribute("lang", "fr")


# ── What is seen ──────────────────────────────────────────────────────────────────────────────────────────
async def test_the_circles_move_while_the_bot_writes(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live) as page:
        await tap(page, page.locator('[value="q:1-ravi"]'))
        await expect(page.locator("#writing")).to_be_hidden()
        held: list[Any] = []
        await page.route("**/chat/say", lambda route: held.append(route))
        await page.locator("#words").fill("next")
        await page.keyboard.press("Enter")
        await expect(page.locator("#writing svg")).to_be_visible()
        before = await messages(page)
        await held[0].continue_()
        await next_message(page, before)
        await expect(page.locator("#writing")).to_be_hidden()


async def test_on_a_tiny_screen_every_answer_can_be_reached(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live, viewport={"width": 240, "height": 214}, reduced_motion="reduce") as page:
        for part in ("header", "footer"):
            await expect(page.locator(part)).to_have_css("position", "static")
        for _ in range(3):
            button = await wanted(page)
            assert button is not None
            await tap(page, button)


async def test_too_many_words_stay_in_the_field(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live) as page:
        await tap(page, page.locator('[value="q:1-ravi"]'))
        await page.locator("#words").fill("a" * 2001)
        await page.keyboard.press("Enter")
        await expect(page.locator("#note")).to_contain_text("2,000")
        await expect(page.locator("#words")).to_have_value("a" * 2001)
        await write(page, "a" * 2000)
        await expect(page.locator("#note")).to_be_empty()
        await expect(page.locator("#talk > .learner").last).to_contain_text("a" * 2000)


# ── Where the keys are ────────────────────────────────────────────────────────────────────────────────────
async def test_after_a_language_the_focus_is_back_on_the_list_s_head(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live) as page:
        await tap(page, page.locator('[value="q:1-ravi"]'))
        await page.locator("#tongues summary").press("Enter")
        before = await messages(page)
        await page.locator("#tongues a[lang=fr]").press("Enter")
        await next_message(page, before)
        await expect(page.locator("#tongues summary")).to_be_focused()


async def test_after_newest_message_the_focus_is_on_it(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live) as page:
        await tap(page, page.locator('[value="q:1-ravi"]'))
        await page.evaluate("document.getElementById('newest').hidden = false")
        await page.locator("#newest").press("Enter")
        await expect(page.locator("#newest")).to_be_hidden()
        await expect(page.locator("#talk > .line").last).to_be_focused()


async def test_after_everything_is_deleted_the_focus_is_on_the_last_words(chromium: Any, live: Served) -> None:
    async with page_of(chromium, live) as page:
        await tap(page, page.locator('[value="q:1-ravi"]'))
        await write(page, "delete")
        await page.locator(f'{NOW} [value="c:erase"]').press("Enter")
        await expect(page.locator("#talk > .line")).to_have_count(1)
        await expect(page.locator("#talk > .line")).to_be_focused()
