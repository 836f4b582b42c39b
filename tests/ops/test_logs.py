"""Logs tell an operator what happened and never what somebody wrote, nor where they can be reached."""

import io
import json
import logging
import warnings

import pytest
import structlog

from bot.errors import ConfigurationRefused
from bot.logs import set_up_logs
from bot.redaction import redactor

SECRET = "s3cret/with+signs-and-length"
CANARIES = {
    "a bot token": "7381920465:AAE4kq-9wPz_TnB3vLr8XmYcD2uHs6JfGio",
    "a bot token in a URL": "https://api.telegram.org/bot7381920465:AAE4kq-9wPz_TnB3/sendMessage",
    "a secret known by heart": f"the key is {SECRET}.",
    "a secret in a URL": "https://x.example/?k=s3cret%2Fwith%2Bsigns-and-length",
    "an account sid": "AC9f8b2c7d1e6a4350b7c8d9e0f1a2b3c4",
    "a message sid": "SM9f8b2c7d1e6a4350b7c8d9e0f1a2b3c4",
    "a password in a URL": "postgresql://bot:hunter2@db.example/bot",
    "a bearer token": "Authorization: Bearer abcdefghijklmnop",
    "a phone": "call +34 600 123 456 now",
    "a bare phone": "34600123456",
    "a WhatsApp address": "whatsapp:+34600123456",
    "a WhatsApp id without a phone": "whatsapp:ES.1234567890abc",
    "a chat id": "chat 7381920465 is gone",
    "an e-mail address": "write to amina@example.org please",
}
LEAKS = (
    "AAE4kq", SECRET, "s3cret%2F", "9f8b2c7d", "hunter2", "abcdefghijklmnop", "600 123", "34600123456", "1234567890",
    "7381920465", "amina@",
)  # fmt: skip


@pytest.fixture
def out(logging_put_back: None) -> io.StringIO:
    """What the log writes."""
    return io.StringIO()


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_has_its_time_its_level_and_what_happened(out: io.StringIO) -> None:
    set_up_logs("info", "json", stream=out)
    structlog.get_logger("bot.service").info("batch.done", size=12, channel="web")
    (line,) = lines(out)
    assert list(line) == ["timestamp", "level", "event", "size", "channel"]
    assert str(line.pop("timestamp")).endswith("Z")
    assert line == {"level": "info", "event": "batch.done", "size": 12, "channel": "web"}


@pytest.mark.parametrize("shape", ["console", "json"])
@pytest.mark.parametrize("canary", CANARIES.values(), ids=CANARIES.keys())
def test_nothing_that_must_stay_unseen_is_seen(out: io.StringIO, shape: str, canary: str) -> None:
    set_up_logs("debug", shape, secrets=[SECRET], stream=out)
    log = structlog.get_logger("bot.anything")
    log.info(f"event {canary}", value=canary, deep={"a": [canary, {canary: 1}]}, thing=ValueError(canary))
    logging.getLogger("bot.plain").warning("told %s", canary)
    logging.getLogger("bot.plain").warning(f"told {canary}")
    try:
        raise ConfigurationRefused(canary, "Mend it.") from ValueError(canary)
    except ConfigurationRefused:
        log.exception("failed")
    assert not [leak for leak in LEAKS if leak in out.getvalue()]


def test_ids_given_as_numbers_are_no_counts(out: io.StringIO) -> None:
    set_up_logs("info", "json", stream=out)
    structlog.get_logger("bot").info("x", chat=7381920465, count=99_999_999, seconds=0.25, ok=True, nothing=None)
    (line,) = lines(out)
    assert (line["chat"], line["count"], line["seconds"]) == ("‹number›", 99_999_999, 0.25)
    assert (line["ok"], line["nothing"]) == (True, None)


@pytest.mark.parametrize("key", ["text", "body", "payload", "address", "phone", "label"])
def test_keys_that_name_a_persons_words_are_left_out_even_deep_inside(out: io.StringIO, key: str) -> None:
    set_up_logs("info", "json", stream=out)
    structlog.get_logger("bot").info("x", **{key: "my teacher hits me"}, deep=[{key: "my teacher hits me"}])
    assert "teacher" not in out.getvalue()


