"""The overview: the page and its data over a store."""

import ast
import gzip
import re
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event, insert, update

from list_sync.correcting.needs import NeedKind
from list_sync.database.schema import lists, sent_requests, sync_history, synced_items
from list_sync.files.lock import RUN_LOCK, FileLock
from list_sync.model.decisions import ItemStatus
from list_sync.model.journal import RequestState
from list_sync.model.report import SyncMode
from list_sync.model.runs import Progress, Stage
from list_sync.model.servers import HOME
from list_sync.model.sources import FetchState
from list_sync.storage.runs import start_run
from list_sync.storage.servers import recognise_server
from list_sync.web.models.overview import DayOfRequestsAnswer
from list_sync.web.pages.assets import NAMES, load_asset
from list_sync.web.pages.charts import FLOOR, draw_days
from list_sync.web.routes.overview import find_bounds
from tests.builders import SERVER, an_item
from tests.storage.recording import FIRST, SECOND, asked, left, read, run, unmatched
from tests.web.conftest import NOW
from tests.web.pages.conftest import HTML
from tests.web.test_reading import fill

URL = "http://127.0.0.1:9"


@pytest.fixture
def running(start_service):
    return start_service(IMDB_LISTS="ls1", TRAKT_LISTS="joe/best")


def send(store, number, *, days_ago=0, state=RequestState.CONFIRMED, requester_id=1):
    """Record requests as the journal has them."""
    row = {"run_id": 1, "media_type": "movie", "seasons": "", "answer": "created", "requester_id": requester_id}
    sent_at = NOW - timedelta(days=days_ago)
    rows = [row | {"server_id": 1, "tmdb_id": 603 + n, "sent_at": sent_at, "state": state.value} for n in range(number)]
    with store.writing() as connection:
        recognise_server(connection, HOME, SERVER, address=URL, at=NOW)
        connection.execute(insert(sent_requests), rows)


def test_each_cause_has_an_icon():
    page = files("list_sync.web") / "templates" / "overview.html"
    icons = re.search(r"set ICONS = (\{.*?\}) %", page.read_text(encoding="utf-8"))[1]

    assert ast.literal_eval(icons).keys() == set(NeedKind)


def test_a_backup_that_cannot_be_made_is_a_cause_on_the_page(start_service):
    service = start_service(BACKUP_SCHEDULE="24h")
    service.daemon.backup_trouble = "the disk is full"
    page = service.get("/", headers=HTML).text

    assert "No new backup was made" in page
    assert "The disk is full. Syncs go on, and it is tried again" in page


def test_an_empty_store_with_a_server_has_one_need_a_list(open_page):
    page = open_page("/")

    assert page.status == 200
    assert page.find(".verdict") == ["One thing needs you. Everything else is in order."]
    assert [link.attributes["href"] for link in page.tree.css(".attention a.button")] == ["/add"]


def test_without_server_and_list_the_page_leads_to_the_first_steps(start_service):
    running = start_service(OVERSEERR_URL="", OVERSEERR_API_KEY="")

    answer = running.get("/", allow_redirects=False)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/start")


def test_a_page_and_its_data_say_the_same(running, store, open_page):
    fill(store)
    send(store, 1)

    view, page = running.get("/api/overview").json(), open_page("/", running=running)

    assert page.find(".verdict") == [view["verdict"]]
    assert page.find(".attention h3") == [need["head"] for need in view["needs"]]
    assert [need["kind"] for need in view["needs"]] == ["late", "list_failed", "review"]
    assert [one["list"] for one in view["lists"]] == ["trakt:joe/best", "imdb:ls1"]
    assert (view["lists_complete"], view["lists_total"]) == (1, 2)
    assert [(one["cause"], one["titles"]) for one in view["waiting"]] == [("run_cap", 1)]
    assert [one["title"] for one in view["latest"]] == ["The Matrix"]
    assert "The Matrix" in page.find("#latest li")[0]


def test_needs_beyond_seven_are_one_link_away(running, store, open_page):
    sources = [FIRST, SECOND]
    run(store, lists=[read(source, FetchState.FAILED, items=0, reason="no answer") for source in sources])
    running.daemon.trouble, running.daemon.stall, running.daemon.file_trouble = "full", "stuck", "broken"
    fail = [left(ItemStatus.REQUEST_FAILED, tmdb_id=number, reason=f"reason {number}") for number in (1, 2, 3)]
    run(store, *fail, unmatched(an_item("Heat")), is_full_run=False)

    shown, every = open_page("/", running=running), open_page("/?all=true", running=running)

    assert len(shown.find(".attention h3")) == 7
    assert shown.find("#needs footer a") == ["All 10"]
    assert len(every.find(".attention h3")) == 10


def test_vanished_requests_are_settled_by_a_form(running, store, open_page):
    send(store, 12, state=RequestState.VANISHED)
    page = open_page("/", running=running)
    assert "12 requests vanished from the server at once" in page.find(".attention h3")

    answer = running.post("/reset", data={"answer": "ask_again"}, headers={"Accept": "application/json"})

    assert answer.json()["text"] == "Settled: 12 vanished requests; the next sync requests their titles."
    assert running.get("/api/summary").json()["vanished"] == 0
    assert running.post("/api/reset", json={"ask_again": False}).json() == {"settled": 0}
    assert running.post("/reset", data={"answer": "maybe"}).status_code == 400


