"""Adding a list: what is pasted is recognised and read beside the syncs, and nothing is kept of it."""

import pytest

from list_sync.demo.sources.sample_sources import SampleSources
from tests.fakes.patience import wait_until

ADDRESS = "https://www.imdb.com/chart/top/"


@pytest.fixture
def sources():
    with SampleSources() as running:
        yield running


@pytest.fixture
def reader(start_service, sources):
    """A service that can read the sample sources."""
    return start_service(reads_lists=True, IMDB_BASE_URL=sources.url("imdb"), TRAKT_BASE_URL=sources.url("trakt"))


def paste(running, open_page, text):
    """Return the page after a text was pasted and the list was read."""
    page = open_page("/add", running=running)
    token = page.tree.css_first("main input[name=csrf]").attributes["value"]
    answer = running.post(
        "/add", data={"address": text, "csrf": token or ""}, headers={"Accept": "text/html"}, allow_redirects=False
    )
    if answer.status_code != 303:
        return answer
    path = answer.headers["Location"]
    return wait_until(lambda: page if not (page := open_page(path, running=running)).find("#reading[data-poll]") else 0)


def test_a_pasted_address_is_recognised_and_read(reader, open_page, sources):
    page = paste(reader, open_page, ADDRESS)

    assert page.status == 200
    assert "Recognised: IMDb" in page.find("h2")
    assert "imdb: top" in page.text
    assert "complete" in page.tree.css_first("#reading .badge use").attributes["href"]
    assert 1 <= len(page.find(".wall li")) <= 12
    assert sources.calls
    assert reader.daemon.woken == 0


def test_what_is_no_list_is_said_beside_the_box_with_what_was_typed(reader, open_page):
    answer = paste(reader, open_page, "https://trakt.tv/users/ben?<b>")

    assert answer.status_code == 422
    assert "This is a user on Trakt, not a list." in answer.text
    assert "?&lt;b&gt;" in answer.text


def test_what_a_source_lacks_is_asked_for_on_the_page(reader, open_page):
    page = paste(reader, open_page, "trakt:ben/slow-sunday")

    assert page.find("#reading a") == ["Set TRAKT_CLIENT_ID"]
    assert page.find("#reading .badge") == ["not read"]
    assert page.find(".wall") == []


def test_an_address_of_this_machine_is_not_read(reader, open_page, sources):
    page = paste(reader, open_page, f"{sources.root_url}/list.json")

    assert "private network, is refused" in page.text
    assert sources.calls == []


def test_a_list_that_is_synced_already_is_named_with_its_page(start_service, open_page, sources):
    running = start_service(reads_lists=True, IMDB_LISTS="top", IMDB_BASE_URL=sources.url("imdb"))
    page = paste(running, open_page, ADDRESS)

    assert "This list is synced already." in page.text


def test_the_api_tells_of_a_list_what_the_page_shows(reader):
    asked = reader.post("/api/lists/preview", json={"list": ADDRESS})
    assert asked.status_code == 202
    path = asked.headers["Location"]
    told = wait_until(lambda: found if (found := reader.get(path).json())["state"] == "read" else None)

    assert told["list"] == "imdb:top"
    assert told["reading"]["state"] == "complete"
    assert told["reading"]["films"] == told["reading"]["items"] == told["reading"]["expected"]
    assert told["first_titles"][0]["title"]
    assert reader.post("/api/lists/preview", json={"list": ADDRESS}).json()["preview_id"] == told["preview_id"]
    assert reader.get("/api/lists/preview/no-such-preview").status_code == 404
    assert reader.post("/api/lists/preview", json={"list": "https://trakt.tv/users/ben"}).status_code == 422


def test_before_the_server_is_set_no_list_is_read(service):
    answer = service.post("/api/lists/preview", json={"list": ADDRESS})

    assert answer.status_code == 409
    assert "OVERSEERR_URL" in answer.json()["detail"]
