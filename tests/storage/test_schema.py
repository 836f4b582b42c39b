"""The schema: what the models say is what the steps build, and a database we cannot work on is refused."""

import asyncio
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from bot.errors import ConfigurationRefused, DatabaseRefused, Unavailable
from bot.seal import Seal
from storage import schema
from storage.engine import open_engine
from storage.sqlite_file import APPLICATION_ID
from storage.store import Store
from storage.tables import metadata
from tests.databases import SECRET
from tests.storage.makers import NOON, arrive, ended, sending, words
from tests.storage.test_erasing import full_life

STEPS = Path(__file__).parent / "steps"
NEXT = schema.VERSION + 1


def url_of(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


async def prepare(url: str) -> None:
    engine = open_engine(url)
    try:
        await schema.prepare(engine)
    finally:
        await engine.dispose()


async def upgrade(url: str) -> None:
    engine = open_engine(url)
    try:
        await schema.upgrade(engine)
    finally:
        await engine.dispose()


async def version_of(url: str) -> tuple[int | None, int]:
    engine = open_engine(url)
    try:
        return await schema.status(engine)
    finally:
        await engine.dispose()


async def differences(url: str) -> list[Any]:
    """What Alembic would change to come from the database to the models."""

    def compare(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))

    engine = open_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(compare)
    finally:
        await engine.dispose()


def shape_of(file: Path) -> dict[str, list[str]]:
    """Each table and index by name, its clauses sorted: the two write their constraints in another order."""
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: sorted(clause.strip() for clause in re.split(r"[(),]", " ".join(sql.split()))) for name, sql in found}


