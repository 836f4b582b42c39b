"""Templates on their way to Meta and back: made once, submitted once, followed."""

from collections.abc import AsyncIterator

import pytest

from bot.channels.whatsapp.approvals import advice, followed, seen, standings, sync
from bot.channels.whatsapp.asked import Asked, Standing, wanted
from bot.channels.whatsapp.client import Account, Client, Lost, NotSent, TemplateRefused
from bot.service import Content
from tests.fakes.twilio import SENDER, SID, TOKEN, FakeTwilio


@pytest.fixture
async def client(twilio: FakeTwilio) -> AsyncIterator[Client]:
    made = Client(Account(SID, TOKEN, SENDER, base=twilio.url))
    yield made
    await made.close()


@pytest.fixture
def asked(content: Content) -> list[Asked]:
    return wanted(content.catalogue)


async def synced(client: Client, asked: list[Asked]) -> tuple[list[Standing], list[str]]:
    steps: list[str] = []
    return [one async for one in sync(client, asked, lambda what, one: steps.append(what))], steps


async def known(client: Client, asked: list[Asked]) -> dict[str, Standing]:
    return {one.name: one for one in (await synced(client, asked))[0]}


async def test_each_is_made_and_submitted_once_as_utility(
    client: Client, twilio: FakeTwilio, asked: list[Asked]
) -> None:
    first, steps = await synced(client, asked)
    again, nothing = await synced(client, asked)
    assert twilio.refused == []
    assert (steps.count("made"), steps.count("submitted"), nothing) == (len(asked), len(asked), [])
    assert {one.state for one in first} == {"received"}
    assert again == first
    assert len(twilio.contents) == len(asked)
    assert {content["approval"]["category"] for content in twilio.contents.values()} == {"UTILITY"}


async def test_one_that_was_made_by_a_run_that_broke_off_is_only_submitted(
    client: Client, twilio: FakeTwilio, asked: list[Asked]
) -> None:
    await client.create_template(asked[0].body())
    assert [one.state for one in standings(asked, await client.judged_templates())][:2] == ["made", "missing"]
    _, steps = await synced(client, asked[:1])
    assert steps == ["submitted"]
    assert len(twilio.contents) == 1


async def test_one_that_meta_rejected_is_told_with_its_reason_and_left_alone(
    client: Client, twilio: FakeTwilio, asked: list[Asked]
) -> None:
    await synced(client, asked)
    twilio.judge("sse_asked_lesson_es", "rejected", reason="INCORRECT_CATEGORY")
    judged, steps = await synced(client, asked)
    (rejected,) = [one for one in judged if one.state == "rejected"]
    assert (rejected.language, rejected.reason, steps) == ("es", "INCORRECT_CATEGORY", [])
    assert "asked.lesson" in advice(rejected)
    assert twilio.refused == []


async def test_one_that_twilio_refuses_does_not_hold_up_the_others(
    client: Client, twilio: FakeTwilio, asked: list[Asked]
) -> None:
    bad = Asked("lesson", "en", "{time} begins it, which Meta does not take.", "Go")
    judged, _ = await synced(client, [bad, *asked])
    assert (judged[0].state, "may not begin" in judged[0].reason) == ("missing", True)
    assert {one.state for one in judged[1:]} == {"received"}


async def test_meta_s_word_is_followed_and_a_change_of_category_is_kept(
    client: Client, twilio: FakeTwilio, asked: list[Asked]
) -> None:
    before = await known(client, asked)
    twilio.judge("sse_asked", "approved")
    twilio.judge("sse_asked_lesson_fr", "approved", category="MARKETING")
    twilio.judge("sse_asked_review", "paused")
    now = await followed(client, before)
    assert {one.category for one in now.values() if one.kind == "lesson" and one.language == "fr"} == {"marketing"}
    assert {one.state for one in now.values() if one.kind == "review"} == {"paused"}
    assert {one.state for one in now.values() if one.kind in ("lesson", "slower", "follow_up")} == {"approved"}
    assert [one.kind for one in now.values() if "marketing" in advice(one)] == ["lesson"]


async def test_one_that_is_gone_at_twilio_is_missing_until_it_is_back(
    client: Client, twilio: FakeTwilio, asked: list[Asked]
) -> None:
    before = await known(client, asked)
    twilio.judge("sse_asked", "approved")
    kept = dict(twilio.contents)
    twilio.contents.clear()
    gone = await followed(client, before)
    assert {one.state for one in gone.values()} == {"missing"}
    twilio.contents |= kept
    assert {one.state for one in (await followed(client, gone)).values()} == {"approved"}


async def test_a_twilio_that_does_not_answer_changes_nothing(twilio: FakeTwilio, asked: list[Asked]) -> None:
    stranger = Client(Account(SID, "another token", SENDER, base=twilio.url))
    with pytest.raises((TemplateRefused, Lost)):
        await followed(stranger, {})
    await stranger.close()
    nobody = Client(Account(SID, TOKEN, SENDER, base="http://127.0.0.1:1"))
    with pytest.raises(NotSent):
        await followed(nobody, {})
    await nobody.close()


def test_both_forms_of_twilio_s_answer_are_read() -> None:
    told = {"status": "APPROVED", "category": "UTILITY", "rejection_reason": "NONE"}
    flat = seen({"friendly_name": "a", "sid": "HX1", "approval_requests": told})
    deep = seen({"friendly_name": "a", "sid": "HX1", "approval_requests": {"whatsapp": told}})
    assert flat == deep
    assert (flat.state, flat.category, flat.reason) == ("approved", "utility", "")
    assert seen({"friendly_name": "a", "sid": "HX1", "approval_requests": None}).state == "made"
