"""What holds for every plan, whatever the titles, the server and the policy."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from list_sync.merging.merge import merge_wishes
from list_sync.model.decisions import ItemStatus, Knowledge, OwnRequest, OwnState, Policy, Request
from list_sync.model.matches import NoMatch, NoMatchReason
from list_sync.model.servers import Availability, Dialect, MediaState, RequestStatus, ServerInfo, ServerRequest
from list_sync.model.titles import MediaType, Quality
from tests.builders import NOON, a_match, a_plan, a_show, a_wanted, a_wish

numbers = st.integers(1, 6)
kinds = st.sampled_from(MediaType)
season_sets = st.frozensets(st.integers(0, 4), max_size=4)
keys = st.tuples(kinds, numbers)
matches = st.builds(
    lambda key, seasons: a_match(key[1], key[0], seasons=seasons if key[0] is MediaType.TV else None),
    keys,
    st.none() | season_sets.filter(bool),
)
unmatched = st.builds(NoMatch, st.just(a_wanted()), st.sampled_from(NoMatchReason))
requesters = st.integers(1, 2)
wishes = st.lists(
    st.builds(a_wish, matches | unmatched, st.sampled_from(Quality), requester_id=requesters), max_size=15
).map(merge_wishes)


@st.composite
def states(draw, key):
    kind, number = key
    seasons = st.dictionaries(st.integers(0, 4), st.sampled_from(Availability), max_size=4)
    requests = st.lists(
        st.builds(
            ServerRequest,
            request_id=st.integers(1, 99),
            media_type=st.just(kind),
            tmdb_id=st.just(number),
            quality=st.sampled_from(Quality),
            status=st.sampled_from(RequestStatus),
            seasons=season_sets if kind is MediaType.TV else st.just(frozenset()),
        ),
        max_size=3,
    )
    return MediaState(
        kind,
        number,
        draw(st.sampled_from(Availability)),
        draw(st.sampled_from(Availability)),
        draw(seasons) if kind is MediaType.TV else {},
        draw(seasons) if kind is MediaType.TV else {},
        tuple(draw(requests)),
    )


@st.composite
def knowledges(draw):
    info = ServerInfo(draw(st.sampled_from(Dialect)), draw(st.booleans()), draw(st.booleans()))
    known = draw(st.sets(keys, max_size=6))
    shows = {
        (MediaType.TV, number): a_show(
            number, tvdb_id=draw(st.none() | st.just(7)), season_numbers=sorted(draw(season_sets))
        )
        for number in draw(st.sets(numbers))
    }
    own = {
        key: OwnRequest(draw(st.sampled_from(OwnState)), NOON, draw(season_sets))
        for key in draw(st.sets(st.tuples(kinds, numbers, st.sampled_from(Quality)), max_size=3))
    }
    return Knowledge(info, {key: draw(states(key)) for key in sorted(known)}, shows, own)


policies = st.builds(
    Policy,
    max_requests_per_run=st.integers(0, 3),
    max_requests_per_day=st.integers(0, 5),
    requested_today=st.dictionaries(requesters, st.integers(0, 6)),
)


@given(wishes, knowledges(), policies)
def test_every_wish_gets_exactly_one_decision_about_itself(wishes, knowledge, policy):
    decisions = a_plan(wishes, knowledge, policy)

    assert len(decisions) == len(wishes)
    for wish, decision in zip(wishes, decisions, strict=True):
        about = decision.match if isinstance(decision, Request) else decision.subject
        assert (about, decision.quality) == (wish.result, wish.quality)


@given(wishes, knowledges(), policies)
def test_no_season_and_no_film_is_requested_twice_in_one_quality_of_a_plan(wishes, knowledge, policy):
    asked = [
        (*decision.quality_key, season)
        for decision in a_plan(wishes, knowledge, policy)
        if isinstance(decision, Request)
        for season in (decision.seasons or (None,))
    ]

    assert len(asked) == len(set(asked))


@given(wishes, knowledges(), policies)
def test_the_caps_hold(wishes, knowledge, policy):
    decisions = a_plan(wishes, knowledge, policy)
    asked = [decision for decision in decisions if isinstance(decision, Request)]
    requests = Counter(
        decision.requester_id for decision in asked if decision.match.media_type is MediaType.MOVIE or decision.seasons
    )

    if policy.max_requests_per_run:
        assert requests.total() <= policy.max_requests_per_run
    if policy.max_requests_per_day:
        for requester_id, count in requests.items():
            assert count <= max(0, policy.max_requests_per_day - policy.requested_today.get(requester_id, 0))


@given(wishes, knowledges(), policies)
def test_nothing_that_the_server_or_our_record_speaks_against_is_requested(wishes, knowledge, policy):
    for decision in a_plan(wishes, knowledge, policy):
        if not isinstance(decision, Request):
            continue
        state = knowledge.states.get(decision.title_key)
        own = knowledge.own.get(decision.quality_key)
        if own:
            assert own.state not in (OwnState.UNSETTLED, OwnState.RECOVERED)
        if state:
            assert state.availability_in(decision.quality) not in (
                Availability.UNRECOGNISED,
                Availability.BLOCKLISTED,
                Availability.DELETED,
            )
            taken = {season for row in state.requests_in(decision.quality) for season in row.seasons}
            assert not taken & set(decision.seasons)
            if decision.match.media_type is MediaType.MOVIE:
                unasked = (Availability.UNKNOWN, Availability.PENDING)
                assert state.availability_in(decision.quality) in unasked
                assert not state.requests_in(decision.quality)
        if decision.match.media_type is MediaType.TV and decision.title_key in knowledge.details:
            details = knowledge.details[decision.title_key]
            assert details.tvdb_id is not None
            assert decision.seasons
            assert set(decision.seasons) <= set(details.season_numbers)


@given(wishes, knowledges())
def test_a_plan_of_what_was_just_requested_asks_for_nothing(wishes, knowledge):
    policy = Policy()
    first = a_plan(wishes, knowledge, policy)
    states, own = dict(knowledge.states), dict(knowledge.own)
    for number, decision in enumerate(first, start=1000):
        if isinstance(decision, Request):
            key = decision.title_key
            row = ServerRequest(number, *key, decision.quality, RequestStatus.APPROVED, frozenset(decision.seasons))
            before = states.get(key) or MediaState(*key)
            availability = "availability" if decision.quality is Quality.HD else "availability_4k"
            pending = max(before.availability_in(decision.quality), Availability.PENDING)
            states[key] = replace(before, requests=(*before.requests, row), **{availability: pending})
            own[decision.quality_key] = OwnRequest(OwnState.ON_SERVER, NOON, frozenset(decision.seasons))
    with_details = dict(knowledge.details)
    again = a_plan(wishes, Knowledge(knowledge.info, states, with_details, own), policy)

    shows_without_details = [
        decision for decision in again if isinstance(decision, Request) and decision.title_key not in with_details
    ]
    assert [decision for decision in again if isinstance(decision, Request)] == shows_without_details
    assert all(decision.match.media_type is MediaType.TV for decision in shows_without_details)


@given(wishes, knowledges())
def test_every_title_that_is_left_alone_has_a_reason(wishes, knowledge):
    for decision in a_plan(wishes, knowledge, Policy()):
        if not isinstance(decision, Request) and not isinstance(decision.subject, NoMatch):
            assert decision.reason
            assert decision.status in ItemStatus
