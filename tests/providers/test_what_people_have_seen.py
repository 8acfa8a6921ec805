"""Lists of what people have seen, and the lists of the people of a source."""

import pytest

from list_sync.api.http.client import HttpClient
from list_sync.api.saved_lists.recognise import parse_list
from list_sync.errors import AuthenticationFailed, InvalidListId, Private, UnexpectedResponse
from list_sync.fetching.completeness import ListReading
from list_sync.model.titles import MediaType
from list_sync.model.users import Person
from list_sync.providers import FetchContext, get_provider, jellyfin, plex, trakt
from list_sync.providers.plex import friends, watched
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.scripted_server import ScriptedServer, Served
from tests.providers.answers import asked_for, items_of, served

JELLYFIN = {"JELLYFIN_URL": "http://jellyfin.invalid", "JELLYFIN_API_KEY": "key-of-the-test", "JELLYFIN_USER": "alice"}
TOKEN = {"PLEX_TOKEN": "token-of-the-test"}
LIBRARIES = Served(
    {
        "MediaContainer": {
            "size": 3,
            "Directory": [{"key": "1", "type": "movie"}, {"key": "2", "type": "show"}, {"key": "3", "type": "artist"}],
        }
    }
)


def film(number, **more):
    return {"type": "movie", "title": f"Film {number}", "year": 1999, "Guid": [{"id": f"tmdb://{number}"}], **more}


def show(number, seen):
    return {**film(number), "type": "show", "leafCount": 10, "viewedLeafCount": seen}


def library(*entries, total=None):
    return Served({"MediaContainer": {"size": len(entries), "totalSize": total or len(entries), "Metadata": entries}})


def people_of(provider, answers, **credentials):
    with ScriptedServer(answers) as server:
        http = HttpClient(provider, timeout_seconds=PATIENCE_SECONDS, retry_attempts=1)
        context = FetchContext(http=http, base_url=server.url, overridden=True, credentials=credentials)
        try:
            return get_provider(provider).people.fetch(context), server.asked
        finally:
            http.close()


def test_jellyfin_lists_what_a_user_has_played():
    answers = [served("jellyfin/users.json"), served("jellyfin/favorites.json")]

    pages, asked = asked_for("jellyfin", jellyfin.fetch, "watched/movies@Bob", answers, **JELLYFIN)

    assert (asked[1].query["Filters"], asked[1].query["IncludeItemTypes"]) == ("IsPlayed", "Movie")
    assert asked[1].path.endswith("b2/Items")
    assert len(items_of(pages)) == 3


def test_the_people_of_jellyfin_are_its_users():
    people, _ = people_of("jellyfin", [served("jellyfin/users.json")], **JELLYFIN)

    alice, bob = "000000000000000000000000000000a1", "000000000000000000000000000000b2"
    assert people == (Person(alice, "Alice", alice), Person(bob, "Bob", bob))
    assert get_provider("jellyfin").people.list_of("favourites:shows", bob) == f"favorites/shows@{bob}"
    assert jellyfin.canonical(f"favorites/shows@{bob}") == f"favorites/shows@{bob}"


def test_plex_lists_what_was_watched_to_the_end_in_every_library():
    answers = [
        LIBRARIES,
        library(film(1, viewCount=1), film(2), total=3),
        library(film(3, viewCount=2)),
        library(show(4, 10), show(5, 9)),
    ]
    answers[2] = Served(
        {"MediaContainer": {"size": 1, "offset": 2, "totalSize": 3, "Metadata": [film(3, viewCount=2)]}}
    )

    pages, asked = asked_for("plex", plex.fetch, "watched", answers, **TOKEN)

    assert [request.path for request in asked[1:]] == [f"/library/sections/{key}/all" for key in "112"]
    assert (asked[1].query["unwatched"], asked[2].query["X-Plex-Container-Start"]) == ("0", "2")
    assert [(item.ids.tmdb, item.media_type) for item in items_of(pages)] == [
        (1, MediaType.MOVIE),
        (3, MediaType.MOVIE),
        (4, MediaType.TV),
    ]
    assert (sum(page.unsupported for page in pages), pages[-1].total) == (2, 5)


def test_plex_lists_what_was_watched_of_one_kind():
    _, asked = asked_for("plex", plex.fetch, "watched/shows", [LIBRARIES, library(show(4, 10))], **TOKEN)

    assert [request.path for request in asked] == ["/library/sections", "/library/sections/2/all"]


def test_what_was_watched_needs_the_address_of_the_server():
    context = FetchContext(http=HttpClient("plex"), base_url="https://discover.invalid", credentials=TOKEN)

    with pytest.raises(AuthenticationFailed, match="PLEX_URL is not set: set it to the address of your Plex server"):
        list(watched.read_watched("", context))


@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [
        ("Watched", "watched"),
        ("watched:movies", "watched/movies"),
        ("watchlist/shows", "shows"),
        ("movies@ab12", "movies@ab12"),
    ],
)
def test_every_spelling_of_plex_has_one_id(spelling, canonical):
    assert plex.canonical(spelling) == plex.canonical(canonical) == canonical


