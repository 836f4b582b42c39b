"""Which errors of the databases mean: again, later, or never.

Everything else (a broken constraint, a value that does not fit) goes through as it is: it is about the rows, and
whoever sent them can leave out the bad one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from socket import gaierror

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.errors import TryAgain, Unavailable

IN_THE_WAY = {"40001", "40P01"}  # serialization failure, deadlock
OUT_OF_ORDER = (
    *("08", "53", "57", "58", "25006"),  # connection, resources, operator, system; a read-only standby
    *("55P03", "42P01", "42501", "XX"),  # locked for long; a table away (being restored) or not ours; damaged
)
SQLITE_LATER = {
    *("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY"),
    *("SQLITE_CORRUPT", "SQLITE_NOTADB"),
}


@contextmanager
def translated() -> Iterator[None]:
    """Raises ``TryAgain`` or ``Unavailable`` for what is no fault of the rows."""
    try:
        yield
    except DBAPIError as error:
        if _state(error) in IN_THE_WAY:
            raise TryAgain from error
        # Without a statement it was connecting or committing that failed: wrong for everybody, not about a row.
        if error.connection_invalidated or error.statement is None or _is_later(error):
            raise _unavailable(error) from error
        raise
    except (OSError, PoolTimeout) as error:
        raise _unavailable(error) from error


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _is_later(error: DBAPIError) -> bool:
    name = getattr(error.orig, "sqlite_errorname", "")
    return _state(error).startswith(OUT_OF_ORDER) or any(name.startswith(later) for later in SQLITE_LATER)


def _unavailable(error: Exception) -> Unavailable:
    """A command ends with it and a bot at work tries again, so the cure speaks of neither."""
    said = next(iter(str(getattr(error, "orig", error)).splitlines()), type(error).__name__)
    if _is_out_of_reach(error):
        return Unavailable(
            f"The database cannot be reached: {said}.", "Start the database server, or put DATABASE_URL right."
        )
    return Unavailable(
        f"The database cannot be used now: {said}.",
        "Look at disk space, other programs that hold it, and the database server.",
    )


def _is_out_of_reach(error: Exception) -> bool:
    """Nobody answered at that address, or not in time; an ``OSError`` about a file or a disk is another matter."""
    if isinstance(error, DBAPIError):
        return _state(error).startswith("08")
    return isinstance(error, ConnectionError | TimeoutError | gaierror) or _is_of_many(error)


def _is_of_many(error: Exception) -> bool:
    """A name that leads to several addresses, none of which answered: asyncio and asyncpg give no number then."""
    return isinstance(error, OSError) and error.errno is None
