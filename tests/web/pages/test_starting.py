"""The first start: three steps, each done or with what to do."""

from list_sync.errors import AuthenticationFailed


def test_what_is_missing_comes_first(open_page):
    page = open_page("/start")

    assert page.find(".steps h2") == ["The server", "A list", "The first dry run"]
    assert page.find(".steps .now h2") == ["The server"]
    assert "After the server answers" in page.text


def test_with_a_server_that_answers_the_next_step_is_a_list(service, open_page):
    service.parts.server.find()
    page = open_page("/start")

    assert page.find(".steps .done h2") == ["The server"]
    assert page.find(".steps .now h2") == ["A list"]
    assert "IMDb top 250" in page.find(".steps button")
    assert page.tree.css_first("#address").parent.parent.parent.attributes["action"] == "/add"


def test_with_a_list_the_next_step_is_the_plan(start_service, open_page):
    running = start_service(IMDB_LISTS="top")
    running.parts.server.find()
    page = open_page("/start", running=running)

    assert page.find(".steps .now h2") == ["The first dry run"]
    assert "Make the first plan" in page.find(".steps button")


def test_a_server_that_refuses_the_key_is_told_with_what_to_change(start_service, open_page):
    running = start_service()
    running.server.error = AuthenticationFailed("overseerr", "the key is refused")
    running.parts.server.find()
    page = open_page("/start", running=running)

    assert "the key is refused" in page.text
    assert page.find("#step-server a") == ["Change the address", "Change the key"]


def test_the_api_tells_the_same(start_service):
    running = start_service(IMDB_LISTS="top")
    told = running.get("/api/start").json()

    assert told["server"]["is_set"] is True
    assert told["server"]["address"] == "http://127.0.0.1:9"
    assert told["lists"] == ["imdb:top"]
    assert told["planned"] is None
