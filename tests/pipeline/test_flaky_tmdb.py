"""TMDB down, or failing in a share of the calls: two runs after it is well the server holds what it would have held.

`FLAKY_EXAMPLES=400` in the environment makes the search for a pattern after which that fails a long one.
"""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from list_sync.demo.catalogue.catalogue import load_catalogue
from list_sync.demo.server.demo_server import DemoServer
from list_sync.demo.server.faults import Faults, change, current
from list_sync.job import Job
from list_sync.model.decisions import Policy
from list_sync.model.matches import Pin
from list_sync.model.servers import HOME
from list_sync.model.sources import ListRef
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.pipeline import run_cycle
from list_sync.storage.memory import save_pins
from tests.fakes.shelf import SHELVES, Bench, synthetic
from tests.fakes.wishes import HARD, PLAIN, SHOW_WISHES

INTERVAL = timedelta(hours=1)
EXAMPLES = int(os.environ.get("FLAKY_EXAMPLES", "12"))
ANNA = MediaItem("Anna", MediaType.MOVIE, 2019, MediaIds(tmdb=80000009))
KING_KONG = MediaItem("King Kong", MediaType.MOVIE, 2005, MediaIds(tmdb=254))
NOWHERE = MediaItem("A film that nobody ever made", MediaType.MOVIE, 1999)
MISNUMBERED = MediaItem("The Matrix", MediaType.MOVIE, 1999, MediaIds(tmdb=79_999_999))
MIXED = (ANNA, KING_KONG, NOWHERE, MISNUMBERED, *(wish.item for wish in (*HARD, *SHOW_WISHES, *PLAIN)))


class Life:
    """A household whose runs come an hour apart, on a server that remembers TMDB's answers meanwhile."""

    def __init__(self, folder, server):
        folder.mkdir(exist_ok=True)
        self.server = server
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.bench = Bench(folder, server, clock=lambda: self.now, client_options={"retry_attempts": 1})

    def sync(self, items, *, is_fresh=False, after=INTERVAL):
        self.now += after
        self.server.let_pass(after.total_seconds())
        SHELVES["flaky"] = tuple(items)
        with self.bench.opened() as parts:
            job = Job((ListRef("shelf", "flaky"),), Policy(), is_fresh=is_fresh)
            return run_cycle(replace(parts, workers=1), job)

    def held(self):
        return {(row["media_type"], row["tmdb_id"], tuple(row["seasons"])) for row in self.server.requests()}

    def make_tmdb_well(self):
        change(self.server.faults, current(Faults()))


FILMS = [synthetic(number) for number in range(40)]
CATALOGUE = load_catalogue()


@pytest.fixture(scope="module")
def flaky():
    with DemoServer(synthetic_films=60, post_seconds=0.0) as server:
        yield server


def what_is_held_without_failures(flaky, folder, items):
    flaky.reset()
    life = Life(folder, flaky)
    life.sync(items)
    return life.held()


def numbers(held):
    return {(kind, tmdb) for kind, tmdb, _seasons in held}


@pytest.mark.parametrize(("percent", "most_runs"), [(0, 1), (5, 3), (10, 3), (20, 4), (50, 12)])
def test_with_tmdb_failing_in_a_share_of_the_calls_everything_is_held_after_a_few_runs_and_nothing_else(
    flaky, tmp_path, percent, most_runs
):
    """Sync forty films that are known by their numbers and twenty-three mixed titles."""
    items = [*FILMS, *MIXED[:23]]
    expected = what_is_held_without_failures(flaky, tmp_path / "well", items)
    flaky.reset()
    flaky.faults.roll_dice_anew(percent)
    flaky.faults.tmdb_failing_percent = percent
    life = Life(tmp_path / "flaky", flaky)
    runs = 0
    while life.held() != expected and runs < most_runs:
        life.sync(items)
        runs += 1
        assert numbers(life.held()) <= numbers(expected), "a wrong request"

    assert life.held() == expected


patterns = st.one_of(
    st.just({"tmdb_down": True}),
    st.builds(lambda percent: {"tmdb_failing_percent": percent}, st.sampled_from([5, 10, 20, 50, 80])),
    st.builds(
        lambda good, bad: {"tmdb_good_calls": good, "tmdb_bad_calls": bad},
        st.integers(0, 60),
        st.none() | st.integers(1, 30),
    ),
)
lists = st.lists(st.sampled_from(range(len(MIXED))), min_size=1, max_size=8, unique=True)


