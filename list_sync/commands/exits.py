"""The exit code and the lines of a command that an error ended."""

from list_sync.errors import ConfigError, InvalidListId, ListSyncError
from list_sync.model.report import ExitCode as ExitCode
from list_sync.model.report import FailureKind


def exit_code_of(error: ListSyncError) -> ExitCode:
    """Return the exit code of a command that ended with an error."""
    if isinstance(error, InvalidListId):
        return ExitCode.CONFIGURATION
    return FailureKind.of(error).exit_code


def reasons_of(error: ListSyncError) -> tuple[str, ...]:
    """Return the lines to print for an error that ended a command."""
    return error.problems if isinstance(error, ConfigError) else (str(error),)
