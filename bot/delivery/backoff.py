"""How long to wait before the next try: longer each time, never all at the same moment."""

from collections.abc import Callable

Random = Callable[[], float]
"""A number from 0 to 1, as ``random.random`` gives them."""

FIRST = 0.5  # seconds
LONGEST = 300.0  # seconds: five minutes after an outage ends, everything is moving again


def backoff(tries: int, random: Random, first: float = FIRST) -> float:
    """Seconds before the next try, after so many; between half and all of a span that doubles each time."""
    span = min(LONGEST, first * 2.0 ** min(max(tries, 1) - 1, 16))
    return span * (0.5 + random() / 2)
