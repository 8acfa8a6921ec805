"""Exit codes, and the kinds of errors that they distinguish."""

from enum import IntEnum, StrEnum

from list_sync.errors import (
    BrakeApplied,
    ConfigError,
    FolderInUse,
    InvalidListId,
    ListSyncError,
    NotTrusted,
    PlanRefused,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    StorageError,
    SyncCancelled,
    UnexpectedResponse,
)


class ExitCode(IntEnum):
    """The exit codes of every command: 5 is that of `plan --check` alone, the last one the shell's own for Ctrl-C."""

    OK = 0
    FAILURES = 1
    CONFIGURATION = 2
    UNREACHABLE = 3
    REFUSED = 4
    SOMETHING_TO_DO = 5
    INTERRUPTED = 130


class FailureKind(StrEnum):
    """Why a run or a command failed, as far as exit codes distinguish it."""

    CONFIGURATION = "configuration"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    STORAGE = "storage"
    STOPPED = "stopped"
    BRAKE = "brake"
    OTHER = "other"

    @classmethod
    def of(cls, error: ListSyncError) -> "FailureKind":
        """Return the kind of an error that ended a run or a command."""
        for family, kind in _FAMILIES:
            if isinstance(error, family):
                return kind
        return cls.OTHER

    @property
    def exit_code(self) -> ExitCode:
        """Return the exit code of a command that ends this way."""
        return _CODES.get(self, ExitCode.FAILURES)


_CODES = {
    FailureKind.CONFIGURATION: ExitCode.CONFIGURATION,
    FailureKind.UNREACHABLE: ExitCode.UNREACHABLE,
    FailureKind.REFUSED: ExitCode.REFUSED,
    FailureKind.STOPPED: ExitCode.INTERRUPTED,
}
_FAMILIES: tuple[tuple[type[ListSyncError], FailureKind], ...] = (
    (ConfigError, FailureKind.CONFIGURATION),
    (InvalidListId, FailureKind.CONFIGURATION),
    (ServiceUnavailable, FailureKind.UNREACHABLE),
    (RateLimited, FailureKind.UNREACHABLE),
    (UnexpectedResponse, FailureKind.UNREACHABLE),
    (ServiceError, FailureKind.REFUSED),
    (FolderInUse, FailureKind.REFUSED),
    (NotTrusted, FailureKind.REFUSED),
    (PlanRefused, FailureKind.REFUSED),
    (StorageError, FailureKind.STORAGE),
    (SyncCancelled, FailureKind.STOPPED),
    (BrakeApplied, FailureKind.BRAKE),
)
