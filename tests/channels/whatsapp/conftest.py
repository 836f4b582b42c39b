"""What every test of WhatsApp begins with."""

from collections.abc import AsyncIterator

import pytest

from tests.fakes.twilio import FakeTwilio


@pytest.fixture
async def twilio() -> AsyncIterator[FakeTwilio]:
    async with FakeTwilio() as fake:
        yield fake
