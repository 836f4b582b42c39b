"""``sse-bot templates plan|sync|status`` against a played Twilio, and what the doctor says of it."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.channels.whatsapp.asked import KINDS
from bot.channels.whatsapp.templates import TEMPLATES, cards
from bot.commands import channel_checks
from bot.doctor import Health, Patient, well
from bot.settings import load_settings
from bot.wiring.approvals import APPROVAL, keep
from storage.store import Store
from tests.channels.whatsapp.phone import PUBLIC
from tests.channels.whatsapp.test_asked import standing
from tests.fakes.twilio import SENDER, SID, TOKEN, FakeTwilio
from tests.ops.conftest import Cli, unused_port
from tests.storage.makers import NOON

ASKED = len(KINDS) * 3  # in English, Spanish and French
GENERIC = len(TEMPLATES) + len(cards(f"{PUBLIC}/media"))


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    """In a thread of its own, as a command has its own loop."""
    loop, fake, done = asyncio.new_event_loop(), FakeTwilio(), asyncio.Event()

    async def serve() -> None:
        async with fake:
            ready.set()
            await done.wait()

    ready = threading.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(10)
    yield fake
    loop.call_soon_threadsafe(done.set)
    thread.join(10)
    loop.close()


@pytest.fixture
def account(bare_environment: Path, monkeypatch: pytest.MonkeyPatch, twilio: FakeTwilio) -> FakeTwilio:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", SID)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
    monkeypatch.setenv("TWILIO_WHATSAPP_SENDER", SENDER)
    monkeypatch.setenv("TWILIO_API_URL", twilio.url)
    monkeypatch.setenv("PUBLIC_URL", PUBLIC)
    return twilio


def test_a_plan_shows_every_text_and_changes_nothing(cli: Cli, account: FakeTwilio, bare_environment: Path) -> None:
    ran = cli("templates", "plan")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.count("make, submit  sse_asked_") == ASKED
    assert "You asked for today's lesson at {time}." in ran.out
    assert "[Abrir mi lección]" in ran.out
    assert "{time} is its variable, 18:00 the sample" in ran.out
    assert f"To make: {GENERIC + ASKED}. To submit: {ASKED}. Nothing was changed." in ran.out
    assert account.contents == {}
    assert not list(bare_environment.rglob("*.sqlite3"))


def test_a_plan_needs_no_account(cli: Cli) -> None:
    ran = cli("templates", "plan")
    assert (ran.code, ran.out.count("make, submit  sse_asked_")) == (0, ASKED)


@pytest.mark.parametrize("command", ["sync", "status"])
def test_the_others_do(cli: Cli, begun: None, command: str) -> None:
    ran = cli("templates", command)
    assert ran.code == 2
    assert "TWILIO_ACCOUNT_SID" in ran.err


def test_sync_makes_and_submits_once_and_tells_how_things_stand(cli: Cli, account: FakeTwilio) -> None:
    first = cli("templates", "sync")
    assert first.code == 0
    assert first.err.count("made  sse_asked_") == first.err.count("submitted  sse_asked_") == ASKED
    assert f"0 of {ASKED} templates that ask learners in are approved." in first.out
    assert "Meta looks at the others" in first.err
    assert f"{GENERIC} of them new. A running bot uses what is new here from its next start." in first.out
    again = cli("templates", "sync")
    assert "0 of them new.\n" in again.out
    assert (again.code, "made" in again.err, "submitted" in again.err) == (0, False, False)
    assert (len(account.contents), account.refused) == (GENERIC + ASKED, [])
    account.judge("sse_asked", "approved")
    assert f"{ASKED} of {ASKED}" in cli("templates", "sync").out
    assert "To make: 0. To submit: 0." in cli("templates", "plan").out


def test_a_rejected_one_is_told_with_meta_s_reason_and_what_to_do(cli: Cli, account: FakeTwilio) -> None:
    cli("templates", "sync")
    account.judge("sse_asked", "approved")
    account.judge("sse_asked_review_fr", "rejected", reason="INCORRECT_CATEGORY")
    ran = cli("templates", "sync")
    assert ran.code == 1
    (line,) = [line for line in ran.out.splitlines() if "rejected" in line]
    assert line.startswith("sse_asked_review_fr")
    assert "rejected (INCORRECT_CATEGORY) → Change the words of asked.review (fr)" in line
    assert account.refused == []


def test_status_tells_each_state_and_what_a_database_does_not_know(
    cli: Cli, begun: None, account: FakeTwilio, bare_environment: Path
) -> None:
    before = cli("templates", "status")
    assert before.out.count("missing") == GENERIC + ASKED
    assert "sse-bot templates sync" in before.err
    cli("templates", "sync")
    account.judge("sse_asked", "approved")
    account.judge("sse_asked_lesson_es", "approved", category="MARKETING")
    account.judge("sse_asked_slower_en", "paused")
    ran = cli("templates", "status")
    states = {line.split()[0][:20]: line for line in ran.out.splitlines() if line.startswith("sse_asked")}
    assert states["sse_asked_lesson_en_"].endswith("approved as utility")
    assert states["sse_asked_lesson_es_"].endswith("approved as marketing")
    assert states["sse_asked_slower_en_"].endswith("paused")
    assert "marketing" in ran.err
    assert "WhatsApp Manager" in ran.err
    for file in bare_environment.rglob("*.sqlite3*"):
        file.unlink()
    cli("db", "upgrade")
    assert cli("templates", "status").out.count("not remembered here") == GENERIC + ASKED


def test_a_twilio_that_is_away_or_does_not_know_us_is_told(
    cli: Cli, account: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "another token, with 32 characters or more")
    ran = cli("templates", "plan")
    assert (ran.code, "401" in ran.err) == (2, True)
    monkeypatch.setenv("TWILIO_API_URL", f"http://127.0.0.1:{unused_port()}")
    ran = cli("templates", "sync")
    assert (ran.code, "cannot be reached" in ran.err) == (2, True)


# --- the doctor ----------------------------------------------------------------------------------------------------


@pytest.fixture
def patient(account: FakeTwilio, bare_environment: Path, store: Store) -> Patient:
    return Patient(load_settings(), bare_environment, NOON, store, well("database", "sqlite"))


async def last_word(patient: Patient) -> tuple[Health, str, str]:
    finding = list(await channel_checks.whatsapp(patient))[-1]
    return finding.health, finding.seen, finding.cure


async def test_the_doctor_tells_that_nobody_can_be_asked_in(patient: Patient) -> None:
    only = "daily lessons reach people on WhatsApp only within 24 hours of their last message"
    assert await last_word(patient) == (Health.BETTER, only, "Run: sse-bot templates sync")
    assert patient.store is not None
    await keep(patient.store, [standing(state="pending")])
    assert await last_word(patient) == (Health.BETTER, only, "Run: sse-bot templates status")


async def test_the_doctor_is_content_with_an_approved_utility_template_and_names_marketing(patient: Patient) -> None:
    assert patient.store is not None
    await keep(patient.store, [standing()])
    assert (await last_word(patient))[:2] == (Health.WELL, "approved templates that ask learners in: 1")
    marketing = standing().remembered().replace("utility", "marketing")
    await patient.store.remember("whatsapp", {f"{APPROVAL}lesson_en": marketing})
    assert (await last_word(patient))[0] is Health.BETTER
