"""The last lines of the log of this process, in memory only."""

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice

from list_sync.log import RUNNING, find_logs

MOST_LINES = 5000
MOST_CHARACTERS = 1_000_000
# What a line takes besides its message.
_LINE_CHARACTERS = 100
_PREFIX = f"{RUNNING}: "


class Level(StrEnum):
    """How serious a line is."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


_ORDER = list(Level)
# CRITICAL is an error.
_LEVELS = {level.value.upper(): level for level in Level}


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line; `run_id` is the run that it belongs to, if any."""

    number: int
    at: datetime
    level: Level
    message: str
    run_id: int | None


class LogRing:
    """Takes each line that the log writes, from any thread, and forgets the oldest ones."""

    def __init__(self, *, most_lines: int = MOST_LINES, most_characters: int = MOST_CHARACTERS) -> None:
        self._most_lines = most_lines
        self._most_characters = most_characters
        self._lines: deque[LogLine] = deque()
        self._characters = 0
        self._last_number = 0
        self._lock = threading.Lock()

    def attach(self) -> None:
        """Take the lines of the log from now on."""
        for log in find_logs():
            log.listener = self.add

    def detach(self) -> None:
        """Take no lines any more."""
        for log in find_logs():
            log.listener = None

    def add(self, created: float, level: str, message: str, run_id: int | None) -> None:
        """Take one line. A line that only says that a run works is none."""
        message = message.removeprefix(_PREFIX)
        if message == RUNNING:
            return
        known = _LEVELS.get(level, Level.ERROR)
        with self._lock:
            self._last_number += 1
            self._lines.append(LogLine(self._last_number, datetime.fromtimestamp(created, UTC), known, message, run_id))
            self._characters += len(message) + _LINE_CHARACTERS
            while len(self._lines) > self._most_lines or self._characters > self._most_characters:
                self._characters -= len(self._lines.popleft().message) + _LINE_CHARACTERS

    def find(
        self, *, level: Level = Level.DEBUG, text: str = "", run_id: int | None = None, limit: int, before: int | None
    ) -> tuple[LogLine, ...]:
        """Return lines of at least a level that hold a text or belong to a run, newest first."""
        with self._lock:
            lines = list(self._lines)
        wanted, levels = text.casefold(), _ORDER[_ORDER.index(level) :]

        def choose() -> Iterator[LogLine]:
            for line in reversed(lines):
                is_of_run = run_id is None or line.run_id == run_id
                is_earlier = before is None or line.number < before
                if is_earlier and is_of_run and line.level in levels and wanted in line.message.casefold():
                    yield line

        return tuple(islice(choose(), limit))
