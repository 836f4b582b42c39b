"""What Telegram is told about the bot, and that it is told no more often than needed."""

from collections.abc import Mapping

import pytest
from structlog.testing import capture_logs

from bot.channels.telegram.parse import WANTED
from bot.channels.telegram.setup import digest, introductions, open_bot
from bot.channels.telegram.start import PAUSES, Account, get_ready
from bot.content.catalogue import Catalogue
from bot.engine.course import Language
from bot.errors import PlatformRefused
from tests.fakes.telegram import TOKEN, FakeTelegram, Fault, Flood, Raw, Says

LANGUAGES = (Language("en", "English"), Language("es", "Español"), Language("arz", "مصرى"))
OTHER = "987654321:another-token-of-no-real-bot-at-all"
COMMANDS = ("start", "menu", "go-on", "secret")
WORDS = {
    "en": {
        "command.start.about": ("Begin or come back",),
        "command.menu.about": ("Everything in one list",),
        "command.go-on.about": ("No name for Telegram",),
        "bot.description": ("Short lessons. " * 60,),
        "bot.short": ("Three minutes a day.",),
    },
    "es": {"command.start.about": ("Empezar o volver",), "bot.short": ("Tres minutos al día.",)},
}


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue(LANGUAGES, WORDS, {})


class Memory:
    """What the store remembers of the channel."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def recalled(self, channel: str) -> dict[str, str]:
        assert channel == "telegram"
        return dict(self.kept)

    async def remember(self, channel: str, what: Mapping[str, str]) -> None:
        self.kept.update(what)


async def ready(
    telegram: FakeTelegram, catalogue: Catalogue, memory: Memory, **account: str
) -> tuple[list[str], list[float]]:
    known: list[str] = []
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        telegram.trouble = lambda method, args: None

    whose = Account(account.pop("token", TOKEN), telegram.url, **account)
    await get_ready(whose, catalogue, COMMANDS, memory, known=known.append, sleep=sleep)
    return known, slept


async def test_the_bot_introduces_itself_in_every_language(telegram: FakeTelegram, catalogue: Catalogue) -> None:
    known, _ = await ready(telegram, catalogue, Memory())
    assert known == ["https://t.me/loopback_bot"]
    english = telegram.settings["commands", ""]
    assert [command["command"] for command in english] == ["start", "menu"]
    spanish = {command["command"]: command["description"] for command in telegram.settings["commands", "es"]}
    assert spanish == {"start": "Empezar o volver", "menu": "Everything in one list"}
    assert telegram.settings["short", "es"] == "Tres minutos al día."
    assert len(telegram.settings["description", ""]) <= 512
    assert {language for _, language in telegram.settings} == {"", "es"}
    assert telegram.faults == []


async def test_it_is_introduced_once_until_something_changes(telegram: FakeTelegram, catalogue: Catalogue) -> None:
    memory = Memory()
    for _ in range(2):
        await ready(telegram, catalogue, memory)
    assert len(telegram.calls("setMyCommands")) == 2
    changed = Catalogue(LANGUAGES, {**WORDS, "es": {"bot.short": ("Otra.",)}}, {})
    assert digest("1", introductions(changed, COMMANDS)) != digest("1", introductions(catalogue, COMMANDS))
    await ready(telegram, changed, memory)
    assert len(telegram.calls("setMyCommands")) == 4


async def test_of_two_bots_each_is_introduced_once(telegram: FakeTelegram, catalogue: Catalogue) -> None:
    memory = Memory()
    for token, prefix in ((TOKEN, ""), (OTHER, "987654321:"), (TOKEN, ""), (OTHER, "987654321:")):
        telegram.token = token
        await ready(telegram, catalogue, memory, token=token, own=prefix)
    assert len(telegram.calls("setMyCommands")) == 4


async def test_a_bot_that_took_another_one_s_place_before_it_was_told_of_is_introduced(
    telegram: FakeTelegram, catalogue: Catalogue
) -> None:
    memory = Memory()
    await ready(telegram, catalogue, memory)
    telegram.token = OTHER
    await ready(telegram, catalogue, memory, token=OTHER)
    assert len(telegram.calls("setMyCommands")) == 4


async def test_with_a_webhook_updates_come_to_us(telegram: FakeTelegram, catalogue: Catalogue) -> None:
    await ready(telegram, catalogue, Memory(), public_url="https://bot.example", secret="s" * 20)
    assert telegram.webhook["url"] == "https://bot.example/webhooks/telegram"
    assert telegram.webhook["secret_token"] == "s" * 20
    assert telegram.webhook["allowed_updates"] == list(WANTED)
    assert telegram.faults == []


async def test_without_one_we_ask_and_what_waits_stays(telegram: FakeTelegram, catalogue: Catalogue) -> None:
    telegram.webhook = {"url": "https://old.example"}
    await ready(telegram, catalogue, Memory())
    assert telegram.webhook == {}
    (call,) = telegram.calls("deleteWebhook")
    assert not call.args.get("drop_pending_updates")


async def test_a_platform_in_trouble_is_tried_again(telegram: FakeTelegram, catalogue: Catalogue) -> None:
    telegram.trouble = lambda method, args: Fault(502)
    known, slept = await ready(telegram, catalogue, Memory())
    assert len(known) == 1
    assert slept == [PAUSES[0]]


async def test_a_platform_that_tells_how_long_to_wait_is_not_asked_before(
    telegram: FakeTelegram, catalogue: Catalogue
) -> None:
    telegram.trouble = lambda method, args: Flood(120)
    _, slept = await ready(telegram, catalogue, Memory())
    assert slept == [120]


async def test_so_it_is_while_the_bot_introduces_itself(telegram: FakeTelegram, catalogue: Catalogue) -> None:
    telegram.trouble = lambda method, args: Flood(90) if method == "setMyDescription" else None
    _, slept = await ready(telegram, catalogue, Memory())
    assert slept == [90]
    assert telegram.settings["short", "es"] == "Tres minutos al día."


async def test_an_answer_that_the_library_does_not_know_is_told_in_the_log_alone(
    telegram: FakeTelegram, catalogue: Catalogue, capfd: pytest.CaptureFixture[str]
) -> None:
    telegram.trouble = lambda method, args: Raw(b'{"ok":true,"result":null}') if method == "getMe" else None
    with capture_logs() as logs:
        _, slept = await ready(telegram, catalogue, Memory())
    assert slept == [PAUSES[0]]
    assert [line["why"] for line in logs if line["event"] == "telegram.not_ready"] == ["TypeError"]
    assert capfd.readouterr().err == ""


UNRESOLVED = "Bad Request: bad webhook: Failed to resolve host: Temporary failure in name resolution"


@pytest.mark.parametrize("fault", [Says(400, UNRESOLVED), Says(401, "Unauthorized")])
async def test_what_is_refused_for_a_moment_is_asked_again(
    telegram: FakeTelegram, catalogue: Catalogue, fault: Says
) -> None:
    telegram.trouble = lambda method, args: fault
    known, slept = await ready(telegram, catalogue, Memory(), public_url="https://bot.example", secret="s" * 20)
    assert (known, slept) == (["https://t.me/loopback_bot"], [PAUSES[0]])
    assert telegram.webhook["url"] == "https://bot.example/webhooks/telegram"


async def test_a_wrong_token_is_told_with_its_cure(telegram: FakeTelegram) -> None:
    with pytest.raises(PlatformRefused, match="@BotFather"):
        async with open_bot("1:wrong", telegram.url):
            pass
