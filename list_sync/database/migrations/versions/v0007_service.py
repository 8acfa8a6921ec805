"""The tables of the service: tokens, deliveries, and the log of deeds; the titles of a list in order."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the three tables, and what pages of titles need of indexes."""
    op.create_table(
        "api_tokens",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("last_used_at", sa.Text),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("household", sa.Text, nullable=False, server_default=sa.text("'home'")),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
    )
    op.create_index("idx_audit_log_at", "audit_log", ["at"])
    op.create_table(
        "webhook_deliveries",
        sa.Column("delivery", sa.Text, primary_key=True),
        sa.Column("at", sa.Text, nullable=False),
    )
    op.create_index("idx_synced_items_state", "synced_items", ["household", "status"])
    op.drop_index("idx_item_lists_list", "item_lists")
    op.create_index("idx_item_lists_list", "item_lists", ["list_type", "list_id", "item_id"])
