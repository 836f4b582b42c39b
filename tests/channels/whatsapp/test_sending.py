"""Everything we may say fits WhatsApp, and whatever Twilio answers has an outcome."""

from collections.abc import AsyncIterator, Collection
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from bot.channels.whatsapp import codes
from bot.channels.whatsapp.channel import WhatsApp
from bot.channels.whatsapp.client import Account, Client, Reply, TemplateRefused
from bot.channels.whatsapp.missed import catch_up
from bot.channels.whatsapp.templates import TEMPLATES, standing, sync
from bot.content.wording import Message, word
from bot.engine.events import Address, Event, Said
from bot.engine.turn import Choice, Layout, Say, Verbatim
from bot.outcomes import Held, Later, Left, Refused, Sent, Unknown
from bot.service import Content
from storage.rows import OutboxRow
from tests.fakes.twilio import SENDER, SID, TOKEN, FakeTwilio
from tests.makers import NOON

LEARNER = "whatsapp:+34911234567"
HEARD = Said(id="x", address=Address("whatsapp", LEARNER), at=NOON, text="hola")


@pytest.fixture
async def whatsapp(twilio: FakeTwilio, content: Content) -> AsyncIterator[WhatsApp]:
    client = Client(Account(SID, TOKEN, SENDER, base=twilio.url))
    yield WhatsApp(
        client,
        public_url="https://bot.example.org",
        words=content.catalogue.text,
        sign=lambda part: f"sign{part}",
        clock=lambda: NOON + timedelta(minutes=1),
    )
    await client.close()


def row(body: dict[str, Any], id_: int = 1, state: str = "waiting") -> OutboxRow:
    return OutboxRow(
        id=id_, learner_id="l", address=Address("whatsapp", LEARNER), address_id=1, channel="whatsapp", body=body,
        priority=0, due_at=NOON, attempts=0, state=state, kind="reply", created_at=NOON,
    )  # fmt: skip


def message(
    content: Content, count: int, *, layout: Layout = Layout.BUTTONS, body: str = "Hello", **how: Any
) -> Message:
    choices = tuple(Choice(f"q:1-{n}", Verbatim(f"Choice {n}"), **how) for n in range(count))
    return word(Say((Verbatim(body),), choices=choices, layout=layout), "en", content.catalogue)


async def with_templates(whatsapp: WhatsApp) -> None:
    whatsapp.known = await sync(await whatsapp.client.templates(), whatsapp.client.create_template)


async def test_every_template_is_one_twilio_takes_and_is_made_once(whatsapp: WhatsApp, twilio: FakeTwilio):
    await with_templates(whatsapp)
    await with_templates(whatsapp)
    assert twilio.refused == []
    assert len(twilio.contents) == len(TEMPLATES) == len(whatsapp.known)
    assert all(one.sid for one in standing(whatsapp.known))


@pytest.mark.parametrize("templates", [True, False])
@pytest.mark.parametrize("detail", [None, Verbatim("About three minutes")])
@pytest.mark.parametrize("count", range(11))
async def test_any_number_of_choices_reaches_the_learner(
    whatsapp: WhatsApp, twilio: FakeTwilio, content: Content, templates: bool, detail: Verbatim | None, count: int
):
    if templates:
        await with_templates(whatsapp)
    layout = Layout.BUTTONS if count <= 3 else Layout.LIST
    for part in whatsapp.parts(message(content, count, layout=layout, detail=detail), HEARD):
        assert isinstance(await whatsapp.send(row(part)), Sent)
    assert twilio.refused == []
    sent = twilio.sent_to(LEARNER)
    carried = "ContentSid" in sent[0]["form"]
    assert carried is (templates and count > 0)
    if count and not carried:
        assert all(f"Choice {n}" in sent[-1]["body"] for n in range(count))


async def test_a_scale_is_typed(whatsapp: WhatsApp, content: Content):
    (part,) = whatsapp.parts(message(content, 10, layout=Layout.SCALE), HEARD)
    assert "from 0" in str(part["text"])


async def test_long_words_are_cut_into_messages_and_nothing_is_lost(
    whatsapp: WhatsApp, twilio: FakeTwilio, content: Content
):
    words = " ".join(f"word{n}" for n in range(900))
    for part in whatsapp.parts(message(content, 0, body=words), HEARD):
        assert isinstance(await whatsapp.send(row(part)), Sent)
    assert twilio.refused == []
    assert " ".join(sent["body"] for sent in twilio.messages).split() == words.split()


