"""Column types that mean the same on both databases."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String
from sqlalchemy.types import TypeDecorator, TypeEngine

ISO_LENGTH = len("2026-11-24T12:00:00.000000Z")


@lru_cache(maxsize=32)  # a batch has one now, and writes it into every row
def iso(moment: datetime) -> str:
    """The moment as text that sorts by time: ``2026-11-24T12:00:00.000000Z``."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored: use an aware datetime")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


class Utc(TypeDecorator[datetime]):
    """An aware moment, kept in UTC.

    SQLite has no type for it and would drop the offset without a word, so there it is text of one fixed
    width, which sorts by time; PostgreSQL has ``timestamptz``.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(ISO_LENGTH))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        text = iso(value)  # also refuses naive values on PostgreSQL, which would guess a zone
        return text if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name != "sqlite":
            return value  # type: ignore[no-any-return]
        return datetime.fromisoformat(value)


# SQLite numbers rows itself only where the key's type is exactly INTEGER.
Serial = BigInteger().with_variant(Integer, "sqlite")
