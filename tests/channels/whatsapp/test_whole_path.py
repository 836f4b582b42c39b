"""The first session on WhatsApp: over Twilio's hooks, through the real house, into a fake Twilio."""

import itertools
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from bot.channels.hook import LARGEST
from bot.channels.whatsapp.signature import signed
from bot.engine.events import Address
from bot.engine.learner import Status, Step
from bot.metrics.books import imbalances
from bot.wiring import House
from storage.erasing import personal_tables
from storage.rows import AnswerFilter
from storage.tables import addresses, learners, outbox
from tests.channels.whatsapp.phone import PUBLIC, Phone, platform, whatsapp_house, with_templates
from tests.fakes.twilio import SENDER, SID, TOKEN, FakeTwilio
from tests.makers import NOON
from tests.service.house import Clock

FORM = "application/x-www-form-urlencoded"
NUMBERS = {"en": "whatsapp:+447700900123", "es": "whatsapp:+34911234567", "fr": "whatsapp:+33123456789"}


@pytest.fixture
async def house(twilio: FakeTwilio, sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with whatsapp_house(twilio, sqlite_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def phone(house: House, twilio: FakeTwilio) -> AsyncIterator[Phone]:
    made = Phone(house, twilio)
    yield made
    await made.close()


async def place(phone: Phone) -> Step:
    learner_id = await phone.house.store.learner_at(Address("whatsapp", phone.number))
    async with phone.house.store.read() as look:
        return (await look.learners([str(learner_id)]))[str(learner_id)].place.step


async def status(phone: Phone) -> Status:
    learner_id = await phone.house.store.learner_at(Address("whatsapp", phone.number))
    learner = await phone.house.store.learner(str(learner_id))
    assert learner is not None
    return learner.status


async def answers(house: House) -> int:
    return sum([len(page) async for page in house.store.answers(AnswerFilter())])


@pytest.mark.parametrize("language", NUMBERS)
@pytest.mark.parametrize("how", ["taps", "numbers", "letters"])
async def test_a_lesson_from_hello_to_where_next(
    house: House, twilio: FakeTwilio, phone: Phone, language: str, how: str
):
    """One message a tap, nothing refused, never the same text twice, the answers kept."""
    phone.number = NUMBERS[language]
    if how == "taps":
        await with_templates(house)
    await phone.says("hi" if language == "en" else {"es": "hola", "fr": "bonjour"}[language])
    texts = [phone.text]
    for _ in range(15):
        assert len(phone.shown) == 1
        if await place(phone) is Step.NEXT:
            break
        second = await place(phone) is Step.AGE  # the first band is too young for answers to be kept
        if how == "taps":
            await phone.taps(phone.choices()[second][0])
        else:
            await phone.says({"numbers": "12", "letters": "AB"}[how][second])
        texts.append(phone.text)
    assert await place(phone) is Step.NEXT
    assert twilio.refused == []
    assert all(one != two for one, two in itertools.pairwise(texts))
    assert await answers(house) >= 2


async def test_start_with_a_campaign_is_counted(house: House, phone: Phone):
    await house.store.add_campaign("poster", "Poster", house.clock())
    await house.look_for_campaigns()
    await phone.says("START poster")
    assert [campaign.joins for campaign in await house.store.campaigns()] == [1]
    assert "Ravi" in phone.text


def link_in(text: str) -> str:
    (found,) = re.findall(rf"{PUBLIC}(/mydata\S+)", text)
    return str(found)


async def test_one_s_own_data_are_one_message_however_often_they_are_asked_for(
    house: House, phone: Phone, twilio: FakeTwilio
):
    """They were told in the talk before, each time with all times before: 4 messages, 11, 31, 94 …"""
    await with_templates(house)
    await phone.says("hola")
    for _ in range(6):
        await phone.says("mis datos")
        assert len(phone.shown) == 1
        assert len(phone.text) < 1024
        assert [data for _, data in phone.choices()] == ["c:on"]
    assert "mensajes entre tú y yo: 6" in phone.text
    assert twilio.refused == []
    await phone.says("STOP")
    assert len(phone.shown) == 1, "nothing stands before it"


async def test_one_s_own_data_are_whole_behind_the_link_for_a_day_and_for_nobody_without_it(
    twilio: FakeTwilio, sqlite_url: str, tmp_path: Path
):
    clock = Clock()
    async with whatsapp_house(twilio, sqlite_url, tmp_path, clock) as house:
        phone = Phone(house, twilio)
        await phone.says("hola")
        await phone.says("mis datos")
        link = link_in(phone.text)
        found = await phone.http.get(link)
        assert found.headers["content-disposition"].startswith("attachment")
        assert found.headers["cache-control"] == "no-store"
        everything = found.json()
        assert everything["addresses"][0]["address"] == phone.number
        assert [len(everything[table]) for table in ("learners", "outbox")] == [1, 2]
        assert set(everything) == {table.name for table in personal_tables()}
        other = Phone(house, twilio, "whatsapp:+34911234568")
        await other.says("hola")
        theirs = await house.store.learner_at(Address("whatsapp", other.number))
        mine = await house.store.learner_at(Address("whatsapp", phone.number))
        for wrong in (link.replace(str(mine), str(theirs)), f"{link}0", link.replace("sign=", "sign=A"), "/mydata"):
            assert (await phone.http.get(wrong)).status_code == 404
        clock.move(hours=24)
        assert (await phone.http.get(link)).status_code == 404
        await other.close()
        await phone.close()


async def test_a_link_to_data_that_were_deleted_leads_nowhere(house: House, phone: Phone):
    await phone.says("hola")
    await phone.says("mis datos")
    link = link_in(phone.text)
    await phone.says("borrar")
    await phone.says("sí")
    assert (await phone.http.get(link)).status_code == 404


async def test_the_same_message_twice_is_answered_once(phone: Phone, twilio: FakeTwilio):
    fields = {"MessageSid": "SM" + "a" * 32, "AccountSid": SID, "From": phone.number, "To": SENDER, "Body": "hola"}
    for _ in range(3):
        assert (await phone.post(**fields)).status_code == 200
    await phone.receives()
    assert len(phone.shown) == 1


@pytest.mark.parametrize(
    ("headers", "changes"),
    [
        ({}, {}),
        ({"X-Twilio-Signature": ""}, {}),
        ({"X-Twilio-Signature": "wrong"}, {}),
        (None, {"AccountSid": "AC" + "1" * 32}),
        (None, {"To": "whatsapp:+15550000000"}),
    ],
)
async def test_what_is_not_twilios_or_not_ours_leaves_no_trace(
    house: House, twilio: FakeTwilio, phone: Phone, headers: dict[str, str] | None, changes: dict[str, str]
):
    fields = {"MessageSid": "SM" + "a" * 32, "AccountSid": SID, "From": phone.number, "To": SENDER, "Body": "hola"}
    answer = await phone.post(headers=headers, **{**fields, **changes})
    assert answer.status_code == 403
    await phone.receives()
    assert await house.store.counters() == {}
    assert twilio.messages == []


async def posted(phone: Phone, path: str, fields: list[tuple[str, str]], kind: str = FORM) -> int:
    """The status of a form as Twilio signs it, in which a field may stand twice."""
    headers = {"X-Twilio-Signature": signed(TOKEN, PUBLIC + path, fields).decode(), "Content-Type": kind}
    return (await phone.http.post(path, content=urlencode(fields), headers=headers)).status_code


async def test_a_doubled_field_is_refused_though_it_is_signed(house: House, phone: Phone):
    fields = [
        ("MessageSid", "SM" + "a" * 32),
        ("AccountSid", SID),
        ("From", phone.number),
        ("To", SENDER),
        ("Body", "a"),
        ("Body", "b"),
    ]
    assert await posted(phone, "/webhooks/twilio", fields) == 403
    assert await house.store.counters() == {}


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("Application/X-WWW-Form-Urlencoded; charset=UTF-8", 200),
        ("application/x-www-form-urlencoded ;charset=utf-8", 200),
        ("application/x-www-form-urlencoded-not", 415),
    ],
)
async def test_a_form_is_known_by_its_type_however_that_is_written(phone: Phone, kind: str, status: int):
    fields = {"MessageSid": "SM" + "a" * 32, "AccountSid": SID, "From": phone.number, "To": SENDER, "Body": "hola"}
    assert await posted(phone, "/webhooks/twilio", list(fields.items()), kind) == status


