"""The cache that several containers share, in Redis; while Redis is down, every source is read.

Others may write into a shared Redis, so each value carries an HMAC over its key and content. Values of others are not
read, and claims of others are not waited for.
"""

import hashlib
import hmac
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, TypeVar, cast

import redis
import redis.backoff
import redis.retry

from list_sync.errors import ConfigError, ServiceUnavailable, SyncCancelled

logger = logging.getLogger(__name__)

PREFIX = "listsync:"
TIMEOUT_SECONDS = 2.0
# Each call to a server that is down takes a whole timeout, so there is a pause after a failure.
REST_SECONDS = 30.0
# The time limit of a whole answer, and how often a wait for it looks at the stop event.
SECONDS_FOR_AN_ANSWER = 5.0
_SLICE_SECONDS = 0.25
# No list and no answer that is kept comes near this size.
LARGEST_BYTES = 16 * 1024 * 1024
ADVICE = "set the same CACHE_KEY in every ListSync that shares it"
# The client does not check what a server answers; these errors follow from wrong types and endless nesting.
_ERRORS_OF_NONSENSE = (TypeError, ValueError, AttributeError, LookupError, RecursionError)
_TAG_BYTES = hashlib.sha256().digest_size
_MOST_LOOKED_AT = 1000
_NAMES_AT_ONCE = 1000
_SECONDS_FOR_ALL_NAMES = 60.0

# A claim is compared and changed in one step, so that a claim of another process is never changed.
_IF_HELD = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call({}) end"
_RENEW = _IF_HELD.format("'pexpire', KEYS[1], ARGV[2]")
_RELEASE = _IF_HELD.format("'del', KEYS[1]")

T = TypeVar("T")


class _LimitedSocket:
    """A socket whose answer to each command has a limit of time and of size."""

    def __init__(self, opened: Any, stop: threading.Event) -> None:
        self._opened = opened
        self._stop = stop
        self._deadline, self._bytes_left = 0.0, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._opened, name)

    def sendall(self, content: bytes) -> None:
        self._deadline = time.monotonic() + SECONDS_FOR_AN_ANSWER
        self._bytes_left = LARGEST_BYTES + 64 * 1024
        self._opened.settimeout(TIMEOUT_SECONDS)
        self._opened.sendall(content)

    def recv(self, size: int) -> bytes:
        # With a timeout of 0, the client only looks whether there is anything to read.
        if self._opened.gettimeout() == 0:
            return bytes(self._opened.recv(size))
        self._opened.settimeout(_SLICE_SECONDS)
        silent_at = time.monotonic() + TIMEOUT_SECONDS
        while True:
            if self._stop.is_set():
                raise SyncCancelled("stopped while Redis was asked")
            if self._bytes_left < 0 or time.monotonic() >= self._deadline:
                raise TimeoutError("an answer without an end")
            try:
                received = bytes(self._opened.recv(size))
            except TimeoutError:
                if time.monotonic() >= silent_at:
                    raise
            else:
                self._bytes_left -= len(received)
                return received


class _LimitedConnection:
    """What connections of every kind have in common here."""

    stop: threading.Event

    def _connect(self) -> _LimitedSocket:
        return _LimitedSocket(super()._connect(), self.stop)  # type: ignore[misc]


