"""Answers of programs and backups that were saved as files, from the drop folder to what a dry run would request."""

import pytest

from list_sync.model.sources import FetchState
from list_sync.providers.tvdb import parse_film
from tests.pipeline.test_files_of_people import ALIEN, ANNA, BREAKING_BAD, FRIENDS, MATRIX, PSYCHO, sync, sync_whole
from tests.providers.answers import document

ATTACK_ON_TITAN, SPIRITED_AWAY, CHERNOBYL = ("tv", 1429), ("movie", 129), ("tv", 87108)
THE_OFFICE = ("tv", 2316)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("SimklBackup.json", [BREAKING_BAD, ATTACK_ON_TITAN, SPIRITED_AWAY, MATRIX]),
        ("lb.json", [MATRIX, ANNA, ALIEN]),
        ("movies-tvshows-tv.json", [MATRIX, BREAKING_BAD, FRIENDS]),
        ("tvtime-series-2026-07-10.json", [BREAKING_BAD, THE_OFFICE]),
        ("kinds.json", [BREAKING_BAD, MATRIX, ATTACK_ON_TITAN, CHERNOBYL, ALIEN, PSYCHO]),
        ("anilist.json", [ATTACK_ON_TITAN, SPIRITED_AWAY]),
    ],
)
def test_every_title_of_a_raw_answer_is_found(bench, name, found):
    assert sync_whole(bench, name) == sorted(found)


def test_a_season_by_the_name_of_season_is_that_season(bench):
    fetched, requested = sync(bench, "season.json")

    assert [(item.title, item.season) for item in fetched.items] == [("Breaking Bad", 2)]
    assert requested == [BREAKING_BAD]


@pytest.mark.parametrize(
    ("name", "found", "episodes"), [("episodes.json", [], 2), ("jellyfin.json", [MATRIX, BREAKING_BAD], 1)]
)
def test_episodes_are_counted_and_neither_their_season_nor_their_show_requested(bench, name, found, episodes):
    fetched, requested = sync(bench, name)

    assert (fetched.state, fetched.unsupported_kinds) == (FetchState.COMPLETE, {"episode": episodes})
    assert requested == sorted(found)


def test_a_page_that_states_more_than_it_holds_is_partial(bench):
    fetched, requested = sync(bench, "page.json")

    assert (fetched.state, fetched.expected, requested) == (FetchState.PARTIAL, 57, [MATRIX])
    assert fetched.reason == "1 entry read where the source states 57"


def test_one_null_among_good_entries_makes_the_list_partial(bench):
    fetched, requested = sync(bench, "sonarr-missing.json")

    assert (fetched.state, fetched.unsupported_kinds, requested) == (FetchState.PARTIAL, {"episode": 1}, [])
    assert fetched.reason == "1 of 2 entries not understood: records[1] (null)"


def test_of_several_ids_of_one_source_at_tvdb_the_first_that_is_one_counts():
    film = parse_film(document("tvdb/movie-double-ids.json")["data"])

    assert (film.title, film.ids.imdb) == ("The Matrix", "tt0133093")
