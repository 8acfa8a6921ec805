"""The tables of a household, and the schema as a whole; the revisions in migrations/versions lead to exactly these.

The tables of servers are in schema_servers, facts about the world in schema_world, the service in schema_web.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from list_sync.database.dialects import ServiceId, Timestamp, Words, metadata
from list_sync.database.schema_servers import households, known_media, sent_requests, server_fingerprints, servers
from list_sync.database.schema_web import plans
from list_sync.database.schema_world import (
    list_copies,
    missing_numbers,
    provider_memory,
    resolutions,
    titles,
    unresolved_titles,
)

__all__ = [
    "SCHEMA_VERSION",
    "alembic_version",
    "create_tables",
    "households",
    "item_events",
    "item_lists",
    "known_media",
    "list_backoffs",
    "list_copies",
    "list_readings",
    "lists",
    "metadata",
    "missing_numbers",
    "pins",
    "plans",
    "provider_memory",
    "resolutions",
    "review_candidates",
    "run_lists",
    "schema_version",
    "sent_requests",
    "server_fingerprints",
    "servers",
    "sync_history",
    "synced_items",
    "titles",
    "unresolved_titles",
]

# The number in schema_version. The users' guide migrates by hand up to 3 (advanced usage, "Database
# Migration"), so ours begins there and that script finds nothing to do.
SCHEMA_VERSION = 10
schema_version = Table(
    "schema_version",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("applied_at", Timestamp, server_default=text("CURRENT_TIMESTAMP")),
)

# The table in the form of Alembic (alembic/runtime/migration.py, MigrationContext), for later revisions.
alembic_version = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)

lists = Table(
    "lists",
    metadata,
    Column("household", Text, primary_key=True, server_default=text("'home'")),
    Column("list_type", Text, primary_key=True),
    Column("list_id", Text, primary_key=True),
    Column("item_count", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("reason", Words),
    Column("fetched_at", Timestamp),
    Column("last_synced", Timestamp),
    Column("complete_at", Timestamp),
    Column("run_id", Integer, nullable=False),
    Column("attempts", JSON),
    Column("copied_at", Timestamp),
    Column("backoff_until", Timestamp),
    Column("unsupported", Integer, nullable=False, server_default=text("0")),
    Column("unsupported_kinds", JSON),
    Column("not_understood", Integer, nullable=False, server_default=text("0")),
    Column("first_not_understood", JSON),
    Column("first_complete_at", Timestamp),
    Column("routes", JSON),
)

list_backoffs = Table(
    "list_backoffs",
    metadata,
    Column("household", Text, primary_key=True, server_default=text("'home'")),
    Column("list_type", Text, primary_key=True),
    Column("list_id", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("until", Timestamp, nullable=False),
    Column("stamp", Text, nullable=False),
    Column("reason", Words, nullable=False),
)

list_readings = Table(
    "list_readings",
    metadata,
    Column("household", Text, primary_key=True, server_default=text("'home'")),
    Column("list_type", Text, primary_key=True),
    Column("list_id", Text, primary_key=True),
    Column("stamp", Text, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("unclean_ends", Integer, nullable=False),
    Column("at", Timestamp, nullable=False),
)

_FACETS = ("household", "status", "media_type", "quality", "requester_id", "changed_at", "goes_at", "title", "folded")
synced_items = Table(
    "synced_items",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("household", Text, nullable=False, server_default=text("'home'")),
    Column("item_key", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("media_type", Text),
    Column("year", Integer),
    Column("imdb_id", Text),
    Column("tvdb_id", ServiceId),
    Column("overseerr_id", ServiceId),
    Column("status", Text, nullable=False),
    Column("reason", Words, nullable=False),
    Column("method", Text),
    Column("last_synced", Timestamp, nullable=False),
    Column("first_seen", Timestamp, nullable=False),
    Column("provider_source", Text),
    Column("run_id", Integer, nullable=False),
    Column("quality", Text, nullable=False, server_default=text("'hd'")),
    Column("explanation", Words),
    Column("changed_at", Timestamp),
    Column("requester_id", ServiceId),
    Column("goes_at", Timestamp),
    # The name as names are compared, where letter case is not all that is to be ignored.
    Column("folded", Words),
    UniqueConstraint("household", "item_key"),
    Index("idx_synced_items_last_synced", "last_synced"),
    Index("idx_synced_items_status", "status"),
    # These count, sort and find titles without reading their rows.
    Index("idx_synced_items_facets", *_FACETS),
    Index("idx_synced_items_changed", "household", "changed_at"),
    Index("idx_synced_items_name", "household", "title"),
    Index("idx_synced_items_overseerr_id", "overseerr_id"),
    Index("idx_synced_items_imdb_id", "imdb_id"),
    # Most titles have none, and an index of them all would not be used.
    # Partial in SQLite alone: stated for PostgreSQL, it costs every command an import of 20 ms.
    Index("idx_synced_items_tvdb_id", "tvdb_id", sqlite_where=text("tvdb_id IS NOT NULL")),
)

item_lists = Table(
    "item_lists",
    metadata,
    Column("item_id", ForeignKey("synced_items.id", ondelete="CASCADE"), nullable=False),
    Column("list_type", Text, nullable=False),
    Column("list_id", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("run_id", Integer, nullable=False),
    Column("first_seen", Timestamp),
    Column("added_at", Timestamp),
    Column("absent_since", Timestamp),
    Column("absent_readings", Integer, nullable=False, server_default=text("0")),
    Column("returned_at", Timestamp),
    PrimaryKeyConstraint("item_id", "list_type", "list_id"),
    Index("idx_item_lists_list", "list_type", "list_id", "item_id", "absent_since"),
)

item_events = Table(
    "item_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("item_id", ForeignKey("synced_items.id", ondelete="CASCADE"), nullable=False),
    Column("run_id", Integer, nullable=False),
    Column("at", Timestamp, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Words, nullable=False),
    Column("method", Text),
    Column("explanation", Words),
    Index("idx_item_events_item", "item_id"),
    Index("idx_item_events_run", "run_id", "status"),
)

review_candidates = Table(
    "review_candidates",
    metadata,
    Column("item_id", ForeignKey("synced_items.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("tmdb_id", ServiceId, nullable=False),
    Column("title", Words, nullable=False),
    Column("original_title", Words, nullable=False),
    Column("year", Integer),
    Column("popularity", Float, nullable=False),
    PrimaryKeyConstraint("item_id", "position"),
)

pins = Table(
    "pins",
    metadata,
    Column("household", Text, primary_key=True, server_default=text("'home'")),
    Column("key", Words, primary_key=True),
    Column("media_type", Text),
    Column("tmdb_id", ServiceId),
    Column("pinned_at", Timestamp, nullable=False),
    Column("until", Timestamp),
)

# AUTOINCREMENT, because a number is used longer than its row exists: the number of a deleted run is never used again.
sync_history = Table(
    "sync_history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("household", Text, nullable=False),
    Column("asked_at", Timestamp),
    Column("sync_started", Timestamp),
    Column("sync_completed", Timestamp),
    Column("items_processed", Integer, nullable=False, server_default=text("0")),
    Column("items_requested", Integer, nullable=False, server_default=text("0")),
    Column("items_skipped", Integer, nullable=False, server_default=text("0")),
    Column("items_errored", Integer, nullable=False, server_default=text("0")),
    Column("sync_mode", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("error", Words),
    Column("reads", Integer, nullable=False, server_default=text("0")),
    Column("writes", Integer, nullable=False, server_default=text("0")),
    Column("lists_total", Integer, nullable=False, server_default=text("0")),
    Column("lists_failed", Integer, nullable=False, server_default=text("0")),
    Column("counts", JSON),
    Column("run_order", Text),
    Column("owner", Text),
    Column("lease_until", Timestamp),
    Column("exit_code", Integer),
    Column("undoes", Integer),
    Column("applies", Integer),
    Column("asked_by", Words),
    sqlite_autoincrement=True,
)

run_lists = Table(
    "run_lists",
    metadata,
    Column("run_id", ForeignKey("sync_history.id", ondelete="CASCADE"), nullable=False),
    Column("list_type", Text, nullable=False),
    Column("list_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("items", Integer, nullable=False),
    Column("unsupported", Integer, nullable=False),
    Column("expected", Integer),
    Column("reason", Words),
    Column("attempts", JSON),
    Column("copied_at", Timestamp),
    Column("backoff_until", Timestamp),
    Column("unsupported_kinds", JSON),
    Column("not_understood", Integer, nullable=False, server_default=text("0")),
    Column("first_not_understood", JSON),
    Column("more", Integer),
    Column("gone", Integer),
    PrimaryKeyConstraint("run_id", "list_type", "list_id"),
)


def create_tables(connection: Connection) -> None:
    """Create every table of the present schema, and record its version.

    This avoids Alembic, which would stay in memory (11 MB, measured). Only the migration of an older database needs it.
    """
    alembic_version.create(connection)
    metadata.create_all(connection)
    connection.execute(alembic_version.insert(), {"version_num": f"{SCHEMA_VERSION:04}"})
    connection.execute(schema_version.insert(), {"version": SCHEMA_VERSION, "applied_at": datetime.now(UTC)})