async def test_nothing_free_form_goes_out_after_24_hours(whatsapp: WhatsApp, twilio: FakeTwilio, content: Content):
    (part,) = whatsapp.parts(message(content, 2), HEARD)
    whatsapp.clock = lambda: NOON + timedelta(hours=24)
    assert await whatsapp.send(row(part)) == Held("outside the 24-hour window")
    assert twilio.calls == 0


async def test_nothing_goes_out_unasked_without_a_window(whatsapp: WhatsApp, twilio: FakeTwilio, content: Content):
    (part,) = whatsapp.parts(message(content, 2), None)
    assert isinstance(await whatsapp.send(row(part)), Held)
    assert twilio.calls == 0


async def test_a_template_that_vanished_is_replaced_by_text(whatsapp: WhatsApp, twilio: FakeTwilio, content: Content):
    await with_templates(whatsapp)
    twilio.contents.clear()
    (part,) = whatsapp.parts(message(content, 2), HEARD)
    again = await whatsapp.send(row(part))
    assert isinstance(again, Later)
    assert isinstance(await whatsapp.send(row(part)), Sent)
    assert "1. Choice 0" in twilio.messages[-1]["body"]


async def test_an_answer_lost_on_the_way_is_looked_for_before_it_is_sent_again(
    whatsapp: WhatsApp, twilio: FakeTwilio, content: Content
):
    (part,) = whatsapp.parts(message(content, 2), HEARD)
    twilio.faults = ["cut"]
    assert isinstance(await whatsapp.send(row(part)), Unknown)
    found = await whatsapp.send(row(part, state="unknown"))
    assert found == Sent(twilio.messages[0]["sid"])
    assert len(twilio.sent_to(LEARNER)) == 1


async def test_one_that_never_arrived_is_sent_again(whatsapp: WhatsApp, twilio: FakeTwilio, content: Content):
    (part,) = whatsapp.parts(message(content, 2), HEARD)
    assert isinstance(await whatsapp.send(row(part, state="unknown")), Sent)
    assert len(twilio.sent_to(LEARNER)) == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (429, Later),
        (500, Unknown),
        (503, Unknown),
        ("error", Unknown),
        ("page", Unknown),
        (63016, Refused),
        (63024, Left),
        (21610, Left),
        (21614, Left),
        (21408, Later),
        (63018, Later),
        (20005, Later),
        (30002, Later),
        (21656, Refused),
        (99999, Refused),
    ],
)
async def test_every_refusal_has_an_outcome(
    whatsapp: WhatsApp, twilio: FakeTwilio, content: Content, fault: int | str, kind: type
):
    (part,) = whatsapp.parts(message(content, 2), HEARD)
    twilio.faults = [fault]
    assert isinstance(await whatsapp.send(row(part)), kind)


async def test_templates_are_not_made_anew_while_twilio_does_not_tell_which_there_are(
    whatsapp: WhatsApp, twilio: FakeTwilio
):
    await with_templates(whatsapp)
    twilio.ailing = 500
    with pytest.raises(TemplateRefused):
        await with_templates(whatsapp)
    assert len(twilio.contents) == len(TEMPLATES)


@pytest.mark.parametrize("fault", ["error", "cut"])
async def test_what_twilio_took_before_its_answer_went_wrong_is_found_and_not_sent_again(
    whatsapp: WhatsApp, twilio: FakeTwilio, content: Content, fault: str
):
    (part,) = whatsapp.parts(message(content, 2), HEARD)
    twilio.faults = [fault]
    assert isinstance(await whatsapp.send(row(part)), Unknown)
    assert await whatsapp.send(row(part, state="unknown")) == Sent(twilio.messages[0]["sid"])
    assert len(twilio.sent_to(LEARNER)) == 1


async def test_a_page_of_somebody_else_is_no_word_of_twilio_and_the_message_goes_out_later(
    whatsapp: WhatsApp, twilio: FakeTwilio, content: Content
):
    (part,) = whatsapp.parts(message(content, 2), HEARD)
    twilio.faults = ["page"]
    assert isinstance(await whatsapp.send(row(part)), Unknown)
    assert twilio.sent_to(LEARNER) == []
    assert isinstance(await whatsapp.send(row(part, state="unknown")), Sent)
    assert len(twilio.sent_to(LEARNER)) == 1


