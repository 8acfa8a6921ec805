"""The composition root: starts a session from the settings.

PUBLIC: run_sync(client, automated_mode=False).
"""

import gc
from functools import partial
from pathlib import Path

from list_sync import log
from list_sync.api.overseerr import OverseerrClient
from list_sync.clients import build_client as build_client
from list_sync.clients import open_quick_client as open_quick_client
from list_sync.config import Settings
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.titles import Quality
from list_sync.preparation import find_further as find_further
from list_sync.preparation import prepare_settings as prepare_settings
from list_sync.providers import with_canonical_id
from list_sync.session import Session as Session
from list_sync.undoing import UndoParts, run_undo
from list_sync.workers import Stop


def run_sync(
    client: OverseerrClient, automated_mode: bool = False, dry_run: bool = False, is_4k: bool | None = None
) -> SyncReport:
    """Sync the lists of the environment to the client's server once, and return the report.

    Raise ConfigError for wrong settings and StorageError if the database cannot be used; any other error is the
    `error` of the report. If `is_4k` is None, OVERSEERR_4K counts.
    """
    settings = prepare_settings()
    if not log.find_logs():
        log.configure_logging(settings.process.log_level, settings.process.log_format, zone=settings.process.zone)
    with Session(settings, client=client) as session:
        mode = SyncMode.AUTOMATED if automated_mode else SyncMode.MANUAL
        quality = None if is_4k is None else Quality.UHD if is_4k else Quality.HD
        return session.sync(mode=mode, dry_run=dry_run, quality=quality)


def open_session(
    settings: Settings, *, stop: Stop | None = None, is_patient: bool = False, database: Path | None = None
) -> Session:
    """Return a session for the server of the settings; raise ConfigError or StorageError."""
    # Titles stay in memory during a run, and searching all of them for garbage took a fifth of a long run.
    gc.set_threshold(20_000, 20, 10)
    stop = stop or Stop()
    client = build_client(settings, stop=stop.of_run)
    return Session(settings, client=client, stop=stop, is_patient=is_patient, database=database)


def undo_run(
    session: Session, run_id: int, *, mode: SyncMode = SyncMode.MANUAL, queued: int | None = None
) -> SyncReport:
    """Withdraw the requests of a run that nothing else wants; this is a run that waits and fails as a sync does.

    `queued` is its number if it was queued.
    """
    report = None
    with session.started():
        try:
            report = run_undo(
                build_undo(session), run_id, on_started=partial(_begin, session, mode), mode=mode, queued=queued
            )
        finally:
            if session.watcher:
                session.watcher.end(report)
        log.close_run(report.closing_line)
        return report


def _begin(session: Session, mode: SyncMode, number: int) -> None:
    session.stop.begin_run(number)
    if session.watcher:
        session.watcher.begin(number, mode, (), dry_run=False)


def build_undo(session: Session) -> UndoParts:
    """Return what an undo and its preview work with."""
    lists = {with_canonical_id(ref).key for ref in session.settings.household.lists}
    return UndoParts(
        session.client,
        session.store,
        lists,
        session.stop.of_run,
        session.now,
        arrs=session.sources.find_arrs(),
        workers=session.settings.process.max_workers,
        retention_days=session.settings.process.retention_days,
        is_ending=session.stop.is_set,
    )
