"""What sources answered lately, in the database: the cache of a single data folder, and lists in any cache."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, delete, select

from list_sync.database.schema import cached_answers
from list_sync.database.statements import upsert
from list_sync.database.store import Store
from list_sync.errors import ConfigError, StorageError
from list_sync.model.sources import FetchResult, ListRef
from list_sync.storage.packing import pack_result, unpack_result

logger = logging.getLogger(__name__)

# CACHE_TTL may be a year.
LONGEST_KEPT = timedelta(days=366)


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


def open_cache(redis_url: str | None, store: Store, *, now: Callable[[], datetime]) -> Cache:
    """Return the cache in Redis if there is an address, else that of the data folder; raise ConfigError."""
    if redis_url is None:
        return DatabaseCache(store, now=now)
    try:
        # Here, because most have no Redis and need not have its client.
        from list_sync.storage.redis_cache import RedisCache
    except ModuleNotFoundError:
        raise ConfigError("REDIS_URL needs a Python package: pip install 'list-sync[redis]', or leave it out") from None
    return RedisCache(redis_url)


class DatabaseCache:
    """The cache of one data folder, whose run lock already keeps a second reader away."""

    def __init__(self, store: Store, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def find(self, key: str) -> bytes | None:
        """Return what was kept, unless its time is over."""
        columns = cached_answers.c
        query = select(columns.content).where((columns.key == key) & _is_kept(self._now()))
        try:
            with self._store.reading() as connection:
                found: bytes | None = connection.execute(query).scalar_one_or_none()
                return found
        except StorageError as error:
            logger.debug("the cache cannot be read: %s", error)
            return None

    def keep(self, key: str, content: bytes, *, seconds: float) -> None:
        """Keep bytes for so long, and drop those whose time is over."""
        now = self._now()
        row: dict[str, object] = {"key": key, "expires_at": now + timedelta(seconds=seconds), "content": content}
        try:
            with self._store.writing() as connection:
                connection.execute(delete(cached_answers).where(~_is_kept(now)))
                upsert(connection, cached_answers, [row])
        except StorageError as error:
            logger.debug("nothing can be kept in the cache: %s", error)

    def claim(self, key: str, *, seconds: float) -> str | None:  # noqa: ARG002
        """Grant every claim: no other process reads for this folder."""
        return "granted"

    def renew(self, key: str, token: str, *, seconds: float) -> None:
        """Do nothing: a claim that is always granted needs no renewal."""

    def release(self, key: str, token: str) -> None:
        """Do nothing, like renew."""

    def close(self) -> None:
        """Do nothing: the database is somebody else's to close."""


def _is_kept(now: datetime) -> ColumnElement[bool]:
    # Nothing is kept for longer: a later end was reckoned by a clock that was ahead, and would never come.
    return (cached_answers.c.expires_at > now) & (cached_answers.c.expires_at <= now + LONGEST_KEPT)


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
