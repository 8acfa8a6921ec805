"""One title looked up: by IMDb id, by TVDB id, by title and year."""

from dataclasses import replace

import pytest

from list_sync.matching.finder import find_title
from list_sync.matching.memory import KnownTitles, recall
from list_sync.model.matches import Candidate, Match, MatchMethod, NoMatch, NoMatchReason, SearchPage, WantedItem
from list_sync.model.sources import ListRef
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from tests.fakes.catalogue import FakeCatalogue

MOVIE, TV = MediaType.MOVIE, MediaType.TV
HEAT = Candidate(MOVIE, 949, "Heat", year=1995)
KINGDOM = Candidate(TV, 70, "Kingdom", year=2019)
OTHER_KINGDOM = Candidate(TV, 71, "Kingdom", year=2014)


def wanted(title="Heat", media_type=MOVIE, year=1995, **ids):
    return WantedItem(MediaItem(title, media_type, year, MediaIds(**ids)), (ListRef("imdb", "ls1"),))


def reason(finding):
    assert isinstance(finding.result, NoMatch)
    return finding.result.reason


def keys(finding):
    return [resolution.key for resolution in finding.resolutions]


def test_an_imdb_id_needs_one_call_and_is_remembered_under_itself():
    catalogue = FakeCatalogue(imdb={"tt0113277": [HEAT]})
    title = wanted(imdb="tt0113277", tvdb=5)
    finding = find_title(title, catalogue)

    assert finding.result == Match(title, MOVIE, 949, MatchMethod.IMDB_ID)
    assert keys(finding) == ["imdb:tt0113277"]
    assert catalogue.calls == [("imdb", "tt0113277")]


def test_a_name_is_learnt_only_for_a_title_that_no_list_names():
    catalogue = FakeCatalogue(imdb={"tt0113277": [HEAT]})
    bare, titled = wanted("", imdb="tt0113277"), wanted(imdb="tt0113277")

    learnt = [(one.title, one.year) for title in (bare, titled) for one in find_title(title, catalogue).resolutions]

    assert learnt == [("Heat", 1995), ("", None)]


def test_an_imdb_id_says_the_kind_that_the_list_did_not():
    finding = find_title(wanted("", None, None, imdb="tt1"), FakeCatalogue(imdb={"tt1": [KINGDOM]}))

    assert finding.result.media_type is TV


@pytest.mark.parametrize(
    ("title", "found"),
    [
        (wanted(imdb="tt1"), [KINGDOM]),
        (wanted(imdb="tt1"), [HEAT, KINGDOM]),
        (wanted(media_type=None, tmdb=7, imdb="tt1"), [HEAT]),
    ],
    ids=["another kind", "several", "another TMDB id than the list's"],
)
def test_an_imdb_id_that_contradicts_the_list_is_for_review(title, found):
    finding = find_title(title, FakeCatalogue(imdb={"tt1": found}))

    assert reason(finding) is NoMatchReason.AMBIGUOUS
    assert set(finding.result.candidates) == set(found)
    assert not finding.resolutions


def test_an_unknown_imdb_id_falls_through_to_tvdb_and_is_remembered_with_it():
    finding = find_title(
        wanted("Kingdom", TV, 2019, imdb="tt1", tvdb=5), FakeCatalogue(imdb={"tt1": []}, tvdb={5: [KINGDOM]})
    )

    assert finding.result.method is MatchMethod.TVDB_ID
    assert keys(finding) == ["imdb:tt1", "tvdb:5"]


@pytest.mark.parametrize("own_ids", [(None, None), ("tt1", None), (None, 5), ("tt1", 5)])
def test_unknown_ids_fall_through_to_title_and_year(own_ids):
    catalogue = FakeCatalogue(KINGDOM)
    catalogue.own_ids = {(TV, 70): own_ids}
    finding = find_title(wanted("Kingdom", TV, 2019, imdb="tt1", tvdb=5), catalogue)

    assert finding.result.method is MatchMethod.TITLE_AND_YEAR
    assert keys(finding) == ["imdb:tt1", "tvdb:5", "title:tv:kingdom:2019"]


