"""Letterboxd: spellings, pages of both markups over loopback, single films, and the ways around a closed door."""

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from list_sync.api.http.client import HttpClient
from list_sync.errors import InvalidListId, ListSyncError, SyncCancelled, UnexpectedResponse
from list_sync.fetching.pool import fetch_lists
from list_sync.model.sources import AttemptOutcome, FetchResult, FetchState, ListRef, Unsupported
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers import FetchContext, get_provider
from list_sync.providers.letterboxd.films import from_text, parse_film, to_text
from list_sync.providers.letterboxd.pages import parse_page
from list_sync.providers.letterboxd.spellings import Kind, LetterboxdList, parse_list_id
from list_sync.providers.letterboxd.visiting import FILM_PAGES_PER_READING
from tests.fakes.letterboxd import (
    CHALLENGE,
    HEADERS,
    LetterboxdSite,
    film_page,
    listing,
    new_poster,
    old_poster,
    slug_of,
    some_films,
)
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.scripted_server import Asked, ScriptedServer, Served

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
LIST = LetterboxdList(Kind.LIST, "alice", "best")


class Notebook:
    """A memory of providers that lasts as long as a test."""

    def __init__(self, undecided: Sequence[str] = ()) -> None:
        self.kept: dict[str, str] = {}
        self.undecided = set(undecided)

    def find(self, key: str) -> str | None:
        return self.kept.get(key)

    def keep(self, key: str, value: str) -> None:
        self.kept[key] = value

    def is_undecided(self, item: MediaItem) -> bool:
        return item.title in self.undecided


def read(site, list_id: str = "alice/list/best", *, stop: threading.Event | None = None, **options) -> FetchResult:
    with ScriptedServer(site) as server:
        base_urls = {"mdblist": server.url}
        http = HttpClient("letterboxd", timeout_seconds=PATIENCE_SECONDS, retry_attempts=1, stop=stop)
        context = FetchContext(
            http=http,
            **{"base_url": server.url, "overridden": True, "base_urls": base_urls, "pace_seconds": 0} | options,
        )
        (result,) = fetch_lists(
            [ListRef("letterboxd", list_id)],
            make_context=lambda _: context,
            workers=1,
            stop=stop or threading.Event(),
            now=lambda: NOW,
        )
        http.close()
    return result


def outcomes(result: FetchResult) -> list[tuple[str, str]]:
    return [(attempt.route, attempt.outcome.value) for attempt in result.attempts]


# Spellings


@pytest.mark.parametrize(
    ("spelling", "target"),
    [
        ("alice/list/best", LIST),
        ("alice/best", LIST),
        (" Alice/list/Best/ ", LIST),
        ("letterboxd:alice/best", LIST),
        ("letterboxd.com/alice/list/best", LIST),
        ("https://letterboxd.com/alice/list/best/", LIST),
        ("http://www.letterboxd.com/alice/list/best/page/3/", LIST),
        ("https://m.letterboxd.com/alice/list/best/?utm_source=x#top", LIST),
        ("https://letterboxd.com/alice/list/best/detail/by/rating/", LIST),
        ("https://letterboxd.com/alice/list/best/share/AbCdEf12/", LIST),
        ("alice/watchlist", LetterboxdList(Kind.WATCHLIST, "alice")),
        ("https://letterboxd.com/alice/watchlist/page/2/", LetterboxdList(Kind.WATCHLIST, "alice")),
        ("alice/films", LetterboxdList(Kind.FILMS, "alice")),
        ("https://letterboxd.com/alice/films/by/date/", LetterboxdList(Kind.FILMS, "alice")),
        ("alice/likes/films", LetterboxdList(Kind.LIKES, "alice")),
        ("https://letterboxd.com/alice/likes/films/page/4/", LetterboxdList(Kind.LIKES, "alice")),
        ("https://boxd.it/aB3d", LetterboxdList(Kind.SHORT, "", "aB3d")),
        ("boxd.it/aB3d?x=1", LetterboxdList(Kind.SHORT, "", "aB3d")),
    ],
)
def test_a_spelling_means_a_page(spelling: str, target: LetterboxdList):
    assert parse_list_id(spelling) == target


