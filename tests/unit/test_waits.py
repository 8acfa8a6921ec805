"""Waiting titles by cause, as pages and plans show them."""

from datetime import UTC, datetime

from list_sync.model.waiting import HELD_BY_THE_BRAKE, WaitingCause
from list_sync.model.waits import _WORDS, group_waiting


def test_titles_are_grouped_by_cause_with_the_first_moment_and_those_that_need_a_person_come_first():
    full = "max_new_per_day=10 of Films is reached; its turn comes at 2026-11-{} 03:19 UTC"
    groups = group_waiting({full.format(30): 2, full.format(29): 3, HELD_BY_THE_BRAKE: 4})

    assert [(one.cause, one.titles) for one in groups] == [(WaitingCause.BRAKE, 4), (WaitingCause.LIST_CAP, 5)]
    assert groups[1].value == "max_new_per_day=10 of Films is reached"
    assert groups[1].next_at == datetime(2026, 11, 29, 3, 19, tzinfo=UTC)


def test_several_values_of_one_cause_are_told_by_the_most_frequent_one():
    (group,) = group_waiting({"max_new_per_day=1 of A is reached": 1, "max_new_per_day=2 of B is reached": 7})

    assert group.value == "max_new_per_day=2 of B is reached, and 1 more like it"
    assert (group.next_at, group.goes) == (None, "with the next sync")


def test_every_cause_has_words():
    assert set(_WORDS) == set(WaitingCause)
