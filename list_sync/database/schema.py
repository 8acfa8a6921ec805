"""The present tables; the revisions in migrations/versions lead to exactly these."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from list_sync.database.columns import ServiceId, Timestamp, Words
from list_sync.database.columns import metadata as metadata
from list_sync.database.schema_servers import households as households
from list_sync.database.schema_servers import known_media as known_media
from list_sync.database.schema_servers import sent_requests as sent_requests
from list_sync.database.schema_servers import server_fingerprints as server_fingerprints
from list_sync.database.schema_servers import servers as servers
from list_sync.database.schema_servers import titles as titles
from list_sync.database.schema_sources import list_backoffs as list_backoffs
from list_sync.database.schema_sources import list_copies as list_copies

# The number in schema_version. The users' guide migrates by hand up to 3 (advanced usage, "Database
# Migration"), so ours begins there and that script finds nothing to do.
SCHEMA_VERSION = 5

schema_version = Table(
    "schema_version",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("applied_at", Timestamp, server_default=text("CURRENT_TIMESTAMP")),
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
)

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
    UniqueConstraint("household", "item_key"),
    Index("idx_synced_items_last_synced", "last_synced"),
    Index("idx_synced_items_status", "status"),
    Index("idx_synced_items_overseerr_id", "overseerr_id"),
    Index("idx_synced_items_imdb_id", "imdb_id"),
)

item_lists = Table(
    "item_lists",
    metadata,
    Column("item_id", ForeignKey("synced_items.id", ondelete="CASCADE"), nullable=False),
    Column("list_type", Text, nullable=False),
    Column("list_id", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("run_id", Integer, nullable=False),
    PrimaryKeyConstraint("item_id", "list_type", "list_id"),
    Index("idx_item_lists_list", "list_type", "list_id"),
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
    Index("idx_item_events_item", "item_id"),
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

resolutions = Table(
    "resolutions",
    metadata,
    Column("key", Words, primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("tmdb_id", ServiceId, nullable=False),
    Column("method", Text, nullable=False),
    Column("resolved_at", Timestamp, nullable=False),
)

pins = Table(
    "pins",
    metadata,
    Column("household", Text, primary_key=True, server_default=text("'home'")),
    Column("key", Words, primary_key=True),
    Column("media_type", Text),
    Column("tmdb_id", ServiceId),
    Column("pinned_at", Timestamp, nullable=False),
)

unresolved_titles = Table(
    "unresolved_titles",
    metadata,
    Column("key", Words, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("detail", Words, nullable=False),
    Column("candidates", Words, nullable=False),
    Column("looked_up_at", Timestamp, nullable=False),
    Column("clean_runs", Integer, nullable=False, server_default=text("0")),
)

provider_memory = Table(
    "provider_memory",
    metadata,
    Column("provider", Text, nullable=False),
    Column("key", Words, nullable=False),
    Column("value", Words, nullable=False),
    PrimaryKeyConstraint("provider", "key"),
)

missing_numbers = Table(
    "missing_numbers",
    metadata,
    Column("media_type", Text, nullable=False),
    Column("tmdb_id", ServiceId, nullable=False),
    Column("seen_at", Timestamp, nullable=False),
    Column("clean_runs", Integer, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("media_type", "tmdb_id"),
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
    PrimaryKeyConstraint("run_id", "list_type", "list_id"),
)
