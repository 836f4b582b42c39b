"""Many rows as one parameter: a JSON list that the database itself takes apart.

So a statement has one text for one row and for two hundred, is compiled and prepared once, and may give rows back,
which a driver's own "execute many" cannot.
"""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import JSON, ColumnElement, Select, String, bindparam, cast, column, func, select, text
from sqlalchemy.types import TypeEngine

ROWS = bindparam("rows", type_=String())


def listed(dialect: str, kinds: Sequence[TypeEngine[Any]]) -> Select[Any]:
    """The rows of the parameter ``rows``, in order, with columns of these types."""
    source, items = SOURCES[dialect]()
    columns = [_item(dialect, items, at).cast(kind) for at, kind in enumerate(kinds)]
    return select(*columns).select_from(source).where(text("true"))  # SQLite: or it reads ON CONFLICT as a join's ON


def given(rows: Sequence[Sequence[Any]]) -> dict[str, str]:
    """The parameter for these rows."""
    return {"rows": orjson.dumps(rows).decode()}


def _sqlite() -> tuple[Any, ColumnElement[Any]]:
    source = func.json_each(ROWS).table_valued("value")
    return source, source.c.value


def _postgresql() -> tuple[Any, ColumnElement[Any]]:
    source = func.json_array_elements(cast(ROWS, JSON)).table_valued(column("value", JSON))
    return source, source.c.value


def _item(dialect: str, items: ColumnElement[Any], at: int) -> ColumnElement[Any]:
    if dialect == "sqlite":
        return func.json_extract(items, f"$[{at}]", type_=String())
    return items.op("->>", return_type=String())(text(str(at)))


SOURCES = {"sqlite": _sqlite, "postgresql": _postgresql}
