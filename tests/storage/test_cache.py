"""The cache of a data folder and the one that containers share: one suite for both, and what is special of each."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from list_sync.database.file_cache import FileCache
from list_sync.errors import ConfigError
from list_sync.model.cleaning import clean_title
from list_sync.model.sources import Attempt, AttemptOutcome, FetchResult, FetchState
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.storage.cache import CachedLists, open_cache
from list_sync.storage.packing import attempts_of, attempts_to_json, pack_result, unpack_result
from list_sync.storage.redis_cache import PREFIX, RedisCache
from tests.builders import NOON, a_list, a_result, an_item
from tests.fakes.patience import wait_until
from tests.storage.processes import as_another_user

SECRET = "a secret of the tests"
FILMS = a_result(an_item(), an_item("Heat", year=1995, tmdb=949, imdb="tt0113277"))


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cache.db"


@pytest.fixture(params=["file", "redis"])
def cache(request, path, clock):
    opened = (
        FileCache(path, now=clock)
        if request.param == "file"
        else RedisCache(request.getfixturevalue("redis_server").url, SECRET)
    )
    yield opened
    opened.close()


def test_what_was_kept_is_found(cache):
    cache.keep("a", b"1", seconds=60)
    cache.keep("b", bytes(range(256)), seconds=60)
    cache.keep("a", b"2", seconds=60)

    assert (cache.find("a"), cache.find("b"), cache.find("c")) == (b"2", bytes(range(256)), None)


def test_after_a_clearing_nothing_is_found(cache):
    cache.keep("one", b"of alice", seconds=60)

    assert cache.clear()
    assert cache.find("one") is None


def test_after_a_clearing_its_bytes_are_gone_from_the_file(file, path):
    file.keep("one", b"of alice", seconds=60)

    file.clear()

    assert [one.name for one in path.parent.iterdir() if b"of alice" in one.read_bytes()] == []


def test_a_file_that_another_program_writes_is_not_said_to_be_cleared(file, path):
    file.keep("one", b"of alice", seconds=60)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        assert not file.clear()

    assert file.clear()


def test_lists_are_kept_whole(cache):
    lists = CachedLists(cache, seconds=60)
    lists.keep("list:x", FILMS)

    assert lists.find("list:x", FILMS.source) == FILMS
    assert lists.find("list:y", FILMS.source) is None


def test_what_another_version_kept_is_not_read(cache):
    lists = CachedLists(cache, seconds=60)
    for content in (b"", b"x", pack_result(FILMS)[:-9]):
        cache.keep("list:x", content, seconds=60)
        assert lists.find("list:x", FILMS.source) is None


@pytest.fixture
def file(path, clock):
    with closing(FileCache(path, now=clock)) as opened:
        yield opened


def test_a_file_forgets_what_is_over(file, clock):
    file.keep("a", b"1", seconds=60)
    clock.now += timedelta(seconds=60)

    assert file.find("a") is None


def test_what_a_file_keeps_is_there_for_the_next_process_and_for_another_beside_it(file, path, clock):
    file.keep("a", b"1", seconds=60)
    with closing(FileCache(path, now=clock)) as beside:
        assert beside.find("a") == b"1"
        beside.keep("b", b"2", seconds=60)
    file.close()

    assert [entry.name for entry in path.parent.iterdir()] == ["cache.db"]
    assert (file.find("a"), file.find("b")) == (b"1", b"2")


def make_text(path):
    path.write_text("no database" * 1000)


def make_garbage(path):
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * (len(content) - 100))


def make_another_version(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 2")


def make_another_table(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("DROP TABLE answers; CREATE TABLE answers (key)")


@pytest.mark.parametrize("harm", [make_text, make_garbage, make_another_version, make_another_table, Path.unlink])
def test_a_file_that_is_no_good_is_thrown_away_and_made_anew(path, clock, harm):
    with closing(FileCache(path, now=clock)) as former:
        former.keep("a", b"1" * 5000, seconds=60)
    harm(path)

    with closing(FileCache(path, now=clock)) as file:
        assert file.find("a") is None
        file.keep("b", b"2", seconds=60)
        assert file.find("b") == b"2"


def test_a_file_that_is_damaged_while_it_is_open_is_made_anew(file, path):
    file.keep("a", b"1" * 5000, seconds=60)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    make_garbage(path)

    assert file.find("a") is None
    file.keep("b", b"2", seconds=60)
    assert file.find("b") == b"2"


def test_a_file_of_another_user_is_replaced_in_a_folder_of_ours(clock, open_folder):
    path = open_folder / "cache.db"
    with closing(FileCache(path, now=clock)) as former:
        former.keep("a", b"1", seconds=60)
    path.chmod(0o444)

    with as_another_user(), closing(FileCache(path, now=clock)) as file:
        file.keep("b", b"2", seconds=60)
        assert (file.find("a"), file.find("b")) == (None, b"2")


@pytest.mark.parametrize("mode", [0o555, 0o000])
def test_a_folder_that_cannot_be_written_keeps_nothing(clock, open_folder, mode):
    open_folder.chmod(mode)
    with as_another_user(), closing(FileCache(open_folder / "cache.db", now=clock)) as file:
        file.keep("a", b"1", seconds=60)

        assert file.find("a") is None
        assert file.claim("a", seconds=1)


def test_a_folder_that_is_gone_is_not_made(tmp_path, clock):
    with closing(FileCache(tmp_path / "gone" / "cache.db", now=clock)) as file:
        file.keep("a", b"1", seconds=60)

        assert file.find("a") is None
    assert not list(tmp_path.iterdir())


def test_a_file_that_another_program_writes_is_left_as_it_is(file, path):
    file.keep("a", b"1", seconds=60)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        file.keep("b", b"2", seconds=60)
        assert (file.find("a"), file.find("b")) == (b"1", None)


def test_threads_share_one_file(file):
    def keep_and_find(number):
        for turn in range(20):
            file.keep(f"{number}:{turn}", bytes([number, turn]), seconds=60)
        return [file.find(f"{number}:{turn}") for turn in range(20)]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(keep_and_find, range(8)))

    assert found == [[bytes([number, turn]) for turn in range(20)] for number in range(8)]


def test_redis_forgets_what_is_over(redis_server):
    cache = RedisCache(redis_server.url, SECRET)
    cache.keep("a", b"1", seconds=0.001)

    wait_until(lambda: cache.find("a") is None)
    cache.close()


@pytest.fixture
def containers(redis_server):
    """Return three connections to one Redis, as three containers have them."""
    caches = [RedisCache(redis_server.url, SECRET) for _ in range(3)]
    yield caches
    for one in caches:
        one.close()


def test_only_one_reads_until_it_is_done(containers, redis_server):
    first, second, _ = containers
    token = first.claim("a", seconds=60)

    assert token
    assert second.claim("a", seconds=60) is None
    assert second.claim("b", seconds=60)
    first.release("a", token)
    assert second.claim("a", seconds=60)
    assert all(key.startswith(PREFIX.encode()) for key in redis_server.find_keys())


def test_a_claim_that_ran_out_is_neither_released_nor_renewed_by_its_former_holder(containers):
    first, second, third = containers
    token = first.claim("a", seconds=0.001)
    wait_until(lambda: second.claim("a", seconds=60), "the claim running out")

    first.release("a", token)
    first.renew("a", token, seconds=0.001)
    assert third.claim("a", seconds=60) is None


def test_a_claim_that_is_renewed_lasts_from_then_on(containers, redis_server):
    first, second, _ = containers
    token = first.claim("a", seconds=60)
    first.renew("a", token, seconds=600)
    with closing(redis.Redis(port=redis_server.port)) as client:
        assert client.pttl(f"{PREFIX}claim:a") > 60_000

    assert second.claim("a", seconds=60) is None


def test_no_two_claims_have_one_token(containers):
    assert len({one.claim(key, seconds=60) for one, key in zip(containers, "abc", strict=True)}) == 3


def test_a_redis_that_goes_down_holds_nothing_and_is_told_once(redis_server, caplog):
    cache = RedisCache(redis_server.url, SECRET)
    cache.keep("a", b"1", seconds=60)
    redis_server.stop()

    assert cache.find("a") is None
    cache.keep("b", b"1", seconds=60)
    assert cache.claim("a", seconds=60)
    cache.renew("a", "x", seconds=60)
    cache.release("a", "x")
    assert [record.getMessage().partition(" (")[0] for record in caplog.records] == ["Redis"]
    cache.close()


def test_the_address_of_a_redis_is_never_told():
    url = "redis://:secret-password@127.0.0.1:1/0"
    cache = RedisCache(url, SECRET)

    assert "secret" not in repr(cache)
    cache.close()
    with pytest.raises(ConfigError, match="REDIS_URL"):
        RedisCache("http://secret-password@x", SECRET)


def test_the_address_decides_which_cache_it_is(path, clock, redis_server):
    assert isinstance(open_cache(None, path, secret=SECRET, now=clock), FileCache)
    assert isinstance(open_cache(redis_server.url, path, secret=None, now=clock), FileCache)
    shared = open_cache(redis_server.url, path, secret=SECRET, now=clock)
    assert isinstance(shared, RedisCache)
    shared.close()
    assert not path.exists()


titles = st.text(min_size=1, max_size=20).map(clean_title).filter(bool)
numbers = st.none() | st.integers(1, 2**31 - 1)
items = st.builds(
    MediaItem,
    titles,
    st.sampled_from([None, *MediaType]),
    st.none() | st.integers(1870, 2100),
    st.builds(MediaIds, numbers, st.none() | st.integers(1, 10**9).map("tt{:07}".format), numbers),
    st.none() | st.integers(0, 99),
)


@given(st.lists(items, max_size=8), st.sampled_from([FetchState.COMPLETE, FetchState.PARTIAL]), st.none() | titles)
def test_a_packed_reading_is_the_same_again(items, state, reason):
    result = FetchResult(a_list(), tuple(items), state, "api", NOON, reason, 3, 11)

    assert unpack_result(pack_result(result), a_list()) == result


@given(st.binary(max_size=200))
def test_whatever_bytes_are_kept_no_error_comes_of_them(content):
    unpack_result(content, a_list())


def test_attempts_are_written_down_and_read_again():
    attempts = (
        Attempt("api", AttemptOutcome.RATE_LIMITED, "rate limited", NOON),
        Attempt("mdblist", AttemptOutcome.SERVED),
    )

    assert attempts_of(attempts_to_json(attempts)) == attempts
    assert attempts_of(None) == ()


@pytest.mark.parametrize("years", [14, -56])
def test_what_was_kept_by_a_clock_that_was_wrong_is_neither_found_nor_left(file, path, clock, years):
    clock.now += timedelta(days=365 * years)
    file.keep("a", b"1", seconds=3600)
    clock.now = NOON

    assert file.find("a") is None
    file.keep("b", b"2", seconds=365 * 86400)
    assert file.find("b") == b"2"
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT key FROM answers").fetchall() == [("b",)]
