"""When the memory does not suffice: nothing waits without end, and what broke off is said in plain words."""

import threading

import pytest

from list_sync.api.http.client import HttpClient
from list_sync.errors import is_shortage, reason_of
from list_sync.fetching.pool import fetch_lists
from list_sync.fetching.reuse import Reuse
from list_sync.model.sources import FetchState, ListRef, Page
from list_sync.model.titles import MediaItem, MediaType
from list_sync.providers import FetchContext, register_provider
from tests.builders import NOON

FILM = MediaItem("Film", MediaType.MOVIE, 2000)
SHORT = "there is not enough memory: give ListSync more (mem_limit, pids_limit), or lower MAX_WORKERS"


@register_provider("large")
def fetch_large(list_id, *, context):
    if list_id == "huge":
        raise MemoryError
    yield Page([FILM], total=1)


class BrokenCache:
    """A cache in which nothing can be looked up."""

    def __init__(self, error):
        self.error = error
        self.cache = self

    def find(self, key, source):
        raise self.error

    def keep(self, key, result):
        raise AssertionError("nothing was read")

    def claim(self, key, *, seconds):
        return True

    def release(self, key):
        raise AssertionError("nothing was claimed")


def read(*list_ids, cache=None):
    http = HttpClient("large")
    try:
        return fetch_lists(
            [ListRef("large", list_id) for list_id in list_ids],
            make_context=lambda _: FetchContext(http),
            workers=2,
            stop=threading.Event(),
            now=lambda: NOON,
            reuse=Reuse(cache=cache, max_age=NOON - NOON.replace(hour=1)),
        )
    finally:
        http.close()


def test_a_list_that_is_too_large_fails_alone_and_says_why():
    huge, small = read("huge", "small")

    assert (huge.state, small.state) == (FetchState.FAILED, FetchState.COMPLETE)
    assert huge.reason == f"{SHORT} (LARGE_LISTS)"


def test_memory_that_gives_out_between_lists_ends_the_reading():
    with pytest.raises(MemoryError):
        read("small", "other", cache=BrokenCache(MemoryError()))


def test_a_bug_in_a_thread_ends_the_reading():
    with pytest.raises(KeyError, match="a bug"):
        read("small", cache=BrokenCache(KeyError("a bug")))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), SHORT),
        (RuntimeError("can't start new thread"), SHORT),
        (RuntimeError("something else"), "something else"),
        (KeyError(), "KeyError"),
    ],
)
def test_why_something_broke_off_is_said_in_plain_words(error, reason):
    assert reason_of(error) == reason
    assert is_shortage(error) == (reason == SHORT)
