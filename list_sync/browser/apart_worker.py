"""The process of one call of a function that starts browsers by itself: values, log records and its error go out.

Working folder, home folder and temporary folder are its own, and are removed at its end, with all its processes.
"""

import importlib
import logging
import logging.handlers
import pickle
import sys
from pathlib import Path
from typing import NoReturn

from list_sync.browser.apart import Call, pack_error
from list_sync.browser.ending import Answers, become_worker, end_with_parent, end_worker
from list_sync.browser.own_browsers import prepare_seleniumbase
from list_sync.errors import ListSyncError


def main() -> NoReturn:
    """Carry out the call, and end."""
    folder = Path.cwd()
    answers = become_worker(folder)
    call: Call = pickle.load(sys.stdin.buffer)  # noqa: S301 (from our own process)
    end_with_parent(folder)
    logging.basicConfig(level=call.level, handlers=[_Forwarder(answers, call.folders)], force=True)
    try:
        prepare_seleniumbase(call.drivers, call.chromedriver)
        module, _, name = call.function.partition(":")
        for value in getattr(importlib.import_module(module), name)(*call.arguments):
            answers.send(pickle.dumps(("value", value)))
        answers.send(pickle.dumps(("end", None)))
    except ListSyncError as error:
        answers.send(pickle.dumps(("error", pack_error(error))))
    # A driver cannot be copied, or a value of the provider cannot be sent. The message may hold an address with a key.
    except (OSError, TypeError, AttributeError, pickle.PicklingError) as error:
        answers.send(pickle.dumps(("failure", f"its process failed: {type(error).__name__}")))
    finally:
        end_worker(folder)


class _Forwarder(logging.handlers.QueueHandler):
    """Sends the log records of code in some folders to the main process."""

    def __init__(self, answers: Answers, folders: tuple[str, ...]) -> None:
        super().__init__(queue=None)  # type: ignore[arg-type]
        self._answers = answers
        self.setFormatter(logging.Formatter("%(message)s"))
        self.addFilter(lambda record: any(Path(record.pathname).is_relative_to(folder) for folder in folders))

    def enqueue(self, record: logging.LogRecord) -> None:
        """Send the record, which holds only texts by now."""
        self._answers.send(pickle.dumps(("log", record)))


if __name__ == "__main__":
    main()
