"""The catalogue and its cases are consistent in themselves, so that a failing case means a wrong matcher."""

from collections import Counter

from list_sync.demo.catalogue.catalogue import CaseAnswer, CatalogueCase, CatalogueTitle, load_catalogue

CATALOGUE = load_catalogue()
TITLES = {(title.kind, title.tmdb): title for title in CATALOGUE.titles}
GROUPS = {
    "remakes",
    "film-and-show",
    "same-number",
    "off-by-one-with-neighbour",
    "off-by-one-without-neighbour",
    "same-name-same-year",
    "non-latin",
    "diacritics",
    "punctuation",
    "reserved-characters",
    "punctuation-only",
    "articles",
    "numerals",
    "digits-only",
    "very-short",
    "subtitles",
    "prefix-traps",
    "country-suffix",
    "mini-series",
    "documentaries",
    "episodes",
    "no-tvdb",
    "shared-tvdb",
    "unreleased",
    "no-date",
    "list-without-year",
    "specials-only",
    "adult",
    "alternative-titles",
    "wrong-kind",
    "dirty-text",
    "many-results",
    "unknown-ids",
    "contradictory-ids",
    "people",
}
PAGES_READ = 3
PAGE_SIZE = 20


def repeated(values: list[object]) -> list[object]:
    """Return what occurs more than once."""
    return [value for value, count in Counter(values).items() if count > 1]


def year_of(title: CatalogueTitle) -> int:
    """Return the year of a title that has a date."""
    return int(title.date[:4])


def matched(case: CatalogueCase, answer: CaseAnswer) -> CatalogueTitle:
    """Return the title that an answer names."""
    assert answer.kind is not None, case.name
    assert answer.tmdb is not None, case.name
    return TITLES[answer.kind, answer.tmdb]


def answers(case: CatalogueCase) -> tuple[CaseAnswer, CaseAnswer]:
    """Return both answers of a case."""
    return case.by_title, case.by_ids


def test_no_two_titles_share_an_id() -> None:
    assert repeated([(title.kind, title.tmdb) for title in CATALOGUE.titles]) == []
    assert repeated([title.imdb for title in CATALOGUE.titles if title.imdb]) == []
    episodes = [imdb for title in CATALOGUE.titles for imdb in title.episode_imdb_ids]
    assert repeated([*episodes, *(title.imdb for title in CATALOGUE.titles if title.imdb)]) == []


def test_shared_tvdb_ids_are_only_those_made_for_it() -> None:
    shared = repeated([title.tvdb for title in CATALOGUE.titles if title.tvdb])
    assert shared == [7900001, 7900002]


def test_titles_have_the_shape_that_tmdb_has() -> None:
    for title in CATALOGUE.titles:
        assert title.kind in {"movie", "tv"}, title
        assert title.kind == "tv" or not (title.tvdb or title.seasons or title.episode_imdb_ids), title
        assert title.imdb is None or title.imdb.startswith("tt"), title
        assert not title.date or len(title.date) == len("2000-01-01"), title
        assert title.title, title
        assert title.original_title, title
        numbers = [season.number for season in title.seasons]
        assert numbers == sorted(set(numbers)), title


def test_people_have_their_own_ids() -> None:
    assert repeated([person.tmdb for person in CATALOGUE.people]) == []
    assert all(person.imdb.startswith("nm") for person in CATALOGUE.people)


def test_there_are_enough_cases_of_every_group() -> None:
    groups = Counter(case.group for case in CATALOGUE.cases)
    assert {name for name in GROUPS if groups[name] < 2} == set()
    assert len(CATALOGUE.cases) >= 120
    assert sum(case.by_title.answer == "match" for case in CATALOGUE.cases) >= 75
    assert sum(case.by_title.answer == "review" for case in CATALOGUE.cases) >= 40


def test_cases_are_consistent() -> None:
    for case in CATALOGUE.cases:
        assert case.item.media_type in {"movie", "tv", None}, case.name
        for answer in answers(case):
            assert answer.answer in {"match", "review", "not_found"}, case.name
            assert (answer.answer == "match") == (answer.kind is not None) == (answer.tmdb is not None), case.name
        if case.by_title.answer == "match":
            title = matched(case, case.by_title)
            assert case.item.year is not None, case.name
            assert case.item.media_type in {title.kind, None}, case.name
            assert abs(year_of(title) - case.item.year) <= 1, case.name
            assert case.by_ids in {case.by_title, CaseAnswer("review")}, case.name


def test_case_names_are_unique() -> None:
    assert repeated([case.name for case in CATALOGUE.cases]) == []


def test_a_matched_show_without_a_tvdb_id_or_ordinary_season_cannot_be_requested() -> None:
    for case in CATALOGUE.cases:
        for answer in answers(case):
            if answer.answer == "match":
                title = matched(case, answer)
                askable = bool(title.tvdb) and any(season.number for season in title.seasons)
                assert case.requestable == (title.kind == "movie" or askable), case.name


def test_an_episode_id_of_a_case_belongs_to_a_show() -> None:
    episodes = {imdb for title in CATALOGUE.titles for imdb in title.episode_imdb_ids}
    ids = [case.item.imdb for case in CATALOGUE.cases if case.group == "episodes"]
    assert set(ids) <= episodes


def test_one_name_has_more_results_in_its_year_than_are_read() -> None:
    love = [title for title in CATALOGUE.titles if title.date.startswith("2019") and "Love" in title.title.split()]
    christmas = [title for title in CATALOGUE.titles if title.date.startswith("2020") and "Christmas" in title.title]
    assert len(love) > PAGES_READ * PAGE_SIZE
    assert (PAGES_READ - 1) * PAGE_SIZE < len(christmas) <= PAGES_READ * PAGE_SIZE
