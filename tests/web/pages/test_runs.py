"""The pages of runs: all of them, one of them, its undo, and asking for a sync."""

from datetime import timedelta

import pytest

from list_sync.errors import ServiceUnavailable
from list_sync.model.decisions import ItemStatus, Request
from list_sync.model.households import HOME
from list_sync.model.journal import RequestState
from list_sync.model.plans import LineResult
from list_sync.model.report import SyncMode
from list_sync.model.runs import RunOrder, RunStatus
from list_sync.model.sources import FetchState
from list_sync.model.titles import Quality
from list_sync.requesting.undo import UndoLine
from list_sync.storage import orders
from list_sync.storage.imports import ImportedRun, add_runs
from list_sync.storage.journal import RequestJournal
from list_sync.storage.plans import record_results
from list_sync.storage.runs import start_run
from tests.builders import a_match, a_server_request, an_entry, an_item
from tests.storage.recording import FIRST, SECOND, asked, left, read, run
from tests.web.conftest import NOW
from tests.web.pages.test_plan import HOSTILE, SHOWN, send
from tests.web.test_plans import keep, line, queued


def request_titles(store, run_id, *items, answer=RequestState.CONFIRMED):
    """Write requests of a run into the journal, as the server answered them."""
    journal = RequestJournal(store, server_id=1, run_id=run_id, now=lambda: NOW)
    for number, item in enumerate(items, 100):
        entry = journal.intend(Request(a_match(item.ids.tmdb, item=item), Quality.HD))
        journal.settle(entry, state=answer, request_id=number, answer="created")
    journal.flush()
    return journal


def ask(service, order):
    with service.parts.store.writing() as connection:
        return orders.ask(connection, HOME, order, at=NOW)


def test_each_run_says_who_started_it_how_it_went_and_what_there_is_to_say(service, store, open_page):
    lists = (read(FIRST, items=3), read(SECOND, FetchState.PARTIAL, reason="page 5 was blocked"))
    done = run(store, asked(), left(ItemStatus.NEEDS_REVIEW, tmdb_id=604), lists=lists)
    run(store, hour=1, error="overseerr: the server does not answer")
    run(store, hour=2, dry_run=True)
    ask(service, RunOrder(undoes=done, asked_by="alice"))

    rows = open_page("/runs").find("tbody tr")

    assert len(rows) == 4
    assert rows[0].startswith("Run 4")
    assert "alice queued" in rows[0]
    assert "dry run command line done" in rows[1]
    assert "failed" in rows[2]
    assert "Overseerr: the server does not answer." in rows[2]
    assert rows[3].endswith("done 0 s 1 of 2 1 0 trakt read in part. 1 title needs review.")


@pytest.mark.parametrize(("tab", "found"), [("all", [3, 2, 1]), ("requests", [1]), ("faults", [2]), ("dry", [3])])
def test_runs_can_be_narrowed_on_the_page_and_in_the_api(service, store, open_page, tab, found):
    run(store, asked())
    run(store, hour=1, error="it failed")
    run(store, hour=2, dry_run=True)

    page = open_page(f"/runs?tab={tab}")

    assert page.find("tbody tr th b") == [f"Run {number}" for number in found]
    assert len(page.find(".tabs [aria-current]")) == 1
    assert [one["run_id"] for one in service.get(f"/api/runs?which={tab}").json()["items"]] == found


def test_runs_come_in_pages(service, store, open_page, monkeypatch):
    monkeypatch.setattr("list_sync.web.pages.runs._ON_A_PAGE", 2)
    for hour in range(3):
        run(store, hour=hour)

    first = open_page("/runs")
    (older,) = [node.attributes["href"] for node in first.tree.css(".pager a")]

    assert first.find("tbody tr th b") == ["Run 3", "Run 2"]
    assert open_page(older).find("tbody tr th b") == ["Run 1"]


