"""The way in: whoever lacks the secret learns nothing, whoever has it is never sent away for what they carry."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot.channels.telegram.door import Door
from bot.channels.telegram.webhook import LARGEST, PATH, hook
from bot.engine.events import Event
from bot.errors import Unavailable
from bot.service import Content
from tests.channels.telegram.test_parse import RECORDED
from tests.makers import NOON

SECRET = "A-secret_of-our-own-making-1234"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass
class Told:
    """What came of an event, as the service tells it."""

    fresh: bool = True


@dataclass
class House:
    """A service that remembers what it was told."""

    events: list[Event] = field(default_factory=list)
    unusables: list[tuple[str, str, str, str]] = field(default_factory=list)
    down: bool = False

    async def handle(self, event: Event) -> Told:
        if self.down:
            raise Unavailable
        fresh = event.id not in {known.id for known in self.events}
        self.events.append(event)
        return Told(fresh)

    async def unusable(self, channel: str, event_id: str, reason: str, payload: str) -> None:
        if self.down:
            raise Unavailable
        self.unusables.append((channel, event_id, reason, payload))

    @property
    def untouched(self) -> bool:
        return not self.events and not self.unusables


@dataclass
class Web:
    """The webhook with its house behind it."""

    house: House
    client: httpx.AsyncClient
    away: list[str]
    door: Door

    async def post(self, body: Any, secret: str | None = SECRET, **headers: str) -> httpx.Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {HEADER: secret} if secret is not None else {}
        return await self.client.post(PATH, content=raw, headers={**given, **headers})


@pytest.fixture
async def web(content: Content) -> AsyncIterator[Web]:
    house, away = House(), []
    door = Door(house, lambda: content.catalogue, clock=lambda: NOON, monotonic=lambda: 0.0)
    app = Starlette(routes=[hook(door, SECRET, lambda channel, why: away.append(f"{channel} {why}"))])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
        yield Web(house, client, away, door)


async def test_a_message_is_stored_and_acknowledged(web: Web) -> None:
    answer = await web.post(RECORDED["text"])
    assert (answer.status_code, answer.content) == (200, b"")
    assert [event.id for event in web.house.events] == ["telegram:10000"]


async def test_the_answer_to_a_tap_goes_in_the_webhooks_own_answer(web: Web) -> None:
    answer = await web.post(RECORDED["tap"])
    assert answer.json() == {"method": "answerCallbackQuery", "callback_query_id": "4382bfdwdsb323b2d9"}
    repeat = await web.post(RECORDED["tap"])
    assert (repeat.status_code, repeat.content) == (200, b"")


WRONG = {
    "none": None,
    "empty": "",
    "prefix": SECRET[:-1],
    "longer": SECRET + "x",
    "other case": SECRET.swapcase(),
    "all wrong": "x" * len(SECRET),
    "padded": f"{SECRET}  x",
}


@pytest.mark.parametrize("secret", WRONG.values(), ids=WRONG)
async def test_without_the_secret_nothing_is_learned(web: Web, secret: str | None) -> None:
    answer = await web.post(RECORDED["text"], secret)
    assert (answer.status_code, answer.content) == (403, b"")
    assert web.house.untouched
    assert web.away == ["telegram secret"]


async def test_the_secret_twice_or_in_the_address_is_no_secret(web: Web) -> None:
    twice = await web.client.post(PATH, content=b"{}", headers=[(HEADER, SECRET), (HEADER, SECRET)])
    asked = await web.client.post(f"{PATH}?secret_token={SECRET}", content=b"{}")
    assert (twice.status_code, asked.status_code) == (403, 403)
    assert twice.content == asked.content == b""
    assert web.house.untouched


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Encoding": "gzip"}, 415),
        ({"Content-Encoding": "identity"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content-Length": str(LARGEST + 1)}, 413),
        ({"Content-Length": "9" * 4000}, 413),
        ({"Content-Length": "-1"}, 413),
    ],
    ids=str,
)
async def test_forms_that_telegram_never_uses_are_not_read(web: Web, headers: dict[str, str], status: int) -> None:
    answer = await web.post(b"{}", **headers)
    assert answer.status_code == status
    assert web.house.untouched


async def test_the_longest_update_that_telegram_keeps_is_taken(web: Web) -> None:
    long = {**RECORDED["text"]["message"], "rich_message": {"text": "😀" * 32_768}}
    del long["text"]
    body = json.dumps({"update_id": 7, "message": long}).encode()
    assert 390_000 < len(body) < 524_288
    answer = await web.post(body)
    assert answer.status_code == 200
    assert not web.house.untouched


async def test_a_body_without_end_is_cut_off(web: Web) -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 65536
            yield b" " * 65536

    async def body() -> AsyncIterator[bytes]:
        pieces = endless()
        for _ in range(100):
            yield await anext(pieces)

    answer = await web.client.post(PATH, content=body(), headers={HEADER: SECRET})
    assert answer.status_code == 413
    assert web.house.untouched


async def test_a_body_that_is_shorter_than_its_length_is_to_come_again_and_leaves_no_trace(web: Web) -> None:
    for raw in (b"", b'{"update_id": 7'):
        answer = await web.post(raw, **{"Content-Length": "900"})
        assert (answer.status_code, answer.content) == (400, b"")
    assert web.house.untouched
    assert web.away == ["telegram short"] * 2


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b'{"update_id": ', b'{"update_id": 7, "hologram": 1}', b"[" * 9999], ids=range(5)
)
async def test_what_carries_the_secret_is_taken_even_when_nobody_understands_it(web: Web, raw: bytes) -> None:
    answer = await web.post(raw)
    assert answer.status_code == 200
    ((channel, event_id, reason, payload),) = web.house.unusables
    assert channel == "telegram"
    assert payload, "how it is made"
    assert event_id.startswith("telegram:")
    assert reason


async def test_of_what_people_write_in_groups_nothing_is_kept(web: Web) -> None:
    await web.post(RECORDED["group_text"])
    await web.post(RECORDED["edited"])
    assert [payload for *_, payload in web.house.unusables] == ["", ""]


async def test_a_tap_that_cannot_be_answered_is_taken_and_never_comes_again(web: Web) -> None:
    query = {**RECORDED["tap"]["callback_query"], "id": "\ud800"}
    for update in ({"callback_query": query}, {"callback_query": {**query, "message": None}}):
        answer = await web.post({"update_id": 41, **update})
        assert (answer.status_code, answer.content) == (200, b"")


async def test_words_that_cannot_be_written_are_not_said_and_the_update_is_taken(web: Web) -> None:
    web.door.link = "https://t.me/\ud800"
    answer = await web.post(RECORDED["group_command"])
    assert (answer.status_code, answer.content) == (200, b"")
    assert len(web.house.unusables) == 1


async def test_while_the_database_is_away_telegram_is_asked_to_come_again(web: Web) -> None:
    web.house.down = True
    answer = await web.post(RECORDED["text"])
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert (await web.post(b"[]")).status_code == 503


async def test_only_posts_are_taken(web: Web) -> None:
    assert (await web.client.get(PATH, headers={HEADER: SECRET})).status_code == 405


async def test_a_thousand_updates_at_once_are_all_taken(web: Web) -> None:
    updates = [{**RECORDED["text"], "update_id": number} for number in range(1000)]
    answers = await asyncio.gather(*(web.post(update) for update in updates))
    assert {answer.status_code for answer in answers} == {200}
    assert len(web.house.events) == 1000
