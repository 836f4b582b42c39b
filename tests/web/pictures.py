"""Takes the pictures of the web chat in docs/pictures: ``python -m tests.web.pictures``. Look at each of them."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from tests.web.conftest import CHROMIUM, QUIET
from tests.web.pages import NOW, page_of, tap, wanted
from tests.web.served import ROOT, Served, listening, with_arabic

PICTURES = ROOT / "docs" / "pictures"
PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
DESK = {"viewport": {"width": 1200, "height": 800}}


async def at_a_question(page: Page) -> None:
    """On to the first question, and a first miss: a hint, and the question again."""
    while not await page.locator(f"{NOW} .letters").count():
        button = await wanted(page)
        assert button is not None
        await tap(page, button)
    right = await wanted(page)
    assert right is not None
    words = await right.locator(".label").inner_text()
    wrong = page.locator(f"{NOW} .letters .main").filter(has_not_text=words).first
    await tap(page, wrong)


async def at_the_end(page: Page) -> None:
    while (button := await wanted(page)) is not None:
        await tap(page, button)


async def at_the_reward(page: Page) -> None:
    await tap(page, page.locator('[value="q:1-ravi"]'))


async def opening(page: Page) -> None:
    """As it is found."""


TAKEN: dict[str, tuple[Any, dict[str, Any]]] = {
    "chat-phone-opening": (opening, PHONE),
    "chat-phone-reward": (at_the_reward, PHONE),
    "chat-phone-question": (at_a_question, PHONE),
    "chat-phone-end": (at_the_end, PHONE),
    "chat-dark": (at_a_question, {**PHONE, "color_scheme": "dark"}),
    "chat-desktop": (at_a_question, DESK),
    "chat-right-to-left": (at_the_reward, {**PHONE, "locale": "ar-EG"}),
}


async def take(chromium: Browser, live: Served, name: str) -> None:
    way, looks = TAKEN[name]
    async with page_of(chromium, live, **looks) as page:
        await way(page)
        await page.mouse.move(0, 0)
        await page.wait_for_timeout(900)
        await page.screenshot(path=PICTURES / f"{name}.png")


async def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        for name, (_, looks) in TAKEN.items():
            with TemporaryDirectory() as folder:
                # Arabic is not spoken yet: only its own picture shows it.
                loaded = with_arabic(Path(folder)) if "locale" in looks else None
                async with listening(Path(folder), loaded=loaded) as live:
                    await take(chromium, live, name)
        await chromium.close()


if __name__ == "__main__":
    asyncio.run(main())
