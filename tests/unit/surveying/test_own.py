"""What our own journal says of the titles that we asked for."""

from datetime import timedelta

from list_sync.model.decisions import OwnState
from list_sync.model.servers import AnswerKind
from list_sync.model.titles import MediaType, Quality
from list_sync.surveying.own import own_requests
from tests import builders
from tests.builders import NOON

FILM = (MediaType.MOVIE, 603, Quality.HD)
SHOW = (MediaType.TV, 1399)


def an_entry(state, *title, entry_id=1, **more):
    return builders.an_entry(entry_id, state, *title, **more)


def test_what_was_lost_or_released_counts_for_nothing():
    assert own_requests([an_entry("lost"), an_entry("released"), an_entry("withdrawn")]) == {}


def test_hd_and_4k_are_remembered_apart():
    assert own_requests([an_entry("confirmed", quality=Quality.UHD)]).keys() == {(MediaType.MOVIE, 603, Quality.UHD)}


def test_the_seasons_of_all_requests_for_a_show_are_gathered():
    entries = [
        an_entry("confirmed", *SHOW, seasons=(1, 2)),
        an_entry("confirmed", *SHOW, seasons=(3,), sent_at=NOON + timedelta(days=9), entry_id=2),
    ]

    assert own_requests(entries)[*SHOW, Quality.HD].seasons == frozenset({1, 2, 3})


def test_a_refusal_is_remembered_with_its_answer_but_never_outweighs_a_request_that_was_taken():
    refused = an_entry("refused", answer="title_unknown", entry_id=2)

    assert own_requests([refused])[FILM].answer is AnswerKind.TITLE_UNKNOWN
    assert own_requests([an_entry("confirmed"), refused])[FILM].state is OwnState.ON_SERVER


def test_a_refusal_in_free_words_is_a_refusal_without_a_kind():
    own = own_requests([an_entry("refused", answer="overseerr: rate limited")])

    assert (own[FILM].state, own[FILM].answer) == (OwnState.REFUSED, None)


def test_what_was_found_after_a_cut_off_run_is_recovered_and_what_was_not_is_unsettled():
    assert own_requests([an_entry("sent")])[FILM].state is OwnState.UNSETTLED
    assert own_requests([an_entry("sent")], recovered={1})[FILM].state is OwnState.RECOVERED


def test_only_the_entry_that_was_found_is_recovered():
    later = an_entry("confirmed", entry_id=2)

    assert own_requests([an_entry("sent"), later], recovered={1})[FILM].state is OwnState.ON_SERVER


def test_the_entry_that_was_written_last_counts_though_the_clock_was_set_back_since():
    later = an_entry("confirmed", entry_id=2, sent_at=NOON - timedelta(days=300))

    assert own_requests([later, an_entry("sent")])[FILM].state is OwnState.ON_SERVER


def test_an_answer_that_no_season_was_left_is_no_request_unless_there_was_one():
    nothing = an_entry("confirmed", *SHOW, seasons=(0,), answer="nothing_left", entry_id=2)
    made = an_entry("confirmed", *SHOW, seasons=(1,), answer="created")

    assert own_requests([nothing])[*SHOW, Quality.HD].state is OwnState.NOTHING_LEFT
    assert own_requests([made, nothing])[*SHOW, Quality.HD].state is OwnState.ON_SERVER
    assert own_requests([made, nothing])[*SHOW, Quality.HD].seasons == {0, 1}


def test_what_the_server_took_and_was_not_read_back_is_unread():
    assert own_requests([an_entry("accepted")])[FILM].state is OwnState.UNREAD
    assert own_requests([an_entry("accepted")], recovered=[1])[FILM].state is OwnState.RECOVERED