def test_a_sync_is_asked_for_by_the_button_and_by_what_a_form_says(service):
    answer = send(service, "/runs")
    number, order = queued(service)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/runs/{number}")
    assert order == RunOrder(mode=SyncMode.API)

    send(service, f"/runs/{number}/cancel")
    send(service, "/runs", ("list", "imdb:top"), ("dry_run", "on"), ("fresh", "true"))

    _, order = queued(service)
    assert ([str(ref) for ref in order.lists], order.dry_run, order.fresh) == (["imdb:top"], True, True)


def test_one_run_shows_its_requests_its_steps_its_lists_and_what_changed(service, store, open_page):
    run(store, asked(tmdb_id=1), lists=(read(FIRST),), hour=-1)
    second = run(store, asked(), lists=(read(FIRST), read(SECOND, FetchState.FAILED, reason="nothing")), hour=1)
    journal = request_titles(store, second, an_item(tmdb=603), an_item(HOSTILE, tmdb=605))
    journal.mark([2], RequestState.LOST)

    page = open_page(f"/runs/{second}")

    assert "1 title more and 0 gone, on 1 list" in page.text
    assert page.find("section[aria-labelledby=made] tbody .badge") == ["answer lost", "confirmed"]
    assert page.find(".trail h3") == [
        "Started",
        "trakt:joe/best not read",
        "First request",
        "An answer was lost",
        "Completed",
    ]
    assert page.find("section[aria-labelledby=read] tbody th b") == ["imdb: ls1", "trakt: joe/ best"]
    assert page.find("section[aria-labelledby=read] tbody tr td:last-child") == ["0", "not known"]
    assert page.tree.css_first(f"a[href='/runs/{second}/undo']") is not None
    assert page.tree.css_first("main script") is None


def test_a_run_that_waits_or_works_can_be_ended(service, store, open_page):
    waits = ask(service, RunOrder())
    assert open_page(f"/runs/{waits}").find(f"form[action='/runs/{waits}/cancel'] button") == ["Cancel"]

    send(service, f"/runs/{waits}/cancel")

    page = open_page(f"/runs/{waits}")
    assert "It was cancelled before it began." in page.text
    assert page.tree.css_first("form[action$=cancel]") is None


def test_a_run_at_work_shows_its_stages(service, store, open_page):
    with store.writing() as connection:
        number = start_run(connection, HOME, mode=SyncMode.API, started_at=NOW, dry_run=False)
    service.parts.feed.begin(number, SyncMode.API, (), dry_run=False)

    page = open_page(f"/runs/{number}")

    assert page.find("#run h2") == ["Stages"]
    assert len(page.tree.css("#run .stages li")) == 5


def undo_line(entry_id, *, goes):
    row = a_server_request() if goes else None
    return UndoLine(an_entry(entry_id, tmdb_id=600 + entry_id), f"Film {entry_id}", "because", row)


def test_an_undo_shows_exactly_what_it_would_do_and_is_asked_for_once(service, store, open_page):
    done = run(store, asked())
    request_titles(store, done, an_item(tmdb=603))
    service.server.undo_lines = (undo_line(1, goes=True), undo_line(2, goes=False), undo_line(3, goes=True))

    page = open_page(f"/runs/{done}/undo")
    assert page.find(".drawer h3") == ["2 will be withdrawn", "1 stays"]
    assert page.find(".drawer button") == ["Withdraw 2 requests"]
    assert service.get(f"/api/runs/{done}/undo").json()["withdrawn"] == 2

    answers = [send(service, f"/runs/{done}/undo") for _ in range(2)]

    number, order = queued(service)
    assert [answer.headers["Location"] for answer in answers] == [f"/runs/{number}"] * 2
    assert order.undoes == done


