"""The tables of the service and of messages: tokens, log-ins, webhooks, plans, what was done and told."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from list_sync.database.dialects import ServiceId, Timestamp, Words, metadata

# A token itself is never stored.
api_tokens = Table(
    "api_tokens",
    metadata,
    Column("name", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("scope", Text, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("last_used_at", Timestamp),
)

# One row at most: the password that the first person chose; WEB_PASSWORD stands before it.
web_password = Table(
    "web_password",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("changed_at", Timestamp, nullable=False),
)

# Only the digest of what the cookie holds is stored. The seal binds a session to the password or token of its log-in.
web_sessions = Table(
    "web_sessions",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("name", Words, nullable=False),
    Column("kind", Text, nullable=False),
    Column("seal", Text, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("last_used_at", Timestamp, nullable=False),
    Column("idle_seconds", Integer, nullable=False),
    Column("expires_at", Timestamp, nullable=False),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("household", Text, nullable=False, server_default=text("'home'")),
    Column("at", Timestamp, nullable=False),
    Column("actor", Words, nullable=False),
    Column("address", Text, nullable=False),
    Column("action", Words, nullable=False),
    Column("target", Words, nullable=False),
    Column("outcome", Words, nullable=False),
    Index("idx_audit_log_at", "at"),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("delivery", Words, primary_key=True),
    Column("at", Timestamp, nullable=False),
)

# The plans of the last dry runs that were asked for; `head` is the plan without its lines, `quotas` are those of users.
plans = Table(
    "plans",
    metadata,
    Column("run_id", ForeignKey("sync_history.id", ondelete="CASCADE"), primary_key=True),
    Column("household", Text, nullable=False),
    Column("head", JSON, nullable=False),
    Column("quotas", JSON, nullable=False),
)

# `cost` is what a line takes of a quota. `outcome` and `found` say what became of it when the plan was applied.
plan_lines = Table(
    "plan_lines",
    metadata,
    Column("run_id", ForeignKey("plans.run_id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("media_type", Text),
    Column("tmdb_id", ServiceId),
    Column("quality", Text, nullable=False),
    Column("requester_id", ServiceId),
    Column("cost", Integer, nullable=False),
    Column("reason", Words, nullable=False),
    Column("apply", Boolean, nullable=False),
    Column("line", JSON, nullable=False),
    Column("outcome", Text),
    Column("found", Words),
    PrimaryKeyConstraint("run_id", "number"),
    # Counts lines without reading them.
    Index("idx_plan_lines_counted", "run_id", "kind", "apply", "requester_id", "media_type", "cost"),
)

# What a channel for messages was told, or is to be told; its address is not stored.
notices = Table(
    "notices",
    metadata,
    Column("household", Text, primary_key=True, server_default=text("'home'")),
    Column("channel", Text, primary_key=True),
    Column("cause", Words, primary_key=True),
    Column("content", JSON, nullable=False),
    Column("since", Timestamp, nullable=False),
    Column("told_at", Timestamp),
    Column("over_at", Timestamp),
)

# The lists and settings that were imported once: one that the user removes afterwards is not imported again.
imported_names = Table(
    "imported_names",
    metadata,
    Column("household", Text, primary_key=True, server_default=text("'home'")),
    Column("thing", Text, primary_key=True),
    Column("name", Words, primary_key=True),
    Column("at", Timestamp, nullable=False),
)
