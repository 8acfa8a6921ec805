"""A small world for the client's tests: the demo server in every dialect and set-up, and clients for it."""

from list_sync.api.overseerr import OverseerrClient
from list_sync.demo.catalogue.catalogue import Catalogue, CataloguePerson, CatalogueSeason, CatalogueTitle

FILM, OTHER_FILM, UNRELEASED_FILM, UNKNOWN_ID = 603, 604, 700, 987654
SHOW, SHOW_WITHOUT_TVDB, TWIN_SHOW, SHOW_OF_SPECIALS = 1399, 1400, 1401, 1402
SHARED_NUMBER = 550
TVDB, EPISODE = 121361, "tt1480055"


def a_title(kind, tmdb, title, **changes):
    values = {
        "kind": kind,
        "tmdb": tmdb,
        "title": title,
        "original_title": title,
        "alternative_titles": (),
        "date": "1999-03-31",
        "language": "en",
        "imdb": f"tt{tmdb:07d}",
        "tvdb": None,
        "popularity": 1.0,
        "votes": 10,
        "adult": False,
        "seasons": (),
        "episode_imdb_ids": (),
    }
    return CatalogueTitle(**(values | changes))


def seasons(*numbers):
    return tuple(CatalogueSeason(number, 10, "1999-03-31") for number in numbers)


WORLD = Catalogue(
    titles=(
        a_title("movie", FILM, "The Matrix", original_title="Matrix: Original"),
        a_title("movie", OTHER_FILM, "The Matrix Reloaded", date="2003-05-15"),
        a_title("movie", UNRELEASED_FILM, "Who's Afraid? (of/for 50% + more): A Tale", date="", imdb=None),
        a_title("movie", SHARED_NUMBER, "Fight Club"),
        a_title("tv", SHARED_NUMBER, "A Show With a Film's Number", tvdb=9001, seasons=seasons(1)),
        a_title("tv", SHOW, "Game of Thrones", tvdb=TVDB, seasons=seasons(0, 1, 2, 3), episode_imdb_ids=(EPISODE,)),
        a_title("tv", SHOW_WITHOUT_TVDB, "Nameless", seasons=seasons(1)),
        a_title("tv", TWIN_SHOW, "Game of Twins", tvdb=TVDB, seasons=seasons(1)),
        a_title("tv", SHOW_OF_SPECIALS, "Only Specials", tvdb=9002, seasons=seasons(0)),
    ),
    people=(CataloguePerson(FILM, "Matrix Person", "nm0000603"),),
    cases=(),
)


def a_client(server, **changes):
    """Return a client of a demo server, or of a scripted one, which knows no key."""
    api_key = getattr(server, "api_key", "secret-key")
    settings = {"url": server.url, "api_key": api_key, "timeout_seconds": 5.0, "retry_attempts": 2}
    return OverseerrClient(**(settings | changes))
