"""The pages: log-ins, a password, plans, what titles are narrowed by; and what people were told."""

import sqlalchemy as sa
from alembic import op

from list_sync.model.folding import fold_other

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the tables and the columns."""
    op.create_table(
        "web_password",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("changed_at", sa.Text, nullable=False),
    )
    op.create_table(
        "web_sessions",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("seal", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("last_used_at", sa.Text, nullable=False),
        sa.Column("idle_seconds", sa.Integer, nullable=False),
        sa.Column("expires_at", sa.Text, nullable=False),
    )
    # Titles that are there get the other two by the next sync that sees them.
    op.add_column("synced_items", sa.Column("changed_at", sa.Text))
    op.add_column("synced_items", sa.Column("requester_id", sa.Integer))
    op.add_column("synced_items", sa.Column("goes_at", sa.Text))
    op.execute(
        "UPDATE synced_items SET changed_at = COALESCE("
        "(SELECT MAX(at) FROM item_events WHERE item_id = synced_items.id), first_seen)"
    )
    op.drop_index("idx_synced_items_state", "synced_items")
    _fold_names()
    facets = [
        "household",
        "status",
        "media_type",
        "quality",
        "requester_id",
        "changed_at",
        "goes_at",
        "title",
        "folded",
    ]
    op.create_index("idx_synced_items_facets", "synced_items", facets)
    op.drop_index("idx_synced_items_name", "synced_items")
    op.create_index("idx_synced_items_name", "synced_items", ["household", "title"])
    op.create_index("idx_sent_requests_sent_at", "sent_requests", ["server_id", "sent_at", "state"])
    op.add_column("sync_history", sa.Column("applies", sa.Integer))
    op.add_column("sync_history", sa.Column("asked_by", sa.Text))
    op.add_column("run_lists", sa.Column("more", sa.Integer))
    op.add_column("run_lists", sa.Column("gone", sa.Integer))
    op.create_table(
        "plans",
        sa.Column("run_id", sa.Integer, sa.ForeignKey("sync_history.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("household", sa.Text, nullable=False),
        sa.Column("head", sa.JSON, nullable=False),
        sa.Column("quotas", sa.JSON, nullable=False),
    )
    op.create_table(
        "plan_lines",
        sa.Column("run_id", sa.Integer, sa.ForeignKey("plans.run_id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text),
        sa.Column("tmdb_id", sa.Integer),
        sa.Column("quality", sa.Text, nullable=False),
        sa.Column("requester_id", sa.Integer),
        sa.Column("cost", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("apply", sa.Boolean, nullable=False),
        sa.Column("line", sa.JSON, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("found", sa.Text),
        sa.PrimaryKeyConstraint("run_id", "number"),
    )
    op.create_index("idx_sent_requests_run", "sent_requests", ["run_id"])
    op.create_index("idx_item_events_run", "item_events", ["run_id", "status"])
    counted = ["run_id", "kind", "apply", "requester_id", "media_type", "cost"]
    op.create_index("idx_plan_lines_counted", "plan_lines", counted)
    op.create_index("idx_synced_items_changed", "synced_items", ["household", "changed_at"])
    op.drop_index("idx_item_lists_list", "item_lists")
    op.create_index("idx_item_lists_list", "item_lists", ["list_type", "list_id", "item_id", "absent_since"])
    op.create_table(
        "notices",
        sa.Column("household", sa.Text, primary_key=True, server_default=sa.text("'home'")),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("cause", sa.Text, primary_key=True),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("since", sa.Text, nullable=False),
        sa.Column("told_at", sa.Text),
        sa.Column("over_at", sa.Text),
    )


def _fold_names() -> None:
    """Store the names in the form in which they are searched, where that is another one."""
    op.add_column("synced_items", sa.Column("folded", sa.Text))
    connection = op.get_bind()
    names = connection.execute(sa.text("SELECT id, title FROM synced_items"))
    folded = [{"id": number, "folded": name} for number, title in names if (name := fold_other(title)) is not None]
    if folded:
        connection.execute(sa.text("UPDATE synced_items SET folded = :folded WHERE id = :id"), folded)
