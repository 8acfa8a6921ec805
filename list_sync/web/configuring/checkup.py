"""The check of everything, which `list-sync check` does: in a thread of its own, and its last results."""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from list_sync.errors import ListSyncError
from list_sync.model.moments import utc_now

logger = logging.getLogger(__name__)

# Of a check of very many lists, the first findings and all that ask for something are kept.
MOST_FINDINGS = 500
_CLOSING_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Found:
    """One finding: whether it is right, and what to do if not."""

    is_good: bool
    words: str


@dataclass(frozen=True, slots=True)
class Findings:
    """A check: when it began and ended, and what it found so far."""

    began_at: datetime
    ended_at: datetime | None = None
    found: tuple[Found, ...] = ()


class Checkup:
    """Does one check at a time; safe for threads."""

    def __init__(
        self, look: Callable[[], Iterator[tuple[bool, str]]], *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._look = look
        self._now = now
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._last: Findings | None = None

    @property
    def last(self) -> Findings | None:
        """Return the check at work, or the last one."""
        return self._last

    def begin(self) -> None:
        """Begin a check, unless one is at work."""
        with self._lock:
            if self._thread is not None or self._stop.is_set():
                return
            self._last = Findings(self._now())
            self._thread = threading.Thread(target=self._work, name="checking", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the check between two findings."""
        self._stop.set()
        thread = self._thread
        if thread is not None:
            thread.join(_CLOSING_SECONDS)

    def _work(self) -> None:
        findings = self._last or Findings(self._now())
        try:
            for is_good, words in self._look():
                if len(findings.found) < MOST_FINDINGS or not is_good:
                    findings = replace(findings, found=(*findings.found, Found(is_good, words)))
                    self._last = findings
                if self._stop.is_set():
                    break
        except ListSyncError as error:
            findings = replace(findings, found=(*findings.found, Found(False, str(error))))
        finally:
            with self._lock:
                self._last = replace(findings, ended_at=self._now())
                self._thread = None
