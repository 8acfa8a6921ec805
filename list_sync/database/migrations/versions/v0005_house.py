"""Servers with an identity instead of an address, shared details of titles, households, and named qualities."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the changes of version 5; one function for each subject."""
    _drop_cached_answers()
    _add_servers()
    _hang_on_servers()
    _share_details()
    _queue_runs()
    _add_households()
    _tell_accounts_apart()


def _drop_cached_answers() -> None:
    # They are in a file of their own now (database/file_cache.py), and what is missing there is read again.
    op.drop_table("cached_answers")


def _add_servers() -> None:
    """Create a server for each address that rows refer to, and for each known installation.

    An installation was stored under its address. If another one replaced it there, it was stored under the address
    followed by its own name.
    """
    op.create_table(
        "servers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("installation", sa.Text, unique=True),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("kind", sa.Text),
        sa.Column("name", sa.Text),
        sa.Column("seen_at", sa.Text),
    )
    op.create_table(
        "households",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("server_id", sa.Integer),
    )
    # `place` is what the former tables called each server: its address, or the address followed by a name.
    op.execute("CREATE TABLE former_servers (place TEXT PRIMARY KEY, id INTEGER, installation TEXT, seen_at TEXT)")
    places = " UNION ".join(f"SELECT server FROM {table}" for table in _BY_SERVER)
    met = "SELECT key, value FROM provider_memory WHERE provider = 'media-request servers'"
    op.execute(
        "INSERT INTO former_servers SELECT place, row_number() OVER (ORDER BY place), met.key,"
        " coalesce((SELECT read_at FROM server_fingerprints WHERE server = place),"
        " (SELECT max(sent_at) FROM sent_requests WHERE server = place))"
        f" FROM (SELECT server AS place FROM ({places}) UNION SELECT value FROM ({met}))"
        f" LEFT JOIN ({met}) AS met ON met.value = place GROUP BY place"
    )
    aside = "place LIKE '%' || ' (installation ' || installation || ')'"
    op.execute(
        "INSERT INTO servers (id, installation, address, seen_at) SELECT id, installation,"
        f" CASE WHEN {aside} THEN substr(place, 1, instr(place, ' (installation ') - 1) ELSE place END,"
        f" CASE WHEN {aside} THEN NULL ELSE seen_at END FROM former_servers"
    )
    op.execute(
        "INSERT INTO households SELECT 'home', id FROM servers WHERE seen_at IS NOT NULL ORDER BY seen_at DESC LIMIT 1"
    )
    op.execute("DELETE FROM provider_memory WHERE provider = 'media-request servers'")


_BY_SERVER = ("known_media", "known_shows", "server_fingerprints", "sent_requests")


def _hang_on_servers() -> None:
    op.drop_index("idx_sent_requests_server_state", "sent_requests")
    found = {"server_id": "(SELECT id FROM former_servers WHERE place = old.server)"}
    _rebuild("known_media", ["server_id", "media_type", "tmdb_id"], {0: _server_id()}, found, dropped=["server"])
    _rebuild("server_fingerprints", ["server_id"], {0: _server_id()}, found, dropped=["server"])
    # The note says why a request was withdrawn, or which request counts in its place.
    note = sa.Column("note", sa.Text, nullable=False, server_default="")
    added: dict[int, sa.Column[Any]] = {1: _server_id(), 12: _quality(), 13: note}
    values = found | {"quality": _QUALITY, "note": "''"}
    _rebuild("sent_requests", ["id"], added, values, dropped=["server", "is_4k"], sqlite_autoincrement=True)
    op.create_index("idx_sent_requests_server_state", "sent_requests", ["server_id", "state"])
    op.drop_table("former_servers")


def _server_id() -> sa.Column[int]:
    return sa.Column("server_id", sa.Integer, nullable=False)


_QUALITY = "CASE WHEN old.is_4k THEN '4k' ELSE 'hd' END"


def _quality() -> sa.Column[str]:
    return sa.Column("quality", sa.Text, nullable=False, server_default="hd")


