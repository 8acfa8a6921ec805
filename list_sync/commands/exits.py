"""What a command's exit code says: DESIGN's five, and the shell's own for Ctrl-C."""

from enum import IntEnum

from list_sync.errors import ConfigError, InvalidListId, ListSyncError
from list_sync.model.report import FailureKind, SyncReport


class ExitCode(IntEnum):
    """The exit codes of every command."""

    OK = 0
    FAILURES = 1
    CONFIGURATION = 2
    UNREACHABLE = 3
    REFUSED = 4
    INTERRUPTED = 130


_CODES = {
    FailureKind.CONFIGURATION: ExitCode.CONFIGURATION,
    FailureKind.UNREACHABLE: ExitCode.UNREACHABLE,
    FailureKind.REFUSED: ExitCode.REFUSED,
    FailureKind.STOPPED: ExitCode.INTERRUPTED,
}


def exit_code_of(error: ListSyncError) -> ExitCode:
    """Return the exit code of a command that an error ended."""
    if isinstance(error, InvalidListId):
        return ExitCode.CONFIGURATION
    return _CODES.get(FailureKind.of(error), ExitCode.FAILURES)


def exit_code_of_report(report: SyncReport) -> ExitCode:
    """Return the exit code of a sync."""
    if report.failure is not None:
        return _CODES.get(report.failure, ExitCode.FAILURES)
    return ExitCode.FAILURES if report.has_failures else ExitCode.OK


def reasons_of(error: ListSyncError) -> tuple[str, ...]:
    """Return what to say of an error that ended a command, one line each."""
    return error.problems if isinstance(error, ConfigError) else (str(error),)