@pytest.mark.parametrize(
    ("spelling", "words"),
    [
        ("alice", "use user/list-name"),
        ("", "use user/list-name"),
        ("https://letterboxd.com/film/the-matrix/", "single film"),
        ("https://letterboxd.com/films/popular/this/week/", "charts of all films"),
        ("https://letterboxd.com/alice/lists/", "open one of the lists"),
        ("https://letterboxd.com/alice/likes/lists/", "user/likes/films"),
        ("https://letterboxd.com/alice/films/diary/", "diary cannot be read"),
        ("https://letterboxd.com/alice/films/decade/1990s/", 'without "decade"'),
        ("alice/watchlist/genre/horror", 'without "genre"'),
        ("https://example.org/alice/list/best/", "another site"),
        ("https://letterboxd.com.example.org/alice/list/best/", "another site"),
        ("https://boxd.it/", "boxd.it"),
        ("alice/list/b e s t", "use user/list-name"),
        ("../list/best", "use user/list-name"),
        ("a b/list/best", "use user/list-name"),
    ],
)
def test_what_is_no_list_says_what_to_write(spelling: str, words: str):
    with pytest.raises(InvalidListId, match=words):
        parse_list_id(spelling)


@given(st.text(max_size=60) | st.text(alphabet="alice/listboxd.it:%?#", max_size=60))
def test_any_text_is_a_page_or_a_refusal(text: str):
    for spelling in (text, f"https://letterboxd.com/{text}", f"boxd.it/{text}"):
        try:
            target = parse_list_id(spelling)
        except InvalidListId:
            continue
        assert parse_list_id(target.path if target.kind is not Kind.SHORT else f"boxd.it{target.path}") == target
        assert ".." not in target.path


# Pages


@pytest.mark.parametrize("quotes", ["raw", "escaped"])
def test_the_identifier_is_read_in_either_quoting(quotes: str):
    film, story = new_poster(("A Film", 1999), quotes=quotes), new_poster(("X", 1), kind="story", quotes=quotes)
    page = parse_page(listing([film, story]).encode(), LIST, path="/alice/list/best/")

    assert [(poster.title, poster.year, poster.slug) for poster in page.posters] == [("A Film", 1999, "a-film")]
    assert page.others == (Unsupported("story"),)


@pytest.mark.parametrize("is_old", [False, True])
def test_a_poster_that_cannot_be_read_is_not_understood_and_a_story_is_a_story(is_old: bool):
    make = old_poster if is_old else new_poster
    nameless = make(("Gone", None)).replace("Gone", "")
    entries = [make(("A Film", 1999)), nameless, make(("X", None), kind="story"), '<li class="posteritem"></li>']
    page = parse_page(listing(entries).encode(), LIST, path="/alice/list/best/")

    assert [poster.title for poster in page.posters] == ["A Film"]
    unread, story, empty = page.others
    assert (unread.place, story.kind, empty.place) == ("entry 2", "story", "entry 4")


@pytest.mark.parametrize(
    ("name", "title", "year"),
    [
        ("2001: A Space Odyssey (1968)", "2001: A Space Odyssey", 1968),
        ("1917 (2019)", "1917", 2019),
        ("(500) Days of Summer (2009)", "(500) Days of Summer", 2009),
        ("Title (2020) (2021)", "Title (2020)", 2021),
        ("Blade Runner (Final Cut)", "Blade Runner (Final Cut)", None),
        ("Unannounced", "Unannounced", None),
        ("Odd (9999)", "Odd (9999)", None),
        ("(1999)", "(1999)", None),
    ],
)
def test_only_the_brackets_at_the_end_are_a_year(name: str, title: str, year: int | None):
    html = listing([new_poster((name, None))])
    (poster,) = parse_page(html.encode(), LIST, path=LIST.path).posters

    assert (poster.title, poster.year) == (title, year)


@pytest.mark.parametrize(
    ("about", "total"),
    [("A list of 250 films", 250), ("A list of 1 film", 1), ("A list of 12,345 films", 12345), ("My 5 films", None)],
)
def test_the_total_is_read_from_the_description(about: str, total: int | None):
    html = listing([new_poster(("A", 1999))], total=7).replace("A list of 7 films", about)

    assert parse_page(html.encode(), LIST, path="/alice/list/best/").total == total


def test_posters_outside_of_the_list_do_not_count():
    page = parse_page(listing([new_poster(("A", 1999))]).encode(), LIST, path="/alice/list/best/")

    assert [poster.title for poster in page.posters] == ["A"]


