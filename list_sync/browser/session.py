"""A worker process and its end, seen from the main process; a browser is one, with its orders and answers."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any, cast

from list_sync.browser.chromium import BrowserFailure
from list_sync.browser.folder import HOME, TEMPORARY, BrowserFolder, make_browser_folder
from list_sync.browser.processes import find_descendants, kill
from list_sync.errors import SyncCancelled

_LOOK_SECONDS = 0.1
_ENDING_SECONDS = 3.0
# A page of 32 MB in which every character is escaped.
_MOST_BYTES = 256 * 1024 * 1024
# Keys and passwords are not given to browsers.
_PASSED_ON = ("PATH", "LANG", "LANGUAGE", "TZ", "LD_LIBRARY_PATH", "FONTCONFIG_PATH", "FONTCONFIG_FILE")
_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")


class BrowserLost(Exception):
    """The browser crashed or does not answer."""


class WorkerProcess:
    """A process in a temporary folder of its own; any thread may end it, with its descendants and its files.

    Orders go to its standard input, answers come from its standard output.
    """

    def __init__(self, module: str, folder: Path, environment: Mapping[str, str], *, stop: threading.Event) -> None:
        self._stop = stop
        self._folder: BrowserFolder = make_browser_folder((Path(tempfile.gettempdir()), folder))
        self._ending = threading.Lock()
        self._reading = threading.Lock()
        try:
            self._process = self._start(module, environment)
        except OSError:
            self._folder.remove()
            raise
        self._orders: IO[bytes] = cast(IO[bytes], self._process.stdin)
        with cast(IO[bytes], self._process.stdout) as stdout:
            self._answers = Connection(os.dup(stdout.fileno()), writable=False)

    @property
    def is_alive(self) -> bool:
        """Return whether it is running."""
        return self._process.poll() is None

    def end(self) -> None:
        """End the process with all its descendants, and remove its files."""
        with self._ending:
            with suppress(OSError):
                self._orders.close()
            try:
                self._process.wait(_ENDING_SECONDS)
            except subprocess.TimeoutExpired:
                kill((*find_descendants(self._process.pid), self._process.pid))
                self._process.wait()
            with self._reading:
                self._answers.close()
            self._folder.remove()

    def _receive(self, deadline: float, *, doing: str) -> bytes:
        """Return the next answer; raise TimeoutError, EOFError or OSError without one, SyncCancelled after a stop."""
        while True:
            # Held only for a moment, because another thread may be waiting to close the connection.
            with self._reading:
                if self._answers.closed:
                    raise EOFError
                if self._answers.poll(_LOOK_SECONDS):
                    return self._answers.recv_bytes(_MOST_BYTES)
            if self._stop.is_set():
                raise SyncCancelled(f"stopped while {doing}")
            if time.monotonic() > deadline:
                raise TimeoutError

    def _start(self, module: str, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        # -P: modules must not be imported from its working directory.
        return subprocess.Popen(  # noqa: S603 (our own module)
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._folder.path,
            env={**environment, **self._own_environment()},
            bufsize=0,
            # Ctrl-C in a terminal must not reach the browser; `end` ends it.
            start_new_session=True,
        )

    def _own_environment(self) -> dict[str, str]:
        return {
            "HOME": str(self._folder.path / HOME),
            "TMPDIR": str(self._folder.path / TEMPORARY),
            "PYTHONPATH": os.pathsep.join(str(Path(entry).resolve()) for entry in sys.path),
            "PYTHONDONTWRITEBYTECODE": "1",
            # Without this, Selenium downloads drivers.
            "SE_OFFLINE": "true",
        }


class Browser(WorkerProcess):
    """A browser in a process of its own; one thread at a time gives orders, and any thread may end it."""

    def __init__(self, folder: Path, *, stop: threading.Event) -> None:
        super().__init__("list_sync.browser.worker", folder, _passed_on(), stop=stop)

    def ask(self, order: Mapping[str, object], *, seconds: float) -> Mapping[str, Any]:
        """Return the answer to an order.

        Raise BrowserFailure if the order failed, BrowserLost if the browser cannot be used any more, SyncCancelled
        when the stop event is set. Only after BrowserFailure it takes further orders.
        """
        try:
            self._orders.write(json.dumps(order).encode() + b"\n")
            answer: Mapping[str, Any] = json.loads(
                self._receive(time.monotonic() + seconds, doing="a browser was at work")
            )
        except TimeoutError as error:
            raise BrowserLost("it gives no answer") from error
        except (OSError, EOFError, ValueError) as error:
            raise BrowserLost("it ended by itself") from error
        if "failure" not in answer:
            return answer
        if answer["failure"] == "crash":
            raise BrowserLost(str(answer["words"]))
        raise BrowserFailure(str(answer["failure"]), str(answer["words"]))


def _passed_on() -> dict[str, str]:
    # Without SE_CHROMEDRIVER, because Selenium would prefer it to the patched driver of the undetected mode.
    return {
        name: text
        for name, text in os.environ.items()
        if name in _PASSED_ON or name.startswith("LC_") or name.lower() in _PROXIES
    }
