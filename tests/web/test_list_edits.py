"""Lists that are added, changed and removed by the API."""

from urllib.parse import quote

import pytest

FILE = """\
# Ours.
lists:
  - source: imdb:top  # the best
    limit: 50
  - source: trakt:alice/one
    enabled: off
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "config/lists.yaml"
    path.parent.mkdir()
    path.write_text(FILE)
    return path


def test_a_change_is_told_before_it_is_written(path, service):
    order = {"terms": {"limit": 20, "filters": {"kind": "movie"}}}
    told = service.ask("PATCH", "/api/lists/imdb:top", json=order | {"preview": True}).json()

    assert path.read_text() == FILE
    assert [(line["kind"], line["text"]) for line in told["lines"]][1:4] == [
        ("same", "  - source: imdb:top  # the best"),
        ("gone", "    limit: 50"),
        ("new", "    limit: 20"),
    ]
    assert (told["changes"], told["obstacle"], told["written"]) == ("other terms of imdb:top", "", False)
    assert (told["terms_before"]["limit"], told["terms_after"]["limit"]) == (50, 20)
    done = service.ask("PATCH", "/api/lists/imdb:top", json=order | {"version": told["version"]}).json()
    assert done["written"]
    assert path.read_text() == FILE.replace("limit: 50\n", "limit: 20\n    filters: {kind: movie}\n")
    late = service.ask("PATCH", "/api/lists/imdb:top", json=order | {"version": told["version"]})
    assert (late.status_code, path.read_text().count("limit: 20")) == (409, 1)


def test_a_list_is_added_resumed_and_removed(path, service):
    added = service.post("/api/lists", json={"source": "plex:watchlist", "terms": {"enabled": False}})
    assert added.json()["changes"] == "nothing that counts"
    assert path.read_text() == f"{FILE}  - source: plex:watchlist\n    enabled: off\n"
    assert service.ask("PATCH", "/api/lists/trakt:alice/one", json={"terms": {"enabled": None}}).json()["written"]
    assert service.ask("DELETE", "/api/lists/imdb:top").json()["written"]
    assert (
        path.read_text()
        == "# Ours.\nlists:\n  - source: trakt:alice/one\n  - source: plex:watchlist\n    enabled: off\n"
    )


def test_a_list_of_the_environment_can_be_changed_and_not_removed(tmp_path, start_service):
    service = start_service(IMDB_LISTS="top", FILE_LISTS="https://example.com/feed.rss?apikey=secret-of-the-feed")
    refused = service.ask("DELETE", "/api/lists/imdb:top")
    assert refused.status_code == 422
    assert "IMDB_LISTS names it" in refused.json()["detail"]
    made = service.ask("PATCH", "/api/lists/imdb:top", json={"terms": {"quality": "4k"}}).json()
    assert made["version"] == "new"
    assert "new" in {line["kind"] for line in made["lines"]}
    assert "  - source: imdb:top\n    quality: 4k\n" in (tmp_path / "config/lists.yaml").read_text()
    (feed,) = [one["list"] for one in service.get("/api/lists").json()["items"] if "feed" in one["list"]]
    kept = service.ask("PATCH", f"/api/lists/{quote(feed)}", json={"terms": {"quality": "4k"}})
    assert kept.status_code == 422
    assert "secret-of-the-feed" not in kept.text


@pytest.mark.parametrize(
    ("method", "name", "body", "status", "words"),
    [
        ("PATCH", "/imdb:top", {"terms": {"quality": "8k", "limit": 0}}, 422, "quality"),
        ("PATCH", "/imdb:top", {"terms": {"tags": [None]}}, 422, "an empty value inside a list"),
        ("PATCH", "/imdb:top", {"terms": {"a": [[[[[[[1]]]]]]]}}, 422, "levels deep"),
        ("PATCH", "/imdb:none", {"terms": {}}, 404, "no list that is set"),
        ("POST", "", {"source": "imdb:top"}, 422, "is there twice"),
        ("POST", "", {"source": "nonsense:top"}, 422, "nonsense"),
        ("POST", "", {"source": "file:https://example.org:99999/a.csv"}, 422, "its port must be a number"),
        ("POST", "", {"source": "https://[::1/a.csv"}, 422, "its brackets closed"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(path, service, method, name, body, status, words):
    answer = service.ask(method, f"/api/lists{name}", json=body)

    assert answer.status_code == status
    assert words in answer.json()["detail"]
    assert path.read_text() == FILE


def test_a_file_with_a_fault_is_told_and_not_changed(path, service):
    path.write_text("lists: [{sourc: a}]")
    answer = service.ask("PATCH", "/api/lists/imdb:top", json={"terms": {"limit": 3}})

    assert answer.status_code == 404
    assert service.post("/api/lists", json={"source": "plex:watchlist"}).status_code == 422
    assert path.read_text() == "lists: [{sourc: a}]"


@pytest.mark.parametrize("text", ["lists: [{sourc: a}]", "lists:\n  - source: [oops\n", "- a\n", "caps: 3\n"])
def test_what_counts_for_all_lists_names_the_fault_of_a_file_with_its_place(path, service, text):
    path.write_text(text)

    told = service.get("/api/policy")
    assert (told.status_code, "lists.yaml:" in told.json()["detail"]) == (422, True)


def test_addresses_of_the_file_are_shown_without_their_values(path, service):
    path.write_text(f"{FILE}  - https://example.com/feed.rss?user=alice-and-ben\n")
    answer = service.post("/api/lists", json={"source": "plex:watchlist", "preview": True})

    assert "alice-and-ben" not in answer.text
    assert "https://example.com/feed.rss?user=***" in answer.text


def test_what_counts_for_all_lists_is_changed_beside_them(path, service):
    order = {"changes": {"caps": {"per_day": 100}, "brake": False, "exclusions": [{"movie": 603}]}}
    told = service.ask("PATCH", "/api/policy", json=order | {"preview": True}).json()
    assert told["changes"] == "other caps, brake, exclusions"
    assert service.ask("PATCH", "/api/policy", json=order | {"version": told["version"]}).json()["written"]
    assert path.read_text() == f"{FILE}\ncaps: {{per_day: 100}}\nbrake: off\nexclusions:\n  - movie: 603\n"
    answer = service.get("/api/policy").json()
    assert answer["stated"] == {"caps": {"per_day": "100"}, "brake": "off", "exclusions": [{"movie": "603"}]}
    assert "at most 100 a day" in answer["words"]
    refused = service.ask("PATCH", "/api/policy", json={"changes": {"lists": []}})
    assert refused.status_code == 422
