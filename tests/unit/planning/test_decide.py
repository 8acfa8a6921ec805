"""What is done about one title, case by case."""

from dataclasses import replace
from datetime import timedelta

import pytest

from list_sync.model.decisions import ItemStatus, Knowledge, OwnRequest, OwnState, Request, Skip
from list_sync.model.matches import NoMatch, NoMatchReason
from list_sync.model.servers import AnswerKind, Availability, Dialect, RequestStatus, ServerInfo
from list_sync.model.titles import MediaType, Quality
from list_sync.planning.decide import decide
from tests.builders import NOON, SERVER, a_match, a_server_request, a_show, a_state, a_wanted, a_wish, an_item

FILM = (MediaType.MOVIE, 603)
SHOW = (MediaType.TV, 1399)


def decide_film(state=None, *, own=None, quality=Quality.HD, requester_id=1, info=SERVER, **knowledge):
    known = Knowledge(
        info, states={FILM: state} if state else {}, own={(*FILM, quality): own} if own else {}, **knowledge
    )
    return decide(a_wish(a_match(), quality, requester_id=requester_id), known, now=NOON)


def decide_show(details=None, state=None, *, own=None, seasons=None, quality=Quality.HD):
    known = Knowledge(
        SERVER,
        states={SHOW: state} if state else {},
        details={SHOW: details} if details else {},
        own={(*SHOW, quality): own} if own else {},
    )
    return decide(a_wish(a_match(1399, MediaType.TV, seasons=seasons), quality), known, now=NOON)


@pytest.mark.parametrize(
    ("name", "tvdb", "status"),
    [("Another", 2, ItemStatus.NEEDS_REVIEW), ("Another", 1, None), ("Game of Thrones", 2, None)],
)
def test_a_show_of_another_name_and_tvdb_id_than_its_number_is_for_review(name, tvdb, status):
    details = replace(a_show(1399, tvdb_id=1), imdb_id=None)
    match = a_match(1399, MediaType.TV, item=an_item(name, MediaType.TV, 2011, tmdb=1399, tvdb=tvdb))

    decision = decide(a_wish(match), Knowledge(SERVER, details={SHOW: details}), now=NOON)

    assert getattr(decision, "status", None) is status


def test_a_film_that_the_server_does_not_know_is_requested_for_the_requester():
    decision = decide_film(requester_id=7)

    assert isinstance(decision, Request)
    assert (decision.quality, decision.seasons, decision.requester_id) == (Quality.HD, (), 7)


def test_a_film_whose_row_has_status_unknown_is_requested():
    assert isinstance(decide_film(a_state(availability=Availability.UNKNOWN)), Request)


def test_a_film_that_a_lost_request_left_pending_is_requested_unless_ours_was_taken_back():
    left_behind = a_state(availability=Availability.PENDING)

    assert isinstance(decide_film(left_behind), Request)
    assert decide_film(left_behind, own=OwnRequest(OwnState.ON_SERVER, NOON)).status is ItemStatus.DECLINED


@pytest.mark.parametrize(
    ("availability", "requests", "expected"),
    [
        (Availability.AVAILABLE, [], ItemStatus.ALREADY_AVAILABLE),
        (Availability.PARTIALLY_AVAILABLE, [], ItemStatus.ALREADY_AVAILABLE),
        (Availability.PENDING, [RequestStatus.PENDING], ItemStatus.ALREADY_REQUESTED),
        (Availability.PROCESSING, [], ItemStatus.ALREADY_REQUESTED),
        (Availability.PROCESSING, [RequestStatus.APPROVED], ItemStatus.ALREADY_REQUESTED),
        (Availability.UNKNOWN, [RequestStatus.DECLINED], ItemStatus.DECLINED),
        # A show stays at PROCESSING when its request is declined (measured).
        (Availability.PROCESSING, [RequestStatus.DECLINED], ItemStatus.DECLINED),
        (Availability.UNKNOWN, [RequestStatus.DECLINED, RequestStatus.PENDING], ItemStatus.ALREADY_REQUESTED),
        (Availability.PROCESSING, [RequestStatus.FAILED], ItemStatus.REQUEST_FAILED),
        (Availability.BLOCKLISTED, [], ItemStatus.BLOCKLISTED),
        (Availability.DELETED, [RequestStatus.COMPLETED], ItemStatus.DELETED),
        (Availability.UNKNOWN, [RequestStatus.COMPLETED], ItemStatus.DELETED),
        (Availability.UNRECOGNISED, [], ItemStatus.UNSUPPORTED),
        (Availability.UNKNOWN, [RequestStatus.UNRECOGNISED], ItemStatus.UNSUPPORTED),
    ],
)
def test_a_film_that_the_server_knows_is_left_alone_in_the_state_that_it_has(availability, requests, expected):
    rows = [a_server_request(number, status=status) for number, status in enumerate(requests, start=1)]

    decision = decide_film(a_state(availability=availability, requests=rows))

    assert isinstance(decision, Skip)
    assert decision.status is expected
    assert decision.reason


