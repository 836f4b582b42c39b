"""Settings: the table everybody relies on, refusals that name their cure, secrets that never show."""

import stat
from dataclasses import asdict
from pathlib import Path
from threading import Thread

import pytest

from bot.errors import ConfigurationRefused
from bot.keys import EXAMPLES, KEY_FILE, kept_key
from bot.settings import Settings, load_settings

TOKEN = "7381920465:AAE4kq-9wPz_TnB3vLr8XmYcD2uHs6JfGio"
AUTH = "9f8b2c7d1e6a4350b7c8d9e0f1a2b3c4"
SID = "AC9f8b2c7d1e6a4350b7c8d9e0f1a2b3c4"
HOOK = "tR4nslucent-H00k-9182"
KEY = "kV7wq2N8sJx4bTzLr9mPcD3uHs6JfGioYeQaB1tC"
WHATSAPP = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": AUTH, "TWILIO_WHATSAPP_SENDER": "whatsapp:+14155238886"}


pytestmark = pytest.mark.usefixtures("bare_environment")


def settings_with(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def refusal_of(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    with pytest.raises(ConfigurationRefused) as refused:
        settings_with(monkeypatch, **environment)
    return str(refused.value)


DEFAULTS = {
    "database_url": "sqlite+aiosqlite:///data/sse-bot.sqlite3",
    "public_url": "http://127.0.0.1:8000",
    "host": "127.0.0.1",
    "port": 8000,
    "telegram_bot_token": None,
    "telegram_mode": "polling",
    "telegram_webhook_secret": None,
    "telegram_api_url": "https://api.telegram.org",
    "twilio_account_sid": None,
    "twilio_auth_token": None,
    "twilio_whatsapp_sender": None,
    "twilio_messaging_service_sid": None,
    "twilio_api_url": None,
    "telegram_sends_per_second": 25,
    "telegram_chat_sends_per_second": 1,
    "whatsapp_sends_per_second": 80,
    "data_dir": Path("data"),
    "log_level": "info",
    "log_format": "console",
    "secret_key": None,
    "organisation": "",
    "contact": "",
    "privacy_url": "",
    "trusted_proxies": (),
    "metrics_token": None,
}


def test_without_any_setting_the_bot_serves_itself_on_this_machine() -> None:
    assert asdict(load_settings()) == DEFAULTS


def test_an_empty_value_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_with(monkeypatch, TELEGRAM_BOT_TOKEN="", PORT="", SECRET_KEY="")
    assert asdict(settings) == DEFAULTS


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("PORT=9001\nORGANISATION=Ours\nSOMETHING_ELSE=1\n")
    settings = settings_with(monkeypatch, PORT="9002")
    assert (settings.port, settings.organisation) == (9002, "Ours")


def test_a_token_switches_telegram_on_and_an_account_whatsapp(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_with(monkeypatch, TELEGRAM_BOT_TOKEN=TOKEN, **WHATSAPP)
    assert (settings.telegram, settings.hooked, settings.whatsapp) == (True, False, True)


def test_proxies_are_networks_with_commas_between(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_with(monkeypatch, TRUSTED_PROXIES="10.0.0.0/8, 192.0.2.7 ,2001:db8::/32")
    assert [str(network) for network in settings.trusted_proxies] == ["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32"]


def test_a_slash_too_many_and_capitals_are_forgiven(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_with(monkeypatch, PUBLIC_URL="https://bot.example.org/", LOG_LEVEL="DEBUG")
    assert (settings.chat_url, settings.log_level) == ("https://bot.example.org/chat", "debug")
    assert settings.secure


def test_names_in_small_letters_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_with(monkeypatch, organisation="Ours", Port=" 9003 ").port == 9003
    assert load_settings().organisation == "Ours"


REFUSED = [
    ({"TELEGRAM_SENDS_PER_SECOND": "nan"}, "TELEGRAM_SENDS_PER_SECOND is not understood."),
    ({"TELEGRAM_SENDS_PER_SECOND": "inf"}, "SENDS_PER_SECOND is not understood. Use a number from 0 (no limit) to"),
    ({"TELEGRAM_CHAT_SENDS_PER_SECOND": "1e400"}, "TELEGRAM_CHAT_SENDS_PER_SECOND is not understood."),
    ({"WHATSAPP_SENDS_PER_SECOND": "1e18"}, "WHATSAPP_SENDS_PER_SECOND is not understood."),
    ({"PORT": "eighty"}, "PORT is not understood. Use a number from 0 to 65535."),
    ({"PORT": "65536"}, "PORT is not understood."),
    ({"LOG_LEVEL": "loud"}, "LOG_LEVEL is not understood. Use debug, info, warning or error."),
    ({"LOG_FORMAT": "xml"}, "LOG_FORMAT is not understood. Use console or json."),
    ({"TELEGRAM_MODE": "pigeon"}, "TELEGRAM_MODE is not understood. Use polling or webhook."),
    ({"WHATSAPP_SENDS_PER_SECOND": "-1"}, "WHATSAPP_SENDS_PER_SECOND is not understood. Use a number from 0"),
    ({"TRUSTED_PROXIES": "everybody"}, "TRUSTED_PROXIES is not understood. Use addresses or networks"),
    ({"DATABASE_URL": "postgres://u:hunter2@db/x"}, "Begin it with postgresql+asyncpg://."),
    ({"DATABASE_URL": "sqlite:///x.db"}, "Begin it with sqlite+aiosqlite://."),
    ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL names no database we can use. Use sqlite+aiosqlite://… or"),
    ({"DATABASE_URL": "data.db"}, "DATABASE_URL names no database we can use."),
    ({"PUBLIC_URL": "bot.example.org"}, "PUBLIC_URL is no address. Write it like https://"),
    ({"PUBLIC_URL": "https://bot.example.org/sse"}, "PUBLIC_URL has a path. Leave only https://bot.example.org."),
    ({"PUBLIC_URL": "https://bot.example.org?x=1"}, "PUBLIC_URL carries more than an address."),
    ({"PUBLIC_URL": "https://me:hunter2@bot.example.org"}, "PUBLIC_URL carries more than an address."),
    ({"PUBLIC_URL": "https://bot.example.org:port"}, "PUBLIC_URL is no address."),
    ({"TELEGRAM_API_URL": "ftp://x"}, "TELEGRAM_API_URL is no address."),
    ({"PRIVACY_URL": "see our site"}, "PRIVACY_URL is no address."),
    ({"SECRET_KEY": "short"}, "SECRET_KEY is too short (at least 32 characters). Make one: python3 -c"),
    ({"SECRET_KEY": "change-me-" * 4}, "SECRET_KEY is an example, not a secret. Make one:"),
    ({"SECRET_KEY": "x" * 40}, "SECRET_KEY is an example, not a secret."),
    ({"METRICS_TOKEN": "letmein"}, "METRICS_TOKEN is too short (at least 16 characters)."),
    ({"TELEGRAM_BOT_TOKEN": "123:abc"}, "TELEGRAM_BOT_TOKEN is too short"),
    ({"TELEGRAM_BOT_TOKEN": "a-token-without-its-number"}, "TELEGRAM_BOT_TOKEN does not look like one."),
    ({"TELEGRAM_BOT_TOKEN": "1234567890:your-token-from-BotFather"}, "TELEGRAM_BOT_TOKEN is an example"),
    ({"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_MODE": "webhook"}, "TELEGRAM_WEBHOOK_SECRET is missing while"),
    ({"TELEGRAM_WEBHOOK_SECRET": "with spaces and more"}, "TELEGRAM_WEBHOOK_SECRET does not look like one."),
    ({"TELEGRAM_WEBHOOK_SECRET": "hook"}, "TELEGRAM_WEBHOOK_SECRET is too short"),
    ({"TWILIO_ACCOUNT_SID": SID}, "TWILIO_AUTH_TOKEN is missing while other TWILIO_ settings are there."),
    ({"TWILIO_AUTH_TOKEN": AUTH}, "TWILIO_ACCOUNT_SID is missing while"),
    ({"TWILIO_MESSAGING_SERVICE_SID": "MG" + AUTH}, "TWILIO_WHATSAPP_SENDER is missing while"),
    ({**WHATSAPP, "TWILIO_WHATSAPP_SENDER": "+14155238886"}, "TWILIO_WHATSAPP_SENDER is no WhatsApp sender."),
    ({**WHATSAPP, "TWILIO_WHATSAPP_SENDER": "whatsapp:+1415523888٦"}, "TWILIO_WHATSAPP_SENDER is no WhatsApp sender."),
    ({**WHATSAPP, "TWILIO_ACCOUNT_SID": "AC-something-else-of-mine"}, "TWILIO_ACCOUNT_SID does not look like one."),
    ({**WHATSAPP, "TWILIO_ACCOUNT_SID": "AC" + "X" * 32}, "TWILIO_ACCOUNT_SID is an example"),
    ({**WHATSAPP, "TWILIO_AUTH_TOKEN": "your_auth_token_here"}, "TWILIO_AUTH_TOKEN is an example"),
]


@pytest.mark.parametrize(
    ("environment", "told"), REFUSED, ids=[f"{list(e)[-1]}-{n}" for n, (e, _) in enumerate(REFUSED)]
)
def test_a_setting_that_cannot_be_used_is_named_with_its_cure(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], told: str
) -> None:
    message = refusal_of(monkeypatch, **environment)
    assert told in message
    assert not [secret for secret in ("hunter2", TOKEN, AUTH, SID) if secret in message]


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize("name", ["SECRET_KEY", "TELEGRAM_BOT_TOKEN"])
def test_an_example_from_the_platforms_pages_is_no_secret(
    monkeypatch: pytest.MonkeyPatch, name: str, example: str
) -> None:
    assert f"{name} is an example, not a secret." in refusal_of(monkeypatch, **{name: example})


def test_everything_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    message = refusal_of(monkeypatch, PORT="x", LOG_LEVEL="y", SECRET_KEY="z", PUBLIC_URL="here", DATABASE_URL="there")
    for name in ("PORT", "LOG_LEVEL", "SECRET_KEY", "PUBLIC_URL", "DATABASE_URL"):
        assert f"  {name} " in message
    assert ".env.example" in message


def test_a_platform_played_on_this_machine_needs_no_real_token(monkeypatch: pytest.MonkeyPatch) -> None:
    played = {"TELEGRAM_API_URL": "http://127.0.0.1:8081", "TWILIO_API_URL": "http://localhost:8082"}
    settings = settings_with(
        monkeypatch, TELEGRAM_BOT_TOKEN=EXAMPLES[0], **{**WHATSAPP, "TWILIO_AUTH_TOKEN": "0" * 32}, **played
    )
    assert settings.telegram
    assert settings.whatsapp


def test_even_a_played_platform_needs_a_token_of_some_length(monkeypatch: pytest.MonkeyPatch) -> None:
    message = refusal_of(monkeypatch, TELEGRAM_API_URL="http://127.0.0.1:8081", TELEGRAM_BOT_TOKEN="1:a")
    assert "TELEGRAM_BOT_TOKEN is too short" in message


def test_secrets_show_in_no_form_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql+asyncpg://bot:hunter2hunter2@db/bot"
    given = {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_WEBHOOK_SECRET": HOOK,
        "SECRET_KEY": KEY,
        "METRICS_TOKEN": HOOK[::-1],
    }
    settings = settings_with(monkeypatch, DATABASE_URL=url, **given, **WHATSAPP)
    shown = f"{settings!r} {settings} {settings.notices()!r} {list(settings.notices())}"
    for secret in (*given.values(), AUTH, SID, "hunter2hunter2", "+14155238886"):
        assert secret not in shown
    assert {*given.values(), AUTH, SID} <= set(settings.secrets())


def test_what_ought_to_be_different_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = [notice.name for notice in load_settings().notices()]
    assert bare == ["ORGANISATION", "CONTACT", "PRIVACY_URL", "SECRET_KEY"]
    named = {"ORGANISATION": "Ours", "CONTACT": "a@b.example", "PRIVACY_URL": "https://b.example/p", "SECRET_KEY": KEY}
    assert list(settings_with(monkeypatch, **named).notices()) == []


@pytest.mark.parametrize(
    "environment",
    [
        WHATSAPP,
        {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_MODE": "webhook", "TELEGRAM_WEBHOOK_SECRET": HOOK},
        {"HOST": "0.0.0.0"},
        {"PUBLIC_URL": "http://example.org"},
    ],
)
def test_reached_from_outside_over_plain_http_is_noticed(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    assert "PUBLIC_URL" in [notice.name for notice in settings_with(monkeypatch, **environment).notices()]
    assert "PUBLIC_URL" not in [
        notice.name for notice in settings_with(monkeypatch, PUBLIC_URL="https://bot.example.org").notices()
    ]


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path / "data")
    key = settings.key()
    file = tmp_path / "data" / KEY_FILE
    assert settings.key() == key == file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(key) >= 32


def test_a_key_set_outside_is_used_and_none_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = settings_with(monkeypatch, SECRET_KEY=KEY, DATA_DIR=str(tmp_path / "data"))
    assert settings.key() == KEY
    assert not (tmp_path / "data").exists()


def test_of_many_that_start_at_once_all_get_the_same_key(tmp_path: Path) -> None:
    keys: list[str] = []
    threads = [Thread(target=lambda: keys.append(kept_key(tmp_path))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 16
    assert len(set(keys)) == 1
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    kept_key(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o644)
    with pytest.raises(ConfigurationRefused, match=r"can be read by others\. chmod 600"):
        kept_key(tmp_path)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le", "utf-16-be"])
def test_an_env_file_in_another_encoding_is_refused_with_the_cure(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / ".env"
    file.write_text("ORGANISATION=Coopérative\n", encoding)
    with pytest.raises(ConfigurationRefused) as refused:
        load_settings(file)
    assert refused.value.reason == f"{file} is not written in UTF-8."
    assert refused.value.cure.startswith("Save it in UTF-8")


def test_an_env_file_may_begin_with_the_mark_that_windows_puts_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ORGANISATION", raising=False)
    file = tmp_path / ".env"
    file.write_text("ORGANISATION=Coopérative\n", "utf-8-sig")
    assert load_settings(file).organisation == "Coopérative"


BROKEN = {
    "no equals sign": ("PORT=9001\nORGANISATION Water Coop\n", [2]),
    "a name alone": ("\n\nORGANISATION\nPORT=9001\n", [3]),
    "words after the quotes": ('ORGANISATION="Water" Coop\nPORT 9001\n', [1, 2]),
    "an apostrophe in its own quotes": ("ORGANISATION='Ada's'\n", [1]),
    "quotes that never close": ('# ours\r\nORGANISATION="Water Coop\r\nPORT=9001\r\n', [2]),
    "quotes that the next ones close": ('ORGANISATION="Water\nCONTACT=ada@example.org\nPRIVACY_URL="\n', [1]),
}


@pytest.mark.parametrize(("text", "lines"), BROKEN.values(), ids=BROKEN)
def test_a_line_that_is_not_understood_is_named_and_nothing_is_taken_from_the_file(
    tmp_path: Path, text: str, lines: list[int]
) -> None:
    file = tmp_path / ".env"
    file.write_bytes(text.encode())
    with pytest.raises(ConfigurationRefused) as refused:
        load_settings(file)
    assert refused.value.reason == "\n".join(f"{file}:{line} is not understood." for line in lines)
    assert refused.value.cure.startswith("Write NAME=value")


def test_remarks_quotes_and_empty_lines_are_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ORGANISATION", raising=False)
    file = tmp_path / ".env"
    file.write_text("# it's \"ours\n\n  export ORGANISATION = 'Water: #1' # a remark\nPORT=\nCONTACT=\"\"\n \n")
    assert (load_settings(file).organisation, load_settings(file).port) == ("Water: #1", 8000)


def test_a_folder_in_the_place_of_the_env_file_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    with pytest.raises(ConfigurationRefused, match="is a folder, a pipe or a device and no file"):
        load_settings(tmp_path / ".env")
    (tmp_path / ".env").rmdir()
    assert load_settings(tmp_path / ".env").host == "127.0.0.1"


def test_an_env_file_that_cannot_be_read_is_refused(tmp_path: Path, no_privileges: None) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=8001\n")
    file.chmod(0)
    with pytest.raises(ConfigurationRefused, match="cannot be read: Permission denied"):
        load_settings(file)


def test_a_broken_key_is_never_replaced(tmp_path: Path) -> None:
    kept_key(tmp_path)
    (tmp_path / KEY_FILE).write_text("half")
    with pytest.raises(ConfigurationRefused, match="Restore it from your copy"):
        kept_key(tmp_path)
    assert (tmp_path / KEY_FILE).read_text() == "half"
