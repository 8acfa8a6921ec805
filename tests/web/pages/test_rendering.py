"""What every page has: its frame, its policy, its errors."""

from list_sync.web.pages.assets import NAMES, asset_path
from list_sync.web.pages.rendering import POLICY


def test_a_page_states_what_it_may_load(open_page):
    page = open_page("/lists")

    assert page.status == 200
    assert page.headers["Content-Security-Policy"] == POLICY
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Cache-Control"] == "no-store"


def test_what_pages_load_is_there_for_everybody_and_for_long(service, open_page):
    open_page("/lists")
    for name in NAMES:
        answer = service.get(asset_path(name), token="")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Encoding"] == "gzip"
    assert service.get("/static/0123456789abcdef/app.css", token="").status_code == 404


def test_a_person_who_is_not_logged_in_comes_to_the_log_in_and_from_there_back(service):
    answer = service.get("/lists?x=1", token="", headers={"Accept": "text/html"}, allow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/login?to=/lists%3Fx%3D1"
    assert service.get("/lists", token="").status_code == 401


def test_an_error_is_a_page_for_people_and_a_problem_for_programs(service, open_page):
    page = open_page("/no-such-page")

    assert page.status == 404
    assert "Not Found" in page.find("h1")
    assert service.get("/no-such-page").headers["Content-Type"] == "application/problem+json"