def stepped(file: Path) -> Path:
    """A SQLite database that was built by its steps, not from the models."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    asyncio.run(schema.migrate_sqlite(file))
    return file


def file_of(url: str) -> Path:
    return Path(url.partition("///")[2])


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def change(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_the_steps_build_what_the_models_say(tmp_path: Path, postgresql_url: str) -> None:
    assert asyncio.run(differences(url_of(stepped(tmp_path / "stepped.sqlite3")))) == []
    assert asyncio.run(differences(postgresql_url)) == []


def test_a_new_sqlite_database_is_what_the_steps_would_have_built(tmp_path: Path, sqlite_url: str) -> None:
    assert shape_of(file_of(sqlite_url)) == shape_of(stepped(tmp_path / "stepped.sqlite3"))
    assert asyncio.run(version_of(sqlite_url)) == (schema.VERSION, schema.VERSION)


async def test_a_new_file_is_made_in_its_folder_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "some" / "folder" / "new.sqlite3"
    await prepare(url_of(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert names_in(file.parent) == ["new.sqlite3"]
    assert await version_of(url_of(file)) == (schema.VERSION, schema.VERSION)


async def test_a_file_that_others_may_read_is_closed_to_them(sqlite_url: str) -> None:
    file_of(sqlite_url).chmod(0o644)
    await prepare(sqlite_url)
    assert stat.S_IMODE(file_of(sqlite_url).stat().st_mode) == 0o600


async def test_eight_that_begin_at_once_find_one_database(tmp_path: Path) -> None:
    url = url_of(tmp_path / "new.sqlite3")
    await asyncio.gather(*(prepare(url) for _ in range(8)))
    assert names_in(tmp_path) == ["new.sqlite3"]


async def test_preparing_again_changes_nothing(sqlite_url: str) -> None:
    store = Store(open_engine(sqlite_url), Seal(SECRET))
    learner_id = await arrive(store)
    await schema.prepare(store.engine)
    assert (await store.everything_of(learner_id))["learners"]
    await store.close()


def test_starting_with_a_current_database_needs_no_alembic(sqlite_url: str) -> None:
    program = (
        "import asyncio, sys\n"
        "from storage.engine import open_engine\n"
        "from storage.schema import prepare\n"
        "async def main():\n"
        f"    engine = open_engine({sqlite_url!r})\n"
        "    await prepare(engine)\n"
        "    await engine.dispose()\n"
        "asyncio.run(main())\n"
        "assert 'alembic' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2])


def rows_in(file: Path) -> dict[str, int]:
    with closing(sqlite3.connect(file)) as connection:
        return {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for name in metadata.tables
            if name not in ("counters", "schema_info")
        }


@pytest.fixture
async def lived_in(sqlite_url: str) -> Path:
    """A database full of people and their rows."""
    store = Store(open_engine(sqlite_url), Seal(SECRET))
    for who in ("ada", "bob", "cyd"):
        await full_life(store, who)
    await store.close()
    return file_of(sqlite_url)


async def test_an_upgrade_that_rebuilds_parents_keeps_every_child_row(
    lived_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows_in(lived_in)
    assert min(before[name] for name in ("addresses", "answers", "consents", "outbox", "chat_lines")) >= 3
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, STEPS / "rebuild"))
    monkeypatch.setattr(schema, "VERSION", NEXT)
    await prepare(url_of(lived_in))
    assert rows_in(lived_in) == before
    assert await version_of(url_of(lived_in)) == (NEXT, NEXT)
    with closing(sqlite3.connect(lived_in)) as connection:
        assert connection.execute("SELECT DISTINCT mood FROM learners").fetchall() == [("calm",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


async def test_the_same_step_with_foreign_keys_on_would_have_lost_them(
    lived_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows_in(lived_in)
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, STEPS / "rebuild"))
    monkeypatch.setattr(schema, "open_engine", lambda url, foreign_keys: open_engine(url, foreign_keys=True))
    await schema.migrate_sqlite(lived_in)
    assert rows_in(lived_in) != before


async def test_an_upgrade_makes_a_copy_first(lived_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows_in(lived_in)
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, STEPS / "rebuild"))
    monkeypatch.setattr(schema, "VERSION", NEXT)
    await prepare(url_of(lived_in))
    copy = lived_in.with_name(f"{lived_in.name}.schema-{schema.VERSION - 1}")
    assert rows_in(copy) == before
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


async def test_an_upgrade_that_breaks_references_is_refused_and_undone(
    lived_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows_in(lived_in)
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, STEPS / "careless"))
    monkeypatch.setattr(schema, "VERSION", NEXT)
    with pytest.raises(DatabaseRefused, match="nothing was changed"):
        await prepare(url_of(lived_in))
    assert rows_in(lived_in) == before
    assert (await version_of(url_of(lived_in)))[0] == NEXT - 1


async def test_postgresql_is_upgraded_by_command_and_keeps_every_row(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(open_engine(postgresql_url), Seal(SECRET))
    learner_id = await full_life(store, "ada")
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, STEPS / "rebuild"))
    monkeypatch.setattr(schema, "VERSION", NEXT)
    with pytest.raises(DatabaseRefused, match=rf"has schema {NEXT - 1}; .* needs {NEXT}\. Run: sse-bot db upgrade"):
        await schema.prepare(store.engine)
    await schema.upgrade(store.engine)
    await schema.upgrade(store.engine)
    await schema.prepare(store.engine)
    await store.close()
    again = Store(open_engine(postgresql_url), Seal(SECRET))
    assert all((await again.everything_of(learner_id)).values())
    await again.close()


WITHOUT_FOLLOWS = ["DROP INDEX ix_outbox_follows", "ALTER TABLE outbox DROP COLUMN follows"]


async def taken_back(store: Store, version: int, statements: list[str]) -> None:
    """The database as that version of the code left it."""
    told = f"UPDATE schema_info SET version = {version}, compatible_from = {version}"
    step = f"UPDATE alembic_version SET version_num = '{version:04}'"
    async with store.engine.begin() as connection:
        for statement in (*statements, told, step):
            await connection.exec_driver_sql(statement)


async def test_from_what_ended_before_an_upgrade_nothing_follows_and_the_old_code_may_stand_beside(
    database_url: str,
) -> None:
    store = Store(open_engine(database_url), Seal(SECRET))
    await arrive(store, parts=["a1"])
    await taken_back(store, 3, WITHOUT_FOLLOWS)
    await store.close()
    await upgrade(database_url)
    again = Store(open_engine(database_url), Seal(SECRET))
    (row,) = await sending(again)
    assert await ended(again, row, state="failed", follows="unsent")
    assert [(one.part.id, one.what) for one in await again.unfollowed("telegram", 9)] == [(row.id, "unsent")]
    async with again.engine.begin() as connection:
        told = (await connection.exec_driver_sql("SELECT version, compatible_from FROM schema_info")).one()
    assert tuple(told) == (schema.VERSION, schema.COMPATIBLE_FROM) == (4, 3)
    await again.close()


async def test_parts_from_before_there_were_edits_beside_messages_hold_up_what_follows(database_url: str) -> None:
    store = Store(open_engine(database_url), Seal(SECRET))
    await arrive(store, parts=["edit a0", "a1"])
    await taken_back(store, 3, WITHOUT_FOLLOWS)
    await taken_back(store, 2, ["ALTER TABLE outbox DROP COLUMN holds"])
    await store.close()
    await upgrade(database_url)
    assert await version_of(database_url) == (schema.VERSION, schema.VERSION)
    again = Store(open_engine(database_url), Seal(SECRET))
    assert words(await sending(again)) == ["edit a0"]
    assert await sending(again) == []
    await again.close()


async def test_an_empty_postgresql_is_refused_until_it_is_upgraded(empty_postgresql: str) -> None:
    with pytest.raises(DatabaseRefused, match=r"has no tables yet\. Run: sse-bot db upgrade"):
        await prepare(empty_postgresql)
    assert await version_of(empty_postgresql) == (None, schema.VERSION)
    await upgrade(empty_postgresql)
    await prepare(empty_postgresql)


async def test_a_postgresql_of_another_program_is_refused(empty_postgresql: str) -> None:
    engine = open_engine(empty_postgresql)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("CREATE TABLE theirs (id int)")
    await engine.dispose()
    for attempt in (prepare, upgrade):
        with pytest.raises(DatabaseRefused, match="tables of another program"):
            await attempt(empty_postgresql)


async def test_a_newer_schema_is_accepted_where_it_says_so_and_refused_else(database_url: str) -> None:
    engine = open_engine(database_url)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE schema_info SET version = 9, compatible_from = 1")
    await schema.prepare(engine)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE schema_info SET compatible_from = 9")
    with pytest.raises(DatabaseRefused, match=r"schema 9, which needs a newer version .* Start the newer version"):
        await schema.prepare(engine)
    await engine.dispose()


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-8192])


def beginning_flipped(file: Path) -> None:
    file.write_bytes(b"XX" + file.read_bytes()[2:])


def page_flipped(file: Path) -> None:
    raw = bytearray(file.read_bytes())
    raw[4096 * 3 : 4096 * 3 + 64] = b"\xff" * 64
    file.write_bytes(raw)


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def other_text(file: Path) -> None:
    file.write_text("name;score\nada;10\n" * 99)


def of_another_program(file: Path) -> None:
    file.unlink()
    change(file, "CREATE TABLE theirs (id int)")


def gone_but_for_its_log(file: Path) -> None:
    file.rename(f"{file}-wal")


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def without_version(file: Path) -> None:
    change(file, "DELETE FROM schema_info")


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (cut_short, r"is damaged: .*Restore a copy"),
        (beginning_flipped, r"is not a SQLite database, or its beginning is damaged\. Restore a copy"),
        (page_flipped, r"is damaged: .*Restore a copy"),
        (emptied, r"is empty\. Restore a copy"),
        (other_text, r"is not a SQLite database"),
        (of_another_program, r"belongs to another program\. Set DATABASE_URL"),
        (gone_but_for_its_log, r"is gone, but its log test\.sqlite3-wal is still there\. Restore a copy"),
        (a_folder, r"is not a file\. Set DATABASE_URL"),
        (without_version, r"its schema has no version"),
    ],
)
async def test_a_file_that_cannot_be_trusted_is_refused_with_the_cure(sqlite_url: str, harm: Any, says: str) -> None:
    file = file_of(sqlite_url)
    harm(file)
    with pytest.raises(DatabaseRefused, match=says) as refused:
        await prepare(sqlite_url)
    assert refused.value.cure


async def test_a_large_file_cut_short_is_refused_without_reading_it_whole(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.sqlite_file.CHECKED_WHOLE", 0)
    cut_short(file_of(sqlite_url))
    with pytest.raises(DatabaseRefused, match="is damaged"):
        await prepare(sqlite_url)


async def test_a_database_left_by_a_killed_process_is_taken_up_with_its_log(sqlite_url: str, tmp_path: Path) -> None:
    store = Store(open_engine(sqlite_url), Seal(SECRET))
    learner_id = await arrive(store)
    file, left = file_of(sqlite_url), tmp_path / "left"
    left.mkdir()
    for part in file.parent.glob(f"{file.name}*"):  # as the disk is while the process is still there
        shutil.copy(part, left / part.name)
    await store.close()
    url = url_of(left / file.name)
    await prepare(url)
    found = Store(open_engine(url), Seal(SECRET))
    assert (await found.everything_of(learner_id))["learners"]
    await found.close()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://host/name", "sqlite+aiosqlite://", "sqlite:///:memory:"])
def test_a_url_that_names_no_database_of_ours_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationRefused, match="DATABASE_URL") as refused:
        open_engine(url)
    assert "sqlite+aiosqlite:///" in refused.value.cure


async def test_a_server_that_is_not_there_is_unavailable_not_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be used now"):
        await prepare(f"postgresql+asyncpg://nobody@/none?host={tmp_path}")


async def test_a_writer_of_another_process_makes_us_wait_and_then_say_unavailable(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.engine.PRAGMAS", ("busy_timeout=50",))
    store = Store(open_engine(sqlite_url), Seal(SECRET))
    with closing(sqlite3.connect(file_of(sqlite_url), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable):
            await arrive(store)
        other.execute("ROLLBACK")
    assert await arrive(store, now=NOON)
    await store.close()
