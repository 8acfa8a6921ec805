"""`import` of a folder that was made to do harm."""

import errno
import os
import resource
import shutil
import sqlite3
import time
from contextlib import closing

import pytest

from list_sync.config.encrypted import open_encrypted
from list_sync.config.policy.documents import parse_document
from list_sync.importing.lists import NewList, write_lines
from list_sync.model.sources import ListRef
from tests.fakes.former_program import FormerFolder
from tests.fakes.scripted_server import ScriptedServer, Served

OUR_KEY = "our-own-key-of-another-server"


@pytest.fixture
def former(home):
    return FormerFolder(home / "old").add_list("imdb", "top").add_title("Heat", 949, "requested")


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_our_key_is_not_sent_to_the_address_in_a_folder(cli, home, former, monkeypatch, options):
    monkeypatch.setenv("OVERSEERR_API_KEY", OUR_KEY)
    with ScriptedServer(lambda _asked: Served({}, status=404)) as server:
        former.add_settings(overseerr_url=server.url)
        answer = cli("import", "old", *options)

        assert server.asked == []
    assert "OVERSEERR_API_KEY is set here already, and may be that of another server" in answer.out
    assert answer.code == 1
    assert "OVERSEERR_URL" not in open_encrypted(home / "data" / "config.enc", None).load()


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("CREATE VIRTUAL TABLE lists USING fts5(list_type, list_id)", "virtual table lists"),
        ("CREATE VIRTUAL TABLE cached USING rtree(id, a, b)", "virtual table cached"),
    ],
)
def test_a_table_that_is_a_program_is_not_read(cli, former, schema, words):
    former.execute("DROP TABLE lists")
    former.execute(schema)
    answer = cli("import", "old")

    assert answer.code != 0
    assert words in answer.err


def test_views_and_triggers_are_not_read_and_no_check_is_evaluated(cli, former):
    former.execute(
        "PRAGMA ignore_check_constraints = ON;"
        "CREATE TABLE sink (x CHECK (length(hex(zeroblob(400000000))) > x)); INSERT INTO sink VALUES (1);"
        " ALTER TABLE lists RENAME TO others;"
        " CREATE VIEW lists AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        " SELECT 'imdb' AS list_type, i AS list_id FROM n;"
    )
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    answer = cli("import", "old", "--dry-run")

    assert answer.code in (0, 1)
    assert "imdb:" not in answer.out
    assert time.process_time() - began < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000


def test_a_value_as_large_as_the_memory_is_refused(cli, former):
    with closing(sqlite3.connect(former.database)) as connection:
        connection.execute("INSERT INTO lists (list_type, list_id) VALUES ('imdb', zeroblob(200000000))")
        connection.commit()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = cli("import", "old")

    assert answer.code != 0
    assert "list_sync.db" in answer.err
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000


@pytest.mark.parametrize("ending", ["-wal", "-journal"])
def test_a_link_to_a_device_beside_the_database_is_not_copied(cli, former, ending):
    (former.path / "list_sync.db-shm").write_bytes(b"something")
    # /dev/zero has no end, which this test is not to try on the disk of a developer.
    (former.path / f"list_sync.db{ending}").symlink_to("/dev/null")
    answer = cli("import", "old")

    assert answer.code != 0
    assert f"list_sync.db{ending}" in answer.err


@pytest.mark.parametrize("place", ["old", "data"])
def test_a_database_for_whose_copy_there_is_no_room_is_one_plain_message(cli, home, former, monkeypatch, place):
    (home / "data").mkdir()
    (home / "data" / "list_sync.db").touch()
    (home / place / "list_sync.db-wal").write_bytes(b"something")

    def fail(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfileobj", fail)
    answer = cli("import", "old", "--dry-run")

    assert answer.code != 0
    assert answer.err.startswith(f"Error: {place}/list_sync.db cannot be copied (No space left on device)")


def test_control_characters_are_not_taken_over(cli, home, former):
    former.add_title("\x1b[2JEvil\x00 \x9bname", 950, "requested", source_list_type="imdb", source_list_id="top")
    former.add_run("one\x1b", status="failed", error_message="\x1b]0;owned\x07 bad")
    assert cli("import", "old").code == 0

    with closing(sqlite3.connect(home / "data" / "list_sync.db")) as connection:
        titles = connection.execute("SELECT title FROM synced_items WHERE title LIKE '%Evil%'").fetchall()
        runs = connection.execute("SELECT error FROM sync_history").fetchall()
    assert (titles, runs) == ([("[2JEvil name",)], [("]0;owned bad",)])


def test_names_of_a_folder_are_printed_as_text(cli, former):
    former.add_title("\x1b[2J\u202eevil [red]x[/red]", None, "requested")
    former.add_list("imdb\x1b]0;owned\x07", "x\ny").add_list("nothing", "a\u202eb")
    answer = cli("import", "old")

    assert "\x1b" not in answer.out + answer.err
    assert "\u202e" not in answer.out + answer.err


@pytest.mark.parametrize("requester", [0, 7])
@pytest.mark.parametrize(
    "list_id", ["top", 'a" # b', "a: b", "x\n- imdb:top", '"', "\\", "https://lists.example/a.json?x=1#y", "\u202ea"]
)
def test_a_line_to_add_is_one_list_however_it_is_spelled(requester, list_id):
    lines = list(write_lines([NewList(ListRef("file", list_id), requester)]))
    root, faults = parse_document("\n".join(lines))

    assert list(faults) == []
    name = f"file:{list_id}"
    assert root.plain() == ([{"source": name, "requester": "7"}] if requester else [name])
