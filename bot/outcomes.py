"""What can become of one platform call. Closed: a channel gives back one of these and raises only for a bug."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from bot.engine.fixed import fixed

LONGEST_WAIT = 3600.0  # seconds: nobody is kept waiting for longer, whatever a platform says; it is asked again then

Scope = Literal["part", "chat", "account"]


@fixed(frozen=True, slots=True)
class Sent:
    """The platform has it. ``remember`` is what the channel wants to know again (file ids, template ids)."""

    platform_id: str | None
    remember: Mapping[str, str] = field(default_factory=dict, hash=False)


@fixed(frozen=True, slots=True)
class Later:
    """It did not go out, and may in ``after`` seconds.

    ``scope`` says who has to wait; ``counts`` whether a try was used up. A try that counts waits longer each time,
    one that does not waits exactly as told.
    """

    after: float
    scope: Scope
    counts: bool
    reason: str = ""


@fixed(frozen=True, slots=True)
class Refused:
    """The platform will never take it: ours to mend."""

    reason: str


@fixed(frozen=True, slots=True)
class Held:
    """It was not even tried, because it may not be sent now (outside the 24-hour window)."""

    reason: str


@fixed(frozen=True, slots=True)
class Left:
    """Nobody is reached there any more: blocked, deactivated, no such chat."""

    reason: str


@fixed(frozen=True, slots=True)
class Unknown:
    """The request went out and its answer was lost: it may have arrived."""

    reason: str


Result = Sent | Later | Refused | Held | Left | Unknown