@pytest.mark.parametrize(
    "changes",
    [
        {"AccountSid": "AC" + "9" * 32},
        {"AccountSid": ""},
        {"From": "whatsapp:+15550000000"},
        {"MessageSid": "SM" + "9" * 32},
        {"MessageSid": ""},
    ],
    ids=str,
)
async def test_news_of_a_message_that_is_not_ours_makes_nobody_gone(phone: Phone, changes: dict[str, str]):
    """Signed by Twilio, with a part that we signed: still another account, sender or message."""
    await phone.says("hola")
    told = {"MessageSid": phone.shown[0]["sid"], "AccountSid": SID, "From": SENDER, "To": phone.number}
    told |= {"MessageStatus": "failed", "ErrorCode": "63024"}
    callback = str(phone.shown[0]["callback"]).removeprefix(PUBLIC)
    assert (await phone.post(callback, **{**told, **changes})).status_code == 200
    assert await status(phone) is Status.ACTIVE
    await phone.post(callback, **told)
    assert await status(phone) is Status.LEFT


async def test_news_that_could_mean_two_things_means_nothing(phone: Phone):
    await phone.says("hola")
    fields = [("MessageSid", str(phone.shown[0]["sid"])), ("AccountSid", SID), ("MessageStatus", "delivered")]
    doubled = [*fields, ("MessageStatus", "failed"), ("ErrorCode", "63024")]
    callback = str(phone.shown[0]["callback"]).removeprefix(PUBLIC)
    assert await posted(phone, callback, doubled) == 403
    assert await phone.house.store.reports(1) == []
    assert await status(phone) is Status.ACTIVE