@pytest.mark.parametrize("own_ids", [("tt2", 5), ("tt1", 6), ("tt2", None)])
def test_a_title_of_that_name_and_year_with_other_ids_is_for_review(own_ids):
    catalogue = FakeCatalogue(KINGDOM)
    catalogue.own_ids = {(TV, 70): own_ids}

    assert reason(find_title(wanted("Kingdom", TV, 2019, imdb="tt1", tvdb=5), catalogue)) is NoMatchReason.AMBIGUOUS


def test_a_title_whose_own_ids_cannot_be_read_is_not_matched():
    class WithoutDetails(FakeCatalogue):
        def find_details(self, media_type, tmdb_id):
            return None

    assert reason(find_title(wanted(imdb="tt1"), WithoutDetails(HEAT))) is NoMatchReason.LOOKUP_FAILED


def test_a_title_without_ids_needs_no_details():
    catalogue = FakeCatalogue(HEAT)
    find_title(wanted(tmdb=949, media_type=None), catalogue)

    assert catalogue.count("details") == 0


def test_id_name_and_year_together_outweigh_the_list_s_word_for_the_kind():
    title = wanted("Kingdom", MOVIE, 2019, imdb="tt1")
    finding = find_title(title, FakeCatalogue(imdb={"tt1": [KINGDOM]}))

    assert finding.result == Match(title, TV, 70, MatchMethod.IMDB_ID)
    known = KnownTitles(resolutions={resolution.key: resolution for resolution in finding.resolutions})
    assert recall(title, known) == Match(title, TV, 70, MatchMethod.REMEMBERED)
    assert isinstance(recall(wanted("Kings", MOVIE, 2019, imdb="tt1"), known), NoMatch)


@pytest.mark.parametrize(
    "text", ["Fast &amp; Furious", "Fast & Furious (2009)", "Fast &#38; Fur\u200bious", "Fast & Furious [2009]"]
)
def test_what_a_list_added_to_a_title_is_taken_off(text):
    film = Candidate(MOVIE, 13804, "Fast & Furious", year=2009)
    title = wanted(text, year=2009)

    assert find_title(title, FakeCatalogue(film)).result == Match(title, MOVIE, 13804, MatchMethod.TITLE_AND_YEAR)


def test_a_title_of_signs_that_is_not_found_is_for_review():
    assert reason(find_title(wanted("?", year=2011), FakeCatalogue(imdb={}))) is NoMatchReason.AMBIGUOUS


def test_an_undated_title_of_that_name_is_for_review():
    undated = Candidate(MOVIE, 8, "The Lighthouse Project")

    assert reason(find_title(wanted("The Lighthouse Project", year=2027), FakeCatalogue(undated))) is (
        NoMatchReason.AMBIGUOUS
    )


def test_two_shows_with_one_tvdb_id_are_told_apart_by_title_and_year():
    title = wanted("Kingdom", TV, 2014, tvdb=5)
    finding = find_title(title, FakeCatalogue(tvdb={5: [KINGDOM, OTHER_KINGDOM]}))

    assert finding.result == Match(title, TV, 71, MatchMethod.TVDB_ID)
    assert not finding.resolutions, "the id means two shows, so that it must not be remembered as one"


@pytest.mark.parametrize(("title", "year"), [("Kingdom", None), ("", 2014), ("Kingdoms", 2014), ("Kingdom", 2017)])
def test_two_shows_with_one_tvdb_id_are_for_review_otherwise(title, year):
    finding = find_title(wanted(title, TV, year, tvdb=5), FakeCatalogue(tvdb={5: [KINGDOM, OTHER_KINGDOM]}))

    assert reason(finding) is NoMatchReason.AMBIGUOUS
    assert len(finding.result.candidates) == 2


