"""Previews: one at a time, few at once, each with an end."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from list_sync.errors import QueueFull, ServiceUnavailable, SyncCancelled
from list_sync.model.sources import FetchResult, FetchState, ListRef
from list_sync.model.titles import MediaItem, MediaType
from list_sync.previewing import FIRST_TITLES, KEPT, MOST_KEPT, MOST_WAITING, Previews, PreviewState
from list_sync.workers import Deadline
from tests.fakes.patience import PATIENCE_SECONDS, wait_until

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


class Reader:
    """Reads lists of 30 films when it is let."""

    def __init__(self):
        self.let = threading.Event()
        self.read = []
        self.now = NOW
        self.error = None
        self.previews = Previews(self, lambda ref: (), now=lambda: self.now)

    def __call__(self, ref, stop, on_page):
        on_page()
        assert self.let.wait(PATIENCE_SECONDS)
        if stop.is_set():
            raise SyncCancelled("stopped")
        self.read.append(ref.list_id)
        if self.error:
            raise self.error
        items = tuple(MediaItem(f"Film {number}", MediaType.MOVIE) for number in range(30))
        return FetchResult(ref, items, FetchState.COMPLETE, "api", NOW)

    def ask(self, name):
        return self.previews.ask(ListRef("imdb", name)).preview_id

    def result(self, name):
        return wait_until(lambda: (found := self.previews.find(name)) and found.result and found)


@pytest.fixture
def reader():
    made = Reader()
    yield made
    made.let.set()
    made.previews.stop()


def test_lists_are_read_one_after_the_other_and_only_their_beginning_is_kept(reader):
    names = [reader.ask("a"), reader.ask("b")]
    wait_until(lambda: reader.previews.find(names[0]).pages == 1)
    assert [reader.previews.find(name).state for name in names] == [PreviewState.READING, PreviewState.QUEUED]
    reader.let.set()

    found = [reader.result(name) for name in names]
    assert [(len(one.result.items), one.titles) for one in found] == [(FIRST_TITLES, 30)] * 2
    assert reader.read == ["a", "b"]


def test_the_same_question_is_read_once(reader):
    first = reader.ask("a")
    assert reader.ask("a") == first
    reader.let.set()
    reader.result(first)
    assert reader.ask("a") == first
    reader.now += timedelta(minutes=2)
    assert reader.ask("a") != first


def test_few_lists_wait(reader):
    first = reader.ask("first")
    wait_until(lambda: reader.previews.find(first).state is PreviewState.READING)
    for number in range(MOST_WAITING):
        reader.ask(str(number))
    with pytest.raises(QueueFull, match="try again in a minute"):
        reader.ask("one more")


def test_previews_are_forgotten_after_a_while_and_when_there_are_many(reader):
    reader.let.set()
    old = reader.ask("old")
    reader.result(old)
    for number in range(MOST_KEPT + 5):
        last = reader.ask(str(number))
        reader.result(last)
    assert reader.previews.find(old) is None
    assert reader.previews.find(last) is not None
    reader.now += KEPT + timedelta(seconds=1)
    assert reader.previews.find(last) is None


def test_a_reading_that_breaks_off_says_why_and_the_next_one_is_read(reader):
    reader.let.set()
    reader.error = ServiceUnavailable("imdb", "no answer")
    failed = reader.result(reader.ask("a")).result
    reader.error = None

    assert failed.state is FetchState.FAILED
    assert "no answer" in failed.reason
    assert reader.result(reader.ask("b")).result.state is FetchState.COMPLETE


def test_a_stop_ends_the_reading_and_what_waits(reader):
    names = [reader.ask("a"), reader.ask("b")]
    wait_until(lambda: reader.previews.find(names[0]).state is PreviewState.READING)
    reader.previews._stop.set()
    reader.let.set()
    reader.previews.stop()

    assert reader.read == []


def test_a_deadline_is_a_stop_that_comes_by_itself():
    stop = threading.Event()
    assert Deadline(stop, 0).is_set()
    assert Deadline(stop, 0).wait(3600)
    later = Deadline(stop, 3600)
    assert not later.wait(0)
    stop.set()
    assert later.wait(3600)
