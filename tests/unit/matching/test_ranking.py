"""The choice among candidates: one beyond doubt, or a person's."""

import random

from hypothesis import given
from hypothesis import strategies as st

from list_sync.matching.ranking import MOST_CANDIDATES, Ambiguous, choose, is_named, is_same
from list_sync.model.matches import Candidate
from list_sync.model.titles import MediaItem, MediaType

MOVIE, TV = MediaType.MOVIE, MediaType.TV


def a_film(tmdb_id=1, title="Heat", year=1995, **changes):
    return Candidate(MOVIE, tmdb_id, title, year=year, **changes)


def a_show(tmdb_id=1, title="Heat", year=1995, **changes):
    return Candidate(TV, tmdb_id, title, year=year, **changes)


def an_item(title="Heat", media_type=MOVIE, year=1995):
    return MediaItem(title, media_type, year)


def test_the_only_one_of_that_name_and_year_is_it():
    assert choose(an_item(), [a_film(), a_film(2, "Heatwave"), a_film(3, year=1972)]) == a_film()


def test_the_original_title_counts_as_much():
    film = a_film(title="Spirited Away", original_title="千と千尋の神隠し", year=2001)

    assert choose(an_item("千と千尋の神隠し", year=2001), [film]) == film


def test_two_of_one_name_and_year_are_for_a_person():
    choice = choose(an_item(), [a_film(1, popularity=1), a_film(2, popularity=90)])

    assert [candidate.tmdb_id for candidate in choice.candidates] == [2, 1]


def test_one_year_off_is_it_when_nothing_of_that_name_is_near():
    assert choose(an_item(year=1996), [a_film(), a_film(2, year=1972)]) == a_film()


def test_one_year_off_with_a_namesake_two_years_off_is_for_a_person():
    assert isinstance(choose(an_item(year=1996), [a_film(), a_film(2, year=1994)]), Ambiguous)


def test_one_year_off_with_an_undated_namesake_is_for_a_person():
    assert isinstance(choose(an_item(year=1996), [a_film(), a_film(2, year=None)]), Ambiguous)


def test_one_year_off_with_nearly_a_namesake_is_for_a_person():
    films = [a_film(1, "The Heat", 1996), a_film(2, "Heat", 1995)]

    assert isinstance(choose(an_item(year=1996), films), Ambiguous)


def test_the_exact_year_beats_a_namesake_of_the_year_before():
    assert choose(an_item(), [a_film(), a_film(2, year=1994)]) == a_film()


def test_two_years_off_is_for_a_person():
    assert isinstance(choose(an_item(year=1997), [a_film()]), Ambiguous)


def test_many_years_off_is_another_title():
    assert choose(an_item(year=2015), [a_film()]) is None


def test_an_undated_title_of_that_name_is_for_a_person():
    assert isinstance(choose(an_item(), [a_film(year=None)]), Ambiguous)


def test_an_undated_title_of_another_name_is_not_shown():
    assert choose(an_item(), [a_film(title="Heatwave", year=None)]) is None


def test_a_hit_of_another_name_in_that_year_is_shown():
    assert isinstance(choose(an_item(), [a_film(title="Heatwave")]), Ambiguous)


def test_the_other_kind_is_never_it_but_shown():
    assert choose(an_item(), [a_show()]) == Ambiguous(
        "no title of that name, year and kind, but similar ones", (a_show(),)
    )


def test_without_a_kind_the_only_one_of_that_name_is_it():
    assert choose(an_item(media_type=None), [a_show()]) == a_show()


def test_without_a_kind_film_and_show_of_a_name_are_for_a_person():
    assert isinstance(choose(an_item(media_type=None), [a_film(), a_show(2, year=1996)]), Ambiguous)


def test_without_a_year_nothing_is_decided():
    assert isinstance(choose(an_item(year=None), [a_film()]), Ambiguous)


def test_without_candidates_there_is_nothing():
    assert choose(an_item(), []) is None
    assert choose(an_item(year=None), []) is None


def test_the_weak_tier_decides_in_the_same_year_only():
    assert choose(an_item("Rocky 2", year=1979), [a_film(1, "Rocky II", 1979)]) == a_film(1, "Rocky II", 1979)
    assert isinstance(choose(an_item("Rocky 2", year=1980), [a_film(1, "Rocky II", 1979)]), Ambiguous)


def test_an_article_after_the_title_is_that_article_and_no_other():
    films = [a_film(1, "The Visitor"), a_film(2, "A Visitor"), a_film(3, "Visitor", 1994)]

    assert choose(an_item("Visitor, The"), films) == films[0]
    assert choose(an_item("Visitor, A"), films) == films[1]
    assert isinstance(choose(an_item("Visitor, El"), films), Ambiguous)


def test_a_name_that_is_merely_akin_is_for_a_person_who_sees_it():
    for title, name in [("El Camino", "Camino"), ("Malcolm 10", "Malcolm X"), ("Heat (US)", "Heat")]:
        film = a_film(1, name, 1995)

        assert choose(an_item(title), [film]).candidates == (film,)


