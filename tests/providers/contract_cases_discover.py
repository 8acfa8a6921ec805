"""The rows of the charts of the request server in the contract suite."""

from list_sync.model.sources import FetchState
from tests.fakes.scripted_server import Served
from tests.providers.answers import served
from tests.providers.contract import Expected, ProviderCase

CREDENTIALS = {"OVERSEERR_URL": "http://server.invalid:5055", "OVERSEERR_API_KEY": "key-of-the-test"}
WITHOUT = {"private": "the charts are the same for every user"}

CASES = (
    ProviderCase(
        provider="discover",
        list_id="movies",
        credentials=CREDENTIALS,
        full=Expected((served("discover/trending.json"),), count=3, unsupported=1),
        empty=Expected((served("discover/movies-empty.json"),)),
        paged=Expected((served("discover/movies-page-1.json"), served("discover/movies-page-2.json")), count=3),
        repeated=(served("discover/movies-page-1.json"),),
        missing=Expected((Served({"message": "Genre not found."}, 404),), words="Genre not found"),
        without=WITHOUT,
        others={
            "a wrong key": Expected(
                (Served({"status": 403, "error": "You do not have permission to access this endpoint"}, 403),),
                state=FetchState.FAILED,
                words="OVERSEERR_API_KEY",
            ),
            "a server whose TMDB is down": Expected(
                (Served({"message": "Unable to retrieve popular movies."}, 500),),
                state=FetchState.FAILED,
                words="TMDB gave the server no answer",
            ),
            "a page that does not say how long the chart is": Expected(
                (served("discover/movies-broken.json"),), state=FetchState.FAILED, words="how long the chart is"
            ),
            "an end before the end": Expected(
                (
                    served("discover/movies-page-1.json"),
                    Served({"page": 2, "totalPages": 2, "totalResults": 3, "results": []}),
                ),
                count=2,
                state=FetchState.PARTIAL,
                words="2 entries read where the source states 3",
            ),
        },
    ),
)
