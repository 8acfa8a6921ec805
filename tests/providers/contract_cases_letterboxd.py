"""Letterboxd's rows in the contract suite: its pages in both markups."""

from list_sync.model.sources import FetchState
from tests.fakes.letterboxd import (
    CHALLENGE,
    HEADERS,
    NOT_FOUND,
    PROFILE,
    film_page,
    listing,
    new_poster,
    old_poster,
    some_films,
)
from tests.fakes.scripted_server import Asked, Served
from tests.providers.contract import Expected, ProviderCase

FAILED = FetchState.FAILED
LIST_ID = "alice/list/best"


def page(posters: list[str], **options: object) -> Served:
    return Served(listing(posters, **options), headers=HEADERS)


def new(first: int, last: int) -> list[str]:
    return [new_poster(film) for film in some_films(first, last)]


def old_site(asked: Asked) -> Served:
    if asked.path.startswith("/film/"):
        number = asked.path.strip("/").rpartition("-")[2]
        return Served(film_page(f"Film {number}", 1901, link=f"movie/{number}"), headers=HEADERS)
    return page([old_poster(film) for film in some_films(1, 2)], total=2)


CASES = (
    ProviderCase(
        provider="letterboxd",
        list_id=LIST_ID,
        full=Expected((page(new(1, 3), total=3),), count=3),
        empty=Expected((page([], total=0),)),
        paged=Expected((page(new(1, 3), total=5, pages=2), page(new(4, 5), total=5, page=2, pages=2)), count=5),
        repeated=(page(new(1, 3), total=9, pages=3),),
        private=Expected((Served("<html><title>Letterboxd</title></html>", 403),), words="private"),
        missing=Expected((NOT_FOUND,), words="not found"),
        others={
            "a challenge of Cloudflare": Expected((CHALLENGE,), state=FAILED, words="MDBLIST_API_KEY"),
            "a profile in place of the list": Expected(
                (Served(PROFILE, headers=HEADERS),), state=FAILED, words="not found"
            ),
            "the watchlist in place of the list": Expected(
                (page(new(1, 3), kind="watchlist", path="/alice/watchlist/"),), state=FAILED, words="not found"
            ),
            "a page without its list": Expected(
                (page([], total=3, container="something-else"),), state=FAILED, words="without a list of films"
            ),
            "fewer films than stated": Expected(
                (page(new(1, 3), total=4),), count=3, state=FetchState.PARTIAL, words="states 4"
            ),
            "a page that lacks its link to the next": Expected(
                (Served(listing(new(1, 3), total=6, pages=2).replace('class="next"', ""), headers=HEADERS),),
                state=FAILED,
                words="without a link to the next",
            ),
            "something that is no film": Expected(
                (page([*new(1, 2), new_poster(("A Story", 2020), kind="story")], total=3),), count=2, unsupported=1
            ),
            "the old markup without years": Expected(old_site, count=2),
        },
    ),
    ProviderCase(
        provider="letterboxd",
        name="letterboxd-watchlist",
        list_id="https://letterboxd.com/Alice/watchlist/by/added/page/2/",
        full=Expected((page(new(1, 2), kind="watchlist", path="/alice/watchlist/", total=2),), count=2),
        empty=Expected((page([], kind="watchlist", path="/alice/watchlist/", total=0),)),
        paged=Expected(
            (
                page(new(1, 2), kind="watchlist", path="/alice/watchlist/", total=3, pages=2),
                page(new(3, 3), kind="watchlist", path="/alice/watchlist/", total=3, page=2, pages=2),
            ),
            count=3,
        ),
        repeated=(page(new(1, 2), kind="watchlist", path="/alice/watchlist/", total=9, pages=3),),
        private=Expected((Served("<html><title>Letterboxd</title></html>", 403),), words="private"),
        missing=Expected((NOT_FOUND,), words="not found"),
    ),
    ProviderCase(
        provider="letterboxd",
        name="letterboxd-films",
        list_id="alice/films",
        full=Expected((page(new(1, 2), kind="films", path="/alice/films/"),), count=2),
        empty=Expected((page([], kind="films", path="/alice/films/"),)),
        paged=Expected(
            (
                page(new(1, 2), kind="films", path="/alice/films/", pages=2),
                page(new(3, 3), kind="films", path="/alice/films/", page=2, pages=2),
            ),
            count=3,
        ),
        repeated=(page(new(1, 2), kind="films", path="/alice/films/", pages=3),),
        private=Expected((Served("<html><title>Letterboxd</title></html>", 403),), words="private"),
        missing=Expected((NOT_FOUND,), words="not found"),
    ),
)
