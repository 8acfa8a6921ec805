import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, insert
from sqlalchemy.engine import Engine

from list_sync.database.schema import lists, sync_history, synced_items
from list_sync.files.lock import RUN_LOCK, FileLock
from list_sync.model.decisions import ItemStatus
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.servers import HOME, CallCounts
from list_sync.model.sources import Attempt, AttemptOutcome, FetchState, ListRef
from list_sync.storage.lists import find_lists
from list_sync.storage.runs import finish_run, start_run
from tests.builders import a_result, an_item
from tests.storage.recording import FIRST, SECOND, asked, left, run
from tests.web.conftest import NOW

ADDRESS = "https://lists.example.com/feed?apikey="


def scrape(service, **options):
    """Return the metrics: each series as it is written, with its value."""
    answer = service.get("/metrics", token="", **options)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {series: float(value) for series, _, value in (line.rpartition(" ") for line in lines)}


def of(figures, name):
    """Return the series of one metric."""
    return {series: value for series, value in figures.items() if series.partition("{")[0] == name}


def begin(store, *, began=NOW):
    with store.writing() as connection:
        return start_run(connection, HOME, mode=SyncMode.AUTOMATED, started_at=began, dry_run=False)


def finish(store, seconds, *outcomes, calls=(0, 0), error=None):
    """Record a run that took so many seconds and ends now."""
    began = NOW - timedelta(seconds=seconds)
    run_id = begin(store, began=began)
    report = SyncReport(run_id, began, NOW, False, outcomes=outcomes, calls=CallCounts(*calls), error=error)
    with store.writing() as connection:
        finish_run(connection, HOME, report)


def test_every_state_is_there_from_the_start_with_nothing_counted(service):
    figures = scrape(service)

    assert of(figures, "listsync_items_processed_total") == {
        f'listsync_items_processed_total{{status="{status}"}}': 0 for status in ItemStatus
    }
    assert figures["listsync_sync_duration_seconds_count"] == 0
    assert figures["listsync_last_sync_timestamp"] == figures["listsync_last_sync_timestamp_seconds"] == 0
    assert not of(figures, "listsync_next_sync_timestamp_seconds")
    assert 'listsync_build_info{version="' in next(iter(of(figures, "listsync_build_info")))


def test_each_title_that_a_sync_examined_counts_once_however_often_prometheus_asks(service, store):
    finish(store, 4, asked(tmdb_id=1), asked(tmdb_id=2), left(ItemStatus.ALREADY_AVAILABLE, tmdb_id=3), calls=(7, 2))
    scrape(service)
    finish(store, 40, left(ItemStatus.ALREADY_REQUESTED, tmdb_id=1), asked(tmdb_id=4), calls=(5, 1))
    scrape(service)

    figures = scrape(service)

    assert {series: value for series, value in of(figures, "listsync_items_processed_total").items() if value} == {
        'listsync_items_processed_total{status="requested"}': 3,
        'listsync_items_processed_total{status="already_available"}': 1,
        'listsync_items_processed_total{status="already_requested"}': 1,
    }
    assert figures['listsync_server_calls_total{kind="read"}'] == 12
    assert figures['listsync_last_sync_server_calls{kind="write"}'] == 1
    assert figures['listsync_syncs_total{status="completed"}'] == 2
    assert figures["listsync_last_sync_timestamp"] == figures["listsync_last_sync_timestamp_seconds"] == NOW.timestamp()


def test_two_scrapes_at_once_count_a_sync_once(service, store):
    finish(store, 4, asked(tmdb_id=1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: scrape(service), range(16)))

    assert scrape(service)["listsync_sync_duration_seconds_count"] == 1


def test_durations_fall_into_classic_buckets(service, store):
    finish(store, 4)
    finish(store, 40)
    finish(store, 4_000, error="overseerr: no answer")

    figures = scrape(service)

    buckets = of(figures, "listsync_sync_duration_seconds_bucket")
    names = [series.partition('le="')[2][:-2] for series in buckets]
    assert names == ["1.0", "5.0", "15.0", "30.0", "60.0", "120.0", "300.0", "600.0", "1800.0", "3600.0", "+Inf"]
    assert list(buckets.values()) == [0, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3]
    assert figures["listsync_sync_duration_seconds_sum"] == 4_044


