"""The cache that several containers share, in Redis; while Redis is down, every source is read."""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import redis

from list_sync.errors import ConfigError

logger = logging.getLogger(__name__)

PREFIX = "listsync:"
TIMEOUT_SECONDS = 2.0
# Each call to a server that is down takes a whole timeout, so there is a pause after a failure.
REST_SECONDS = 30.0

# A claim is compared and changed in one step, so that a claim of another process is never changed.
_IF_HELD = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call({}) end"
_RENEW = _IF_HELD.format("'pexpire', KEYS[1], ARGV[2]")
_RELEASE = _IF_HELD.format("'del', KEYS[1]")

T = TypeVar("T")


class RedisCache:
    """A cache in the Redis that REDIS_URL names; safe to share between threads."""

    def __init__(self, url: str) -> None:
        try:
            self._redis = redis.Redis.from_url(
                url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS, decode_responses=False
            )
        except ValueError:
            raise ConfigError("REDIS_URL cannot be read: it has the form redis://host:6379/0") from None
        self._lock = threading.Lock()
        self._rests_until = 0.0

    def __repr__(self) -> str:
        return "RedisCache()"

    def find(self, key: str) -> bytes | None:
        """Return the stored bytes, unless they have expired."""
        found = self._ask(lambda: self._redis.get(PREFIX + key), None)
        return found if isinstance(found, bytes) else None

    def keep(self, key: str, content: bytes, *, seconds: float) -> None:
        """Store bytes for the given time; the latest count."""
        self._ask(lambda: self._redis.set(PREFIX + key, content, px=_milliseconds(seconds)), None)

    def claim(self, key: str, *, seconds: float) -> str | None:
        """Return the token of a new claim on a key, or None while another process holds a claim."""
        token = secrets.token_hex(16)
        name, lasting = _claim_on(key), _milliseconds(seconds)
        is_granted = self._ask(lambda: bool(self._redis.set(name, token, nx=True, px=lasting)), True)
        return token if is_granted else None

    def renew(self, key: str, token: str, *, seconds: float) -> None:
        """Extend a claim, counted from now, unless it has expired."""
        self._ask(lambda: self._redis.eval(_RENEW, 1, _claim_on(key), token, str(_milliseconds(seconds))), None)

    def release(self, key: str, token: str) -> None:
        """Release a claim, unless it has expired and another process may hold one."""
        self._ask(lambda: self._redis.eval(_RELEASE, 1, _claim_on(key), token), None)

    def close(self) -> None:
        """Close every connection."""
        self._redis.close()

    def _ask(self, question: Callable[[], T], otherwise: T) -> T:
        if time.monotonic() < self._rests_until:
            return otherwise
        try:
            return question()
        except (redis.RedisError, OSError) as error:
            with self._lock:
                self._rests_until = time.monotonic() + REST_SECONDS
            # Its own message may hold the address with a password.
            logger.warning("Redis (REDIS_URL) does not answer (%s): the sources are read", type(error).__name__)
            return otherwise


def _claim_on(key: str) -> str:
    return f"{PREFIX}claim:{key}"


def _milliseconds(seconds: float) -> int:
    return max(1, int(seconds * 1000))