def test_hd_and_4k_are_two_different_things():
    available_in_hd = a_state(availability=Availability.AVAILABLE, requests=[a_server_request()])

    assert isinstance(decide_film(available_in_hd, quality=Quality.UHD), Request)


def test_a_blocklisted_film_is_blocklisted_in_both_qualities():
    decision = decide_film(a_state(availability=Availability.BLOCKLISTED), quality=Quality.UHD)

    assert decision.status is ItemStatus.BLOCKLISTED


def test_4k_without_a_4k_server_is_unsupported_and_not_sent_into_nowhere():
    info = ServerInfo(Dialect.SEERR, movie_4k=False, series_4k=True)

    decision = decide_film(quality=Quality.UHD, info=info)

    assert decision.status is ItemStatus.UNSUPPORTED
    assert "4K" in decision.reason


def test_what_we_requested_and_is_gone_was_taken_back_and_is_not_asked_for_again():
    decision = decide_film(own=OwnRequest(OwnState.ON_SERVER, NOON - timedelta(days=3)))

    assert decision.status is ItemStatus.DECLINED
    assert "2026-11-19" in decision.reason


def test_a_lost_answer_keeps_a_title_waiting():
    assert decide_film(own=OwnRequest(OwnState.UNSETTLED, NOON)).status is ItemStatus.WAITING


def test_a_request_found_after_a_cut_off_run_is_shown_as_requested():
    state = a_state(availability=Availability.PENDING, requests=[a_server_request()])

    assert decide_film(state, own=OwnRequest(OwnState.RECOVERED, NOON)).status is ItemStatus.REQUESTED


@pytest.mark.parametrize(("age", "expected"), [(1, Skip), (8, Request)])
def test_a_show_whose_tvdb_id_another_one_holds_is_asked_for_again_after_a_week(age, expected):
    own = OwnRequest(OwnState.REFUSED, NOON - timedelta(days=age), answer=AnswerKind.TVDB_CONFLICT)

    assert isinstance(decide_film(own=own), expected)


def test_a_title_that_tmdb_did_not_have_is_held_back_as_long_as_its_number_counts_as_missing():
    own = OwnRequest(OwnState.REFUSED, NOON, answer=AnswerKind.TITLE_UNKNOWN)

    assert isinstance(decide_film(own=own), Request)
    assert decide_film(own=own, unknown_to_tmdb=frozenset({FILM})).status is ItemStatus.NOT_FOUND


def test_a_used_up_quota_is_no_reason_to_hold_a_title_back_in_the_next_run():
    own = OwnRequest(OwnState.REFUSED, NOON, answer=AnswerKind.QUOTA_EXCEEDED)

    assert isinstance(decide_film(own=own), Request)


def test_a_title_that_cannot_be_read_now_is_an_error_and_one_that_tmdb_lacks_is_not_found():
    assert decide_film(unreadable=frozenset({FILM})).status is ItemStatus.ERROR
    assert decide_film(unknown_to_tmdb=frozenset({FILM})).status is ItemStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (NoMatchReason.NOT_FOUND, ItemStatus.NOT_FOUND),
        (NoMatchReason.AMBIGUOUS, ItemStatus.NEEDS_REVIEW),
        (NoMatchReason.LOOKUP_FAILED, ItemStatus.ERROR),
        (NoMatchReason.BANNED, ItemStatus.EXCLUDED),
    ],
)
def test_a_title_without_a_match_has_a_state_of_its_own(reason, expected):
    decision = decide(a_wish(NoMatch(a_wanted(), reason, "why")), Knowledge(SERVER), now=NOON)

    assert (decision.status, decision.reason) == (expected, "why")


def test_a_new_show_is_requested_with_all_seasons_but_specials():
    assert decide_show(a_show(season_numbers=(0, 1, 2, 3))).seasons == (1, 2, 3)


def test_a_show_without_a_tvdb_id_is_explained_and_not_sent():
    decision = decide_show(a_show(tvdb_id=None))

    assert decision.status is ItemStatus.UNSUPPORTED
    assert "TVDB" in decision.reason


def test_only_the_seasons_that_are_neither_there_nor_requested_nor_declined_are_asked_for():
    state = a_state(
        1399,
        MediaType.TV,
        Availability.PARTIALLY_AVAILABLE,
        seasons={1: Availability.AVAILABLE, 2: Availability.UNKNOWN},
        requests=[
            a_server_request(1, 1399, MediaType.TV, seasons=[3]),
            a_server_request(2, 1399, MediaType.TV, seasons=[4], status=RequestStatus.DECLINED),
        ],
    )

    assert decide_show(a_show(season_numbers=(1, 2, 3, 4, 5)), state).seasons == (2, 5)


