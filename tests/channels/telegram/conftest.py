"""The platform on loopback, one for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.channels.telegram.makers import ADA
from tests.fakes.telegram import FakeTelegram


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram().running() as fake:
        fake.person(ADA)
        yield fake
