"""Counts of entries that are no titles, times at which shows and missing titles are checked, and more of the server."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add what version 4 has."""
    _count_entries()
    _tell_shows_apart()
    _look_at_the_server_anew()
    _count_clean_runs()


def _count_entries() -> None:
    op.add_column("lists", sa.Column("unsupported", sa.Integer, nullable=False, server_default=sa.text("0")))
    for table in ("lists", "run_lists"):
        op.add_column(table, sa.Column("unsupported_kinds", sa.JSON))
        op.add_column(table, sa.Column("not_understood", sa.Integer, nullable=False, server_default=sa.text("0")))
        op.add_column(table, sa.Column("first_not_understood", sa.JSON))


def _tell_shows_apart() -> None:
    for name in ("status", "next_episode_on", "tried_at"):
        op.add_column("known_shows", sa.Column(name, sa.Text))


def _look_at_the_server_anew() -> None:
    """Count refused requests instead of the newest number; without a fingerprint everything is read anew."""
    op.drop_table("server_fingerprints")
    op.create_table(
        "server_fingerprints",
        sa.Column("server", sa.Text, primary_key=True),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("pending", sa.Integer, nullable=False),
        sa.Column("declined", sa.Integer, nullable=False),
        sa.Column("media", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("read_at", sa.Text, nullable=False),
        sa.Column("full_read_at", sa.Text),
        sa.Column("next_place", sa.Integer, nullable=False),
        sa.Column("unread_since", sa.Text),
    )
    op.add_column("known_media", sa.Column("media_rows", sa.Integer, nullable=False, server_default=sa.text("1")))


def _count_clean_runs() -> None:
    for table in ("unresolved_titles", "missing_numbers"):
        op.add_column(table, sa.Column("clean_runs", sa.Integer, nullable=False, server_default=sa.text("0")))
