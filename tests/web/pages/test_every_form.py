"""Forms of every page with values that no page sends: each is refused in words, none is a fault."""

from urllib.parse import urlencode

import pytest
from fastapi.routing import iter_route_contexts

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


def find_forms(parts):
    routes = iter_route_contexts(build_api(parts).routes)
    return sorted({one.path for one in routes if "POST" in (one.methods or ()) and not one.path.startswith(API)})


@pytest.mark.parametrize("value", VALUES, ids=("long", "lines", "control", "large"))
def test_no_value_of_a_form_is_a_fault_or_writes_a_header(service, store, monkeypatch, value):
    monkeypatch.setattr(rates, "BURST", 10_000.0)
    fill(store)
    headers = HTML | {"Content-Type": "application/x-www-form-urlencoded"}
    forms = [path for path in find_forms(service.parts) if path not in (*DOORS, *SIGNED, *LEFT_OUT)]

    for path in forms:
        target = path
        for place, text in PLACES.items():
            target = target.replace(f"{{{place}}}", text)
        body = urlencode([(name, value) for name in FIELDS])
        answer = service.post(target, headers=headers, data=body, allow_redirects=False)
        assert (path, answer.status_code < 500, "x" in answer.cookies) == (path, True, False)

    assert len(forms) > 25


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