def test_an_exception_leaves_its_kind_and_its_trace_but_not_its_words(out: io.StringIO) -> None:
    set_up_logs("info", "json", stream=out)
    try:
        int("my teacher hits me")
    except ValueError:
        structlog.get_logger("bot").exception("event.parked")
    (line,) = lines(out)
    assert line["error"] == "ValueError"
    assert "test_logs.py:" in str(line["trace"])
    assert "teacher" not in out.getvalue()


def test_a_refusal_of_ours_and_a_fault_of_the_system_say_why(out: io.StringIO) -> None:
    set_up_logs("info", "json", stream=out)
    for error in (ConfigurationRefused("PORT is taken.", "Set another."), OSError(28, "No space left on device", "/x")):
        structlog.get_logger("bot").error("failed", exc_info=error)
    assert [line["why"] for line in lines(out)] == ["PORT is taken. Set another.", "No space left on device"]


def test_another_library_is_heard_with_its_numbers_and_without_its_words(out: io.StringIO) -> None:
    set_up_logs("debug", "json", stream=out)
    log = logging.getLogger("somebody.else")
    log.warning("row %d of %s in %.1f s", 7, "my words", 0.5)
    log.warning("it is %(n)d, %(who)s", {"n": 3, "who": "my words"})
    log.warning("not %d", "my words")
    log.error("Task exception was never retrieved\nfuture: ValueError('my words')")
    log.error("failed", exc_info=ValueError("my words"))
    assert [line["event"] for line in lines(out)] == [
        "row 7 of … in 0.5 s",
        "it is 3, …",
        "not %d",
        "Task exception was never retrieved",
        "failed",
    ]
    assert {line["from"] for line in lines(out)} == {"somebody.else"}
    assert "my words" not in out.getvalue()


@pytest.mark.parametrize("name", ["httpx", "httpcore.connection", "telegram.ext", "aiosqlite", "sqlalchemy.engine"])
def test_libraries_that_print_tokens_or_statements_stay_silent_at_debug(out: io.StringIO, name: str) -> None:
    set_up_logs("debug", "json", stream=out)
    logging.getLogger(name).info("HTTP Request: POST https://api.telegram.org/bot1:A/getMe")
    logging.getLogger(name).debug("INSERT …")
    assert out.getvalue() == ""


def test_our_own_level_is_the_one_that_is_set(out: io.StringIO) -> None:
    set_up_logs("warning", "json", stream=out)
    structlog.get_logger("bot.service").info("quiet")
    structlog.get_logger("storage.store").warning("heard")
    assert [line["event"] for line in lines(out)] == ["heard"]


@pytest.mark.parametrize("shape", ["console", "json"])
def test_nobody_forges_a_line_or_drives_the_terminal(out: io.StringIO, shape: str) -> None:
    set_up_logs("info", shape, stream=out)
    nasty = "a\n2026-01-01 forged\r\x1b[31mred\x9b2J\u2028\u202eback\u2066in\ud800\x00end"
    structlog.get_logger("bot").info(nasty, value=nasty, **{f"k{nasty}": 1})
    text = out.getvalue()
    assert text.count("\n") == 1
    assert not set("\r\x1b\x9b\u2028\u202e\u2066\ud800\x00") & set(text)
    assert "forged" in text


def test_a_warning_goes_the_same_way(out: io.StringIO) -> None:
    set_up_logs("info", "json", stream=out)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("something with +34 600 123 456 in it", UserWarning, stacklevel=1)
    assert [line["from"] for line in lines(out)] == ["py.warnings"]
    assert "600 123" not in out.getvalue()


def test_setting_up_twice_does_not_say_things_twice(out: io.StringIO) -> None:
    set_up_logs("info", "json", stream=out)
    set_up_logs("info", "json", stream=out)
    structlog.get_logger("bot").info("once")
    assert len(lines(out)) == 1


@pytest.mark.parametrize(
    "kept", ["batch.done", "http://127.0.0.1:8000/chat", "2026-11-24", "v12", "sha256:0a1b2c3d4e5f"]
)
def test_what_harms_nobody_stays_readable(kept: str) -> None:
    assert redactor()(kept) == kept