def test_a_film_s_tvdb_id_is_not_looked_up_among_shows():
    catalogue = FakeCatalogue(HEAT, tvdb={5: [KINGDOM]})

    assert find_title(wanted(tvdb=5), catalogue).result.tmdb_id == 949
    assert catalogue.count("tvdb") == 0


def test_a_film_found_by_title_is_not_remembered_under_its_tvdb_number():
    assert keys(find_title(wanted(tvdb=5), FakeCatalogue(HEAT))) == ["title:movie:heat:1995"]


def test_a_tvdb_id_without_a_kind_counts_if_the_name_agrees():
    catalogue = FakeCatalogue(tvdb={5: [KINGDOM]})

    assert keys(find_title(wanted("Kingdom", None, 2019, tvdb=5), catalogue)) == ["tvdb:5", "title:any:kingdom:2019"]
    assert find_title(wanted("", None, None, tvdb=5), catalogue).result.tmdb_id == 70
    assert reason(find_title(wanted("Heat", None, 1995, tvdb=5), catalogue)) is NoMatchReason.AMBIGUOUS


def test_a_title_of_the_year_needs_one_search():
    catalogue = FakeCatalogue(HEAT)
    finding = find_title(wanted(), catalogue)

    assert finding.result.method is MatchMethod.TITLE_AND_YEAR
    assert finding.is_proven
    assert catalogue.calls == [("search", "Heat year:1995", 1)]


def without_year(answer):
    """Return a catalogue with a film one year off, whose search without a year answers something else."""

    class Changed(FakeCatalogue):
        def search(self, query, *, page=1):
            found = super().search(query, page=page)
            return found if "year:" in query else answer(found)

    return Changed(HEAT)


def test_a_title_one_year_off_is_proven_by_a_search_without_a_year():
    finding = find_title(wanted(year=1996), FakeCatalogue(HEAT))

    assert (finding.result.tmdb_id, finding.is_proven) == (949, True)


def test_a_search_without_a_year_that_hides_what_was_found_shows_that_tmdb_fails():
    finding = find_title(wanted(year=1996), without_year(lambda _found: SearchPage((), 1, 1, 0)))

    assert finding.has_failed


def test_a_search_without_a_year_that_shows_a_nearer_title_proves_nothing():
    nearer = Candidate(MOVIE, 1, "Heat", year=1996)
    finding = find_title(
        wanted(year=1996), without_year(lambda found: replace(found, candidates=(*found.candidates, nearer)))
    )

    assert not finding.is_proven


def test_a_title_that_another_id_contradicts_is_for_review():
    assert reason(find_title(wanted(media_type=None, tmdb=7), FakeCatalogue(HEAT))) is NoMatchReason.AMBIGUOUS


def test_nothing_of_that_name_is_not_found_and_unproven():
    finding = find_title(wanted("No Such Film"), FakeCatalogue(HEAT))

    assert reason(finding) is NoMatchReason.NOT_FOUND
    assert not finding.is_proven


def test_ids_that_tmdb_does_not_know_and_no_title_are_not_found():
    finding = find_title(wanted("", None, None, imdb="tt9"), FakeCatalogue())

    assert reason(finding) is NoMatchReason.NOT_FOUND
    assert finding.is_proven


def test_a_title_without_a_year_is_for_review_with_its_candidates():
    finding = find_title(wanted(year=None), FakeCatalogue(HEAT, Candidate(MOVIE, 2, "Heat", year=1972)))

    assert reason(finding) is NoMatchReason.AMBIGUOUS
    assert len(finding.result.candidates) == 2


def test_another_spelling_is_searched_for_when_the_name_is_not_there():
    catalogue = FakeCatalogue(Candidate(MOVIE, 5, "Rocky II", year=1979))

    assert find_title(wanted("Rocky 2", year=1979), catalogue).result.tmdb_id == 5


