"""Which errors of the databases mean: again, later, or never.

Everything else (a broken constraint, a value that does not fit) goes through as it is: it is about the rows, and
whoever sent them can leave out the bad one.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.errors import TryAgain, Unavailable

IN_THE_WAY = {"40001", "40P01"}  # serialization failure, deadlock
OUT_OF_ORDER = ("08", "53", "57", "58", "25006")  # connection, resources, operator, system; a read-only standby
SQLITE_LATER = {"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY"}


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
    said = str(getattr(error, "orig", error)).splitlines()
    return Unavailable(
        f"The database cannot be used now: {said[0] if said else type(error).__name__}.",
        "It is tried again by itself; look at disk space, other programs that hold it, and the database server.",
    )
