"""Forms and addresses of every page with values that no page sends: each is refused in words, none is a fault."""

from contextlib import contextmanager

import pytest
from fastapi.routing import iter_route_contexts

from list_sync.errors import StorageError
from list_sync.model.sources import ListRef
from list_sync.web.app import build_api
from list_sync.web.entrance import rates
from list_sync.web.entrance.paths import API, DOORS, SIGNED
from tests.builders import an_item
from tests.storage.recording import asked, run
from tests.web.pages.conftest import HTML
from tests.web.test_reading import fill

FIELDS = (
    *("to", "undone", "undo", "id", "all", "confirm", "action", "for", "target", "other_kind", "name", "list", "step"),
    *("version", "preview", "run", "address", "key", "value", "unset", "draft", "scope", "shown", "line", "cursor"),
    *("theme", "requester", "quality", "schedule", "limit", "exclusions", "caps.per_run", "q", "state", "kind"),
)
PLACES = {"item_id": "1", "run_id": "1", "name:path": "imdb:top", "name": "SYNC_INTERVAL", "service": "none"}
# They ask other programs, or have a test of their own for what people type.
LEFT_OUT = ("/settings/{name}/test", "/settings/check", "/password", "/settings/backups", "/logout")
VALUES = ("9" * 4000, "a\r\nSet-Cookie: x=1\r\n\r\n<script>", "\x00\x1b[31m\u202e{{7*7}}", str(2**63))


def find_names(dependant):
    """Return the names of a query that a route takes."""
    inner = [name for one in dependant.dependencies for name in find_names(one)]
    return [one.alias for one in dependant.query_params] + inner


def find_pages(parts, method):
    """Return each page or form with a path that fits it, and the names of its query."""
    found = {}
    for route in iter_route_contexts(build_api(parts).routes):
        path = route.path
        if method in (route.methods or ()) and not path.startswith(API) and path not in (*DOORS, *SIGNED, *LEFT_OUT):
            target = path
            for place, text in PLACES.items():
                target = target.replace(f"{{{place}}}", text)
            found[target] = find_names(route.original_route.dependant)
    return found


def send_all(service, headers, values):
    """Send every form with the same values, and yield its path and the answer."""
    for path in find_pages(service.parts, "POST"):
        yield path, service.post(path, headers=headers, data=values, allow_redirects=False)


@pytest.fixture
def filled(service, store, monkeypatch):
    monkeypatch.setattr(rates, "BURST", 10_000.0)
    fill(store)
    return service


@pytest.mark.parametrize("value", VALUES, ids=("long", "lines", "control", "large"))
def test_no_value_of_a_form_is_a_fault_or_writes_a_header(filled, value):
    answers = dict(send_all(filled, HTML, [(name, value) for name in FIELDS]))

    assert {path for path, answer in answers.items() if answer.status_code >= 500 or "x" in answer.cookies} == set()
    assert len(answers) > 25


@pytest.mark.parametrize("value", VALUES, ids=("long", "lines", "control", "large"))
def test_no_value_in_the_address_of_a_page_is_a_fault_or_writes_a_header(filled, value):
    tried = 0
    for path, names in find_pages(filled.parts, "GET").items():
        for name in names or (FIELDS if path == "/add" else ()):
            tried += 1
            answer = filled.get(path, headers=HTML, params={name: value}, allow_redirects=False)
            assert (path, name, answer.status_code < 500, "x" in answer.cookies) == (path, name, True, False)
    assert tried > 50


def test_a_database_that_cannot_be_written_is_told_by_every_form(filled, store, monkeypatch):
    @contextmanager
    def fail():
        raise StorageError("the disk is full")
        yield

    before = store.path.read_bytes()
    monkeypatch.setattr(filled.parts.store, "writing", fail)
    values = {"action": "ban", "id": "1", "for": "1w", "target": "movie:603", "name": "phone", "scope": "read"}

    answers = dict(send_all(filled, HTML, values))

    assert {
        path for path, answer in answers.items() if answer.status_code >= 500 and answer.status_code != 503
    } == set()
    told = {path for path, answer in answers.items() if answer.status_code == 503}
    assert {"/items/bulk", "/items/1/ban", "/items/1/snooze", "/runs", "/plan", "/settings/tokens"} <= told
    assert {path for path in told if "database cannot be used" not in answers[path].text} == set()
    assert store.path.read_bytes() == before


def test_fields_keep_marks_of_the_reading_direction_that_pages_show_written_out(service, store, open_page):
    name, other = "\u202egnp.csv", ListRef("file", "other.csv")
    for title, source in (("Heat", ListRef("file", name)), ("Ronin", other)):
        run(store, asked(source, tmdb_id=len(title), item=an_item(title, tmdb=len(title))))

    page = open_page("/items")
    values = [node.attributes["value"] for node in page.tree.css("input[name=list]")]
    found = open_page("/items", params={"list": f"file:{name}"})

    assert f"file:{name}" in values
    assert "\u202e" not in page.text + found.text
    assert (found.find("tbody th bdi"), "\\u202egnp.csv" in found.text) == (["Heat"], True)
