"""The tables of the service: tokens, log-ins, deliveries of webhooks, and the log of what people and programs did."""

from sqlalchemy import Column, Index, Integer, Table, Text, text

from list_sync.database.dialects import Timestamp, Words, metadata

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

# Only the digest of what the cookie holds is stored.
web_sessions = Table(
    "web_sessions",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("last_used_at", Timestamp, nullable=False),
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
