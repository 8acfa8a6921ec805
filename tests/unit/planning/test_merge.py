"""The same title on several lists is one title."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.merging.merge import merge_items, merge_wishes
from list_sync.model.matches import MatchMethod, NoMatch, NoMatchReason
from list_sync.model.terms import Order, Terms
from list_sync.model.titles import MediaIds, MediaType, Quality
from tests.builders import NOON, a_list, a_match, a_result, a_wanted, a_wish, an_item

IMDB = a_list("imdb", "ls1")
TRAKT = a_list("trakt", "1")

ids = st.builds(
    MediaIds,
    tmdb=st.none() | st.integers(1, 5),
    imdb=st.none() | st.sampled_from(["tt0000001", "tt0000002", "tt0000003"]),
    tvdb=st.none() | st.integers(1, 3),
)


@given(ids, ids, ids)
def test_merging_ids_is_associative_and_idempotent(a, b, c):
    assert a.merged_with(b).merged_with(c) == a.merged_with(b.merged_with(c))
    assert a.merged_with(a) == a


def test_a_title_on_two_lists_is_wanted_once_by_both_and_knows_the_ids_of_both():
    results = [
        a_result(an_item(imdb="tt0133093"), source=IMDB),
        a_result(an_item(imdb="tt0133093", tmdb=603), source=TRAKT),
    ]

    (wanted,) = merge_items(results)

    assert wanted.sources == (IMDB, TRAKT)
    assert wanted.item.ids == MediaIds(603, "tt0133093")


def test_items_that_share_one_id_and_contradict_each_other_in_another_stay_apart():
    results = [a_result(an_item(imdb="tt0133093", tmdb=603), an_item(imdb="tt0133093", tmdb=604))]

    assert len(merge_items(results)) == 2


def test_a_wrong_id_on_one_list_does_not_rub_off_on_another():
    results = [
        a_result(an_item("Inception", year=None, imdb="tt1375666")),
        a_result(an_item("Inception", year=2013, imdb="tt1375666", tmdb=80_000_081), source=TRAKT),
    ]

    assert len(merge_items(results)) == 2


def test_a_film_and_a_show_with_the_same_tmdb_number_are_two_titles():
    results = [a_result(an_item(tmdb=1399), an_item(tmdb=1399, media_type=MediaType.TV))]

    assert len(merge_items(results)) == 2


@pytest.mark.parametrize("kinds", [(None, MediaType.TV), (MediaType.MOVIE, None), (None, None)])
def test_a_tvdb_number_alone_makes_no_film_of_a_show_where_a_list_does_not_say_which_it_is(kinds):
    entries = [an_item(name, kind, 1972, tvdb=1234) for name, kind in zip(("Solaris", "Kojak"), kinds, strict=True)]

    wanted = merge_items([a_result(entry, source=source) for entry, source in zip(entries, (IMDB, TRAKT), strict=True)])

    assert [one.item for one in wanted] == entries


def test_titles_without_ids_are_one_only_if_kind_title_and_year_are_the_same():
    results = [
        a_result(an_item("Dune", year=1984), an_item("DUNE ", year=1984), an_item("Dune", year=2021)),
        a_result(an_item("Dune", MediaType.TV, 1984), source=TRAKT),
    ]

    assert len(merge_items(results)) == 3


def test_a_title_without_ids_is_not_merged_with_one_that_has_them():
    assert len(merge_items([a_result(an_item("Dune", year=2021), an_item("Dune", year=2021, imdb="tt1160419"))])) == 2


@given(st.lists(st.builds(lambda i, s: an_item(tmdb=i.tmdb, imdb=i.imdb, tvdb=i.tvdb, season=s), ids, st.none())))
def test_merging_loses_no_id_and_no_item_of_a_list(items):
    merged = merge_items([a_result(*items)])

    assert len(merged) <= len(items)
    for item in items:
        assert any(
            set(item.keys) <= set(wanted.item.keys) | {key for key in item.keys if "title:" in key} for wanted in merged
        )


def test_matches_of_one_tmdb_title_become_one_with_the_most_trusted_method():
    by_title = a_match(method=MatchMethod.TITLE_AND_YEAR, item=an_item())
    by_id = a_match(method=MatchMethod.IMDB_ID, item=an_item(imdb="tt0133093"))

    match = merge_wishes([a_wish(by_title), a_wish(by_id)])[0].match

    assert match.method is MatchMethod.IMDB_ID
    assert match.wanted.item.ids.imdb == "tt0133093"


def test_seasons_of_one_show_are_gathered_and_the_whole_show_wins():
    shows = [a_match(1399, MediaType.TV, item=an_item(season=number, media_type=MediaType.TV)) for number in (1, 3)]
    season, whole = [a_wish(show) for show in shows], a_wish(a_match(1399, MediaType.TV))

    assert merge_wishes(season)[0].match.seasons == frozenset({1, 3})
    assert merge_wishes([*season, whole])[0].match.seasons is None


def test_titles_without_a_match_are_kept_as_they_are():
    lost = a_wish(NoMatch(a_wanted(), NoMatchReason.NOT_FOUND))

    assert merge_wishes([lost, lost]) == (lost, lost)


def test_a_title_in_two_qualities_stays_two_wishes():
    wishes = [a_wish(quality=Quality.HD), a_wish(quality=Quality.UHD)]

    assert merge_wishes(wishes) == tuple(wishes)


def test_the_lists_of_a_title_keep_their_order_though_their_entries_are_merged_after_the_look_up():
    first, second, third = (a_list("imdb", f"ls{number}") for number in range(3))
    wishes = [a_wish(a_match(603, sources=sources)) for sources in [(first, third), (second,)]]

    assert merge_wishes(wishes, [first, second, third])[0].match.wanted.sources == (first, second, third)


def entry(tmdb_id, **stated):
    return replace(an_item(str(tmdb_id), tmdb=tmdb_id), **stated)


ENTRIES = (
    entry(1, added_at=NOON, rating=5.0),
    entry(2),
    entry(3, added_at=NOON + timedelta(days=1), rating=9.0),
    entry(4, added_at=NOON - timedelta(days=1), rating=9.0),
)


@pytest.mark.parametrize(
    ("order", "ranks"),
    [(Order.RANK, [1, 2, 3, 4]), (Order.ADDED, [2, 4, 1, 3]), (Order.RATING, [3, 4, 1, 2])],
)
def test_a_title_has_its_rank_in_the_order_of_the_list_and_what_is_not_stated_comes_last(order, ranks):
    limited = replace(IMDB, terms=Terms(limit=2, order=order))

    wanted = merge_items([a_result(*ENTRIES, source=limited)])

    assert [one.find_place(IMDB.key).rank for one in wanted] == ranks
    assert wanted[0].find_place(IMDB.key).added_at == NOON


def test_a_title_keeps_its_place_on_each_list_that_asks_for_it_before_and_after_matching():
    one, other = replace(IMDB, terms=Terms(limit=2)), replace(TRAKT, terms=Terms(hold=timedelta(hours=2)))

    same = [a_result(*ENTRIES[:2], source=one), a_result(*ENTRIES[1::-1], source=other)]
    (first, second) = merge_items([*same, a_result(ENTRIES[0], source=a_list("file", "x.csv"))])
    apart = [a_wish(replace(a_match(603), wanted=wanted)) for wanted in (first, second)]
    (merged,) = merge_wishes(apart)

    assert [first.find_place(source.key).rank for source in (one, other)] == [1, 2]
    assert first.find_place(a_list("file", "x.csv").key) is None
    assert [merged.result.wanted.find_place(source.key).rank for source in (one, other)] == [1, 1]


def test_a_title_as_only_some_lists_want_it_has_the_seasons_that_these_name():
    seasons = [an_item("Lost", MediaType.TV, 2004, tmdb=4607, season=number) for number in (1, 2)]
    whole = an_item("Lost", MediaType.TV, 2004, tmdb=4607)
    results = [a_result(*seasons, source=IMDB), a_result(whole, source=TRAKT)]
    wishes = [a_wish(replace(a_match(4607, MediaType.TV), wanted=one)) for one in merge_items(results)]

    (merged,) = merge_wishes(wishes)

    assert merged.match.seasons is None
    assert merged.match.narrowed_to([IMDB]).seasons == {1, 2}
    assert merged.match.narrowed_to([IMDB]).wanted.sources == (IMDB,)
    assert merged.match.narrowed_to([TRAKT]).seasons is None
