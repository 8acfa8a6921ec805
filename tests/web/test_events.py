import contextlib
import json
import re
import socket
import threading
from datetime import timedelta

import pytest
import requests

from list_sync.model.access import Scope
from list_sync.model.report import SyncMode
from list_sync.model.runs import Progress, RunStatus, Stage
from list_sync.model.servers import HOME
from list_sync.model.sources import ListRef
from list_sync.storage import runs, tokens
from list_sync.web.routes.events import MOST_STREAMS
from list_sync.web.watching.feed import KEPT_EVENTS, Feed, Topic
from tests.fakes.patience import PATIENCE_SECONDS, wait_until
from tests.web.conftest import NOW

LISTS = (ListRef("imdb", "top"),)


class Stream:
    """A client of the stream: yields each event as its name and data, and keeps the last id."""

    def __init__(self, running, path="/api/events", *, token=None, last_id=""):
        headers = {
            "Authorization": f"Bearer {token or running.token}",
            **({"Last-Event-ID": last_id} if last_id else {}),
        }
        self.answer = requests.get(running.address + path, headers=headers, stream=True, timeout=PATIENCE_SECONDS)
        self.lines = self.answer.iter_lines(chunk_size=65536, decode_unicode=True)
        self.last_id = last_id
        if self.answer.ok:
            assert [next(self.lines), next(self.lines)] == ["retry: 3000", ""]

    def __next__(self):
        event = {}
        for line in self.lines:
            name, _, value = line.partition(": ")
            if name:
                event[name] = value
            elif not line and "data" in event:
                self.last_id = event["id"]
                return event["event"], json.loads(event["data"])
        raise StopIteration

    def __iter__(self):
        return self

    def close(self):
        self.answer.close()


@pytest.fixture
def hurried(monkeypatch):
    """Let pings and looks at the database come many times a second."""
    monkeypatch.setattr("list_sync.web.routes.events.PING_SECONDS", 0.05)
    monkeypatch.setattr("list_sync.web.watching.news.LOOK_SECONDS", 0.0)


@pytest.fixture
def listen(service):
    """Open a stream, which is closed after the test."""
    with contextlib.ExitStack() as streams:

        def open_one(path="/api/events", **options):
            stream = Stream(service, path, **options)
            streams.callback(stream.close)
            return stream

        yield open_one


@pytest.fixture
def open_without_reading(service):
    """Open a stream with a small buffer, and read nothing of it."""
    with contextlib.ExitStack() as connections:

        def open_one():
            connection = connections.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            connection.connect(("127.0.0.1", service.service.ports[0]))
            credentials = f"Authorization: Bearer {service.token}"
            connection.sendall(f"GET /api/events HTTP/1.1\r\nHost: localhost\r\n{credentials}\r\n\r\n".encode())

        yield open_one


def finish_a_run(store, status=RunStatus.COMPLETED):
    """Record a run as a process in the folder does."""
    with store.writing() as connection:
        run_id = runs.start_run(connection, HOME, mode=SyncMode.MANUAL, started_at=NOW, dry_run=False)
        runs.close_broken_off(
            connection, HOME, status, since=NOW, at=NOW + timedelta(minutes=1), error="the disk is full"
        )
    return run_id


def test_a_run_is_told_from_its_begin_to_its_end(service, store, listen):
    feed, stream = service.parts.feed, listen()

    assert stream.answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert stream.answer.headers["Cache-Control"] == "no-store, no-transform"
    assert stream.answer.headers["X-Accel-Buffering"] == "no"

    run_id = finish_a_run(store, RunStatus.FAILED)
    feed.begin(run_id, SyncMode.API, LISTS, dry_run=False)
    assert next(stream) == (
        "run",
        {"run_id": run_id, "status": "running", "mode": "api", "dry_run": False, "lists": ["imdb:top"]},
    )
    feed.advance(Progress(Stage.MATCHING, 3, 9, "The Matrix"))
    assert next(stream) == ("stage", {"run_id": run_id, "stage": "matching", "done": 3, "total": 9})
    assert feed.current.progress.done == 3

    feed.end(None)
    name, told = next(stream)

    assert (name, told["run_id"], told["status"], told["mode"]) == ("run", run_id, "failed", "manual")
    assert told["error"] == "the disk is full"
    assert feed.current is None


def test_a_run_of_another_process_is_told_when_it_ends(hurried, store, listen):
    stream = listen("/api/events?topics=run")

    run_id = finish_a_run(store)

    assert next(stream)[1]["run_id"] == run_id


def test_what_waits_for_a_person_is_told_when_it_changes(hurried, store, listen):
    stream = listen("/api/events?topics=attention")
    with store.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO synced_items (item_key, title, status, reason, last_synced, first_seen, run_id)"
            " VALUES ('title:dune', 'Dune', 'needs_review', 'two films', '2026-11-27', '2026-11-27', 1)"
        )

    assert next(stream) == ("attention", {"lists_failed": 0, "to_review": 1, "vanished": 0})


def test_a_client_that_comes_back_gets_what_it_missed(service, listen):
    feed = service.parts.feed
    first = listen()
    feed.publish(Topic.RUN, {"n": 1})
    next(first)
    first.close()
    for number in (2, 3):
        feed.publish(Topic.RUN, {"n": number})

    second = listen(last_id=first.last_id)

    assert [next(second), next(second)] == [("run", {"n": 2}), ("run", {"n": 3})]


