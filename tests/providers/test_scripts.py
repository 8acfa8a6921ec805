"""The lists of four sources as a user's own script reads them."""

import json
from importlib import import_module

import pytest

from list_sync.demo.sources.lists import SourceEntry
from list_sync.demo.sources.sample_sources import SampleSources
from list_sync.demo.sources.trakt import CLIENT_ID
from list_sync.errors import ConfigError, InvalidListId, ResourceNotFound, ServiceUnavailable
from list_sync.providers.imdb import fetch_imdb_list
from list_sync.providers.letterboxd import fetch_letterboxd_list

ENTRY = SourceEntry("The Matrix", "movie", 1999, "tt0133093", 603, None)
LISTS = {"imdb": "ls000600600", "trakt": "joe/horror", "mdblist": "joe/horror"}


@pytest.fixture(scope="module")
def sources():
    with SampleSources() as running:
        for provider, list_id in LISTS.items():
            running.add_list(provider, list_id, [ENTRY])
        yield running


@pytest.fixture(autouse=True)
def environment(sources, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = {f"{name.upper()}_BASE_URL": sources.url(name) for name in LISTS}
    settings["LETTERBOXD_BASE_URL"] = "http://127.0.0.1:9"
    for name, value in {
        **settings,
        "RETRY_ATTEMPTS": "0",
        "DATA_DIR": str(tmp_path),
        "TRAKT_CLIENT_ID": CLIENT_ID,
    }.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("name", LISTS)
def test_a_script_gets_the_titles_of_a_list_as_dicts(name):
    fetch = getattr(import_module(f"list_sync.providers.{name}"), f"fetch_{name}_list")
    (entry,) = fetch(LISTS[name])

    assert list(entry) == ["title", "media_type", "year", "imdb_id", "tmdb_id", "tvdb_id", "season_number"]
    assert (entry["title"], entry["media_type"], entry["year"]) == ("The Matrix", "movie", 1999)
    assert json.loads(json.dumps(entry)) == entry


def test_a_list_that_the_first_route_does_not_have_is_read_by_the_next_one(tmp_path):
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "ls000000009.csv").write_text("Const,Title,Title Type,Year\ntt0133093,The Matrix,Movie,1999\n")

    assert [entry["imdb_id"] for entry in fetch_imdb_list("ls000000009")] == ["tt0133093"]


def test_a_script_is_told_what_is_wrong(monkeypatch):
    with pytest.raises(InvalidListId):
        fetch_imdb_list("no such spelling!")
    with pytest.raises(ResourceNotFound):
        fetch_imdb_list("ls000000001")
    with pytest.raises(ServiceUnavailable):
        fetch_letterboxd_list("joe/best")
    monkeypatch.setenv("HTTP_TIMEOUT", "soon")
    with pytest.raises(ConfigError, match="HTTP_TIMEOUT"):
        fetch_imdb_list("top")
