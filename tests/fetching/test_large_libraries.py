"""A library of thousands of titles is read while it arrives: memory holds its titles, not the document."""

import json
import threading
from collections.abc import Mapping

import pytest

from list_sync import footprint
from list_sync.api.http.client import HttpClient
from list_sync.fetching.pool import fetch_lists
from list_sync.model.sources import FetchResult, FetchState, ListRef
from list_sync.providers import FetchContext
from tests.fakes.scripted_server import ScriptedServer, Served

COUNT = 600
ROOM = 1024 * 1024


@pytest.fixture(autouse=True)
def little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all lists hold a quarter of the document in these tests."""
    monkeypatch.setattr(footprint, "LIMIT_BYTES", ROOM)


def title(number: int) -> Mapping[str, object]:
    """Return an entry of 6 KB, the size that Radarr states of a film."""
    others = [{"title": f"Autre titre {place}", "year": 1900, "language": {"id": place}} for place in range(70)]
    return {
        "alternateTitles": others,
        "title": f"Title é {number}",
        "overview": "An overview with a word or two. " * 40,
        "images": [{"coverType": "poster", "remoteUrl": "http://images.invalid/1.jpg"}],
        "year": 1990,
        "tmdbId": number,
        "tvdbId": number,
        "collection": {"title": "A collection", "tmdbId": 7},
        "id": number,
    }


def library() -> str:
    return json.dumps([title(number) for number in range(1, COUNT + 1)], ensure_ascii=False)


def read(provider: str, body: str | bytes) -> FetchResult:
    key = provider.upper()
    with ScriptedServer([Served(body)]) as server:
        context = FetchContext(
            http=HttpClient(provider, retry_attempts=1),
            credentials={f"{key}_URL": server.url, f"{key}_API_KEY": "key-of-the-test"},
        )
        (result,) = fetch_lists(
            [ListRef(provider, "all")], make_context=lambda _: context, workers=1, stop=threading.Event()
        )
        context.http.close()
    return result


@pytest.mark.parametrize("provider", ["radarr", "sonarr"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_library_that_is_larger_than_all_room_is_read(provider: str, encoding: str):
    document = library()

    result = read(provider, document.encode(encoding))

    assert len(document) > 3 * ROOM
    assert (result.state, result.expected, len(result.items)) == (FetchState.COMPLETE, COUNT, COUNT)
    assert {item.label for item in result.items} == {f"Title é {number} (1990)" for number in range(1, COUNT + 1)}
    assert {item.ids.tmdb for item in result.items} == set(range(1, COUNT + 1))


def test_a_title_with_more_text_than_is_read_at_once_is_read():
    large = {"alternateTitles": [{"title": "x" * 1000}] * 700, **title(1), "overview": "y" * 400_000}

    result = read("radarr", json.dumps([large, title(2)]))

    assert [(item.title, item.ids.tmdb) for item in result.items] == [("Title é 1", 1), ("Title é 2", 2)]


@pytest.mark.parametrize("change", [lambda text: text[:-9], lambda text: text + "]", lambda text: text[:90_000] + "?"])
def test_a_large_library_that_is_broken_is_a_failure_that_says_so(change):
    result = read("radarr", change(library()))

    assert (result.state, result.items) == (FetchState.FAILED, ())
    assert "not JSON, or breaks off" in (result.reason or "")


def test_a_large_web_page_in_place_of_a_library_is_called_one():
    result = read("radarr", "\n<html><title>Log in</title>" + " " * 100_000)

    assert "a web page" in (result.reason or "")


def test_a_library_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("list_sync.api.http.exchanging.MOST_BYTES_ON_THE_WAY", ROOM)

    result = read("radarr", library())

    assert "an answer over 1 MB, which is refused" in (result.reason or "")
