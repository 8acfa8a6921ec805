"""The log: one line per event on stdout; the last line always says what the program is doing.

People watch it with `docker logs --tail 1 … | grep -o "Sync completed\\|Error\\|Running"` and expect exactly one word.
So every line before and during a run begins `Running`, a run ends with a line that begins `Sync completed` or `Error`,
and after each line between runs that closing line is repeated. A run that a person stopped ends with `Running stopped`,
because that is no error. Names in other people's messages may hold these words: after such a line, in the same step, a
line with exactly one of them is written.
"""

import json
import logging
import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import TextIO

from list_sync.errors import SyncCancelled, reason_of
from list_sync.outlet import Outlet

RUNNING = "Running"
STOPPED = f"{RUNNING} stopped"
CLOSINGS = ("Sync completed", "Error", STOPPED)
WORDS = re.compile("Sync completed|Error|Running")
LINE_BREAKS = re.compile("\\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\\s*")
# Marks of the reading direction, and what no terminal shows: a title could disguise a line, or itself, with them.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Docker cuts lines at 16 KB, and then the last part lacks the word; a character has at most four bytes.
LONGEST_LINE = 3900
_FIELDS: ContextVar[Mapping[str, str]] = ContextVar("fields", default=MappingProxyType({}))
OUR_LOGGERS = ("list_sync", "root", "py.warnings")
# The places of keys in an address: after the ? or #, and before the @ of the host. They may hold marks of sentences.
_KEYS_IN_ADDRESSES = re.compile(r"(?<=[?#])\S*=\S*?(?=[)'\"<>\].,:;]*(?:\s|$))|(?<=://)[^\s/?#]+(?=@)")


def fold(text: str) -> str:
    """Return a text as one line: breaks become ` | `, control characters are removed, long lines are cut."""
    line = spell_invisible(LINE_BREAKS.sub(" | ", text.strip()).replace("\t", " "))
    if not line.isprintable():
        line = "".join(character for character in line if unicodedata.category(character) != "Cc")
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"


def spell_invisible(text: str) -> str:
    """Return the text with invisible characters and marks of the reading direction written as in `\\u202e`."""
    return INVISIBLE.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)


def closing_lines(word: str, text: str) -> tuple[str, ...]:
    """Return the lines that end a log with `word`: the last one ends before the text says a second one of the words."""
    found = WORDS.search(text)
    if found is None:
        return (f"{word}{text}",)
    return f"{word}{text}", f"{word}{text[: found.start()].rpartition(' ')[0]} … (the line before says more)"


def hide_keys(text: str) -> str:
    """Return a text of other people's code without the log-ins and queries of the addresses in it."""
    return _KEYS_IN_ADDRESSES.sub("***", text)


@contextmanager
def about(**fields: str) -> Iterator[None]:
    """Give fields to each line that this thread logs inside: `list`, `title`, `route`."""
    token = _FIELDS.set({**_FIELDS.get(), **fields})
    try:
        yield
    finally:
        _FIELDS.reset(token)


def is_wanted(record: logging.LogRecord) -> bool:
    """Return whether to log a record: libraries may log addresses with keys at levels below WARNING."""
    return record.levelno >= logging.WARNING or is_ours(record)


def is_ours(record: logging.LogRecord) -> bool:
    """Return whether a record comes from ListSync and not from a library."""
    return record.name.partition(".")[0] in OUR_LOGGERS


# Takes the moment, the level, the message and the run of each line.
Listener = Callable[[float, str, str, int | None], object]


