"""TheTVDB's rows of the contract suite."""

from list_sync.model.sources import FetchState
from tests.fakes.scripted_server import Served
from tests.providers.answers import served
from tests.providers.contract import Expected, ProviderCase

LOGIN = served("tvdb/login.json")

CASES = (
    ProviderCase(
        provider="tvdb",
        list_id="8194",
        credentials={"TVDB_KEY": "key-of-the-test"},
        full=Expected(
            (LOGIN, served("tvdb/list.json"), served("tvdb/movie.json")),
            count=3,
            unsupported=1,
        ),
        empty=Expected((LOGIN, served("tvdb/list-empty.json"))),
        missing=Expected((LOGIN, served("tvdb/missing.json", 404)), words="not found"),
        without={
            "paged": "a list comes in one answer",
            "repeated": "a list comes in one answer",
            "private": "a private list is not found",
        },
        others={
            "a refused key": Expected(
                (Served({"status": "failure", "message": "Unauthorized"}, 401),),
                state=FetchState.FAILED,
                words="TVDB_KEY",
            ),
            "a login without a token": Expected(
                (Served({"status": "success", "data": {}}),), state=FetchState.FAILED, words="token"
            ),
            "another shape": Expected((LOGIN, served("tvdb/list-broken.json")), state=FetchState.FAILED, words="entry"),
            "a film that is gone": Expected(
                (LOGIN, served("tvdb/list.json"), served("tvdb/missing.json", 404)), count=2, unsupported=2
            ),
            "a failure in looking up a film": Expected(
                (LOGIN, served("tvdb/list.json"), Served({"message": "oops"}, 500)),
                state=FetchState.FAILED,
                words="trouble",
            ),
        },
    ),
)
