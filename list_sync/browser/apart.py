"""A function that runs in a process of its own, because it starts browsers by itself, seen from the main process."""

import logging
import os
import pickle
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from list_sync import errors
from list_sync.browser.session import BrowserLost, WorkerProcess
from list_sync.errors import ListSyncError

# Long lists take minutes. A function that never returns would hold up the sync.
LONGEST_SECONDS = 900.0
ENDED = "its process ended by itself: perhaps there was not enough memory"


@dataclass(frozen=True, slots=True)
class Call:
    """A generator function, as `module:name`, and its arguments; it may raise only ListSyncErrors.

    What is logged in `folders` is logged, from `level` up; libraries are silent. `drivers` is the folder of
    chromedriver and uc_driver, and `chromedriver` the driver to copy if there is no such folder.
    """

    function: str
    arguments: tuple[Any, ...]
    folders: tuple[str, ...]
    level: int
    drivers: str | None = None
    chromedriver: str | None = None


class ApartProcess(WorkerProcess):
    """The process of one call; any thread may end it."""

    def __init__(self, folder: Path, *, stop: threading.Event) -> None:
        # Selenium would prefer SE_CHROMEDRIVER to the patched driver of the undetected mode.
        environment = {name: text for name, text in os.environ.items() if name != "SE_CHROMEDRIVER"}
        super().__init__("list_sync.browser.apart_worker", folder, environment, stop=stop)

    def run(self, call: Call) -> Iterator[Any]:
        """Yield what the function yields, and log what it logs.

        Raise its ListSyncError, BrowserLost if the process ends or takes too long, SyncCancelled when the stop event
        is set.
        """
        try:
            self._orders.write(pickle.dumps(call))
            yield from self._values()
        except TimeoutError as error:
            raise BrowserLost(f"it gave no result in {LONGEST_SECONDS / 60:.0f} minutes") from error
        except (OSError, EOFError) as error:
            raise BrowserLost(ENDED) from error

    def _values(self) -> Iterator[Any]:
        deadline = time.monotonic() + LONGEST_SECONDS
        while True:
            kind, content = pickle.loads(self._receive(deadline, doing="a provider was at work"))  # noqa: S301 (from our own process)
            match kind:
                case "value":
                    yield content
                case "log":
                    logging.getLogger(content.name).handle(content)
                case "error":
                    raise unpack_error(*content)
                case "failure":
                    raise BrowserLost(content)
                case _:
                    return


def pack_error(error: ListSyncError) -> tuple[str, tuple[Any, ...], Mapping[str, Any]]:
    """Return what makes an error again: the name of its class, its arguments and its attributes.

    An error of a class of the provider becomes one of the class of ours that it is made from.
    """
    ours = next(kind for kind in type(error).__mro__ if getattr(errors, kind.__name__, None) is kind)
    return ours.__name__, error.args, vars(error)


def unpack_error(name: str, arguments: tuple[Any, ...], attributes: Mapping[str, Any]) -> ListSyncError:
    """Return the error that was packed."""
    kind: type[ListSyncError] = getattr(errors, name)
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    vars(error).update(attributes)
    return error
