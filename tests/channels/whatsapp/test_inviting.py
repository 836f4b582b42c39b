"""After 24 hours of silence: learners are asked in by an approved template, or not at all."""

import itertools
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.whatsapp import codes
from bot.channels.whatsapp.approvals import followed, sync
from bot.channels.whatsapp.asked import wanted
from bot.channels.whatsapp.channel import WhatsApp
from bot.channels.whatsapp.client import Account, Client
from bot.engine.events import Address
from bot.engine.learner import Learner
from bot.outcomes import Held, Later, Left, Refused, Result, Sent
from bot.service import Content
from bot.wiring import House
from bot.wiring.approvals import READING, Approvals, keep
from storage.rows import SCHEDULED, Arrival, Handled, NewPart, OutboxRow
from storage.tables import outbox
from tests.channels.whatsapp.phone import Phone, platform, whatsapp_house
from tests.fakes.twilio import SENDER, SID, TOKEN, FakeTwilio
from tests.makers import NOON
from tests.storage.makers import play, said

SERIAL = itertools.count(1)
SPAIN, STATES = "whatsapp:+34911234567", "whatsapp:+12125550123"


@pytest.fixture
async def house(twilio: FakeTwilio, sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with whatsapp_house(twilio, sqlite_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def phone(house: House, twilio: FakeTwilio) -> AsyncIterator[Phone]:
    made = Phone(house, twilio, SPAIN)
    yield made
    await made.close()


def channel(house: House) -> WhatsApp:
    found = platform(house).channel
    assert isinstance(found, WhatsApp)
    return found


async def approved(house: House, twilio: FakeTwilio, category: str = "UTILITY") -> None:
    """As after ``sse-bot templates sync``, Meta's word, and a look of the running bot."""
    client = channel(house).client
    await keep(house.store, [one async for one in sync(client, wanted(house.catalogue()), lambda what, one: None)])
    twilio.judge("sse_asked", "approved", category)
    await looked(house)


async def looked(house: House) -> None:
    """What a running bot does every quarter of an hour, with the lease in its hands."""
    sender = platform(house).sender
    await sender.round()
    await Approvals(house, channel(house).client, channel(house), sender.lease).look()


async def invite(house: House, phone: Phone, kind: str = "lesson", language: str = "es") -> dict[str, object] | None:
    """What the planner does at the learner's hour."""
    body = channel(house).invitation(kind, language, "18:00")
    if body is not None:
        await put(house, phone, body)
    return body


async def put(house: House, phone: Phone, body: dict[str, object]) -> None:
    def decide(arrival: Arrival, known: Learner | None) -> Handled:
        assert known is not None
        part = NewPart(known.id, arrival.address_id, "whatsapp", body, SCHEDULED, house.clock(), "lesson")
        return Handled(arrival.event, arrival.address_id, known, parts=(part,))

    await play(house.store, [said(f"due-{next(SERIAL)}", phone.number, "whatsapp")], decide, house.clock())
    await phone.receives()


async def ends(house: House) -> list[tuple[str, str]]:
    """How the invitations ended: state and what stands on the row."""
    async with house.store.read() as look:
        rows = await look.connection.execute(
            select(outbox.c.state, outbox.c.outcome).where(outbox.c.kind == "lesson").order_by(outbox.c.id)
        )
        return [(row.state, row.outcome) for row in rows]


async def test_a_learner_is_asked_in_in_their_language_and_taps(house: House, twilio: FakeTwilio, phone: Phone):
    await phone.says("hola")
    await approved(house, twilio)
    twilio.closed.add(phone.number)
    body = await invite(house, phone)
    assert body is not None
    (message,) = phone.shown
    assert message["body"] == body["text"]
    assert "Pediste la lección de hoy a las 18:00." in message["body"]
    assert phone.choices() == [("Abrir mi lección", "c:today")]
    await phone.ends(message)
    assert twilio.refused == []
    assert (await ends(house))[0][0] == "sent"
    twilio.closed.clear()
    await phone.taps("Abrir mi lección")
    assert len(phone.shown) == 1


@pytest.mark.parametrize("kind", ["lesson", "review", "follow_up", "slower"])
@pytest.mark.parametrize("language", ["en", "es", "fr", "sw"])
async def test_every_invitation_goes_out_as_it_was_approved(
    house: House, twilio: FakeTwilio, phone: Phone, kind: str, language: str
):
    await phone.says("hola")
    await approved(house, twilio)
    twilio.closed.add(phone.number)
    body = await invite(house, phone, kind, language)
    assert body is not None
    assert (twilio.refused, [m["error_code"] for m in phone.shown]) == ([], [None])
    assert phone.text == body["text"]
    assert body["category"] == channel(house).invited_by(kind, language) == "utility"


@pytest.mark.parametrize("word", ["received", "pending", "rejected", "paused", "disabled"])
async def test_nothing_is_planned_on_a_template_that_is_not_approved(house: House, twilio: FakeTwilio, word: str):
    await approved(house, twilio)
    twilio.judge("sse_asked", word)
    await looked(house)
    assert channel(house).invitation("lesson", "es", "18:00") is None
    assert channel(house).invited_by("lesson", "es") is None


async def test_what_was_planned_is_not_sent_once_the_template_is_paused(house: House, twilio: FakeTwilio, phone: Phone):
    await phone.says("hola")
    await approved(house, twilio)
    body = channel(house).invitation("lesson", "es", "18:00")
    twilio.judge("sse_asked_lesson_es", "paused")
    await looked(house)
    assert body is not None
    before = twilio.calls
    await put(house, phone, body)
    assert (twilio.calls - before, phone.shown) == (0, [])
    assert await ends(house) == [("cancelled", "held: the template is not approved")]
    assert "You asked" in str((channel(house).invitation("lesson", "es", "18:00") or {})["text"])


async def test_the_bot_asks_twilio_every_quarter_of_an_hour_and_only_if_it_holds_the_lease(
    house: House, twilio: FakeTwilio
):
    await approved(house, twilio)
    sender, now = platform(house).sender, house.clock()
    house.clock = lambda: now
    approvals = Approvals(house, channel(house).client, channel(house), sender.lease)
    await approvals.look()
    twilio.judge("sse_asked", "disabled")
    await approvals.look()
    assert channel(house).invited_by("lesson", "en") == "utility"
    house.clock = lambda: now + READING
    sender.lease.lost()
    await approvals.look()
    assert channel(house).invited_by("lesson", "en") == "utility"
    await sender.lease.keep()
    await approvals.look()
    assert channel(house).invited_by("lesson", "en") is None


async def test_what_a_command_or_another_process_learned_is_taken_up(house: House, twilio: FakeTwilio):
    client = channel(house).client
    known = [one async for one in sync(client, wanted(house.catalogue()), lambda what, one: None)]
    twilio.judge("sse_asked", "approved")
    await keep(house.store, (await followed(client, {one.name: one for one in known})).values())
    assert channel(house).invited_by("lesson", "fr") is None
    platform(house).sender.lease.lost()
    await Approvals(house, client, channel(house), platform(house).sender.lease).look()
    assert channel(house).invited_by("lesson", "fr") == "utility"


async def test_meta_s_category_is_told_and_marketing_does_not_reach_the_united_states(house: House, twilio: FakeTwilio):
    phone = Phone(house, twilio, STATES)
    await phone.says("hi")
    await approved(house, twilio, "MARKETING")
    assert channel(house).invited_by("lesson", "en") == "marketing"
    twilio.closed.add(STATES)
    await invite(house, phone, language="en")
    await phone.ends(phone.shown[0])
    ((state, outcome),) = await ends(house)
    assert (state, codes.code_of(outcome)) == ("failed", 63049)
    assert "in the US never again" in outcome
    await phone.close()


async def test_a_template_that_meta_does_not_let_through_is_not_tried_on_the_next_learner(
    house: House, twilio: FakeTwilio, phone: Phone
):
    """Meta paused it, and we have not heard of it yet."""
    await phone.says("hola")
    await approved(house, twilio)
    twilio.closed.add(phone.number)
    twilio.judge("sse_asked_lesson", "paused")
    await invite(house, phone)
    ((state, outcome),) = await ends(house)
    assert (state, codes.code_of(outcome)) == ("failed", 63041)
    assert await invite(house, phone) is not None, "another language's is still trusted"
    assert await invite(house, phone) is None
    assert [codes.code_of(outcome) for _, outcome in await ends(house)] == [63041, 63041]
    assert channel(house).invited_by("review", "es") == "utility"


async def test_meta_s_limit_rests_invitations_and_no_replies(house: House, twilio: FakeTwilio, phone: Phone):
    await phone.says("hola")
    await approved(house, twilio)
    body = channel(house).invitation("review", "es", "18:00")
    await invite(house, phone)
    await phone.ends(phone.shown[0], 63018)
    assert body is not None
    await put(house, phone, body)
    (first, second) = await ends(house)
    assert first == ("failed", codes.told(63018, later=True))
    assert second[0] == "cancelled"
    assert "Meta's limit is reached → not before" in second[1]
    await phone.says("menu")
    assert len(phone.shown) == 1


async def test_another_process_that_sends_learns_of_the_limit(house: House, twilio: FakeTwilio, phone: Phone):
    """Reports come to whoever serves the hooks."""
    await phone.says("hola")
    await approved(house, twilio)
    await phone.ends(phone.shown[0], 63018)
    sender = WhatsApp(
        channel(house).client, public_url="https://x", words=house.catalogue().text, sign=str, clock=house.clock
    )
    await Approvals(house, sender.client, sender, platform(house).sender.lease).look()
    assert isinstance(await sender.send(row(sender.invitation("lesson", "es", "18:00"))), Held)


@pytest.mark.parametrize("code", [63016, 63049, 63032, 63018, 63024, 63003, 21610, 63014, 63015, 63041, 21656, 20404])
async def test_an_invitation_that_is_refused_at_once_ends_there(
    house: House, twilio: FakeTwilio, phone: Phone, code: int
):
    await phone.says("hola")
    await approved(house, twilio)
    twilio.closed.add(phone.number)
    before, twilio.faults = twilio.calls, [code]
    await invite(house, phone)
    await phone.receives()
    ((state, outcome),) = await ends(house)
    assert (state, twilio.calls - before) == ("failed", 1)
    assert outcome.startswith(f"twilio {code}: ")
    assert " → " in outcome


async def test_every_code_that_comes_afterwards_ends_the_row_with_its_reason(
    house: House, twilio: FakeTwilio, phone: Phone
):
    await phone.says("hola")
    await approved(house, twilio)
    for _ in codes.CODES:
        await invite(house, phone)
    calls, sent = twilio.calls, twilio.sent_to(phone.number)[-len(codes.CODES) :]
    for code, message in zip(codes.CODES, sent, strict=True):
        await phone.ends(message, code)
        await phone.ends(message, code)
    await phone.receives()
    assert await ends(house) == [("failed", codes.told(code, later=True)) for code in codes.CODES]
    assert twilio.calls == calls


# --- the channel alone ---------------------------------------------------------------------------------------------


@pytest.fixture
async def alone(twilio: FakeTwilio, content: Content) -> AsyncIterator[WhatsApp]:
    client = Client(Account(SID, TOKEN, SENDER, base=twilio.url))
    made = WhatsApp(client, public_url="https://x", words=content.catalogue.text, sign=str, clock=lambda: NOON)
    known = [one async for one in sync(client, wanted(content.catalogue), lambda what, one: None)]
    twilio.judge("sse_asked", "approved")
    made.invitations.take_up(await followed(client, {one.name: one for one in known}))
    yield made
    await client.close()


def row(body: dict[str, Any] | None, state: str = "waiting") -> OutboxRow:
    assert body is not None
    return OutboxRow(
        id=1, learner_id="l", address=Address("whatsapp", SPAIN), address_id=1, channel="whatsapp", body=body,
        priority=SCHEDULED, due_at=NOON, attempts=0, state=state, kind="lesson", created_at=NOON,
    )  # fmt: skip


KINDS_OF: dict[codes.Meaning, type[Result]] = {
    codes.Meaning.GONE: Left,
    codes.Meaning.STOPPED: Left,
    codes.Meaning.RATE: Later,
    codes.Meaning.TROUBLE: Later,
    codes.Meaning.SETTING: Later,
}


@pytest.mark.parametrize("code", [code for code in codes.CODES if code not in (20404,)])
async def test_every_code_has_one_outcome_for_an_invitation(alone: WhatsApp, twilio: FakeTwilio, code: int):
    twilio.faults = [code]
    result = await alone.send(row(alone.invitation("lesson", "fr", "18:00")))
    assert type(result) is KINDS_OF.get(codes.CODES[code].meaning, Refused)
    assert result.reason.startswith(f"twilio {code}: {codes.CODES[code].reason} → ")  # type: ignore[union-attr]


async def test_an_invitation_needs_no_window_and_is_never_free_text(alone: WhatsApp, twilio: FakeTwilio):
    part = row(alone.invitation("lesson", "es", "18:00"))
    assert isinstance(await alone.send(part), Sent)
    form = twilio.messages[0]["form"]
    assert "Body" not in form
    assert json.loads(form["ContentVariables"]) == {"1": "18:00"}
    assert form["StatusCallback"].endswith("/webhooks/twilio/status?part=1&sign=1")
    alone.invitations.take_up({})
    assert await alone.send(part) == Held("the template is not approved")
    assert len(twilio.messages) == 1


async def test_without_an_hour_in_its_words_it_takes_no_variables(alone: WhatsApp, twilio: FakeTwilio):
    assert isinstance(await alone.send(row(alone.invitation("follow_up", "es", "18:00"))), Sent)
    assert "ContentVariables" not in twilio.messages[0]["form"]
    assert twilio.refused == []


async def test_an_invitation_is_for_its_day(alone: WhatsApp, twilio: FakeTwilio):
    part = row(alone.invitation("lesson", "es", "18:00"))
    alone.invitations.clock = lambda: NOON + timedelta(hours=13)
    assert await alone.send(part) == Held("too late for this invitation")
    assert twilio.calls == 0


async def test_doubts_and_the_rest_are_over_after_a_while(alone: WhatsApp, twilio: FakeTwilio):
    twilio.faults = [63016]
    assert isinstance(await alone.send(row(alone.invitation("lesson", "en", "18:00"))), Refused)
    assert alone.invited_by("lesson", "en") is None
    twilio.faults = [63018]
    assert isinstance(await alone.send(row(alone.invitation("review", "en", "18:00"))), Refused)
    later = row(alone.invitation("review", "en", "18:00"))
    assert isinstance(await alone.send(later), Held)
    alone.invitations.clock = lambda: NOON + timedelta(hours=1)
    assert alone.invited_by("lesson", "en") == "utility"
    assert isinstance(await alone.send(later), Sent)


async def test_an_invitation_whose_answer_was_lost_is_looked_for_before_it_is_repeated(
    alone: WhatsApp, twilio: FakeTwilio
):
    part = row(alone.invitation("lesson", "es", "18:00"))
    twilio.faults = ["cut"]
    await alone.send(part)
    assert await alone.send(row(dict(part.body), "unknown")) == Sent(twilio.messages[0]["sid"])
    assert len(twilio.messages) == 1
