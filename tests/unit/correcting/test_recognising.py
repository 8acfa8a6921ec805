"""Pasted texts: lists of all sources, and in words what else a page of a source is."""

import pytest

from list_sync.correcting.recognising import recognise
from list_sync.errors import InvalidListId
from list_sync.model.sources import ListRef


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://trakt.tv/users/ben/lists/slow-sunday", "trakt:ben/slow-sunday"),
        ("https://trakt.tv/movies/trending", "trakt_special:trending:movies"),
        ("  https://www.imdb.com/de/list/ls123456789/?sort=list_order  ", "imdb:ls123456789"),
        ("ls123456789", "imdb:ls123456789"),
        ("imdb:top", "imdb:top"),
        ("https://letterboxd.com/alice/watchlist/", "letterboxd:alice/watchlist"),
        ("https://mdblist.com/lists/alice/noir-nights", "mdblist:alice/noir-nights"),
        ("https://www.themoviedb.org/collection/10-star-wars-collection", "tmdb:collection/10"),
        ("https://anilist.co/user/ben/animelist/Watching", "anilist:ben/Watching"),
        ("https://example.org/list.json", "file:https://example.org/list.json"),
        ("https://letterboxd.com/alice/rss/", "file:https://letterboxd.com/alice/rss/"),
        ("file:https://trakt.tv/users/ben", "file:https://trakt.tv/users/ben"),
    ],
)
def test_what_a_browser_shows_is_recognised(text, name):
    assert recognise(text, ()).name == name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "https://trakt.tv/users/ben",
            "This is a user on Trakt, not a list. A list looks like https://trakt.tv/users/",
        ),
        ("https://trakt.tv/shows/severance", "a single title on Trakt"),
        ("https://www.imdb.com/title/tt0111161/", "a single title on IMDb"),
        ("https://www.imdb.com/de/name/nm0000151/", "a person on IMDb"),
        ("https://m.imdb.com/find/?q=heat", "a search on IMDb"),
        ("https://letterboxd.com", "the front page on Letterboxd"),
        ("https://www.themoviedb.org/movie/550", "a single title on TMDB"),
        ("https://simkl.com/123/", "a page on SIMKL"),
        ("imdb", "imdb is a source: name one of its lists"),
        ("trakt:ben", "not a list of Trakt"),
        ("", "paste the address or the id of a list"),
        ("x" * 3000, "longer than 2000 characters"),
        ("javascript://alert(1)", "only addresses with http:// or https://"),
        ("file:///etc/passwd", "only addresses with http:// or https://"),
        ("https://[::1", "not an address"),
    ],
)
def test_what_is_no_list_is_named_and_what_a_list_looks_like(text, words):
    with pytest.raises(InvalidListId) as caught:
        recognise(text, ())
    assert words in str(caught.value)


def test_a_list_of_the_settings_is_known_by_its_name():
    ref = ListRef("imdb", "ls123456789", spelling="ls123456789")

    assert recognise("imdb:ls123456789", (ref,)) is ref
