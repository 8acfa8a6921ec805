"""When requests that are gone are a reset, and when they are a person's word."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from list_sync.model.decisions import OwnState
from list_sync.model.servers import AnswerKind
from list_sync.model.titles import MediaType, Quality
from list_sync.surveying.own import OwnRecords, find_changes
from tests import builders
from tests.builders import a_server_request, a_state

MOVIE, TV = MediaType.MOVIE, MediaType.TV


def an_entry(number, media_type=MOVIE, *, state="confirmed", answer="created", **more):
    return builders.an_entry(number, state, media_type, number, answer=answer, **more)


def shown(entries, *, seasons=None):
    """Return what a server shows that has the requests of these entries."""
    return {
        (one.media_type, one.tmdb_id): a_state(
            one.tmdb_id,
            one.media_type,
            requests=[
                a_server_request(
                    one.entry_id,
                    one.tmdb_id,
                    one.media_type,
                    quality=one.quality,
                    seasons=one.seasons if seasons is None else seasons,
                )
            ],
        )
        for one in entries
    }


@given(st.integers(0, 40), st.data())
def test_more_than_half_and_at_least_ten_vanish_and_fewer_do_not(standing, data):
    entries = [an_entry(number) for number in range(1, standing + 1)]
    gone = data.draw(st.integers(0, standing))

    changes = find_changes(entries, shown(entries), shown(entries[gone:]))

    expected = frozenset(range(1, gone + 1)) if gone >= 10 and 2 * gone > standing else frozenset()
    assert (changes.vanished, changes.returned) == (expected, frozenset())


def test_what_was_gone_before_the_last_run_is_no_part_of_it():
    entries = [an_entry(number) for number in range(1, 31)]

    assert find_changes(entries, shown(entries[:9]), {}).vanished == frozenset()
    assert find_changes(entries, {}, {}).vanished == frozenset()


def test_a_request_in_one_quality_does_not_stand_for_one_in_the_other():
    entries = [an_entry(number, quality=Quality.UHD) for number in range(1, 13)]
    in_hd = shown([an_entry(number) for number in range(1, 13)])

    assert len(find_changes(entries, shown(entries), in_hd).vanished) == 12


def test_a_show_is_there_by_one_of_the_seasons_that_were_asked_for_and_by_no_other():
    entries = [an_entry(number, TV, seasons=(1, 2)) for number in range(1, 13)]

    assert find_changes(entries, shown(entries), shown(entries, seasons=(2,))).vanished == frozenset()
    assert len(find_changes(entries, shown(entries), shown(entries, seasons=(3,))).vanished) == 12


def test_answers_that_no_season_was_left_made_no_request_that_could_vanish():
    entries = [an_entry(number, TV, seasons=(1,), answer=AnswerKind.NOTHING_LEFT) for number in range(1, 13)]

    assert find_changes(entries, shown(entries), {}).vanished == frozenset()


def test_requests_that_vanished_are_told_as_such_until_they_are_back():
    entries = [an_entry(number, state="vanished") for number in range(1, 13)]

    class Journal:
        def load_entries(self, *states, since=None):
            return [one for one in entries if one.state in states]

        def load_unsettled(self):
            return ()

        def mark(self, entry_ids, state):
            entries[:] = [replace(one, state=state) if one.entry_id in entry_ids else one for one in entries]

    own = OwnRecords(Journal())

    assert {one.state for one in own.load().values()} == {OwnState.VANISHED}
    assert {one.state for one in own.compare({}, {}).values()} == {OwnState.VANISHED}
    assert {one.state for one in own.compare({}, shown(entries)).values()} == {OwnState.ON_SERVER}
