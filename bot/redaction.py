"""What a log line may never show: secrets, identifiers, numbers of people, learners' words, terminal escapes."""

import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote

Redact = Callable[[object], object]

# Keys that would carry what a person wrote or where they can be reached: left out whatever they hold.
LEFT_OUT = frozenset({"text", "body", "words", "label", "message", "payload", "address", "phone", "params", "data"})
GONE = "‹left out›"

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\d{5,}:[A-Za-z0-9_-]{20,}"), "‹token›"),  # Telegram's bot token, also inside a URL
    (re.compile(r"/bot\d+(?::|%3[aA])[^/\s]+"), "/bot‹token›"),  # a short one, or one with its colon encoded
    (re.compile(r"\b(?:AC|SK|MG|SM|MM|HX|IM|CH)[0-9a-fA-F]{32}\b"), "‹sid›"),
    (re.compile(r"(://)[^/\s@]+@"), r"\1‹user›@"),
    (re.compile(r"(?i)\b((?:bearer|basic)\s+|(?:signature|secret-token)\W{1,3})\S+"), r"\1‹secret›"),
    (re.compile(r"(?i)whatsapp:\S+"), "whatsapp:‹number›"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "‹e-mail›"),
    (re.compile(r"\+\d[\d\s().-]{5,}\d"), "‹number›"),  # a phone as people write it
    (re.compile(r"(?<![\w.-])\d{9,}(?![\w-])"), "‹number›"),  # a phone or a chat id; our counts stay shorter
)
# Control characters would forge lines or drive a terminal, bidi controls reorder them, surrogates break the writer.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LONGEST = 2000


def redactor(secrets: Iterable[str] = ()) -> Redact:
    """A function that makes any value fit for a log line, knowing these secrets by heart."""
    known = {form for secret in secrets if len(secret) >= 6 for form in (secret, quote(secret, safe=""))}
    exact = re.compile("|".join(re.escape(form) for form in sorted(known, key=len, reverse=True))) if known else None

    def text(value: str) -> str:
        shown = exact.sub("‹secret›", value) if exact else value
        for pattern, instead in _PATTERNS:
            shown = pattern.sub(instead, shown)
        return _UNSAFE.sub(_escaped, shown[:_LONGEST])

    def redact(value: object) -> object:
        match value:
            case None | bool() | float():
                return value
            case int():
                return value if abs(value) < 10**8 else "‹number›"
            case str():
                return text(value)
            case Mapping():
                return {text(str(key)): left_out(str(key), item, redact) for key, item in value.items()}
            case list() | tuple() | set() | frozenset():
                return [redact(item) for item in value]
            case _:
                return text(str(value))

    return redact


def left_out(key: str, value: object, redact: Redact) -> object:
    """The value of a key, unless the key's name says that it belongs to a person."""
    return GONE if key in LEFT_OUT else redact(value)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