def test_what_was_before_the_process_and_dry_runs_are_not_counted(start_service, store):
    run(store, asked(tmdb_id=1))
    service = start_service()
    run(store, left(ItemStatus.WOULD_REQUEST, tmdb_id=2), dry_run=True, is_full_run=False)

    figures = scrape(service)

    assert not any(of(figures, "listsync_items_processed_total").values())
    assert figures['listsync_titles{status="requested"}'] == 1
    assert figures["listsync_last_sync_timestamp"] > 0


def test_a_failed_sync_is_no_success(service, store):
    finish(store, 4, error="overseerr: no answer")

    figures = scrape(service)

    assert figures["listsync_last_sync_timestamp"] == 0
    assert figures['listsync_syncs_total{status="failed"}'] == 1


def test_a_sync_is_in_progress_as_long_as_its_process_lives(service, store):
    began = NOW - timedelta(minutes=5)
    begin(store, began=began)

    with FileLock(store.path.with_name(RUN_LOCK)):
        running = scrape(service)
    killed = scrape(service)

    assert running["listsync_sync_in_progress"] == 1
    assert running["listsync_sync_started_timestamp_seconds"] == began.timestamp()
    assert killed["listsync_sync_in_progress"] == 0
    assert not of(killed, "listsync_sync_started_timestamp_seconds")


def test_the_schedule_and_a_pause_are_told(start_service):
    service = start_service(SYNC_SCHEDULE="0 3 * * 1")
    service.daemon.next_sync = NOW + timedelta(hours=3)
    service.daemon.paused_until = NOW + timedelta(hours=9)

    figures = scrape(service)

    assert figures["listsync_next_sync_timestamp_seconds"] == service.daemon.next_sync.timestamp()
    assert figures["listsync_pause_end_timestamp_seconds"] == service.daemon.paused_until.timestamp()
    assert figures["listsync_sync_interval_seconds"] == 7 * 24 * 3600


def test_each_list_says_how_it_was_read(service, store):
    stale = a_result(an_item(), source=SECOND, state=FetchState.STALE, copied_at=NOW - timedelta(days=2))
    partial = a_result(an_item(), an_item("Heat"), source=FIRST, state=FetchState.PARTIAL, expected=250)
    run(store, lists=[partial, stale, a_result(source=ListRef("imdb", "top"))])

    figures = scrape(service)

    assert of(figures, "listsync_active_lists") == {
        'listsync_active_lists{provider="imdb"}': 2,
        'listsync_active_lists{provider="trakt"}': 1,
    }
    assert figures['listsync_list_items{list="ls1",provider="imdb"}'] == 2
    assert of(figures, "listsync_list_expected_items") == {
        'listsync_list_expected_items{list="ls1",provider="imdb"}': 250
    }
    assert {series for series, value in of(figures, "listsync_list_state").items() if value} == {
        'listsync_list_state{list="ls1",provider="imdb",state="partial"}',
        'listsync_list_state{list="top",provider="imdb",state="complete"}',
        'listsync_list_state{list="joe/best",provider="trakt",state="stale"}',
    }
    assert figures['listsync_list_route{list="ls1",provider="imdb",route="api"}'] == 1
    copy = 'listsync_list_copy_timestamp_seconds{list="joe/best",provider="trakt"}'
    assert figures[copy] == stale.copied_at.timestamp()


def test_a_route_that_does_not_work_says_since_when_and_how(service, store):
    drifted = (Attempt("graphql", AttemptOutcome.DRIFTED), Attempt("mdblist", AttemptOutcome.SERVED))
    run(store, lists=[replace(a_result(source=FIRST), attempts=drifted)])

    series = 'listsync_route_failing_since_timestamp_seconds{outcome="drifted",provider="imdb",route="graphql"}'
    (since,) = of(scrape(service), "listsync_route_failing_since_timestamp_seconds").items()
    with store.reading() as connection:
        (known,) = find_lists(connection, HOME)
    assert since == (series, known.routes[0].since.timestamp())


def test_a_list_is_named_without_its_secrets_and_hostile_names_stay_one_label(service, store):
    hostile = 'best"} 1\nlistsync_titles{status="\\'
    sources = [ListRef("file", f"{ADDRESS}secret-{number}") for number in (1, 2)]
    run(store, lists=[a_result(source=source) for source in (*sources, ListRef("custom", hostile))])

    answer = service.get("/metrics", token="")

    assert "secret" not in answer.text
    names = of(scrape(service), "listsync_list_items")
    assert names == {
        f'listsync_list_items{{list="{ADDRESS}***",provider="file"}}': 0,
        f'listsync_list_items{{list="{ADDRESS}*** (2)",provider="file"}}': 0,
        'listsync_list_items{list="best\\"} 1\\nlistsync_titles{status=\\"\\\\",provider="custom"}': 0,
    }