class StatusLog(logging.Handler):
    """Writes records as lines, and keeps the closing line of the last run as the last line of the log."""

    def __init__(self, *, as_json: bool, stream: TextIO | None, zone: tzinfo | None) -> None:
        super().__init__()
        self.as_json = as_json
        self.outlet = Outlet(stream)
        self.zone = zone
        self.closing_line: str | None = None
        self.run_id: int | None = None
        self._said: set[object] = set()
        self._said_before: set[object] = set()
        self.listener: Listener | None = None
        self.addFilter(is_wanted)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record, unless the last run said the same; between runs, repeat the closing line after it."""
        if not self._is_news(record):
            return
        message = fold(message_of(record)).removeprefix(f"{RUNNING}: ")
        word = f"{RUNNING}: " if self.closing_line is None else ""
        line = self.render(record.created, record.levelname, record.name, f"{word}{message}", **_FIELDS.get())
        if self.closing_line is not None:
            self.write(line, self.closing_line)
        elif len(WORDS.findall(line)) == 1:
            self.write(line)
        else:
            self.write(line, self.render(record.created, "INFO", __name__, RUNNING))

    def _is_news(self, record: logging.LogRecord) -> bool:
        """Return whether to write a record: not what the last run of this process said, too, but for errors.

        `news` of a record is compared, or else its text. At LOG_LEVEL=DEBUG everything is written.
        """
        if self.run_id is None or record.levelno >= logging.ERROR or logging.getLogger().level <= logging.DEBUG:
            return True
        news = getattr(record, "news", (record.name, message_of(record)))
        self._said.add(news)
        return news not in self._said_before

    def begin(self) -> None:
        """Forget the closing line of the last run, and log that a run has begun, at any log level."""
        with self._lock_held():
            self.closing_line = self.run_id = None
            self._said_before, self._said = self._said, set()
            self.write(self.render(time.time(), "INFO", __name__, f"{RUNNING}: sync started"))

    def close_run(self, line: str) -> None:
        """Write a closing line, at any log level, and keep it the last line until the next run."""
        word = next(word for word in CLOSINGS if line.startswith(word))
        level = "ERROR" if word == "Error" else "INFO"
        messages = closing_lines(word, fold(line).removeprefix(word))
        with self._lock_held():
            *before, self.closing_line = (self.render(time.time(), level, __name__, message) for message in messages)
            self.run_id = None
            self.write(*before, self.closing_line)

    def repeat_closing_line(self) -> None:
        """Write the closing line of the last run once more, if there was one."""
        with self._lock_held():
            if self.closing_line is not None:
                self.write(self.closing_line)

    @contextmanager
    def _lock_held(self) -> Iterator[None]:
        self.acquire()
        try:
            yield
        finally:
            self.release()

    def render(self, created: float, level: str, logger: str, message: str, **about: str) -> str:
        """Return one line in the configured format and time zone."""
        if self.listener is not None:
            self.listener(created, level, message, self.run_id)
        moment = datetime.fromtimestamp(created, tz=self.zone).astimezone(self.zone)
        if not self.as_json:
            return f"{moment:%Y-%m-%d %H:%M:%S} {level} {message}"
        entry = {"time": moment.isoformat(timespec="milliseconds"), "level": level, "logger": logger}
        run = {} if self.run_id is None else {"run": self.run_id}
        fields = {name: fold(text) for name, text in about.items()}
        return json.dumps({**entry, **run, **fields, "message": message}, ensure_ascii=False)

    def write(self, *lines: str) -> None:
        """Write lines in one step, so that no reader sees the log between them."""
        lost = self.outlet.lost
        if lost:
            word = "" if self.closing_line else f"{RUNNING}: "
            note = f"{word}{lost} line{'' if lost == 1 else 's'} of the log could not be written"
            lines = (self.render(time.time(), "WARNING", __name__, note), *lines)
        self.outlet.write("".join(f"{line}\n" for line in lines), to_be_missed=len(lines) - bool(lost))


def message_of(record: logging.LogRecord) -> str:
    """Return the text of a record with its traceback; a long traceback is cut at the front, because its end matters."""
    try:
        message = record.getMessage()
    except (TypeError, ValueError):
        message = f"{record.msg} {record.args}"
    if record.exc_info and record.exc_info[0] is not None:
        # The words of a foreign error may hold a whole address.
        traceback = hide_keys(logging.Formatter().formatException(record.exc_info)[-LONGEST_LINE:])
        message = f"{message} | {traceback[-LONGEST_LINE // 2 :]}"
    # urllib3 logs whole addresses when it cannot parse headers, or when it tries again.
    return message if is_ours(record) else hide_keys(message[: 2 * LONGEST_LINE])


def configure_logging(level: str, fmt: str, stream: TextIO | None = None, *, zone: tzinfo | None = None) -> None:
    """Send everything that is logged to `stream` (stdout if None), as `text` or `json`, with times in `zone`.

    A second call replaces the first configuration.
    """
    root = logging.getLogger()
    for old in find_logs():
        root.removeHandler(old)
    root.addHandler(StatusLog(as_json=fmt == "json", stream=stream, zone=zone))
    root.setLevel(level)
    # A warning printed to stderr would become the last line of `docker logs`.
    logging.captureWarnings(True)


def find_logs() -> tuple[StatusLog, ...]:
    """Return what configure_logging set up."""
    return tuple(handler for handler in logging.getLogger().handlers if isinstance(handler, StatusLog))


@contextmanager
def running() -> Iterator[None]:
    """Mark a run in the log; a run that ends without close_run is closed as an Error, or as stopped."""
    for log in find_logs():
        log.begin()
    try:
        yield
    except SyncCancelled as error:
        stop(str(error))
        raise
    except BaseException as error:
        fail(f"the sync broke off: {reason_of(error)}")
        raise


def name_run(run_id: int) -> None:
    """Give the number of the present run to all lines until its end."""
    for log in find_logs():
        log.run_id = run_id


def close_run(line: str) -> None:
    """End the log of a run with a line that begins with one of CLOSINGS."""
    if not line.startswith(CLOSINGS):
        raise ValueError(f"a run is closed by a line that begins with one of {CLOSINGS}: {line!r}")
    for log in find_logs():
        log.close_run(line)


def fail(*reasons: str) -> None:
    """End the log with an `Error` for each reason, unless its run is closed already."""
    _close_open_run(*(f"Error: {reason}" for reason in reasons))


def stop(reason: str) -> None:
    """End the log of a run that was stopped, unless it is closed already; `reason` may begin with "stopped"."""
    _close_open_run(f"{STOPPED}: {reason.removeprefix('stopped ')}")


def _close_open_run(*lines: str) -> None:
    if any(log.closing_line is None for log in find_logs()):
        for line in lines:
            close_run(line)


def repeat_closing_line() -> None:
    """Make the closing line of the last run the last line again, after something else was printed."""
    for log in find_logs():
        log.repeat_closing_line()
