"""The lists that are being read, so that one that ends the process again and again is found."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the table of readings."""
    op.create_table(
        "list_readings",
        sa.Column("household", sa.Text, primary_key=True, server_default=sa.text("'home'")),
        sa.Column("list_type", sa.Text, primary_key=True),
        sa.Column("list_id", sa.Text, primary_key=True),
        sa.Column("stamp", sa.Text, nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("unclean_ends", sa.Integer, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
    )
