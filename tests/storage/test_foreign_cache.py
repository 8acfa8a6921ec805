"""What others can write into a shared Redis or into the rows of a cache: it is never used, and it does no harm."""

import base64
import json
import socket
import threading
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import pytest
import redis

from list_sync.api.http.conditional import LARGEST_KEPT, KnownAnswers
from list_sync.errors import SyncCancelled
from list_sync.model.sources import FetchState
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.storage import redis_cache
from list_sync.storage.packing import pack_result, unpack_result
from list_sync.storage.redis_cache import PREFIX, RedisCache
from tests.builders import a_list, a_result, an_item

SECRET = "a secret of the tests"


@pytest.fixture
def cache(redis_server):
    with closing(RedisCache(redis_server.url, SECRET)) as opened:
        yield opened


@pytest.fixture
def neighbour(redis_server):
    with closing(redis.Redis(port=redis_server.port)) as client:
        yield client


def test_values_of_another_secret_are_not_found_and_told_once(cache, redis_server, caplog):
    with closing(RedisCache(redis_server.url, "another secret of the tests")) as other:
        other.keep("a", b"1", seconds=60)
        other.keep("b", b"1", seconds=60)

    assert (cache.find("a"), cache.find("b")) == (None, None)
    assert [record.getMessage() for record in caplog.records] == [
        (
            "Redis (REDIS_URL) holds lists that cannot be verified; they are not used: "
            "set the same CACHE_KEY in every ListSync that shares it"
        )
    ]
    assert cache.count_foreign() == 2


def test_a_value_counts_only_unchanged_and_under_its_own_key(cache, neighbour):
    cache.keep("a", b"1", seconds=60)
    signed = neighbour.get(f"{PREFIX}a")
    for name, value in (("b", signed), ("c", signed[:-1] + b"2"), ("d", b""), ("e", signed[:31])):
        neighbour.set(PREFIX + name, value)

    assert [cache.find(key) for key in "abcde"] == [b"1", None, None, None, None]


@contextmanager
def a_redis_that_says(first: bytes, again: bytes) -> Iterator[str]:
    """Give the address of a server that answers with `first`, and then `again` until the client leaves."""
    closing_down = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                with client, suppress(OSError):
                    client.recv(65536)
                    client.sendall(first)
                    while not closing_down.wait(0.01):
                        client.sendall(again)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
        closing_down.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (b"$16000000\r\n", b"x"),
        (b"$9000000000\r\n", b"x" * 1_000_000),
        (b"+", b"x"),
        (b"", b"*1000000\r\n" * 5_000),
        (b":1\r\n", b":1\r\n"),
        (b"$-5\r\n", b"?\xff\r\n"),
        (b"$x\r\n", b""),
    ],
    ids=["a drip", "without end", "a line", "nested", "numbers", "no protocol", "no length"],
)
def test_a_redis_that_answers_nonsense_holds_nothing(first, again, monkeypatch):
    monkeypatch.setattr(redis_cache, "SECONDS_FOR_AN_ANSWER", 0.2)
    monkeypatch.setattr(redis_cache, "TIMEOUT_SECONDS", 0.2)
    with a_redis_that_says(first, again) as url, closing(RedisCache(url, SECRET)) as cache:
        assert cache.find("a") is None


class EndlessNames:
    """A Redis whose list of names goes on without end."""

    def scan(self, *_):
        return 1, []

    def close(self):
        pass


def test_names_without_end_are_an_outage(monkeypatch, caplog):
    monkeypatch.setattr(redis_cache, "_SECONDS_FOR_ALL_NAMES", 0.05)
    with closing(RedisCache("redis://127.0.0.1:1/0", SECRET)) as cache:
        cache._redis = EndlessNames()

        assert cache.count_foreign() == 0
    assert "does not answer (TimeoutError)" in caplog.text


def test_a_stop_is_heard_while_redis_drips():
    stop = threading.Event()
    stop.set()
    with (
        a_redis_that_says(b"+", b"x") as url,
        closing(RedisCache(url, SECRET, stop=stop)) as cache,
        pytest.raises(SyncCancelled),
    ):
        cache.find("a")


def test_a_value_that_is_too_large_is_neither_loaded_nor_kept(cache, neighbour, monkeypatch):
    monkeypatch.setattr(redis_cache, "LARGEST_BYTES", 1000)
    cache.keep("a", bytes(990), seconds=60)
    neighbour.setrange(f"{PREFIX}b", 5_000_000, b"x")

    assert (cache.find("a"), cache.find("b")) == (None, None)
    assert neighbour.exists(f"{PREFIX}a") == 0
    assert len(cache._load(f"{PREFIX}b")) == 1001


def test_a_key_that_holds_something_else_is_a_miss_and_no_outage(cache, neighbour, caplog):
    neighbour.rpush(f"{PREFIX}a", "x")
    cache.keep("b", b"1", seconds=60)

    assert (cache.find("a"), cache.find("b")) == (None, b"1")
    assert "does not answer" not in caplog.text


@pytest.mark.parametrize("claim", ["held", "x" * 96, "0" * 96])
def test_a_claim_of_another_program_keeps_no_list_from_being_read(cache, neighbour, claim):
    neighbour.set(f"{PREFIX}claim:a", claim)

    assert cache.claim("a", seconds=60)


