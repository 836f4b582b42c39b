"""Opens the database by its URL, with the settings the promises rest on.

SQLite: write-ahead log with ``synchronous=FULL`` (what is answered survives a power cut; ``storage/disk.py`` keeps that
promise beside everything else), foreign keys, deleted content overwritten, and BEGIN IMMEDIATE for every writer: the
driver's own late BEGIN loses updates without any error, and a reader that turns writer fails at once whatever the
time-out says.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import ConfigurationRefused
from storage import one_hop
from storage.frozen import NAME
from storage.lean import AsyncEngine, create_async_engine
from storage.tables import know_postgresql

BUSY_SECONDS = 5  # how long a writer waits for another process before the platform is told to come again
FROZEN_SECONDS = 10  # after which PostgreSQL frees what a process holds that stands still in mid-transaction
CONNECTIONS = 8  # measured: more brings PostgreSQL nothing on two cores
IN_FILE = 4  # to SQLite: one writes, the others read in turns anyway, and each keeps a thread and a quarter of a MiB
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    f"busy_timeout={BUSY_SECONDS * 1000}",
    "secure_delete=ON",
    "temp_store=MEMORY",
    "journal_size_limit=67108864",
)


def open_engine(url: str, *, foreign_keys: bool = True) -> AsyncEngine:
    """An engine for the URL; nothing is touched before the first connection.

    ``foreign_keys`` is switched off only by migrations: inside a transaction the switch does nothing.
    """
    address = parsed(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address, foreign_keys)
    know_postgresql()
    return create_async_engine(
        address.set(drivername="postgresql+asyncpg"),
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "server_settings": {
                "application_name": NAME,
                "idle_in_transaction_session_timeout": str(FROZEN_SECONDS * 1000),
            }
        },
    )


def parsed(url: str) -> URL:
    """The URL, if it names a database we can work on."""
    cure = "Use sqlite+aiosqlite:///data/sse-bot.sqlite3 or postgresql+asyncpg://user@host/name."
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise ConfigurationRefused("DATABASE_URL is not a database URL.", cure) from error
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise ConfigurationRefused(f"DATABASE_URL names {address.get_backend_name()}, which is not supported.", cure)
    if address.get_backend_name() == "sqlite" and address.database in (None, "", ":memory:"):
        raise ConfigurationRefused("DATABASE_URL names no file.", cure)
    return address


def sqlite_file(engine: AsyncEngine) -> Path | None:
    """The file of a SQLite database; None for PostgreSQL."""
    if engine.dialect.name != "sqlite":
        return None
    return Path(str(engine.url.database))


def _sqlite(address: URL, foreign_keys: bool) -> AsyncEngine:
    engine = create_async_engine(
        address.set(drivername="sqlite+aiosqlite"),
        pool_size=3,
        max_overflow=0,
        pool_use_lifo=True,  # writers take turns: with the same connection for all, what it has read stays good
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "do_connect")
    def connecting(_dialect: Any, _record: Any, _where: list[Any], how: dict[str, Any]) -> None:
        how["async_creator_fn"] = one_hop.connect

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in (*PRAGMAS, f"foreign_keys={'ON' if foreign_keys else 'OFF'}"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        say = connection.get_execution_options().get("sqlite_begin", "BEGIN IMMEDIATE")
        if say:
            connection.connection.driver_connection.later(say)  # type: ignore[union-attr]  # a one_hop.Connection

    return engine
