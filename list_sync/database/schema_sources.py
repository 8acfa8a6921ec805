"""The tables of answers of sources, which save reads: part of schema.py."""

from sqlalchemy import Column, Integer, LargeBinary, Table, Text, text

from list_sync.database.columns import Timestamp, Words, metadata

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

list_backoffs = Table(
    "list_backoffs",
    metadata,
    Column("household", Text, primary_key=True, server_default=text("'home'")),
    Column("list_type", Text, primary_key=True),
    Column("list_id", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("until", Timestamp, nullable=False),
    Column("stamp", Text, nullable=False),
    Column("reason", Words, nullable=False),
)
