"""What readings come to in the light of earlier ones: shrunk lists, copies that stand in, back-off."""

import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.http.client import HttpClient
from list_sync.database.file_cache import FileCache
from list_sync.database.store import open_store
from list_sync.errors import Private, RateLimited, ResourceNotFound, ServiceUnavailable
from list_sync.fetching.pool import fetch_lists, with_last_copies
from list_sync.fetching.reuse import Reuse
from list_sync.fetching.settling import PAUSES, next_backoff
from list_sync.model.servers import HOME
from list_sync.model.sources import Attempt, AttemptOutcome, Backoff, FetchResult, FetchState, ListRef, Page
from list_sync.model.titles import MediaItem, MediaType
from list_sync.providers import FetchContext, get_provider, register_provider
from list_sync.storage.cache import CachedLists
from list_sync.storage.list_memory import ListMemory
from list_sync.storage.lists import record_lists

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
SOURCE = ListRef("growing", "mine")
DOWN = ServiceUnavailable("growing", "no connection")


def films(count: int, first: int = 0) -> list[MediaItem]:
    return [MediaItem(f"Film {number}", MediaType.MOVIE, 2000) for number in range(first, first + count)]


class World:
    """One data folder, one list whose content a test sets, and a clock that it moves."""

    def __init__(self, folder, name="world.db") -> None:
        self.store = open_store(folder / name)
        self.now = NOON
        self.content: object = films(5)
        self.asked = 0
        self.key = "one"

    def sync(
        self,
        content: object = None,
        *,
        scheduled: bool = False,
        minutes: float = 0,
        household: str = HOME,
        source: ListRef = SOURCE,
        **reused,
    ) -> FetchResult:
        self.now += timedelta(minutes=minutes)
        self.content = self.content if content is None else content
        reuse = Reuse(ListMemory(self.store, household), skips_failing=scheduled, **reused)
        context = self.context()
        (result,) = fetch_lists(
            [source],
            make_context=lambda _: context,
            workers=1,
            stop=threading.Event(),
            now=lambda: self.now,
            reuse=reuse,
        )
        context.http.close()
        return result

    def context(self) -> FetchContext:
        http = HttpClient("growing")
        http.world = self
        return FetchContext(http=http, credentials={"GROWING_KEY": self.key})


@register_provider("growing")
def fetch_growing(list_id, *, context):
    world = context.http.world
    world.asked += 1
    if isinstance(world.content, Exception):
        raise world.content
    yield Page(world.content, total=len(world.content))


@register_provider("personal", is_private=lambda _: True)
def fetch_personal(list_id, *, context):
    yield from fetch_growing(list_id, context=context)


@pytest.fixture
def world(tmp_path):
    opened = World(tmp_path)
    yield opened
    opened.store.close()


def test_a_list_that_fails_is_replaced_by_its_last_good_copy_with_its_age(world):
    read = world.sync(films(5))
    stale = world.sync(DOWN, minutes=180)

    assert (stale.state, stale.items, stale.copied_at) == (FetchState.STALE, read.items, NOON)
    assert "no connection" in stale.reason
    assert "the copy of 2026-11-01 12:00 UTC stands in" in stale.reason
    assert [attempt.outcome for attempt in stale.attempts] == [AttemptOutcome.DOWN]


def test_without_a_copy_a_failure_stays_one(world):
    assert world.sync(DOWN).state is FetchState.FAILED


def test_the_copy_is_that_of_the_last_good_reading_whatever_came_between(world):
    world.sync(films(5))
    world.sync(films(7), minutes=60)
    world.sync(DOWN, minutes=60)
    stale = world.sync(DOWN, minutes=60)

    assert (len(stale.items), stale.copied_at) == (7, NOON + timedelta(hours=1))


def test_a_list_that_shrank_by_more_than_half_is_partial_until_read_so_twice(world):
    world.sync(films(40))
    first = world.sync(films(12), minutes=60)
    second = world.sync(films(12), minutes=60)

    assert (first.state, len(first.items), first.expected) == (FetchState.PARTIAL, 12, 40)
    assert "12 entries where there were 40 on 2026-11-01 12:00 UTC" in first.reason
    assert (second.state, second.reason) == (FetchState.COMPLETE, None)
    assert world.sync(films(12)).state is FetchState.COMPLETE


def test_another_short_reading_is_doubted_anew(world):
    world.sync(films(40))

    assert world.sync(films(12)).state is FetchState.PARTIAL
    assert world.sync(films(12, first=5)).state is FetchState.PARTIAL
    assert world.sync(films(12)).state is FetchState.PARTIAL


