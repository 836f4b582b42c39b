"""Brings the schema and the code together, or refuses with the reason and the cure.

A number says it all: the code knows the schema ``VERSION``; the database tells its own, and from which version of
the code on it may be used. So a newer but compatible schema is accepted, and old and new processes can stand side
by side. SQLite is brought up to date at start, after a copy; PostgreSQL only by command.
Alembic is imported only when there is a step to take: starting must be quick.
"""

import asyncio
from pathlib import Path

from sqlalchemy import Connection, func, inspect, select, text

from bot.errors import DatabaseRefused
from storage.engine import open_engine, sqlite_file
from storage.failures import translated
from storage.lean import AsyncEngine
from storage.sqlite_file import copy_beside, known_version, made, permitted
from storage.tables import metadata, schema_info

VERSION = 4
COMPATIBLE_FROM = 3
SCRIPTS = Path(__file__).parent / "migrations"
STEPS = (SCRIPTS / "versions",)
UPGRADING = 0x53534542  # the advisory lock that lets one process upgrade a PostgreSQL database
UPGRADE = "Run: sse-bot db upgrade"


async def prepare(engine: AsyncEngine) -> None:
    """Makes sure the database can be worked on. A new SQLite file is made; an old one is brought up to date."""
    file = sqlite_file(engine)
    with translated():
        if file is None:
            check_version(await _postgresql_version(engine))
        else:
            await _prepare_sqlite(file)


async def must_be_there(engine: AsyncEngine) -> None:
    """Refuses where there is no database yet: to look into a new one would be a false "nothing is there"."""
    file = sqlite_file(engine)
    if file is not None:
        await asyncio.to_thread(_must_exist, file)
        return
    with translated():
        check_version(await _postgresql_version(engine))


async def upgrade(engine: AsyncEngine) -> None:
    """Takes every step there is."""
    file = sqlite_file(engine)
    with translated():
        if file is not None:
            await _prepare_sqlite(file)
            return
        await _postgresql_version(engine)
        async with engine.begin() as connection:
            await connection.execute(select(func.pg_advisory_xact_lock(UPGRADING)))
            await connection.run_sync(run_steps)


async def status(engine: AsyncEngine) -> tuple[int | None, int]:
    """The schema's version (None: there is none yet) and the code's."""
    file = sqlite_file(engine)
    if file is not None:
        found = await asyncio.to_thread(_known, file)
    else:
        with translated():
            found = await _postgresql_version(engine)
    return (found[0] if found else None), VERSION


def check_version(found: tuple[int, int] | None) -> None:
    """Refuses a schema that this code cannot work on."""
    if found is None:
        raise DatabaseRefused("The PostgreSQL database has no tables yet.", UPGRADE)
    version, compatible_from = found
    if compatible_from > VERSION:
        raise DatabaseRefused(
            f"The database has schema {version}, which needs a newer version of the bot (this one knows {VERSION}).",
            "Start the newer version, or restore a copy made before its upgrade.",
        )
    if version < VERSION:
        raise DatabaseRefused(f"The database has schema {version}; this version of the bot needs {VERSION}.", UPGRADE)


async def _prepare_sqlite(file: Path) -> None:
    found = await asyncio.to_thread(_made_or_known, file)
    if found[0] < VERSION:
        await asyncio.to_thread(copy_beside, file, f"schema-{found[0]}")
        await migrate_sqlite(file)
        found = await asyncio.to_thread(known_version, file)
    check_version(found)


def _must_exist(file: Path) -> None:
    with permitted(file):
        if not file.exists():
            raise DatabaseRefused(
                f"There is no database at {file.absolute()}.",
                "Go to the folder that the bot is started in, or set DATABASE_URL and DATA_DIR as they are there.",
            )


def _known(file: Path) -> tuple[int, int] | None:
    with permitted(file):
        return known_version(file) if file.exists() else None


def _made_or_known(file: Path) -> tuple[int, int]:
    with permitted(file):
        if not file.exists():
            made(file, create)
        return known_version(file)


async def migrate_sqlite(file: Path) -> None:
    """Takes every step in one transaction; broken references undo it.

    Foreign keys are off from before BEGIN: where a step rebuilds a table, SQLite drops the old one, and would delete
    every row that refers to it.
    """
    engine = open_engine(f"sqlite+aiosqlite:///{file}", foreign_keys=False)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(run_steps)
            broken = (await connection.exec_driver_sql("PRAGMA foreign_key_check")).all()
            if broken:
                raise DatabaseRefused(
                    f"The upgrade would leave {len(broken)} rows without what they refer to; nothing was changed.",
                    "Report this with the first table named: " + str(broken[0][0]),
                )
    finally:
        await engine.dispose()


def run_steps(connection: Connection) -> None:
    """Alembic's steps on this connection, inside its transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(map(str, STEPS)))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def create(connection: Connection) -> None:
    """The newest schema at once, as all steps would have left it (a test compares the two)."""
    metadata.create_all(connection)
    connection.execute(schema_info.insert(), {"id": 1, "version": VERSION, "compatible_from": COMPATIBLE_FROM})
    connection.execute(
        text(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
            "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
    )
    connection.execute(text("INSERT INTO alembic_version VALUES (:step)"), {"step": f"{VERSION:04}"})


async def _postgresql_version(engine: AsyncEngine) -> tuple[int, int] | None:
    """The schema's numbers; None for a database without tables."""
    async with engine.connect() as connection:
        tables = set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))
        if schema_info.name in tables:
            row = (await connection.execute(select(schema_info.c.version, schema_info.c.compatible_from))).one()
            return row.version, row.compatible_from
    if tables:
        raise DatabaseRefused(
            "The PostgreSQL database holds tables of another program.", "Give the bot a database of its own."
        )
    return None
