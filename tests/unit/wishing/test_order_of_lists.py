"""The order of lists decides nothing but between lists of one priority, from what they hold to what is decided."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from list_sync.merging.merge import merge_items, merge_wishes
from list_sync.model.decisions import Knowledge, Request
from list_sync.model.facts import TitleFacts
from list_sync.model.filters import Filters, IfUnknown, Range, Rating, Words
from list_sync.model.matches import Match, MatchMethod
from list_sync.model.policy import Exclusions
from list_sync.model.sources import ListRef
from list_sync.model.terms import SeasonChoice, SeasonRule, Terms
from list_sync.model.titles import MediaType, Quality
from list_sync.planning.decide import decide
from list_sync.wishing.exclusions import Excluded, exclude
from list_sync.wishing.terms import order_by_priority, settle_terms
from list_sync.wishing.wishes import build_wishes
from tests.builders import NOON, SERVER, a_match, a_result, a_show, an_item

TODAY = NOON.date()
SEEN = ListRef("trakt", "seen")
SHOW, FILM, OTHER = (MediaType.TV, 1399), (MediaType.MOVIE, 603), (MediaType.MOVIE, 604)
ENTRIES = [
    an_item("Game of Thrones", MediaType.TV, 2011, tmdb=1399),
    an_item("Game of Thrones", MediaType.TV, 2011, tmdb=1399, season=2),
    an_item("The Matrix", MediaType.MOVIE, 1999, tmdb=603),
    an_item("The Matrix Reloaded", MediaType.MOVIE, 2003, tmdb=604),
]
FACTS = {
    SHOW: TitleFacts(genres=("Drama",), air_dates={1: date(2011, 4, 17), 2: TODAY, 3: TODAY + timedelta(days=9)}),
    FILM: TitleFacts(genres=("Action",), rating=8.2, votes=9),
    OTHER: TitleFacts(genres=("Action", "Drama"), rating=7.0, votes=9),
}
KNOWLEDGE = Knowledge(SERVER, details={SHOW: a_show()}, facts=FACTS)

unknown = st.sampled_from(IfUnknown)
filters = st.builds(
    Filters,
    kind=st.none() | st.sampled_from(MediaType),
    year=st.none() | st.builds(Range, st.sampled_from([1990, 2000, 2010]), unknown=unknown),
    genres=st.none() | st.builds(Words, st.sampled_from([frozenset(), frozenset({"Drama"})]), unknown=unknown),
    rating=st.none() | st.builds(Rating, least=st.sampled_from([6, 8]), unknown=unknown),
)
terms = st.builds(
    Terms,
    requester_id=st.integers(1, 9),
    qualities=st.lists(st.sampled_from(Quality), min_size=1, unique=True).map(tuple),
    filters=st.none() | filters,
    seasons=st.builds(SeasonRule, st.sampled_from([choice for choice in SeasonChoice if choice != "numbers"])),
    max_seasons=st.none() | st.just(2),
    exclude_lists=st.sampled_from([(), (SEEN.name,)]),
    obstacle=st.sampled_from(["", "", "there is no such user"]),
)


@st.composite
def lists(draw):
    """Draw lists with their entries, each of another priority."""
    stated = draw(st.lists(st.tuples(terms, st.sets(st.sampled_from(range(4)), min_size=1)), min_size=1, max_size=4))
    return [
        (ListRef("imdb", f"ls{place}", replace(one, priority=place)), [ENTRIES[number] for number in sorted(held)])
        for place, (one, held) in enumerate(stated)
    ]


excluded = st.builds(
    lambda titles, seen, unreadable: Excluded.build(
        Exclusions(titles=frozenset(titles)),
        [a_match(number, kind, sources=(SEEN,)) for kind, number in seen],
        unreadable=[SEEN.name] if unreadable else [],
    ),
    st.sets(st.sampled_from([SHOW, FILM]), max_size=1),
    st.sets(st.sampled_from([SHOW, FILM, OTHER])),
    st.booleans(),
)


def decide_all(found, excluded):
    results = [a_result(*items, source=ref) for ref, items in found]
    order = order_by_priority([ref for ref, _ in found])
    results.sort(key=lambda result: order.index(result.source))
    wanted = merge_items(settle_terms(results, excluded, first_read=dict, today=TODAY))
    matches = [Match(one, one.item.media_type, one.item.ids.tmdb, MatchMethod.TMDB_ID) for one in wanted]
    wishes = exclude(merge_wishes(build_wishes(matches), order), excluded)
    return {wish.key: decide(wish, KNOWLEDGE, now=NOON) for wish in wishes}


def say(decisions):
    return {
        key: (one.seasons, one.requester_id, one.source, one.unread)
        if isinstance(one, Request)
        else (one.status, one.reason)
        for key, one in decisions.items()
    }


@settings(max_examples=40)
@given(lists(), excluded, st.data())
def test_any_order_of_lists_leads_to_the_same_decisions(found, excluded, data):
    shuffled = data.draw(st.permutations(found))

    assert say(decide_all(shuffled, excluded)) == say(decide_all(found, excluded))


@settings(max_examples=40)
@given(lists(), excluded)
def test_a_title_is_requested_if_a_list_alone_would_request_it_and_for_one_of_these(found, excluded):
    # Of lists that can be carried out: an obstacle of the most important one holds a title back.
    found = [(replace(ref, terms=replace(ref.terms, obstacle="")), items) for ref, items in found]
    together = decide_all(found, excluded)
    alone = [decide_all([one], excluded) for one in found]

    for key, decision in together.items():
        asking = [one[key] for one in alone if isinstance(one.get(key), Request)]
        assert isinstance(decision, Request) is bool(asking)
        if asking:
            assert set(decision.seasons) == {season for one in asking for season in one.seasons}
            assert decision.requester_id == asking[-1].requester_id
