"""The pool: order, isolation of failures, stopping, and what the user is told."""

import io
import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from list_sync.api.http.client import HttpClient
from list_sync.errors import (
    AuthenticationFailed,
    InvalidListId,
    RateLimited,
    ResourceNotFound,
    ServiceUnavailable,
    StorageError,
    SyncCancelled,
)
from list_sync.fetching.pool import fetch_lists
from list_sync.log import configure_logging, find_logs
from list_sync.model.runs import Progress, Stage
from list_sync.model.sources import FetchResult, FetchState, ListRef, Page
from list_sync.model.titles import MediaItem, MediaType
from list_sync.providers import FetchContext, register_provider

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ERRORS: dict[str, BaseException] = {
    "missing": ResourceNotFound("scripted", "not found (HTTP 404)"),
    "gone": ResourceNotFound("scripted", "the user has no such list"),
    "spelling": InvalidListId("write user/list"),
    "down": ServiceUnavailable("scripted", "example.org cannot be reached:\nno connection"),
    "busy": RateLimited("scripted", "rate limited", retry_after=5),
    "key": AuthenticationFailed("scripted", "SCRIPTED_KEY is not set: make one"),
    "storage": StorageError("disk full"),
    "bug": ZeroDivisionError("secret=abc"),
    "exit": SystemExit(3),
    "deep": RecursionError("too deep"),
}


@register_provider("scripted")
def fetch_scripted(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    kind, _, size = list_id.partition(":")
    if kind == "partly":
        yield Page([MediaItem("Before", MediaType.MOVIE, 2000)])
        raise ERRORS["down"]
    if kind in ERRORS:
        raise ERRORS[kind]
    if kind == "hang":
        while not context.http.released.wait(0.01):  # type: ignore[attr-defined]
            pass
    if kind == "endless":
        number = 0
        while True:
            number += 1
            if number == 3:
                context.http.released.set()  # type: ignore[attr-defined]
            yield Page([MediaItem(f"Title {number}", MediaType.MOVIE, 2000)])
    items = [MediaItem(f"{list_id} {number}", MediaType.MOVIE, 2000) for number in range(int(size or 1))]
    yield Page(items, total=len(items), route="script")


class ReleasableClient(HttpClient):
    def __init__(self) -> None:
        super().__init__("scripted")
        self.released = threading.Event()


def fetch(
    *list_ids: str, workers: int = 4, stop: threading.Event | None = None, **more: object
) -> tuple[FetchResult, ...]:
    context = FetchContext(http=more.pop("http", None) or HttpClient("scripted"))  # type: ignore[arg-type]
    return fetch_lists(
        [ListRef("scripted", list_id) for list_id in list_ids],
        make_context=lambda _: context,
        workers=workers,
        stop=stop or threading.Event(),
        now=lambda: NOW,
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("workers", [1, 3, 50])
def test_results_come_in_the_order_of_the_lists(workers: int):
    results = fetch("c:3", "a:1", "b:2", "a:1", workers=workers)

    assert [result.source.list_id for result in results] == ["c:3", "a:1", "b:2", "a:1"]
    assert [len(result.items) for result in results] == [3, 1, 2, 1]
    assert {result.state for result in results} == {FetchState.COMPLETE}
    assert {(result.route, result.fetched_at) for result in results} == {("script", NOW)}


def test_no_lists_give_no_results():
    assert fetch() == ()


@pytest.mark.parametrize(
    ("list_id", "reason"),
    [
        ("missing", "not found (HTTP 404) (SCRIPTED_LISTS)"),
        ("gone", "not found: the user has no such list (SCRIPTED_LISTS)"),
        ("spelling", "write user/list (SCRIPTED_LISTS)"),
        (
            "down",
            "example.org cannot be reached: no connection; tried again in the next run (SCRIPTED_LISTS)",
        ),
        ("busy", "rate limited; tried again in the next run (SCRIPTED_LISTS)"),
        ("key", "SCRIPTED_KEY is not set: make one (SCRIPTED_LISTS)"),
        ("storage", "disk full (SCRIPTED_LISTS)"),
        ("exit", "unexpected SystemExit in test_pool.py line "),
        ("bug", "unexpected ZeroDivisionError in test_pool.py line "),
        ("deep", "unexpected RecursionError in test_pool.py line "),
        (" ", "an empty list id"),
    ],
)
def test_a_failing_list_says_why_and_stops_no_other(list_id: str, reason: str):
    before, failed, after = fetch("a:2", list_id, "b:2", workers=1)

    assert (failed.state, failed.items) == (FetchState.FAILED, ())
    assert " ".join((failed.reason or "").split()).startswith(" ".join(reason.split()))
    assert "secret" not in (failed.reason or "")
    assert [before.state, after.state] == [FetchState.COMPLETE] * 2


def test_an_unknown_provider_is_a_failed_list():
    (result,) = fetch_lists(
        [ListRef("nobody", "x")],
        make_context=lambda _: FetchContext(http=HttpClient("nobody")),
        workers=1,
        stop=threading.Event(),
    )

    assert result.state is FetchState.FAILED
    assert "NOBODY_LISTS" in (result.reason or "")


def test_what_was_read_before_a_failure_is_kept_as_partial():
    (result,) = fetch("partly")

    assert (result.state, [item.title for item in result.items]) == (FetchState.PARTIAL, ["Before"])
    assert "cannot be reached" in (result.reason or "")
    assert result.expected is not None


def test_progress_is_told_from_the_calling_thread():
    told: list[tuple[Progress, str]] = []
    fetch("a", "b", on_progress=lambda progress: told.append((progress, threading.current_thread().name)))

    assert [(progress.stage, progress.done, progress.total) for progress, _ in told] == [
        (Stage.FETCHING, 1, 2),
        (Stage.FETCHING, 2, 2),
    ]
    assert {progress.note for progress, _ in told} == {"scripted:a", "scripted:b"}
    assert {thread for _, thread in told} == {threading.current_thread().name}


def test_each_list_is_one_log_line(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO, logger="list_sync.fetching")
    fetch("a:2", "missing", "partly", workers=1)

    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "scripted:a:2: 2 titles, complete"),
        ("WARNING", "scripted:missing: not found (HTTP 404) (SCRIPTED_LISTS)"),
        (
            "WARNING",
            (
                "scripted:partly is incomplete, 1 title: "
                "example.org cannot be reached: no connection; tried again in the next run (SCRIPTED_LISTS)"
            ),
        ),
    ]


