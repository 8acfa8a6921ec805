"""Radarr's and Sonarr's rows of the contract suite: what is wanted, and the whole library."""

from list_sync.model.sources import FetchState
from tests.fakes.scripted_server import Served
from tests.providers.answers import served
from tests.providers.contract import Expected, ProviderCase


def credentials(name: str) -> dict[str, str]:
    return {f"{name}_URL": f"http://{name.lower()}.invalid:80", f"{name}_API_KEY": "key-of-the-test"}


def others(name: str) -> dict[str, Expected]:
    return {
        "a refused key": Expected(
            (Served({"error": "Unauthorized"}, 401),), state=FetchState.FAILED, words=f"{name.upper()}_API_KEY"
        ),
        "a page that does not say how many there are": Expected(
            (served(f"{name}/wanted-broken.json"),),
            state=FetchState.FAILED,
            words="total number" if name == "radarr" else "",
        ),
        "an end before the end": Expected(
            (served(f"{name}/wanted-page-1.json"), Served({"page": 2, "totalRecords": 9, "records": []})),
            count=2 if name == "radarr" else 1,
            state=FetchState.PARTIAL,
            words="of 9 records",
        ),
    }


WITHOUT = {"private": "it is the user's own server"}
WITHOUT_PAGES = {"paged": "the library is one document", "repeated": "the library is one document", **WITHOUT}
MISSING = Expected((Served({"message": "NotFound"}, 404),), words="not found")

CASES = (
    ProviderCase(
        provider="radarr",
        name="radarr-wanted",
        list_id="wanted",
        credentials=credentials("RADARR"),
        full=Expected((served("radarr/wanted.json"),), count=2),
        empty=Expected((served("radarr/wanted-empty.json"),)),
        paged=Expected((served("radarr/wanted-page-1.json"), served("radarr/wanted-page-2.json")), count=3),
        repeated=(served("radarr/wanted-page-1.json"),),
        missing=MISSING,
        without=WITHOUT,
        others=others("radarr"),
    ),
    ProviderCase(
        provider="radarr",
        name="radarr-all",
        list_id="all",
        credentials=credentials("RADARR"),
        full=Expected((served("radarr/movies.json"),), count=3),
        empty=Expected((Served([]),)),
        missing=MISSING,
        without=WITHOUT_PAGES,
    ),
    ProviderCase(
        provider="sonarr",
        name="sonarr-wanted",
        list_id="wanted",
        credentials=credentials("SONARR"),
        full=Expected((served("sonarr/wanted.json"),), count=2),
        empty=Expected((served("sonarr/wanted-empty.json"),)),
        paged=Expected((served("sonarr/wanted-page-1.json"), served("sonarr/wanted-page-2.json")), count=2),
        repeated=(served("sonarr/wanted-page-1.json"),),
        missing=MISSING,
        without=WITHOUT,
        others=others("sonarr"),
    ),
    ProviderCase(
        provider="sonarr",
        name="sonarr-all",
        list_id="all",
        credentials=credentials("SONARR"),
        full=Expected((served("sonarr/series.json"),), count=2),
        empty=Expected((Served([]),)),
        missing=MISSING,
        without=WITHOUT_PAGES,
    ),
)
