"""PostgreSQL keeps what was erased in its files until a VACUUM; this is that VACUUM, soon after.

A plain one: it waits for nobody's row and nobody waits for it. It makes erased rows unreachable and their place free;
their bytes go once something new is written there. SQLite overwrites what it deletes, and needs none; its file keeps
the place, and gives it back in steps.
"""

import sqlite3
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from storage.erasing import personal_tables
from storage.lean import AsyncConnection, AsyncEngine

log = structlog.get_logger()

PAGES = 500  # of SQLite's file in one transaction: some 10 ms


async def vacuum(engine: AsyncEngine) -> bool:
    """Vacuums every table about people; what goes wrong is logged. False where it has to be tried again."""
    tables = ", ".join(table.name for table in personal_tables())
    try:
        async with engine.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")  # no VACUUM in a transaction
            await _heard(alone, f"VACUUM {tables}")
    except (SQLAlchemyError, OSError) as error:
        log.warning("database.not_vacuumed", error=type(error).__name__)
        return False
    return True


async def _heard(connection: AsyncConnection, statement: str) -> None:
    """Runs it; a table that belongs to another user the server skips, with a warning that we must listen for."""
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    driver.add_log_listener(_skipped)
    try:
        await connection.exec_driver_sql(statement)
    finally:
        driver.remove_log_listener(_skipped)


def _skipped(_: Any, said: Any) -> None:
    log.warning("database.not_vacuumed", said=said.message)


def give_back(database: sqlite3.Connection) -> int:
    """Makes SQLite's file smaller by some of its free pages; by how many."""
    free = int(database.execute("PRAGMA freelist_count").fetchone()[0])
    given = min(free, PAGES)
    for _ in range(given):
        database.execute("PRAGMA incremental_vacuum(1)")  # the driver steps it once, which gives one page back
    return given
