"""What a list holds beside its titles, and what tells when a show is looked at again."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add what version 4 has."""
    _count_entries()
    _tell_shows_apart()


def _count_entries() -> None:
    op.add_column("lists", sa.Column("unsupported", sa.Integer, nullable=False, server_default=sa.text("0")))
    for table in ("lists", "run_lists"):
        op.add_column(table, sa.Column("unsupported_kinds", sa.JSON))
        op.add_column(table, sa.Column("not_understood", sa.Integer, nullable=False, server_default=sa.text("0")))
        op.add_column(table, sa.Column("first_not_understood", sa.JSON))


def _tell_shows_apart() -> None:
    for name in ("status", "next_episode_on", "tried_at"):
        op.add_column("known_shows", sa.Column(name, sa.Text))
