"""Log-ins by code: each waits in a thread until a person approved it, and survives a reload of the page."""

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from list_sync.api.logins.approval import Invitation
from list_sync.errors import ListSyncError, SyncCancelled
from list_sync.logins import NAMES, Login, Logins
from list_sync.model.moments import utc_now

# The service of the log-in answers within this time, or the page is shown without its code.
CODE_SECONDS = 10.0
_CLOSING_SECONDS = 2.0


class Step(StrEnum):
    """How far a log-in is."""

    ASKING = "asking"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LogIn:
    """A log-in that was begun: where to go, what to type there, and until when; `words` say why it failed."""

    service: str
    step: Step
    began_at: datetime
    address: str = ""
    code: str = ""
    expires_at: datetime | None = None
    words: str = ""

    @property
    def is_open(self) -> bool:
        """Return whether it still waits."""
        return self.step in (Step.ASKING, Step.WAITING)


OpenLogins = Callable[[threading.Event], AbstractContextManager[Logins]]


class LogIns:
    """At most one log-in that waits for each service; safe for threads."""

    def __init__(
        self, open_logins: OpenLogins, on_change: Callable[[], object], *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._open_logins = open_logins
        self._on_change = on_change
        self._now = now
        self._lock = threading.Lock()
        self._known: dict[str, LogIn] = {}
        self._stops: dict[str, threading.Event] = {}
        self._threads: dict[str, threading.Thread] = {}

    def find(self, service: str) -> LogIn | None:
        """Return the log-in that waits, or how the last one ended."""
        return self._known.get(service)

    def describe(self) -> Mapping[str, Login]:
        """Return the stored log-ins by their services. Raise ConfigError."""
        with self._open_logins(threading.Event()) as logins:
            return {login.service: login for login in logins.describe()}

    def begin(self, service: str) -> LogIn:
        """Begin a log-in, unless one waits, and return it as soon as there is a code."""
        with self._lock:
            present = self._known.get(service)
            if present is not None and present.is_open:
                return present
            self._known[service] = LogIn(service, Step.ASKING, self._now())
            shown, stop = threading.Event(), threading.Event()
            self._stops[service] = stop
            thread = threading.Thread(target=self._work, args=(service, stop, shown), name="logging in", daemon=True)
            self._threads[service] = thread
            thread.start()
        shown.wait(CODE_SECONDS)
        return self._known[service]

    def cancel(self, service: str) -> None:
        """End a log-in that waits."""
        if service in self._stops:
            self._stops[service].set()
            self._threads[service].join(_CLOSING_SECONDS)

    def forget(self, service: str) -> bool:
        """Delete a stored log-in; return whether there was one. Raise ConfigError or StorageError."""
        self.cancel(service)
        with self._open_logins(threading.Event()) as logins:
            was_known = logins.remove(service)
        self._known.pop(service, None)
        self._on_change()
        return was_known

    def stop(self) -> None:
        """End all that wait."""
        for stop in self._stops.values():
            stop.set()
        for thread in self._threads.values():
            thread.join(_CLOSING_SECONDS)

    def _work(self, service: str, stop: threading.Event, shown: threading.Event) -> None:
        def show(invitation: Invitation) -> None:
            expires_at = self._now() + timedelta(seconds=invitation.expires_in)
            self._note(service, Step.WAITING, invitation.address, invitation.code, expires_at)
            shown.set()

        try:
            with self._open_logins(stop) as logins:
                logins.log_in(service, show=show, wait=stop.wait)
            self._note(service, Step.DONE)
            self._on_change()
        except SyncCancelled:
            self._known.pop(service, None)
        except ListSyncError as error:
            self._note(service, Step.FAILED, words=str(error))
        finally:
            shown.set()

    def _note(
        self,
        service: str,
        step: Step,
        address: str = "",
        code: str = "",
        expires_at: datetime | None = None,
        words: str = "",
    ) -> None:
        known = self._known[service]
        self._known[service] = replace(known, step=step, address=address, code=code, expires_at=expires_at, words=words)


def is_service(service: str) -> bool:
    """Return whether there is a log-in of that name."""
    return service in NAMES
