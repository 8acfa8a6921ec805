"""Jellyfin's rows of the contract suite."""

from list_sync.model.sources import FetchState
from tests.fakes.scripted_server import Served
from tests.providers.answers import served
from tests.providers.contract import Expected, ProviderCase

USERS = served("jellyfin/users.json")

CASES = (
    ProviderCase(
        provider="jellyfin",
        list_id="favorites",
        credentials={
            "JELLYFIN_URL": "http://jellyfin.invalid:8096",
            "JELLYFIN_API_KEY": "key-of-the-test",
            "JELLYFIN_USER": "alice",
        },
        full=Expected((USERS, served("jellyfin/favorites.json")), count=3),
        empty=Expected((USERS, served("jellyfin/favorites-empty.json"))),
        missing=Expected((Served([{"Name": "Bob", "Id": "b2"}]),), words="user not found"),
        without={
            "paged": "its first answer holds the users; told below",
            "repeated": "its first answer holds the users; told below",
            "private": "a key of the server may read the favourites of each user",
        },
        others={
            "a refused key": Expected((Served(b"", 401),), state=FetchState.FAILED, words="JELLYFIN_API_KEY"),
            "another server": Expected((Served({}, 404),), state=FetchState.FAILED, words="JELLYFIN_URL"),
            "two pages": Expected(
                (USERS, served("jellyfin/favorites-page-1.json"), served("jellyfin/favorites-page-2.json")), count=3
            ),
            "a repeated page": Expected(
                (USERS, served("jellyfin/favorites-page-1.json")), count=2, state=FetchState.PARTIAL, words="repeats"
            ),
            "a failure on the second page": Expected(
                (USERS, served("jellyfin/favorites-page-1.json"), Served({}, 500)), count=2, state=FetchState.PARTIAL
            ),
            "no total": Expected(
                (USERS, served("jellyfin/favorites-broken.json")), state=FetchState.FAILED, words="how many"
            ),
        },
    ),
)
