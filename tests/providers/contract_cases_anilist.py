"""AniList's rows of the contract suite."""

from list_sync.model.sources import FetchState
from tests.fakes.scripted_server import Served
from tests.providers.answers import served
from tests.providers.contract import Expected, ProviderCase

CASES = (
    ProviderCase(
        provider="anilist",
        list_id="someone",
        full=Expected((served("anilist/list.json"),), count=3, unsupported=1),
        empty=Expected((served("anilist/list-empty.json"),)),
        paged=Expected((served("anilist/list-page-1.json"), served("anilist/list-page-2.json")), count=5),
        repeated=(served("anilist/list-page-1.json"),),
        private=Expected((served("anilist/private.json", 404),), words="private"),
        missing=Expected((served("anilist/missing.json", 404),), words="not found"),
        others={
            "an error with HTTP 200": Expected(
                (served("anilist/missing.json"),), state=FetchState.FAILED, words="not found"
            ),
            "an API that is switched off": Expected(
                (served("anilist/switched-off.json", 403),), state=FetchState.FAILED, words="switched its API off"
            ),
            "a question that is out of date": Expected(
                (Served({"errors": [{"message": "Cannot query field", "status": 400}], "data": None}, 400),),
                state=FetchState.FAILED,
                words="Cannot query field",
            ),
            "another shape": Expected((served("anilist/list-broken.json"),), state=FetchState.FAILED, words="entries"),
        },
    ),
)
