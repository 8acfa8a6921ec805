"""What all tables share: their metadata, and our own column types for moments and for text from other programs."""

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
    """An aware datetime: in SQLite UTC text in the form of its own datetime(), in PostgreSQL a timestamp."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of the column in this database."""
        return DateTime(timezone=True) if dialect.name == POSTGRESQL else Text()

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | datetime | None:
        """Return a moment in whole seconds of UTC; a datetime without a time zone is a mistake of the caller."""
        if value is None:
            return None
        text = to_timestamp(value)
        return _from_timestamp(text) if dialect.name == POSTGRESQL else text

    def process_result_value(self, value: str | datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the stored value as an aware datetime."""
        if value is None:
            return None
        return value.astimezone(UTC) if isinstance(value, datetime) else _from_timestamp(value)


class Words(TypeDecorator[str]):
    """Text from other programs; characters that the database cannot store are replaced.

    Half a surrogate pair, which JSON may hold, has no UTF-8 form, and PostgreSQL cannot store NUL. Without this, an
    answer that cannot be stored would be read again and again.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the text with characters replaced that cannot be stored."""
        if value is None:
            return None
        if dialect.name == POSTGRESQL:
            value = value.replace("\0", "\ufffd")
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def to_timestamp(moment: datetime) -> str:
    """Return a moment as text in the form of the tables."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC).strftime(TIMESTAMP_FORMAT)


def _from_timestamp(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