@pytest.mark.parametrize("spelling", ["watched@ab12", "watchlist@", "watchlist@a/b", "other/movies", "history"])
def test_other_spellings_of_plex_are_refused(spelling):
    with pytest.raises(InvalidListId, match="write watchlist"):
        plex.parse_list_id(spelling)


def test_the_people_of_plex_are_the_owner_and_the_friends():
    owner = Served({"id": 7, "uuid": "aa", "username": "Owner"})
    all_friends = Served(
        [{"id": 8, "uuid": "ab12", "username": "", "title": "Bob"}, {"id": 9, "uuid": None, "title": "Ed"}]
    )

    people, asked = people_of("plex", [owner, all_friends], **TOKEN)

    assert [request.path for request in asked] == ["/api/v2/user", "/api/v2/friends"]
    assert people == (Person("", "Owner", "7"), Person("ab12", "Bob", "8"))
    assert [plex.of_person("movies", person.number) for person in people] == ["movies", "movies@ab12"]


@pytest.mark.parametrize("list_id", ["watched", "https://rss.plex.tv/0-1"])
def test_other_lists_of_plex_are_those_of_one_person(list_id):
    with pytest.raises(InvalidListId, match="only watchlist, movies and shows"):
        plex.of_person(list_id, "ab12")


def test_the_watchlist_of_a_friend_is_read_to_its_end():
    def page(number, cursor):
        node = {"id": f"5d{number}", "title": f"Film {number}", "type": "MOVIE"}
        info = {"hasNextPage": cursor is not None, "endCursor": "MTY1"}
        return Served({"data": {"userV2": {"watchlist": {"nodes": [node], "pageInfo": info}}}})

    answers = [page(1, "MTY1"), library(film(1)), page(2, None), library(film(2))]

    pages, asked = asked_for("plex", plex.fetch, "watchlist@ab12", answers, **TOKEN)

    assert [request.path for request in asked] == ["/api", "/library/metadata/5d1", "/api", "/library/metadata/5d2"]
    assert [item.ids.tmdb for item in items_of(pages)] == [1, 2]
    assert pages[-1].total == 2


@pytest.mark.parametrize(
    ("document", "error", "words"),
    [
        ({"data": {"userV2": {"watchlist": None}}}, Private, "does not share the watchlist"),
        ({"data": None, "errors": [{"message": "Cannot query field"}]}, UnexpectedResponse, "Cannot query field"),
        ({"data": {"user": {"watchlist": {"nodes": None, "pageInfo": {}}}}}, UnexpectedResponse, "entries"),
        (
            {"data": {"user": {"watchlist": {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": None}}}}},
            UnexpectedResponse,
            "without its place",
        ),
        ({"data": {"user": {"watchlist": {"nodes": [], "pageInfo": {}}}}}, UnexpectedResponse, "whether more follows"),
        (
            {
                "data": {"user": {"watchlist": {"nodes": [], "pageInfo": {"hasNextPage": False}}}},
                "errors": [{"message": "Timed out"}],
            },
            UnexpectedResponse,
            "Timed out",
        ),
    ],
)
def test_an_answer_that_holds_no_watchlist_is_no_empty_one(document, error, words):
    with pytest.raises(error, match=words):
        friends.parse_page(document)


def test_many_pages_of_shows_end_no_list_of_a_friends_films():
    def page(number):
        node = {"id": f"5d{number}", "title": f"Film {number}", "type": "MOVIE" if number == 7 else "SHOW"}
        info = {"hasNextPage": number < 7, "endCursor": f"after-{number}"}
        return Served({"data": {"userV2": {"watchlist": {"nodes": [node], "pageInfo": info}}}})

    reading = ListReading()
    pages, _ = asked_for("plex", plex.fetch, "movies@ab12", [*map(page, range(1, 8)), library(film(7))], **TOKEN)

    assert all(reading.add(one) for one in pages)
    assert (len(reading.items), reading.is_whole) == (1, True)


def test_trakt_lists_the_history_of_the_log_in():
    spellings = ["me/history", "https://app.trakt.tv/users/me/history/movies", "me/history/shows"]

    assert [trakt.entries_path(one) for one in spellings] == [
        "/users/me/history",
        "/users/me/history/movies",
        "/users/me/history/shows",
    ]
    assert [trakt.canonical(one) for one in spellings] == ["me/history", "me/history/movies", "me/history/shows"]
    assert not trakt.is_mirrored("https://trakt.tv/users/joe/history")
    assert trakt.entries_path("joe/history") == "/users/joe/lists/history/items"


def test_an_export_of_imdb_ratings_is_a_list():
    header = "Const,Your Rating,Date Rated,Title,Original Title,Title Type,IMDb Rating,Year,Genres,Num Votes,Directors"
    rows = (
        "tt0133093,10,2026-03-05,The Matrix,The Matrix,Movie,8.7,1999,Action,1,A",
        "tt0903747,9,2026-03-05,Breaking Bad,Breaking Bad,TV Series,9.5,2008,Drama,1,",
        "tt0959621,9,2026-03-05,Pilot,Pilot,TV Episode,9,2008,Drama,1,",
    )

    page = parse_list("\n".join([header, *rows, ""]).encode())

    assert [(item.ids.imdb, item.rating) for item in page.items] == [("tt0133093", 10), ("tt0903747", 9)]
    assert page.unsupported == 1
