"""The first syncs with the data folder of a former version: nothing is asked for that was asked for before."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from list_sync.database.schema import list_backoffs, list_copies
from list_sync.model.report import SyncMode
from list_sync.model.titles import Quality
from list_sync.requesting import lost
from tests.storage.former_folder import FILMS, WANTED, build_titles, fill_server, write_folder


class Now:
    @staticmethod
    def now():
        return datetime.now(UTC)


@pytest.fixture
def clock():
    return Now


@pytest.fixture
def titles(tmp_path, demo, monkeypatch):
    monkeypatch.setattr(lost, "PAUSE_SECONDS", 0.001)
    titles = build_titles()
    fill_server(demo, titles)
    demo.faults.post_seconds = 0
    folder = tmp_path / "data"
    write_folder(folder, titles)
    return titles


def test_nothing_is_requested_twice(tmp_path, demo, open_session, titles):
    session = open_session(DATA_DIR=str(tmp_path / "data"), FILE_LISTS=FILMS)
    first = session.sync(mode=SyncMode.MANUAL)

    wanted = {title.tmdb_id for title in titles if title.kind.name in WANTED}
    assert demo.posts_by_title() == {("movie", tmdb_id, False): 1 for tmdb_id in wanted}
    assert first.counts == {
        "already_available": 680,
        "already_requested": 920,
        "blocklisted": 8,
        "declined": 40,
        "excluded": 20,
        "needs_review": 32,
        "not_found": 52,
        "requested": 140,
        "waiting": 20,
    }
    with session.store.reading() as connection:
        for table in (list_copies, list_backoffs):
            # Two lists in four spellings are two lists.
            found = connection.execute(select(table.c.list_type, table.c.list_id).where(table.c.list_type != "file"))
            assert sorted(found.all()) == [("imdb", "top"), ("trakt", "joe/horror")]
    again = session.sync(mode=SyncMode.MANUAL)
    in_4k = session.sync(mode=SyncMode.MANUAL, quality=Quality.UHD, dry_run=True)
    assert (again.calls.writes, in_4k.calls.writes) == (0, 0)
    assert in_4k.counts["already_requested"] == 40
