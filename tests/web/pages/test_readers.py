"""What a person sees who may only look: every page that leads somewhere, and nothing that is refused."""

import re
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from list_sync.model.access import Scope
from list_sync.model.journal import RequestState
from list_sync.model.plans import PlannedServer
from list_sync.model.report import SyncMode
from list_sync.model.runs import RunOrder
from list_sync.model.servers import HOME
from list_sync.storage import orders
from list_sync.storage.runs import start_run
from list_sync.storage.tokens import add_token
from list_sync.web.entrance import rates
from tests.builders import SERVER, an_item
from tests.storage.recording import run, unmatched
from tests.web.conftest import NOW
from tests.web.pages.test_overview import send
from tests.web.test_plans import keep
from tests.web.test_reading import fill

LISTS = """\
lists:
  - {source: "trakt:joe/best", quality: 4k}
  - {source: "plex:watchlist", enabled: off}
"""
# Where people choose the colours of their browser, and leave.
OF_EVERYBODY = {"/theme", "/logout"}
# The pages with most forms.
MAIN = ("/", "/lists", "/lists/trakt:joe/best", "/items", "/items/4", "/review", "/plan", "/runs", "/runs/1", "/keys")


@dataclass
class Walk:
    """Pages that were seen, and with `follows` one of each kind that links of theirs lead to."""

    statuses: dict = field(default_factory=dict)
    forms: dict = field(default_factory=dict)
    words: dict = field(default_factory=dict)

    def go(self, open_page, *paths, follows):
        left, kinds = list(paths), set()
        while left:
            path = left.pop()
            kind = re.sub(r"\d+", "1", re.sub(r"=[^&]*", "=", path.partition("#")[0]))
            if kind not in kinds:
                kinds.add(kind)
                links = self._look(path, open_page(path))
                left += links if follows else ()
        return self

    def _look(self, path, page):
        self.statuses[path], self.words[path] = page.status, page.text
        actions = {one.attributes["action"] for one in page.tree.css("form[method=post]")} - OF_EVERYBODY
        self.forms[path] = {re.sub(r"\d+", "1", action) for action in actions}
        hrefs = [one.attributes.get("href") or "" for one in page.tree.css("body a[href]")]
        return [href for href in hrefs if href.startswith("/")]


@pytest.fixture
def house(start_service, tmp_path, store, monkeypatch):
    """A service with something of everything: lists, a plan, titles to review, vanished requests, a failed sync."""
    monkeypatch.setattr(rates, "BURST", 10_000.0)
    (tmp_path / "config").mkdir()
    (tmp_path / "config/lists.yaml").write_text(LISTS)
    service = start_service(MAX_REQUESTS_PER_DAY="5")
    fill(store)
    send(store, 1)
    send(store, 11, state=RequestState.VANISHED)
    keep(service, server=PlannedServer(SERVER.installation, SERVER.dialect.value))
    run(store, unmatched(an_item("Anna", None, 2019)), hour=1, is_full_run=False, error="the server does not answer")
    service.daemon.trouble = service.daemon.backup_trouble = "the disk is full"
    service.daemon.file_trouble = "lists.yaml, line 3: not a list"
    return service


@pytest.fixture
def walk(house, store, open_page):
    def walk(scope, *paths, follows=False):
        name = f"{scope}-{len(paths)}"
        with store.writing() as connection:
            token = add_token(connection, name, scope, at=NOW)
        headers = {"Authorization": f"Bearer {token}"}
        return Walk().go(lambda path: open_page(path, running=house, headers=headers), *paths, follows=follows)

    return walk


def forms_of(seen):
    assert {path: status for path, status in seen.statuses.items() if status != 200} == {}
    return set().union(*seen.forms.values())


def begin_run(house, store):
    """Let a run work while another one waits."""
    with store.writing() as connection:
        run_id = start_run(connection, HOME, mode=SyncMode.API, started_at=NOW, dry_run=True)
        orders.ask(connection, HOME, RunOrder(dry_run=True), at=NOW)
    house.parts.feed.begin(run_id, SyncMode.API, (), dry_run=True)
    return run_id


def test_a_reader_finds_no_form_and_no_link_that_is_refused(house, store, walk):
    seen = walk(Scope.READ, "/?all=true", follows=True)

    assert forms_of(seen) == set()
    pages = [words for words in seen.words.values() if "Skip to content" in words]
    assert {words.count("You may only look") for words in pages} == {1}
    assert {"/items", "/plan", "/runs", "/keys", "/docs"} <= seen.statuses.keys()
    assert len(pages) > 15

    house.daemon.paused_until = NOW + timedelta(hours=8)
    assert forms_of(walk(Scope.READ, "/", "/runs")) == set()
    run_id = begin_run(house, store)
    assert forms_of(walk(Scope.READ, "/", "/plan", f"/runs/{run_id}", f"/runs/{run_id + 1}")) == set()


def test_each_caller_finds_the_forms_of_what_it_may_do(house, store, walk):
    begin_run(house, store)

    asking, all_of_them = forms_of(walk(Scope.TRIGGER, *MAIN)), forms_of(walk(Scope.ADMIN, *MAIN))

    assert asking == {"/runs", "/runs/pause", "/runs/1/cancel", "/items/1/retry"}
    assert all_of_them > asking | {"/reset", "/plan/1", "/items/bulk", "/items/1/ban", "/items/1/pin"}


def test_a_reader_sees_how_everything_is_before_a_server_and_a_list_are_set(start_service, open_page, store):
    service = start_service(OVERSEERR_URL="", OVERSEERR_API_KEY="")
    with store.writing() as connection:
        token = add_token(connection, "reader", Scope.READ, at=NOW)

    page = open_page("/", running=service, headers={"Authorization": f"Bearer {token}"})

    assert (page.status, page.find(".attention h3")) == (200, ["No server is set", "No list yet"])