def test_claims_are_no_values_that_cannot_be_verified(cache):
    cache.claim("a", seconds=60)
    cache.keep("a", b"1", seconds=60)

    assert cache.count_foreign() == 0


def packed(**changes):
    document = json.loads(zlib.decompress(pack_result(a_result(an_item())))) | changes
    return zlib.compress(json.dumps(document).encode())


def unpacked_items(*entries):
    found = unpack_result(packed(items=entries), a_list())
    return found and found.items


ODD = [
    {"items": 5},
    {"items": None},
    {"items": [5]},
    {"items": [["", None, None, None, None, None, None]]},
    {"state": "good"},
    {"reason": {"a": 1}},
    {"route": None},
    {"fetched_at": "2026-11-26"},
    {"expected": "x"},
    {"expected": -1},
    {"unsupported": float("inf")},
    {"unsupported": True},
    {"unsupported_kinds": {"game": "many"}},
    {"unsupported_kinds": []},
    {"first_not_understood": [["line 1"]]},
    {"first_not_understood": None},
    {"is_whole": "yes"},
    {"fetched_at": "9999-12-31T23:59:59-23:59"},
    {"fetched_at": 5},
]


@pytest.mark.parametrize("changes", ODD, ids=str)
def test_an_odd_list_is_a_miss(changes):
    assert unpack_result(packed(**changes), a_list()) is None


def test_a_bad_entry_does_not_lose_the_copy_but_the_copy_proves_nothing_any_more():
    good = ["Heat", "movie", 1995, 949, None, None, None]
    found = unpack_result(packed(items=[5, good, ["", None, None, None, "nm0000206", None, None], [1]]), a_list())

    assert [item.title for item in found.items] == ["Heat"]
    assert (found.state, found.not_understood, found.entries) == (FetchState.PARTIAL, 3, 4)
    assert found.reason == "3 entries of the copy cannot be used"
    assert not found.is_good


def test_titles_and_ids_are_cleaned_as_those_of_a_source():
    title = "\x1b]0;x\x07\n2026 INFO Sync completed \ud800"
    found = unpacked_items(
        [title, "movie", True, -5, "tt1/../../settings/main", 10**30, None, "\0", 5],
        ["Heat", "movie", 1995, 949, "tt0113277", None, None],
    )

    assert found == (
        MediaItem("]0;x 2026 INFO Sync completed", MediaType.MOVIE, None, MediaIds(imdb="tt0000001")),
        MediaItem("Heat", MediaType.MOVIE, 1995, MediaIds(tmdb=949, imdb="tt0113277")),
    )


@pytest.mark.parametrize(
    "content",
    [
        zlib.compress(b'{"items":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        zlib.compress(b"[]"),
        zlib.compress(b"\xff"),
        zlib.compress(b'{"items":[]}') + b"more",
        pack_result(a_result(an_item()))[:-1],
    ],
)
def test_bytes_that_are_no_list_are_a_miss(content):
    assert unpack_result(content, a_list()) is None


def test_no_more_is_unpacked_than_a_list_can_have():
    bomb = zlib.compressobj(9)
    content = b"".join([*(bomb.compress(bytes(2**20)) for _ in range(512)), bomb.flush()])

    tracemalloc.start()
    try:
        assert unpack_result(content, a_list()) is None
        assert tracemalloc.get_traced_memory()[1] < 200 * 2**20
    finally:
        tracemalloc.stop()


class Kept:
    def __init__(self, document):
        self.content = document if isinstance(document, bytes) else json.dumps(document).encode()

    def find(self, key):
        return self.content

    def keep(self, key, content, *, seconds):
        self.content = content


ANSWER = {
    "headers": {"content-type": "application/json"},
    "content": base64.b64encode(b"[]").decode(),
    "url": "http://x/",
    "service": "x",
    "validators": {"If-None-Match": '"1"'},
}


def test_a_kept_answer_is_found():
    answer, validators = KnownAnswers(Kept(ANSWER)).find("a")

    assert (answer.content, answer.headers["Content-Type"], validators) == (
        b"[]",
        "application/json",
        {"If-None-Match": '"1"'},
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"headers": ["ab", "cd"]},
        {"headers": 5},
        {"headers": {"content-type": 5}},
        {"headers": {"content-type": "a\r\nX: 1"}},
        {"headers": {"location": "http://x"}},
        {"validators": {"Host": "x"}},
        {"validators": {"If-None-Match": "a\r\nX-Evil: 1"}},
        {"validators": {"If-None-Match": 5}},
        {"validators": [["If-None-Match", "x"]]},
        {"content": 5},
        {"content": "no base64"},
        {"content": base64.b64encode(bytes(LARGEST_KEPT + 1)).decode()},
        {"url": 5},
        {"service": None},
    ],
    ids=lambda changes: str(changes)[:60],
)
def test_an_odd_answer_is_a_miss(changes):
    assert KnownAnswers(Kept(ANSWER | changes)).find("a") is None


@pytest.mark.parametrize("content", [b"[" * 100_000 + b"]" * 100_000, b"[]", b"5", b'"a"', b"x"])
def test_bytes_that_are_no_answer_are_a_miss(content):
    assert KnownAnswers(Kept(content)).find("a") is None
