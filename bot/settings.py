"""Everything an operator may set, read from the environment and from ``.env``, checked at once.

One refusal names every setting that is wrong, each with its cure. Secrets never show in ``repr``, in errors or in
logs: they are ``Secret``, and an address that may carry a password is left out of ``repr``.

Read by hand: pydantic and pydantic-settings were a fifth of the start and 11 MiB of a bot at rest.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

from bot.engine.fixed import fixed
from bot.env_file import read
from bot.errors import ConfigurationRefused
from bot.keys import kept_key, secret_fault
from bot.settings_rules import Fault, database_fault, is_loopback, origin_fault

Network = IPv4Network | IPv6Network
FASTEST = 1_000_000  # sends a second: whoever means more means no limit, which is 0
CURE = "Put it right in .env or in the environment; .env.example tells what each setting means."


@fixed(frozen=True, slots=True, repr=False)
class Secret:
    """A value that shows in no form of the settings."""

    _value: str

    def get_secret_value(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"


@fixed(frozen=True, slots=True)
class Notice:
    """Something that works but ought to be different, for ``doctor`` and the start of ``run``."""

    name: str
    what: str
    cure: str


@fixed(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings by name; the names of the environment are these in capitals."""

    database_url: str = field(default="sqlite+aiosqlite:///data/sse-bot.sqlite3", repr=False)
    public_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000

    telegram_bot_token: Secret | None = None
    telegram_mode: str = "polling"
    telegram_webhook_secret: Secret | None = None
    telegram_api_url: str = "https://api.telegram.org"

    twilio_account_sid: str | None = field(default=None, repr=False)
    twilio_auth_token: Secret | None = None
    twilio_whatsapp_sender: str | None = field(default=None, repr=False)
    twilio_messaging_service_sid: str | None = field(default=None, repr=False)
    twilio_api_url: str | None = None

    # The platforms' own limits: Telegram says about 30 a second overall and 1 a second in a chat, WhatsApp 80.
    telegram_sends_per_second: float = 25
    telegram_chat_sends_per_second: float = 1
    whatsapp_sends_per_second: float = 80

    data_dir: Path = Path("data")
    log_level: str = "info"
    log_format: str = "console"
    secret_key: Secret | None = None

    organisation: str = ""
    contact: str = ""
    privacy_url: str = ""

    trusted_proxies: tuple[Network, ...] = ()
    metrics_token: Secret | None = None

    @property
    def telegram(self) -> bool:
        """Telegram is switched on by its token."""
        return self.telegram_bot_token is not None

    @property
    def whatsapp(self) -> bool:
        """WhatsApp is switched on by its Twilio account."""
        return self.twilio_account_sid is not None

    @property
    def hooked(self) -> bool:
        """Telegram calls us, instead of being asked."""
        return self.telegram and self.telegram_mode == "webhook"

    @property
    def secure(self) -> bool:
        """The public address is https, so cookies can be bound to it."""
        return self.public_url.startswith("https://")

    @property
    def chat_url(self) -> str:
        return f"{self.public_url}/chat"

    def key(self) -> str:
        """The key that seals addresses: the one set outside, else the one kept in ``DATA_DIR`` since its first use."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value()
        return kept_key(self.data_dir)

    def secrets(self) -> tuple[str, ...]:
        """Every value that must never be seen, for the filter of the logs."""
        hidden = [self.telegram_bot_token, self.telegram_webhook_secret, self.twilio_auth_token, self.secret_key]
        values = [secret.get_secret_value() for secret in [*hidden, self.metrics_token] if secret is not None]
        return tuple(filter(None, [*values, self.twilio_account_sid, self.twilio_messaging_service_sid]))

    def notices(self) -> Iterator[Notice]:
        """What works but ought to be different."""
        for name, why in _WANTED.items():
            if not getattr(self, name):
                yield Notice(name.upper(), "is empty", why)
        if self.secret_key is None:
            yield Notice("SECRET_KEY", f"is kept in {self.data_dir}, beside the data it seals", _OUTSIDE)
        if self.whatsapp and not self.secure and not is_loopback(self.twilio_api_url):
            yield Notice("PUBLIC_URL", "is not https, so Twilio cannot reach this bot", _HTTPS)
        if self.hooked and not self.secure and not is_loopback(self.telegram_api_url):
            yield Notice("PUBLIC_URL", "is not https, so Telegram's webhook cannot reach this bot", _HTTPS)
        if self.host not in _LOCAL_HOSTS and not self.secure:
            yield Notice("PUBLIC_URL", f"is not https while HOST={self.host} can be reached from outside", _HTTPS)
        elif not self.secure and not is_loopback(self.public_url):
            yield Notice("PUBLIC_URL", "is not https, so others can read along", _HTTPS)


_LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")
_OUTSIDE = "Move the key from secret.key in that folder into the environment, and keep a copy apart from the backups."
_HTTPS = "Put a server with a certificate in front of it and set PUBLIC_URL=https://…"
_WANTED = {
    "organisation": "Learners see it in consent and help: set it to the name of who runs the bot.",
    "contact": "Learners see it in help and privacy: set it to an e-mail address or a page.",
    "privacy_url": "Set it to the page with your privacy notice.",
}


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 <= rate <= FASTEST:  # nan and inf are not either
        raise ValueError
    return rate


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError
    return port


def _one_of(*choices: str) -> Callable[[str], str]:
    return lambda text: choices[choices.index(text.strip().lower())]


def _base(text: str) -> str:
    return text.rstrip("/")


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


# What makes a value of a setting's text, or raises ``ValueError``; the others are text.
_READERS: dict[str, Callable[[str], Any]] = {
    "public_url": _base,
    "port": _port,
    "telegram_bot_token": Secret,
    "telegram_mode": _one_of("polling", "webhook"),
    "telegram_webhook_secret": Secret,
    "telegram_api_url": _base,
    "twilio_auth_token": Secret,
    "twilio_api_url": _base,
    "telegram_sends_per_second": _rate,
    "telegram_chat_sends_per_second": _rate,
    "whatsapp_sends_per_second": _rate,
    "data_dir": Path,
    "log_level": _one_of("debug", "info", "warning", "error"),
    "log_format": _one_of("console", "json"),
    "secret_key": Secret,
    "trusted_proxies": _networks,
    "metrics_token": Secret,
}


def load_settings(env_file: str | Path | None = ".env", **given: Any) -> Settings:
    """The settings, or one refusal that names each wrong one with its cure; ``given`` stand above the environment."""
    values, wrong = _read({**_written(env_file), **given})
    settings = Settings(**_at_the_port(values))
    # The rest is looked at too, so that nobody has to mend their settings one start at a time.
    faults = [Fault(name.upper(), "is not understood", _CURES.get(name, _RATE)) for name in sorted(wrong)]
    faults += _faults(settings)
    if faults:
        lines = [f"  {fault.name} {fault.what}. {fault.cure}" for fault in faults]
        raise ConfigurationRefused("\n".join(["These settings cannot be used:", *lines]), CURE)
    return settings


def _written(env_file: str | Path | None) -> dict[str, str]:
    """What stands in the environment, and below that in the file, by name. An empty value is as good as none."""
    of_file = read(Path(env_file)) if env_file is not None else {}
    both = (*of_file.items(), *os.environ.items())
    return {name.lower(): value for name, value in both if value}


def _read(given: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """The values, with what is text read; and the names of what is not understood."""
    values, wrong = {}, set()
    for one in fields(Settings):
        value = given.get(one.name)
        try:
            if value is not None:
                values[one.name] = _READERS.get(one.name, str)(value) if isinstance(value, str) else value
        except ValueError:
            wrong.add(one.name)
    return values, wrong


def _at_the_port(values: dict[str, Any]) -> dict[str, Any]:
    """Without a public address, the one that is listened on."""
    if values.get("port") and not values.get("public_url"):
        return {**values, "public_url": f"http://127.0.0.1:{values['port']}"}
    return values


_RATE = f"Use a number from 0 (no limit) to {FASTEST}."
_CURES = {
    "port": "Use a number from 0 to 65535.",
    "telegram_mode": "Use polling or webhook.",
    "log_level": "Use debug, info, warning or error.",
    "log_format": "Use console or json.",
    "trusted_proxies": "Use addresses or networks with commas between them, like 10.0.0.0/8,192.0.2.7.",
}


def _faults(settings: Settings) -> Iterator[Fault]:
    yield from filter(None, (rule(settings) for rule in _RULES))
    yield from _secret_faults(settings)
    yield from _whatsapp_faults(settings)
    if settings.hooked and settings.telegram_webhook_secret is None:
        yield Fault(
            "TELEGRAM_WEBHOOK_SECRET",
            "is missing while TELEGRAM_MODE=webhook",
            "Set it to at least 16 letters and digits of your own making, or use TELEGRAM_MODE=polling.",
        )


_RULES: tuple[Callable[[Settings], Fault | None], ...] = (
    lambda settings: database_fault(settings.database_url),
    lambda settings: origin_fault("PUBLIC_URL", settings.public_url),
    lambda settings: origin_fault("TELEGRAM_API_URL", settings.telegram_api_url, path=True),
    lambda settings: origin_fault("TWILIO_API_URL", settings.twilio_api_url, path=True),
    lambda settings: origin_fault("PRIVACY_URL", settings.privacy_url or None, path=True),
)


def _secret_faults(settings: Settings) -> Iterator[Fault]:
    trial = {  # a platform on this machine issues no real secrets, so only their length is looked at
        "telegram_bot_token": is_loopback(settings.telegram_api_url),
        "twilio_auth_token": is_loopback(settings.twilio_api_url),
        "twilio_account_sid": is_loopback(settings.twilio_api_url),
    }
    names = (*trial, "telegram_webhook_secret", "secret_key", "metrics_token")
    for name in names:
        value = getattr(settings, name)
        plain = value.get_secret_value() if isinstance(value, Secret) else value
        fault = secret_fault(name, plain, trial=trial.get(name, False)) if plain is not None else None
        if fault:
            yield Fault(name.upper(), *fault)


_SENDER = re.compile(r"whatsapp:\+[1-9][0-9]{5,14}")


def _whatsapp_faults(settings: Settings) -> Iterator[Fault]:
    parts = {
        "TWILIO_ACCOUNT_SID": settings.twilio_account_sid,
        "TWILIO_AUTH_TOKEN": settings.twilio_auth_token,
        "TWILIO_WHATSAPP_SENDER": settings.twilio_whatsapp_sender,
    }
    if any(parts.values()) or settings.twilio_messaging_service_sid:
        for name, value in parts.items():
            if not value:
                yield Fault(name, "is missing while other TWILIO_ settings are there", "Set it, or empty the others.")
    sender = settings.twilio_whatsapp_sender
    if sender and not _SENDER.fullmatch(sender):
        yield Fault("TWILIO_WHATSAPP_SENDER", "is no WhatsApp sender", "Write it like whatsapp:+14155238886.")
