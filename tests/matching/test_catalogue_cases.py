"""Every hard case of the demo's catalogue, through the demo server's own search and our client."""

import json
import threading
from importlib.resources import files

import pytest

from list_sync.api.overseerr import OverseerrClient
from list_sync.demo.server.demo_server import DemoServer
from list_sync.matching.resolver import KnownTitles, match_titles
from list_sync.model.matches import Match, NoMatchReason, WantedItem
from list_sync.model.sources import ListRef
from list_sync.model.titles import MediaIds, MediaItem, MediaType

CASES = json.loads(files("list_sync.demo.catalogue").joinpath("catalogue.json").read_text(encoding="utf-8"))["cases"]
NAMES = [case["name"] for case in CASES]
SOURCE = (ListRef("file", "hard-cases"),)
ANSWERS = {
    NoMatchReason.NOT_FOUND: "not_found",
    NoMatchReason.AMBIGUOUS: "review",
    NoMatchReason.LOOKUP_FAILED: "lookup_failed",
}

# A TMDB id that the list states is taken without a call: a thousand of them must not cost a thousand reads. What is
# wrong about it shows when the title is requested, not here.
STATED_TMDB_IDS_ARE_TAKEN = {
    "tmdb-gone": 89999901,
    "tmdb-gone-no-imdb": 89999902,
    "tmdb-gone-nothing-left": 89999903,
    "tmdb-wrong-imdb-right": 680,
    "number-of-the-other-kind": 1396,
}


def test_there_are_enough_cases():
    assert len(CASES) >= 120
    assert len(set(NAMES)) == len(NAMES)


def test_by_title_and_year_only(by_title):
    assert by_title == {case["name"]: expected(case["by_title"]) for case in CASES}


def test_with_its_ids(by_ids):
    stated = {case["name"]: expected(case["by_ids"]) for case in CASES}
    taken = {name: ("match", "movie", tmdb_id) for name, tmdb_id in STATED_TMDB_IDS_ARE_TAKEN.items()}

    assert by_ids == stated | taken


def test_a_second_run_keeps_every_match_and_looks_up_only_what_shares_its_tvdb_id(catalogue):
    learned = {}
    # What one list says of an IMDb id and another contradicts goes to review once the id was looked up.
    items = [an_item(case["item"], with_ids=True) for case in CASES if case["group"] != "contradictory-ids"]
    first = answers(catalogue, items, learned)
    matched = [(item, found) for item, found in zip(items, first, strict=True) if found[0] == "match"]
    shared = sum(case["group"] == "shared-tvdb" for case in CASES)
    before = catalogue.calls.reads
    second = answers(catalogue, [item for item, _ in matched], learned)

    assert second == [found for _, found in matched]
    assert catalogue.calls.reads - before <= shared


@pytest.fixture(scope="module")
def by_title(catalogue):
    return dict(zip(NAMES, answers(catalogue, [an_item(case["item"], with_ids=False) for case in CASES]), strict=True))


@pytest.fixture(scope="module")
def by_ids(catalogue):
    return dict(zip(NAMES, answers(catalogue, [an_item(case["item"], with_ids=True) for case in CASES]), strict=True))


@pytest.fixture(scope="module")
def catalogue():
    with DemoServer() as server:
        client = OverseerrClient(server.url, server.api_key)
        yield client
        client.close()


def answers(catalogue, items, learned=None):
    memory = {} if learned is None else learned
    results = match_titles(
        [WantedItem(item, SOURCE) for item in items],
        catalogue=catalogue,
        knowledge=KnownTitles(resolutions=dict(memory)),
        workers=5,
        stop=threading.Event(),
        on_learned=lambda batch: memory.update({resolution.key: resolution for resolution in batch}),
    )
    return [answer(result) for result in results]


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
