"""The latest runs as people see them: a run whose process is gone is not called running."""

from contextlib import suppress

from list_sync.database.store import Store
from list_sync.errors import StorageError
from list_sync.files.lock import RUN_LOCK, FileLock
from list_sync.model.runs import Run, RunStatus
from list_sync.model.servers import HOME
from list_sync.storage.runs import as_interrupted, find_runs


def load_past_runs(store: Store, *, limit: int, only_started: bool = False) -> tuple[Run, ...]:
    """Return the latest runs, newest first."""
    runs = _load(store, limit, only_started=only_started)
    if not any(_is_called_running(run) for run in runs) or _is_lock_held(store):
        return runs
    # Read again: a run may have ended in between; it records its end before it releases the lock.
    return tuple(
        as_interrupted(run) if _is_called_running(run) else run
        for run in _load(store, limit, only_started=only_started)
    )


def _load(store: Store, limit: int, *, only_started: bool) -> tuple[Run, ...]:
    with store.reading() as connection:
        return find_runs(connection, HOME, limit=limit, only_started=only_started)


def _is_called_running(run: Run) -> bool:
    return run.status is RunStatus.RUNNING


def _is_lock_held(store: Store) -> bool:
    """Return whether a process runs a sync in this folder; if the lock cannot be tried, the record counts."""
    with suppress(StorageError):
        return FileLock(store.path.with_name(RUN_LOCK)).is_held_elsewhere()
    return True
