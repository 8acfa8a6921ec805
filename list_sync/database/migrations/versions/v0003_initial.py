"""The first schema of this ListSync; 3 because the users' guide migrates older ones up to 3 by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = None


def upgrade() -> None:
    """Make every table and index."""
    _create_items()
    _create_memory()
    _create_runs()
    _create_list_memory()
    _create_indexes()


def _create_items() -> None:
    op.create_table(
        "schema_version",
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("applied_at", sa.Text, server_default=sa.text("CURRENT_TIMESTAMP")),
    )
    op.create_table(
        "lists",
        sa.Column("list_type", sa.Text, nullable=False),
        sa.Column("list_id", sa.Text, nullable=False),
        sa.Column("item_count", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("route", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("fetched_at", sa.Text),
        sa.Column("last_synced", sa.Text),
        sa.Column("complete_at", sa.Text),
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("attempts", sa.JSON),
        sa.Column("copied_at", sa.Text),
        sa.Column("backoff_until", sa.Text),
        sa.PrimaryKeyConstraint("list_type", "list_id"),
    )
    op.create_table(
        "synced_items",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("item_key", sa.Text, nullable=False, unique=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text),
        sa.Column("year", sa.Integer),
        sa.Column("imdb_id", sa.Text),
        sa.Column("tvdb_id", sa.Integer),
        sa.Column("overseerr_id", sa.Integer),
        sa.Column("is_4k", sa.Boolean, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("method", sa.Text),
        sa.Column("last_synced", sa.Text, nullable=False),
        sa.Column("first_seen", sa.Text, nullable=False),
        sa.Column("provider_source", sa.Text),
        sa.Column("run_id", sa.Integer, nullable=False),
    )
    op.create_table(
        "item_lists",
        sa.Column("item_id", sa.Integer, sa.ForeignKey("synced_items.id", ondelete="CASCADE"), nullable=False),
        sa.Column("list_type", sa.Text, nullable=False),
        sa.Column("list_id", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("item_id", "list_type", "list_id"),
    )
    op.create_table(
        "item_events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("item_id", sa.Integer, sa.ForeignKey("synced_items.id", ondelete="CASCADE"), nullable=False),
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("method", sa.Text),
    )
    op.create_table(
        "review_candidates",
        sa.Column("item_id", sa.Integer, sa.ForeignKey("synced_items.id", ondelete="CASCADE"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("tmdb_id", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("original_title", sa.Text, nullable=False),
        sa.Column("year", sa.Integer),
        sa.Column("popularity", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("item_id", "position"),
    )


def _create_memory() -> None:
    op.create_table(
        "resolutions",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("tmdb_id", sa.Integer, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("resolved_at", sa.Text, nullable=False),
    )
    op.create_table(
        "pins",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("media_type", sa.Text),
        sa.Column("tmdb_id", sa.Integer),
        sa.Column("pinned_at", sa.Text, nullable=False),
    )
    op.create_table(
        "unresolved_titles",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("candidates", sa.Text, nullable=False),
        sa.Column("looked_up_at", sa.Text, nullable=False),
    )
    op.create_table(
        "provider_memory",
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("provider", "key"),
    )
    op.create_table(
        "missing_numbers",
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("tmdb_id", sa.Integer, nullable=False),
        sa.Column("seen_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("media_type", "tmdb_id"),
    )
    op.create_table(
        "known_media",
        sa.Column("server", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("tmdb_id", sa.Integer, nullable=False),
        sa.Column("availability", sa.Integer, nullable=False),
        sa.Column("availability_4k", sa.Integer, nullable=False),
        sa.Column("seasons", sa.Text, nullable=False),
        sa.Column("seasons_4k", sa.Text, nullable=False),
        sa.Column("requests", sa.Text, nullable=False),
        sa.Column("seen_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("server", "media_type", "tmdb_id"),
    )
    op.create_table(
        "known_shows",
        sa.Column("server", sa.Text, nullable=False),
        sa.Column("tmdb_id", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("year", sa.Integer),
        sa.Column("imdb_id", sa.Text),
        sa.Column("tvdb_id", sa.Integer),
        sa.Column("season_numbers", sa.Text, nullable=False),
        sa.Column("checked_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("server", "tmdb_id"),
    )
    op.create_table(
        "server_fingerprints",
        sa.Column("server", sa.Text, primary_key=True),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("pending", sa.Integer, nullable=False),
        sa.Column("declined", sa.Integer, nullable=False),
        sa.Column("media", sa.Integer, nullable=False),
        sa.Column("newest_request_id", sa.Integer, nullable=False),
        sa.Column("read_at", sa.Text, nullable=False),
        sa.Column("full_read_at", sa.Text),
    )
    op.create_table(
        "sent_requests",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("server", sa.Text, nullable=False),
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("tmdb_id", sa.Integer, nullable=False),
        sa.Column("is_4k", sa.Boolean, nullable=False),
        sa.Column("seasons", sa.Text, nullable=False),
        sa.Column("requester_id", sa.Integer),
        sa.Column("sent_at", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("request_id", sa.Integer),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("settled_at", sa.Text),
        sqlite_autoincrement=True,
    )


def _create_runs() -> None:
    op.create_table(
        "sync_history",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sync_started", sa.Text, nullable=False),
        sa.Column("sync_completed", sa.Text),
        sa.Column("items_processed", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("items_requested", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("items_skipped", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("items_errored", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("sync_mode", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("dry_run", sa.Boolean, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("reads", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("writes", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("lists_total", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("lists_failed", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("counts", sa.JSON),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "run_lists",
        sa.Column("run_id", sa.Integer, sa.ForeignKey("sync_history.id", ondelete="CASCADE"), nullable=False),
        sa.Column("list_type", sa.Text, nullable=False),
        sa.Column("list_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("route", sa.Text, nullable=False),
        sa.Column("items", sa.Integer, nullable=False),
        sa.Column("unsupported", sa.Integer, nullable=False),
        sa.Column("expected", sa.Integer),
        sa.Column("reason", sa.Text),
        sa.Column("attempts", sa.JSON),
        sa.Column("copied_at", sa.Text),
        sa.Column("backoff_until", sa.Text),
        sa.PrimaryKeyConstraint("run_id", "list_type", "list_id"),
    )
    op.create_table(
        "triggers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("asked_at", sa.Text, nullable=False),
        sa.Column("lists", sa.JSON, nullable=False),
        sa.Column("dry_run", sa.Boolean, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("taken_at", sa.Text),
        sa.Column("run_id", sa.Integer),
        sa.Column("finished_at", sa.Text),
        sa.Column("exit_code", sa.Integer),
        sqlite_autoincrement=True,
    )


def _create_list_memory() -> None:
    op.create_table(
        "list_copies",
        sa.Column("list_type", sa.Text, nullable=False),
        sa.Column("list_id", sa.Text, nullable=False),
        sa.Column("copied_at", sa.Text, nullable=False),
        sa.Column("doubt", sa.Text),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("list_type", "list_id"),
    )
    op.create_table(
        "list_backoffs",
        sa.Column("list_type", sa.Text, nullable=False),
        sa.Column("list_id", sa.Text, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("until", sa.Text, nullable=False),
        sa.Column("stamp", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("list_type", "list_id"),
    )
    op.create_table(
        "cached_answers",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("expires_at", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )


def _create_indexes() -> None:
    op.create_index("idx_synced_items_last_synced", "synced_items", ["last_synced"])
    op.create_index("idx_synced_items_status", "synced_items", ["status"])
    op.create_index("idx_synced_items_overseerr_id", "synced_items", ["overseerr_id"])
    op.create_index("idx_synced_items_imdb_id", "synced_items", ["imdb_id"])
    op.create_index("idx_item_lists_list", "item_lists", ["list_type", "list_id"])
    op.create_index("idx_item_events_item", "item_events", ["item_id"])
    op.create_index("idx_sent_requests_server_state", "sent_requests", ["server", "state"])
