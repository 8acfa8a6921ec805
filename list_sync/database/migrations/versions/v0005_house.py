"""Servers and households as tables, and what hangs on them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add what version 5 has; one function for each subject."""
    _add_servers()


def _add_servers() -> None:
    op.create_table(
        "servers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("installation", sa.Text, unique=True),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("kind", sa.Text),
        sa.Column("name", sa.Text),
        sa.Column("seen_at", sa.Text),
    )