def test_a_show_that_is_wholly_available_needs_nothing():
    state = a_state(1399, MediaType.TV, Availability.AVAILABLE)

    assert decide_show(a_show(), state).status is ItemStatus.ALREADY_AVAILABLE


def test_a_new_season_of_an_available_show_is_asked_for():
    state = a_state(1399, MediaType.TV, Availability.AVAILABLE, seasons={1: Availability.AVAILABLE})

    assert decide_show(a_show(season_numbers=(1, 2)), state).seasons == (2,)


def test_a_season_of_unknown_status_number_is_not_asked_for():
    state = a_state(1399, MediaType.TV, Availability.PROCESSING, seasons={1: Availability.UNRECOGNISED})

    assert decide_show(a_show(season_numbers=(1, 2)), state).seasons == (2,)


def test_a_list_that_names_a_season_gets_that_season_and_no_season_that_tmdb_lacks():
    assert decide_show(a_show(), seasons=frozenset({2})).seasons == (2,)
    assert decide_show(a_show(), seasons=frozenset({99})).status is ItemStatus.UNSUPPORTED
    assert decide_show(a_show(), seasons=frozenset({0})).seasons == (0,)


def test_a_show_with_nothing_but_specials_is_explained():
    decision = decide_show(a_show(season_numbers=(0,)))

    assert decision.status is ItemStatus.UNSUPPORTED
    assert "specials" in decision.reason


def test_seasons_that_we_asked_for_before_are_not_asked_for_again_though_one_was_taken_back():
    own = OwnRequest(OwnState.ON_SERVER, NOON, seasons=frozenset({1, 2}))
    state = a_state(
        1399, MediaType.TV, Availability.PROCESSING, requests=[a_server_request(1, 1399, MediaType.TV, seasons=[1])]
    )

    assert decide_show(a_show(season_numbers=(1, 2, 3)), state, own=own).seasons == (3,)


def test_a_show_that_was_taken_back_as_a_whole_is_not_asked_for_again_with_a_new_season():
    own = OwnRequest(OwnState.ON_SERVER, NOON, seasons=frozenset({1}))

    assert decide_show(a_show(season_numbers=(1, 2)), own=own).status is ItemStatus.DECLINED


def test_a_request_that_was_not_read_back_is_told_as_ours_and_not_as_taken_back():
    own = OwnRequest(OwnState.UNREAD, NOON)

    decision = decide_film(own=own)

    assert (decision.status, decision.reason) == (
        ItemStatus.ALREADY_REQUESTED,
        "requested by us on 2026-11-22; not read back since",
    )
    known = a_state(availability=Availability.PROCESSING, requests=[a_server_request(5)])
    assert decide_film(known, own=own).reason == "requested on the server (request 5)"


FAILED_2 = a_server_request(7, 1399, MediaType.TV, status=RequestStatus.FAILED, seasons=(2,))
STANDING_1 = a_server_request(6, 1399, MediaType.TV, seasons=(1,))


@pytest.mark.parametrize(
    ("requests", "there", "wanted", "expected"),
    [
        ([FAILED_2], {}, {2}, ItemStatus.REQUEST_FAILED),
        ([FAILED_2, STANDING_1], {}, {1, 2}, ItemStatus.REQUEST_FAILED),
        ([FAILED_2, STANDING_1], {}, {1}, ItemStatus.ALREADY_REQUESTED),
        ([FAILED_2, a_server_request(8, 1399, MediaType.TV, seasons=(2,))], {}, {2}, ItemStatus.ALREADY_REQUESTED),
        ([FAILED_2], {2: Availability.AVAILABLE}, {2}, ItemStatus.ALREADY_AVAILABLE),
        ([FAILED_2], {1: Availability.AVAILABLE}, {1, 2}, ItemStatus.REQUEST_FAILED),
    ],
)
def test_a_season_that_sonarr_refused_fails_its_show_where_a_list_wants_it_and_nothing_else_stands_for_it(
    requests, there, wanted, expected
):
    availability = Availability.PARTIALLY_AVAILABLE if there else Availability.PROCESSING
    state = a_state(1399, MediaType.TV, availability, requests=requests, seasons=there)

    decision = decide_show(a_show(state=state), state, seasons=frozenset(wanted))

    assert decision.status is expected


def test_a_film_that_was_requested_anew_beside_a_failed_request_is_requested():
    rows = [a_server_request(1, status=RequestStatus.FAILED), a_server_request(2)]

    assert decide_film(a_state(availability=Availability.PROCESSING, requests=rows)).status is (
        ItemStatus.ALREADY_REQUESTED
    )
