"""The SQLite file itself: made whole or not at all, looked at before it is trusted, copied before it is changed."""

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine

from bot.errors import DatabaseRefused, Unavailable
from bot.places import NOT_OURS, folder_fault, let_in, may_write, owner, user

APPLICATION_ID = 0x53534542  # "SSEB", in the header of every file of ours
MAGIC = b"SQLite format 3\0"
CHECKED_WHOLE = 32 * 1024 * 1024  # bytes: up to here every page is looked at when opening, which takes 0.1 s
RESTORE = "Restore a copy, or move the file away to begin with an empty database."


def made(file: Path, create: Callable[[Connection], None]) -> None:
    """A new file with every table, readable by its owner alone.

    It is made under another name and linked into place: a process that dies while making it leaves no half file,
    and of two that begin at once the second finds the first one's.
    """
    if Path(f"{file}-wal").exists():
        raise DatabaseRefused(f"{file} is gone, but its log {file.name}-wal is still there.", RESTORE)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    import tempfile  # for the first start alone

    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # its mode is 0600
    os.close(handle)
    draft = Path(name)
    try:
        _fill(draft, create)
        os.link(draft, file)
    except FileExistsError:
        return
    finally:
        draft.unlink(missing_ok=True)


def _fill(draft: Path, create: Callable[[Connection], None]) -> None:
    engine = create_engine(f"sqlite:///{draft}")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA auto_vacuum=INCREMENTAL")  # only an empty file takes it
            connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
            create(connection)
            connection.commit()
    finally:
        engine.dispose()


@contextmanager
def permitted(file: Path) -> Iterator[None]:
    """Refuses a file, or its folder, that this process may not use; that is no damage, and nothing is lost by it."""
    try:
        yield
    except OSError as error:
        if error.errno not in NOT_OURS:
            raise
        raise not_permitted(file, error.strerror or str(error)) from error


def not_permitted(file: Path, said: str) -> DatabaseRefused:
    """What keeps us from the database, and the cure; ``said`` is for what we cannot tell ourselves."""
    if fault := folder_fault(file.parent):
        return DatabaseRefused(
            f"The database {file} cannot be used: {fault}.",
            f"{let_in()}, or set DATABASE_URL to a file elsewhere.",
        )
    if file.exists() and owner(file) != user():
        return DatabaseRefused(
            f"The database {file} belongs to {owner(file)}, and the bot runs as {user()}.",
            f"Run the bot as {owner(file)}, or give it the file: chown {user()} {file}*",
        )
    if file.exists() and not may_write(file):
        return DatabaseRefused(f"The database {file} cannot be written to.", f"chmod 600 {file}")
    return DatabaseRefused(
        f"The database {file} cannot be used: {said}.",
        f"{let_in()}, or set DATABASE_URL to a file elsewhere.",
    )


def known_version(file: Path) -> tuple[int, int]:
    """The schema's version and the oldest code for it; refuses what is damaged or not ours."""
    with permitted(file):
        return _known_version(file)


def _known_version(file: Path) -> tuple[int, int]:
    if not file.is_file():
        raise DatabaseRefused(f"{file} is not a file.", "Set DATABASE_URL to the file to use.")
    _check_head(file)
    try:
        with closing(look_at(file)) as connection:
            _check_owner(connection, file)
            _check_pages(connection, file)
            row = connection.execute("SELECT version, compatible_from FROM schema_info").fetchone()
    except sqlite3.DatabaseError as error:
        raise _refusal(file, error) from error
    if row is None:
        raise DatabaseRefused(f"{file} is damaged: its schema has no version.", RESTORE)
    os.chmod(file, 0o600)  # only now is it known to be ours
    return int(row[0]), int(row[1])


def _refusal(file: Path, error: sqlite3.DatabaseError) -> DatabaseRefused | Unavailable:
    name = getattr(error, "sqlite_errorname", "")
    # Even to read, SQLite writes beside the file; where it may not, the file is as good as it was.
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return not_permitted(file, str(error))
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Unavailable(f"{file} is held by another program: {error}.", "End that program, or wait for it.")
    return DatabaseRefused(f"{file} is damaged: {error}.", RESTORE)


def look_at(file: Path) -> sqlite3.Connection:
    """A plain connection that only reads."""
    connection = sqlite3.connect(file, timeout=5)
    connection.execute("PRAGMA query_only=ON")
    return connection


def _check_head(file: Path) -> None:
    with file.open("rb") as opened:
        head = opened.read(len(MAGIC))
    if not head:
        raise DatabaseRefused(f"{file} is empty.", RESTORE)
    if head != MAGIC:
        raise DatabaseRefused(f"{file} is not a SQLite database, or its beginning is damaged.", RESTORE)


def _check_owner(connection: sqlite3.Connection, file: Path) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise DatabaseRefused(
            f"{file} belongs to another program.", "Set DATABASE_URL to a file of the bot's own, or to a new name."
        )


def _check_pages(connection: sqlite3.Connection, file: Path) -> None:
    """Broken inside; a missing end SQLite finds itself."""
    if file.stat().st_size <= CHECKED_WHOLE:
        found = faults(connection)
        if found:
            raise DatabaseRefused(f"{file} is damaged: {found}.", RESTORE)


def faults(connection: sqlite3.Connection) -> str:
    """What SQLite finds wrong when it looks at every page; nothing when all is well."""
    first = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    return "" if first == "ok" else str(first).replace("\n", " ")


def copy_beside(file: Path, name: str) -> Path:
    """A whole copy of the database as it is now, beside it."""
    copy = file.with_name(f"{file.name}.{name}")
    os.close(os.open(copy, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
    with closing(look_at(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def copies_of(file: Path) -> list[tuple[Path, datetime]]:
    """The copies that were made beside the file before a migration, and when; the oldest first."""
    ours = re.compile(rf"{re.escape(file.name)}\.schema-\d+")
    found = [path for path in file.parent.iterdir() if ours.fullmatch(path.name)] if file.parent.is_dir() else []
    return sorted(((path, datetime.fromtimestamp(path.stat().st_mtime, UTC)) for path in found), key=lambda one: one[1])


def remove_copies(file: Path, until: datetime) -> int:
    """Removes the copies made until then, with what SQLite left beside them; how many there were."""
    old = [path for path, made_at in copies_of(file) if made_at <= until]
    for path in old:
        for name in (f"{path}-wal", f"{path}-shm", f"{path}-journal", path):
            Path(name).unlink(missing_ok=True)
    return len(old)