@pytest.mark.parametrize("body", [{}, {"sid": ""}, {"sid": "SM1"}, {"sid": 7}, {"sid": f"SM{'0' * 32}\n"}])
def test_only_a_proper_id_says_that_twilio_took_it(body: dict[str, Any]):
    assert Reply(201, body).taken is None
    assert Reply(201, {"sid": f"SM{'0' * 32}"}).taken


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("45", 45.0),
        (" 1 ", 1.0),
        ("0", 1.0),
        ("9" * 400, 3600.0),
        (format_datetime(NOON + timedelta(minutes=2), usegmt=True), 60.0),
        (format_datetime(NOON - timedelta(days=1), usegmt=True), 1.0),
        (None, 30.0),
        ("soon", 30.0),
        ("-5", 30.0),
    ],
)
async def test_the_account_waits_as_long_as_twilio_says(
    whatsapp: WhatsApp, twilio: FakeTwilio, content: Content, told: str | None, seconds: float
):
    (part,) = whatsapp.parts(message(content, 2), HEARD)
    twilio.faults, twilio.retry_after = [429], told
    result = await whatsapp.send(row(part))
    assert isinstance(result, Later)
    assert (result.after, result.scope, result.counts) == (seconds, "account", False)


def test_a_country_that_is_not_allowed_holds_up_nobody_else():
    told = codes.outcome(21408)
    assert isinstance(told, Later)
    assert told.scope == "part"


@pytest.mark.parametrize("status", [200, 204, 408, 500, 502, 504])
def test_what_may_have_been_taken_is_never_simply_sent_again(status: int):
    assert isinstance(codes.outcome(None, status), Unknown)
    assert isinstance(codes.outcome(20500, status), Unknown), "also by an error that Twilio numbers"


@pytest.mark.parametrize("status", [409, 425])
def test_what_passes_without_a_code_is_tried_again_by_itself(status: int):
    told = codes.outcome(None, status)
    assert isinstance(told, Later)
    assert (told.scope, told.counts) == ("part", True)


@pytest.mark.parametrize("status", [302, 401, 403, 404])
def test_what_is_a_matter_of_the_account_waits_for_an_operator_and_loses_nothing(status: int):
    told = codes.outcome(None, status)
    assert isinstance(told, Later)
    assert (told.scope, told.after, told.counts) == ("account", 900.0, False)
    assert "an operator must look" in told.reason


def test_a_request_that_is_wrong_is_not_repeated():
    assert isinstance(codes.outcome(None, 400), Refused)
    assert isinstance(codes.outcome(99999, 403), Later), "forbidden is never for the message's sake"


def test_a_code_that_is_no_number_is_none():
    assert Reply(400, {"code": True}).code is None


def test_every_code_has_an_outcome_with_its_reason():
    for code, known in codes.CODES.items():
        told = codes.outcome(code)
        assert f"{code}" in told.reason  # type: ignore[union-attr]
        assert known.reason in told.reason  # type: ignore[union-attr]


async def test_nobody_there_is_tried_again_soon(content: Content):
    client = Client(Account(SID, TOKEN, SENDER, base="http://127.0.0.1:1"))
    there = WhatsApp(client, public_url="https://x", words=content.catalogue.text, sign=str, clock=lambda: NOON)
    (part,) = there.parts(message(content, 1), HEARD)
    assert isinstance(await there.send(row(part)), Later)
    await client.close()


async def test_the_status_url_is_ours_and_signed(whatsapp: WhatsApp, twilio: FakeTwilio, content: Content):
    (part,) = whatsapp.parts(message(content, 1), HEARD)
    await whatsapp.send(row(part, id_=42))
    assert twilio.messages[0]["callback"] == "https://bot.example.org/webhooks/twilio/status?part=42&sign=sign42"


class NobodyKnown:
    """The books of a bot that has heard nothing yet."""

    async def known_deliveries(self, channel: str, event_ids: Collection[str]) -> set[str]:
        return set()

    async def heard_since(self, address: Address, at: datetime) -> bool:
        return False


async def test_what_was_missed_is_read_from_the_list_oldest_first(whatsapp: WhatsApp, twilio: FakeTwilio):
    for n in range(5):
        twilio.received(LEARNER, f"message {n}")
    heard: list[Event] = []

    async def handle(event: Event) -> None:
        heard.append(event)

    assert await catch_up(whatsapp.client, NOON, handle, NobodyKnown(), NOON) == 5
    assert [event.text for event in heard if isinstance(event, Said)] == [f"message {n}" for n in range(5)]