def test_a_page_gets_what_happened_since_it_was_made(service, listen):
    feed = service.parts.feed
    place = re.search(r'data-events="(.*?)"', service.get("/", headers={"Accept": "text/html"}).text)[1]
    feed.publish(Topic.RUN, {"n": 1})

    assert next(listen(place)) == ("run", {"n": 1})


@pytest.mark.parametrize("last_id", ["0123abcd-1", "1", "-", "x" * 300, "{epoch}-999", "{epoch}-²", "{epoch}-0"])
def test_a_client_whose_place_is_not_known_reads_everything_anew(service, last_id, listen):
    feed = service.parts.feed
    for number in range(KEPT_EVENTS + 1):
        feed.publish(Topic.STAGE, {"n": number})

    stream = listen(last_id=last_id.format(epoch=feed.epoch).encode())

    assert next(stream) == ("resync", {})
    feed.publish(Topic.RUN, {"n": "next"})
    assert next(stream) == ("run", {"n": "next"})


def test_only_the_topics_that_were_asked_for_come(service, listen):
    stream = listen("/api/events?topics=run,%20Attention")

    service.parts.feed.publish(Topic.STAGE, {"n": 1})
    service.parts.feed.publish(Topic.ATTENTION, {"n": 2})

    assert next(stream) == ("attention", {"n": 2})
    refused = service.get("/api/events?topics=run,weather")
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        "query.topics: each is one of run, stage, attention, item",
    )


def test_streams_need_a_token(service):
    assert service.get("/api/events", token="").status_code == 401


def test_the_fifty_first_stream_waits_until_one_ends(service, listen):
    streams = [listen() for _ in range(MOST_STREAMS)]

    refused = service.get("/api/events")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "15")

    streams.pop().close()
    wait_until(lambda: service.parts.feed.streams < MOST_STREAMS, "the end of the stream")
    assert listen().answer.status_code == 200


def test_streams_that_are_opened_at_once_are_not_too_many(service, open_without_reading):
    for _ in range(MOST_STREAMS + 10):
        open_without_reading()
    wait_until(lambda: service.parts.feed.streams >= MOST_STREAMS, "all streams")

    assert service.get("/api/events").status_code == 503
    assert service.parts.feed.streams == MOST_STREAMS


def test_the_stream_of_a_revoked_token_ends(hurried, store, listen):
    with store.writing() as connection:
        token = tokens.add_token(connection, "wall", Scope.READ, at=NOW)
    stream = listen(token=token)

    with store.writing() as connection:
        tokens.revoke_token(connection, "wall")

    assert set(stream.lines) <= {": ping", ""}


def read_to_the_end(stream):
    with contextlib.suppress(requests.RequestException):
        yield from stream


def test_every_stream_ends_with_the_service_also_one_that_nobody_reads(service, listen, open_without_reading):
    streams = [listen() for _ in range(3)]
    for _ in range(2):
        open_without_reading()
    feed = service.parts.feed
    wait_until(lambda: feed.streams == 5, "five streams")
    for number in range(200):
        feed.publish(Topic.RUN, {"n": number, "words": "x" * 10_000})
        assert next(streams[0])[1]["n"] == number

    service.service.stop()

    assert not [thread for thread in threading.enumerate() if thread.name == "web"]
    for stream in streams:
        assert {name for name, _ in read_to_the_end(stream)} <= {"run", "resync"}


def test_streams_that_nobody_reads_cost_a_run_one_wake_up_an_event(service, monkeypatch, listen, open_without_reading):
    for _ in range(10):
        open_without_reading()
    feed = service.parts.feed
    wait_until(lambda: feed.streams == 10, "ten streams")
    calls = []
    call = feed._loop.call_soon_threadsafe
    monkeypatch.setattr(feed._loop, "call_soon_threadsafe", lambda *one: (calls.append(one), call(*one))[1])

    for number in range(2000):
        feed.publish(Topic.RUN, {"n": number, "words": "x" * 1000})

    assert calls.count((feed._wake,)) == 2000
    assert len(feed._ring) == KEPT_EVENTS
    reader = listen()
    feed.publish(Topic.RUN, {"n": "last"})
    assert next(reader) == ("run", {"n": "last"})


def test_progress_is_told_a_few_times_a_second_however_often_it_is_reported():
    times = iter(number / 1000 for number in range(1_000_000))
    feed = Feed(now=lambda: next(times))
    feed.begin(1, SyncMode.MANUAL, (), dry_run=False)

    for done in range(10_000):
        feed.advance(Progress(Stage.MATCHING, done, 10_000))

    events, _ = feed.find_after(0, {Topic.STAGE}, most=KEPT_EVENTS)
    # Ten seconds passed on the clock of this test.
    assert 30 <= len(events) <= 45
    assert feed.current.progress.done == 9999


def test_the_last_progress_before_a_long_wait_is_told_too(service, listen):
    feed, stream = service.parts.feed, listen("/api/events?topics=stage")
    feed.begin(1, SyncMode.MANUAL, (), dry_run=False)

    for done in range(5):
        feed.advance(Progress(Stage.FETCHING, done, 9))

    told = next(data for _, data in stream if data["done"] == 4)
    assert told == {"run_id": 1, "stage": "fetching", "done": 4, "total": 9}


def test_a_stream_that_fell_behind_has_lost_its_place():
    feed = Feed()
    for number in range(100):
        feed.publish(Topic.RUN, {"n": number})

    assert feed.find_after(36, {Topic.RUN}, most=64)[0][0].number == 37
    assert feed.find_after(35, {Topic.RUN}, most=64) == (None, 100)
    assert feed.find_after(0, {Topic.STAGE}, most=64) == ([], 100)