class RedisCache:
    """A cache in the Redis that REDIS_URL names; safe to share between threads.

    Only values that were written with the same secret are found.
    """

    def __init__(self, url: str, secret: str, *, stop: threading.Event | None = None) -> None:
        self._signing_key = hmac.digest(secret.encode(), b"list-sync cache", "sha256")
        try:
            self._redis = redis.Redis.from_url(
                url,
                socket_timeout=TIMEOUT_SECONDS,
                socket_connect_timeout=TIMEOUT_SECONDS,
                decode_responses=False,
                retry=redis.retry.Retry(redis.backoff.NoBackoff(), 0),
            )
        except ValueError:
            raise ConfigError("REDIS_URL cannot be read: it has the form redis://host:6379/0") from None
        pool = self._redis.connection_pool
        bases = (_LimitedConnection, pool.connection_class)
        pool.connection_class = type("LimitedConnection", bases, {"stop": stop or threading.Event()})
        self._lock = threading.Lock()
        self._rests_until = 0.0
        self._knows_others = False

    def __repr__(self) -> str:
        return "RedisCache()"

    def check(self) -> None:
        """Raise ServiceUnavailable if Redis does not answer."""
        try:
            self._redis.ping()
        except (redis.RedisError, OSError, *_ERRORS_OF_NONSENSE) as error:
            # Its own message may hold the address with a password.
            raise ServiceUnavailable("redis", f"no answer ({type(error).__name__})") from None

    def find(self, key: str) -> bytes | None:
        """Return the stored bytes, unless they have expired or were not written with our secret."""
        name = PREFIX + key
        found = self._ask(lambda: self._load(name), b"")
        if not found:
            return None
        if not self._is_ours(name, found):
            self._warn_of_others()
            return None
        return found[_TAG_BYTES:]

    def keep(self, key: str, content: bytes, *, seconds: float) -> None:
        """Store bytes for the given time; the latest count."""
        name = PREFIX + key
        if len(content) <= LARGEST_BYTES - _TAG_BYTES:
            signed = self._tag(name, content) + content
            self._ask(lambda: self._redis.set(name, signed, px=_milliseconds(seconds)), None)

    def claim(self, key: str, *, seconds: float) -> str | None:
        """Return the token of a new claim on a key, or None while another process holds a claim."""
        name, lasting = _claim_on(key), _milliseconds(seconds)
        number = secrets.token_hex(16)
        token = self._tag(name, number.encode()).hex() + number
        is_granted = self._ask(lambda: bool(self._redis.set(name, token, nx=True, px=lasting)), True)
        return token if is_granted or not self._is_claimed(name) else None

    def renew(self, key: str, token: str, *, seconds: float) -> None:
        """Extend a claim, counted from now, unless it has expired."""
        self._ask(lambda: self._redis.eval(_RENEW, 1, _claim_on(key), token, str(_milliseconds(seconds))), None)

    def release(self, key: str, token: str) -> None:
        """Release a claim, unless it has expired and another process may hold one."""
        self._ask(lambda: self._redis.eval(_RELEASE, 1, _claim_on(key), token), None)

    def count_foreign(self) -> int:
        """Return how many of the first values were not written with our secret, or are no values of ListSync."""
        return self._ask(self._count_foreign, 0)

    def clear(self) -> bool:
        """Delete the values of every ListSync that shares it, claims stay; return whether that was possible."""
        return self._ask(self._clear, otherwise=False)

    def close(self) -> None:
        """Close every connection."""
        self._redis.close()

    def _clear(self) -> bool:
        for name in self._scan():
            if not name.startswith(_claim_on("").encode()):
                self._redis.unlink(name)
        return True

    def _count_foreign(self) -> int:
        names = (name.decode("utf-8", "replace") for name in self._scan())
        values = (name for name in islice(names, _MOST_LOOKED_AT) if not name.startswith(_claim_on("")))
        # A value may expire between the two questions.
        return sum(bool(found) and not self._is_ours(name, found) for name in values for found in [self._load(name)])

    def _scan(self) -> Iterator[bytes]:
        """Yield the names of all values; raise TimeoutError if that has no end."""
        cursor, deadline = 0, time.monotonic() + _SECONDS_FOR_ALL_NAMES
        while time.monotonic() < deadline:
            cursor, names = self._redis.scan(cursor, f"{PREFIX}*", _NAMES_AT_ONCE)
            yield from cast(list[bytes], names)
            if not cursor:
                return
        raise TimeoutError("names without an end")

    def _load(self, name: str) -> bytes:
        """Return a value, b"" if there is none, and only its beginning if it is too large to be ours."""
        try:
            found = self._redis.getrange(name, 0, LARGEST_BYTES)
        except redis.ResponseError:
            # It is a list, a set or another thing that ListSync does not make.
            return b"?"
        return found if isinstance(found, bytes) else b""

    def _is_claimed(self, name: str) -> bool:
        """Return whether a claim was made with our secret; nothing may keep a list from being read but that."""
        claim = self._ask(lambda: self._load(name), b"")
        tag, number = claim[: 2 * _TAG_BYTES], claim[2 * _TAG_BYTES :]
        return not claim or hmac.compare_digest(tag, self._tag(name, number).hex().encode())

    def _is_ours(self, name: str, value: bytes) -> bool:
        content = value[_TAG_BYTES:]
        return len(value) <= LARGEST_BYTES and hmac.compare_digest(value[:_TAG_BYTES], self._tag(name, content))

    def _tag(self, name: str, content: bytes) -> bytes:
        return hmac.digest(self._signing_key, name.encode() + b"\0" + content, "sha256")

    def _warn_of_others(self) -> None:
        with self._lock:
            is_known, self._knows_others = self._knows_others, True
        if not is_known:
            logger.warning("Redis (REDIS_URL) holds lists that cannot be verified; they are not used: %s", ADVICE)

    def _ask(self, question: Callable[[], T], otherwise: T) -> T:
        if time.monotonic() < self._rests_until:
            return otherwise
        try:
            return question()
        except (redis.RedisError, OSError, *_ERRORS_OF_NONSENSE) as error:
            with self._lock:
                self._rests_until = time.monotonic() + REST_SECONDS
            # Its own message may hold the address with a password.
            logger.warning("Redis (REDIS_URL) does not answer (%s): the sources are read", type(error).__name__)
            return otherwise


def _claim_on(key: str) -> str:
    return f"{PREFIX}claim:{key}"


def _milliseconds(seconds: float) -> int:
    return max(1, int(seconds * 1000))