def test_the_run_at_work_shows_its_stages_after_every_load(running, open_page):
    feed = running.parts.feed
    feed.begin(413, SyncMode.MANUAL, [], dry_run=False)
    feed.advance(Progress(Stage.FETCHING, 2, 2, "imdb:ls1"))
    feed.advance(Progress(Stage.MATCHING, 412, 688, "<b>Sunrise</b>"))

    page = open_page("/", running=running)

    assert page.find("#run h2") == ["Run 413 is matching"]
    assert page.find(".stages .done") == ["Fetching is done 2 of 2 lists"]
    assert page.find(".stages .now") == ["Matching 412 of 688 titles"]
    assert page.find("#run [data-note]") == ["Last: <b>Sunrise</b>"]
    feed.end(None)
    assert open_page("/", running=running).find("#run") == [""]


def test_a_run_of_another_process_is_named(running, store, open_page):
    with FileLock(store.path.with_name(RUN_LOCK)):
        with store.writing() as connection:
            start_run(connection, HOME, mode=SyncMode.MANUAL, started_at=NOW, dry_run=False)

        assert open_page("/", running=running).find("#run h2") == ["Run 1 works in another process"]


def test_caps_tell_what_was_used_in_the_last_day(start_service, store):
    running = start_service(IMDB_LISTS="ls1", MAX_REQUESTS_PER_DAY="20")
    send(store, 14)
    send(store, 3, days_ago=2)

    assert running.get("/api/overview").json()["caps"] == [
        {"name": "MAX_REQUESTS_PER_DAY", "used": 14, "most": 20, "requester_id": 1}
    ]


def test_requests_are_counted_by_the_days_of_the_user(start_service, store):
    running = start_service(TZ="Pacific/Auckland")
    send(store, 2)
    send(store, 5, days_ago=3, state=RequestState.WITHDRAWN)
    send(store, 4, days_ago=40)

    days = running.get("/api/overview").json()["days"]

    assert len(days) == 30
    assert days[-1] == {"day": "2026-11-28", "requested": 2, "withdrawn": 0}
    assert days[-4] == {"day": "2026-11-25", "requested": 0, "withdrawn": 5}
    assert sum(day["requested"] for day in days) == 2


def test_days_begin_at_midnight_also_where_the_clock_is_set_back():
    bounds = find_bounds(datetime(2026, 10, 26, 9, tzinfo=UTC), ZoneInfo("Europe/Berlin"))

    assert len(bounds) == 31
    assert {one.hour for one in bounds} == {0}
    moments = [one.astimezone(UTC) for one in bounds]
    lengths = {end - begin for begin, end in pairwise(moments)}
    assert lengths == {timedelta(hours=24), timedelta(hours=25)}


def test_the_chart_fits_its_numbers_and_leaves_a_cap_out_that_is_far_above_them():
    days = [DayOfRequestsAnswer(day=NOW.date() - timedelta(days=n), requested=n % 7, withdrawn=0) for n in range(30)]

    near, far = draw_days(days, 10), draw_days(days, 500)

    assert [number for _, number in near.lines] == [0, 3, 6, 9, 12]
    assert (near.cap is not None, far.cap) == (True, None)
    assert all(0 <= bar.y < FLOOR and bar.x < 97.8 for bar in near.bars)
    assert draw_days([], 0).bars == []


def test_hostile_names_are_shown_and_not_obeyed(running, store, open_page):
    name = "<img src=x onerror=alert(1)>\u202eevil"
    run(store, asked(FIRST, tmdb_id=603), lists=[read(FIRST)])
    with store.writing() as connection:
        connection.execute(update(synced_items).values(title=name))
    send(store, 1)

    page = open_page("/", running=running)

    assert page.find("#latest bdi") == [name.replace("\u202e", "\\u202e")]
    assert page.tree.css("#latest img[onerror]") == []


def test_the_first_page_takes_few_statements_at_any_size(running, store, open_page):
    fill(store)
    send(store, 50)
    few = count_statements(lambda: open_page("/", running=running))
    with store.writing() as connection:
        connection.execute(insert(synced_items), [an_item_row(number) for number in range(10_000)])
        connection.execute(insert(sync_history), [a_run_row() for _ in range(500)])
        connection.execute(insert(lists), [a_list_row(number) for number in range(50)])
    send(store, 2_000)

    assert count_statements(lambda: open_page("/", running=running)) == few <= 12


def count_statements(call):
    statements = []
    note = lambda *one: statements.append(one[2])  # noqa: E731
    event.listen(Engine, "before_cursor_execute", note)
    try:
        call()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len(statements)


def a_run_row():
    when = {"asked_at": NOW, "sync_started": NOW, "sync_completed": NOW}
    return {"household": HOME, "sync_mode": "automated", "status": "completed", "dry_run": False, **when}


def an_item_row(number):
    seen = {"last_synced": NOW, "first_seen": NOW, "run_id": 1}
    reason = f"MAX_REQUESTS_PER_RUN=1 is reached; its turn comes at 2026-12-0{number % 9 + 1} 03:00 UTC"
    return {"item_key": f"film:{number}:hd", "title": "Film", "status": "waiting", "reason": reason, **seen}


def a_list_row(number):
    return {
        "list_type": "imdb",
        "list_id": f"ls{number + 10}",
        "item_count": 1,
        "state": "partial",
        "route": "",
        "run_id": 1,
    }


def test_the_first_page_is_small_with_everything_that_it_loads(running, store, open_page):
    fill(store)
    page = open_page("/", running=running)

    assets = sum(len(load_asset(name).compressed) for name in NAMES)

    assert assets + len(gzip.compress(page.tree.html.encode(), 5)) < 60_000


def test_keys_are_listed_on_a_page(open_page):
    assert "search titles" in open_page("/keys").text
