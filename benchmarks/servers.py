"""A PostgreSQL of our own for a bench, which waits for the disk as a real one does."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from unittest.mock import patch

from storage import schema
from storage.engine import open_engine
from tests import databases

DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "shared_buffers": "256MB"}


@contextmanager
def postgresql() -> Iterator[Callable[[], str]]:
    """Gives URLs of fresh databases."""
    numbers = count(1)
    with patch.dict(databases.SETTINGS, DURABLE), databases._running() as server:

        def fresh() -> str:
            name = f"bench_{next(numbers)}"
            asyncio.run(databases._sql(server, f"CREATE DATABASE {name}"))
            url = server.set(database=name).render_as_string(hide_password=False)
            asyncio.run(_upgraded(url))
            return url

        yield fresh


async def _upgraded(url: str) -> None:
    engine = open_engine(url)
    await schema.upgrade(engine)
    await engine.dispose()
