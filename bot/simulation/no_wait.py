"""The real database without its waiting: invented people need not outlive a power cut, and nobody else is served.

Statements run in the loop's own thread: with others to serve that would hold them up, here it saves two switches of
threads a statement, which is most of what a small transaction costs.
"""

import sqlite3
from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from storage.lean import AsyncEngine
from storage.one_hop import Connection

PRAGMAS = ("synchronous=OFF", "secure_delete=OFF", "cache_size=-65536")


class Here(Connection):
    """A connection that does its work at once."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return fn(*args, **kwargs)


async def connect(*where: Any, **how: Any) -> Here:
    """An open connection; its own thread only opens and closes it."""
    connection = Here(lambda: sqlite3.connect(*where, **{**how, "check_same_thread": False}))
    connection._thread.daemon = True
    await connection
    return connection


def unhurt(engine: AsyncEngine) -> None:
    """Lets this engine's connections be such ones. To be called before the first one is made."""

    @event.listens_for(engine.sync_engine, "do_connect")
    def connecting(_dialect: Any, _record: Any, _where: list[Any], how: dict[str, Any]) -> None:
        how["async_creator_fn"] = connect

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
