"""`sync`: one sync now, with bars on a terminal, log lines elsewhere, or one JSON object."""

import logging
import sys
from collections.abc import Sequence

from list_sync import log
from list_sync.commands.naming import parse_lists
from list_sync.commands.opening import stoppable_session
from list_sync.commands.printing import complain, is_terminal
from list_sync.commands.progress_bar import progress_shown
from list_sync.commands.report_json import print_report_json
from list_sync.commands.report_text import print_report
from list_sync.config import Settings
from list_sync.errors import SyncCancelled
from list_sync.main import prepare_settings
from list_sync.model.report import ExitCode, SyncMode, describe_vanished
from list_sync.model.sources import ListRef

logger = logging.getLogger(__name__)


def sync(*, dry_run: bool, lists: Sequence[str], as_json: bool, fresh: bool = False) -> int:
    """Sync all lists, or only the given ones, and print what was done."""
    settings = prepare_settings()
    only = tuple(dict.fromkeys(ref for text in lists for ref in parse_lists(text, settings.household.lists)))
    return sync_and_print(settings, dry_run=dry_run, only=only, fresh=fresh, as_json=as_json)


def sync_and_print(
    settings: Settings,
    *,
    dry_run: bool = False,
    only: tuple[ListRef, ...] = (),
    fresh: bool = False,
    as_json: bool = False,
    everything: bool = False,
) -> int:
    """Sync once and print the report: as JSON, or as text with the titles that need attention, or `everything`."""
    start_logging(settings, as_json=as_json)
    with (
        stoppable_session(settings) as (stopping, session),
        progress_shown(wanted=not as_json) as on_progress,
    ):
        try:
            report = session.sync(
                mode=SyncMode.MANUAL, dry_run=dry_run, only=only, fresh=fresh, on_progress=on_progress
            )
        except SyncCancelled:
            return stopping.exit_code(ExitCode.FAILURES)
    if as_json:
        print_report_json(report)
    else:
        print_report(report, everything=everything)
        if not is_terminal():
            log.repeat_closing_line()
        elif report.vanished:
            complain(describe_vanished(report.vanished))
    return stopping.exit_code(report.exit_code)


def start_logging(settings: Settings, *, as_json: bool) -> None:
    """Log to stdout, or to stderr if JSON goes to stdout; on a terminal only what the bars do not show."""
    level = settings.process.log_level
    if is_terminal() and not as_json and level == "INFO":
        level = "WARNING"
    log.configure_logging(
        level, settings.process.log_format, sys.stderr if as_json else None, zone=settings.process.zone
    )
    for warning in settings.warnings:
        logger.warning("%s", warning)
