"""How the service, its database and its server are: the words of /health."""

from datetime import datetime, timedelta

from list_sync.errors import StorageError
from list_sync.storage.runs import find_last_success
from list_sync.web.parts import Parts
from list_sync.web.watching.server_watch import HEALTHY, Check, Health

STALE_AFTER = timedelta(hours=48)


def look_at_database(parts: Parts) -> Check:
    """Return whether the database can be read, and the daemon can use it."""
    try:
        with parts.store.reading() as connection:
            find_last_success(connection, parts.store.household)
    except StorageError as error:
        return Check(Health.UNHEALTHY, "unhealthy: it cannot be read", str(error))
    trouble = parts.daemon.find_trouble()
    return (
        Check(Health.UNHEALTHY, "unhealthy: it cannot be used", trouble) if trouble else Check(Health.HEALTHY, HEALTHY)
    )


def look_at_syncs(parts: Parts) -> Check:
    """Return whether a sync went through lately: within 48 hours, or two intervals if those are longer."""
    stall = parts.daemon.find_stall()
    if stall:
        return Check(Health.UNHEALTHY, "error: the sync makes no progress", stall)
    try:
        with parts.store.reading() as connection:
            last = find_last_success(connection, parts.store.household)
    except StorageError as error:
        return Check(Health.UNHEALTHY, "error: the database cannot be read", str(error))
    trouble = parts.daemon.find_file_trouble()
    if trouble:
        return Check(Health.DEGRADED, "error: a changed file cannot be read", trouble)
    return judge_last_sync(last, limit=find_limit(parts), now=parts.now())


def judge_last_sync(last: datetime | None, *, limit: timedelta, now: datetime) -> Check:
    """Return whether the last sync is recent; none at all is no fault yet."""
    if last is None:
        return Check(Health.HEALTHY, "no_syncs_found")
    age = timedelta(seconds=int((now - last).total_seconds()))
    return Check(Health.DEGRADED, f"stale: {age}") if age > limit else Check(Health.HEALTHY, HEALTHY)


def find_limit(parts: Parts) -> timedelta:
    """Return how old the last sync may be; a pause suspends the limit."""
    limit = max(STALE_AFTER, 2 * parts.present.household.longest_interval(parts.now(), parts.settings.process.zone))
    return timedelta.max if parts.daemon.find_pause() else limit
