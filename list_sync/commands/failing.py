"""How every command ends: its errors become one line on stderr and an exit code."""

import logging
import os
import sys
from collections.abc import Callable
from types import TracebackType

from list_sync.commands.printing import complain
from list_sync.errors import ListSyncError, is_shortage, reason_of, reasons_of
from list_sync.log import closing_lines
from list_sync.model.exit_codes import FailureKind


def run_reported(command: Callable[[], int | None]) -> int:
    """Run a command and return its exit code; print its errors."""
    _open_closed_outputs()
    try:
        code = command()
        sys.stdout.flush()
    except ListSyncError as error:
        for reason in reasons_of(error):
            complain_of(reason)
        return FailureKind.of(error).exit_code
    except BrokenPipeError:
        # The reader of our output (head, less) has ended. Without this, Python would print an error at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    finally:
        # typer installs its own while it runs.
        sys.excepthook = _report_unexpected
    return int(code or 0)


def complain_of(text: str) -> None:
    """Print why the program ends; the last line has `Error` once, because users search for it in `docker logs`."""
    lines = closing_lines("Error", f": {' '.join(text.split())}")
    for line in lines[:1] if sys.stderr.isatty() else lines:
        complain(line)


def _open_closed_outputs() -> None:
    """Open the null device for outputs that were closed at the start (`>&-`), so that no file gets their numbers."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))


def _report_unexpected(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Report an unexpected error in one line; the traceback is logged at LOG_LEVEL=DEBUG."""
    if logging.getLogger("list_sync").isEnabledFor(logging.DEBUG):
        sys.__excepthook__(kind, error, traceback)
    if is_shortage(error):
        complain_of(reason_of(error))
        return
    name = kind.__name__.removesuffix("Error")
    complain_of(f"unexpected {name}: {error}; please report this (LOG_LEVEL=DEBUG shows where it was)")
