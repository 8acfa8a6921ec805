"""From the names of profiles, folders and tags to the numbers that a request carries."""

import pytest

from list_sync.model.arrs import ArrNames, ArrService
from list_sync.model.terms import Destination, SentOptions, ServerOptions, TagsMode
from list_sync.model.titles import MediaType, Quality
from list_sync.surveying.destinations import find_destination, needs_services

NAMES = ArrNames({1: "Any", 4: "HD-1080p", 6: "Anime"}, ("/tv", "/anime"), {1: "kids", 2: "anime", 9: "all"})
SONARR = ArrService(0, "Sonarr", is_default=True, tags=(9,), anime_tags=(8,), names=NAMES)
SONARR_4K = ArrService(1, "Sonarr 4K", is_4k=True, is_default=True, names=NAMES)


def find(media_type=MediaType.TV, quality=Quality.HD, services=(SONARR, SONARR_4K), **stated):
    return find_destination(ServerOptions(**stated), media_type, quality, services)


def test_anime_keeps_the_profile_and_folder_of_the_server_but_goes_to_the_same_sonarr_with_the_same_tags():
    found = find(server="Sonarr", profile="HD-1080p", root_folder="/tv", tags=("kids",))

    assert found == Destination(SentOptions(0, 4, "/tv", (9, 1)), SentOptions(0, None, None, (8, 1)))


def test_what_is_stated_for_anime_counts_for_anime():
    anime = ServerOptions(profile="Anime", root_folder="/anime/", tags=("anime",), tags_mode=TagsMode.REPLACE)

    assert find(profile="Any", anime=anime).anime == SentOptions(None, 6, "/anime", (2,))
    assert find(profile="Any", anime=anime).options == SentOptions(profile_id=1)


def test_nothing_is_sent_for_anime_if_only_a_profile_is_stated():
    assert find(profile="Any").anime is None


def test_films_have_no_anime():
    services = (ArrService(0, "Radarr", is_default=True, names=NAMES),)

    assert find(MediaType.MOVIE, services=services, profile="Any", anime=ServerOptions(profile="Anime")).anime is None


@pytest.mark.parametrize(
    ("stated", "tags"),
    [
        ({"tags": ("kids",)}, (9, 1)),
        ({"tags": ("kids", "KIDS", 9)}, (9, 1)),
        ({"tags": ("kids",), "tags_mode": TagsMode.REPLACE}, (1,)),
        ({"tags": (), "tags_mode": TagsMode.REPLACE}, ()),
        ({"tags": ()}, None),
        ({}, None),
    ],
)
def test_tags_are_added_to_the_default_ones_or_stand_in_their_place(stated, tags):
    found = find(profile="Any", **stated).options

    assert (found.tags if found else None) == tags


@pytest.mark.parametrize(
    ("stated", "needs"),
    [
        ({"profile": 4}, False),
        ({"tags": (1,), "tags_mode": TagsMode.REPLACE}, False),
        ({"tags": ()}, False),
        ({"tags": (1,)}, True),
        ({"server": 0}, True),
        ({"profile": "Any"}, True),
        ({"anime": ServerOptions(profile="Anime")}, True),
    ],
)
def test_numbers_alone_need_no_server_list(stated, needs):
    assert needs_services(ServerOptions(**stated)) is needs


def test_a_server_that_does_not_show_its_sonarrs_does_not_count_as_one_without_them():
    assert "does not show its Sonarr servers" in find(services=None, profile="Any").obstacle
    assert find(services=(), profile="Any").obstacle == "the server has no default Sonarr for HD"


def test_a_number_that_is_not_there_is_a_fault_where_the_names_are_known():
    assert "Sonarr has no quality profile 5; it has Anime, Any, HD-1080p" in find(server=0, profile=5).obstacle