def test_the_original_title_may_be_what_agrees():
    film = a_film(1, "The Road", original_title="El Camino")

    assert choose(an_item("El Camino"), [film]) == film


def test_a_country_in_brackets_counts_where_the_candidate_is_of_it():
    american, british = (
        a_show(1, "The Office", 2005, countries=("US",)),
        a_show(2, "The Office", 2003, countries=("GB",)),
    )

    assert choose(an_item("The Office (US)", TV, 2005), [american, british]) == american
    assert choose(an_item("Office (USA)", TV, 2005), [american]) == american
    assert isinstance(choose(an_item("The Office (AU)", TV, 2005), [american, british]), Ambiguous)
    assert isinstance(choose(an_item("The Office (US)", TV, 2005), [a_show(1, "The Office", 2005)]), Ambiguous)
    assert isinstance(choose(an_item("The Office (US)", TV, 2004), [american]), Ambiguous)


def test_two_in_the_weak_tier_are_for_a_person():
    films = [a_film(1, "The Island", 2005), a_film(2, "An Island", 2005)]

    assert isinstance(choose(an_item("Island", year=2005), films), Ambiguous)


def test_a_country_that_contradicts_is_not_it():
    assert isinstance(choose(an_item("The Office (US)", TV, 2005), [a_show(1, "The Office (UK)", 2005)]), Ambiguous)


def test_a_person_is_shown_no_more_than_can_be_looked_through():
    choice = choose(an_item(), [a_film(number) for number in range(30)])

    assert len(choice.candidates) == MOST_CANDIDATES


titles = st.sampled_from(
    ["Heat", "The Heat", "HEAT", "Heat 2", "Heat II", "Heatwave", "2", "Two", "!", "기생충", "", "El Heat", "Heat (US)"]
)
years = st.one_of(st.none(), st.integers(1993, 1998))
candidates = st.builds(
    Candidate,
    media_type=st.sampled_from(MediaType),
    tmdb_id=st.integers(1, 8),
    title=titles,
    original_title=titles,
    year=years,
    popularity=st.sampled_from([0.0, 1.0, 50.0]),
    countries=st.sampled_from([(), ("US",), ("GB", "US"), ("GB",)]),
)
lists_of_candidates = st.lists(candidates, max_size=6, unique_by=lambda one: (one.media_type, one.tmdb_id))
items = st.builds(MediaItem, title=titles, media_type=st.one_of(st.none(), st.sampled_from(MediaType)), year=years)


@given(items, lists_of_candidates, st.randoms())
def test_the_order_of_the_candidates_does_not_matter(item, found, chance: random.Random):
    shuffled = list(found)
    chance.shuffle(shuffled)

    assert choose(item, shuffled) == choose(item, found)


@given(items, lists_of_candidates)
def test_seeing_a_candidate_twice_changes_nothing(item, found):
    assert choose(item, found + found) == choose(item, found)


@st.composite
def likely_matches(draw):
    """An item beside candidates of which one was made to fit it more or less."""
    item = draw(st.builds(MediaItem, title=titles, media_type=st.sampled_from(MediaType), year=st.integers(1994, 1997)))
    year = item.year + draw(st.sampled_from([0, 0, -1, 1]))
    fitting = Candidate(item.media_type, 9, draw(st.sampled_from([item.title, "Heat II"])), year=year)
    return item, [*draw(st.lists(candidates, max_size=2)), fitting]


@given(likely_matches() | st.tuples(items, lists_of_candidates))
def test_a_match_is_of_the_right_kind_and_name_and_at_most_a_year_off(case):
    item, found = case
    choice = choose(item, found)
    if isinstance(choice, Candidate):
        assert item.media_type in (None, choice.media_type)
        assert is_same(item, choice)
        assert abs(choice.year - item.year) <= (1 if is_named(item, choice) else 0)


@given(likely_matches() | st.tuples(items, lists_of_candidates), candidates)
def test_a_decoy_turns_a_match_into_review_at_most(case, decoy):
    """A candidate of exactly that name, kind and year is no decoy: it is what was asked for."""
    item, found = case
    before = choose(item, found)
    is_known = (decoy.media_type, decoy.tmdb_id) in {(one.media_type, one.tmdb_id) for one in found}
    if isinstance(before, Candidate) and not is_known and not (is_named(item, decoy) and decoy.year == item.year):
        after = choose(item, [*found, decoy])

        assert after == before or isinstance(after, Ambiguous)


@given(likely_matches() | st.tuples(items, lists_of_candidates), candidates)
def test_a_candidate_more_never_decides_between_the_old_ones(case, extra):
    item, found = case
    is_known = (extra.media_type, extra.tmdb_id) in {(one.media_type, one.tmdb_id) for one in found}
    if isinstance(choose(item, found), Ambiguous) and not is_known:
        after = choose(item, [*found, extra])

        assert isinstance(after, Ambiguous) or after == extra