def test_an_undo_says_that_the_server_does_not_answer_and_of_what_nothing_can_be_taken_back(service, store, open_page):
    done, dry = run(store, asked()), run(store, hour=1, dry_run=True)
    service.server.error = ServiceUnavailable("overseerr", "it cannot be reached")

    assert open_page(f"/runs/{done}/undo").find(".drawer .banner h3") == ["What an undo would do is not known"]
    assert service.get(f"/api/runs/{done}/undo").status_code == 502
    assert send(service, f"/runs/{dry}/undo").status_code == 409
    assert service.post("/api/runs/99/undo").status_code == 404
    assert "not over yet" in service.post(f"/api/runs/{ask(service, RunOrder())}/undo").json()["detail"]


def test_a_run_that_applied_a_plan_says_what_of_it_was_not_done_and_why(service, store, open_page):
    planned = keep(service)
    number = ask(service, RunOrder(applies=planned))
    with store.writing() as connection:
        start_run(connection, HOME, mode=SyncMode.API, started_at=NOW, dry_run=False, run_id=number)
        left_out = LineResult(line(1), is_done=False, status="already_requested", reason=f"by {HOSTILE}")
        record_results(connection, planned, [LineResult(line(0), is_done=True, status="requested"), left_out])

    page = open_page(f"/runs/{number}")

    assert page.find("section[aria-labelledby=left] tbody .title b") == ["Film 1"]
    assert "already requested" in page.text
    assert SHOWN in page.tree.css_first("section[aria-labelledby=left] .why").text()


def test_no_page_of_runs_sends_more_statements_for_more_rows(service, store, open_page, count_statements):
    done = run(store, asked(), lists=(read(FIRST),))
    request_titles(store, done, an_item(tmdb=603))
    few = [count_statements(lambda path=path: open_page(path)) for path in ("/runs", f"/runs/{done}")]
    for hour in range(1, 30):
        run(store, asked(tmdb_id=700 + hour), lists=(read(FIRST), read(SECOND, FetchState.STALE)), hour=hour)
    request_titles(store, done, *(an_item(f"Film {number}", tmdb=1000 + number) for number in range(60)))

    many = [count_statements(lambda path=path: open_page(path)) for path in ("/runs", f"/runs/{done}")]

    assert many == few
    assert max(many) <= 16


def test_syncs_are_paused_and_resumed_on_the_page(service, open_page):
    assert "Pause syncs" in open_page("/runs").text

    assert send(service, "/runs/pause", ("for", "1d")).status_code == 303
    assert service.daemon.paused_until == NOW + timedelta(days=1)
    page = open_page("/runs").text
    assert "Paused until" in page
    assert "Pause syncs" not in page

    assert send(service, "/runs/pause", ("for", "soon")).status_code == 422
    assert send(service, "/runs/pause").status_code == 303
    assert service.daemon.paused_until is None


def test_an_imported_run_says_what_is_known_and_no_more(service, store, open_page):
    moments = {"started_at": NOW - timedelta(days=2), "finished_at": NOW - timedelta(days=2)}
    before = {"mode": SyncMode.AUTOMATED, "status": RunStatus.COMPLETED, "processed": 9, "skipped": 0, "lists": 3}
    runs = [ImportedRun(**moments, **before, requested=requested, errored=0, error="") for requested in (4, 0)]
    with store.writing() as connection:
        add_runs(connection, HOME, runs)

    rows, page = open_page("/runs").find("tbody tr"), open_page("/runs/1")

    assert [row.partition("0 s ")[2] for row in rows] == ["– 0 – No request.", "– 4 – 4 titles requested."]
    assert "ListSync 0.6 did this run, and kept no more of it" in page.text
    assert not {"Its log", "Calls to the server", "Since"} & set(page.find(".button, dt"))
    assert "Requests 4" in page.text
    assert service.get("/api/runs/1").json()["imported"]


def test_the_page_says_how_long_runs_are_kept(start_service, open_page):
    assert "Runs are kept for 90 days" in open_page("/runs", running=start_service(RETENTION_DAYS="90")).text
