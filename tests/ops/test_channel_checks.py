"""The doctor asks Telegram who we are, and says what to do about the answer."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.channels.telegram.setup import Standing
from bot.channels.telegram.webhook import PATH
from bot.commands import channel_checks
from bot.doctor import Health, Patient, well
from bot.settings import load_settings
from tests.ops.conftest import unused_port
from tests.storage.makers import NOON

TOKEN = "7381920465:AAE4kq-9wPz_TnB3vLr8XmYcD2uHs6JfGio"
STANDING = Standing("sse_bot", "", 0, "")


@pytest.fixture
def patient(bare_environment: Path, monkeypatch: pytest.MonkeyPatch) -> Patient:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_API_URL", f"http://127.0.0.1:{unused_port()}")
    monkeypatch.setenv("PUBLIC_URL", "https://bot.example.org")
    monkeypatch.setenv("TELEGRAM_WEBHOOK_SECRET", "tR4nslucent-H00k-9182")
    return Patient(load_settings(), bare_environment, NOON, None, well("database", "sqlite"))


async def seen(patient: Patient, standing: Standing, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Health, str]]:
    async def told(_: object) -> Standing:
        return standing

    monkeypatch.setattr(channel_checks, "telegram_standing", told)
    return [(finding.health, finding.seen) for finding in await channel_checks.telegram(patient)]


async def test_a_bot_that_asks_for_updates_is_well_without_a_webhook(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await seen(patient, STANDING, monkeypatch) == [
        (Health.WELL, "knows us as @sse_bot"),
        (Health.WELL, "0 updates waiting"),
    ]


async def test_a_webhook_somewhere_else_is_noticed(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = replace(STANDING, webhook="https://other.example/hook")
    assert (await seen(patient, elsewhere, monkeypatch))[1] == (
        Health.BETTER,
        "updates go to https://other.example/hook",
    )


async def test_a_webhook_that_is_ours_and_fails_tells_telegrams_error(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEGRAM_MODE", "webhook")
    hooked = replace(patient, settings=load_settings())
    assert (await seen(hooked, STANDING, monkeypatch))[1] == (Health.BETTER, "no webhook is set")
    failing = replace(STANDING, webhook=f"https://bot.example.org{PATH}", last_error="SSL error")
    assert (await seen(hooked, failing, monkeypatch))[1] == (Health.BETTER, "last error: SSL error")
    healed = replace(failing, last_error="", waiting=3)
    assert (await seen(hooked, healed, monkeypatch))[1] == (Health.WELL, "3 updates waiting")


async def test_a_telegram_that_cannot_be_reached_must_be_looked_into(patient: Patient) -> None:
    (finding,) = await channel_checks.telegram(patient)
    assert (finding.health, finding.seen) == (Health.BAD, "cannot be reached")
    assert TOKEN not in finding.cure


async def test_without_a_token_nobody_is_asked(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN")
    assert await channel_checks.telegram(replace(patient, settings=load_settings())) == []
