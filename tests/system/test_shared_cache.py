"""Two containers that want one list: read once with a shared Redis, and read all the same when that is down."""

import re
from pathlib import Path

import pytest

from tests.fakes.house import House
from tests.fakes.scripted_server import ScriptedServer, Served

ENTRIES = [{"type": "movie", "movie": {"title": "Synthetic Film 000001", "ids": {"tmdb": 5_000_001}}}]


def etagged(asked):
    if asked.headers.get("If-None-Match") == '"1"':
        return Served(b"", 304)
    return Served(ENTRIES, headers={"X-Pagination-Item-Count": "1", "X-Pagination-Page-Count": "1", "ETag": '"1"'})


@pytest.fixture
def source():
    with ScriptedServer(etagged) as server:
        yield server


@pytest.fixture
def sync(tmp_path, demo, source):
    """Sync in a process of its own, with the data folder of that name."""

    def carry_out(name, *arguments, **settings):
        (tmp_path / name).mkdir(exist_ok=True)
        trakt = {"TRAKT_LISTS": "joe/horror", "TRAKT_CLIENT_ID": "test-client", "TRAKT_BASE_URL": source.url}
        ours = {"OVERSEERR_URL": demo.url, "OVERSEERR_API_KEY": demo.api_key, "DATA_DIR": str(tmp_path / name)}
        done = House(tmp_path / name, **ours, **trakt).run("sync", *arguments, **settings)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return carry_out


def test_two_processes_read_a_list_once(sync, source, redis_server):
    sync("one", REDIS_URL=redis_server.url)
    second = sync("two", REDIS_URL=redis_server.url)

    assert len(source.asked) == 1
    assert re.search("trakt:joe/horror: 1 title, complete, read at .* UTC by api", second)


def test_without_redis_each_data_folder_has_its_own_cache(sync, source):
    sync("one")
    sync("one")
    assert len(source.asked) == 1
    sync("two")
    assert len(source.asked) == 2


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"no database" * 1000)])
def test_a_cache_that_is_gone_or_damaged_is_made_anew_and_fails_no_sync(sync, source, tmp_path, harm):
    sync("one")
    harm(tmp_path / "one" / "cache.db")
    sync("one")
    sync("one")

    assert len(source.asked) == 2


def test_a_redis_that_is_down_means_that_the_source_is_read(sync, source, redis_server):
    redis_server.stop()
    for name in ("one", "two"):
        assert "Redis (REDIS_URL) does not answer" in sync(name, REDIS_URL=redis_server.url)

    assert len(source.asked) == 2


def test_fresh_asks_again_and_what_did_not_change_is_not_sent_again(sync, source):
    sync("one")
    assert "1 title, complete" in sync("one", "--fresh")

    assert [asked.headers.get("If-None-Match") for asked in source.asked] == [None, '"1"']


def test_without_a_ttl_nothing_is_kept(sync, source):
    for _ in range(2):
        sync("one", CACHE_TTL="0")

    assert [asked.headers.get("If-None-Match") for asked in source.asked] == [None, None]


def test_check_says_when_a_redis_holds_what_cannot_be_verified(sync, demo, tmp_path, redis_server):
    sync("one", REDIS_URL=redis_server.url, CACHE_KEY="a key of another house")
    (tmp_path / "two").mkdir()
    ours = {"OVERSEERR_URL": demo.url, "OVERSEERR_API_KEY": demo.api_key, "DATA_DIR": str(tmp_path / "two")}
    done = House(tmp_path / "two", **ours, REDIS_URL=redis_server.url).run("check")

    assert (
        "note: Redis (REDIS_URL) holds 2 entries that cannot be verified; they are not used: set the same CACHE_KEY"
        in done.stdout
    )
