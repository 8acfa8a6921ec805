"""Which titles the filters of a list let through, and what is said of those that they leave out."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from list_sync.model.decisions import ItemStatus, Knowledge, Request, Unread
from list_sync.model.facts import Ratings, TitleFacts
from list_sync.model.filters import Filters, IfUnknown, NotOn, Range, Rating, RatingSource, Release, Released, Words
from list_sync.model.matches import Place, WantedItem
from list_sync.model.servers import Availability
from list_sync.model.terms import Order, Terms
from list_sync.model.titles import MediaType
from list_sync.model.waiting import WaitingCause, find_cause
from list_sync.planning.decide import decide
from tests.builders import NOON, SERVER, a_list, a_match, a_show, a_state, a_wish, an_item

TODAY = NOON.date()
MOVIE, TV = MediaType.MOVIE, MediaType.TV
FACTS = TitleFacts(
    *(1999, ("Action", "Science Fiction"), "en", ("US", "AU"), 136, 8.2, 20_000, date(1999, 3, 30), date(1999, 9, 21)),
    services={"DE": ("Netflix",)},
    ratings=Ratings(8.7, 2_000_000, 83),
)
REJECT, WAIT, ACCEPT = IfUnknown.REJECT, IfUnknown.WAIT, IfUnknown.ACCEPT


def a_choosy_wish(*terms, item=None, media_type=MOVIE, rating=None, tmdb=603):
    sources = tuple(a_list(list_id=f"ls{number}") for number in range(len(terms)))
    item = item or an_item(media_type=media_type, tmdb=tmdb)
    wish = a_wish(a_match(tmdb, media_type, item=item, sources=sources))
    sources = tuple(replace(source, terms=one) for source, one in zip(sources, terms, strict=True))
    places = tuple(Place(source.key, 1, rating=rating) for source in sources)
    return replace(wish, result=replace(wish.match, wanted=WantedItem(item, sources, places)))


def judged(wish, facts=FACTS, *, shows=None, **known):
    key = wish.key[:2]
    knowledge = Knowledge(SERVER, facts={key: facts} if facts else {}, details=shows or {}, **known)
    return decide(wish, knowledge, now=NOON)


def judge(filters, facts=FACTS, **more):
    return judged(a_choosy_wish(Terms(filters=filters), **more), facts)


@pytest.mark.parametrize(
    ("filters", "reason"),
    [
        (Filters(kind=TV), "kind tv: movie"),
        (Filters(year=Range(2000)), "year ≥2000: 1999"),
        (Filters(year=Range(None, 1990)), "year ≤1990: 1999"),
        (Filters(year=Range(1980, 1990)), "year 1980–1990: 1999"),
        (Filters(year=Range(1994, 1994)), "year 1994: 1999"),
        (Filters(genres=Words(frozenset({"Drama", "Comedy"}))), "genre Comedy or Drama: Action, Science Fiction"),
        (Filters(genres=Words(frozenset(), frozenset({"sci-fi"}))), "genre not sci-fi: Action, Science Fiction"),
        (Filters(languages=Words(frozenset({"de"}))), "language de: en"),
        (Filters(countries=Words(frozenset({"DE", "FR"}))), "country DE or FR: US, AU"),
        (Filters(runtime=Range(None, 120)), "runtime ≤120 min: 136 min"),
        (Filters(rating=Rating(least=8.5)), "rating ≥8.5 (tmdb): 8.2"),
        (Filters(rating=Rating(least=8, votes=50_000)), "votes ≥50000 (tmdb): 20000"),
        (Filters(rating=Rating(RatingSource.IMDB, 9)), "rating ≥9 (imdb): 8.7"),
        (Filters(rating=Rating(RatingSource.RT, 90)), "rating ≥90 (rt): 83"),
        (Filters(not_on=NotOn("DE", frozenset({"netflix", "Max"}))), "not on Max or netflix (DE): Netflix"),
    ],
)
def test_a_title_that_fails_a_rule_is_filtered_with_the_rule_and_its_value(filters, reason):
    decision = judge(filters)

    assert (decision.status, decision.reason) == (ItemStatus.FILTERED, reason)
    (failed,) = (rule for rule in decision.rules if not rule.passed)
    assert (f"{failed.rule}: {failed.value}", failed.source) == (reason, "imdb:ls0")


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(kind=MOVIE, year=Range(1999, 1999)),
        Filters(genres=Words(frozenset({"ACTION"}), frozenset({"horror"}))),
        Filters(languages=Words(frozenset({"EN"})), countries=Words(frozenset({"us"})), runtime=Range(136, 136)),
        Filters(rating=Rating(least=8.2, votes=20_000)),
        Filters(rating=Rating(RatingSource.IMDB, 8.7, 2_000_000)),
        Filters(rating=Rating(RatingSource.RT, 83)),
        Filters(released=Release(Released.DIGITAL), not_on=NotOn("DE", frozenset({"Max"}))),
    ],
)
def test_a_title_that_passes_every_rule_is_requested_and_the_request_holds_each_result(filters):
    request = judge(filters)

    assert isinstance(request, Request)
    assert request.unread is None
    assert all(rule.passed for rule in request.rules)


def test_shows_have_the_genres_that_tmdb_names_in_pairs():
    pairs = replace(FACTS, genres=("Action & Adventure", "Sci-Fi & Fantasy"))
    show = {(TV, 1399): a_show()}
    for genre in ("Adventure", "Science Fiction", "Sci-Fi & Fantasy"):
        wish = a_choosy_wish(Terms(filters=Filters(genres=Words(frozenset({genre})))), media_type=TV, tmdb=1399)
        assert isinstance(judged(wish, pairs, shows=show), Request)


UNKNOWN = [
    lambda unknown: Filters(genres=Words(frozenset({"Drama"}), unknown=unknown)),
    lambda unknown: Filters(genres=Words(frozenset(), frozenset({"Drama"}), unknown)),
    lambda unknown: Filters(runtime=Range(1, unknown=unknown)),
    lambda unknown: Filters(rating=Rating(least=1, unknown=unknown)),
    lambda unknown: Filters(rating=Rating(RatingSource.IMDB, 1, unknown=unknown)),
    lambda unknown: Filters(rating=Rating(RatingSource.LIST, 1, unknown=unknown)),
    lambda unknown: Filters(released=Release(Released.CINEMA, unknown)),
    lambda unknown: Filters(not_on=NotOn("DE", frozenset({"Max"}), unknown)),
]


@pytest.mark.parametrize("build", UNKNOWN)
def test_a_title_of_which_the_fact_is_not_known_is_requested_waits_or_is_left_out(build):
    nothing = TitleFacts(ratings=Ratings())

    assert isinstance(judge(build(ACCEPT), nothing), Request)
    waits, left = judge(build(WAIT), nothing), judge(build(REJECT), nothing)

    assert waits.status is ItemStatus.WAITING
    assert waits.reason.endswith(": not known; looked at again every few days until it is")
    assert find_cause(waits.reason) is WaitingCause.FACTS
    assert left.status is ItemStatus.FILTERED
    assert left.reason.endswith(": not known")


def test_a_rule_that_fails_for_good_counts_before_one_that_waits():
    filters = Filters(runtime=Range(1, unknown=WAIT), languages=Words(frozenset({"de"})))

    assert judge(filters, replace(FACTS, runtime=None)).status is ItemStatus.FILTERED


def test_a_title_that_is_not_released_yet_is_left_out_until_its_day_and_says_the_day():
    to_come = replace(FACTS, digital_on=TODAY + timedelta(days=9))
    filters = Filters(released=Release(Released.DIGITAL))

    decision = judge(filters, to_come)

    assert decision.status is ItemStatus.FILTERED
    assert decision.reason == "released (digital): 2026-12-01, looked at again then"
    assert isinstance(judge(Filters(released=Release(Released.CINEMA)), to_come), Request)
    wish = a_choosy_wish(Terms(filters=filters))
    knowledge = Knowledge(SERVER, facts={wish.key[:2]: to_come})
    assert isinstance(decide(wish, knowledge, now=NOON + timedelta(days=9)), Request)


@pytest.mark.parametrize(
    ("filters", "facts", "unread"),
    [
        (Filters(kind=TV, languages=Words(frozenset({"de"}))), None, None),
        (Filters(year=Range(2020), rating=Rating(RatingSource.IMDB, 8)), None, None),
        (Filters(kind=MOVIE, year=Range(1990)), None, None),
        (Filters(languages=Words(frozenset({"en"}))), None, Unread.PAGE),
        (Filters(rating=Rating(RatingSource.IMDB, 8)), None, Unread.PAGE),
        (Filters(rating=Rating(RatingSource.IMDB, 8)), replace(FACTS, ratings=None), Unread.RATINGS),
        (
            Filters(languages=Words(frozenset({"de"})), rating=Rating(RatingSource.RT, 8)),
            replace(FACTS, ratings=None),
            None,
        ),
        (Filters(rating=Rating(RatingSource.LIST, 8)), None, None),
        (Filters(not_on=NotOn("FR", frozenset({"Max"}))), FACTS, Unread.PAGE),
    ],
)
def test_nothing_is_read_that_does_not_decide(filters, facts, unread):
    decision = judge(filters, facts, rating=9.0)

    assert (decision.unread if isinstance(decision, Request) else None) is unread


def test_a_rating_that_could_not_be_read_just_now_lets_the_title_wait_for_the_next_run():
    decision = judge(Filters(rating=Rating(RatingSource.IMDB, 8)), replace(FACTS, ratings=Ratings(is_read=False)))

    assert decision.status is ItemStatus.WAITING
    assert find_cause(decision.reason) is WaitingCause.FACTS
    assert decision.facts_last is None


def test_a_show_has_no_rating_of_imdb_at_the_server_and_none_is_asked_for():
    filters = Filters(rating=Rating(RatingSource.IMDB, 8, unknown=REJECT))
    wish = a_choosy_wish(Terms(filters=filters), media_type=TV, tmdb=1399)

    decision = judged(wish, replace(FACTS, ratings=None), shows={(TV, 1399): a_show()})

    assert decision.reason == "rating ≥8 (imdb): not known"


def test_the_year_of_an_entry_without_one_is_that_of_the_page():
    nameless = an_item(year=None, tmdb=603)

    assert judge(Filters(year=Range(1990)), None, item=nameless).unread is Unread.PAGE
    assert judge(Filters(year=Range(2000)), item=nameless).reason == "year ≥2000: 1999"


def test_a_list_that_leaves_a_title_out_does_not_decide_who_requests_it():
    strict = Terms(requester_id=2, filters=Filters(languages=Words(frozenset({"de"}))))
    wish = a_choosy_wish(strict, Terms(requester_id=3))

    request = judged(wish)

    assert (request.requester_id, request.source.list_id) == (3, "ls1")
    assert request.match is wish.result
    assert [rule.passed for rule in request.rules[-1:]] == [False]


def test_a_title_waits_if_one_list_may_want_it_later_though_another_does_not():
    never = Terms(filters=Filters(languages=Words(frozenset({"de"}))))
    later = Terms(filters=Filters(runtime=Range(1, unknown=WAIT)))

    decision = judged(a_choosy_wish(never, later), replace(FACTS, runtime=None))

    assert (decision.status, decision.reason[:9]) == (ItemStatus.WAITING, "runtime ≥")


def test_an_obstacle_of_the_most_important_list_holds_a_title_back_and_that_of_another_does_not():
    stuck, other = Terms(requester_id=2, obstacle="there is no user lice"), Terms(requester_id=3)

    assert judged(a_choosy_wish(stuck)).reason == "there is no user lice; requested once that is corrected"
    assert judged(a_choosy_wish(stuck, other)).status is ItemStatus.WAITING
    assert judged(a_choosy_wish(other, stuck)).requester_id == 3


def test_a_list_with_an_obstacle_holds_back_no_title_that_fails_its_rules():
    stuck = Terms(requester_id=2, obstacle="there is no user lice", filters=Filters(kind=TV))

    assert judged(a_choosy_wish(stuck, Terms(requester_id=3))).requester_id == 3
    assert judged(a_choosy_wish(stuck)).status is ItemStatus.FILTERED


def test_a_show_with_too_many_seasons_is_left_out_and_a_film_is_not_asked():
    wish = a_choosy_wish(Terms(max_seasons=2), media_type=TV, tmdb=1399)

    assert judged(wish, None).is_unread
    assert judged(wish, None, shows={(TV, 1399): a_show()}).reason == "seasons ≤2: 3"
    assert isinstance(judged(wish, None, shows={(TV, 1399): a_show(season_numbers=(0, 1, 2))}), Request)
    assert judged(a_choosy_wish(Terms(max_seasons=2)), None).unread is None


def test_what_the_server_has_already_is_shown_as_that_whatever_the_filters_say():
    wish = a_choosy_wish(Terms(filters=Filters(kind=TV)))
    there = {wish.key[:2]: a_state(availability=Availability.AVAILABLE)}

    assert judged(wish, None, states=there).status is ItemStatus.ALREADY_AVAILABLE


@pytest.mark.parametrize(
    ("rank", "order", "reason"),
    [
        (2, Order.RANK, None),
        (3, Order.RANK, "the first 2 of Best of 1994: number 3"),
        (3, Order.ADDED, "the first 2 of Best of 1994 by added: number 3"),
    ],
)
def test_a_list_with_a_limit_asks_for_its_first_titles_only(rank, order, reason):
    source = replace(a_list(), terms=Terms(limit=2, order=order, name="Best of 1994"))
    wanted = WantedItem(an_item(tmdb=603), (source,), (Place(source.key, rank),))

    decision = decide(replace(a_wish(a_match()), result=replace(a_match(), wanted=wanted)), Knowledge(SERVER), now=NOON)

    if reason is None:
        assert isinstance(decision, Request)
    else:
        assert (decision.status, decision.reason) == (ItemStatus.FILTERED, reason)


def test_a_title_behind_the_limit_of_one_list_is_requested_for_another_and_stays_on_both():
    first = replace(a_list(list_id="ls1"), terms=Terms(requester_id=4, limit=1))
    second = replace(a_list(list_id="ls2"), terms=Terms(requester_id=5))
    wanted = WantedItem(an_item(tmdb=603), (first, second), (Place(first.key, 2),))

    request = decide(replace(a_wish(a_match()), result=replace(a_match(), wanted=wanted)), Knowledge(SERVER), now=NOON)

    assert (request.requester_id, request.source, request.list_ref) == (5, second.key, second)
    assert request.match.wanted.sources == (first, second)