def test_the_relaxed_search_offers_no_titles_of_other_names():
    catalogue = FakeCatalogue(Candidate(MOVIE, 5, "Rocky Mountain", year=1979))

    assert reason(find_title(wanted("Rocky 2", year=1979), catalogue)) is NoMatchReason.NOT_FOUND


def test_a_full_page_of_a_year_may_hide_more_and_is_for_review():
    films = [Candidate(MOVIE, 100 + number, f"Heat {number}", year=1995) for number in range(60)]

    assert reason(find_title(wanted(), FakeCatalogue(*films, HEAT))) is NoMatchReason.AMBIGUOUS
    assert find_title(wanted(), FakeCatalogue(*films[:18], HEAT)).result.tmdb_id == 949


def test_what_a_full_page_of_a_year_hides_is_looked_for_in_the_pages_of_all_years():
    films = [Candidate(MOVIE, 100 + number, f"Heat {number}", year=1995) for number in range(40)]

    assert find_title(wanted(), FakeCatalogue(*films, HEAT)).result.tmdb_id == 949
    assert reason(find_title(wanted(), FakeCatalogue(HEAT, *films, replace(HEAT, tmdb_id=7)))) is (
        NoMatchReason.AMBIGUOUS
    )


MIRROR = Candidate(MOVIE, 1396, "Mirror", "Зеркало", year=1975)
BREAKING_BAD = Candidate(TV, 1396, "Breaking Bad", year=2008)


def numbered(title="Breaking Bad", year=2008, **ids):
    return wanted(title, None, year, tmdb=1396, **ids)


@pytest.mark.parametrize(
    ("title", "year", "found"),
    [("Breaking Bad", 2008, BREAKING_BAD), ("breaking bad", None, BREAKING_BAD), ("Зеркало", 1976, MIRROR)],
)
def test_a_tmdb_number_without_a_kind_counts_where_the_name_of_one_agrees(title, year, found):
    catalogue = FakeCatalogue(MIRROR, BREAKING_BAD)
    entry = numbered(title, year)
    finding = find_title(entry, catalogue)

    assert finding.result == Match(entry, found.media_type, 1396, MatchMethod.TMDB_ID)
    assert finding.is_proven
    assert catalogue.calls == [("search", "tmdb:1396", 1)]


def test_what_a_tmdb_number_without_a_kind_came_to_is_remembered_for_that_number_and_name():
    entry = numbered()
    known = KnownTitles(resolutions={r.key: r for r in find_title(entry, FakeCatalogue(BREAKING_BAD)).resolutions})

    assert recall(entry, known) == Match(entry, TV, 1396, MatchMethod.REMEMBERED)
    assert recall(numbered("Mirror", 1975), known) is None
    assert recall(wanted("Breaking Bad", None, 2008), known) is None
    assert recall(wanted("Breaking Bad", None, 2008, tmdb=7), known) is None


@pytest.mark.parametrize(
    ("found", "shown"), [([MIRROR, BREAKING_BAD], {MOVIE, TV}), ([MIRROR], {MOVIE}), ([BREAKING_BAD], {TV})]
)
def test_a_bare_tmdb_number_is_for_review_with_the_film_and_the_show_of_that_number(found, shown):
    finding = find_title(wanted("", None, None, tmdb=1396), FakeCatalogue(*found))

    assert finding.result.reason is NoMatchReason.AMBIGUOUS
    assert {candidate.media_type for candidate in finding.result.candidates} == shown
    assert finding.is_proven
    assert not finding.resolutions


def test_a_bare_tmdb_number_that_nothing_is_shown_for_is_not_found_and_unproven():
    finding = find_title(wanted("", None, None, tmdb=1396), FakeCatalogue())

    assert reason(finding) is NoMatchReason.NOT_FOUND
    assert not finding.is_proven


