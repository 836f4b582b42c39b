"""Two writing directions in one message: what is inserted must not turn the words around it.

Phones and browsers order the letters; these invisible marks only tell them where a foreign piece begins and ends.
"""

import unicodedata

FIRST_STRONG_ISOLATE = "\u2068"
POP_ISOLATE = "\u2069"
RIGHT_TO_LEFT_MARK = "\u200f"

LEFT = "L"
RIGHT = ("R", "AL")


def has_right_to_left(text: str) -> bool:
    return not text.isascii() and any(unicodedata.bidirectional(char) in RIGHT for char in text)


def isolated(value: str, rtl: bool) -> str:
    """An inserted value, walled off where the directions could mix.

    Links stay bare: phones take the invisible marks for a part of the address.
    """
    if not value or value.startswith(("http://", "https://")):
        return value
    if rtl or has_right_to_left(value):
        return f"{FIRST_STRONG_ISOLATE}{value}{POP_ISOLATE}"
    return value


def led_right(text: str) -> str:
    """A right-to-left text whose every line runs from the right, even one that begins with ``A ·`` or a name."""
    return "\n".join(RIGHT_TO_LEFT_MARK + line if _begins_left(line) else line for line in text.split("\n"))


def _begins_left(line: str) -> bool:
    """Whether the first letter outside isolates is a left-to-right one: it would set the line's direction."""
    depth = 0
    for char in line:
        direction = unicodedata.bidirectional(char)
        if direction in ("FSI", "LRI", "RLI"):
            depth += 1
        elif direction == "PDI":
            depth -= 1
        elif depth <= 0 and (direction == LEFT or direction in RIGHT):
            return direction == LEFT
    return False
