"""All errors of ListSync in one tree, ordered by what should happen next.

ListSyncError
├── ConfigError(problems)            stop: every problem is printed at once, exit code 2
│   ├── WrongPassphrase              config.enc was sealed with another passphrase or key
│   └── SecretsUnreadable            config.enc is damaged, not ours, or may not be read
├── InvalidListId                    this list is wrong; the others are read
├── NotOffered                       this route does not have the list; the next one is tried
├── TooLarge                         this list would take too much memory or time; the others are read
├── QueueFull                        very many runs wait: ask again later
├── ServiceError(service, message)   retryable = False
│   ├── ServiceUnavailable           retryable (reads only): timeout, connection, 5xx
│   │   ├── AnswerLost               a request was sent, and no answer came
│   │   └── LookupFailed             the server answers, but its own look-up at TMDB failed
│   ├── RateLimited(retry_after)     retryable, after the seconds that it asked for
│   ├── AuthenticationFailed         the key or token was refused, or is missing
│   ├── Refused                      the service understood and said no: forbidden, 409
│   │   ├── Private                  only its owner may see it
│   │   └── NeedsVip                 only a paying account may
│   ├── Blocked                      a challenge or a filter answered instead of the source
│   ├── ResourceNotFound             404, or the same in the form of the source
│   └── UnexpectedResponse           the answer cannot be parsed: the source changed
├── StorageError                     the database cannot be opened, read or written, or config.enc written
│   └── StorageUnavailable           temporary: it is locked, or its disk is full or failing
├── BrakeApplied                     a run wants very many titles, and waits for the user; nothing was requested
├── PlanRefused                      a saved plan does not hold any more, or its file was changed; nothing was done
├── NotTrusted                       the user has to say first that it is meant; nothing was changed
├── FolderInUse                      another process holds the data folder
└── SyncCancelled                    the stop event was set
"""

from collections.abc import Sequence


class ListSyncError(Exception):
    """The root of all errors of ListSync."""


class ConfigError(ListSyncError):
    """One or more settings are wrong; each problem names its variable, the form of a value and an example."""

    def __init__(self, problems: Sequence[str] | str) -> None:
        self.problems: tuple[str, ...] = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(self.problems))


class WrongPassphrase(ConfigError):
    """The encrypted store was sealed with another passphrase or key than the one that is given."""


class SecretsUnreadable(ConfigError):
    """The encrypted store is damaged, not ours, or may not be read; it is not changed."""


class InvalidListId(ListSyncError):
    """The provider does not accept this spelling of a list."""


class NotOffered(ListSyncError):
    """This route does not have the list. That is no failure: the next route is tried."""


class TooLarge(ListSyncError):
    """The list has more entries, lines or bytes than ListSync reads."""


class QueueFull(ListSyncError):
    """Very many runs that were asked for have not begun yet."""


class ServiceError(ListSyncError):
    """A service in the network did not do what was asked."""

    retryable = False

    def __init__(self, service: str, message: str) -> None:
        self.service = service
        self.message = message
        super().__init__(f"{service}: {message}")


class ServiceUnavailable(ServiceError):
    """The service is down, slow or broken at the moment."""

    retryable = True


class AnswerLost(ServiceUnavailable):
    """A request was sent and no answer came: it is not known whether it was carried out."""


class LookupFailed(ServiceUnavailable):
    """The media-request server answers, but its own look-up at TMDB failed."""


class RateLimited(ServiceError):
    """The service asked for a pause of `retry_after` seconds, if it said how long."""

    retryable = True

    def __init__(self, service: str, message: str = "rate limited", *, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(service, message)


class AuthenticationFailed(ServiceError):
    """The key or token was refused, or is not set."""


class Refused(ServiceError):
    """The service understood and said no; the message holds its words."""


class Private(Refused):
    """The list exists, but only its owner may see it."""


class NeedsVip(Refused):
    """The service gives this only to paying accounts."""


class Blocked(ServiceError):
    """A challenge page or a filter answered instead of the service."""

    def __init__(self, service: str, message: str, *, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(service, message)


class ResourceNotFound(ServiceError):
    """The list, title or user does not exist there."""


class UnexpectedResponse(ServiceError):
    """The answer of the service cannot be parsed."""


class StorageError(ListSyncError):
    """The database cannot be opened, read or written, or config.enc cannot be written."""


class StorageUnavailable(StorageError):
    """The database is locked, or its disk is full or failing; this may end by itself."""


class BrakeApplied(ListSyncError):
    """A run wants very many titles more than usual; it requested nothing, and waits for the user."""


class NotTrusted(ListSyncError):
    """Something that others may have made is not used until the user says so."""


class PlanRefused(ListSyncError):
    """A saved plan does not hold any more, or its file was changed; nothing was done."""


class FolderInUse(ListSyncError):
    """Another ListSync process holds the lock that this one needs."""


class SyncCancelled(ListSyncError):
    """The stop event was set during the work."""


def is_shortage(error: BaseException) -> bool:
    """Return whether the system had no memory or no threads left."""
    if isinstance(error, SystemError):
        # Without memory, parts of Python fail with this in place of a MemoryError (seen at 60 MB).
        return any(words in str(error) for words in ("without exception set", "without setting an exception"))
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and "start new thread" in str(error))


def reason_of(error: BaseException) -> str:
    """Return the reason for any error, in one line for people."""
    if is_shortage(error):
        return "there is not enough memory: give ListSync more (mem_limit, pids_limit), or lower MAX_WORKERS"
    return str(error) or type(error).__name__


def reasons_of(error: ListSyncError) -> tuple[str, ...]:
    """Return the lines to print for an error that ended a command."""
    return error.problems if isinstance(error, ConfigError) else (str(error),)
