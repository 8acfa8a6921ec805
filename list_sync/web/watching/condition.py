"""How the service, its database and its server are: the words of /health."""

from datetime import datetime, timedelta

from list_sync.database.known_backups import find_newest_verified
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
    return _judge_age(timedelta(seconds=int((now - last).total_seconds())), limit)


def _judge_age(age: timedelta, limit: timedelta) -> Check:
    return Check(Health.DEGRADED, f"stale: {age}") if age > limit else Check(Health.HEALTHY, HEALTHY)


def look_at_backups(parts: Parts, age: timedelta | None) -> Check | None:
    """Return whether backups are made by themselves, and the last is recent; None if BACKUP_SCHEDULE is not set."""
    interval = find_backup_interval(parts)
    if interval is None:
        return None
    if trouble := parts.daemon.find_backup_trouble():
        return Check(Health.UNHEALTHY, "unhealthy: no backup could be made", trouble)
    return Check(Health.HEALTHY, "no_backups_found") if age is None else _judge_age(age, 2 * interval)


def find_backup_age(parts: Parts) -> timedelta | None:
    """Return the age of the newest verified backup, in whole seconds; None if there is none."""
    newest = find_newest_verified(parts.folder, now=parts.now())
    return timedelta(seconds=max(0, int((parts.now() - newest.made_at).total_seconds()))) if newest else None


def find_backup_interval(parts: Parts) -> timedelta | None:
    """Return the longest time between two backups of BACKUP_SCHEDULE; None if that is not set."""
    process = parts.settings.process
    return process.backup_schedule.find_longest_gap(parts.now(), process.zone) if process.backup_schedule else None


def find_limit(parts: Parts) -> timedelta:
    """Return how old the last sync may be; a pause suspends the limit."""
    limit = max(STALE_AFTER, 2 * parts.present.household.longest_interval(parts.now(), parts.settings.process.zone))
    return timedelta.max if parts.daemon.find_pause() else limit
