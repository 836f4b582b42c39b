"""Hands and eyes for a page in a real browser."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Locator, Page

from tests.web.served import Served, content

VENDOR = Path(__file__).parent / "vendor"
PHONE, DESKTOP = {"width": 320, "height": 568}, {"width": 1280, "height": 800}
NOW = ".line.bot:not(.old)"  # the message that stands in front of the learner
RIGHT = {
    content().library.label(option.label, "en")
    for course in content().library.courses
    for lesson in course.lessons
    for question in lesson.questions
    for form in question.forms
    for option in form.options
    if option.right
}


@asynccontextmanager
async def page_of(chromium: Browser, live: Served, path: str = "/chat", **context: Any) -> AsyncIterator[Page]:
    """A fresh browser window at the chat. Whatever the page complains about fails the test."""
    window = await chromium.new_context(**{"viewport": PHONE, "locale": "en-GB", **context})
    page = await window.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    await page.goto(live.settings.public_url + path)
    try:
        yield page
        assert complaints == []
    finally:
        await window.close()


async def next_message(page: Page, before: int) -> None:
    """Waits until there are more messages of the bot than before."""
    await page.wait_for_function("n => document.querySelectorAll('#talk > .bot').length > n", arg=before)


async def messages(page: Page) -> int:
    return await page.locator("#talk > .bot").count()


async def tap(page: Page, button: Locator) -> None:
    before = await messages(page)
    await button.click()
    await next_message(page, before)


async def write(page: Page, text: str) -> None:
    before = await messages(page)
    await page.locator("#words").fill(text)
    await page.keyboard.press("Enter")
    await next_message(page, before)


async def wanted(page: Page) -> Locator | None:
    """The button that leads on: the right answer, the age, or the first; None at the end of the lesson."""
    buttons = page.locator(f"{NOW} .buttons button")
    if await page.locator(f'{NOW} [value="c:next-lesson"]').count():
        return None
    for position in range(await buttons.count()):
        button = buttons.nth(position)
        label = await button.locator(".label").inner_text()
        if label in RIGHT or str(await button.get_attribute("value")).endswith("-young"):
            return button
    return buttons.first


async def take_lesson(page: Page) -> int:
    """Plays from the opening to the end of the first lesson; how many taps that took."""
    for taps in range(20):
        button = await wanted(page)
        if button is None:
            return taps
        await tap(page, button)
    raise AssertionError("the lesson has no end")


async def talk(page: Page) -> str:
    """The talk as it stands in the page, without what only moves."""
    return str(
        await page.evaluate(
            """() => { const copy = document.getElementById('talk').cloneNode(true);
                copy.querySelectorAll('.line').forEach((line) => line.classList.remove('arriving', 'unread'));
                return copy.innerHTML; }"""
        )
    )


def axe() -> str:
    """The vendored checker, exactly as it was when it was looked at."""
    source = (VENDOR / "axe.min.js").read_bytes()
    kept = dict(reversed(line.split()) for line in (VENDOR / "SHA256SUMS").read_text().splitlines())
    assert hashlib.sha256(source).hexdigest() == kept["axe.min.js"]
    return source.decode()


async def barriers(page: Page) -> list[str]:
    """What stands in the way of people who see, hear or move differently, by axe."""
    await page.evaluate("() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => 0)))")
    await page.evaluate(axe())
    found = await page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {node['html']}" for one in found["violations"] for node in one["nodes"]]
