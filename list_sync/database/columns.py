"""What all tables share: their register, and our own column types for moments and for the text of others."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

POSTGRESQL = "postgresql"
metadata = MetaData()
# The id of another service, which may have more than 31 bits; SQLite's integers have 64 anyway.
ServiceId = Integer().with_variant(BigInteger(), POSTGRESQL)
TIMESTAMP_FORMAT = "%Y-%m-%d %H:%M:%S"


class Timestamp(TypeDecorator[datetime]):
    """An aware datetime. SQLite holds UTC text, which its own datetime() compares with; PostgreSQL holds a moment."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of the column in this database."""
        return DateTime(timezone=True) if dialect.name == POSTGRESQL else Text()

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | datetime | None:
        """Write whole seconds in UTC; a datetime without a time zone is a mistake of the caller."""
        if value is None:
            return None
        text = to_timestamp(value)
        return _from_timestamp(text) if dialect.name == POSTGRESQL else text

    def process_result_value(self, value: str | datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read it back as an aware datetime."""
        if value is None:
            return None
        return value.astimezone(UTC) if isinstance(value, datetime) else _from_timestamp(value)


class Words(TypeDecorator[str]):
    """Text that others wrote: a character that the database cannot hold is stored as another.

    Half a surrogate pair, which JSON may hold, has no UTF-8 form, and PostgreSQL has no place for NUL. An answer that
    cannot be stored would be asked for again.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what cannot be stored."""
        if value is None:
            return None
        if dialect.name == POSTGRESQL:
            value = value.replace("\0", "\ufffd")
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def to_timestamp(moment: datetime) -> str:
    """Return a moment as the text that the tables hold."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC).strftime(TIMESTAMP_FORMAT)


def _from_timestamp(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
