"""What every page has: its frame, its policy, its errors."""

import json
import re
from pathlib import Path
from urllib.parse import urljoin

import pytest
from selectolax.lexbor import LexborHTMLParser

import list_sync.web.pages
from list_sync.model.report import SyncMode
from list_sync.model.runs import Progress, Stage
from list_sync.model.servers import Dialect
from list_sync.web.models.progress import build_run_at_work
from list_sync.web.pages.assets import NAMES, asset_path, load_asset
from list_sync.web.pages.rendering import POLICY, REFERRER
from list_sync.web.watching.feed import Feed
from list_sync.web.watching.server_watch import (
    KEY_REFUSED,
    NO_ANSWER,
    Check,
    Health,
    ServerAnswer,
    Sight,
    describe_sight,
)
from tests.web.pages.conftest import HTML


def test_a_page_states_what_it_may_load(open_page):
    page = open_page("/lists")

    assert page.status == 200
    assert page.headers["Content-Security-Policy"] == f"{POLICY}'none'"
    assert page.headers["Referrer-Policy"] == REFERRER
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Cache-Control"] == "no-store"


def test_only_texts_of_our_own_are_taken_as_html():
    package = Path(list_sync.web.pages.__file__).parents[1]
    templates = "".join(path.read_text(encoding="utf-8") for path in sorted(package.rglob("*.html")))
    code = "".join(path.read_text(encoding="utf-8") for path in sorted(package.rglob("*.py")))

    assert len(re.findall(r"\| *safe\b", templates)) == len(re.findall(r"'[^'{}]*' *\| *safe\b", templates)) > 10
    assert len(re.findall(r"\bMarkup\((?!\))", code)) == len(re.findall(r"\bMarkup\(('[^']*'|\"[^\"]*\")\)", code)) > 3
    assert re.findall(r"autoescape *=? *(?!True)\w+", code + templates) == []


def test_what_pages_load_is_there_for_everybody_and_for_long(service, open_page):
    open_page("/lists")
    for name in NAMES:
        answer = service.get(asset_path(name), token="")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Encoding"] == "gzip"
    assert service.get("/static/0123456789abcdef/app.css", token="").status_code == 404


@pytest.mark.parametrize("path", ["/", "/lists", "/items", "/plan", "/start", "/settings/check"])
def test_the_head_of_a_page_follows_what_happens_as_its_parts_do(open_page, path):
    # A sentence or a button that is right only after a reload contradicts the part below it.
    tree = open_page(path).tree

    assert tree.css_first("main .head[data-live][id]") is not None
    assert tree.css_first("nav.tabs:not([data-live] *) .count") is None


@pytest.mark.parametrize("path", ["/login", "/claim"])
def test_a_form_with_a_password_has_one_field_for_its_name(open_page, path):
    form = open_page(path, token="").tree.css_first("form")

    assert len(form.css("input[autocomplete=username][hidden]")) == 1


def test_a_person_who_is_not_logged_in_comes_to_the_log_in_and_from_there_back(service):
    answer = service.get("/lists?x=1", token="", headers={"Accept": "text/html"}, allow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/login?to=/lists%3Fx%3D1"
    assert service.get("/lists", token="").status_code == 401


def test_an_error_is_a_page_for_people_and_a_problem_for_programs(service, open_page):
    page = open_page("/no-such-page")

    assert page.status == 404
    assert page.find("h1") == ["There is nothing at this address"]
    assert page.find("a.button") == ["Overview"]
    assert service.get("/no-such-page").headers["Content-Type"] == "application/problem+json"


def test_a_form_of_a_log_in_that_is_over_says_that_nothing_was_changed_and_leads_back(service, open_page):
    headers = HTML | {"Referer": f"{service.address}/review/1?a=b"}
    page = LexborHTMLParser(service.post("/items/1/ban", token="", headers=headers).text)
    told = service.post("/items/1/ban", token="", headers={"Accept": "application/json"})

    assert [one.attributes["href"] for one in page.css("a.button")] == ["/login?to=/review/1%3Fa%3Db", "/"]
    assert "nothing was changed, and what was typed is not kept." in page.body.text()
    assert told.status_code == 401
    assert told.json()["detail"].startswith("your log-in is over: nothing was changed")
    assert "API_TOKEN" in service.post("/api/items/1/ban", token="").json()["detail"]


def test_a_form_that_is_refused_leads_back_to_its_page(service):
    headers = HTML | {"Referer": f"{service.address}/lists/imdb:top"}
    page = LexborHTMLParser(service.post("/items/99/ban", headers=headers).text)

    assert [one.attributes["href"] for one in page.css("a.button")] == ["/lists/imdb:top", "/"]


def test_the_answer_to_a_form_does_not_follow_events_and_its_address_leads_to_the_page_of_the_form(service, open_page):
    question = service.post("/items/bulk", data={"all": "1", "action": "ban"}, headers=HTML)

    assert question.status_code == 200
    assert "data-events" not in question.text
    assert open_page("/items").tree.css_first("body[data-events]") is not None
    for path, to in (
        ("/items/bulk", "/items"),
        ("/settings/DRY_RUN/save", "/settings/DRY_RUN"),
        ("/runs/1/cancel", "/runs/1"),
    ):
        answer = service.get(path, headers=HTML, allow_redirects=False)
        assert (path, answer.headers.get("Location")) == (path, to)


def test_a_page_does_not_wait_for_a_server_that_is_slow(start_service, open_page):
    running = start_service()
    with running.server.lock:
        page = open_page("/lists", running=running)

    assert page.find("#server") == ["The server is being asked"]


def test_a_page_says_how_the_server_was_the_last_time(service, open_page):
    service.get("/health")
    assert open_page("/lists").find("#server") == ["Seerr answers in 41 ms"]


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (Check(Health.UNHEALTHY, NO_ANSWER, "no route"), "Seerr does not answer"),
        (Check(Health.UNHEALTHY, KEY_REFUSED, "401"), "Seerr refuses the key"),
    ],
)
def test_trouble_of_the_server_is_named(check, words):
    assert describe_sight(Sight(check, ServerAnswer(Dialect.SEERR, 0.1), 3.0)) == ("bad", words)


def test_dry_runs_and_open_doors_are_told_on_every_page(start_service, open_page):
    page = open_page("/lists", running=start_service(DRY_RUN="true", WEB_AUTH="none"), token="")

    assert page.find(".banner h2") == ["No log-in is asked for", "Dry run is on"]


def test_an_installed_page_begins_at_the_overview_also_below_a_base_path(service):
    address = urljoin("http://host/listsync" + asset_path("app.webmanifest"), load_asset_json()["start_url"])

    assert address == "http://host/listsync/"
    icon = load_asset_json()["icons"][0]["src"]
    assert service.get(urljoin(asset_path("app.webmanifest"), icon), token="").status_code == 200


def load_asset_json():
    return json.loads(load_asset("app.webmanifest").content)


def test_a_run_shows_what_is_done_of_each_stage():
    feed = Feed()
    feed.begin(413, SyncMode.MANUAL, [], dry_run=False)
    for progress in (Progress(Stage.FETCHING, 10, 10), Progress(Stage.MATCHING, 412, 688)):
        feed.advance(progress)

    shown = [(one.state, one.done, one.total) for one in build_run_at_work(feed.current).stages]

    assert shown == [("done", 10, 10), ("now", 412, 688), *[("later", None, None)] * 3]
