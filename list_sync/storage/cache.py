"""What sources answered lately: which cache it is kept in, and lists in any cache."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from list_sync.database.file_cache import FileCache
from list_sync.errors import ConfigError
from list_sync.model.sources import FetchResult, ListRef
from list_sync.storage.packing import pack_result, unpack_result


class Cache(Protocol):
    """Bytes that are kept for a while; one that is down holds nothing, keeps nothing and never raises."""

    def find(self, key: str) -> bytes | None:
        """Return what was kept, unless its time is over."""

    def keep(self, key: str, content: bytes, *, seconds: float) -> None:
        """Keep bytes for so long; the latest count."""

    def claim(self, key: str, *, seconds: float) -> str | None:
        """Return the token of a new claim on a key, or None while another process holds one."""

    def renew(self, key: str, token: str, *, seconds: float) -> None:
        """Extend a claim, counted from now, unless it has run out."""

    def release(self, key: str, token: str) -> None:
        """Give up a claim, unless it has run out: another process may hold one by now."""

    def close(self) -> None:
        """Let go of whatever holds it open."""


def open_cache(redis_url: str | None, path: Path, *, now: Callable[[], datetime]) -> Cache:
    """Return the cache in Redis if there is an address, else that in the file of the data folder; raise ConfigError."""
    if redis_url is None:
        return FileCache(path, now=now)
    try:
        # Here, because most have no Redis and need not have its client.
        from list_sync.storage.redis_cache import RedisCache
    except ModuleNotFoundError:
        raise ConfigError("REDIS_URL needs a Python package: pip install 'list-sync[redis]', or leave it out") from None
    return RedisCache(redis_url)


class CachedLists:
    """Lists as they were read, in a cache, each for `seconds`."""

    def __init__(self, cache: Cache, *, seconds: float) -> None:
        self._cache = cache
        self._seconds = seconds

    def find(self, key: str, source: ListRef) -> FetchResult | None:
        """Return what was kept of a list."""
        content = self._cache.find(key)
        return None if content is None else unpack_result(content, source)

    def keep(self, key: str, result: FetchResult) -> None:
        """Keep a reading."""
        self._cache.keep(key, pack_result(result), seconds=self._seconds)

    def claim(self, key: str, *, seconds: float) -> str | None:
        """Return the token of a new claim on a list, or None while another process holds one."""
        return self._cache.claim(key, seconds=seconds)

    def renew(self, key: str, token: str, *, seconds: float) -> None:
        """Extend a claim, counted from now, unless it has run out."""
        self._cache.renew(key, token, seconds=seconds)

    def release(self, key: str, token: str) -> None:
        """Give up a claim, unless it has run out."""
        self._cache.release(key, token)
