"""SQLAlchemy's async engine without its ORM, which comes with the package (6 MiB, 45 ms) and is not used here."""

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

__all__ = ["AsyncConnection", "AsyncEngine", "create_async_engine"]

PACKAGE = "sqlalchemy.ext.asyncio"


def _engine_alone() -> ModuleType:
    """The one module, in its package that is found but not run; whoever imports the package later gets all of it."""
    if PACKAGE in sys.modules:
        return import_module(f"{PACKAGE}.engine")
    spec = find_spec(PACKAGE)
    assert spec is not None
    sys.modules[PACKAGE] = module_from_spec(spec)
    try:
        return import_module(f"{PACKAGE}.engine")
    finally:
        del sys.modules[PACKAGE]


if not TYPE_CHECKING:
    _alone = _engine_alone()
    AsyncConnection, AsyncEngine = _alone.AsyncConnection, _alone.AsyncEngine
    create_async_engine = _alone.create_async_engine
