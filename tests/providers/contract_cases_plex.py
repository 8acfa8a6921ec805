"""Plex's rows of the contract suite: the watchlist in JSON and in XML, and its feed."""

from list_sync.model.sources import FetchState
from tests.fakes.scripted_server import Served
from tests.providers.answers import document, served
from tests.providers.contract import Expected, ProviderCase

XML = {"Content_Type": "application/xml; charset=utf-8"}
TOKEN = {"PLEX_TOKEN": "token-of-the-test"}
MOVED = Served({"Error": {"message": "Section 'watchlist' not found!"}}, 404)
FEED = document("plex/feed.json")


def feed(count: int, cursor: str = "", first: int = 1) -> Served:
    links = {"self": "https://rss.plex.tv/0-1"} | (
        {"next": f"https://rss.plex.tv/0-1?cursor={cursor}"} if cursor else {}
    )
    items = [
        {"title": f"Sample {number} (1999)", "guids": [f"tmdb://{number}"], "category": "movie"}
        for number in range(first, first + count)
    ]
    return Served({"title": "Watchlist", "links": links, "items": items})


CASES = (
    ProviderCase(
        provider="plex",
        name="plex-watchlist",
        list_id="watchlist",
        credentials=TOKEN,
        full=Expected((served("plex/watchlist.json"),), count=2, unsupported=1),
        empty=Expected((served("plex/watchlist-empty.json"),)),
        paged=Expected((served("plex/watchlist-page-1.json"), served("plex/watchlist-page-2.json")), count=3),
        repeated=(served("plex/watchlist-page-1.json"),),
        missing=Expected((MOVED,), words="not found"),
        without={"private": "only the watchlist of the token's owner can be read"},
        others={
            "a refused token": Expected(
                (Served({"errors": [{"code": 1001}]}, 401),), state=FetchState.FAILED, words="PLEX_TOKEN"
            ),
            "XML": Expected((served("plex/watchlist.xml", **XML),), count=2),
            "an entry without ids": Expected(
                (served("plex/watchlist-without-ids.json"), served("plex/metadata.json")), count=1
            ),
            "an entry without ids that is gone": Expected(
                (served("plex/watchlist-without-ids.json"), Served({"error": "gone"}, 404)), count=1
            ),
            "no entries where there should be some": Expected(
                (served("plex/watchlist-broken.json"),), state=FetchState.FAILED, words="entries"
            ),
            "an end before the end": Expected(
                (served("plex/watchlist-page-1.json"), Served({"MediaContainer": {"size": 0, "totalSize": 3}})),
                count=2,
                state=FetchState.PARTIAL,
            ),
        },
    ),
    ProviderCase(
        provider="plex",
        name="plex-feed",
        list_id="https://rss.plex.tv/00000000-1111",
        full=Expected((served("plex/feed.json"),), count=2),
        empty=Expected((feed(0),)),
        paged=Expected((feed(50, "2"), feed(3, first=51)), count=53),
        repeated=(feed(50, "2"),),
        missing=Expected((Served("<html><title>Not found</title></html>", 404),), words="not found"),
        without={"private": "a feed is known by its address alone"},
        others={
            "a single full page, as feeds were before they paged": Expected(
                (feed(50),), count=50, state=FetchState.PARTIAL
            ),
        },
    ),
)
