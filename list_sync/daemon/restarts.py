"""A container that syncs once and is restarted at once, again and again: it is detected, logged and slowed down.

Docker waits longer before each restart, but only while the container lives for less than 10 seconds
(https://docs.docker.com/engine/containers/start-containers-automatically/), and most syncs take longer.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from list_sync import log
from list_sync.config import ProcessSettings
from list_sync.files.modes import write_own
from list_sync.files.opening import read_file
from list_sync.model.exit_codes import FailureKind

logger = logging.getLogger(__name__)

RECORD_NAME = "restarts.json"
QUICK_SECONDS = 60.0
# Two restarts may be a person's.
LOOP_RESTARTS = 3
PAUSE_SECONDS = 3600.0
# While the server cannot be reached, no source is read, and it may only be slow to start.
UNREACHABLE_PAUSE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class LastSync:
    """The end of a container's last sync, and how many restarts in a row came right after a sync."""

    container: str
    ended_at: float
    restarts: int
    was_unreachable: bool
    closing_line: str | None


def count_restarts(last: LastSync | None, *, container: str, now: float) -> int:
    """Return how many times in a row the container started within a minute of its last end.

    An end in the future, because the clock was set, counts as unknown.
    """
    if last is None or last.container != container or not 0 <= now - last.ended_at < QUICK_SECONDS:
        return 0
    return last.restarts + 1


def pause_seconds(last: LastSync) -> float:
    """Return how many seconds a container waits that is restarted right after such a sync."""
    return UNREACHABLE_PAUSE_SECONDS if last.was_unreachable else PAUSE_SECONDS


class Restarts:
    """The restarts of one container, recorded in a file, so that they count even if the database cannot be opened.

    Outside of a container, `container` is None and nothing is counted.
    """

    def __init__(self, folder: Path, container: str | None, *, clock: Callable[[], float] = time.time) -> None:
        self._path = folder / RECORD_NAME
        self._container = container
        self._clock = clock
        self._last = load_record(self._path) if container else None
        self._count = count_restarts(self._last, container=container, now=clock()) if container else 0

    @property
    def are_a_loop(self) -> bool:
        """Return whether the next sync has to wait."""
        return self._count >= LOOP_RESTARTS

    def wait(self, process: ProcessSettings, stop: threading.Event) -> bool:
        """Say why and wait; return False if the stop event is set before that."""
        if self._last is None:
            return True
        seconds = pause_seconds(self._last)
        with closing_line_kept(self._last.closing_line):
            logger.warning("%s", describe_loop(process, self._count, until=self._clock() + seconds))
            is_stopped = stop.wait(seconds)
            if is_stopped:
                self.note_end(is_stopped=True)
        return not is_stopped

    def note_end(self, failure: FailureKind | None = None, *, is_stopped: bool) -> None:
        """Record that a sync ended just now; after a stopped one the count begins anew."""
        if self._container is None:
            return
        last = LastSync(
            container=self._container,
            ended_at=self._clock(),
            restarts=0 if is_stopped else self._count,
            was_unreachable=failure is FailureKind.UNREACHABLE,
            closing_line=next((status.closing_line for status in log.find_logs()), None),
        )
        try:
            write_own(self._path, json.dumps(asdict(last)))
        except OSError as error:
            logger.warning("restarts of this container are not counted: %s: %s", self._path, error.strerror)


def load_record(path: Path) -> LastSync | None:
    """Return the record of the last sync, None if it is missing or damaged."""
    try:
        document = json.loads(read_file(path))
    except (OSError, ValueError):
        return None
    match document:
        case {
            "container": str(container),
            "ended_at": float(ended_at),
            "restarts": int(restarts),
            "was_unreachable": bool(was_unreachable),
            "closing_line": (str() | None) as closing_line,
        }:
            return LastSync(container, ended_at, restarts, was_unreachable, closing_line)
    return None


@contextmanager
def closing_line_kept(line: str | None) -> Iterator[None]:
    """Keep a line of an earlier process at the end of the log, after everything that is logged inside."""
    for status in log.find_logs():
        status.closing_line = line
    yield
    for status in log.find_logs():
        status.closing_line = None


def describe_loop(process: ProcessSettings, restarts: int, *, until: float) -> str:
    """Say what happens again and again, which setting causes it, and what to set instead."""
    setting = "SYNC_INTERVAL=0" if process.automated_mode else "AUTOMATED_MODE=false"
    return (
        f"{setting} means one sync, and this container was started again right after it {restarts} times in a row: "
        'set AUTOMATED_MODE=true and SYNC_INTERVAL=24 to sync every 24 hours, or restart: "no" to sync once; '
        f"the next sync waits until {datetime.fromtimestamp(until, tz=process.zone):%Y-%m-%d %H:%M:%S}"
    )
