"""Opens the cache for answers of sources, and stores lists in it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from list_sync.database.file_cache import FileCache
from list_sync.errors import ConfigError
from list_sync.model.sources import FetchResult, ListRef
from list_sync.storage.packing import pack_result, unpack_result


class Cache(Protocol):
    """A cache of bytes. While it is down, it finds nothing, stores nothing and never raises."""

    def find(self, key: str) -> bytes | None:
        """Return the stored bytes, unless they have expired."""

    def keep(self, key: str, content: bytes, *, seconds: float) -> None:
        """Store bytes for the given time; the latest count."""

    def claim(self, key: str, *, seconds: float) -> str | None:
        """Return the token of a new claim on a key, or None while another process holds a claim."""

    def renew(self, key: str, token: str, *, seconds: float) -> None:
        """Extend a claim, counted from now, unless it has expired."""

    def release(self, key: str, token: str) -> None:
        """Release a claim, unless it has expired and another process may hold one."""

    def count_foreign(self) -> int:
        """Return how many values there are that cannot be verified."""

    def clear(self) -> bool:
        """Delete all that is stored; return whether that was possible."""

    def close(self) -> None:
        """Close the cache."""


def open_cache(
    redis_url: str | None,
    path: Path,
    *,
    secret: str | None,
    now: Callable[[], datetime],
    stop: threading.Event | None = None,
) -> Cache:
    """Return the cache in Redis if there are an address and a secret to sign values with, else that in the file.

    Raise ConfigError.
    """
    if redis_url is None or secret is None:
        return FileCache(path, now=now)
    try:
        # Imported here, because most installations have no Redis client.
        from list_sync.storage.redis_cache import RedisCache
    except ModuleNotFoundError:
        raise ConfigError(
            "REDIS_URL needs the Python package redis, which the images have: in a checkout pip install '.[redis]', "
            "or leave REDIS_URL out"
        ) from None
    return RedisCache(redis_url, secret, stop=stop)


@dataclass(frozen=True, slots=True)
class CachedLists:
    """Results of reading lists in a cache, each kept for `seconds`."""

    cache: Cache
    seconds: float

    def find(self, key: str, source: ListRef) -> FetchResult | None:
        """Return the stored result of a list; only good ones are stored."""
        content = self.cache.find(key)
        found = None if content is None else unpack_result(content, source)
        return found if found is not None and found.is_good else None

    def keep(self, key: str, result: FetchResult) -> None:
        """Store a result."""
        self.cache.keep(key, pack_result(result), seconds=self.seconds)
