"""Since when a title is on a list, and when it left one: only complete readings of full runs count."""

from dataclasses import replace
from datetime import timedelta

import pytest

from list_sync.model.decisions import ItemStatus
from list_sync.model.matches import WantedItem
from list_sync.model.sources import FetchState
from list_sync.storage.item_links import load_links
from tests.builders import NOON, an_item
from tests.storage.recording import FIRST, SECOND, find_one, left, read, run

ADDED = NOON - timedelta(days=9)
GONE = {"items": 0}


def link_to(store, source=FIRST):
    item_id = find_one(store, "603").item_id
    with store.reading() as connection:
        return load_links(connection, [item_id])[item_id].get(source.key)


def reading(source=FIRST, *, hour=0, **more):
    return replace(read(source, **more), fetched_at=NOON + timedelta(hours=hour))


def on_the_list(*sources, added_at=None):
    item = replace(an_item(tmdb=603, imdb="tt0133093"), added_at=added_at)
    return left(ItemStatus.REQUESTED, *sources, item=item)


def test_the_first_run_that_saw_a_title_and_the_moment_of_the_source_are_kept(store):
    run(store, on_the_list(added_at=ADDED), lists=[reading()])

    run(store, on_the_list(), lists=[reading(hour=1)], hour=1)

    assert (link_to(store).first_seen, link_to(store).added_at) == (NOON, ADDED)


def test_a_title_that_was_put_on_its_list_again_has_the_newer_moment(store):
    run(store, on_the_list(added_at=ADDED), lists=[reading()])

    run(store, on_the_list(added_at=NOON), lists=[reading(hour=1)], hour=1)

    assert (link_to(store).first_seen, link_to(store).added_at) == (NOON, NOON)


def test_each_list_of_a_title_keeps_its_own_moment(store):
    entries = (FIRST, replace(an_item(), added_at=ADDED)), (SECOND, replace(an_item(), added_at=NOON))
    outcome = on_the_list(FIRST, SECOND)
    wanted = WantedItem(outcome.result.wanted.item, (FIRST, SECOND), entries=entries)
    outcome = replace(outcome, decision=replace(outcome.decision, subject=replace(outcome.result, wanted=wanted)))

    run(store, outcome, lists=[reading(), reading(SECOND)])

    assert [link_to(store, source).added_at for source in (FIRST, SECOND)] == [ADDED, NOON]


def test_a_list_that_holds_a_title_and_does_not_want_it_is_not_a_list_that_it_left(store):
    entries = (FIRST, an_item()), (SECOND, an_item())
    outcome = on_the_list(FIRST, SECOND)
    run(store, outcome, lists=[reading(), reading(SECOND)])

    wanted = WantedItem(outcome.result.wanted.item, (FIRST,), entries=entries)
    filtered = replace(outcome, decision=replace(outcome.decision, subject=replace(outcome.result, wanted=wanted)))
    run(store, filtered, lists=[reading(hour=1), reading(SECOND, hour=1)], hour=1)

    assert link_to(store, SECOND).is_present


def test_a_title_has_left_after_two_complete_readings_without_it_and_comes_back_as_new(store):
    run(store, on_the_list(), lists=[reading()])
    run(store, lists=[reading(hour=1, **GONE)], hour=1)

    once = link_to(store)
    run(store, lists=[reading(hour=2, **GONE)], hour=2)
    twice = link_to(store)
    run(store, on_the_list(), lists=[reading(hour=3)], hour=3)

    assert (once.absent_since, once.has_left) == (NOON + timedelta(hours=1), False)
    assert (twice.absent_since, twice.has_left) == (NOON + timedelta(hours=1), True)
    back = NOON + timedelta(hours=3)
    assert (link_to(store).is_present, link_to(store).first_seen, link_to(store).returned_at) == (True, back, back)


def test_a_title_that_one_reading_missed_is_no_new_one(store):
    run(store, on_the_list(), lists=[reading()])
    run(store, lists=[reading(hour=1, **GONE)], hour=1)

    run(store, on_the_list(), lists=[reading(hour=2)], hour=2)

    assert (link_to(store).first_seen, link_to(store).absent_readings, link_to(store).returned_at) == (NOON, 0, None)


@pytest.mark.parametrize("state", [FetchState.PARTIAL, FetchState.STALE, FetchState.FAILED])
def test_a_reading_that_is_not_complete_begins_the_count_anew(store, state):
    run(store, on_the_list(), lists=[reading()])
    run(store, lists=[reading(hour=1, **GONE)], hour=1)

    run(store, lists=[reading(hour=2, state=state, **GONE)], hour=2)
    run(store, lists=[reading(hour=3, **GONE)], hour=3)

    assert link_to(store).absent_readings == 1


def test_a_run_without_the_list_begins_the_count_anew(store):
    run(store, on_the_list(), lists=[reading(), reading(SECOND)])
    run(store, lists=[reading(hour=1, **GONE), reading(SECOND, hour=1)], hour=1)

    run(store, lists=[reading(SECOND, hour=2, **GONE)], hour=2)

    assert link_to(store).absent_readings == 0


def test_a_run_of_other_lists_that_are_due_leaves_the_count_of_a_list_as_it_is(store):
    run(store, on_the_list(), lists=[reading()])
    run(store, lists=[reading(hour=1, **GONE)], hour=1, resting=[SECOND.key])

    run(store, lists=[reading(SECOND, hour=2, **GONE)], hour=2, resting=[reading().source.key])
    assert link_to(store).absent_readings == 1
    run(store, lists=[reading(hour=3, **GONE)], hour=3, resting=[SECOND.key])

    assert link_to(store).absent_readings == 2


@pytest.mark.parametrize("kind", [{"dry_run": True}, {"is_full_run": False}, {"error": "the server is down"}])
def test_a_run_that_is_not_whole_counts_for_nothing(store, kind):
    run(store, on_the_list(), lists=[reading()])
    run(store, lists=[reading(hour=1, **GONE)], hour=1)

    run(store, lists=[reading(hour=2, **GONE)], hour=2, **kind)

    assert link_to(store).absent_readings == 1


def test_a_copy_of_an_earlier_reading_counts_for_nothing_new(store):
    run(store, on_the_list(), lists=[reading()])
    run(store, lists=[reading(hour=1, **GONE)], hour=1)

    run(store, lists=[reading(hour=1, **GONE)], hour=2)

    assert link_to(store).absent_readings == 1
