"""`sync`: one sync now, shown as bars, log lines or one JSON object; `--sync-now`: one sync by the daemon."""

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from list_sync import log
from list_sync.carrying import load_names
from list_sync.commands.loading import load_for_command
from list_sync.commands.opening import open_own_store
from list_sync.commands.printing import complain, is_terminal, say
from list_sync.commands.report import print_report, print_report_json
from list_sync.commands.sessions import stoppable_session
from list_sync.commands.status import describe_run
from list_sync.config import Settings, find_state_folder
from list_sync.correcting.naming import parse_lists
from list_sync.daemon.heartbeat import has_daemon
from list_sync.daemon.pausing import describe_pause, find_pause
from list_sync.daemon.run_queue import ask_daemon, require_present_version, wait_for_run
from list_sync.daemon.stopping import Stopping
from list_sync.errors import SyncCancelled
from list_sync.main import Session, prepare_settings
from list_sync.model.exit_codes import ExitCode, FailureKind
from list_sync.model.households import HOME
from list_sync.model.journal import describe_vanished
from list_sync.model.moments import utc_now
from list_sync.model.report import SyncMode
from list_sync.model.runs import ProgressListener, RunOrder, ignore_progress
from list_sync.model.sources import ListRef
from list_sync.storage import orders

logger = logging.getLogger(__name__)


def sync(
    *,
    dry_run: bool,
    lists: Sequence[str],
    as_json: bool,
    fresh: bool = False,
    everything: bool = False,
    household: str = HOME,
) -> int:
    """Sync all lists, or only the given ones, and print what was done, with `everything` for every title."""
    settings = prepare_settings(household)
    only = choose_lists(lists, settings)
    return sync_and_print(settings, dry_run=dry_run, only=only, fresh=fresh, as_json=as_json, everything=everything)


def choose_lists(texts: Sequence[str], settings: Settings) -> tuple[ListRef, ...]:
    """Return the lists that some texts name; raise InvalidListId."""
    return tuple(dict.fromkeys(ref for text in texts for ref in parse_lists(text, settings.household.lists)))


def sync_and_print(
    settings: Settings,
    *,
    dry_run: bool = False,
    only: tuple[ListRef, ...] = (),
    fresh: bool = False,
    as_json: bool = False,
    everything: bool = False,
    accepts: bool = False,
) -> int:
    """Sync once and print the report: as JSON, or as text with the titles that need attention, or `everything`.

    With `accepts`, the brake does not stop the sync.
    """
    with shown_session(settings, as_json=as_json) as (stopping, session, on_progress):
        try:
            report = session.sync(
                mode=SyncMode.MANUAL, dry_run=dry_run, only=only, fresh=fresh, accepts=accepts, on_progress=on_progress
            )
        except SyncCancelled:
            return stopping.exit_code(ExitCode.FAILURES)
        names = {} if as_json else load_names(session.store, report)
    if as_json:
        print_report_json(report)
    elif report.paused_until is None:
        print_report(report, names, everything=everything, zone=settings.process.zone)
        if report.failure is FailureKind.BRAKE and report.error:
            complain(report.error)
        if not is_terminal():
            log.repeat_closing_line()
        elif report.vanished:
            complain(describe_vanished(report.vanished))
    return stopping.exit_code(report.exit_code)


@contextmanager
def shown_session(
    settings: Settings, *, as_json: bool, database: Path | None = None
) -> Iterator[tuple[Stopping, Session, ProgressListener]]:
    """Give a session that a signal ends, whose work is shown as bars or log lines."""
    _start_logging(settings, as_json=as_json)
    with (
        stoppable_session(settings, database=database) as (stopping, session),
        _progress_shown(as_json=as_json) as on_progress,
    ):
        yield stopping, session, on_progress


def _progress_shown(*, as_json: bool) -> AbstractContextManager[ProgressListener]:
    """Return what draws bars on a terminal, and nothing elsewhere."""
    if as_json or not is_terminal():
        return nullcontext(ignore_progress)
    # Imported here, because only a terminal has bars.
    from list_sync.commands.progress_bar import bars_shown

    return bars_shown()


def _start_logging(settings: Settings, *, as_json: bool) -> None:
    """Log to stdout, or to stderr if JSON goes to stdout; on a terminal only what the bars do not show."""
    level, stream = settings.process.log_level, sys.stderr if as_json else None
    if is_terminal() and not as_json:
        from list_sync.commands.progress_bar import AboveBars

        level, stream = "WARNING" if level == "INFO" else level, AboveBars()
    log.configure_logging(level, settings.process.log_format, stream, zone=settings.process.zone)
    for warning in settings.warnings:
        logger.warning("%s", warning)


def sync_now() -> int:
    """Wait for the sync and return its exit code; Ctrl-C ends the waiting, not the sync. A pause refuses it."""
    settings = load_for_command()
    folder = find_state_folder(settings.process.data_dir)
    if not has_daemon(folder):
        return sync(dry_run=False, lists=(), as_json=False)
    if until := find_pause(folder.path):
        complain(describe_pause(until))
        return ExitCode.REFUSED
    require_present_version(folder)
    with open_own_store(settings) as store:
        run_id = ask_daemon(store, folder, RunOrder())
        say(f"asked the running ListSync to sync now: run {run_id}")
        run = wait_for_run(store, folder, run_id)
        if run.status.is_over:
            say(f"run {describe_run(run, settings.process.zone)}")
            return ExitCode.FAILURES if run.exit_code is None else run.exit_code
        if until := find_pause(folder.path):
            complain(f"run {run_id} waits for the end of the pause: {describe_pause(until)}")
            return ExitCode.REFUSED
        with store.writing() as connection:
            is_cancelled = orders.cancel(connection, run_id, at=utc_now())
    if not is_cancelled:
        complain("the running ListSync ended before the sync; the sync starts again with the next start of ListSync")
        return ExitCode.FAILURES
    complain("the running ListSync ended meanwhile: syncing here")
    return sync(dry_run=False, lists=(), as_json=False)
