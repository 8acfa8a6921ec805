"""Merging rows of one title: order does not matter, the highest state wins, what we do not know is never lost."""

from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.mediaserver.state import StateCollector, highest, merge_states
from list_sync.model.servers import Availability, MediaState, RequestStatus, ServerRequest
from list_sync.model.titles import MediaType, Quality

availabilities = st.sampled_from(Availability)
seasons = st.dictionaries(st.integers(min_value=0, max_value=4), availabilities, max_size=4)
states = st.builds(MediaState, st.just(MediaType.TV), st.just(1399), availabilities, availabilities, seasons, seasons)


def a_request(request_id, tmdb_id=1399, **changes):
    return ServerRequest(
        request_id, MediaType.TV, tmdb_id, quality=Quality.HD, status=RequestStatus.APPROVED, **changes
    )


@given(states, states, states)
def test_merging_is_commutative_and_associative_and_idempotent(first, second, third):
    assert merge_states(first, second) == merge_states(second, first)
    assert merge_states(merge_states(first, second), third) == merge_states(first, merge_states(second, third))
    assert merge_states(first, first) == first


@given(availabilities, availabilities)
def test_the_highest_state_wins_unless_one_is_not_known_to_us(first, second):
    expected = Availability.UNRECOGNISED if Availability.UNRECOGNISED in (first, second) else max(first, second)

    assert highest(first, second) is expected


def test_several_rows_of_one_title_become_one_value_with_all_seasons():
    collector = StateCollector()
    collector.add_media(MediaState(MediaType.TV, 1399, Availability.PENDING, seasons={1: Availability.PENDING}))
    collector.add_media(
        MediaState(
            MediaType.TV,
            1399,
            Availability.PARTIALLY_AVAILABLE,
            Availability.PROCESSING,
            seasons={1: Availability.AVAILABLE, 2: Availability.UNKNOWN},
        )
    )

    assert collector.states() == {
        (MediaType.TV, 1399): MediaState(
            MediaType.TV,
            1399,
            Availability.PARTIALLY_AVAILABLE,
            Availability.PROCESSING,
            seasons={1: Availability.AVAILABLE, 2: Availability.UNKNOWN},
        )
    }


def test_requests_of_a_title_are_gathered_newest_first_even_without_a_media_row():
    collector = StateCollector()
    for request_id in (3, 9, 5):
        collector.add_request(a_request(request_id))

    (state,) = collector.states().values()

    assert [request.request_id for request in state.requests] == [9, 5, 3]
    assert state.availability is Availability.UNKNOWN


def test_a_film_and_a_show_with_one_number_stay_apart():
    collector = StateCollector()
    collector.add_media(MediaState(MediaType.TV, 550, Availability.AVAILABLE))
    collector.add_media(MediaState(MediaType.MOVIE, 550, Availability.PENDING))

    assert {key: state.availability for key, state in collector.states().items()} == {
        (MediaType.TV, 550): Availability.AVAILABLE,
        (MediaType.MOVIE, 550): Availability.PENDING,
    }
