"""Two households in one database: nothing of one shows in the other."""

from datetime import timedelta

import pytest

from list_sync.model.decisions import ItemStatus, Request
from list_sync.model.journal import RequestState
from list_sync.model.matches import Pin
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.servers import HOME, Dialect, ServerInfo
from list_sync.model.sources import Backoff
from list_sync.model.titles import MediaType, Quality
from list_sync.storage.journal import RequestJournal, release
from list_sync.storage.list_memory import ListMemory
from list_sync.storage.lists import find_lists, record_lists
from list_sync.storage.memory import delete_pins, load_arr_exclusions, load_pins, save_arr_exclusions, save_pins
from list_sync.storage.pruning import find_end_of_memory, prune
from list_sync.storage.runs import (
    close_interrupted,
    find_run,
    find_runs,
    finish_run,
    start_run,
)
from list_sync.storage.servers import recognise_server
from list_sync.storage.title_search import count_statuses, find_review, find_titles
from list_sync.storage.titles import record_outcomes
from list_sync.storage.wanted_otherwise import load_other_lists
from tests.builders import NOON, a_match, an_item
from tests.storage.recording import FIRST, asked, read, unmatched

NEXT_DOOR = "next door"
TO_REVIEW = unmatched(an_item("Heat"))


def sync(store, household, *outcomes, lists=(FIRST,), at=NOON):
    """Record a whole run of a household, and return its number."""
    results = tuple(map(read, lists))
    with store.writing() as connection:
        run_id = start_run(connection, household, mode=SyncMode.MANUAL, started_at=at, dry_run=False)
        record_lists(connection, household, results, run_id=run_id, at=at, is_full_run=True)
        record_outcomes(connection, household, outcomes, run_id=run_id, at=at)
        report = SyncReport(run_id, at, at, False, fetched=results, outcomes=outcomes)
        finish_run(connection, household, report)
    return run_id


@pytest.fixture
def filled(store):
    """Two households wanted the same title of the same list; next door it was requested, at home it waits."""
    sync(store, HOME, asked(status=ItemStatus.WAITING, reason="ours"), TO_REVIEW)
    sync(store, NEXT_DOOR, asked(reason="theirs"))
    return store


@pytest.fixture
def connection(filled):
    with filled.writing() as connection:
        yield connection


def states(connection, household):
    return [(found.status, found.reason) for found in find_titles(connection, household, "603")]


def test_each_household_has_its_own_state_of_a_title(connection):
    assert states(connection, HOME) == [(ItemStatus.WAITING, "ours")]
    assert states(connection, NEXT_DOOR) == [(ItemStatus.REQUESTED, "theirs")]
    assert count_statuses(connection, NEXT_DOOR) == {ItemStatus.REQUESTED: 1}
    assert [len(find_review(connection, household)) for household in (HOME, NEXT_DOOR)] == [1, 0]


def test_a_list_that_one_household_dropped_stays_with_the_other(store):
    sync(store, HOME, asked())
    sync(store, NEXT_DOOR, asked())
    sync(store, NEXT_DOOR, lists=())

    with store.reading() as connection:
        assert [len(find_lists(connection, household)) for household in (HOME, NEXT_DOOR)] == [1, 0]


def test_a_title_that_left_the_list_of_one_household_is_still_on_that_of_the_other(store):
    sync(store, HOME, asked())
    sync(store, NEXT_DOOR, asked(), asked(tmdb_id=1))
    sync(store, NEXT_DOOR, asked(tmdb_id=1))

    with store.reading() as connection:
        lists = [find_titles(connection, household, "603")[0].lists for household in (HOME, NEXT_DOOR)]
    assert lists == [("imdb:ls1",), ()]


def test_pins_count_for_their_own_household_alone(connection):
    save_pins(connection, HOME, [Pin("imdb:tt1", MediaType.MOVIE, 1)], at=NOON)
    save_pins(connection, NEXT_DOOR, [Pin("imdb:tt1")], at=NOON)

    delete_pins(connection, HOME, ["imdb:tt1"])
    assert (load_pins(connection, HOME), load_pins(connection, NEXT_DOOR)) == ({}, {"imdb:tt1": Pin("imdb:tt1")})


