"""Every update Telegram may send comes to an event or to a reason, and never to an exception."""

import json
from pathlib import Path
from typing import Any

import pytest
import telegram
from hypothesis import given
from hypothesis import strategies as st
from telegram.ext.filters import StatusUpdate

from bot.channels.telegram.parse import AROUND, KINDS, SERVICE, AnswerTap, AskPrivate, Parsed, TappedHere, parse
from bot.engine import events
from bot.engine.events import Address, Said, SentOther, Started, Tapped
from tests.makers import NOON

RECORDED: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "updates.json").read_text("utf-8"))


def read(update: object) -> Parsed:
    return parse(json.dumps(update).encode(), NOON)


def recorded(name: str, **changes: Any) -> Parsed:
    return read({**RECORDED[name], **changes})


def test_words_are_said() -> None:
    parsed = recorded("text")
    assert parsed.event == Said(
        id="telegram:10000", address=Address("telegram", "1111111"), at=NOON, languages=("es-MX",), text="Hola 👋"
    )
    assert parsed.ephemeron is None


@pytest.mark.parametrize(
    ("text", "campaign"),
    [("/start", None), ("/start poster-7", "poster-7"), ("/start@sse_bot poster", "poster"), ("/START", None)]
    + [(f"/start {odd}", None) for odd in ("../etc", "a b", "<b>", "x" * 65, "é")],
)
def test_a_start_link_brings_its_campaign_and_nothing_else(text: str, campaign: str | None) -> None:
    parsed = recorded("text", message={**RECORDED["text"]["message"], "text": text})
    assert isinstance(parsed.event, Started)
    assert parsed.event.campaign == campaign


def test_a_command_with_the_bots_name_is_the_command() -> None:
    parsed = recorded("text", message={**RECORDED["text"]["message"], "text": "/menu@sse_bot"})
    assert isinstance(parsed.event, Said)
    assert parsed.event.text == "/menu"


def test_a_tap_knows_the_message_it_was_made_on() -> None:
    parsed = recorded("tap")
    tap = parsed.event
    assert isinstance(tap, TappedHere)
    assert (tap.data, tap.message) == ("q:7-one", "365")
    assert tap.shown is not None
    assert tap.shown.runs == (("👋 Who decides? ", False), ("One vote each?", True))
    assert (tap.shown.label, tap.shown.caption) == ("One vote", False)
    assert parsed.ephemeron == AnswerTap("4382bfdwdsb323b2d9")


def test_a_tap_on_a_picture_knows_its_caption() -> None:
    tap = recorded("tap_on_photo").event
    assert isinstance(tap, TappedHere)
    assert tap.shown is not None
    assert tap.shown.caption
    assert tap.shown.runs == (("Look at this.", False),)


def test_a_tap_on_a_message_that_telegram_no_longer_tells_still_counts() -> None:
    tap = recorded("tap_on_inaccessible").event
    assert isinstance(tap, Tapped)
    assert isinstance(tap, TappedHere)
    assert (tap.data, tap.message, tap.shown) == ("q:7-one", "365", None)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"photo": []}, "photo"),
        ({"video": {}}, "photo"),
        ({"voice": {}}, "voice"),
        ({"audio": {}}, "voice"),
        ({"sticker": {}}, "sticker"),
        ({"animation": {}, "document": {}}, "photo"),
        ({"document": {}}, "file"),
        ({"location": {"latitude": 1, "longitude": 1}}, "location"),
        ({"venue": {}, "location": {}}, "location"),
        ({"contact": {"phone_number": "+34600000000"}}, "contact"),
        ({"poll": {}}, "other"),
        ({"dice": {}}, "other"),
    ],
)
def test_what_is_no_text_is_noted_by_its_kind_alone(content: dict[str, Any], kind: str) -> None:
    message = {key: value for key, value in RECORDED["text"]["message"].items() if key != "text"}
    event = recorded("text", message={**message, **content, "caption": "secret words"}).event
    assert isinstance(event, SentOther)
    assert event.kind == kind
    assert "secret" not in repr(event)
    assert "600000000" not in repr(event)


def test_blocking_is_leaving_and_unblocking_waits_for_a_word() -> None:
    assert isinstance(recorded("blocked").event, events.Left)
    unblocked = recorded("unblocked")
    assert (unblocked.event, unblocked.unusable) == (None, "unblocked")


def test_an_edited_answer_is_not_an_answer_again() -> None:
    edited = recorded("edited")
    assert (edited.event, edited.unusable, edited.made) == (None, "edited", "")


@pytest.mark.parametrize("name", ["group_text", "group_command", "channel_post", "added_to_group"])
def test_nothing_said_in_a_group_gets_through_but_the_wish_for_one_line(name: str) -> None:
    parsed = recorded(name)
    assert (parsed.event, parsed.unusable, parsed.made) == (None, "not in private", "")
    assert isinstance(parsed.ephemeron, AskPrivate)
    assert parsed.ephemeron.asked == (name == "group_command")