@pytest.mark.parametrize("is_old", [False, True])
def test_three_pages_are_read_over_the_network_in_both_markups(is_old: bool):
    films = some_films(1, 8)
    pages = {
        slug_of(title): Served(film_page(title, year, link=f"movie/{number}"), headers=HEADERS)
        for number, (title, year) in enumerate(films, start=1)
    }
    site = LetterboxdSite(films, is_old=is_old, film_pages=pages)
    result = read(site)

    assert (result.state, result.route, result.expected) == (FetchState.COMPLETE, "page", 8)
    assert [(item.title, item.year) for item in result.items] == films
    base = "/alice/list/best/"
    assert [path for path in site.asked if "film" not in path] == [base, f"{base}page/2/", f"{base}page/3/"]
    # The markup of today states every year: no film's own page is opened.
    assert sum(path.startswith("/film/") for path in site.asked) == (8 if is_old else 0)
    assert [item.ids.tmdb for item in result.items] == (list(range(1, 9)) if is_old else [None] * 8)


def test_a_renamed_list_is_followed():
    new = listing([new_poster(("A", 1999))], path="/alice/list/new-name/", total=1)

    def site(asked: Asked) -> Served:
        if asked.path == "/alice/list/best/":
            return Served(b"", 302, {"Location": "/alice/list/new-name/"})
        return Served(new, headers=HEADERS)

    assert read(site).state is FetchState.COMPLETE


def test_a_page_clamped_to_an_earlier_one_is_never_complete():
    first = listing([new_poster(film) for film in some_films(1, 3)], total=9, pages=3)
    second = listing([new_poster(film) for film in some_films(4, 6)], total=9, page=2, pages=3)
    result = read([Served(page, headers=HEADERS) for page in (first, second, second)])

    assert (result.state, len(result.items)) == (FetchState.PARTIAL, 6)
    assert "repeats page 2" in result.reason


def test_pages_come_one_at_a_time_with_a_pause_that_the_stop_event_ends():
    stop = threading.Event()
    site = LetterboxdSite(some_films(1, 9))

    def stopping(asked: Asked) -> Served:
        stop.set()
        return site(asked)

    with pytest.raises(SyncCancelled):
        read(stopping, stop=stop, pace_seconds=100 * PATIENCE_SECONDS)
    assert len(site.asked) == 1


def test_the_pause_is_kept():
    started = time.monotonic()
    read(LetterboxdSite(some_films(1, 6)), pace_seconds=0.05)

    assert time.monotonic() - started >= 0.1


# Short links


@pytest.mark.parametrize("place", ["https://letterboxd.com/alice/list/best/", "/Alice/list/best/"])
def test_a_short_link_is_resolved_by_one_request_and_then_known(place: str):
    site = LetterboxdSite(some_films(1, 2))
    short: list[str] = []

    def with_short_link(asked: Asked) -> Served:
        if asked.path == "/aB3d":
            short.append(asked.path)
            return Served(b"", 302, {"Location": place})
        return site(asked)

    memory = Notebook()
    for _ in range(2):
        result = read(with_short_link, "https://boxd.it/aB3d", memory=memory)
        assert (result.state, len(result.items)) == (FetchState.COMPLETE, 2)
    assert short == ["/aB3d"]


def test_a_short_link_of_a_film_is_refused():
    result = read([Served(b"", 302, {"Location": "https://letterboxd.com/film/x/"})], "boxd.it/aB3d")

    assert result.state is FetchState.FAILED
    assert "leads to /film/x/, which is no list" in result.reason


# Single films


@pytest.mark.parametrize(
    ("page", "film"),
    [
        (
            film_page("A", 1999, link="movie/603", tmdb="603", imdb="tt0133093"),
            (MediaType.MOVIE, 603, "tt0133093", 1999),
        ),
        (film_page("A", 2019, link="tv/91275", imdb="tt7909970"), (MediaType.TV, 91275, "tt7909970", 2019)),
        (film_page("A", 2019, tmdb="5"), (MediaType.MOVIE, 5, None, 2019)),
        (film_page("A", None, data=1971), (None, None, None, 1971)),
        (film_page("A", None), (None, None, None, None)),
    ],
)
def test_a_films_page_is_read_and_its_link_counts_before_its_body(page: str, film: tuple):
    kind, tmdb, imdb, year = film
    found = parse_film(page.encode())

    assert found == MediaItem("", kind, year, MediaIds(tmdb, imdb))
    assert from_text(to_text(found)) == found