def test_a_tmdb_number_of_titles_with_other_names_is_for_review_and_shows_them():
    finding = find_title(numbered("Better Call Saul", 2015), FakeCatalogue(MIRROR, BREAKING_BAD))

    assert reason(finding) is NoMatchReason.AMBIGUOUS
    assert "another name" in finding.result.detail
    assert set(finding.result.candidates) == {MIRROR, BREAKING_BAD}


def test_a_title_of_that_name_with_another_number_is_for_review_and_shows_all():
    saul = Candidate(TV, 60059, "Better Call Saul", year=2015)
    finding = find_title(numbered("Better Call Saul", 2015), FakeCatalogue(MIRROR, BREAKING_BAD, saul))

    assert reason(finding) is NoMatchReason.AMBIGUOUS
    assert set(finding.result.candidates) == {MIRROR, BREAKING_BAD, saul}


def test_film_and_show_of_one_number_and_name_are_for_review():
    film = Candidate(MOVIE, 1396, "Breaking Bad", year=2008)

    assert reason(find_title(numbered(), FakeCatalogue(film, BREAKING_BAD))) is NoMatchReason.AMBIGUOUS
    assert find_title(numbered(), FakeCatalogue(replace(film, year=1990), BREAKING_BAD)).result.media_type is TV


@pytest.mark.parametrize(
    ("stated", "own", "is_matched"),
    [
        ({"imdb": "tt0903747"}, ("tt0903747", None), True),
        ({"tvdb": 81189}, (None, 81189), True),
        ({"imdb": "tt0903747", "tvdb": 81189}, ("tt0903747", 5), False),
        ({"imdb": "tt0903747"}, ("tt7", None), False),
        ({"imdb": "tt0903747"}, (None, None), False),
    ],
)
def test_a_tmdb_number_without_a_kind_counts_where_another_id_agrees(stated, own, is_matched):
    catalogue = FakeCatalogue(MIRROR, BREAKING_BAD)
    catalogue.own_ids = {(TV, 1396): own}
    result = find_title(numbered("", None, **stated), catalogue).result

    assert isinstance(result, Match) is is_matched
    assert is_matched or set(result.candidates) == {MIRROR, BREAKING_BAD}


def test_a_name_that_agrees_does_not_outweigh_an_id_that_does_not():
    catalogue = FakeCatalogue(BREAKING_BAD)
    catalogue.own_ids = {(TV, 1396): ("tt7", None)}

    assert reason(find_title(numbered(imdb="tt0903747"), catalogue)) is NoMatchReason.AMBIGUOUS


def test_the_number_of_a_film_counts_though_a_show_has_its_tvdb_number():
    entry = wanted("Mirror", None, 1975, tmdb=1396, tvdb=5)
    finding = find_title(entry, FakeCatalogue(MIRROR, tvdb={5: [KINGDOM]}))

    assert finding.result == Match(entry, MOVIE, 1396, MatchMethod.TMDB_ID)
    assert keys(finding) == ["tmdb:any:1396:mirror:1975"]


def test_without_details_a_tmdb_number_beside_another_id_is_a_failed_look_up():
    class WithoutDetails(FakeCatalogue):
        def find_details(self, media_type, tmdb_id):
            return None

    entry = numbered(imdb="tt0903747")

    assert reason(find_title(entry, WithoutDetails(BREAKING_BAD))) is NoMatchReason.LOOKUP_FAILED


def test_a_number_of_which_a_part_may_be_hidden_is_unproven_unless_it_agrees():
    assert not find_title(numbered("Better Call Saul", 2015), FakeCatalogue(MIRROR)).is_proven


def test_a_film_s_country_is_read_from_its_details_where_the_list_states_one():
    film = Candidate(MOVIE, 96724, "Anna Karenina", year=2012)
    catalogue = FakeCatalogue(film)
    catalogue.countries = {(MOVIE, 96724): ("GB", "FR")}

    assert find_title(wanted("Anna Karenina (UK)", year=2012), catalogue).result.tmdb_id == 96724
    american = find_title(wanted("Anna Karenina (US)", year=2012), catalogue).result
    assert american.reason is NoMatchReason.AMBIGUOUS
    assert [candidate.tmdb_id for candidate in american.candidates] == [96724]


