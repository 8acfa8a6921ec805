"""Which seasons of a show each rule wants, and what never changes whatever the rules are."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.merging.merge import merge_wishes
from list_sync.model.decisions import ItemStatus, Knowledge, OwnRequest, OwnState, Request
from list_sync.model.facts import TitleFacts
from list_sync.model.filters import Filters, Release, Released
from list_sync.model.matches import Place, WantedItem
from list_sync.model.servers import Availability, MediaState, RequestStatus, ServerRequest
from list_sync.model.terms import SeasonChoice, SeasonRule, Terms
from list_sync.model.titles import MediaType, Quality
from list_sync.planning.decide import decide
from tests.builders import NOON, SERVER, a_list, a_match, a_server_request, a_show, a_state, a_wish, an_item

TODAY = NOON.date()
KEY = (MediaType.TV, 1399)
QUALITY_KEY = (*KEY, Quality.HD)
ALL, FIRST, LATEST, NEXT, FUTURE = (
    SeasonRule(choice)
    for choice in (SeasonChoice.ALL, SeasonChoice.FIRST, SeasonChoice.LATEST, SeasonChoice.NEXT, SeasonChoice.FUTURE)
)
AIRED = {0: date(2010, 1, 1), 1: date(2011, 4, 17), 2: date(2012, 4, 1), 3: TODAY, 4: TODAY + timedelta(days=30)}
SHOW = a_show(season_numbers=(0, 1, 2, 3, 4))
AVAILABLE, PROCESSING = Availability.AVAILABLE, Availability.PROCESSING


def numbers(*seasons):
    return SeasonRule(SeasonChoice.NUMBERS, numbers=frozenset(seasons))


def a_show_wish(*rules, named=(), terms=None):
    """Return the wish of lists with these rules, and of one that names seasons."""
    terms = terms or [Terms(seasons=rule) for rule in rules]
    sources = tuple(replace(a_list(list_id=f"ls{place}"), terms=one) for place, one in enumerate(terms))
    naming = a_list("trakt", "1")
    places = tuple(Place(naming.key, 1, season=season) for season in named)
    sources += (naming,) if named else ()
    match = a_match(1399, MediaType.TV, seasons=frozenset(named) if named and not rules else None)
    return replace(a_wish(match), result=replace(match, wanted=WantedItem(an_item(tmdb=1399), sources, places)))


def decided(wish, state=None, own=None, *, show=SHOW, aired=AIRED, now=NOON):
    facts = {KEY: TitleFacts(air_dates=aired)}
    known = {"states": {KEY: state} if state else {}, "own": {QUALITY_KEY: own} if own else {}}
    return decide(wish, Knowledge(SERVER, details={KEY: show}, facts=facts, **known), now=now)


def seasons_of(decision):
    return decision.seasons if isinstance(decision, Request) else ()


def wanted(*rules, **more):
    return seasons_of(decided(a_show_wish(*rules), **more))


@pytest.mark.parametrize(
    ("rules", "seasons"),
    [
        ([ALL], (1, 2, 3, 4)),
        ([FIRST], (1,)),
        ([SeasonRule(SeasonChoice.FIRST, first=2)], (1, 2)),
        ([SeasonRule(SeasonChoice.FIRST, first=9)], (1, 2, 3, 4)),
        ([LATEST], (3,)),
        ([NEXT], (1,)),
        ([numbers(2, 4, 7)], (2, 4)),
        ([numbers(0)], (0,)),
        ([FUTURE], (3, 4)),
        ([replace(FUTURE, since=date(2012, 1, 1))], (2, 3, 4)),
        ([FIRST, LATEST], (1, 3)),
        ([FIRST, ALL], (1, 2, 3, 4)),
        ([numbers(0), NEXT], (0, 1)),
    ],
)
def test_each_rule_wants_its_seasons_and_several_lists_want_those_of_all(rules, seasons):
    assert wanted(*rules) == seasons
    assert wanted(*reversed(rules)) == seasons


def test_an_entry_that_names_a_season_wants_it_beside_the_rules_of_other_lists():
    assert seasons_of(decided(a_show_wish(FIRST, named=(2, 0)))) == (0, 1, 2)
    assert seasons_of(decided(a_show_wish(named=(2,)))) == (2,)


def test_latest_is_the_highest_that_aired_and_goes_on_by_the_day_without_reading_the_show_again():
    assert wanted(LATEST, now=NOON - timedelta(days=1)) == (2,)
    assert wanted(LATEST, state=a_state(1399, MediaType.TV, seasons={3: AVAILABLE})) == ()
    later = NOON + timedelta(days=30)
    assert wanted(LATEST, state=a_state(1399, MediaType.TV, seasons={3: AVAILABLE}), now=later) == (4,)


def test_a_season_without_a_date_airs_in_the_future_if_it_comes_after_all_that_aired():
    assert wanted(FUTURE, aired={1: date(2011, 4, 17), 3: date(2013, 3, 31)}) == (4,)
    assert wanted(FUTURE, aired={}) == ()


@pytest.mark.parametrize(
    ("rule", "aired", "reason"),
    [
        (LATEST, {1: TODAY + timedelta(days=3)}, "seasons latest: none yet; season 1 airs on 2026-11-25"),
        (LATEST, {}, "seasons latest: none yet"),
        (replace(FUTURE, since=TODAY), {4: date(2016, 4, 24)}, "seasons future, since 2026-11-22: none yet"),
        (numbers(9), AIRED, "seasons 9: none yet; season 4 airs on 2026-12-22"),
    ],
)
def test_a_show_without_a_season_of_the_rule_is_left_out_and_says_what_airs_next(rule, aired, reason):
    decision = decided(a_show_wish(rule), aired=aired)

    assert (decision.status, decision.reason) == (ItemStatus.FILTERED, reason)


@pytest.mark.parametrize(
    ("there", "requested", "seasons"),
    [
        ({1: AVAILABLE}, (), (2,)),
        ({1: AVAILABLE, 3: AVAILABLE}, (), (4,)),
        ({1: AVAILABLE, 2: PROCESSING}, (), ()),
        ({1: AVAILABLE}, (2,), ()),
        ({1: Availability.PARTIALLY_AVAILABLE}, (), ()),
        ({}, (0,), (1,)),
        (dict.fromkeys((1, 2, 3, 4), AVAILABLE), (), ()),
    ],
)
def test_next_is_the_season_after_the_last_available_one_and_never_more_than_one_open(there, requested, seasons):
    requests = [a_server_request(1, 1399, MediaType.TV, seasons=requested)] if requested else []

    assert wanted(NEXT, state=a_state(1399, MediaType.TV, seasons=there, requests=requests)) == seasons


def test_raising_first_to_all_asks_for_the_missing_seasons():
    state = a_state(1399, MediaType.TV, Availability.PARTIALLY_AVAILABLE, seasons={1: AVAILABLE})
    own = OwnRequest(OwnState.ON_SERVER, NOON, frozenset({1}))

    assert wanted(FIRST, state=state, own=own) == ()
    assert wanted(ALL, state=state, own=own) == (2, 3, 4)


@pytest.mark.parametrize("rule", [ALL, FIRST, LATEST, NEXT, FUTURE, numbers(1, 3)])
def test_what_was_declined_or_taken_back_is_not_asked_for_again_under_any_rule(rule):
    declined = a_server_request(1, 1399, MediaType.TV, status=RequestStatus.DECLINED, seasons=(1, 2, 3, 4))
    own = OwnRequest(OwnState.ON_SERVER, NOON, frozenset({1, 2, 3, 4}))

    assert wanted(rule, state=a_state(1399, MediaType.TV, requests=[declined])) == ()
    assert wanted(rule, own=own) == ()


def test_a_list_that_wants_what_is_released_asks_for_seasons_as_they_air():
    released = Filters(released=Release(Released.AIRED))
    wish = a_show_wish(terms=[Terms(filters=released)])

    assert seasons_of(decided(wish)) == (1, 2, 3)
    assert seasons_of(decided(wish, now=NOON + timedelta(days=30))) == (1, 2, 3, 4)
    unreleased = decided(wish, aired={1: TODAY + timedelta(days=3)})
    assert unreleased.reason == "released (aired): 2026-11-25, looked at again then"


def test_a_show_whose_air_dates_are_not_known_is_read_only_if_a_rule_asks_for_them():
    knowledge = Knowledge(SERVER, details={KEY: SHOW})

    assert decide(a_show_wish(LATEST), knowledge, now=NOON).is_unread
    assert decide(a_show_wish(NEXT), knowledge, now=NOON).seasons == (1,)


rules = st.one_of(
    st.sampled_from([ALL, LATEST, NEXT, FUTURE, replace(FUTURE, since=date(2012, 1, 1))]),
    st.integers(1, 5).map(lambda first: SeasonRule(SeasonChoice.FIRST, first=first)),
    st.frozensets(st.integers(0, 6), min_size=1).map(lambda chosen: SeasonRule(SeasonChoice.NUMBERS, numbers=chosen)),
)
season_sets = st.frozensets(st.integers(0, 5), max_size=6)
dates = st.dictionaries(
    st.integers(0, 5), st.sampled_from([-400, -1, 0, 1, 90]).map(lambda day: TODAY + timedelta(day))
)
statuses = st.dictionaries(st.integers(0, 5), st.sampled_from(Availability), max_size=6)


@st.composite
def shows(draw):
    rows = [
        ServerRequest(number, *KEY, Quality.HD, draw(st.sampled_from(RequestStatus)), draw(season_sets))
        for number in range(draw(st.integers(0, 2)))
    ]
    state = MediaState(*KEY, draw(st.sampled_from(Availability)), seasons=draw(statuses), requests=tuple(rows))
    own = draw(st.none() | st.builds(OwnRequest, st.sampled_from(OwnState), st.just(NOON), season_sets))
    show = a_show(season_numbers=sorted(draw(season_sets)))
    return {"state": draw(st.none() | st.just(state)), "own": own, "show": show, "aired": draw(dates)}


@given(st.lists(rules, min_size=1, max_size=4), shows(), st.data())
def test_no_season_is_asked_for_twice_and_the_order_of_lists_changes_nothing(chosen, known, data):
    shuffled = data.draw(st.permutations(chosen))
    seasons = wanted(*chosen, **known)
    state, own = known["state"], known["own"]

    assert wanted(*shuffled, **known) == seasons
    assert set(seasons) <= set(known["show"].season_numbers)
    assert 0 not in seasons or any(rule.choice is SeasonChoice.NUMBERS for rule in chosen)
    if state:
        requested = {number for row in state.requests for number in row.seasons}
        present = {number for number, status in state.seasons.items() if status is not Availability.UNKNOWN}
        assert not set(seasons) & (requested | present)
    if own and own.state is not OwnState.REFUSED:
        assert not set(seasons) & own.seasons


@given(st.lists(rules, min_size=1, max_size=3), shows())
def test_several_lists_ask_for_what_each_alone_asks_for(chosen, known):
    together = wanted(*chosen, **known)

    assert set(together) == {season for rule in chosen for season in wanted(rule, **known)}


def test_the_most_important_list_decides_whatever_the_order_in_which_wishes_are_merged():
    low, high = (replace(a_list(list_id=name), terms=Terms(priority=rank)) for name, rank in (("a", 0), ("b", 5)))
    wishes = [a_wish(a_match(1399, MediaType.TV, sources=(source,))) for source in (low, high)]

    for order in (wishes, wishes[::-1]):
        (merged,) = merge_wishes(order, [high, low])
        assert merged.match.wanted.sources == (high, low)