def test_waiting_titles_are_told_by_cause(service, store):
    reasons = [
        "MAX_REQUESTS_PER_DAY=20 is reached: user 1 asked for 20 in 24 hours; asked for in a later run",
        "MAX_REQUESTS_PER_DAY=20 is reached: user 2 asked for 21 in 24 hours; asked for in a later run",
        "overseerr: no answer; the next run takes over",
    ]
    waiting = [left(ItemStatus.WAITING, tmdb_id=number, reason=reason) for number, reason in enumerate(reasons)]
    run(store, *waiting)
    first = scrape(service)
    run(store, *waiting[:2], left(ItemStatus.WAITING, tmdb_id=2, reason=reasons[0]))

    second = scrape(service)

    assert (first['listsync_waiting_titles{cause="day_cap"}'], first['listsync_waiting_titles{cause="server"}']) == (
        2,
        1,
    )
    assert second['listsync_waiting_titles{cause="day_cap"}'] == 3
    assert second['listsync_titles{status="waiting"}'] == 3


def test_json_is_the_guides_figures(service, store):
    run(store, left(ItemStatus.DECLINED, tmdb_id=1), hour=-24 * 6)
    run(store, asked(tmdb_id=2), asked(tmdb_id=3), left(ItemStatus.WAITING, tmdb_id=4), lists=[a_result()], hour=24 * 5)

    answer = service.get("/metrics", token="", headers={"Accept": "application/json"})

    assert answer.json() == {
        "total_lists": 1,
        "items_synced_24h": 3,
        "status_breakdown": {"requested": 2, "waiting": 1},
    }


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json; q=0.9", "application/json"),
        ("application/openmetrics-text; version=1.0.0, text/plain; version=0.0.4; q=0.5, */*; q=0.1", "text/plain"),
        ("application/json, text/plain, */*", "text/plain"),
        ("*/*", "text/plain"),
    ],
)
def test_json_is_for_callers_that_want_no_text(service, accept, kind):
    answer = service.get("/metrics", token="", headers={"Accept": accept})

    assert answer.headers["Content-Type"].partition(";")[0] == kind


def test_without_a_database_json_says_error_and_prometheus_sees_a_failure(service, store):
    store.path.unlink()

    as_json = service.get("/metrics", token="", headers={"Accept": "application/json"})

    assert (as_json.status_code, as_json.json()) == (500, {"error": "the database cannot be read"})
    assert service.get("/metrics", token="").status_code == 503


def test_metrics_need_a_token_if_they_are_not_open(start_service):
    service = start_service(METRICS_OPEN="false")

    assert [service.get("/metrics", token=token).status_code for token in ("", None)] == [401, 200]


def test_a_scrape_takes_the_same_few_statements_at_any_size(service, store):
    rows = 2_000
    with store.writing() as connection:
        connection.execute(insert(sync_history), [a_row() for _ in range(rows)])
        connection.execute(insert(synced_items), [an_item_row(number) for number in range(rows)])
        connection.execute(insert(lists), [a_list_row(number) for number in range(50)])
    scrape(service)
    statements = []
    note = lambda *event: statements.append(event[2])  # noqa: E731
    event.listen(Engine, "before_cursor_execute", note)
    try:
        scrape(service)
    finally:
        event.remove(Engine, "before_cursor_execute", note)

    assert len(statements) <= 7


def a_row():
    when = {"asked_at": NOW, "sync_started": NOW, "sync_completed": NOW}
    return {"household": HOME, "sync_mode": "automated", "status": "failed", "dry_run": False, **when}


def an_item_row(number):
    seen = {"last_synced": NOW, "first_seen": NOW, "run_id": 1}
    return {"item_key": f"movie:{number}:hd", "title": "Film", "status": "waiting", "reason": "quota", **seen}


def a_list_row(number):
    return {
        "list_type": "imdb",
        "list_id": f"ls{number}",
        "item_count": 1,
        "state": "complete",
        "route": "",
        "run_id": 1,
    }


@pytest.mark.skipif(shutil.which("promtool") is None, reason="apt install prometheus")
def test_promtool_accepts_the_metrics(service, store):
    run(store, asked(), lists=[a_result(source=ListRef("custom", 'a"b\\c\nd'))])
    metrics = service.get("/metrics", token="").content

    checked = subprocess.run(["promtool", "check", "metrics"], input=metrics, capture_output=True, check=False)

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")
