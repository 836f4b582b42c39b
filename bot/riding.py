"""Senders' claims that go along with a turn's own transaction: one commit less, and the reply is on its way at once."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, Self

import structlog

from bot.errors import TryAgain
from storage.rows import Claim, OutboxRow

log = structlog.get_logger()


class Rider(Protocol):
    """A sender whose claim can go into a turn's own transaction: one commit less, and the reply is on its way at once.

    After ``claim`` has given something, ``claimed`` or ``missed`` is called, and ``kept`` after the former.
    """

    @property
    def under_way(self) -> int:
        """Calls that the platform has not answered yet."""

    def claim(self, channels: Collection[str]) -> Claim | None:
        """What it would take along now; ``channels`` have new parts."""

    def claimed(self, claim: Claim, rows: Sequence[OutboxRow] | None) -> None:
        """It is committed; None: the lease was lost, and nothing was written for it."""

    def kept(self, claim: Claim, rows: Sequence[OutboxRow]) -> None:
        """It survives a power cut: only now may these go out."""

    def missed(self, *, surely: bool) -> None:
        """It was not committed; not ``surely``: that is not known."""


class Ride:
    """The claims that go along with one transaction. Whoever has given one hears how it ended."""

    def __init__(self, riders: Sequence[Rider]) -> None:
        self._riders = riders
        self._on: list[tuple[Rider, Claim]] = []
        self._handed: list[tuple[Rider, Claim, Sequence[OutboxRow]]] = []
        self.rows: Sequence[Sequence[OutboxRow] | None] = ()

    def claims(self, channels: Collection[str]) -> list[Claim]:
        """What there is to take along; ``channels`` have new parts."""
        for rider in self._riders:
            with _unharmed():
                claim = rider.claim(channels)
                if claim is not None:
                    self._on.append((rider, claim))
        return [claim for _, claim in self._on]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            for (rider, claim), rows in zip(self._on, self.rows, strict=True):
                with _unharmed():
                    rider.claimed(claim, rows)
                    self._handed.append((rider, claim, rows or ()))
        else:
            for rider, _claim in self._on:
                rider.missed(surely=issubclass(kind, TryAgain))

    def kept(self) -> None:
        """Nothing of it can be lost any more."""
        for rider, claim, rows in self._handed:
            with _unharmed():
                rider.kept(claim, rows)


@contextmanager
def _unharmed() -> Iterator[None]:
    """A sender's bug is no reason to lose a turn."""
    try:
        yield
    except Exception:
        log.exception("rider.failed")
