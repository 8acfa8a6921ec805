from hypothesis import given
from hypothesis import strategies as st

from list_sync.model.decisions import ItemStatus
from list_sync.storage.sightings import next_state

ON_SERVER = {ItemStatus.REQUESTED, ItemStatus.ALREADY_REQUESTED, ItemStatus.ALREADY_AVAILABLE}
states = st.sampled_from(ItemStatus)


@given(states, states)
def test_the_stored_state_is_the_old_one_or_the_new_one(old, new):
    assert next_state(old, new) in (old, new)


@given(states, states)
def test_saying_the_same_again_changes_nothing(old, new):
    once = next_state(old, new)

    assert next_state(once, new) is once


@given(states)
def test_a_dry_run_never_replaces_a_real_state(old):
    assert next_state(old, ItemStatus.WOULD_REQUEST) is old


@given(states)
def test_a_real_state_replaces_what_a_dry_run_said(new):
    assert next_state(ItemStatus.WOULD_REQUEST, new) is new


@given(st.sampled_from(sorted(ON_SERVER)), st.sampled_from([ItemStatus.ERROR, ItemStatus.NOT_FOUND]))
def test_a_failed_look_up_never_hides_what_the_server_has(old, new):
    assert next_state(old, new) is old


@given(st.sampled_from([ItemStatus.NEEDS_REVIEW, ItemStatus.NOT_FOUND, ItemStatus.EXCLUDED, ItemStatus.DECLINED]))
def test_an_error_proves_nothing_against_a_settled_state(old):
    assert next_state(old, ItemStatus.ERROR) is old


@given(st.lists(states, min_size=1))
def test_once_requested_only_something_real_ends_it(news):
    state = ItemStatus.REQUESTED
    silent = {ItemStatus.WOULD_REQUEST, ItemStatus.ALREADY_REQUESTED, ItemStatus.ERROR, ItemStatus.NOT_FOUND}
    silent |= {ItemStatus.NEEDS_REVIEW}
    for new in news:
        if new in silent:
            assert next_state(state, new) is state


def test_requested_stays_requested_until_it_is_available():
    assert next_state(ItemStatus.REQUESTED, ItemStatus.ALREADY_REQUESTED) is ItemStatus.REQUESTED
    assert next_state(ItemStatus.REQUESTED, ItemStatus.ALREADY_AVAILABLE) is ItemStatus.ALREADY_AVAILABLE


@given(states)
def test_a_request_that_failed_is_always_shown(old):
    assert next_state(old, ItemStatus.REQUEST_FAILED) is ItemStatus.REQUEST_FAILED
