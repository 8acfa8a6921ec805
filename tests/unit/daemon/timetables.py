"""Timetables and reports by a clock of the test's own."""

from datetime import UTC, datetime

from list_sync.config.rhythms import Rhythm
from list_sync.daemon.timetable import Timetable
from list_sync.model.report import SyncMode, SyncReport

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def timetable(clock, *crons, hours=24.0, zone=UTC):
    return Timetable({"": Rhythm(hours, crons)}, zone=zone, now=clock.now, steady=clock.steady)


def report(failure=None, mode=SyncMode.AUTOMATED):
    error = "it did not work" if failure else None
    return SyncReport(1, NOON, NOON, dry_run=False, mode=mode, error=error, failure=failure)


def at(text, zone=UTC):
    return datetime.fromisoformat(text).replace(tzinfo=zone)
