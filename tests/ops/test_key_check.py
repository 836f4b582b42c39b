"""A database is opened with the key it was begun with, or not at all."""

import pytest

from bot.errors import ConfigurationRefused
from bot.key_check import same_key
from bot.seal import Seal
from storage.store import Store


async def test_the_first_key_leaves_a_mark_and_is_known_again(store: Store) -> None:
    await same_key(store)
    await same_key(store)


async def test_another_key_is_refused_and_leaves_the_mark_alone(store: Store) -> None:
    await same_key(store)
    stranger = Store(store.engine, Seal("another secret, just as long as the first"))
    for _ in range(2):
        with pytest.raises(ConfigurationRefused, match="sealed with another SECRET_KEY"):
            await same_key(stranger)
    await same_key(store)


async def test_the_mark_does_not_tell_the_key(store: Store) -> None:
    await same_key(store)
    mark = (await store.recalled("house"))["key"]
    assert len(mark) == 22
    assert mark != store.seal.sign("another purpose", "house")
