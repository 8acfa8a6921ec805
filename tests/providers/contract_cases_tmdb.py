"""TMDB's rows of the contract suite: with a v3 key, with a v4 token, and a collection."""

from list_sync.model.sources import FetchState
from tests.fakes.scripted_server import Served
from tests.providers.answers import served
from tests.providers.contract import Expected, ProviderCase

WITHOUT_PAGES = {"paged": "told by the v3 key's row", "repeated": "told by the v3 key's row"}

CASES = (
    ProviderCase(
        provider="tmdb",
        name="tmdb-v3",
        list_id="12345",
        credentials={"TMDB_KEY": "0123456789abcdef0123456789abcdef"},
        full=Expected((served("tmdb/list.json"),), count=3, unsupported=1),
        empty=Expected((served("tmdb/list-empty.json"),)),
        paged=Expected((served("tmdb/list-page-1.json"), served("tmdb/list-page-2.json")), count=5),
        repeated=(served("tmdb/list-page-1.json"),),
        private=Expected((served("tmdb/private.json", 401),), words="private"),
        missing=Expected((served("tmdb/missing.json", 404),), words="not found"),
        others={
            "a bad key": Expected((served("tmdb/bad-key.json", 401),), state=FetchState.FAILED, words="TMDB_KEY"),
            "another shape": Expected((served("tmdb/list-broken.json"),), state=FetchState.FAILED, words="entry"),
            "fewer entries than it states": Expected(
                (Served({"items": [{"id": 1, "title": "One"}], "item_count": 3, "page": 1, "total_pages": 1}),),
                count=1,
                state=FetchState.PARTIAL,
                words="1 entry read where the source states 3",
            ),
        },
    ),
    ProviderCase(
        provider="tmdb",
        name="tmdb-v4",
        list_id="https://www.themoviedb.org/list/12345-samples",
        credentials={"TMDB_KEY": "head.body.signature"},
        full=Expected((served("tmdb/list-v4.json"),), count=2),
        empty=Expected((Served({"results": [], "item_count": 0, "page": 1, "total_pages": 1, "total_results": 0}),)),
        private=Expected((served("tmdb/private.json", 401),), words="private"),
        missing=Expected((served("tmdb/missing.json", 404),), words="not found"),
        without=WITHOUT_PAGES,
    ),
    ProviderCase(
        provider="tmdb",
        name="tmdb-collection",
        list_id="collection/10",
        credentials={"TMDB_KEY": "0123456789abcdef0123456789abcdef"},
        full=Expected((served("tmdb/collection.json"),), count=2),
        empty=Expected((Served({"id": 10, "parts": []}),)),
        missing=Expected((served("tmdb/missing.json", 404),), words="not found"),
        without={
            "paged": "a collection is one document",
            "repeated": "a collection is one document",
            "private": "every collection is public",
        },
    ),
)
