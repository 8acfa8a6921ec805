"""Every hard case of the demo's catalogue, through the demo server's own search and our client."""

import json
import threading
from importlib.resources import files

import pytest

from list_sync.api.overseerr import OverseerrClient
from list_sync.demo.server import DemoServer
from list_sync.matching.resolver import Knowledge, match_titles
from list_sync.model.matches import Match, NoMatchReason
from list_sync.model.sources import ListRef, WantedItem
from list_sync.model.titles import MediaIds, MediaItem, MediaType

CASES = json.loads(files("list_sync.demo").joinpath("catalogue.json").read_text(encoding="utf-8"))["cases"]
NAMES = [case["name"] for case in CASES]
SOURCE = (ListRef("file", "hard-cases"),)
ANSWERS = {
    NoMatchReason.NOT_FOUND: "not_found",
    NoMatchReason.AMBIGUOUS: "review",
    NoMatchReason.LOOKUP_FAILED: "lookup_failed",
}


def test_there_are_enough_cases():
    assert len(CASES) >= 120
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_by_title_and_year_only(name, by_title):
    case = CASES[NAMES.index(name)]

    assert by_title[name] == expected(case["by_title"])


@pytest.mark.parametrize("name", NAMES)
def test_with_its_ids(name, by_ids):
    case = CASES[NAMES.index(name)]

    assert by_ids[name] == expected(case["by_ids"])


@pytest.fixture(scope="module")
def by_title(catalogue):
    return answers(catalogue, [an_item(case["item"], with_ids=False) for case in CASES])


@pytest.fixture(scope="module")
def by_ids(catalogue):
    return answers(catalogue, [an_item(case["item"], with_ids=True) for case in CASES])


@pytest.fixture(scope="module")
def catalogue():
    with DemoServer() as server:
        client = OverseerrClient(server.url, server.api_key)
        yield client
        client.close()


def answers(catalogue, items):
    results = match_titles(
        [WantedItem(item, SOURCE) for item in items],
        catalogue=catalogue,
        knowledge=Knowledge(),
        workers=5,
        stop=threading.Event(),
        on_learned=lambda resolutions: None,
    )
    return dict(zip(NAMES, map(answer, results), strict=True))


def answer(result):
    if isinstance(result, Match):
        return ("match", result.media_type.value, result.tmdb_id)
    return (ANSWERS[result.reason],)


def expected(stated):
    if stated["answer"] == "match":
        return ("match", stated["kind"], stated["tmdb"])
    return (stated["answer"],)


def an_item(stated, *, with_ids):
    ids = MediaIds(tmdb=stated.get("tmdb"), imdb=stated.get("imdb"), tvdb=stated.get("tvdb"))
    kind = stated.get("media_type")
    return MediaItem(
        title=stated.get("title") or "",
        media_type=MediaType(kind) if kind else None,
        year=stated.get("year"),
        ids=ids if with_ids else MediaIds(),
        season=stated.get("season"),
    )
