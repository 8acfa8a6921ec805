"""Merging rows of one title: order does not matter, the highest state wins, what we do not know is never lost."""

from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.mediaserver.bulk import add_request, collect_media, highest, merge_states
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
    first = MediaState(MediaType.TV, 1399, Availability.PENDING, seasons={1: Availability.PENDING})
    second = MediaState(
        MediaType.TV,
        1399,
        Availability.PARTIALLY_AVAILABLE,
        Availability.PROCESSING,
        seasons={1: Availability.AVAILABLE, 2: Availability.UNKNOWN},
    )

    assert collect_media([first, second]) == {
        (MediaType.TV, 1399): MediaState(
            MediaType.TV,
            1399,
            Availability.PARTIALLY_AVAILABLE,
            Availability.PROCESSING,
            seasons={1: Availability.AVAILABLE, 2: Availability.UNKNOWN},
        )
    }


def test_requests_of_a_title_are_gathered_newest_first_even_without_a_media_row():
    found = {}
    for request_id in (3, 9, 5):
        add_request(found, a_request(request_id))

    (state,) = found.values()

    assert [request.request_id for request in state.requests] == [9, 5, 3]
    assert state.availability is Availability.UNKNOWN


def test_a_film_and_a_show_with_one_number_stay_apart():
    rows = [
        MediaState(MediaType.TV, 550, Availability.AVAILABLE),
        MediaState(MediaType.MOVIE, 550, Availability.PENDING),
    ]

    assert {key: state.availability for key, state in collect_media(rows).items()} == {
        (MediaType.TV, 550): Availability.AVAILABLE,
        (MediaType.MOVIE, 550): Availability.PENDING,
    }
