"""Which languages a browser asks for, best first."""

import re

from starlette.requests import Request

TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)
MOST = 10  # nobody reads more; a longer header is somebody's joke


def wished(request: Request, chosen: str | None = None) -> tuple[str, ...]:
    """The language that was chosen on the page, then what the browser's settings say."""
    first = (chosen,) if chosen and TAG.fullmatch(chosen) else ()
    return first + _accepted(request.headers.get("accept-language", ""))


def _accepted(header: str) -> tuple[str, ...]:
    weighed = []
    for position, part in enumerate(header.split(",")[:MOST]):
        tag, _, weight = part.strip().partition(";")
        if TAG.fullmatch(tag.strip()):
            weighed.append((-_weight(weight), position, tag.strip()))
    return tuple(tag for weight, _, tag in sorted(weighed) if weight < 0)


def _weight(text: str) -> float:
    """``q=0.7`` → 0.7; nothing means 1, nonsense means 0."""
    if not text.strip():
        return 1.0
    match = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", text, re.ASCII)
    return float(match[1]) if match else 0.0
