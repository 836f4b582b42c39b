"""A learner's own data as they may see, save and pass on: everything but the cookie, which would open their talk."""

from typing import Any

import orjson

from bot.channels.web import NAME

HIDDEN = "…"


def without_cookie(text: str) -> str:
    """The same data; the cookie is taken out wherever it stands, also in older copies within the talk."""
    for row in _addresses(text):
        if row.get("channel") == NAME and row.get("address"):
            text = text.replace(str(row["address"]), HIDDEN)
    return text


def _addresses(text: str) -> list[dict[str, Any]]:
    try:
        rows = orjson.loads(text).get("addresses", [])
    except (orjson.JSONDecodeError, AttributeError):
        return []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