def test_films_are_remembered_for_ever_and_others_looked_at_only_where_undecided():
    films = some_films(1, 3)
    pages = {"film-2": Served(film_page("Film 2", 1902, link="tv/2", imdb="tt0000002"), headers=HEADERS)}
    site = LetterboxdSite(films, film_pages=pages)
    memory = Notebook(undecided=["Film 2"])

    for _ in range(3):
        result = read(site, memory=memory)
        assert result.state is FetchState.COMPLETE
        assert result.items[1] == MediaItem("Film 2", MediaType.TV, 1902, MediaIds(2, "tt0000002"))
    assert [path for path in site.asked if path.startswith("/film/")] == ["/film/film-2/"]


def test_no_more_than_some_pages_of_films_are_opened_at_a_time():
    films = some_films(1, FILM_PAGES_PER_READING + 10, year=False)
    pages = {
        slug_of(title): Served(film_page(title, 1999, link=f"movie/{number}"), headers=HEADERS)
        for number, (title, _) in enumerate(films, start=1)
    }
    site = LetterboxdSite(films, per_page=100, is_old=True, film_pages=pages)
    memory = Notebook()
    first = read(site, memory=memory)

    assert first.state is FetchState.COMPLETE
    assert [item.year for item in first.items] == [1999] * FILM_PAGES_PER_READING + [None] * 10
    assert all(item.ids for item in read(site, memory=memory).items)
    assert len([path for path in site.asked if path.startswith("/film/")]) == len(films)


@pytest.mark.parametrize("answer", [CHALLENGE, Served(b"", 500), Served("<html>limit</html>", 429)])
def test_a_closed_door_at_the_films_does_not_lose_the_list(answer: Served):
    site = LetterboxdSite(some_films(1, 3, year=False), is_old=True)
    site.film_pages = {f"film-{number}": answer for number in (1, 2, 3)}
    result = read(site)

    assert (result.state, [item.title for item in result.items]) == (
        FetchState.COMPLETE,
        ["Film 1", "Film 2", "Film 3"],
    )
    assert len([path for path in site.asked if path.startswith("/film/")]) == 1


# The ways around


EXPORT = (
    "Date,Name,Year,Letterboxd URI\n2026-01-05,First,1994,https://boxd.it/aaaa\n2026-01-06,Second,,https://boxd.it/b\n"
)


def test_a_users_export_is_read_without_opening_a_page(tmp_path: Path):
    (tmp_path / "watchlist-alice-2026-10-01-08-15-utc.csv").write_text(EXPORT)
    site = LetterboxdSite(some_films(1, 3), path="/alice/watchlist/")
    result = read(site, "alice/watchlist", drop_folder=tmp_path)

    assert (result.state, result.route) == (FetchState.COMPLETE, "export")
    assert [(item.title, item.year) for item in result.items] == [("First", 1994), ("Second", None)]
    assert site.asked == []


def test_where_a_challenge_stays_the_reason_says_what_to_do(tmp_path: Path):
    result = read([CHALLENGE], drop_folder=tmp_path)

    assert result.state is FetchState.FAILED
    assert outcomes(result)[:3] == [("export", "skipped"), ("mdblist", "needs_key"), ("page", "blocked")]
    for words in ("blocked", "Cloudflare", "drop folder", "MDBLIST_API_KEY", "LETTERBOXD_LISTS"):
        assert words in result.reason


def test_the_mirror_serves_where_the_page_is_blocked():
    def answers(asked: Asked) -> Served:
        if asked.path == "/external/lists/user":
            url = "https://letterboxd.com/alice/list/best/"
            return Served([{"id": 7, "name": "Best", "source": "letterboxd", "url": url}])
        if asked.path == "/external/lists/7/items":
            entries = [{"id": 603, "rank": 1, "title": "A", "mediatype": "movie", "release_year": 1999}]
            return Served(entries, headers={"X-Has-More": "false"})
        return CHALLENGE

    result = read(answers, credentials={"MDBLIST_API_KEY": "test-key"})

    assert (result.state, len(result.items)) == (FetchState.COMPLETE, 1)
    assert outcomes(result) == [("export", "skipped"), ("mdblist", "served")]


