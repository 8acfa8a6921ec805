"""Creates a new database with the present tables.

This avoids Alembic, which would stay in memory (11 MB, measured). Only the migration of an older database needs it.
"""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, NullPool, PrimaryKeyConstraint, String, Table, inspect

from list_sync.database.engines import BUSY_TIMEOUT_SECONDS, build_engine, translated_errors
from list_sync.database.schema import SCHEMA_VERSION, metadata, schema_version

# The table in the form of Alembic (alembic/runtime/migration.py, MigrationContext), for later revisions.
alembic_version = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def create(path: Path, *, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> None:
    """Create every table in one transaction, unless another process just did; raise StorageError."""
    engine = build_engine(path, writes=True, busy_timeout_seconds=busy_timeout_seconds, pool=NullPool)
    with translated_errors(path), engine.begin() as connection:
        if not inspect(connection).has_table(alembic_version.name):
            create_tables(connection)


def create_tables(connection: Connection) -> None:
    """Create every table of the present schema, and record its version."""
    alembic_version.create(connection)
    metadata.create_all(connection)
    connection.execute(alembic_version.insert(), {"version_num": f"{SCHEMA_VERSION:04}"})
    connection.execute(schema_version.insert(), {"version": SCHEMA_VERSION, "applied_at": datetime.now(UTC)})
