"""Living with it: what was imported from elsewhere, since when routes do not work, and releases."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the tables and the columns."""
    op.add_column("lists", sa.Column("routes", sa.JSON))
    op.create_table(
        "releases",
        sa.Column("version", sa.Text, primary_key=True),
        sa.Column("published_at", sa.Text),
        sa.Column("mends", sa.JSON, nullable=False),
        sa.Column("read_at", sa.Text, nullable=False),
    )
    op.create_table(
        "imported_names",
        sa.Column("household", sa.Text, nullable=False, server_default=sa.text("'home'")),
        sa.Column("thing", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("household", "thing", "name"),
    )
