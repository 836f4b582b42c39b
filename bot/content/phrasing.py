"""What stands inside a phrase: a list of words, the names of values."""

import re

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
NONE: frozenset[str] = frozenset()
SEPARATOR = re.compile(r"[,;،、，；]")


def listed(words: str) -> tuple[str, ...]:
    """The words of a list written with commas, in any script's comma."""
    return tuple(word.strip() for word in SEPARATOR.split(words) if word.strip())


def placeholders(text: str) -> frozenset[str]:
    return frozenset(PLACEHOLDER.findall(text)) if "{" in text else NONE