def _share_details() -> None:
    """Store the details of titles once for all servers (before: those of shows, for each server); keep the latest."""
    op.create_table(
        "titles",
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("tmdb_id", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("year", sa.Integer),
        sa.Column("imdb_id", sa.Text),
        sa.Column("tvdb_id", sa.Integer),
        sa.Column("poster_path", sa.Text),
        sa.Column("season_numbers", sa.Text, nullable=False),
        sa.Column("status", sa.Text),
        sa.Column("next_episode_on", sa.Text),
        sa.Column("checked_at", sa.Text, nullable=False),
        sa.Column("tried_at", sa.Text),
        sa.PrimaryKeyConstraint("media_type", "tmdb_id"),
    )
    columns = "tmdb_id, title, year, imdb_id, tvdb_id, season_numbers, status, next_episode_on, checked_at, tried_at"
    op.execute(
        f"INSERT OR REPLACE INTO titles (media_type, {columns})"
        f" SELECT 'tv', {columns} FROM known_shows ORDER BY checked_at"
    )
    op.drop_table("known_shows")


def _add_households() -> None:
    """Assign all existing rows to the household "home", and name the quality of titles instead of "is it 4K"."""
    home = {"household": "'home'"}
    _rebuild("lists", ["household", "list_type", "list_id"], {0: _household()}, home)
    _rebuild("list_backoffs", ["household", "list_type", "list_id"], {0: _household()}, home)
    _rebuild("pins", ["household", "key"], {0: _household()}, home)
    one_key = sa.UniqueConstraint("household", "item_key")
    added = {1: _household(), 16: _quality()}
    values = home | {"quality": _QUALITY}
    _rebuild("synced_items", ["id"], added, values, dropped=["is_4k"], constraints=[one_key])
    for name in ("last_synced", "status", "overseerr_id", "imdb_id"):
        op.create_index(f"idx_synced_items_{name}", "synced_items", [name])


def _household() -> sa.Column[str]:
    return sa.Column("household", sa.Text, nullable=False, server_default=sa.text("'home'"))


def _tell_accounts_apart() -> None:
    """Store the account of each copy of a private list; the account of existing copies is not known."""
    account = sa.Column("account", sa.Text, nullable=False, server_default=sa.text("''"))
    _rebuild("list_copies", ["list_type", "list_id", "account"], {2: account}, {"account": "''"})


def _rebuild(
    name: str,
    key: Sequence[str],
    added: Mapping[int, sa.Column[Any]],
    values: Mapping[str, str],
    *,
    dropped: Sequence[str] = (),
    constraints: Sequence[sa.UniqueConstraint] = (),
    sqlite_autoincrement: bool = False,
) -> None:
    """Create a table again with another key and with columns added at their places; SQLite cannot change a key."""
    connection = op.get_bind()
    old = sa.Table(name, sa.MetaData(), autoload_with=connection)
    kept = [column for column in old.columns if column.name not in dropped]
    columns = [sa.Column(one.name, one.type, nullable=one.nullable, server_default=one.server_default) for one in kept]
    for place, column in added.items():
        columns.insert(place, column)
    op.create_table(
        f"{name}_new", *columns, sa.PrimaryKeyConstraint(*key), *constraints, sqlite_autoincrement=sqlite_autoincrement
    )
    if sqlite_autoincrement:
        _go_on_counting(name)
    names = [column.name for column in columns]
    found = ", ".join(values.get(one, f"old.{one}") for one in names)
    op.execute(f"INSERT INTO {name}_new ({', '.join(names)}) SELECT {found} FROM {name} AS old")
    op.drop_table(name)
    op.rename_table(f"{name}_new", name)


def _go_on_counting(name: str) -> None:
    """Let the table that replaces another never use the number of a row again that was deleted from that one."""
    op.execute(f"INSERT INTO sqlite_sequence SELECT '{name}_new', seq FROM sqlite_sequence WHERE name = '{name}'")


def _queue_runs() -> None:
    """Merge the tables of runs and of requested syncs."""
    counts = ("items_processed", "items_requested", "items_skipped", "items_errored")
    calls = ("reads", "writes", "lists_total", "lists_failed")
    op.create_table(
        "sync_history_new",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("household", sa.Text, nullable=False),
        sa.Column("asked_at", sa.Text),
        sa.Column("sync_started", sa.Text),
        sa.Column("sync_completed", sa.Text),
        *(sa.Column(name, sa.Integer, nullable=False, server_default=sa.text("0")) for name in counts),
        sa.Column("sync_mode", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("dry_run", sa.Boolean, nullable=False),
        sa.Column("error", sa.Text),
        *(sa.Column(name, sa.Integer, nullable=False, server_default=sa.text("0")) for name in calls),
        sa.Column("counts", sa.JSON),
        sa.Column("run_order", sa.Text),
        sa.Column("owner", sa.Text),
        sa.Column("lease_until", sa.Text),
        sa.Column("exit_code", sa.Integer),
        sqlite_autoincrement=True,
    )
    _go_on_counting("sync_history")
    op.create_index("idx_triggers_run", "triggers", ["run_id"])
    kept = ", ".join(
        ("id", "sync_started", "sync_completed", "sync_mode", "status", "dry_run", "error", *counts, *calls, "counts")
    )
    op.execute(
        f"INSERT INTO sync_history_new ({kept}, household, asked_at, owner, exit_code)"
        f" SELECT {kept}, 'home', coalesce((SELECT asked_at FROM triggers WHERE run_id = runs.id), sync_started),"
        " 'folder', (SELECT exit_code FROM triggers WHERE run_id = runs.id) FROM sync_history AS runs"
    )
    _queue_triggers()
    op.drop_table("triggers")
    op.drop_table("sync_history")
    op.rename_table("sync_history_new", "sync_history")


def _queue_triggers() -> None:
    """Queue the syncs that no daemon finished; record syncs that could not be started as failed runs."""
    connection = op.get_bind()
    left = "SELECT * FROM triggers WHERE run_id IS NULL OR finished_at IS NULL ORDER BY id"
    insert = sa.text(
        "INSERT INTO sync_history_new"
        " (household, asked_at, sync_completed, sync_mode, status, dry_run, error, run_order, exit_code) VALUES"
        " ('home', :asked_at, :finished_at, :mode, :status, :dry_run, :error, :run_order, :exit_code)"
    )
    for row in connection.execute(sa.text(left)).mappings().all():
        order = {"lists": _lists_of(row["lists"]), "dry_run": bool(row["dry_run"]), "fresh": False, "mode": row["mode"]}
        is_over = row["finished_at"] is not None
        status, error = ("failed", "the sync could not be started") if is_over else ("queued", None)
        connection.execute(insert, {**row, "run_order": json.dumps(order), "status": status, "error": error})


def _lists_of(text: str) -> list[list[str]] | None:
    """Return the provider and id of each list of a requested sync; None, which no order has, for a damaged text."""
    try:
        return [entry[:2] for entry in json.loads(text)]
    except (ValueError, TypeError):
        return None
