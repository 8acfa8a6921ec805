"""The tables of a media-request server: its identity, what was read from it, and the requests sent to it."""

from sqlalchemy import JSON, Column, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from list_sync.database.dialects import ServiceId, Timestamp, Words, metadata

households = Table(
    "households",
    metadata,
    Column("name", Text, primary_key=True),
    Column("server_id", Integer),
)

servers = Table(
    "servers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("installation", Text, unique=True),
    Column("address", Text, nullable=False),
    Column("kind", Text),
    Column("name", Text),
    Column("seen_at", Timestamp),
)

known_media = Table(
    "known_media",
    metadata,
    Column("server_id", Integer, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("tmdb_id", ServiceId, nullable=False),
    Column("availability", Integer, nullable=False),
    Column("availability_4k", Integer, nullable=False),
    Column("seasons", Text, nullable=False),
    Column("seasons_4k", Text, nullable=False),
    Column("requests", Text, nullable=False),
    Column("seen_at", Timestamp, nullable=False),
    Column("media_rows", Integer, nullable=False, server_default=text("1")),
    PrimaryKeyConstraint("server_id", "media_type", "tmdb_id"),
)

server_fingerprints = Table(
    "server_fingerprints",
    metadata,
    Column("server_id", Integer, primary_key=True),
    Column("requests", Integer, nullable=False),
    Column("pending", Integer, nullable=False),
    Column("declined", Integer, nullable=False),
    Column("media", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("read_at", Timestamp, nullable=False),
    Column("full_read_at", Timestamp),
    Column("next_place", Integer, nullable=False),
    Column("unread_since", Timestamp),
)

# What a server says of its Radarrs and Sonarrs: names of profiles, folders and tags. Asking can end some servers.
server_options = Table(
    "server_options",
    metadata,
    Column("server_id", Integer, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("service_id", Integer, nullable=False),
    Column("content", JSON, nullable=False),
    Column("read_at", Timestamp, nullable=False),
    PrimaryKeyConstraint("server_id", "media_type", "service_id"),
)

# The users that lists name, by the name as it is stated: a run without requests reads no users.
server_requesters = Table(
    "server_requesters",
    metadata,
    Column("server_id", Integer, nullable=False),
    Column("stated", Words, nullable=False),
    Column("user_id", ServiceId, nullable=False),
    PrimaryKeyConstraint("server_id", "stated"),
)

# AUTOINCREMENT, because the number of a deleted row must never be used again.
sent_requests = Table(
    "sent_requests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("server_id", Integer, nullable=False),
    Column("run_id", Integer, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("tmdb_id", ServiceId, nullable=False),
    Column("seasons", Text, nullable=False),
    Column("requester_id", ServiceId),
    Column("sent_at", Timestamp, nullable=False),
    Column("state", Text, nullable=False),
    Column("request_id", ServiceId),
    Column("answer", Words, nullable=False),
    Column("settled_at", Timestamp),
    Column("quality", Text, nullable=False, server_default=text("'hd'")),
    Column("note", Words, nullable=False, server_default=text("''")),
    Column("list_type", Text),
    Column("list_id", Text),
    Column("approval", Text, nullable=False, server_default=text("'requester'")),
    Column("options", JSON),
    Column("undone_in", Integer),
    Index("idx_sent_requests_server_state", "server_id", "state"),
    Index("idx_sent_requests_title", "server_id", "media_type", "tmdb_id"),
    Index("idx_sent_requests_run", "run_id"),
    # Counts requests by day without reading their rows.
    Index("idx_sent_requests_sent_at", "server_id", "sent_at", "state"),
    sqlite_autoincrement=True,
)
