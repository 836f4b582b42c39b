"""Bytes as plain JSON values, whatever was sent: of numbers, nesting and encodings that hurt, what can be read is."""

import json
import re
from hashlib import blake2b
from itertools import islice
from typing import Any

import orjson

LARGEST_ID = 2**63 - 1  # what both databases keep in a number
DIGITS = 100  # of a number: Python will not read thousands
DEEPEST = 200  # braces and brackets inside each other: Python reads a thousand, Telegram writes twenty

# What counts for the nesting; a string that does not end is one up to the end.
TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[][{}]', re.DOTALL)
HANDLE = re.compile(r"[\x21-\x7e]+")
FIELD = re.compile(r"[a-z][a-z0-9_]{0,63}")
LEVELS, FIELDS = 6, 60  # of a skeleton

Json = dict[str, Any]


class Unreadable(Exception):
    """No JSON object that we read."""


def read(raw: bytes) -> Json:
    """The object in these bytes. Raises ``Unreadable``, and nothing else, where there is none."""
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        found = _patiently(raw)
    if not isinstance(found, dict):
        raise Unreadable("no object")
    return found


def _patiently(raw: bytes) -> Any:
    """What orjson will not read, as far as it is JSON at all: a batch must not be lost for one of its updates.

    Half surrogates and byte order marks a learner's phone may well send. Numbers that are none or without end are
    null, and so is what is nested too deeply; bytes that are no text become marks of replacement.
    """
    text = raw.decode(json.detect_encoding(raw), "replace")
    try:
        return json.loads(_flat(text), strict=False, parse_constant=_null, parse_int=_whole)
    except ValueError as error:
        raise Unreadable("no JSON") from error


def _null(constant: str) -> None:
    """For ``NaN`` and what else JSON knows no number of."""


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) <= DIGITS else None


def _flat(text: str) -> str:
    """The same with ``null`` for whatever is nested too deeply."""
    kept, depth, start = [], 0, 0
    for token in TOKEN.finditer(text):
        if token[0] in ("[", "{"):
            depth += 1
            if depth == DEEPEST:
                kept += [text[start : token.start()], "null"]
        elif token[0] in ("]", "}"):
            if depth == DEEPEST:
                start = token.end()
            depth -= 1
    return "".join([*kept, text[start:]])


def whole_number(value: object) -> int | None:
    """An id that can be kept; None for anything else, ``true`` and huge numbers included."""
    if isinstance(value, int) and not isinstance(value, bool) and -LARGEST_ID <= value <= LARGEST_ID:
        return value
    return None


def handle(value: object, longest: int) -> str | None:
    """An id that the platform made up and that we only hand back; None for what does not look like one."""
    fits = isinstance(value, str) and len(value) <= longest and HANDLE.fullmatch(value)
    return value if fits else None  # type: ignore[return-value]  # it is text


def part(update: Json, name: str) -> Json:
    """A nested object; empty where there is none."""
    found = update.get(name)
    return found if isinstance(found, dict) else {}


def written(value: object) -> bytes:
    """A value that was read, as bytes again; empty where it is nested too deeply to write."""
    try:
        return orjson.dumps(value)
    except TypeError:
        pass  # half surrogates and huge numbers, which the standard library writes
    try:
        return json.dumps(value).encode()
    except RecursionError:
        return b""


def skeleton(value: object) -> str:
    """How a value is made, without a word of what it says: names of fields and kinds of values."""
    return orjson.dumps(_bare(value, LEVELS)).decode()


def _bare(value: object, levels: int) -> object:
    match value:
        case dict() if levels:
            named = ((name if FIELD.fullmatch(name) else "?", inner) for name, inner in value.items())
            return {name: _bare(inner, levels - 1) for name, inner in islice(named, FIELDS)}
        case list() if levels:
            return [_bare(first, levels - 1) for first in value[:1]]
        case _:
            return type(value).__name__


def fingerprint(raw: bytes) -> str:
    """Recognises the same bytes again, for what has no id of its own."""
    return blake2b(raw, digest_size=16).hexdigest()
