"""A web chat for each test, and a real browser where one is installed."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.served import Served, listening, served

CHROMIUM = next((path for path in map(Path, ("/usr/bin/chromium", "/usr/bin/chromium-browser")) if path.exists()), None)
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Served]:
    """The web chat, called without a socket."""
    async with served(tmp_path, campaigns=("poster",)) as site:
        yield site


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Served]:
    """The web chat behind a socket of this machine."""
    async with listening(tmp_path, campaigns=("poster",)) as site:
        yield site


@pytest.fixture
async def chromium() -> AsyncIterator[Any]:
    """A real browser; where none is installed the test is skipped, but never in CI."""
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is not installed: apt-get install chromium")
        pytest.skip("chromium is not installed")
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        try:
            yield browser
        finally:
            await browser.close()
