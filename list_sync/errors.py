"""Every error raised on purpose, in one tree whose axis is what should happen next.

ListSyncError
├── ConfigError(problems)            stop: every problem is printed at once, exit code 2
│   ├── WrongPassphrase              config.enc was sealed with another passphrase or key
│   └── SecretsUnreadable            config.enc is damaged, of another make, or closed to us
├── InvalidListId                    this list is wrong; the others go on
├── NotOffered                       this way of reading has nothing of the list; the next is tried
├── ServiceError(service, message)   retryable = False
│   ├── ServiceUnavailable           retryable (reads only): timeout, connection, 5xx
│   ├── RateLimited(retry_after)     retryable, after the seconds it asked for
│   ├── AuthenticationFailed         the key or token was refused, or a needed one is missing
│   ├── Refused                      understood, and the answer is no: forbidden, 409
│   │   ├── Private                  only its owner may see it
│   │   └── NeedsVip                 only a paying account may
│   ├── Blocked                      a challenge or a filter answered in place of the source
│   ├── ResourceNotFound             404, or the source's own way of saying so
│   └── UnexpectedResponse           an answer that cannot be read: the source changed
├── StorageError                     the database cannot be opened, read or written, or config.enc written
│   └── StorageUnavailable           for now: locked by somebody, its disk full or failing
├── FolderInUse                      another process holds the data folder
└── SyncCancelled                    the stop event was set
"""

from collections.abc import Sequence


class ListSyncError(Exception):
    """The root of everything that is raised on purpose."""


class ConfigError(ListSyncError):
    """One or more settings are wrong; each problem names its variable, the form of a value and an example."""

    def __init__(self, problems: Sequence[str] | str) -> None:
        self.problems: tuple[str, ...] = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(self.problems))


class WrongPassphrase(ConfigError):
    """The encrypted store was sealed with another passphrase or key than the one that is given."""


class SecretsUnreadable(ConfigError):
    """The encrypted store is damaged, of another make, or closed to us; it is left as it is."""


class InvalidListId(ListSyncError):
    """The spelling of a list is not one that its provider accepts."""


class NotOffered(ListSyncError):
    """This way of reading has nothing of the list, which is no failure: the next way is tried."""


class ServiceError(ListSyncError):
    """A service on the other side of the network did not do what was asked."""

    retryable = False

    def __init__(self, service: str, message: str) -> None:
        self.service = service
        self.message = message
        super().__init__(f"{service}: {message}")


class ServiceUnavailable(ServiceError):
    """The service is down, slow or broken for now."""

    retryable = True


class AnswerLost(ServiceUnavailable):
    """The request left us and no answer came back: whether it was carried out is not known."""


class LookupFailed(ServiceUnavailable):
    """The media-request server answers, but its own look-up at TMDB failed."""


class RateLimited(ServiceError):
    """The service asked for a pause of `retry_after` seconds, if it said how long."""

    retryable = True

    def __init__(self, service: str, message: str = "rate limited", *, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(service, message)


class AuthenticationFailed(ServiceError):
    """The key or token was refused, or one that is needed is not set."""


class Refused(ServiceError):
    """The service understood, and its answer is no; the message carries its words."""


class Private(Refused):
    """The list is there, and only its owner may see it."""


class NeedsVip(Refused):
    """The service answers this only to paying accounts."""


class Blocked(ServiceError):
    """A challenge page or a filter stood between us and the service."""

    def __init__(self, service: str, message: str, *, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(service, message)


class ResourceNotFound(ServiceError):
    """The list, title or user does not exist there."""


class UnexpectedResponse(ServiceError):
    """The service answered with something that cannot be read as what was asked for."""


class StorageError(ListSyncError):
    """The database cannot be opened, read or written, or config.enc cannot be written."""


class StorageUnavailable(StorageError):
    """The database is locked by somebody, or its disk is full or failing; it may be well again by itself."""


class FolderInUse(ListSyncError):
    """Another ListSync process holds the lock that this one needs."""


class SyncCancelled(ListSyncError):
    """The stop event was set while something was under way."""


def is_shortage(error: BaseException) -> bool:
    """Tell whether the system had no more memory, or no more threads, to give."""
    if isinstance(error, SystemError):
        # Parts of Python that get no memory may end without the MemoryError that they owe (seen at 60 MB).
        return "without exception set" in str(error)
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and "start new thread" in str(error))


def reason_of(error: BaseException) -> str:
    """Return why something broke off, whatever ended it."""
    if is_shortage(error):
        return "there is not enough memory: give ListSync more (mem_limit, pids_limit), or lower MAX_WORKERS"
    return str(error) or type(error).__name__
