"""What a run uses of earlier ones and of other processes: each list is read once while its reading is good."""

import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from list_sync.api.http.client import HttpClient
from list_sync.database.file_cache import FileCache
from list_sync.errors import NotOffered, ServiceUnavailable, SyncCancelled
from list_sync.fetching.pool import fetch_lists
from list_sync.fetching.reuse import CLAIM_SECONDS, Reuse
from list_sync.model.moments import shown
from list_sync.model.sources import FetchState, ListRef, Page
from list_sync.model.titles import MediaItem, MediaType
from list_sync.providers import FetchContext, add_route, register_provider
from list_sync.storage.cache import CachedLists
from list_sync.storage.redis_cache import RedisCache
from tests.fakes.patience import PATIENCE_SECONDS

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
SOURCE = ListRef("counted", "mine")


class Source:
    """What all processes read from."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None
        self.total: int | None = 3
        self.files: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self.reached = threading.Event()


class Process:
    """One container: its cache and its clock."""

    def __init__(self, source, cache, key="k") -> None:
        self.source, self.cache, self.key, self.now = source, cache, key, NOON
        self.stop = threading.Event()

    def sync(self, *, max_age=timedelta(minutes=30), provider="counted"):
        http = HttpClient("counted")
        http.source = self.source
        context = FetchContext(http=http, credentials={"COUNTED_KEY": self.key})
        (result,) = fetch_lists(
            [ListRef(provider, "mine")],
            make_context=lambda _: context,
            workers=2,
            stop=self.stop,
            now=lambda: self.now,
            reuse=Reuse(cache=CachedLists(self.cache, seconds=1800), max_age=max_age),
        )
        http.close()
        return result


def read(context):
    source = context.http.source
    source.asked += 1
    source.reached.set()
    source.gate.wait(PATIENCE_SECONDS)
    if source.error:
        raise source.error
    yield Page([MediaItem(f"Film {number}", MediaType.MOVIE, 2000) for number in range(3)], total=source.total)


@register_provider("counted")
def fetch_counted(list_id, *, context):
    yield from read(context)


@register_provider("nearby", is_cached=False)
def fetch_nearby(list_id, *, context):
    yield from read(context)


def read_drop_folder(context):
    source = context.http.source
    if not source.files:
        raise NotOffered("no file here")
    yield Page([MediaItem(title, MediaType.MOVIE, 2000) for title in source.files], total=len(source.files))


@register_provider("before", route="export", is_cached=False)
def fetch_export_first(list_id, *, context):
    yield from read_drop_folder(context)


@add_route("before", "api")
def fetch_after_export(list_id, *, context):
    yield from read(context)


@register_provider("after")
def fetch_before_export(list_id, *, context):
    yield from read(context)


@add_route("after", "export", is_cached=False)
def fetch_export_last(list_id, *, context):
    yield from read_drop_folder(context)


@pytest.fixture
def single(tmp_path):
    with closing(FileCache(tmp_path / "cache.db", now=lambda: NOON)) as cache:
        yield cache


@pytest.fixture
def shared(redis_server):
    """Return two connections to one Redis, as two containers have them."""
    caches = [RedisCache(redis_server.url, "a secret of the tests") for _ in range(2)]
    yield caches
    for cache in caches:
        cache.close()


def test_a_list_is_read_once_while_its_reading_is_young_enough(single):
    source = Source()
    process = Process(source, single)
    first = process.sync()
    process.now += timedelta(minutes=29)
    second = process.sync()

    assert source.asked == 1
    assert (second.items, second.state, second.route) == (first.items, FetchState.COMPLETE, "api")
    assert second.fetched_at == NOON
    assert [(one.route, one.reason) for one in second.attempts] == [("cache", f"read at {shown(NOON)} by api")]


@pytest.mark.parametrize("max_age", [timedelta(0), timedelta(minutes=10)])
def test_a_reading_that_is_too_old_for_this_run_is_not_used(single, max_age):
    process = Process(Source(), single)
    process.sync()
    process.now += timedelta(minutes=11)
    process.sync(max_age=max_age)

    assert process.source.asked == 2


def test_a_list_without_a_stated_length_is_reused_too(single):
    process = Process(Source(), single)
    process.source.total = None

    assert [process.sync().state for _ in range(2)] == [FetchState.PARTIAL] * 2
    assert process.source.asked == 1


def test_what_is_short_or_failed_is_read_again(single):
    process = Process(Source(), single)
    process.source.total = 9
    process.sync()
    process.source.error = ServiceUnavailable("counted", "down")
    process.sync()

    assert process.source.asked == 2


def test_a_file_of_ones_own_is_always_read(single):
    process = Process(Source(), single)
    for _ in range(2):
        process.sync(provider="nearby")

    assert process.source.asked == 2


def test_a_file_route_before_the_source_is_tried_although_a_copy_is_young(single):
    process = Process(Source(), single)
    assert [process.sync(provider="before").route for _ in range(2)] == ["api", "api"]
    assert process.source.asked == 1
    process.source.files = ["Heat"]
    assert process.sync(provider="before").route == "export"
    process.source.files = ["Heat", "Ran"]
    assert len(process.sync(provider="before").items) == 2
    process.source.files = []
    assert process.sync(provider="before").attempts[0].route == "cache"


@pytest.mark.parametrize(("total", "route"), [(3, "api"), (None, "export")])
def test_a_file_that_comes_after_the_source_counts_where_the_copy_is_not_whole(single, total, route):
    process = Process(Source(), single)
    process.source.total = total
    process.sync(provider="after")
    process.source.files = ["Heat"]

    assert process.sync(provider="after").route == route
    assert process.source.asked == 1


def test_another_account_sees_its_own_list(single):
    source = Source()
    Process(source, single).sync()
    Process(source, single, key="other").sync()

    assert source.asked == 2


def test_two_containers_read_a_list_once(shared):
    source = Source()
    first, second = (Process(source, cache) for cache in shared)

    assert len(first.sync().items) == 3
    assert second.sync().attempts[0].route == "cache"
    assert source.asked == 1


def test_two_containers_that_begin_together_read_a_list_once(shared):
    source = Source()
    source.gate.clear()
    first, second = (Process(source, cache) for cache in shared)
    results = []
    threads = [threading.Thread(target=lambda one=one: results.append(one.sync())) for one in (first, second)]
    threads[0].start()
    assert source.reached.wait(PATIENCE_SECONDS)
    threads[1].start()
    source.gate.set()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert source.asked == 1
    assert [len(result.items) for result in results] == [3, 3]


class CountingCache(FileCache):
    """A cache that notes what became of its claims."""

    def __init__(self, path) -> None:
        super().__init__(path, now=lambda: NOON)
        self.calls = []
        self.renewed = threading.Event()

    def claim(self, key, *, seconds):
        self.calls.append(("claim", seconds))
        return "the token"

    def renew(self, key, token, *, seconds):
        self.calls.append(("renew", token, seconds))
        self.renewed.set()

    def release(self, key, token):
        self.calls.append(("release", token))


def test_a_claim_is_renewed_while_reading_lasts_and_released_once_with_its_token(tmp_path, monkeypatch):
    monkeypatch.setattr("list_sync.fetching.reuse._RENEWAL_SECONDS", 0.0)
    with closing(CountingCache(tmp_path / "cache.db")) as cache:
        source = Source()
        source.gate.clear()
        process = Process(source, cache)
        thread = threading.Thread(target=process.sync)
        thread.start()
        assert source.reached.wait(PATIENCE_SECONDS)
        cache.renewed.clear()
        assert cache.renewed.wait(PATIENCE_SECONDS)
        source.gate.set()
        thread.join(PATIENCE_SECONDS)

    assert cache.calls[0] == ("claim", CLAIM_SECONDS)
    assert ("renew", "the token", CLAIM_SECONDS) in cache.calls
    assert [call for call in cache.calls if call[0] == "release"] == [("release", "the token")]


def test_a_run_that_is_stopped_releases_its_claims(tmp_path):
    with closing(CountingCache(tmp_path / "cache.db")) as cache:
        source = Source()
        source.gate.clear()
        process = Process(source, cache)
        threading.Thread(target=lambda: source.reached.wait(PATIENCE_SECONDS) and process.stop.set()).start()
        with pytest.raises(SyncCancelled):
            process.sync()
        source.gate.set()

    assert [call[0] for call in cache.calls] == ["claim", "release"]


def test_where_the_first_of_two_fails_the_second_reads(shared):
    source = Source()
    source.error = ServiceUnavailable("counted", "down")
    first, second = (Process(source, cache) for cache in shared)

    assert first.sync().state is FetchState.FAILED
    source.error = None
    assert second.sync().state is FetchState.COMPLETE


def test_a_redis_that_is_down_means_that_the_source_is_read(shared, redis_server):
    source = Source()
    first, second = (Process(source, cache) for cache in shared)
    first.sync()
    redis_server.stop()

    assert [one.sync().state for one in (first, second)] == [FetchState.COMPLETE] * 2
    assert source.asked == 3


@pytest.mark.parametrize("years", [14, -56])
def test_a_reading_by_a_clock_that_was_wrong_is_not_used_for_years(shared, years):
    process = Process(Source(), shared[0])
    process.now += timedelta(days=365 * years)
    process.sync()
    process.now = NOON
    process.sync()
    assert process.source.asked == 2

    process.now += timedelta(minutes=5)
    process.sync()
    assert process.source.asked == 2
