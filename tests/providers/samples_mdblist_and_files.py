"""Real answers of MDBList and real exports of IMDb, for test_real_samples.py."""

from collections.abc import Sequence

from list_sync.api.saved_lists.recognise import parse_list
from list_sync.api.sources.mdblist import find_error, parse_answer
from list_sync.errors import AuthenticationFailed, ListSyncError, RateLimited
from list_sync.model.titles import MediaItem
from tests.providers.real_samples import RealSample, as_answer


def parse_mdblist(content: bytes) -> Sequence[MediaItem] | ListSyncError:
    answer = as_answer(content, service="mdblist")
    return find_error(answer) or parse_answer(answer).page.items


def parse_file(content: bytes) -> Sequence[MediaItem]:
    return parse_list(content).items


DUNE_AND_PANDA = (("Dune: Part Two", 2024, 693134), ("Kung Fu Panda 4", 2024, 1011985))

SAMPLES = (
    RealSample("mdblist/public-json-docs-2024.json", parse_mdblist, 2, DUNE_AND_PANDA),
    RealSample("mdblist/public-json-docs-2024.json", parse_file, 2, DUNE_AND_PANDA),
    RealSample(
        "mdblist/api-list-items-nulls-shape.json",
        parse_mdblist,
        2,
        (("A Title MDBList Has No Ids For", 2024, None), ("Chernobyl", 2019, 87108)),
    ),
    RealSample(
        "mdblist/watchlist-items-pagination-shape.json",
        parse_mdblist,
        3,
        (
            ("The Shawshank Redemption", 1994, "tt0111161"),
            ("Fight Club", 1999, 550),
            ("Breaking Bad", 2008, "tt0903747"),
        ),
    ),
    RealSample("mdblist/error-limit-reached.json", parse_mdblist, error=RateLimited, words="API Limit Reached"),
    RealSample("mdblist/error-invalid-key.json", parse_mdblist, error=AuthenticationFailed, words="MDBLIST_API_KEY"),
    RealSample(
        "imdb/list-export-2024-columns.csv",
        parse_file,
        2,
        (("The Dark Knight", 2008, "tt0468569"), ("The Shawshank Redemption", 1994, "tt0111161")),
    ),
    RealSample("trakt/user-list-items-mixed-2018.json", parse_file, 2, (("The Walking Dead", 2010, "tt1520211"),)),
    RealSample(
        "radarr/movie-list-4-items-2020.json",
        parse_file,
        4,
        (
            ("Despicable Me 2", 2013, "tt1690953"),
            ("Sinister 2", 2015, "tt2752772"),
            ("Crimson Peak", 2015, "tt2554274"),
        ),
    ),
    RealSample("sonarr/series-list-2020.json", parse_file, 1, (("Game of Thrones", 2010, "tt0944947"),)),
)