async def test_an_authentic_but_unusable_message_is_kept_and_acknowledged(house: House, phone: Phone):
    answer = await phone.post(MessageSid="odd", AccountSid=SID, From=phone.number, To=SENDER, Body="hola")
    assert answer.status_code == 200
    assert [row.state for row in await house.store.inbox()] == ["unusable"]


async def test_a_number_and_its_user_id_are_one_learner(house: House, phone: Phone):
    await phone.says("hola", ExternalUserId="whatsapp:ES.1A2B")
    await phone.says("1")
    other = Phone(house, phone.twilio, number="whatsapp:ES.1A2B")
    await other.says("menu", ExternalUserId="whatsapp:ES.1A2B")
    assert (await house.store.counters())["handled"] == 3
    assert await place(other) is Step.REPLY
    await other.close()


@pytest.fixture
async def twice(house: House, phone: Phone) -> AsyncIterator[Phone]:
    """The same person by their user id, taken for somebody else before Twilio told that they are one."""
    made = Phone(house, phone.twilio, number="whatsapp:ES.1A2B")
    await made.says("hola")
    await phone.says("hola")
    assert len(await everybody(house)) == 2
    yield made
    await made.close()


async def everybody(house: House) -> list[str]:
    async with house.store.read() as look:
        return list((await look.connection.execute(select(learners.c.status))).scalars())


async def test_who_was_taken_for_two_stops_both(house: House, phone: Phone, twice: Phone):
    await phone.says("STOP", ExternalUserId=twice.number)
    assert await everybody(house) == ["stopped", "stopped"]
    await phone.says("STOP", ExternalUserId=twice.number)
    await twice.says("EMPEZAR")
    assert sorted(await everybody(house)) == ["active", "stopped"]
    await phone.says("STOP", ExternalUserId=twice.number)
    assert await everybody(house) == ["stopped", "stopped"]


async def test_who_was_taken_for_two_deletes_both(house: House, phone: Phone, twice: Phone):
    await phone.says("borrar", ExternalUserId=twice.number)
    await phone.says("sí", ExternalUserId=twice.number)
    assert "Borré todo" in phone.text
    assert await everybody(house) == []
    assert list(imbalances(await house.store.books())) == []
    await twice.says("hola")
    assert len(await everybody(house)) == 1


async def test_a_status_is_taken_only_with_our_signature_and_in_any_order(
    house: House, phone: Phone, twilio: FakeTwilio
):
    await phone.says("hola")
    callback = str(phone.shown[0]["callback"]).removeprefix(PUBLIC)
    fields = {"MessageSid": phone.shown[0]["sid"], "MessageStatus": "delivered", "AccountSid": SID}
    assert (await phone.post(callback, **fields)).status_code == 200
    assert (await phone.post(callback, **{**fields, "MessageStatus": "sent"})).status_code == 200
    forged = callback[:-4] + "aaaa"
    assert (await phone.post(forged, **fields)).status_code == 200
    assert {tell.status for tell in await house.store.reports(1)} == {"delivered", "sent"}


async def test_somebody_who_blocked_us_has_left_and_comes_back_where_they_were(house: House, phone: Phone):
    await phone.says("hola")
    await phone.says("1")
    await phone.ends(phone.shown[0], 63024)
    assert await status(phone) is Status.LEFT
    await phone.says("start")
    assert await place(phone) is Step.REPLY


async def test_nothing_that_waits_goes_out_to_somebody_who_blocked_us(house: House, phone: Phone, twilio: FakeTwilio):
    await phone.says("hola")
    part = await house.store.part(1)
    assert part is not None
    async with house.store.transaction() as tx:  # a talk that is ahead of what has gone out
        later = {name: getattr(part, name) for name in ("learner_id", "address_id", "channel", "priority", "kind")}
        later |= {"body": "{}", "state": "waiting", "attempts": 0, "due_at": NOON, "created_at": NOON, "epoch": 0}
        await tx.connection.execute(outbox.insert(), [later, later])
        tx.count("due", 2)
    await phone.ends(phone.shown[0], 63014)
    before = twilio.calls
    await phone.receives()
    assert twilio.calls == before
    books = await house.store.books()
    assert (books["cancelled"], list(imbalances(books))) == (2, [])


