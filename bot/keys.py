"""Secrets: what counts as none (short, or copied from an example), and the key that is made on first use."""

import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.errors import ConfigurationRefused
from bot.places import NOT_OURS, let_in

KEY_FILE = "secret.key"
SHORTEST = {"secret_key": 32}  # 16 for all others: platforms issue longer ones, and 16 cannot be guessed
_SHORTEST_OF_OTHERS = 16

# Values of platforms' own documentation and of copied examples; whoever leaves them there has set no secret.
EXAMPLES = (
    "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11",
    "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
    "1234567890:AAAA-your-token-from-BotFather-AAAA",
    "0123456789abcdef0123456789abcdef",
)
_EXAMPLE_WORDS = re.compile(r"(?i)change.?me|example|your[-_ ]|replace|placeholder|password|not.?secret|xxxx|insert")
_SHAPES = {
    "telegram_bot_token": (re.compile(r"\d{5,}:[A-Za-z0-9_-]{30,}"), "Copy it from BotFather, whole."),
    "telegram_webhook_secret": (re.compile(r"[A-Za-z0-9_-]{1,256}"), "Telegram allows letters, digits, _ and - only."),
    "twilio_account_sid": (re.compile(r"AC[0-9a-fA-F]{32}"), "Copy it from Twilio's console: AC and 32 characters."),
}
_MAKE_ONE = 'Make one: python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
_CURES = {
    "telegram_bot_token": "Ask BotFather for the bot's token.",
    "twilio_auth_token": "Copy it from Twilio's console.",
    "twilio_account_sid": "Copy it from Twilio's console.",
}


def secret_fault(name: str, value: str, *, trial: bool = False) -> tuple[str, str] | None:
    """What is wrong with a secret and its cure; a ``trial`` secret need only be long enough."""
    cure = _CURES.get(name, _MAKE_ONE)
    if len(value.strip()) < SHORTEST.get(name, _SHORTEST_OF_OTHERS):
        return f"is too short (at least {SHORTEST.get(name, _SHORTEST_OF_OTHERS)} characters)", cure
    if _EXAMPLE_WORDS.search(value) or (not trial and _is_example(value)):
        return "is an example, not a secret", cure
    shape, shape_cure = _SHAPES.get(name, (None, ""))
    if shape and not trial and not shape.fullmatch(value):
        return "does not look like one", shape_cure
    return None


def _is_example(value: str) -> bool:
    return value in EXAMPLES or len(set(value.lower())) < 6


def kept_key(folder: Path) -> str:
    """The key kept in ``folder``; made, readable by its owner alone, when it is not there yet."""
    path = folder / KEY_FILE
    with in_data_dir(folder):
        try:
            return _read(path)
        except FileNotFoundError:
            _make(path)
            return _read(path)


@contextmanager
def in_data_dir(folder: Path) -> Iterator[None]:
    """Refuses a folder that what belongs there cannot be written to or read from."""
    try:
        yield
    except OSError as error:
        cure = f"{let_in()}, or set DATA_DIR to another folder."
        raise ConfigurationRefused(
            f"DATA_DIR={folder} cannot be used: {error.strerror or error}.",
            cure if error.errno in NOT_OURS else "Look at that disk: whether it has room, and is well.",
        ) from error


def _make(path: Path) -> None:
    """Write whole, then link: of two processes that start at once the first wins and both read the same key."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def _read(path: Path) -> str:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ConfigurationRefused(f"{path} can be read by others.", f"chmod 600 {path}")
    key = path.read_text("ascii").strip()
    if len(key) < SHORTEST["secret_key"]:
        raise ConfigurationRefused(
            f"{path} holds no whole key.", "Restore it from your copy; a new one could not open the stored addresses."
        )
    return key
