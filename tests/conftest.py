"""Fixtures that every test may ask for by name."""

import pytest
import structlog

from bot.service import Content
from bot.settings import Settings
from bot.wiring import read_content
from tests.databases import (
    database_url,
    empty_postgresql,
    postgresql_server,
    postgresql_url,
    sqlite_store,
    sqlite_template,
    sqlite_url,
    store,
)
from tests.privileges import no_privileges

__all__ = [
    "database_url",
    "empty_postgresql",
    "no_privileges",
    "postgresql_server",
    "postgresql_url",
    "sqlite_store",
    "sqlite_template",
    "sqlite_url",
    "store",
]


@pytest.fixture(scope="session")
def content() -> Content:
    """What is taught: the real lessons and words."""
    return read_content(Settings(), {"poster"})


@pytest.fixture(autouse=True)
def plain_logs() -> None:
    """Logs without drawn traces: those take seconds each, and nobody reads them here."""
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()])
