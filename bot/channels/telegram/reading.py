"""Bytes as plain JSON values, whatever was sent: numbers, nesting and encodings that hurt are refused."""

import json
from hashlib import blake2b
from typing import Any, NoReturn

import orjson

LARGEST_ID = 2**63 - 1  # what both databases keep in a number

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
    """orjson is strict about half surrogates and byte order marks, which a learner's phone may well send."""
    try:
        return json.loads(raw, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise Unreadable("no JSON") from error


def _refused(constant: str) -> NoReturn:
    raise ValueError(constant)


def whole_number(value: object) -> int | None:
    """An id that can be kept; None for anything else, ``true`` and huge numbers included."""
    if isinstance(value, int) and not isinstance(value, bool) and -LARGEST_ID <= value <= LARGEST_ID:
        return value
    return None


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


def fingerprint(raw: bytes) -> str:
    """Recognises the same bytes again, for what has no id of its own."""
    return blake2b(raw, digest_size=16).hexdigest()
