"""What is news for the streams: runs that ended, what waits for a person, and settings that count from now on."""

import time
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool

from list_sync.errors import StorageError
from list_sync.model.attention import Attention
from list_sync.storage.attention import count_attention
from list_sync.storage.runs import find_latest, find_run
from list_sync.web.models.runs import build_run
from list_sync.web.parts import Parts
from list_sync.web.watching.feed import Topic

LOOK_SECONDS = 10.0
RUNS_LOOKED_AT = 20


class News:
    """Looks at the database after each run of this process, and now and then, because other processes also sync."""

    def __init__(self, parts: Parts, *, now: Callable[[], float] = time.monotonic) -> None:
        self._parts = parts
        self._store = parts.store
        self._feed = parts.feed
        self._now = now
        self._due_at = 0.0
        self._seen_ends = -1
        self._is_looking = False
        self._attention: Attention | None = None
        self._over: list[int] | None = None
        self._settings = parts.present
        self.look()

    async def refresh(self) -> None:
        """Look if it is time; streams that call this meanwhile do not wait."""
        has_news = self._seen_ends != self._feed.ended_runs or self._settings is not self._parts.present
        if not (has_news or self._now() >= self._due_at) or self._is_looking:
            return
        self._is_looking = True
        try:
            await run_in_threadpool(self.look)
        finally:
            self._is_looking = False

    def look(self) -> None:
        """Publish what changed since the last look; while the database cannot be read, nothing is published."""
        self._due_at, self._seen_ends = self._now() + LOOK_SECONDS, self._feed.ended_runs
        try:
            with self._store.reading() as connection:
                attention = count_attention(connection, self._store.household)
                latest = find_latest(connection, self._store.household, limit=RUNS_LOOKED_AT)
                over = [run_id for run_id, status in latest.items() if status.is_over]
                known = over if self._over is None else self._over
                ended = [find_run(connection, run_id) for run_id in over if run_id not in known]
        except StorageError:
            return
        for run in filter(None, ended):
            self._feed.publish(Topic.RUN, build_run(run).model_dump(mode="json"))
        settings, known_settings = self._parts.present, self._settings
        if self._attention not in (None, attention) or settings is not known_settings:
            self._feed.publish(Topic.ATTENTION, attention.numbers)
        self._over, self._attention, self._settings = over, attention, settings