CALLED = {"message_id": 5, "date": 1, "chat": {"id": -100, "type": "supergroup"}, "text": "/start@sse_bot"}
ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}


def test_an_admin_who_speaks_in_the_name_of_the_group_is_somebody_and_a_bot_is_nobody() -> None:
    in_its_name = {**CALLED, "from": ANONYMOUS, "sender_chat": CALLED["chat"]}
    assert read({"update_id": 5, "message": in_its_name}).ephemeron == AskPrivate(-100, "en", asked=True)
    as_another = {**in_its_name, "sender_chat": {"id": -200, "type": "channel"}}
    assert read({"update_id": 5, "message": as_another}).ephemeron is None
    assert read({"update_id": 5, "message": {**CALLED, "from": ANONYMOUS}}).ephemeron is None


def test_what_stands_in_place_of_words_in_a_group_is_no_call() -> None:
    raw = b'{"update_id":5,"message":{"chat":{"id":-100,"type":"group"},"text":' + b"[" * 900 + b"]" * 900 + b"}}"
    assert parse(raw, NOON).ephemeron == AskPrivate(-100, "en", asked=False)


def test_the_topic_of_a_forum_is_known_and_a_thread_of_replies_is_none() -> None:
    replying = {**CALLED, "from": {"id": 7}, "message_thread_id": 42}
    assert read({"update_id": 5, "message": replying}).ephemeron == AskPrivate(-100, "en", asked=True)
    in_topic = {**replying, "is_topic_message": True}
    assert read({"update_id": 5, "message": in_topic}).ephemeron == AskPrivate(-100, "en", asked=True, topic=42)


@pytest.mark.parametrize("id_", ["", "\ud800", "a b", "a\n", "é", "x" * 65, 7, None], ids=repr)
def test_a_tap_whose_id_cannot_be_given_back_is_no_tap(id_: object) -> None:
    parsed = recorded("tap", callback_query={**RECORDED["tap"]["callback_query"], "id": id_})
    assert (parsed.event, parsed.ephemeron) == (None, None)
    assert parsed.unusable == "callback_query: a tap without an id"


def test_a_tap_in_a_group_is_refused_politely() -> None:
    query = {**RECORDED["tap"]["callback_query"]}
    query["message"] = {**query["message"], "chat": {"id": -100, "type": "supergroup", "title": "g"}}
    parsed = recorded("tap", callback_query=query)
    assert parsed.event is None
    assert parsed.ephemeron == AnswerTap("4382bfdwdsb323b2d9", refused="en")


def test_a_press_by_somebody_else_is_nobodys_answer() -> None:
    query = {**RECORDED["tap"]["callback_query"], "from": {"id": 5, "is_bot": False, "first_name": "B"}}
    assert recorded("tap", callback_query=query).event is None


def test_half_a_surrogate_and_nul_are_cleaned() -> None:
    raw = json.dumps(RECORDED["text"]).replace("Hola", "a\\u0000b\\ud83d").encode()
    event = parse(raw, NOON).event
    assert isinstance(event, Said)
    assert event.text.startswith("ab")
    event.text.encode()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_other_encodings_are_read(encoding: str) -> None:
    assert isinstance(parse(json.dumps(RECORDED["text"]).encode(encoding), NOON).event, Said)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"nonsense",
        b"[]",
        b'{"update_id": 1',
        b'{"update_id": NaN}',
        b'{"update_id": 1.5}',
        b'{"update_id": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 3000 + b"1" + b"}" * 3000,
        b"\xff\xfe\x00",
    ],
    ids=["empty", "words", "list", "cut", "nan", "part", "huge", "brackets", "deep", "bytes"],
)
def test_what_is_no_update_has_a_reason_and_an_id(raw: bytes) -> None:
    parsed = parse(raw, NOON)
    assert parsed.event is None
    assert parsed.unusable
    assert parsed.made
    assert parsed.id == parse(raw, NOON).id


@pytest.mark.parametrize(
    "update",
    [
        {"update_id": 5, "hologram": {}},
        {"update_id": 5},
        {"update_id": 5, "message": "text"},
        {"update_id": 5, "message": {}},
        {"update_id": 5, "message": {"chat": {"type": "private"}, "text": "no id"}},
        {"update_id": 5, "message": {"chat": {"id": 2**70, "type": "private"}, "text": "far"}},
        {"update_id": 5, "message": {"chat": {"id": True, "type": "private"}, "text": "true"}},
        {"update_id": 5, "message": {"chat": {"id": 7, "type": "private"}, "text": ["a"]}},
        {"update_id": 5, "message": {"chat": {"id": 7, "type": "private"}, "pinned_message": {}}},
        {"update_id": 5, "message": {"chat": {"id": 7, "type": "private"}, "from": {"is_bot": True}, "text": "beep"}},
        {"update_id": 5, "callback_query": {"data": "q:1-a"}},
        {"update_id": 5, "my_chat_member": {"chat": {"id": 7, "type": "private"}}},
    ],
)
def test_of_an_update_of_a_strange_form_the_operator_sees_how_it_is_made(update: dict[str, Any]) -> None:
    parsed = read(update)
    assert parsed.event is None
    assert parsed.unusable
    assert json.loads(parsed.made).keys() == update.keys()
    assert parsed.id == "telegram:5"


