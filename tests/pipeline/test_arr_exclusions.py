"""What the user's own Radarr and Sonarr exclude from import lists is not requested."""

from dataclasses import replace
from pathlib import Path

import pytest

from list_sync.api.http.client import HttpClient
from list_sync.api.sources.servarr import Server
from list_sync.demo.server.arr_api import ARR_KEY
from list_sync.model.policy import HouseholdPolicy
from list_sync.model.terms import Terms
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from tests.fakes.shelf import synthetic

FILMS = [synthetic(number) for number in range(3)]
SHOW = MediaItem("Breaking Bad", MediaType.TV, 2008, MediaIds(tmdb=1396))
WITH_FILE = HouseholdPolicy(file=Path("lists.yaml"))


@pytest.fixture(autouse=True)
def arrs(bench, demo):
    http = HttpClient("arr")
    for kind, name in ((MediaType.MOVIE, "Radarr"), (MediaType.TV, "Sonarr")):
        bench.arrs[kind] = Server(http, name, name.upper(), f"{demo.root_url}/_{name.lower()}/0", ARR_KEY)
    demo.backend.arrs.find("movie", 0).exclusions.append(5_000_001)
    demo.backend.arrs.find("tv", 0).exclusions.append(81189)
    yield bench.arrs
    http.close()


def sync(bench, *items, rules=WITH_FILE):
    return bench.sync_lists({"list": (items, Terms())}, rules=rules)


def asked(demo):
    paths = [call.path.rpartition("/")[2] for call in demo.backend.arr_calls]
    demo.backend.arr_calls.clear()
    return paths


def test_excluded_titles_are_left_out_and_both_are_asked_only_if_something_is_to_be_requested(bench, demo):
    first = sync(bench, *FILMS, SHOW)

    assert first.counts == {"requested": 2, "excluded": 2}
    assert {one.reason for one in first.outcomes if one.status == "excluded"} == {
        "excluded in Radarr",
        "excluded in Sonarr",
    }
    assert sorted(asked(demo)) == ["exclusions", "importlistexclusion"]
    demo.make_available("movie", 5_000_000)
    sync(bench, FILMS[0], FILMS[2])
    assert asked(demo) == []


def test_while_radarr_does_not_answer_what_it_excluded_before_counts(bench, demo, arrs):
    sync(bench, FILMS[0])
    arrs[MediaType.MOVIE] = replace(arrs[MediaType.MOVIE], key="another")

    assert sync(bench, *FILMS).counts == {"already_requested": 1, "excluded": 1, "requested": 1}


def test_without_lists_yaml_neither_is_asked(bench, demo):
    assert sync(bench, *FILMS, rules=HouseholdPolicy()).counts == {"requested": 3}
    assert asked(demo) == []
