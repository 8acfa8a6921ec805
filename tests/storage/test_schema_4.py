"""A database of schema 4 is brought to the present schema, and nothing in it is lost."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from list_sync.database.migrating import VERSIONS, migrate
from list_sync.model.runs import RunOrder
from list_sync.model.sources import ListRef
from list_sync.storage.orders import parse_order

# One server that moved, one whose address another installation took over, and one that never told its installation.
SERVERS = """
INSERT INTO provider_memory VALUES ('media-request servers', '1 2020', 'http://a:5055');
INSERT INTO provider_memory VALUES ('media-request servers', '1 2018', 'http://a:5055 (installation 1 2018)');
INSERT INTO provider_memory VALUES ('media-request servers', '1 2015', 'http://idle:5055');
INSERT INTO provider_memory VALUES ('imdb', 'tt1', 'kept');
INSERT INTO sent_requests (server, run_id, media_type, tmdb_id, is_4k, seasons, sent_at, state, answer) VALUES
    ('http://a:5055', 1, 'movie', 1, 0, '', '2026-01-01 10:00:00', 'confirmed', 'created'),
    ('http://a:5055 (installation 1 2018)', 1, 'movie', 2, 1, '', '2026-03-01 10:00:00', 'vanished', 'created'),
    ('http://c:5055', 2, 'tv', 3, 0, '1,2', '2026-01-02 10:00:00', 'sent', '');
INSERT INTO known_media (server, media_type, tmdb_id, availability, availability_4k, seasons, seasons_4k, requests,
    seen_at, media_rows) VALUES ('http://a:5055', 'movie', 1, 2, 1, '', '', '', '2026-02-01 10:00:00', 2);
INSERT INTO server_fingerprints VALUES ('http://a:5055', 1, 2, 3, 4, 5, '2026-02-01 10:00:00', NULL, 7, NULL);
INSERT INTO known_shows (server, tmdb_id, title, season_numbers, checked_at, tried_at) VALUES
    ('http://a:5055', 1399, 'new', '0,1', '2026-02-01 10:00:00', '2026-02-02 10:00:00'),
    ('http://c:5055', 1399, 'old', '0', '2026-01-01 10:00:00', NULL);
"""


@pytest.fixture
def migrated(tmp_path):
    """Fill a database as version 4 left it, and bring it to the present."""

    def fill(script):
        revisions, path = tmp_path / "older", tmp_path / "list_sync.db"
        revisions.mkdir()
        for name in ("v0003_initial.py", "v0004_truth.py"):
            shutil.copy(VERSIONS[0] / name, revisions)
        path.touch()
        migrate(path, found=0, versions=[revisions])
        with closing(sqlite3.connect(path)) as older:
            older.executescript(script)
        migrate(path, found=4)
        return lambda statement: query(path, statement)

    return fill


def query(path, statement):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


def test_addresses_become_servers_and_what_was_put_aside_is_one_of_its_own(migrated):
    rows = migrated(SERVERS)

    assert rows("SELECT installation, address, seen_at FROM servers ORDER BY id") == [
        ("1 2020", "http://a:5055", "2026-02-01 10:00:00"),
        ("1 2018", "http://a:5055", None),
        (None, "http://c:5055", "2026-01-02 10:00:00"),
        ("1 2015", "http://idle:5055", None),
    ]
    assert rows("SELECT * FROM households") == [("home", 1)]
    assert rows("SELECT * FROM provider_memory") == [("imdb", "tt1", "kept")]


def test_journal_and_memory_hang_on_the_servers(migrated):
    rows = migrated(SERVERS)

    assert rows("SELECT id, server_id, tmdb_id, seasons, state FROM sent_requests ORDER BY id") == [
        (1, 1, 1, "", "confirmed"),
        (2, 2, 2, "", "vanished"),
        (3, 3, 3, "1,2", "sent"),
    ]
    assert rows("SELECT server_id, tmdb_id, media_rows FROM known_media") == [(1, 1, 2)]
    assert rows("SELECT server_id, failed, next_place FROM server_fingerprints") == [(1, 5, 7)]
    assert rows("SELECT seq FROM sqlite_sequence WHERE name = 'sent_requests'") == [(3,)]


def test_of_a_show_the_last_reading_on_any_server_is_kept(migrated):
    rows = migrated(SERVERS)

    assert rows("SELECT media_type, tmdb_id, title, season_numbers, tried_at FROM titles") == [
        ("tv", 1399, "new", "0,1", "2026-02-02 10:00:00")
    ]


USERS_OWN = """
INSERT INTO synced_items (item_key, title, is_4k, status, reason, last_synced, first_seen, run_id) VALUES
    ('movie:1:4k', 'One', 1, 'requested', '', '2026-01-01 10:00:00', '2026-01-01 10:00:00', 1);
CREATE VIEW own_titles AS SELECT title, status FROM synced_items;
CREATE VIEW own_runs AS SELECT status FROM sync_history;
CREATE INDEX own_index ON synced_items (is_4k, title);
CREATE TABLE own (title TEXT);
CREATE TRIGGER own_trigger AFTER INSERT ON own BEGIN UPDATE synced_items SET status = 'error'; END;
"""


def test_views_indexes_and_triggers_of_the_user_do_not_stop_the_migration(migrated):
    rows = migrated(USERS_OWN)

    assert rows("SELECT * FROM own_titles") == [("One", "requested")]
    assert rows("SELECT quality FROM synced_items") == [("4k",)]
    assert rows("SELECT count(*) FROM sqlite_master WHERE name = 'own_trigger'") == [(1,)]


DAMAGED_ORDERS = """
INSERT INTO triggers (asked_at, lists, dry_run, mode) VALUES
    ('2026-01-02 10:00:00', '[["imdb"', 0, 'manual'), ('2026-01-02 10:00:00', '{"a": 1}', 0, 'manual'),
    ('2026-01-02 10:00:00', '[["imdb", "top", null]]', 0, 'manual');
"""


def test_an_order_that_cannot_be_read_does_not_stop_the_migration_and_is_not_understood_later(migrated):
    orders = [parse_order(text) for (text,) in migrated(DAMAGED_ORDERS)("SELECT run_order FROM sync_history")]

    assert orders == [None, None, RunOrder((ListRef("imdb", "top"),))]


LEFT_NUMBERS = """
INSERT INTO sync_history (id, sync_started, sync_mode, status, dry_run) VALUES
    (8, '2026-01-01 10:00:00', 'manual', 'completed', 0);
INSERT INTO sent_requests (id, server, run_id, media_type, tmdb_id, is_4k, seasons, sent_at, state, answer) VALUES
    (5, 'http://a:5055', 8, 'movie', 1, 0, '', '2026-01-01 10:00:00', 'confirmed', 'created');
INSERT INTO triggers (asked_at, lists, dry_run, mode) VALUES ('2026-01-02 10:00:00', '[]', 0, 'manual');
DELETE FROM sync_history;
DELETE FROM sent_requests;
"""


def test_the_numbers_of_deleted_runs_and_requests_are_not_used_again(migrated):
    rows = migrated(LEFT_NUMBERS)

    assert rows("SELECT id FROM sync_history") == [(9,)]
    assert sorted(rows("SELECT name, seq FROM sqlite_sequence")) == [("sent_requests", 5), ("sync_history", 9)]
