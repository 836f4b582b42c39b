"""One sender for each account: whoever holds the lease's epoch.

It is renewed while things go on; a holder that stood still past its end knows by its own clock that it must not send
before it has asked again, and the database tells it by the epoch when somebody else took over meanwhile.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

TTL = 15.0  # seconds after which a holder that died is replaced
RENEWED = 1 / 3  # of that time after which it is renewed: there is time to try again


class Leases(Protocol):
    async def lease(self, name: str, holder: str, now: datetime, ttl: float) -> int | None: ...

    async def release(self, name: str, holder: str, now: datetime) -> None: ...


class Lease:
    """A lease by name; ``holder`` is this process, told apart from all others."""

    def __init__(self, store: Leases, name: str, holder: str, clock: Callable[[], datetime], ttl: float = TTL) -> None:
        self.store, self.name, self.holder, self.clock = store, name, holder, clock
        self.ttl = timedelta(seconds=ttl)
        self.epoch: int | None = None
        self._until: datetime | None = None
        self._renew_at: datetime | None = None
        self._holding = asyncio.Event()

    @property
    def held(self) -> bool:
        """Ours, and not run out by our own clock."""
        return self.epoch is not None and self._until is not None and self.clock() < self._until

    @property
    def fresh(self) -> bool:
        """Held, and not to be renewed yet."""
        return self.held and self._renew_at is not None and self.clock() < self._renew_at

    async def until_held(self) -> None:
        """Comes back once it is ours."""
        while not self.held:
            self._holding.clear()
            await self._holding.wait()

    async def keep(self) -> None:
        """Takes or renews it where that is due."""
        if self.fresh:
            return
        now = self.clock()
        epoch = await self.store.lease(self.name, self.holder, now, self.ttl.total_seconds())
        if epoch is None:
            self.lost()
            return
        self.epoch, self._until, self._renew_at = epoch, now + self.ttl, now + self.ttl * RENEWED
        self._holding.set()

    def lost(self) -> None:
        """Somebody else has it: the database said so."""
        self.epoch = self._until = self._renew_at = None

    async def give_back(self) -> None:
        """So that the next holder need not wait."""
        if self.epoch is not None:
            self.lost()
            await self.store.release(self.name, self.holder, self.clock())