def test_runs_are_found_closed_and_forgotten_in_their_own_household_alone(connection):
    later = NOON + timedelta(days=500)
    running = start_run(connection, NEXT_DOOR, mode=SyncMode.MANUAL, started_at=NOON, dry_run=False)

    assert [run.run_id for run in find_runs(connection, HOME)] == [1]
    assert close_interrupted(connection, HOME, at=NOON) == 0
    assert find_end_of_memory(connection, "empty", days=400, at=later) is None
    assert prune(connection, HOME, before=later) == 1
    assert [run.run_id for run in find_runs(connection, NEXT_DOOR)] == [running, 2]
    assert [len(find_titles(connection, household, "603")[0].events) for household in (HOME, NEXT_DOOR)] == [0, 1]


def test_a_list_that_keeps_failing_one_household_is_not_left_alone_by_the_other_and_its_copy_serves_both(store):
    here, there = ListMemory(store, HOME), ListMemory(store, NEXT_DOOR)
    here.keep_copy(read(FIRST))
    there.keep_backoff(FIRST, Backoff(3, NOON, "stamp", "blocked"))

    here.clear_backoff(FIRST)
    assert (here.find_backoff(FIRST), there.find_backoff(FIRST)) == (None, Backoff(3, NOON, "stamp", "blocked"))
    assert there.find_copy(FIRST).result == here.find_copy(FIRST).result


def test_a_list_that_only_another_household_read_completely_is_one_of_others(store):
    here, there = ListMemory(store, HOME), ListMemory(store, NEXT_DOOR)
    assert not here.is_of_others(FIRST)

    sync(store, HOME)
    assert (here.is_of_others(FIRST), there.is_of_others(FIRST)) == (False, True)

    sync(store, NEXT_DOOR)
    assert not there.is_of_others(FIRST)


def test_a_change_of_server_and_a_pin_touch_only_what_is_the_households_own(filled):
    unknown = ServerInfo(Dialect.SEERR, True, True)
    with filled.writing() as connection:
        theirs, _ = recognise_server(connection, NEXT_DOOR, unknown, address="http://there", at=NOON)
        for address in ("http://a", "http://b"):
            recognise_server(connection, HOME, unknown, address=address, at=NOON)
        assert states(connection, NEXT_DOOR) == [(ItemStatus.REQUESTED, "theirs")]

    journal = RequestJournal(filled, server_id=theirs.server_id, run_id=2, now=lambda: NOON)
    journal.settle(journal.intend(Request(a_match(), Quality.HD)), state="confirmed")
    journal.flush()
    with filled.writing() as connection:
        assert release(connection, HOME, MediaType.MOVIE, 603) == 0
    assert len(journal.load_entries(RequestState.CONFIRMED)) == 1


def test_what_the_radarrs_of_two_households_exclude_is_kept_apart(filled):
    with filled.writing() as connection:
        save_arr_exclusions(connection, HOME, MediaType.MOVIE, [603])

        assert load_arr_exclusions(connection, HOME, MediaType.MOVIE) == {603}
        assert load_arr_exclusions(connection, NEXT_DOOR, MediaType.MOVIE) == frozenset()


def test_the_copies_of_two_accounts_are_kept_apart(store):
    memory = ListMemory(store, HOME)
    memory.of_account("ann").keep_copy(read(FIRST, items=2))
    memory.of_account("bob").keep_doubt(FIRST, "much shorter")

    assert memory.of_account("bob").find_copy(FIRST) is memory.find_copy(FIRST) is None
    assert memory.of_account("ann").find_copy(FIRST).doubt is None


@pytest.mark.parametrize("is_shared", [True, False])
def test_a_title_that_another_household_of_the_same_server_wants_is_wanted(filled, is_shared):
    servers = [ServerInfo(Dialect.SEERR, True, True, installation=name) for name in ("1", "1" if is_shared else "2")]
    with filled.writing() as connection:
        for household, info in zip((HOME, NEXT_DOOR), servers, strict=True):
            recognise_server(connection, household, info, address="http://here", at=NOON)
        run = find_run(connection, 1)
        key = (MediaType.MOVIE, 603, Quality.HD)

        wanted = load_other_lists(connection, HOME, run, [603], {FIRST.key})

    assert wanted == ({key: [FIRST.name]} if is_shared else {})
