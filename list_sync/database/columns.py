"""What all tables share: their register, and our own column types for moments and for text that others wrote."""

from datetime import UTC, datetime

from sqlalchemy import Dialect, MetaData, Text, TypeDecorator

metadata = MetaData()
TIMESTAMP_FORMAT = "%Y-%m-%d %H:%M:%S"


class Timestamp(TypeDecorator[datetime]):
    """An aware datetime, kept as UTC text that SQLite's own datetime() compares with."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Write UTC text; a datetime without a time zone is a mistake of the caller."""
        return None if value is None else to_timestamp(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read it back as an aware datetime."""
        return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


class Words(TypeDecorator[str]):
    """Text that others wrote: half a surrogate pair, which JSON may hold, is stored as a question mark.

    The database's UTF-8 has no place for it, and an answer that cannot be stored would be asked for again.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Replace what has no UTF-8 form."""
        return value if value is None or value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def to_timestamp(moment: datetime) -> str:
    """Return a moment as the text that the tables hold."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC).strftime(TIMESTAMP_FORMAT)