@given(chosen=lists, outages=st.lists(patterns, min_size=1, max_size=4), seed=st.integers(0, 1_000))
@example(chosen=[0, 1, 2, 3], outages=[{"tmdb_good_calls": 3, "tmdb_bad_calls": None}], seed=0)
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_two_runs_after_any_failures_of_tmdb_the_server_holds_what_it_would_have_held(
    flaky, tmp_path_factory, chosen, outages, seed
):
    items = [MIXED[number] for number in chosen]
    expected = what_is_held_without_failures(flaky, tmp_path_factory.mktemp("well"), items)
    flaky.reset()
    flaky.faults.roll_dice_anew(seed)
    life = Life(tmp_path_factory.mktemp("flaky"), flaky)
    for outage in outages:
        change(flaky.faults, outage)
        life.sync(items)
        assert numbers(life.held()) <= numbers(expected), "a wrong request"
        life.make_tmdb_well()
    life.sync(items)
    life.sync(items)

    assert life.held() == expected


def statuses(report):
    return {outcome.result.wanted.item.title: outcome.status.value for outcome in report.outcomes}


def test_what_the_server_still_remembers_of_tmdb_proves_nothing(demo, tmp_path):
    life = Life(tmp_path, demo)
    shawshank = MediaItem("The Shawshank Redemption", MediaType.MOVIE, 1994, MediaIds(imdb="tt0111161"))
    items = [shawshank, *FILMS[:5]]
    life.sync(items, is_fresh=True)
    for row in demo.media():
        demo.delete_media(row["media_type"], row["tmdb_id"])
    demo.let_pass(13 * 3_600)
    other = Life(tmp_path / "other", demo)

    demo.faults.tmdb_good_calls = 1
    assert set(statuses(other.sync(items)).values()) == {"error"}
    life.make_tmdb_well()
    assert set(statuses(other.sync(items)).values()) == {"requested"}


def test_a_right_number_that_seemed_to_be_missing_is_never_lost(demo, tmp_path):
    life = Life(tmp_path, demo)
    catalogue = demo.backend.titles
    film = ("movie", ANNA.ids.tmdb)
    title = catalogue._by_key.pop(film)
    try:
        assert statuses(life.sync([ANNA]))["Anna"] != "requested"
    finally:
        catalogue._by_key[film] = title

    life.sync([ANNA])
    assert film in numbers(life.held())


def test_a_missing_number_is_asked_for_again_every_other_day_and_not_more_often(demo, tmp_path):
    life = Life(tmp_path, demo)
    asked = []
    for _ in range(10 * 4):
        demo.reset_counts()
        assert statuses(life.sync([MISNUMBERED], after=timedelta(hours=6)))["The Matrix"] in (
            "requested",
            "already_requested",
        )
        asked.append(sum("79999999" in call.path for call in demo.calls) > 0)

    assert asked[:2] == [True, True]
    assert 5 <= sum(asked[2:]) <= 9


def test_fresh_asks_again_for_what_was_not_found_and_for_missing_numbers(demo, tmp_path):
    life = Life(tmp_path, demo)
    items = [NOWHERE, MISNUMBERED]
    for _ in range(3):
        life.sync(items)
    demo.reset_counts()
    life.sync(items)
    assert not [call for call in demo.calls if "search" in call.path or "79999999" in call.path]

    life.sync(items, is_fresh=True)

    assert [call for call in demo.calls if "nobody" in call.query]
    assert [call for call in demo.calls if "79999999" in call.path]


def test_a_pin_under_a_number_that_is_known_to_be_missing_holds(demo, tmp_path):
    life = Life(tmp_path, demo)
    for _ in range(2):
        life.sync([MISNUMBERED])
    with life.bench.opened() as parts, parts.store.writing() as connection:
        save_pins(connection, HOME, [Pin("tmdb:movie:79999999", MediaType.MOVIE, 550)], at=life.now)

    life.sync([MISNUMBERED])

    assert ("movie", 550) in numbers(life.held())