def test_a_country_that_cannot_be_read_is_a_failed_look_up():
    class WithoutDetails(FakeCatalogue):
        def find_details(self, media_type, tmdb_id):
            return None

    film = Candidate(MOVIE, 96724, "Anna Karenina", year=2012)

    assert reason(find_title(wanted("Anna Karenina (UK)", year=2012), WithoutDetails(film))) is (
        NoMatchReason.LOOKUP_FAILED
    )


def test_among_many_films_of_a_name_the_country_is_not_asked_for():
    catalogue = FakeCatalogue(*(Candidate(MOVIE, number, "Love", year=2019) for number in range(1, 6)))

    assert reason(find_title(wanted("Love (UK)", year=2019), catalogue)) is NoMatchReason.AMBIGUOUS
    assert catalogue.count("details") == 0


class PagingCatalogue(FakeCatalogue):
    """Answers a search of a year in pages of one title."""

    def search(self, query, *, page=1):
        found = super().search(query).candidates
        self.calls[-1] = ("search", query, page)
        return SearchPage(found[page - 1 : page], page, max(1, len(found)), len(found[page - 1 : page]))


def test_up_to_three_pages_are_read():
    films = [Candidate(MOVIE, number, "Heatwave", year=1995) for number in (1, 2)]
    catalogue = PagingCatalogue(*films, HEAT)

    assert find_title(wanted(), catalogue).result.tmdb_id == 949
    assert [call[2] for call in catalogue.calls] == [1, 2, 3]


def test_more_than_three_pages_are_for_review():
    films = [Candidate(MOVIE, number, "Heatwave", year=1995) for number in (1, 2, 3)]

    assert reason(find_title(wanted(), PagingCatalogue(HEAT, *films))) is NoMatchReason.AMBIGUOUS


def test_a_later_page_that_comes_back_empty_is_a_failed_look_up():
    class BrokenPages(PagingCatalogue):
        def search(self, query, *, page=1):
            self.is_down = page > 1
            return super().search(query, page=page)

    catalogue = BrokenPages(HEAT, Candidate(MOVIE, 1, "Heatwave", year=1995))

    assert reason(find_title(wanted(), catalogue)) is NoMatchReason.LOOKUP_FAILED


def test_a_failed_look_up_says_so_and_tries_nothing_weaker():
    catalogue = FakeCatalogue(HEAT)
    catalogue.is_down = True
    finding = find_title(wanted(imdb="tt1", tvdb=5), catalogue)

    assert reason(finding) is NoMatchReason.LOOKUP_FAILED
    assert "Unable to retrieve" in finding.result.detail
    assert catalogue.calls == [("imdb", "tt1")]


def test_any_name_of_a_title_may_find_it_and_prove_it():
    titan = Candidate(TV, 1429, "Attack on Titan", original_title="進撃の巨人", year=2013)
    item = MediaItem("Shingeki no Kyojin", TV, 2013, other_titles=("進撃の巨人",))

    finding = find_title(WantedItem(item, (ListRef("anilist", "someone"),)), FakeCatalogue(titan))

    assert (finding.result.tmdb_id, finding.result.method) == (1429, MatchMethod.TITLE_AND_YEAR)


def test_without_its_other_names_a_title_of_another_name_is_not_taken_for_it():
    titan = Candidate(TV, 1429, "Attack on Titan", original_title="進撃の巨人", year=2013)
    item = MediaItem("Shingeki no Kyojin", TV, 2013)

    finding = find_title(WantedItem(item, (ListRef("anilist", "someone"),)), FakeCatalogue(titan))

    assert isinstance(finding.result, NoMatch)