def test_then_the_export_serves_as_soon_as_it_is_there(tmp_path: Path):
    assert read([CHALLENGE], "alice/watchlist", drop_folder=tmp_path).state is FetchState.FAILED
    (tmp_path / "watchlist.csv").write_text(EXPORT)

    result = read([CHALLENGE], "alice/watchlist", drop_folder=tmp_path)
    assert (result.state, outcomes(result)) == (FetchState.COMPLETE, [("export", AttemptOutcome.SERVED.value)])


def test_the_routes_stand_in_their_order():
    names = [route.name for route in get_provider("letterboxd").routes]

    assert names == ["export", "mdblist", "page", "browser"]


class BrowserOfTheTest:
    """A browser that gets what the site would answer, and is asked as the real pool is."""

    def __init__(self, site: LetterboxdSite) -> None:
        self.site = site

    def read_page(self, url: str, *, service: str, wait_for: str, pause_seconds: float) -> str:
        answer = self.site(Asked("GET", urlsplit(url).path, {}, {}, b""))
        assert LexborHTMLParser(answer.body).css_first(wait_for) is not None
        return str(answer.body)


@pytest.mark.parametrize("is_old", [False, True])
def test_the_browser_serves_where_the_page_is_blocked(is_old: bool):
    site = LetterboxdSite(some_films(1, 7), is_old=is_old)
    result = read([CHALLENGE], browser=BrowserOfTheTest(site))

    assert (result.state, result.route, len(result.items)) == (FetchState.COMPLETE, "browser", 7)
    assert outcomes(result)[2:] == [("page", "blocked"), ("browser", "served")]
    # Films of the old markup wait: a browser for each would be too much.
    assert not any(path.startswith("/film/") for path in site.asked)


def test_without_a_browser_the_reason_is_that_of_the_page():
    assert outcomes(read([CHALLENGE]))[-2:] == [("page", "blocked"), ("browser", "skipped")]


# Anything else


def named_error_or_page(html: bytes) -> None:
    for target in (LIST, LetterboxdList(Kind.WATCHLIST, "alice"), LetterboxdList(Kind.FILMS, "alice")):
        try:
            page = parse_page(html, target, path=target.path)
        except ListSyncError as error:
            str(error).encode()
        else:
            assert all(poster.title for poster in page.posters)
    try:
        film = parse_film(html)
    except ListSyncError as error:
        str(error).encode()
    else:
        assert from_text(to_text(film)) == film


@given(st.binary(max_size=400))
def test_any_bytes_are_a_page_or_a_named_error(content: bytes):
    named_error_or_page(content)
    named_error_or_page(b'<ul class="js-list-entries"><li class="posteritem">' + content)


WHOLE = [
    listing([new_poster(("A Film", 1999)), new_poster(("B", 2000), quotes="escaped")], total=2, pages=2).encode(),
    listing([old_poster(("A Film", None))], kind="watchlist", path="/alice/watchlist/", total=1).encode(),
    film_page("A Film", 1999, link="movie/603", tmdb="603", imdb="tt0133093", data=1999).encode(),
]


@given(st.sampled_from(WHOLE), st.lists(st.tuples(st.integers(0, 5000), st.binary(max_size=8)), max_size=6))
def test_any_damaged_page_is_a_page_or_a_named_error(html: bytes, changes: list[tuple[int, bytes]]):
    for place, piece in changes:
        at = place % len(html)
        html = html[:at] + piece + html[at + len(piece) // 2 :]
    named_error_or_page(html)


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda content: content.decode("latin-1")))
def test_any_remembered_text_is_a_film_or_nothing(text: str):
    from_text(text)


@pytest.mark.parametrize(
    "html", [b"<div>" * 6_000_000, b"<div>" * 19_000, b"<ul class='poster-list'><li>" * 9_000, b"x" * 30_000_000]
)
def test_a_page_of_nothing_but_tags_or_letters_is_refused(html: bytes):
    for parse in (lambda: parse_page(html, LIST, path=LIST.path), lambda: parse_film(html)):
        with pytest.raises(UnexpectedResponse):
            parse()


def test_an_answer_over_32_megabytes_is_refused():
    result = read([Served(b"<html>" + b"x" * (33 * 1024 * 1024))])

    assert result.state is FetchState.FAILED
    assert "over 32 MB" in result.reason