def test_a_doubted_reading_does_not_take_the_place_of_the_copy(world):
    world.sync(films(40))
    world.sync([])

    assert len(world.sync(DOWN).items) == 40


@pytest.mark.parametrize(("before", "after"), [(40, 20), (12, 3), (18, 9), (5, 0)])
def test_a_list_that_lost_little_is_believed_at_once(world, before, after):
    world.sync(films(before))

    assert world.sync(films(after)).state is FetchState.COMPLETE


def test_a_list_that_keeps_failing_is_left_alone_ever_longer_by_scheduled_runs(world):
    waits = []
    for _ in PAUSES:
        result = world.sync(DOWN)
        waits.append((result.backoff_until - world.now) if result.backoff_until else timedelta(0))

    assert [int(wait.total_seconds() / 60) for wait in waits] == [0, 1, 5, 15, 30, 60, 120, 240, 480, 960, 1440]
    assert world.sync(DOWN).backoff_until - world.now == timedelta(days=1)


def test_a_scheduled_run_tries_again_when_the_backoff_says_so_and_not_before(world):
    world.sync(DOWN)
    failed = world.sync(DOWN, scheduled=True)
    assert (world.asked, failed.backoff_until) == (2, NOON + timedelta(minutes=1))

    skipped = world.sync(scheduled=True)
    assert world.asked == 2
    assert (skipped.state, skipped.backoff_until) == (FetchState.FAILED, NOON + timedelta(minutes=1))
    assert [(one.outcome, one.until) for one in skipped.attempts] == [(AttemptOutcome.SKIPPED, skipped.backoff_until)]
    assert "left alone until 2026-11-01 12:01 UTC, it failed 2 times in a row" in skipped.reason
    assert "no connection" in skipped.reason

    world.sync(scheduled=True, minutes=1)
    assert world.asked == 3


def test_a_manual_run_tries_at_once_and_success_clears_the_backoff(world):
    for _ in range(5):
        world.sync(DOWN)
    assert world.sync(films(3)).state is FetchState.COMPLETE
    world.sync(DOWN, scheduled=True)

    assert world.asked == 7
    assert world.sync(scheduled=True).backoff_until == world.now + timedelta(minutes=1)


def test_a_skipped_list_is_its_copy(world):
    world.sync(films(4))
    world.sync(DOWN)
    world.sync(DOWN)
    skipped = world.sync(scheduled=True)

    assert (skipped.state, len(skipped.items), skipped.copied_at) == (FetchState.STALE, 4, NOON)


def test_other_settings_are_tried_at_once(world):
    for _ in range(5):
        world.sync(DOWN)
    world.key = "two"
    world.sync(scheduled=True)

    assert world.asked == 6


def test_a_source_that_asks_for_a_pause_gets_it(world):
    result = world.sync(RateLimited("growing", "rate limited", retry_after=7200))

    assert result.backoff_until == NOON + timedelta(hours=2)


def test_a_part_ends_the_backoff(world):
    world.sync(DOWN)
    world.sync(DOWN)
    world.sync(films(2))
    backoff = ListMemory(world.store, HOME).find_backoff(SOURCE)

    assert backoff is None


@given(st.lists(st.sampled_from(["stamp", "other"]), min_size=1, max_size=30))
def test_the_pauses_never_get_shorter_while_the_settings_stay(stamps):
    backoff: Backoff | None = None
    pauses = []
    result = FetchResult(SOURCE, (), FetchState.FAILED, "api", NOON, "down")
    for stamp in stamps:
        backoff = next_backoff(result, backoff, stamp=stamp, now=NOON)
        pauses.append((stamp, backoff.until - NOON))

    for (before, shorter), (after, longer) in pairwise(pauses):
        assert longer == PAUSES[0] if before != after else longer >= shorter


def test_the_soonest_route_decides_how_long_the_sources_ask_for():
    attempts = tuple(
        Attempt(name, AttemptOutcome.RATE_LIMITED, "", NOON + timedelta(hours=hours))
        for name, hours in (("a", 5), ("b", 3))
    )
    result = FetchResult(SOURCE, (), FetchState.FAILED, "api", NOON, "limited", attempts=attempts)

    assert next_backoff(result, None, stamp="", now=NOON).until == NOON + timedelta(hours=3)


