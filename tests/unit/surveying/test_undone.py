"""A request that an undo withdrew counts as one that a person took back."""

from list_sync.model.decisions import OwnState
from list_sync.surveying.own import own_requests
from tests.builders import an_entry


def test_the_title_of_an_undone_request_is_remembered_as_asked_for():
    (own,) = own_requests([an_entry(state="withdrawn", seasons=(1,), undone_in=7)]).values()

    assert own.state is OwnState.ON_SERVER
    assert own.seasons == {1}


def test_a_request_that_was_withdrawn_for_another_reason_does_not_count():
    assert own_requests([an_entry(state="withdrawn")]) == {}