SECRET = {"text": "a SECRET word", "entities": [{"type": "SECRET"}], "A SECRET": ["SECRET"], "from": {"id": 7}}


@pytest.mark.parametrize(
    "update",
    [
        {"message": {**SECRET, "chat": {"id": -9}}},
        {"message": {**SECRET, "chat": {"id": -9, "type": "gigagroup", "title": "SECRET"}}},
        {"message": {**SECRET, "chat": {"id": 7, "type": "private"}, "from": {"id": 7, "is_bot": True}}},
        {"business_message": {**SECRET, "chat": {"id": 77, "type": "private"}}},
        {"guest_message": {**SECRET, "chat": {"id": -77, "type": "supergroup"}}},
        {"poll_answer": {"user": {"first_name": "SECRET"}, "option_ids": ["SECRET"]}},
    ],
    ids=str,
)
def test_of_what_others_write_no_word_is_kept(update: dict[str, Any]) -> None:
    parsed = read({"update_id": 5, **update})
    assert parsed.event is None
    assert '"dict"' in parsed.made or '"str"' in parsed.made or '"int"' in parsed.made
    assert "SECRET" not in repr(parsed)


def test_of_what_is_no_json_no_word_is_kept() -> None:
    parsed = parse(b'{"update_id": 5, "message": {"text": "a SECRET word', NOON)
    assert (parsed.unusable, parsed.made) == ("no JSON", "51 bytes")


@pytest.mark.parametrize("odd", [b"NaN", b"-Infinity", b"9" * 4500, b"[" * 3000 + b"]" * 3000, b'"\xff\x00"'])
def test_one_odd_value_makes_nothing_else_of_an_update_unreadable(odd: bytes) -> None:
    raw = json.dumps(RECORDED["text"]).encode()
    with_it = b'{"x": ' + odd + b", " + raw[1:]
    assert parse(with_it, NOON).event == parse(raw, NOON).event


SENT_BY_PEOPLE = ["poll", "dice", "game", "story", "checklist", "invoice", "giveaway", "giveaway_winners", "hologram"]


@pytest.mark.parametrize("kind", SENT_BY_PEOPLE)
def test_whatever_somebody_sends_or_forwards_is_answered_also_what_telegram_thinks_of_next(kind: str) -> None:
    about = {"chat": {"id": 7, "type": "private"}, "message_id": 1, "date": 1, "forward_origin": {"type": "user"}}
    event = read({"update_id": 6, "message": {**about, kind: {}}}).event
    assert isinstance(event, SentOther)
    assert event.kind == "other"


def test_every_field_that_the_library_knows_is_a_kind_a_service_or_around_them() -> None:
    fields = {name for name in telegram.Message.__slots__ if not name.startswith("_")} - {"from_user"}
    assert fields - AROUND - SERVICE - KINDS.keys() <= set(SENT_BY_PEOPLE)
    told = {name.lower() for name in dir(StatusUpdate) if name.isupper()}
    assert told - {"all", "chat_created", "migrate"} <= SERVICE


@pytest.mark.parametrize("service", sorted(SERVICE))
def test_what_telegram_tells_of_the_chat_is_nobody_s_word(service: str) -> None:
    about = {"chat": {"id": 7, "type": "private"}, "message_id": 1, "date": 1}
    assert read({"update_id": 6, "message": {**about, service: {}, "a_field_to_come": 1}}).event is None


def test_fields_we_do_not_need_may_be_missing() -> None:
    bare = {"update_id": 6, "message": {"chat": {"id": 7, "type": "private"}, "text": "hi"}}
    event = read(bare).event
    assert isinstance(event, Said)
    assert event.languages == ()


def test_a_language_that_is_none_is_no_guess() -> None:
    sender = {"id": 7, "language_code": "'; DROP TABLE"}
    event = read({"update_id": 6, "message": {"chat": {"id": 7, "type": "private"}, "from": sender, "text": "x"}}).event
    assert event is not None
    assert event.languages == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
        ["message", "callback_query", "my_chat_member", "chat", "from", "id", "type", "text", "data", "entities",
         "reply_markup", "inline_keyboard", "update_id", "date", "new_chat_member", "status", "offset", "length"]
    ), inner, max_size=6),
    max_leaves=25,
)  # fmt: skip


@given(JSON, st.sampled_from(sorted(RECORDED)), st.sampled_from(["message", "callback_query", "my_chat_member"]))
def test_whatever_stands_in_an_update_nothing_is_raised(value: Any, name: str, field: str) -> None:
    for update in (
        value,
        {**RECORDED[name], field: value},
        {**RECORDED[name], **(value if isinstance(value, dict) else {})},
    ):
        parsed = read(update)
        assert (parsed.event is None) == bool(parsed.unusable)