async def test_old_news_that_they_blocked_us_is_none_once_they_have_written(phone: Phone):
    await phone.says("hola")
    old = phone.shown[0]
    await phone.says("1")
    await phone.ends(old, 63014)
    assert await status(phone) is Status.ACTIVE


async def test_meta_s_limit_holds_up_nobody_else(house: House, phone: Phone, twilio: FakeTwilio):
    bob = Phone(house, twilio, "whatsapp:+34911234568")
    twilio.faults = [63018]
    await phone.says("hola")
    assert phone.shown == []
    await bob.says("hola")
    assert len(bob.shown) == 1
    await bob.close()


async def test_an_answer_of_twilio_lost_on_the_way_is_not_sent_again(house: House, phone: Phone, twilio: FakeTwilio):
    twilio.faults = ["cut"]
    await phone.says("hola")
    (row,) = [state for _, state in await house.store.depth()]
    assert row == "unknown"
    fields = {"MessageSid": twilio.messages[0]["sid"], "MessageStatus": "sent", "AccountSid": SID}
    await phone.post(str(twilio.messages[0]["callback"]).removeprefix(PUBLIC), **fields)
    assert await house.store.depth() == {}
    assert len(twilio.sent_to(phone.number)) == 1


@pytest.mark.parametrize("word", ["a report", "a tap"])
async def test_what_twilio_took_before_its_server_failed_is_seen_once(
    house: House, phone: Phone, twilio: FakeTwilio, word: str
):
    """Its report or the learner's own tap settles it, long before anybody would send it again."""
    await with_templates(house)
    await phone.says("hola")
    twilio.faults = ["error"]
    await phone.taps(phone.choices()[0][0])
    (taken,) = phone.shown
    if word == "a tap":
        await phone.taps(phone.choices()[0][0])
    else:
        await phone.post(
            str(taken["callback"]).removeprefix(PUBLIC),
            MessageSid=taken["sid"],
            MessageStatus="sent",
            AccountSid=SID,
            From=SENDER,
            To=phone.number,
        )
    assert await house.store.depth() == {}
    assert [one["sid"] for one in twilio.sent_to(phone.number)].count(taken["sid"]) == 1
    assert len({one["body"] for one in twilio.sent_to(phone.number)}) == len(twilio.sent_to(phone.number))


async def test_a_message_that_somebody_else_answered_for_twilio_is_not_lost(
    house: House, phone: Phone, twilio: FakeTwilio
):
    twilio.faults = ["page"]
    await phone.says("hola")
    assert phone.shown == []
    assert [state for _, state in await house.store.depth()] == ["unknown"]
    await phone.says("hola?")
    assert len(phone.shown) >= 1


async def test_nothing_is_said_to_our_own_number(house: House, phone: Phone):
    phone.number = SENDER
    answer = await phone.post(MessageSid="SM" + "a" * 32, AccountSid=SID, From=SENDER, To=SENDER, Body="hi")
    assert answer.status_code == 200
    assert await house.store.counters() == {}


@pytest.mark.parametrize("headers", [{"Content-Encoding": "gzip"}, {"Content-Type": "application/json"}])
async def test_odd_bodies_are_refused(phone: Phone, headers: dict[str, str]):
    answer = await phone.http.post("/webhooks/twilio", content=b"x", headers=headers)
    assert answer.status_code == 415


async def test_a_huge_body_is_cut_off(phone: Phone):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await phone.http.post("/webhooks/twilio", content=b"a=" + b"x" * LARGEST, headers=headers)
    assert answer.status_code == 413


def test_the_platform_says_whether_it_holds_the_lease(house: House):
    assert platform(house).state() == "waiting"


async def test_what_mydata_sends_counts_in_the_days_budget(house: House, twilio: FakeTwilio, phone: Phone):
    await phone.says("hola")
    await phone.says("1")
    await phone.says("mydata")
    (spent,) = await house.store.spent(house.purse.today())
    assert spent.messages == len(twilio.sent_to(phone.number))
    assert house.purse.spent("ES").messages == spent.messages


async def test_delete_leaves_neither_the_number_nor_the_user_id_once_its_last_words_are_sent(
    house: House, phone: Phone
):
    for word in ("hola", "delete", "1"):
        await phone.says(word, ExternalUserId="whatsapp:ES.1A2B")
    assert "Borré todo" in phone.text
    async with house.store.read() as look:
        assert (await look.connection.execute(select(addresses))).all() == []
