"""Looks once a day which releases of ListSync mend a route to a source, if UPDATE_CHECK asks for it."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta

from list_sync.api.http.client import HttpClient
from list_sync.api.releases import LARGEST_ANSWER, SERVICE, fetch_releases
from list_sync.config import Settings
from list_sync.database.store import Store
from list_sync.errors import ServiceError, StorageError, SyncCancelled
from list_sync.model.moments import is_over, utc_now
from list_sync.model.releases import Release
from list_sync.storage.releases import find_reading, find_releases, keep_releases
from list_sync.version import __version__

logger = logging.getLogger(__name__)

EVERY = timedelta(days=1)
# The time of the last look is in the database, which may be gone, or set to another day by the clock.
_LOOK_SECONDS = 600.0
_SILENCE_SECONDS = 10.0
_CLOSING_SECONDS = 2.0


@contextmanager
def looking_for_updates(
    settings: Settings, store: Store, *, stop: threading.Event, now: Callable[[], datetime] = utc_now
) -> Iterator[None]:
    """Look for releases meanwhile, from a thread of its own."""
    if not settings.process.update_check:
        yield
        return
    over = threading.Event()
    thread = threading.Thread(
        target=_keep_looking, args=(settings, store, over, stop, now), name="updates", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(_CLOSING_SECONDS)


def _keep_looking(
    settings: Settings, store: Store, over: threading.Event, stop: threading.Event, now: Callable[[], datetime]
) -> None:
    http = HttpClient(
        SERVICE,
        timeout_seconds=min(_SILENCE_SECONDS, settings.process.http_timeout),
        # A look that fails is repeated a day later.
        retry_attempts=1,
        stop=stop,
        max_bytes=LARGEST_ANSWER,
    )
    with closing(http), suppress(SyncCancelled):
        while True:
            try:
                look_for_updates(settings, store, http, now=now)
            except StorageError as error:
                logger.debug("releases cannot be kept: %s", error)
            if over.wait(_LOOK_SECONDS) or stop.is_set():
                return


def look_for_updates(settings: Settings, store: Store, http: HttpClient, *, now: Callable[[], datetime]) -> bool:
    """Read the releases if the last look was a day ago, and keep them; return whether it was.

    A look that fails counts as well, and what was known before stays. Raise StorageError or SyncCancelled.
    """
    with store.reading() as connection:
        known, last = find_releases(connection), find_reading(connection)
    if last is not None and not is_over(last, EVERY, now=now()):
        return False
    try:
        found = fetch_releases(http, settings.process.update_check_url)
    except ServiceError as error:
        logger.info("%s; syncs go on, and the next look is in a day", error)
        found = known
    # Without any other release, this row holds the time of the look.
    own = () if any(one.version == __version__ for one in found) else (Release(__version__),)
    with store.writing() as connection:
        keep_releases(connection, (*found, *own), at=now())
    return True