@pytest.mark.parametrize("years", [14, -56])
def test_a_list_that_failed_while_the_clock_was_wrong_is_read_as_soon_as_it_is_right(world, years):
    world.now += timedelta(days=365 * years)
    for _ in range(4):
        world.sync(DOWN, scheduled=True, minutes=24 * 60)
    asked = world.asked
    world.now = NOON

    assert world.sync(films(5), scheduled=True).state is FetchState.COMPLETE
    assert world.asked == asked + 1


def test_a_clock_that_is_set_back_a_little_makes_a_back_off_longer_by_no_more_than_that(world):
    for _ in range(3):
        world.sync(DOWN, scheduled=True, minutes=60)
    world.now -= timedelta(hours=3)
    asked = world.asked
    world.sync(films(5), scheduled=True)
    assert world.asked == asked

    assert world.sync(films(5), scheduled=True, minutes=3 * 60 + 6).state is FetchState.COMPLETE


def test_a_source_that_asks_for_a_pause_of_years_is_tried_again_after_a_week(world):
    for_ever = RateLimited("growing", "limited", retry_after=30 * 365 * 86400.0)
    world.sync(for_ever, scheduled=True)
    asked = world.asked

    world.sync(films(5), scheduled=True, minutes=6 * 24 * 60)
    assert world.asked == asked
    assert world.sync(films(5), scheduled=True, minutes=24 * 60).state is FetchState.COMPLETE


@pytest.fixture
def shared(world, tmp_path):
    """What another process, or a preview, read a minute ago, in a cache that is used for half an hour."""
    with closing(FileCache(tmp_path / "cache.db", now=lambda: world.now)) as cache:

        def put(content):
            lists = CachedLists(cache, seconds=1800)
            other = World(tmp_path, "other.db")
            other.now, other.key = world.now, world.key
            other.sync(content, cache=lists)
            other.store.close()
            return {"cache": lists, "max_age": timedelta(minutes=30)}

        yield put


def test_a_reading_of_another_process_is_a_copy_as_well(world, shared):
    reused = world.sync(films(5), **shared(films(5)))
    stale = world.sync(DOWN, minutes=60)

    assert (reused.attempts[0].route, world.asked) == ("cache", 1)
    assert (stale.state, stale.items, stale.copied_at) == (FetchState.STALE, reused.items, NOON)


def test_a_list_that_shrank_in_the_reading_of_another_process_is_doubted(world, shared):
    world.sync(films(40))
    world.now += timedelta(minutes=60)
    reuse = shared(films(12))
    first, again = world.sync(**reuse), world.sync(minutes=1, **reuse)

    assert first.attempts[0].route == again.attempts[0].route == "cache"
    assert [(one.state, len(one.items), one.expected) for one in (first, again)] == [(FetchState.PARTIAL, 12, 40)] * 2
    assert [world.sync(films(12), minutes=60).state for _ in range(2)] == [FetchState.PARTIAL, FetchState.COMPLETE]


@pytest.mark.parametrize("error", [Private("growing", "private"), ResourceNotFound("growing", "not found")])
def test_a_list_that_is_hidden_from_a_household_is_not_given_to_it_by_the_copy_of_another(world, error):
    record(world, HOME, world.sync(films(5)))

    hidden = [world.sync(error, household="next door", scheduled=True) for _ in range(3)]
    assert [(one.state, one.items) for one in hidden] == [(FetchState.FAILED, ())] * 3
    assert hidden[-1].attempts[0].route == "back-off"
    assert world.sync(error).state is FetchState.STALE


def test_a_list_that_is_down_is_given_to_a_household_by_the_copy_of_another(world):
    record(world, HOME, world.sync(films(5)))

    assert world.sync(DOWN, household="next door").state is FetchState.STALE


@pytest.mark.parametrize("provider", ["growing", "personal"])
def test_a_part_of_a_list_that_is_left_out_is_completed_by_the_last_copy_of_its_account(world, provider):
    whole = world.sync(films(5), source=ListRef(provider, "seen"))
    part = replace(whole, items=whole.items[:2], state=FetchState.PARTIAL, is_whole=False)
    context = world.context()
    found = with_last_copies([part], ListMemory(world.store, HOME), lambda _: context, get_provider)
    context.http.close()

    assert set(found[part.source.name].items) == set(whole.items)


def record(world: World, household: str, result: FetchResult) -> None:
    with world.store.writing() as connection:
        record_lists(connection, household, [result], run_id=1, at=world.now, is_full_run=True)
