"""SIMKL's rows of the contract suite."""

from list_sync.model.sources import FetchState
from tests.fakes.scripted_server import Served
from tests.providers.answers import served
from tests.providers.contract import Expected, ProviderCase

ACTIVITIES = served("simkl/activities.json")

CASES = (
    ProviderCase(
        provider="simkl",
        list_id="plantowatch",
        credentials={"SIMKL_CLIENT_ID": "client-of-the-test", "SIMKL_USER_TOKEN": "token-of-the-test"},
        full=Expected(
            (ACTIVITIES, served("simkl/movies.json"), served("simkl/shows.json"), served("simkl/anime.json")),
            count=6,
            unsupported=1,
        ),
        empty=Expected((ACTIVITIES, Served(b"null"))),
        missing=Expected((ACTIVITIES, Served({"error": "url_failed"}, 404)), words="not found"),
        without={
            "paged": "a list comes in one answer a kind",
            "repeated": "a list comes in one answer a kind",
            "private": "only the lists of the token's owner can be read",
        },
        others={
            "a refused token": Expected(
                (Served({"error": "user_token_failed"}, 401),), state=FetchState.FAILED, words="SIMKL_USER_TOKEN"
            ),
            "a refused app": Expected(
                (Served({"error": "client_id_failed"}, 412),), state=FetchState.FAILED, words="SIMKL_CLIENT_ID"
            ),
            "another kind than was asked for": Expected(
                (ACTIVITIES, served("simkl/shows.json")), state=FetchState.FAILED, words="without movies"
            ),
            "a failure on the second kind": Expected(
                (ACTIVITIES, served("simkl/movies.json"), Served({"error": "oops"}, 500)),
                count=2,
                state=FetchState.PARTIAL,
            ),
        },
    ),
)
