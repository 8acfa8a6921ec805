"""StevenLu's rows of the contract suite."""

from list_sync.model.sources import FetchState
from tests.fakes.scripted_server import Served
from tests.providers.answers import served
from tests.providers.contract import Expected, ProviderCase

CASES = (
    ProviderCase(
        provider="stevenlu",
        list_id="stevenlu",
        full=Expected((served("stevenlu/movies.json"),), count=2),
        empty=Expected((served("stevenlu/movies-empty.json"),)),
        missing=Expected((Served("<html><title>404</title></html>", 404),), words="not found"),
        without={
            "paged": "a feed is one document",
            "repeated": "a feed is one document",
            "private": "every feed is public",
        },
        others={
            "another shape": Expected((served("stevenlu/movies-broken.json"),), state=FetchState.FAILED, words="title"),
        },
    ),
)
