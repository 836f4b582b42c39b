"""Is this the key that the stored addresses were sealed with? Asked before anything is written with another one.

A lost key cannot be replaced: with a new one every learner would be a stranger to the bot, and the old rows could never
be opened again. So the first start leaves a mark in the database, and each later one compares.
"""

from collections.abc import Mapping
from typing import Protocol

from bot.errors import ConfigurationRefused
from bot.seal import Seal

ROOM, NAME = "house", "key"


class Memory(Protocol):
    """What is needed of the store."""

    @property
    def seal(self) -> Seal: ...
    async def recalled(self, channel: str) -> dict[str, str]: ...
    async def remember(self, channel: str, what: Mapping[str, str]) -> None: ...


async def same_key(store: Memory) -> None:
    """Leaves the mark on a new database; refuses a key that is not the one of the mark."""
    mark = store.seal.sign("key check", ROOM)
    known = (await store.recalled(ROOM)).get(NAME)
    if known is None:
        await store.remember(ROOM, {NAME: mark})
    elif known != mark:
        raise ConfigurationRefused(
            "The addresses in this database were sealed with another SECRET_KEY.",
            "Set the SECRET_KEY that was in use, or put secret.key back into DATA_DIR; a new key cannot open them.",
        )
