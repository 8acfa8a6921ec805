"""The file provider's row of the contract suite, as a JSON document at an address; files are test_file.py's."""

from list_sync.model.sources import FetchState
from tests.fakes.scripted_server import Served
from tests.providers.contract import Expected, ProviderCase

ENTRIES = [
    {"title": "First", "year": 1991, "media_type": "movie", "imdb_id": "tt9100001", "tmdb_id": 11, "tvdb_id": None},
    {"title": "Second", "year": 1992, "media_type": "tv", "imdb_id": None, "tmdb_id": None, "tvdb_id": 12},
    {"title": "Third", "year": 1993, "media_type": "person", "imdb_id": None, "tmdb_id": None, "tvdb_id": None},
]

CASES = (
    ProviderCase(
        provider="file",
        list_id="{url}/lists/sample.json?token=1",
        full=Expected((Served(ENTRIES),), count=2, unsupported=1),
        empty=Expected((Served([]),)),
        private=Expected((Served({"message": "no"}, 403),), words="private"),
        missing=Expected((Served({"message": "nothing here"}, 404),), words="not found"),
        others={
            "a CSV document": Expected((Served("imdb_id,title\ntt9100001,First\n", headers={}),), count=1),
            "plain ids": Expected((Served("tt9100001\ntmdb:tv:5\n"),), count=2),
            "an empty document": Expected((Served(b""),), state=FetchState.FAILED, words="empty"),
        },
        without={"paged": "one document is the whole list", "repeated": "one document is the whole list"},
    ),
)
