"""What is remembered of titles' detail pages, and when each show was looked at."""

from dataclasses import replace
from datetime import date, timedelta

from list_sync.model.matches import MatchMethod, Resolution
from list_sync.model.titles import MediaType
from list_sync.storage.memory import load_resolutions, remember
from list_sync.storage.server_memory import (
    find_name,
    load_shows,
    load_tries,
    save_details,
    save_film_names,
    save_tries,
)
from tests.builders import NOON, a_show

SHOW = replace(a_show(1399), status="Ended", next_episode_on=date(2026, 12, 1), poster_path="/thrones.jpg")
FILM = replace(a_show(603), media_type=MediaType.MOVIE, season_numbers=(), poster_path="/matrix.jpg")
IMDB = MatchMethod.IMDB_ID
KEYS = [(MediaType.TV, 1399), (MediaType.TV, 2)]


def test_a_show_comes_back_as_it_was_saved(store):
    with store.writing() as connection:
        save_details(connection, [SHOW, a_show(2)], at=NOON)

        assert load_shows(connection, [*KEYS, (MediaType.TV, 3)]) == {
            (MediaType.TV, 1399): (SHOW, NOON),
            (MediaType.TV, 2): (a_show(2), NOON),
        }


def test_films_keep_their_posters_too(store):
    with store.writing() as connection:
        save_details(connection, [FILM, SHOW], at=NOON)

        kept = connection.exec_driver_sql("SELECT media_type, tmdb_id, poster_path FROM titles ORDER BY tmdb_id")
        assert kept.all() == [("movie", 603, "/matrix.jpg"), ("tv", 1399, "/thrones.jpg")]
        assert list(load_shows(connection, [(MediaType.MOVIE, 603), *KEYS])) == [(MediaType.TV, 1399)]


def test_when_a_show_was_looked_at_in_vain_is_kept_apart_from_when_it_was_read(store):
    with store.writing() as connection:
        save_details(connection, [SHOW, a_show(2)], at=NOON)
        save_tries(connection, [(MediaType.TV, 2)], at=NOON + timedelta(days=1))
        save_details(connection, [SHOW], at=NOON + timedelta(days=2))

        assert load_tries(connection) == {(MediaType.TV, 2): NOON + timedelta(days=1)}
        assert load_shows(connection, KEYS)[MediaType.TV, 2][1] == NOON


def test_the_name_of_a_film_that_was_found_by_an_id_alone_is_kept_beside_what_its_page_said(store):
    found = [Resolution(f"imdb:tt000000{number}", MediaType.MOVIE, number, IMDB, f"Film {number}") for number in (1, 2)]
    show = Resolution("imdb:tt1399", MediaType.TV, 1399, IMDB, "Game of Thrones", 2011)
    with store.writing() as connection:
        save_details(connection, [FILM], at=NOON)
        named = Resolution("imdb:tt0133093", MediaType.MOVIE, 603, IMDB, "The Matrix", 1999)
        save_film_names(connection, [*found, named, show, replace(named, tmdb_id=4, title="")], at=NOON)

        assert find_name(connection, (MediaType.MOVIE, 2)) == "Film 2"
        assert find_name(connection, (MediaType.MOVIE, 603)) == "The Matrix (1999)"
        assert find_name(connection, (MediaType.MOVIE, 4)) == ""
        remember(connection, [named, show], at=NOON)
        known = load_resolutions(connection, [named.key, show.key])
        assert [(one.title, one.year) for one in known.values()] == [("The Matrix", 1999), ("", None)]
        # A row of a show would count as its seasons.
        assert load_shows(connection, KEYS) == {}
        assert (
            connection.exec_driver_sql("SELECT poster_path FROM titles WHERE tmdb_id = 603").scalar() == "/matrix.jpg"
        )
