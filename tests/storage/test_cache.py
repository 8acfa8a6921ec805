"""The cache of a data folder and the one that containers share: one suite for both, and what is special of each."""

from contextlib import closing
from datetime import timedelta

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from list_sync.errors import ConfigError
from list_sync.model.sources import Attempt, AttemptOutcome, FetchResult, FetchState
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.storage.cache import CachedLists, DatabaseCache, open_cache
from list_sync.storage.packing import attempts_of, attempts_to_json, pack_result, unpack_result
from list_sync.storage.redis_cache import PREFIX, RedisCache
from tests.builders import NOON, a_list, a_result, an_item
from tests.fakes.patience import wait_until

FILMS = a_result(an_item(), an_item("Heat", year=1995, tmdb=949, imdb="tt0113277"))


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(params=["database", "redis"])
def cache(request, store, clock):
    opened = (
        DatabaseCache(store, now=clock)
        if request.param == "database"
        else RedisCache(request.getfixturevalue("redis_server").url)
    )
    yield opened
    opened.close()


def test_what_was_kept_is_found(cache):
    cache.keep("a", b"1", seconds=60)
    cache.keep("b", bytes(range(256)), seconds=60)
    cache.keep("a", b"2", seconds=60)

    assert (cache.find("a"), cache.find("b"), cache.find("c")) == (b"2", bytes(range(256)), None)


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


def test_the_database_forgets_what_is_over(store, clock):
    cache = DatabaseCache(store, now=clock)
    cache.keep("a", b"1", seconds=60)
    clock.now += timedelta(seconds=60)

    assert cache.find("a") is None


def test_a_database_that_is_closed_holds_nothing(store, clock):
    cache = DatabaseCache(store, now=clock)
    with store.writing() as connection:
        connection.exec_driver_sql("DROP TABLE cached_answers")

    cache.keep("a", b"1", seconds=60)
    assert cache.find("a") is None
    assert cache.claim("a", seconds=1)


def test_redis_forgets_what_is_over(redis_server):
    cache = RedisCache(redis_server.url)
    cache.keep("a", b"1", seconds=0.001)

    wait_until(lambda: cache.find("a") is None)
    cache.close()


@pytest.fixture
def containers(redis_server):
    """Return three connections to one Redis, as three containers have them."""
    caches = [RedisCache(redis_server.url) for _ in range(3)]
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
    cache = RedisCache(redis_server.url)
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
    cache = RedisCache(url)

    assert "secret" not in repr(cache)
    cache.close()
    with pytest.raises(ConfigError, match="REDIS_URL"):
        RedisCache("http://secret-password@x")


def test_the_address_decides_which_cache_it_is(store, clock, redis_server):
    assert isinstance(open_cache(None, store, now=clock), DatabaseCache)
    shared = open_cache(redis_server.url, store, now=clock)
    assert isinstance(shared, RedisCache)
    shared.close()


items = st.builds(
    MediaItem,
    st.text(max_size=20),
    st.sampled_from([None, *MediaType]),
    st.none() | st.integers(1870, 2100),
    st.builds(MediaIds, st.none() | st.integers(1), st.none() | st.text(min_size=1), st.none() | st.integers(1)),
    st.none() | st.integers(0, 99),
)


@given(st.lists(items, max_size=8), st.sampled_from([FetchState.COMPLETE, FetchState.PARTIAL]), st.none() | st.text())
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
def test_what_was_kept_by_a_clock_that_was_wrong_is_neither_found_nor_left_for_ever(store, clock, years):
    cache = DatabaseCache(store, now=clock)
    clock.now += timedelta(days=365 * years)
    cache.keep("a", b"1", seconds=3600)
    clock.now = NOON

    assert cache.find("a") is None
    cache.keep("b", b"2", seconds=365 * 86400)
    assert cache.find("b") == b"2"
    with store.reading() as connection:
        assert connection.exec_driver_sql("SELECT key FROM cached_answers").scalars().all() == ["b"]
