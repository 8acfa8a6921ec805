"""What the sample sources can be told to do wrong, and the demo's own lists, which are all healthy."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from list_sync.demo.catalogue.catalogue import load_catalogue
from list_sync.demo.sources.demo_lists import build_demo_lists
from list_sync.demo.sources.sample_sources import SampleSources
from tests.demo.sample_sources import (
    Entries,
    get_mdblist,
    get_trakt,
    imdb_list,
    imdb_page,
    made_entry,
    paging_of,
)
from tests.fakes.patience import PATIENCE_SECONDS

SOURCES = ("imdb", "mdblist", "trakt")
IDS = {"imdb": "ls000000001", "mdblist": "joe/list", "trakt": "joe/list"}
ASK: dict[str, Callable[[SampleSources], requests.Response]] = {
    "imdb": lambda sources: imdb_list(sources, IDS["imdb"]),
    "mdblist": lambda sources: get_mdblist(sources, "lists/joe/list/items"),
    "trakt": lambda sources: get_trakt(sources, "users/joe/lists/list/items"),
}


@pytest.fixture
def sources() -> Iterator[SampleSources]:
    with SampleSources() as running:
        for source in SOURCES:
            running.add_list(source, IDS[source], Entries(60))
        yield running


def rows_of(answer: requests.Response) -> int:
    body = answer.json()
    if isinstance(body, list):
        return len(body)
    return len(body["movies"]) if "movies" in body else len(body["data"]["list"]["titleListItemSearch"]["edges"])


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    ("fault", "status", "content_type", "pattern"),
    [
        ("html", 200, "text/html", rb"<!DOCTYPE html>"),
        ("garbage10mb", 200, "application/json", rb"\x01\x02\x03"),
        ("status:500", 500, "application/json", rb""),
        ("status:429", 429, "application/json", rb""),
        ("status:520", 520, "application/json", rb""),
        ("waf202", 202, "text/html", rb"gokuProps"),
        ("cloudflare403", 403, "text/html", rb"Sorry, you have been blocked"),
        ("cloudflare1015", 429, "text/html", rb"Error 1015"),
    ],
)
def test_something_else_answers(
    sources: SampleSources, source: str, fault: str, status: int, content_type: str, pattern: bytes
) -> None:
    sources.fault(source, IDS[source], fault)

    answer = ASK[source](sources)

    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith(content_type)
    assert re.search(pattern, answer.content)
    assert (answer.headers.get("x-amzn-waf-action") == "challenge") is (fault == "waf202")
    assert ("Retry-After" in answer.headers) is (status == 429)
    assert len(answer.content) > 10 * 1024 * 1024 or fault != "garbage10mb"
    sources.clear_faults()
    assert rows_of(ASK[source](sources)) == 60


@pytest.mark.parametrize("source", SOURCES)
def test_broken_json_and_broken_connections(sources: SampleSources, source: str) -> None:
    sources.fault(source, "*", "truncated")
    with pytest.raises(requests.JSONDecodeError):
        ASK[source](sources).json()
    for fault in ("drop", "cut"):
        sources.fault(source, "*", fault)
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            ASK[source](sources)
    assert [call.status for call in sources.calls] == [200, 0, 200]


@pytest.mark.parametrize("source", SOURCES)
def test_slow_and_unreadable_answers(sources: SampleSources, source: str) -> None:
    sources.fault(source, IDS[source], "slow:0.2")
    started = time.monotonic()
    assert rows_of(ASK[source](sources)) == 60
    assert time.monotonic() - started >= 0.2
    sources.fault(source, IDS[source], "drift")
    assert "V2" in ASK[source](sources).text
    sources.fault(source, IDS[source], "null")
    assert ASK[source](sources).json() in (None, {"data": {"list": None}} | _extensions(source))


def _extensions(source: str) -> dict[str, Any]:
    disclaimer = "Only for private, non-commercial use (the real answer carries IMDb's conditions here)."
    return {"extensions": {"disclaimer": disclaimer}} if source == "imdb" else {}


@pytest.mark.parametrize("fault", ["private", "missing"])
def test_refusals_are_the_sources_own(sources: SampleSources, fault: str) -> None:
    for source in SOURCES:
        sources.fault(source, IDS[source], fault)

    code = ASK["imdb"](sources).json()["errors"][0]["extensions"]["code"]
    assert code == {"private": "FORBIDDEN", "missing": "RESOURCE_NOT_FOUND"}[fault]
    assert ASK["mdblist"](sources).status_code == {"private": 403, "missing": 404}[fault]
    assert ASK["trakt"](sources).status_code == 404


def test_paging_that_goes_wrong_at_imdb(sources: SampleSources) -> None:
    def pages(fault: str) -> tuple[Any, Callable[[], Any]]:
        sources.fault("imdb", "ls000000001", fault)
        first = imdb_page(sources, "ls000000001")
        return first, lambda: imdb_page(sources, "ls000000001", after=first["pageInfo"]["endCursor"])

    first, second = pages("die_in_the_middle")
    assert (len(first["edges"]), first["pageInfo"]["hasNextPage"]) == (30, True)
    with pytest.raises(requests.ConnectionError):
        second()
    first, second = pages("repeat_page")
    assert second() == first
    first, second = pages("clamp")
    assert (len(first["edges"]), second()["edges"][0]["node"]["absolutePosition"]) == (20, 21)
    first, second = pages("short")
    assert (first["total"], len(first["edges"]), first["pageInfo"]["hasNextPage"]) == (60, 30, False)


def test_paging_that_goes_wrong_at_mdblist(sources: SampleSources) -> None:
    def page(fault: str, offset: int = 0) -> requests.Response:
        sources.fault("mdblist", "joe/list", fault)
        return get_mdblist(sources, "lists/joe/list/items", offset=offset)

    with pytest.raises(requests.ConnectionError):
        page("die_in_the_middle", offset=30)
    assert page("repeat_page", offset=30).json() == page("repeat_page").json()
    assert (rows_of(page("clamp")), page("clamp").headers["X-Has-More"]) == (20, "true")
    assert (rows_of(page("short")), page("short").headers["X-Has-More"]) == (30, "true")
    assert rows_of(page("short", offset=30)) == 0


def test_paging_that_goes_wrong_at_trakt(sources: SampleSources) -> None:
    def page(fault: str, number: int = 1) -> requests.Response:
        sources.fault("trakt", "joe/list", fault)
        return get_trakt(sources, "users/joe/lists/list/items", page=number)

    assert paging_of(page("die_in_the_middle")) == (1, 30, 2, 60)
    with pytest.raises(requests.ConnectionError):
        page("die_in_the_middle", 2)
    assert page("repeat_page", 2).json() == page("repeat_page", 1).json()
    assert paging_of(page("clamp")) == (1, 20, 3, 60)
    assert (paging_of(page("short")), rows_of(page("short"))) == ((1, 100, 1, 60), 30)


def test_a_fault_of_one_list_comes_before_that_of_all_and_leaves_the_others_alone(sources: SampleSources) -> None:
    sources.add_list("trakt_special", "trending:shows", [made_entry(1, "tv")])
    sources.fault("imdb", "*", "status:500")
    sources.fault("imdb", "ls000000001", "clamp")
    sources.fault("trakt_special", "*", "status:500")

    assert ASK["imdb"](sources).status_code == 200
    assert imdb_list(sources, "ls100000001").status_code == 500
    assert ASK["trakt"](sources).status_code == 200
    assert get_trakt(sources, "shows/trending").status_code == 500
    assert [call.source for call in sources.calls] == ["imdb", "imdb", "trakt", "trakt_special"]
    for text in ("nonsense", "status", "html:3"):
        with pytest.raises(ValueError, match="unknown fault"):
            sources.fault("imdb", "*", text)


def test_sources_go_away_and_come_back_on_the_same_port(sources: SampleSources) -> None:
    sources.stop()
    with pytest.raises(requests.ConnectionError):
        ASK["trakt"](sources)
    sources.start()
    assert rows_of(ASK["trakt"](sources)) == 60


def test_the_demo_lists_hold_enough_titles_that_overlap() -> None:
    lists = build_demo_lists(load_catalogue()).lists
    by_list = [{(entry.kind, entry.tmdb) for entry in content.items if entry.tmdb} for content in lists]
    entries = [entry for content in lists for entry in content.items]

    assert 100 <= len(set.union(*by_list)) <= 150
    assert sum(map(len, by_list)) - len(set.union(*by_list)) >= 10
    assert len({entry.source_type for entry in entries if entry.source_type}) >= 10
    assert any(entry.kind == "tv" and entry.tvdb is None and entry.tmdb for entry in entries)
    films = [entry.imdb for entry in lists[0].items]
    assert len(films) - len(set(films)) == 1


def test_a_title_that_the_catalogue_lost_is_named() -> None:
    catalogue = load_catalogue()
    without = replace(catalogue, titles=tuple(title for title in catalogue.titles if title.imdb != "tt0133093"))

    with pytest.raises(LookupError, match=r"the catalogue has no .*The Matrix"):
        build_demo_lists(without)


def test_the_environment_names_every_list_and_writes_the_files(sources: SampleSources, tmp_path: Path) -> None:
    settings = sources.environment(tmp_path / "drop")

    assert {name for name in settings if name.endswith("_LISTS")} == {
        *("IMDB_LISTS", "MDBLIST_LISTS", "TRAKT_LISTS", "TRAKT_SPECIAL_LISTS", "FILE_LISTS")
    }
    assert settings["TRAKT_SPECIAL_BASE_URL"] == settings["TRAKT_BASE_URL"] == sources.url("trakt")
    assert sorted(path.name for path in (tmp_path / "drop").iterdir()) == sorted(settings["FILE_LISTS"].split(","))
    assert "FILE_LISTS" not in sources.environment()


def test_it_runs_as_a_process_until_sigterm() -> None:
    command = [sys.executable, "-m", "list_sync.demo.sources.sample_sources", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("listening ").strip()
        assert requests.get(f"{url}/trakt/", timeout=PATIENCE_SECONDS).status_code == 403
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
