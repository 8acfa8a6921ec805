"""MDBList's rows of the contract suite: with a key through the API, without one through the public JSON."""

from list_sync.model.sources import FetchState
from tests.fakes.scripted_server import Asked, Served
from tests.providers.contract import Expected, ProviderCase

MORE, END = {"X-Has-More": "true"}, {"X-Has-More": "false"}


def entry(number: int, kind: str = "movie") -> dict[str, object]:
    return {
        "id": 1000 + number,
        "rank": number,
        "adult": 0,
        "title": f"Sample {number}",
        "imdb_id": f"tt90{number:05}",
        "tvdb_id": None,
        "mediatype": kind,
        "release_year": 1990 + number % 30,
    }


def split(first: int, last: int) -> dict[str, object]:
    numbers = range(first, last + 1)
    return {
        "movies": [entry(number) for number in numbers if number % 3],
        "shows": [entry(number, "show") for number in numbers if not number % 3],
    }


def public_page(asked: Asked) -> Served:
    offset = int(asked.query.get("offset", 0))
    everything = [entry(number) for number in range(1, 13)]
    return Served(everything[offset : offset + 5])


CASES = (
    ProviderCase(
        provider="mdblist",
        name="mdblist-api",
        list_id="someone/some-list",
        credentials={"MDBLIST_API_KEY": "key-of-the-test"},
        full=Expected((Served(split(1, 7), headers=END),), count=7),
        empty=Expected((Served({"movies": [], "shows": []}, headers=END),)),
        paged=Expected((Served(split(1, 5), headers=MORE), Served(split(6, 8), headers=END)), count=8),
        repeated=(Served(split(1, 5), headers=MORE),),
        private=Expected((Served({"error": "This list is private"}, 403),), words="private"),
        missing=Expected((Served({"error": "List not found"}, 404),), words="not found"),
        others={
            "a limit with HTTP 200": Expected(
                (Served({"error": "API Limit Reached!"}),), state=FetchState.FAILED, words="rate limited"
            ),
            "a bad key with HTTP 200": Expected(
                (Served({"response": False, "error": "Invalid API key!"}),),
                state=FetchState.FAILED,
                words="MDBLIST_API_KEY",
            ),
            "an empty page that promises more": Expected(
                (Served({"movies": [], "shows": []}, headers=MORE),), state=FetchState.FAILED, words="more follows"
            ),
            "entries of other kinds": Expected(
                (Served([entry(1), entry(2, "person"), entry(3, "episode")], headers=END),), count=1, unsupported=2
            ),
            "pages by cursor": Expected(
                (
                    Served({"items": [entry(1), entry(2)], "pagination": {"next_cursor": "abc"}}),
                    Served({"items": [entry(3)], "pagination": {"next_cursor": None}}),
                ),
                count=3,
            ),
            "a last page with a cursor": Expected(
                (Served({"items": [entry(1)], "pagination": {"next_cursor": "abc"}}, headers=END),), count=1
            ),
            "pages smaller than what was asked for": Expected(
                (Served([entry(1)], headers=MORE), Served([entry(2), entry(3)], headers=END)), count=3
            ),
        },
    ),
    ProviderCase(
        provider="mdblist",
        name="mdblist-public",
        list_id="https://mdblist.com/lists/someone/some-list",
        full=Expected((Served([entry(1), entry(2, "show")]), Served([])), count=2),
        empty=Expected((Served([]),)),
        paged=Expected((Served([entry(1), entry(2)]), Served([entry(3)]), Served([])), count=3),
        repeated=(Served([entry(1), entry(2)]),),
        private=Expected((Served({"error": "private list"}, 403),), words="private"),
        missing=Expected((Served("<html><title>404</title></html>", 404),), words="not found"),
        others={"paging by offset": Expected(public_page, count=12)},
    ),
)
