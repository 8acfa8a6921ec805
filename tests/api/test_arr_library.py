"""What Radarr and Sonarr hold, as the plan and the undo ask for it."""

import pytest

from list_sync.api.http.client import HttpClient
from list_sync.api.sources.arr_library import fetch_sizes, find_held
from list_sync.api.sources.servarr import Server
from list_sync.errors import ServiceError
from list_sync.model.arrs import HeldTitle
from list_sync.model.plans import Sizes
from list_sync.model.servers import MediaState, TitleDetails
from list_sync.model.titles import MediaType

GB = 10**9
ANSWERS = {
    "radarr": {
        "rootfolder": [{"path": "/data/films"}, {"path": "/data/more/"}],
        "diskspace": [
            {"path": "/", "freeSpace": 5 * GB, "totalSpace": 50 * GB},
            {"path": "/data", "freeSpace": 2000 * GB, "totalSpace": 4000 * GB},
        ],
        "movie": [{"sizeOnDisk": size * GB, "hasFile": size > 0} for size in (4, 0, 8, 6)],
    },
    "sonarr": {
        "rootfolder": [{"path": "/tv"}],
        "diskspace": [{"path": "/tv", "freeSpace": 2000 * GB, "totalSpace": 4000 * GB}],
        "series": [
            {
                "statistics": {"sizeOnDisk": 30 * GB, "episodeFileCount": 20},
                "seasons": [
                    {"seasonNumber": 1, "statistics": {"episodeFileCount": 20, "sizeOnDisk": 30 * GB}},
                    {"seasonNumber": 2, "statistics": {"episodeFileCount": 0, "sizeOnDisk": 0}},
                ],
            }
        ],
    },
}


class Answering(HttpClient):
    """A client that answers from a table, and remembers what it was asked."""

    def __init__(self, service, answers):
        super().__init__(service)
        self.answers, self.asked = answers, []

    def get_json(self, url, *, params=None, **_more):
        self.asked.append((url, params))
        answer = self.answers[url.rpartition("/")[2]]
        if isinstance(answer, Exception):
            raise answer
        return answer


def an_arr(name, **changed):
    http = Answering(name, {**ANSWERS[name], **changed})
    return Server(http, name.title(), name.upper(), f"http://{name}", "a-key")


def details(media_type, tvdb_id=None):
    state = MediaState(media_type, 7)
    return TitleDetails(media_type, 7, "A Title", 1999, None, tvdb_id, (), state)


def test_one_disk_that_both_use_counts_once_and_sizes_are_medians():
    sizes = fetch_sizes({MediaType.MOVIE: an_arr("radarr"), MediaType.TV: an_arr("sonarr")})

    assert sizes == Sizes(free_bytes=2000 * GB, film_bytes=6 * GB, season_bytes=30 * GB)


def test_without_radarr_and_sonarr_nothing_is_known():
    assert fetch_sizes({}) == Sizes()


@pytest.mark.parametrize("odd", [[None, 7, "x"], [{}], [{"sizeOnDisk": "big", "path": None}], [{"sizeOnDisk": -5}], []])
def test_odd_answers_leave_it_unknown(odd):
    sizes = fetch_sizes({MediaType.MOVIE: an_arr("radarr", rootfolder=odd, diskspace=odd, movie=odd)})

    assert sizes == Sizes()


def test_an_answer_of_another_shape_is_an_error():
    with pytest.raises(ServiceError):
        fetch_sizes({MediaType.MOVIE: an_arr("radarr", movie={"a": 1})})


@pytest.mark.parametrize(
    ("rows", "held"),
    [
        ([], HeldTitle(False, False)),
        ([{"hasFile": False}], HeldTitle(True, False)),
        ([{"hasFile": True}], HeldTitle(True, True)),
    ],
)
def test_radarr_is_asked_for_one_film(rows, held):
    radarr = an_arr("radarr", movie=rows)

    assert find_held({MediaType.MOVIE: radarr}, details(MediaType.MOVIE), frozenset()) == held
    assert radarr.http.asked == [("http://radarr/api/v3/movie", {"tmdbId": 7})]


@pytest.mark.parametrize(("seasons", "has_files"), [({1}, True), ({2}, False), ({1, 2}, True), ({9}, True), ((), True)])
def test_sonarr_is_asked_for_the_seasons_of_the_request(seasons, has_files):
    held = find_held({MediaType.TV: an_arr("sonarr")}, details(MediaType.TV, tvdb_id=70), frozenset(seasons))

    assert held == HeldTitle(True, has_files)


def test_a_kind_whose_server_is_not_known_is_not_guessed():
    assert find_held({}, details(MediaType.MOVIE), frozenset()) is None
    assert find_held({MediaType.TV: an_arr("sonarr")}, details(MediaType.TV), frozenset()) is None
