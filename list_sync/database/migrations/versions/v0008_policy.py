"""The policy: terms of lists, explanations, and what is remembered of titles for filters."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the columns and the table; rows that exist keep their meaning."""
    op.add_column("lists", sa.Column("first_complete_at", sa.Text))
    op.execute("UPDATE lists SET first_complete_at = complete_at")
    op.add_column("synced_items", sa.Column("explanation", sa.Text))
    op.add_column("item_events", sa.Column("explanation", sa.Text))
    has_one = sa.text("tvdb_id IS NOT NULL")
    op.create_index("idx_synced_items_tvdb_id", "synced_items", ["tvdb_id"], sqlite_where=has_one)
    op.create_index("idx_sent_requests_title", "sent_requests", ["server_id", "media_type", "tmdb_id"])
    op.create_index("idx_synced_items_name", "synced_items", ["household", "title", "year"])
    op.add_column("item_lists", sa.Column("first_seen", sa.Text))
    op.add_column("item_lists", sa.Column("added_at", sa.Text))
    op.add_column("item_lists", sa.Column("absent_since", sa.Text))
    op.add_column("item_lists", sa.Column("absent_readings", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.add_column("item_lists", sa.Column("returned_at", sa.Text))
    op.add_column("pins", sa.Column("until", sa.Text))
    op.add_column("sync_history", sa.Column("undoes", sa.Integer))
    op.add_column("sent_requests", sa.Column("list_type", sa.Text))
    op.add_column("sent_requests", sa.Column("list_id", sa.Text))
    op.add_column(
        "sent_requests", sa.Column("approval", sa.Text, nullable=False, server_default=sa.text("'requester'"))
    )
    op.add_column("sent_requests", sa.Column("options", sa.JSON))
    op.add_column("sent_requests", sa.Column("undone_in", sa.Integer))
    op.add_column("titles", sa.Column("facts", sa.JSON))
    op.add_column("titles", sa.Column("facts_at", sa.Text))
    op.create_table(
        "server_options",
        sa.Column("server_id", sa.Integer, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("service_id", sa.Integer, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("read_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("server_id", "media_type", "service_id"),
    )
    op.create_table(
        "server_requesters",
        sa.Column("server_id", sa.Integer, nullable=False),
        sa.Column("stated", sa.Text, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("server_id", "stated"),
    )
