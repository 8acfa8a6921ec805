"""The tables of facts that are the same for all households and servers: titles, numbers, and copies of lists."""

from sqlalchemy import JSON, Column, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text, text

from list_sync.database.dialects import ServiceId, Timestamp, Words, metadata

titles = Table(
    "titles",
    metadata,
    Column("media_type", Text, nullable=False),
    Column("tmdb_id", ServiceId, nullable=False),
    Column("title", Words, nullable=False),
    Column("year", Integer),
    Column("imdb_id", Text),
    Column("tvdb_id", ServiceId),
    Column("poster_path", Text),
    Column("season_numbers", Text, nullable=False),
    Column("status", Text),
    Column("next_episode_on", Text),
    Column("checked_at", Timestamp, nullable=False),
    Column("tried_at", Timestamp),
    Column("facts", JSON),
    Column("facts_at", Timestamp),
    PrimaryKeyConstraint("media_type", "tmdb_id"),
)

resolutions = Table(
    "resolutions",
    metadata,
    Column("key", Words, primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("tmdb_id", ServiceId, nullable=False),
    Column("method", Text, nullable=False),
    Column("resolved_at", Timestamp, nullable=False),
)

unresolved_titles = Table(
    "unresolved_titles",
    metadata,
    Column("key", Words, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("detail", Words, nullable=False),
    Column("candidates", Words, nullable=False),
    Column("looked_up_at", Timestamp, nullable=False),
    Column("clean_runs", Integer, nullable=False, server_default=text("0")),
)

missing_numbers = Table(
    "missing_numbers",
    metadata,
    Column("media_type", Text, nullable=False),
    Column("tmdb_id", ServiceId, nullable=False),
    Column("seen_at", Timestamp, nullable=False),
    Column("clean_runs", Integer, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("media_type", "tmdb_id"),
)

provider_memory = Table(
    "provider_memory",
    metadata,
    Column("provider", Text, nullable=False),
    Column("key", Words, nullable=False),
    Column("value", Words, nullable=False),
    PrimaryKeyConstraint("provider", "key"),
)

# The newer releases of ListSync, as its project states them, and this one: its row says when they were read.
releases = Table(
    "releases",
    metadata,
    Column("version", Text, primary_key=True),
    Column("published_at", Timestamp),
    Column("mends", JSON, nullable=False),
    Column("read_at", Timestamp, nullable=False),
)

list_copies = Table(
    "list_copies",
    metadata,
    Column("list_type", Text, primary_key=True),
    Column("list_id", Text, primary_key=True),
    Column("account", Text, primary_key=True, server_default=text("''")),
    Column("copied_at", Timestamp, nullable=False),
    Column("doubt", Text),
    Column("content", LargeBinary, nullable=False),
)