def test_stopping_does_not_wait_for_a_source_that_hangs():
    stop, client = threading.Event(), ReleasableClient()

    with pytest.raises(SyncCancelled):
        fetch("a", "hang", workers=2, stop=stop, http=client, on_progress=lambda _: stop.set())

    assert not client.released.is_set(), "the source still hangs"
    client.released.set()


def test_stopping_ends_a_list_between_its_pages():
    client = ReleasableClient()

    with pytest.raises(SyncCancelled):
        fetch("endless", http=client, stop=client.released)


def test_nothing_is_asked_after_the_stop():
    stop = threading.Event()
    stop.set()

    with pytest.raises(SyncCancelled):
        fetch("a", stop=stop)


def test_a_context_that_cannot_be_made_is_a_failed_list():
    def make_context(source: ListRef) -> FetchContext:
        raise AuthenticationFailed(source.provider, "SCRIPTED_KEY is not set")

    (result,) = fetch_lists([ListRef("scripted", "a")], make_context=make_context, workers=1, stop=threading.Event())

    assert "SCRIPTED_KEY is not set" in (result.reason or "")


def test_a_list_of_a_hundred_thousand_titles_is_read():
    (result,) = fetch("big:100000")

    assert (result.state, len(result.items)) == (FetchState.COMPLETE, 100_000)


def test_each_line_of_a_list_says_which_list_and_route_it_is_about():
    stream, root = io.StringIO(), logging.getLogger()
    level = root.level
    configure_logging("DEBUG", "json", stream)
    try:
        fetch("a:2", "bug")
    finally:
        root.removeHandler(find_logs()[0])
        root.setLevel(level)

    lines = [line for line in map(json.loads, stream.getvalue().splitlines()) if line["message"] != "Running"]
    assert {line["list"] for line in lines} == {"scripted:a:2", "scripted:bug"}
    assert {line.get("route") for line in lines if line["list"] == "scripted:a:2"} == {"api", "script"}
    assert all("api" in line["route"] for line in lines if line["level"] == "DEBUG")
    assert "ZeroDivisionError" in stream.getvalue()
