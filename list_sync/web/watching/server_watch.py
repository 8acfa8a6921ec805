"""Whether the media-request server answers and accepts the key; asked rarely, remembered in between."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from list_sync.errors import AuthenticationFailed, ConfigError, ListSyncError
from list_sync.model.servers import Dialect

# The key is tried at most once in this time, however often /health is asked.
ASK_AGAIN_SECONDS = 30.0
HEALTHY = "healthy"


class Health(StrEnum):
    """How something is; the worst of several wins."""

    HEALTHY = HEALTHY
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: fixed words for everybody, and the cause for callers with a token."""

    health: Health
    words: str
    cause: str = ""

    def describe(self, *, with_cause: bool) -> str:
        """Return the words, and the cause if it may be told."""
        return f"{self.words}: {self.cause}" if with_cause and self.cause else self.words


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """What a server answered: which fork it is, and in how many seconds."""

    dialect: Dialect
    seconds: float


KEY_REFUSED = "unhealthy: the key is refused"
NO_ANSWER = "unhealthy: no answer"
NOT_SET_UP = "unhealthy: not set up"


@dataclass(frozen=True, slots=True)
class Sight:
    """How the server was the last time, its answer if it gave one, and how many seconds ago that was."""

    check: Check
    answer: ServerAnswer | None
    age_seconds: float


class ServerWatch:
    """Tries the key of the server at most every 30 seconds; meanwhile, others get what was found before."""

    def __init__(self, check_server: Callable[[], ServerAnswer], now: Callable[[], float] = time.monotonic) -> None:
        self._check_server = check_server
        self._now = now
        self._lock = threading.Lock()
        self._found: Check | None = None
        self._answer: ServerAnswer | None = None
        self._at = 0.0

    def find(self) -> Check:
        """Return how the server is, or was a moment ago."""
        found = self._found
        # Only the first to ask waits for a server that is slow to answer.
        if found is None:
            self._lock.acquire()
        elif not self._lock.acquire(blocking=False):
            return found
        try:
            if self._found is None or self._is_old():
                self._found = self._ask()
                self._at = self._now()
            return self._found
        finally:
            self._lock.release()

    def find_last(self) -> Sight | None:
        """Return how the server was the last time, without waiting; what is old is asked anew in the background."""
        found, answer = self._found, self._answer
        if (found is None or self._is_old()) and not self._lock.locked():
            threading.Thread(target=self.find, name="server-watch", daemon=True).start()
        return Sight(found, answer, self._now() - self._at) if found else None

    def _is_old(self) -> bool:
        return self._now() - self._at >= ASK_AGAIN_SECONDS

    def _ask(self) -> Check:
        try:
            self._answer = self._check_server()
        except AuthenticationFailed as error:
            return Check(Health.UNHEALTHY, KEY_REFUSED, str(error))
        except ConfigError as error:
            return Check(Health.UNHEALTHY, NOT_SET_UP, str(error))
        except ListSyncError as error:
            return Check(Health.UNHEALTHY, NO_ANSWER, str(error))
        return Check(Health.HEALTHY, HEALTHY)


def describe_sight(sight: Sight | None) -> tuple[str, str]:
    """Return the tone and the words for the server: `ok`, `Seerr answers in 41 ms`."""
    if sight is None:
        return "idle", "The server is being asked"
    name = sight.answer.dialect.value.capitalize() if sight.answer else "The server"
    if sight.check.words == NOT_SET_UP:
        return "wait", "No server is set yet"
    if sight.check.words == KEY_REFUSED:
        return "bad", f"{name} refuses the key"
    if sight.check.health is not Health.HEALTHY or sight.answer is None:
        return "bad", f"{name} does not answer"
    return "ok", f"{name} answers in {round(sight.answer.seconds * 1000)} ms"
