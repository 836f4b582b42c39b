"""What those who do the work tell while they do it."""

from typing import Protocol


class Meter(Protocol):
    """Told by the service, the sender and the hooks."""

    def batch(self, size: int, seconds: float) -> None:
        """A batch of events was committed."""

    def turns(self, channel: str, count: int = 1) -> None:
        """Learners were answered."""

    def parked(self, channel: str, count: int = 1) -> None:
        """Events our code failed at were put aside."""

    def sent(self, channel: str, outcome: str, seconds: float) -> None:
        """A platform was called: ``sent``, ``later``, ``refused``, ``left`` or ``unknown``."""

    def late(self, channel: str, seconds: float) -> None:
        """A part went out so long after it was due."""

    def turned_away(self, channel: str, why: str) -> None:
        """A request was refused at the door: ``secret``, ``signature``, ``size``, ``rate`` …"""


class Silent:
    """A meter nobody reads, for tests and for commands."""

    def batch(self, size: int, seconds: float) -> None: ...

    def turns(self, channel: str, count: int = 1) -> None: ...

    def parked(self, channel: str, count: int = 1) -> None: ...

    def sent(self, channel: str, outcome: str, seconds: float) -> None: ...

    def late(self, channel: str, seconds: float) -> None: ...

    def turned_away(self, channel: str, why: str) -> None: ...
